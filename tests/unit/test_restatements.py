"""Restatements of facts in memory: found by columns, told as of what was published, bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given as law
from hypothesis import settings

from projections import restatements
from projections.ask import UnknownUnit
from projections.boards import Boards
from projections.engine import Engine
from projections.late import Sought
from projections.past import Past, UnknownEvent
from projections.restatements import Restatements
from projections.restating import is_late, restated
from schemas.event import Event, EventId
from schemas.times import Instant, parse_day
from tests import given, story
from tests.told import LATER, Told
from tests.worlds_of_events import events, record

OBLIGATION = "dak-lak-guidance-2012:5.1:2012-Q2:66.x"


def sent(at: str, recorded: str, event_id: str | None = None) -> str:
    extra = {} if event_id is None else {"event_id": event_id}
    return story.report("66.x", "report.submitted.v1", at, recorded, **extra)


@pytest.fixture
def world() -> Told:
    return Told(*story.established(), story.expected("66.x"))


LATE = ("2012-06-07 23:30", "2012-06-28 09:00")


@settings(max_examples=100, deadline=None)
@law(events())
def test_late_facts_are_found_by_columns_as_one_by_one(world: list[Event]) -> None:
    engine, batches = Engine(), []
    engine.open(0, [])
    for offset, event in enumerate(world):
        batches.append(engine.take(0, [record(offset, event)]))
    held = [fact for one in engine.obligations() for fact in engine.facts(one)]
    late = {(f.obligation, f.event_id) for f in held if is_late(f)}
    arrived = [pair for batch in batches for pair in batch.late]
    journaled = engine.late([pair for batch in batches for pair in batch.facts])

    assert {(found.obligation, found.event_id) for found in engine.late_facts(Sought())} == late
    assert journaled == arrived
    assert late <= {(key.decode(), event_id) for key, event_id in arrived}


def test_a_report_recorded_three_weeks_late_is_listed_for_those_above_it(world: Told) -> None:
    world.tell(sent(*LATE))
    found = world.restatements.listed("66", None, None, 500)
    runs = {(one.scope, one.measure): one.to_json()["runs"] for one in found.records}

    assert runs["subtree", "overdue"] == [
        {"first": "2012-06-08", "last": "2012-06-27", "difference": -1}
    ]
    assert {scope for scope, _ in runs} == {"subtree"}
    assert ("66.x", "own", "overdue") in world.listed("66.x")
    assert world.listed("66.y") == set()
    assert {unit for unit, _, _ in world.listed()} == {"centre", "66", "66.x"}


def test_what_comes_twice_restates_once(world: Told) -> None:
    line = sent(*LATE, event_id=str(uuid4()))
    world.tell(line)
    once = world.restatements.listed(None, None, None, 500)
    world.tell(line)

    assert world.restatements.listed(None, None, None, 500) == once
    assert len({one.event_id for one in once.records}) == 1


def test_imported_history_restates_nothing(world: Told) -> None:
    world.tell(sent(*LATE), imported=True)

    assert world.listed() == set()


def test_units_recorded_on_the_day_of_a_fact_had_no_figures_to_restate() -> None:
    first_day = [line.replace("2012-01-01", "2012-06-28") for line in story.established()]
    lines = [
        line.replace('"effective_at": "2012-06-28', '"effective_at": "2012-01-01')
        for line in first_day
    ]
    world = Told(*lines, story.expected("66.x"))
    world.tell(sent(*LATE))
    same_day = world.listed()
    world.tell(story.report("66.x", "report.returned.v1", "2012-06-08 10:00", "2012-06-29 09:00"))

    assert same_day == set()
    assert ("66", "subtree", "completed") in world.listed()


def test_what_was_told_stays_told_when_units_move_later(world: Told) -> None:
    (late,) = world.tell(sent(*LATE))
    before = list(world.restatements.told(OBLIGATION, [late.event_id]))
    world.tell(
        story.line(
            "unit.moved.v1",
            "66.x",
            "2012-06-01 00:00",
            "2012-07-05 00:00",
            by="centre",
            parent="centre",
        )
    )
    after = list(world.restatements.told(OBLIGATION, [late.event_id]))

    assert before == after
    assert ("66", "subtree", "overdue") in world.listed("66")


def test_a_correction_has_restatements_of_its_own(world: Told) -> None:
    (wrong,) = world.tell(sent("2012-06-17 09:00", "2012-06-17 10:00"))
    none = world.listed()
    right = replace(wrong, effective_at=given.instant("2012-06-07 09:00"))
    (correction,) = world.tell(corrected(right, "2012-07-02 08:00"))
    found = world.restatements.listed("66.x", None, None, 500).records
    runs = {one.measure: one.to_json()["runs"] for one in found if one.scope == "own"}

    assert none == set()
    assert {one.event_id for one in found} == {correction.event_id}
    assert runs["overdue"] == [{"first": "2012-06-08", "last": "2012-06-16", "difference": -1}]
    assert runs["late"] == [{"first": "2012-06-17", "last": "2012-07-01", "difference": -1}]


def corrected(right: Event, recorded: str) -> str:
    """The line of a correction that puts `right` in the place of the event with its id."""
    replacement = {
        "type": right.type,
        "event_id": str(right.event_id.hex()),
        "unit": right.unit,
        "obligation": right.obligation,
        "by": right.by,
        "effective_at": "2012-06-07T09:00:00+07:00",
        "recorded_at": "2012-06-17T10:00:00+07:00",
    }
    return story.report(
        "66.x",
        "record.corrected.v1",
        recorded,
        recorded,
        target=replacement["event_id"],
        replacement=replacement,
    )


def test_a_board_is_restated_on_the_days_that_differ_alone(world: Told) -> None:
    world.tell(sent(*LATE))
    world.tell(story.report("66.x", "report.returned.v1", "2012-06-20 10:00", "2012-07-03 09:00"))
    days = {day: world.restatements.on("66", parse_day(day)) for day in DAYS}
    told = {day: found and (found.events, found.last) for day, found in days.items()}

    assert told == {
        "2012-06-06": None,
        "2012-06-07": (1, given.instant(LATE[1])),
        "2012-06-20": (2, given.instant("2012-07-03 09:00")),
        "2012-06-28": (1, given.instant("2012-07-03 09:00")),
        "2012-07-03": None,
    }
    assert world.restatements.on("66.y", parse_day("2012-06-20")) is None
    assert world.restatements.on("nobody", parse_day("2012-06-20")) is None


DAYS = ("2012-06-06", "2012-06-07", "2012-06-20", "2012-06-28", "2012-07-03")


def test_lists_are_newest_first_and_say_when_there_is_more(
    world: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.tell(sent(*LATE))
    world.tell(story.report("66.x", "report.returned.v1", "2012-06-20 10:00", "2012-07-03 09:00"))
    every = world.restatements.listed("66", None, None, 500)
    recorded = [one.recorded_at for one in every.records]
    first = world.restatements.listed("66", None, None, 1)
    since = world.restatements.listed("66", Instant(recorded[0]), None, 500)
    other = world.restatements.listed("66", None, "x:1:66.x", 500)
    monkeypatch.setattr(restatements, "DERIVED_MAX", 1)
    cut = world.restatements.listed("66", None, None, 500)

    assert recorded == sorted(recorded, reverse=True)
    assert (every.more, first.more, cut.more) == (False, True, True)
    assert list(first.records) == list(every.records[:1])
    assert {one.recorded_at for one in since.records} == {recorded[0]}
    assert list(cut.records) == list(since.records)
    assert list(other.records) == []
    with pytest.raises(UnknownUnit):
        world.restatements.listed("nobody", None, None, 1)


def test_one_event_is_explained_down_to_the_steps(world: Told) -> None:
    (late,) = world.tell(sent(*LATE))
    past = Past(world.restatements, lambda obligation: {late.event_id: late.type})
    found = past.explained(late.event_id, str.upper)
    steps = {name: {(s["measure"], s["change"]) for s in found[name]} for name in STEPS}

    assert found["event"]["type"] == "report.submitted.v1"
    assert [fact["effect"] for fact in found["facts_before"]] == ["opens"]
    assert steps["steps_after"] - steps["steps_before"] >= {("completed", 1), ("on_time", 1)}
    assert steps["steps_before"] - steps["steps_after"] == {("overdue", 1)}
    assert {one["unit_name"] for one in found["restatements"]} == {"CENTRE", "66", "66.X"}
    with pytest.raises(UnknownEvent):
        past.explained(EventId(b"?" * 16), str.upper)


STEPS = ("steps_before", "steps_after")


def test_what_was_derived_is_kept_until_its_obligation_has_another_fact(
    world: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    derived: list[bytes] = []

    def counting(facts: Sequence[given.Fact], event_id: bytes, *rest: object) -> object:
        derived.append(event_id)
        return restated(facts, event_id, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(restatements, "restated", counting)
    (late,) = world.tell(sent(*LATE))
    for _ in range(3):
        world.restatements.on("66", parse_day("2012-06-20"))
    asked_again = len(derived)
    world.tell(story.report("66.x", "report.accepted.v1", "2012-07-01 09:00"))
    world.restatements.on("66", parse_day("2012-06-20"))

    assert (asked_again, derived) == (1, [late.event_id] * 2)


def test_restatements_are_of_the_facts_in_memory_alone() -> None:
    boards = Boards(lambda: LATER)
    nothing = Restatements(Engine(), boards, lambda programme: None)

    assert list(nothing.told(OBLIGATION, [b"?" * 16])) == []
    assert nothing.listed(None, None, None, 10) == ([], False)
