"""A unit moved later than its day: subtree figures of both superiors are restated, no others."""

from __future__ import annotations

from uuid import uuid4

import pytest

from projections import restating_units
from projections.ask import Ask
from projections.past import Past
from schemas.board import Counts
from schemas.event import Event
from schemas.measures import MEASURES
from schemas.restatement import Restatement
from schemas.times import Day, end_of_day, parse_day
from tests import story
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


def test_no_more_than_so_many_days_are_compared(
    world: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restating_units, "DAYS_MAX", 3)
    (event,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))

    assert min(run.first for one in restated(world, event) for run in one.runs) == parse_day(
        "2012-06-25"
    )


def test_an_event_of_the_tree_is_explained_too(world: Told) -> None:
    (event,) = world.tell(moved("2012-06-12 00:00", "2012-06-28 09:00"))
    past = Past(world.restatements, lambda obligation: {})
    found = past.explained(event.event_id, str)

    assert found["event"]["type"] == event.type
    assert {one["unit"] for one in found["restatements"]} == {"66", "87"}
    assert world.restatements.unit_event(uuid4().bytes) is None
