"""A unit moved later than its day: subtree figures of both superiors are restated, no others."""

from __future__ import annotations

from uuid import uuid4

import pytest

from projections import restating_units, units_restated
from projections.ask import Ask
from projections.past import Past
from projections.units_restated import UnitsRestated
from schemas.board import Counts
from schemas.event import Event
from schemas.measures import MEASURES
from schemas.reforms import digest
from schemas.restatement import Restatement
from schemas.times import Day, end_of_day, parse_day
from schemas.unit_facts import unit_fact
from tests import given, story
from tests.told import LATER, Told

UNITS = ("centre", "66", "66.x", "66.y", "87")
FIRST, LAST = parse_day("2012-05-25"), parse_day("2012-07-05")
OTHER = story.line(
    "unit.established.v1",
    "87",
    "2012-01-01 00:00",
    by="centre",
    name="Đồng Tháp",
    level="province",
    kind="people_committee",
    parent="centre",
)


def moved(at: str, recorded: str) -> str:
    return story.line("unit.moved.v1", "66.x", at, recorded, by="centre", parent="87")


@pytest.fixture
def world() -> Told:
    return Told(*story.quarter(), OTHER)


def boards(world: Told) -> dict[tuple[str, int], Counts]:
    """By unit and day what stands on the board of its subtree."""
    return {
        (unit, day): world.boards.board(unit, Ask(on=end_of_day(Day(day))), LATER).subtree.counts
        for unit in UNITS
        for day in range(FIRST, LAST)
    }


def restated(world: Told, event: Event) -> list[Restatement]:
    found = world.restatements.unit_event(event.event_id)
    assert found is not None
    return list(found[1])


def test_boards_before_and_the_runs_make_boards_after(world: Told) -> None:
    before = boards(world)
    (event,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))
    after = boards(world)
    found = restated(world, event)
    until = parse_day("2012-06-28")

    for unit in UNITS:
        for day in range(FIRST, until):
            told = {one.measure: one for one in found if one.unit == unit and one.covers(Day(day))}
            differences = {
                measure: sum(r.difference for r in one.runs if r.first <= day <= r.last)
                for measure, one in told.items()
            }
            was, now = before[unit, day], after[unit, day]
            assert {m: now[m] - was[m] for m in MEASURES if now[m] != was[m]} == differences
    assert {one.unit for one in found} == {"66", "87"}
    assert all(run.last < until for one in found for run in one.runs)
    assert len({(one.unit, one.measure) for one in found}) == len(found)


def test_a_move_recorded_before_its_day_restates_nothing(world: Told) -> None:
    (event,) = world.tell(moved("2012-06-12 00:00", "2012-06-01 09:00"))

    assert restated(world, event) == []


def test_a_move_that_another_one_overrules_restates_nothing(world: Told) -> None:
    world.tell(moved("2012-06-12 00:00", "2012-06-20 09:00"))
    (same,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))

    assert restated(world, same) == []


def test_what_is_recorded_later_changes_no_restatement_of_before(world: Told) -> None:
    (event,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))
    before = restated(world, event)
    back = story.line(
        "unit.moved.v1", "66.x", "2012-06-14 00:00", "2012-07-03 09:00", by="centre", parent="66"
    )
    (returned,) = world.tell(back)

    assert restated(world, event) == before
    assert {one.unit for one in restated(world, returned)} == {"66", "87"}


def test_history_and_a_superior_of_the_same_day_have_no_figures_to_restate(world: Told) -> None:
    (old,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"), imported=True)
    late_superior = OTHER.replace('"87"', '"88"').replace(
        '"recorded_at": "2012-01-01', '"recorded_at": "2012-07-03'
    )
    world.tell(late_superior)
    (event,) = world.tell(
        story.line(
            "unit.moved.v1",
            "66.y",
            "2012-06-12 00:00",
            "2012-07-03 09:00",
            by="centre",
            parent="88",
        )
    )

    assert restated(world, old) == []
    assert {one.unit for one in restated(world, event)} == {"66"}


@pytest.mark.parametrize("limit", ["DAYS_MAX", "UNIT_DAYS_MAX"])
def test_no_more_than_so_many_days_are_compared(
    world: Told, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(restating_units, limit, 3)
    (event,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))

    assert min(run.first for one in restated(world, event) for run in one.runs) == parse_day(
        "2012-06-25"
    )


def test_moves_told_together_add_up_and_each_has_its_own_units(world: Told) -> None:
    before = boards(world)
    recorded = "2012-06-28 09:00"
    moves = world.tell(
        moved("2012-06-12 00:00", recorded),
        moved("2012-06-15 00:00", recorded).replace("66.x", "66.y"),
    )
    after = boards(world)
    told = world.restatements.units.tell(world.offset - 1)
    found = [one for some in world.restatements.units.all() for one in some]

    for unit in UNITS:
        for day in range(FIRST, parse_day("2012-06-28")):
            sums = dict.fromkeys(MEASURES, 0)
            for one in found:
                if one.unit == unit:
                    runs = [r for r in one.runs if r.first <= day <= r.last]
                    sums[one.measure] += sum(r.difference for r in runs)
            was, now = before[unit, day], after[unit, day]
            assert {m: now[m] - was[m] for m in MEASURES} == sums
    assigned = {
        one.event_id: [(run.first, run.difference) for run in one.runs]
        for one in found
        if (one.unit, one.measure) == ("87", "assigned")
    }
    assert assigned == {
        moves[0].event_id: [(parse_day("2012-06-12"), 1)],
        moves[1].event_id: [(parse_day("2012-06-15"), 1)],
    }
    assert told.end == world.offset + 1


def test_what_unit_events_restated_is_told_once_and_remembered(world: Told) -> None:
    first = world.boards.tree.end
    (event,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))
    units = world.restatements.units
    told = units.tell(first)
    again = units.tell(told.end)
    world.offset += 1
    world.boards.tell_units([(world.offset, event)])
    delivered_twice = units.tell(told.end)
    other = UnitsRestated(world.boards)
    for _, kept in told.keep:
        other.remember(kept)

    assert [event_id for event_id, _ in told.keep] == [event.event_id]
    assert (again.keep, delivered_twice.keep) == ((), [])
    assert list(other.all()) == list(units.all())
    assert units.tell(None).end == world.boards.tree.end


def test_many_late_moves_are_told_in_several_goes(
    world: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(units_restated, "EVENTS_AT_ONCE", 1)
    first, units = world.boards.tree.end, world.restatements.units
    recorded = "2012-06-28 09:00"
    moves = world.tell(
        moved("2012-06-12 00:00", recorded),
        moved("2012-06-15 00:00", recorded).replace("66.x", "66.y"),
    )
    goes = [units.tell(first)]
    goes.append(units.tell(goes[0].end))

    assert [go.more for go in goes] == [True, False]
    assert [event_id for go in goes for event_id, _ in go.keep] == [m.event_id for m in moves]


def test_a_reform_enacted_late_restates_not_its_parts() -> None:
    parts = [
        line.replace('"parent": "87"', '"parent": "87", "reform": "r1"')
        for line in (moved("2012-06-12 00:00", "2012-06-20 09:00"),)
    ]
    world = Told(*story.quarter(), OTHER)
    first = world.boards.tree.end
    (part,) = world.tell(*parts)
    before = boards(world)
    of_part = world.restatements.units.tell(first)
    enacted = story.line(
        "reform.enacted.v1",
        "centre",
        "2012-06-12 00:00",
        "2012-06-28 09:00",
        by="centre",
        reform="r1",
        parts=1,
        sha256=digest([unit_fact(part)]),
    )
    (event,) = world.tell(enacted)
    of_reform = world.restatements.units.tell(of_part.end)
    found = [one for some in world.restatements.units.all() for one in some]
    day = parse_day("2012-06-15")

    assert of_part.keep == []
    assert [event_id for event_id, _ in of_reform.keep] == [event.event_id]
    assert before["66", day] != boards(world)["66", day]
    assert {(one.unit, one.event_id) for one in found} == {
        ("66", event.event_id),
        ("87", event.event_id),
    }


def test_lists_and_boards_tell_of_moves_beside_facts(world: Told) -> None:
    first = world.boards.tree.end
    world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))
    world.restatements.units.tell(first)
    day = parse_day("2012-06-15")
    recorded = given.instant("2012-06-28 09:00")
    of_move = world.restatements.on("66", day)
    world.tell(
        story.report("66.a", "report.returned.v1", "2012-06-14 10:00", "2012-07-03 09:00").replace(
            "66.a", "66.so-a"
        )
    )
    of_both = world.restatements.on("66", day)
    listed = world.restatements.listed("66", None, None, 500)

    assert (of_move, of_both) == (
        (1, recorded, False),
        (2, given.instant("2012-07-03 09:00"), False),
    )
    assert [one.obligation is None for one in listed.records] == sorted(
        one.obligation is None for one in listed.records
    )
    assert {one.recorded_at for one in listed.records} == {
        recorded,
        given.instant("2012-07-03 09:00"),
    }
    assert world.restatements.on("centre", day) == (1, given.instant("2012-07-03 09:00"), False)
    assert world.restatements.listed("66", None, "x:1:66", 500).records == []


def test_an_event_of_the_tree_is_explained_too(world: Told) -> None:
    (event,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))
    past = Past(world.restatements, lambda obligation: {})
    found = past.explained(event.event_id, str)

    assert found["event"]["type"] == event.type
    assert {one["unit"] for one in found["restatements"]} == {"66", "87"}
    assert world.restatements.unit_event(uuid4().bytes) is None
