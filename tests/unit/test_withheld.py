"""Unannounced inspections are on no topic until they were held, whatever the relay dies of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.embedded import SqliteLog
from ops.registers import Registers
from ops.replay import from_ledger, gather
from ops.verify import ledger_is_on_topics
from schemas import avro
from schemas.cloudevents import ledger_mark
from schemas.event import Event
from schemas.events.inspection import (
    InspectionConcluded,
    InspectionPlanned,
    InspectionPostponed,
    InspectionTransferred,
)
from schemas.topics import TOPICS
from services import relay as relay_module
from services.ledger import Ledger
from services.relay import Relay
from services.withheld import Withheld
from tests.office import Clock, Crash, MemoryLog, assigned, at, declared, expected
from tests.secrets import (
    BODY,
    SECRET,
    SUBJECT,
    cancelled,
    conducted,
    planned,
    postponed,
    told,
    urged,
)

CLOCK = Clock(at("2020-06-02 08:00"))


def opened(folder: Path) -> Ledger:
    return Ledger.open(f"sqlite:{folder / 'ledger.db'}", clock=CLOCK, source="66")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = opened(tmp_path)
    yield made
    made.close()


def record(ledger: Ledger, *events: Event) -> None:
    assert {outcome.status for outcome in ledger.record(events)} <= {"accepted", "duplicate"}


def send_all(ledger: Ledger, log: MemoryLog) -> None:
    relay = Relay(ledger, log)
    while relay.step():
        pass


def on_topic(log: MemoryLog) -> list[str]:
    """The types on the topic of events, in the order of each partition."""
    return [avro.decode(record.value or b"").type for record in log.all("events")]


def numbers(log: MemoryLog) -> list[int]:
    return [mark.notification for r in log.all("events") if (mark := ledger_mark(r.headers))]


def test_it_waits_with_all_that_bears_on_it_and_goes_before_what_lets_it_out(
    ledger: Ledger,
) -> None:
    log = MemoryLog()
    record(ledger, planned(), postponed(), urged(), assigned())
    send_all(ledger, log)
    before = on_topic(log)
    record(ledger, conducted())
    send_all(ledger, log)

    assert ["task.assigned.v1"] == before
    assert {1, 2, 3, 4, 5} == set(numbers(log))
    about = [r.value for r in log.all("events") if r.key == SECRET.encode()]
    assert [one.value for one in ledger.stream(SECRET)] == about


def test_one_that_is_announced_goes_at_once(ledger: Ledger) -> None:
    log = MemoryLog()
    record(ledger, planned(mode="periodic"), postponed())
    send_all(ledger, log)

    assert ["inspection.planned.v1", "inspection.postponed.v1"] == on_topic(log)


def test_one_that_is_cancelled_before_it_was_held_never_leaves_the_ledger(ledger: Ledger) -> None:
    log = MemoryLog()
    record(ledger, planned(), postponed(), cancelled())
    send_all(ledger, log)

    assert [] == on_topic(log)


def test_a_conclusion_alone_says_that_it_was_held(ledger: Ledger) -> None:
    log = MemoryLog()
    record(ledger, planned(), told(InspectionConcluded))
    send_all(ledger, log)

    assert ["inspection.planned.v1", "inspection.concluded.v1"] == on_topic(log)


def test_nobody_hides_a_duty_behind_an_inspection_of_the_same_id(ledger: Ledger) -> None:
    log = MemoryLog()
    first, second = expected("open:1"), expected("late:1")
    record(ledger, first, planned("open:1"), urged("open:1"))
    record(ledger, planned("late:1"), second, urged("late:1"))
    send_all(ledger, log)

    assert sorted(on_topic(log)) == [
        *["report.expected.v1", "report.expected.v1"],
        *["urging.sent.v1", "urging.sent.v1"],
    ]


def test_a_plan_that_is_told_after_it_was_held_hides_nothing(ledger: Ledger) -> None:
    log = MemoryLog()
    record(ledger, conducted(), planned(), postponed())
    send_all(ledger, log)

    assert [1, 2, 3] == numbers(log)


def test_a_second_relay_does_not_take_what_it_sent_late_for_a_loss(ledger: Ledger) -> None:
    log = MemoryLog()
    record(ledger, planned(), *(assigned(f"o{turn}") for turn in range(40)))
    send_all(ledger, log)
    record(ledger, conducted())
    # It dies when only the planning has arrived: number 1 then stands last on its partition, and
    # the others are of no help, for their records are older than what was sent last.
    log.crashes = [1]
    with pytest.raises(Crash):
        send_all(ledger, log)
    for partition in log.kept.values():
        if not any(one.key == SECRET.encode() for one in partition):
            partition.clear()
    sent = ledger.relay_state().sent
    send_all(ledger, log)

    assert 41 == sent
    assert [1, 1, 42] == [one for one in numbers(log) if one in (1, 42)]


def test_a_refill_gives_the_same_order(ledger: Ledger) -> None:
    log, again = MemoryLog(), MemoryLog()
    for events in ((planned(), postponed(), declared("x")), (conducted(), urged("x"))):
        record(ledger, *events)
        send_all(ledger, log)
    relay = Relay(ledger, again)
    relay.refill()
    while relay.step():
        pass

    assert numbers(log) == numbers(again)
    assert [1, 2, 4] == [one for one in numbers(again) if one in (1, 2, 4)]


STORIES: list[Sequence[Event]] = [
    [planned("a"), postponed("a"), conducted("a"), urged("a")],
    [planned("b"), postponed("b"), cancelled("b")],
    [planned("c", "periodic"), postponed("c"), conducted("c", "periodic")],
    [assigned("d"), declared("d")],
    [planned("e"), urged("e")],
]
WAITING = {"b", "e"}


@settings(max_examples=25, deadline=None)
@given(
    order=st.permutations([n for n, story in enumerate(STORIES) for _ in story]),
    crashes=st.lists(st.one_of(st.none(), st.integers(-1, 4)), max_size=8),
    page=st.integers(1, 5),
)
def test_whatever_the_relay_dies_of_only_what_was_held_arrives_and_each_stream_in_order(
    tmp_path_factory: pytest.TempPathFactory,
    order: list[int],
    crashes: list[int | None],
    page: int,
) -> None:
    ledger = opened(tmp_path_factory.mktemp("relay"))
    left = [iter(story) for story in STORIES]
    log = MemoryLog(crashes=list(crashes))
    before, relay_module.RELAY_PAGE = relay_module.RELAY_PAGE, page
    try:
        for number in order:
            record(ledger, next(left[number]))
            _send_through_crashes(ledger, log)
        wanted = {s: [one.value for one in ledger.stream(s)] for s in "acd"}
    finally:
        relay_module.RELAY_PAGE = before
        ledger.close()

    arrived: dict[str, list[bytes | None]] = {}
    for one in log.all("events"):
        arrived.setdefault((one.key or b"").decode(), []).append(one.value)
    assert {stream: list(dict.fromkeys(values)) for stream, values in arrived.items()} == wanted


def _send_through_crashes(ledger: Ledger, log: MemoryLog) -> None:
    while True:
        try:
            return send_all(ledger, log)
        except Crash:
            continue


def types(withheld: Withheld, after: int = 0) -> list[str]:
    return [one.event_name for _, one in withheld.log(after)]


def test_the_body_that_holds_it_sees_it_and_nobody_else_does(ledger: Ledger) -> None:
    record(ledger, planned(), postponed())
    seen = {who: types(Withheld(ledger, who)) for who in (None, SUBJECT, BODY)}

    both = ["inspection.planned.v1", "inspection.postponed.v1"]
    assert {None: [], SUBJECT: [], BODY: both} == seen


def test_to_whom_it_was_handed_over_sees_it_from_the_beginning(ledger: Ledger) -> None:
    record(ledger, planned(), postponed())
    heir = Withheld(ledger, "66.heir")
    before = types(heir)
    record(ledger, told(InspectionTransferred, to_unit="66.heir"))

    both = ["inspection.planned.v1", "inspection.postponed.v1", "inspection.transferred.v1"]
    assert ([], both) == (before, types(heir, 2))
    assert [] == types(Withheld(ledger, SUBJECT))


def test_who_reads_on_after_it_was_held_reads_it_from_the_beginning(ledger: Ledger) -> None:
    record(ledger, planned(), postponed())
    reader = Withheld(ledger)
    before = types(reader)
    record(ledger, conducted())
    after = ["inspection.planned.v1", "inspection.postponed.v1", "inspection.conducted.v1"]

    assert ([], after, after) == (before, types(reader, 2), types(Withheld(ledger)))


def test_a_register_is_told_of_it_when_it_was_held_and_not_before(ledger: Ledger) -> None:
    record(ledger, planned(), planned("open", "periodic"))
    registers = Registers(ledger)
    kinds = (InspectionPlanned, InspectionPostponed)
    registers.follow(kinds)
    before = [one.key for one in registers.of(kinds).held(CLOCK.now, None)]
    record(ledger, postponed(), conducted())
    registers.follow(kinds)

    assert ["open"] == before
    assert [SECRET, SECRET, "open"] == [
        one.key for one in registers.of(kinds).held(CLOCK.now, None)
    ]
    assert 3 == len(registers.history(SECRET, CLOCK.now, None))


def test_a_replay_of_the_ledger_knows_what_the_topics_know(ledger: Ledger) -> None:
    record(ledger, planned(), assigned())
    waits = gather(from_ledger(ledger)).records
    record(ledger, conducted())

    assert (1, 1, 3) == (
        waits,
        gather(from_ledger(ledger, upto=2)).records,
        gather(from_ledger(ledger)).records,
    )


def test_verification_counts_what_waits_and_finds_what_got_out(
    ledger: Ledger, tmp_path: Path
) -> None:
    log = SqliteLog(tmp_path / "log.sqlite")
    log.create(TOPICS, "t.")
    record(ledger, planned(), assigned())
    relay = Relay(ledger, log, prefix="t.")
    while relay.step():
        pass
    fine = ledger_is_on_topics(ledger.id, ledger, ledger.relay_position(), log, "t.")
    log.append([relay._message(ledger.notifications()[0])])
    broken = ledger_is_on_topics(ledger.id, ledger, ledger.relay_position(), log, "t.")
    log.close()

    assert (fine.holds, fine.remarks) == (True, ("1 records wait for their inspection",))
    assert broken.differences == (
        "number 1 of the ledger waits for its inspection and is on a topic",
    )
