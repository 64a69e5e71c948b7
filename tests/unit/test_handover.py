"""The hand-over: what ended units have open goes where, since when; and told twice it is safe."""

from __future__ import annotations

from typing import Any

from schemas.events.report import ReportReturned, ReportSubmitted
from schemas.events.task import TaskTransferred
from schemas.times import Instant, day, format_day, format_instant, midnight
from schemas.tree import Tree
from schemas.unit_facts import DISSOLVED, LEVEL_ENDED, MERGED, SPLIT, UnitFact
from services.handover import HandOver, Handover, Open, Plan, plan
from services.reform import BY_DISSOLUTION, BY_MERGER, BY_SPLIT, TO_THE_UNIT_ABOVE
from services.task import TransferTask
from tests.given_when_then import Office, fields
from tests.office import assigned, at, declared, expected, id_of
from tests.trees import COUNTRY, REFORM, established, fact, tree

LATER = day(2026, 1, 1)
TODAY = day(2026, 6, 1)
SINCE = at("2025-03-01")
INTO = {"successors": ("66.d1.c2",)}
MERGER = fact(MERGED, "66.d1.c1", REFORM, **INTO)


def owed(unit: str = "66.d1.c1", since: Instant = SINCE, obligation: str = "o1") -> Open:
    return Open(obligation, unit, "task", "p", day(2025, 8, 1), since)


def planned(of: Tree, *opened: Open, on: Any = TODAY) -> Plan:
    return plan(of, on, opened or (owed(),))


def ways(found: Plan) -> list[tuple[str, str, str, str]]:
    """(from, to, by which rule, since when) of every leg."""
    return [
        (leg.unit, leg.to_unit, leg.rule, format_instant(leg.at)[:16])
        for one in found.handovers
        for leg in one.legs
    ]


# The plan


def test_what_a_merged_unit_has_open_goes_along_on_that_day() -> None:
    found = planned(tree(MERGER))

    assert ways(found) == [("66.d1.c1", "66.d1.c2", BY_MERGER, "2025-07-01T00:00")]
    (leg,) = found.handovers[0].legs
    assert (leg.cause, leg.by) == (MERGER.event_id, "centre")
    assert found.handovers[0].open.due_before == day(2025, 8, 1)


def test_what_open_units_owe_stays_and_an_ending_that_lies_ahead_moves_nothing() -> None:
    before = day(2025, 6, 30)

    assert planned(tree(MERGER), owed("66.d1.c2")) == Plan((), ())
    assert planned(tree(MERGER), on=before) == Plan((), ())
    assert len(planned(tree(MERGER), on=REFORM).handovers) == 1


def test_a_split_unit_hands_over_to_its_main_successor() -> None:
    split = fact(SPLIT, "66.d1.c1", REFORM, successors=("87.d1.c1", "66.d1.c2"))

    assert ways(planned(tree(split)))[0][1:3] == ("87.d1.c1", BY_SPLIT)


def test_a_dissolved_unit_hands_over_to_its_first_successor_or_to_the_unit_above() -> None:
    one = fact(DISSOLVED, "66.d1.c1", REFORM, **INTO)
    other = fact(DISSOLVED, "66.d1.c1", REFORM)

    assert ways(planned(tree(one)))[0][1:3] == ("66.d1.c2", BY_DISSOLUTION)
    assert ways(planned(tree(other)))[0][1:3] == ("66.d1", TO_THE_UNIT_ABOVE)


def test_a_district_that_ends_with_its_level_hands_over_to_the_province() -> None:
    level = fact(LEVEL_ENDED, "centre", REFORM, level="district")
    found = planned(tree(level), owed("66.d1"), owed("66.d1.c1"))

    assert ways(found) == [("66.d1", "66", TO_THE_UNIT_ABOVE, "2025-07-01T00:00")]
    assert found.handovers[0].legs[0].cause == level.event_id


def test_of_two_endings_of_a_level_the_first_one_told_is_the_cause() -> None:
    inside = fact(LEVEL_ENDED, "66", REFORM, level="district", recorded=1)
    whole = fact(LEVEL_ENDED, "centre", REFORM, level="district", recorded=2)
    found = planned(tree(whole, inside), owed("66.d1"), owed("87.d1"))

    assert [one.legs[0].cause for one in found.handovers] == [inside.event_id, whole.event_id]


def test_through_two_endings_it_goes_in_two_legs_each_on_its_day() -> None:
    second = fact(MERGED, "66.d1.c2", LATER, successors=("87.d1.c1",))
    found = planned(tree(MERGER, second))

    assert ways(found) == [
        ("66.d1.c1", "66.d1.c2", BY_MERGER, "2025-07-01T00:00"),
        ("66.d1.c2", "87.d1.c1", BY_MERGER, "2026-01-01T00:00"),
    ]
    assert (found.handovers[0].receiver, found.handovers[0].rule) == ("87.d1.c1", BY_MERGER)


def test_a_successor_that_ends_on_the_same_day_without_one_leaves_it_to_the_unit_above() -> None:
    level = fact(LEVEL_ENDED, "centre", REFORM, level="district")
    merged = fact(MERGED, "66.d1.c1", REFORM, successors=("66.d1",))

    assert ways(planned(tree(level, merged)))[0][1:3] == ("66", TO_THE_UNIT_ABOVE)


def test_what_was_returned_or_opened_after_the_ending_goes_from_then_on() -> None:
    returned = at("2025-07-10 10:00")
    second = fact(MERGED, "66.d1.c2", LATER, successors=("87.d1.c1",))
    late = planned(tree(MERGER, second), owed(since=at("2026-02-01 09:00")))

    assert ways(planned(tree(MERGER), owed(since=returned)))[0][3] == "2025-07-10T10:00"
    assert ways(late) == [("66.d1.c1", "87.d1.c1", BY_MERGER, "2026-02-01T09:00")]


def test_of_a_unit_that_nobody_established_nobody_receives() -> None:
    stranger = owed("99.nobody")

    assert planned(tree(MERGER), stranger, owed()).nobody == (stranger,)


def test_a_reform_that_is_not_enacted_moves_nothing() -> None:
    part: UnitFact = MERGER._replace(reform="r-1")

    assert planned(tree(part)) == Plan((), ())


def test_a_receiver_in_a_code_that_was_fresh_takes_over_too() -> None:
    new = established("2025.1", "66", "commune", on=REFORM)
    merged = fact(MERGED, "66.d1.c1", REFORM, successors=("2025.1",))
    found = plan(Tree.of(enumerate((*COUNTRY, new, merged))), REFORM, [owed()])

    assert [format_day(REFORM), "2025.1"] == ["2025-07-01", found.handovers[0].receiver]


# The command


def handover_of(*opened: Open) -> HandOver:
    merged = fact(MERGED, "66.d1.c1", REFORM, **INTO)._replace(event_id=id_of("merged"))
    return HandOver(by="centre", handovers=plan(tree(merged), TODAY, opened).handovers)


def office(*events: Any) -> Office:
    return Office(*events, now="2025-07-02 00:01")


def test_each_kind_has_its_own_event_and_the_unit_event_is_its_cause() -> None:
    told = office(assigned("o1", unit="66.d1.c1"), expected("o2", unit="66.d1.c1"))
    one, two = told.when(handover_of(owed(), owed(obligation="o2")))

    assert (one.type, two.type) == ("task.transferred.v1", "report.transferred.v1")
    assert fields(one, "unit", "to_unit", "by") == ("66.d1.c1", "66.d1.c2", "centre")
    assert one.causation_id == one.correlation_id == id_of("merged")
    assert (one.effective_at, two.reason) == (midnight(REFORM), BY_MERGER)


def test_told_again_it_says_nothing() -> None:
    told = office(assigned("o1", unit="66.d1.c1"))
    command = handover_of(owed())

    assert told.says(command) == ["task.transferred.v1"]
    assert told.when(command) == []


def test_the_same_plan_makes_the_same_event_whenever_it_is_told() -> None:
    ids = [
        office(assigned("o1", unit="66.d1.c1")).when(handover_of(owed()), now)[0].event_id
        for now in ("2025-07-02 00:01", "2025-09-09 09:09")
    ]

    assert ids[0] == ids[1]


def test_what_the_ledger_knows_to_be_sent_dropped_or_moved_already_stays() -> None:
    moved = office(assigned("o1", unit="66.d1.c1", issuer="66", by="66"))
    moved.when(TransferTask(obligation="o1", by="66", to_unit="87"))
    sent = office(assigned("o1", unit="66.d1.c1"), declared("o1", unit="66.d1.c1"))

    assert moved.when(handover_of(owed())) == []
    assert sent.when(handover_of(owed())) == []
    assert office().when(handover_of(owed())) == []


def test_a_transfer_that_lies_ahead_does_not_hold_it_with_the_ended_unit() -> None:
    told = office(assigned("o1", unit="66.d1.c1", issuer="66", by="66"))
    told.when(TransferTask(obligation="o1", by="66", to_unit="87", effective_at=at("2026-12-01")))

    assert told.says(handover_of(owed())) == ["task.transferred.v1"]


def test_what_was_sent_is_handed_over_only_once_it_is_returned() -> None:
    about: dict[str, Any] = {"obligation": "o2", "unit": "66.d1.c1", "source": "66"}
    sent = ReportSubmitted(
        event_id=id_of("s"), effective_at=at("2025-06-28 09:00"), by="66.d1.c1", **about
    )
    back = ReportReturned(
        event_id=id_of("r"),
        effective_at=at("2025-07-10 10:00"),
        by="66.so-noi-vu",
        causation_id=id_of("s"),
        revise_before=day(2025, 7, 20),
        **about,
    )
    told = office(expected("o2", unit="66.d1.c1", due_before=day(2025, 7, 1)), sent)
    command = handover_of(owed(obligation="o2", since=at("2025-07-10 10:00")))

    assert told.when(command) == []
    told.keep([back])
    (transfer,) = told.when(command)
    assert (transfer.effective_at, transfer.type) == (back.effective_at, "report.transferred.v1")


def test_a_chain_is_recorded_leg_by_leg() -> None:
    first = fact(MERGED, "66.d1.c1", REFORM, **INTO)._replace(event_id=id_of("1"))
    second = fact(MERGED, "66.d1.c2", LATER, successors=("87.d1.c1",))
    found = plan(tree(first, second._replace(event_id=id_of("2"))), TODAY, [owed()])
    told = Office(assigned("o1", unit="66.d1.c1"), now="2026-06-01 00:01")
    events = told.when(HandOver(by="centre", handovers=found.handovers))

    assert all(isinstance(event, TaskTransferred) for event in events)
    assert [fields(event, "unit", "to_unit") for event in events] == [
        ("66.d1.c1", "66.d1.c2"),
        ("66.d1.c2", "87.d1.c1"),
    ]
    assert [event.causation_id for event in events] == [id_of("1"), id_of("2")]
    assert isinstance(found.handovers[0], Handover)
