"""What a ledger must do, whatever database is under it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from schemas import avro
from schemas.event import Event
from schemas.limits import FACTS_PER_OBLIGATION_MAX
from schemas.quarantine import Place, quarantined
from schemas.refusal import Reason, Refused
from schemas.times import Day, Instant
from services.batch import Claim, Status
from services.command import Seen
from services.ledger import (
    InboxMove,
    InboxMoved,
    InboxPosition,
    Ledger,
    LedgerMissing,
    RelayState,
)
from services.task import AssignTask, DeclareTaskCompletion, ExtendTaskDue
from services.watch import RoleTaken
from tests.office import Clock, assigned, at, declared, established, id_of


@dataclass
class Home:
    """A database for one ledger, opened as often as a test likes, and its clock."""

    url: str
    clock: Clock

    def open(self, *, create: bool = True) -> Ledger:
        return Ledger.open(self.url, clock=self.clock, source="87", create=create)


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    if request.param == "sqlite":
        url = f"sqlite:{tmp_path / 'ledger.db'}"
    else:
        url = request.getfixturevalue("postgres")
    return Home(url, Clock(at("2020-06-02 08:00")))


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    opened = home.open()
    yield opened
    opened.close()


def statuses(ledger: Ledger, *events: object, **how: object) -> list[str]:
    return [one.status.value for one in ledger.record(events, **how)]  # type: ignore[arg-type]


def test_a_ledger_has_one_id_for_ever_and_begins_in_the_first_epoch(home: Home) -> None:
    first = home.open()
    first.close()

    again = home.open()

    assert (again.id, again.epoch) == (first.id, 1)
    assert len(again.id) == 36
    again.close()


def test_reading_never_makes_a_ledger(home: Home) -> None:
    with pytest.raises(LedgerMissing):
        home.open(create=False)
    with pytest.raises(LedgerMissing):
        home.open(create=False)


def test_what_is_recorded_is_read_back_byte_for_byte_with_the_ledgers_numbers(
    ledger: Ledger, home: Home
) -> None:
    outcomes = ledger.record([assigned(), declared()])

    stored = ledger.notifications()
    assert [one.notification for one in outcomes] == [1, 2]
    assert [one.id for one in stored] == [1, 2]
    assert [one.event_name for one in stored] == ["task.assigned.v1", "task.completion_declared.v1"]
    now = home.clock.now
    assert [avro.decode(one.value) for one in stored] == [
        replace(assigned(), recorded_at=now, source_seq=1),
        replace(declared(), recorded_at=now, source_seq=2),
    ]


def test_the_same_fact_told_twice_is_a_duplicate_and_uses_no_number(ledger: Ledger) -> None:
    assert statuses(ledger, assigned()) == ["accepted"]
    assert statuses(ledger, assigned(), declared()) == ["duplicate", "accepted"]

    assert ledger.source_counters() == {"87": 2}
    assert ledger.max_notification() == 2


def test_a_recorded_fact_read_back_and_published_again_is_a_duplicate(ledger: Ledger) -> None:
    ledger.record([assigned()])
    read_back = avro.decode(ledger.notifications()[0].value)

    assert statuses(ledger, read_back) == ["duplicate"]


def test_the_same_id_with_other_content_is_refused_in_one_batch_and_later(ledger: Ledger) -> None:
    other = assigned(item="10")

    first, second = ledger.record([assigned(), other])
    (third,) = ledger.record([other])

    assert first.status is Status.ACCEPTED
    assert (second.reason, third.reason) == (Reason.DUPLICATE_OTHER_CONTENT,) * 2
    assert ledger.max_notification() == 1


def test_a_group_stands_or_falls_together(ledger: Ledger) -> None:
    ledger.record([assigned()])
    group = [Claim(declared()), Claim(assigned(item="10"))]

    (outcomes,) = ledger.record_groups([group])

    assert [one.status for one in outcomes] == [Status.REFUSED, Status.REFUSED]
    assert ledger.max_notification() == 1
    assert ledger.source_counters() == {"87": 1}


def test_recorded_at_never_decreases_even_where_the_clock_does(ledger: Ledger, home: Home) -> None:
    ledger.record([assigned()])
    home.clock.set("2020-06-01 12:00")

    (outcome,) = ledger.record([declared()])

    assert outcome.recorded_at == at("2020-06-02 08:00")


def test_completions_of_tomorrow_are_refused_and_decisions_for_tomorrow_are_not(
    ledger: Ledger,
) -> None:
    tomorrow = at("2020-06-03 08:00")

    outcomes = ledger.record([declared(effective_at=tomorrow), assigned(effective_at=tomorrow)])

    assert [one.reason for one in outcomes] == [Reason.FUTURE, None]


def test_an_obligation_takes_no_more_facts_than_its_limit(ledger: Ledger) -> None:
    many = [
        declared(event_id=id_of(f"{number}"), effective_at=Instant(at("2020-05-01") + number))
        for number in range(FACTS_PER_OBLIGATION_MAX + 1)
    ]

    outcomes = ledger.record(many)

    assert [one.status for one in outcomes[:-1]] == [Status.ACCEPTED] * FACTS_PER_OBLIGATION_MAX
    assert outcomes[-1].reason is Reason.TOO_MANY_FACTS


def test_history_keeps_its_own_recording_and_is_stamped(ledger: Ledger, home: Home) -> None:
    old = replace(assigned(), recorded_at=at("2020-01-22 10:00"))

    (outcome,) = ledger.record([old], history=True)

    assert outcome.recorded_at == old.recorded_at
    stored = avro.decode(ledger.notifications()[0].value)
    assert (stored.recorded_at, stored.imported_at) == (old.recorded_at, home.clock.now)
    assert statuses(ledger, old, history=True) == ["duplicate"]


@pytest.mark.parametrize(
    ("recorded", "reason"),
    [
        (None, Reason.MISSING_FIELD),
        ("2020-06-02 08:01", Reason.FUTURE),
        ("2020-01-22 09:00", Reason.HISTORY_ORDER),
    ],
)
def test_history_is_refused_without_a_time_in_the_future_and_backwards(
    ledger: Ledger, recorded: str | None, reason: Reason
) -> None:
    ledger.record([replace(assigned(), recorded_at=at("2020-01-22 10:00"))], history=True)
    late = assigned("another", recorded_at=at(recorded) if recorded else Instant(0))

    (outcome,) = ledger.record([late], history=True)

    assert outcome.reason is reason


def test_numbers_run_per_source_and_a_given_number_is_kept(ledger: Ledger) -> None:
    outcomes = ledger.record(
        [
            assigned("a"),
            assigned("b", source="66"),
            assigned("c", source_seq=40),
            assigned("d"),
        ]
    )

    assert [one.source_seq for one in outcomes] == [1, 1, 40, 41]


def test_streams_are_the_obligation_the_unit_and_the_programme(ledger: Ledger) -> None:
    ledger.record([assigned(), established(), declared()])

    assert [one.type for one in ledger.history(assigned().obligation or "")] == [
        "task.assigned.v1",
        "task.completion_declared.v1",
    ]
    assert [one.type for one in ledger.history("unit:87")] == ["unit.established.v1"]


def test_inbox_positions_move_with_what_was_recorded_and_never_twice(ledger: Ledger) -> None:
    move = InboxMove("inbox", "id-1", 0, 0, 7)
    ledger.record([assigned()], inbox=[move])

    assert ledger.inbox_positions() == {("inbox", 0): InboxPosition("id-1", 7)}
    with pytest.raises(InboxMoved):
        ledger.record([declared()], inbox=[move])
    assert ledger.max_notification() == 1


def test_refused_records_wait_in_the_outbox_in_order(ledger: Ledger, home: Home) -> None:
    place = Place("inbox", "id-1", 2, 5)
    bad = quarantined(Refused(Reason.NOT_AVRO, "no"), place, b"\x00", home.clock.now)
    value = avro.encode(assigned(item="10"))
    ledger.record([assigned()])

    ledger.record([Claim(assigned(item="10"), value, place)], refused=[bad])

    found = ledger.refusals()
    assert [one.id for one in found] == [1, 2]
    assert found[0].record == bad
    assert found[1].record.reason == Reason.DUPLICATE_OTHER_CONTENT
    assert found[1].record.original == value
    assert ledger.refusals(after=1) == found[1:]
    assert ledger.refusal_counts() == {"not_avro": 1, "duplicate_other_content": 1}


def test_the_relays_state_is_kept(home: Home) -> None:
    ledger = home.open()
    state = RelayState(position=5, sent=4, refusals=2, topic_ids={"events": "id"})
    ledger.set_relay_state(state)
    ledger.close()

    again = home.open(create=False)

    assert again.relay_state() == state
    assert again.relay_position() == 5
    again.close()


def test_a_transaction_that_fails_leaves_nothing_and_no_gap(ledger: Ledger) -> None:
    ledger.record([assigned("a")], inbox=[InboxMove("inbox", "id", 0, 0, 1)])
    with pytest.raises(InboxMoved):
        ledger.record([assigned("b")], inbox=[InboxMove("inbox", "id", 0, 0, 1)])

    ledger.record([assigned("c")])

    assert [(one.id, one.stream) for one in ledger.notifications()] == [(1, "a"), (2, "c")]


def test_a_command_is_decided_on_what_is_recorded_and_says_nothing_twice(ledger: Ledger) -> None:
    command = AssignTask(obligation="o", by="87", unit="87.so-a", item="9")

    (event,) = ledger.execute(command)

    assert (event.source, event.source_seq, event.recorded_at) == ("87", 1, at("2020-06-02 08:00"))
    assert ledger.history("o") == [event]
    assert ledger.execute(command) == []


def test_a_command_that_breaks_a_rule_records_nothing(ledger: Ledger) -> None:
    ledger.record([assigned("o")])

    with pytest.raises(Refused, match="cannot extend its own due"):
        ledger.execute(ExtendTaskDue(obligation="o", by="87.so-noi-vu", due_before=Day(18900)))
    assert ledger.max_notification() == 1


def test_a_command_overtaken_by_another_writer_is_decided_anew(home: Home) -> None:
    one, other = home.open(), home.open()
    one.record([assigned("o")])
    overtaking = [declared("o")]

    class Overtaken(DeclareTaskCompletion):
        def decide(self, seen: Seen, now: Instant) -> list[Event]:
            if overtaking:
                other.record([overtaking.pop()])
            return super().decide(seen, now)

    assert one.execute(Overtaken(obligation="o", by="87.so-noi-vu")) == []
    assert [event.type for event in one.history("o")] == [
        "task.assigned.v1",
        "task.completion_declared.v1",
    ]
    one.close()
    other.close()


def test_many_writers_give_numbers_without_gaps_and_a_reader_misses_none(home: Home) -> None:
    home.open().close()
    seen: list[int] = []

    def write(name: str) -> None:
        ledger = home.open()
        for number in range(20):
            ledger.record([assigned(f"{name}-{number}"), declared(f"{name}-{number}")])
        ledger.close()

    def read() -> None:
        ledger = home.open()
        while len(seen) < 160 and ledger.wait(len(seen), 20.0):
            seen.extend(one.id for one in ledger.notifications(len(seen)))
        ledger.close()

    run_all([read, *[lambda name=name: write(name) for name in "abcd"]])

    assert seen == list(range(1, 161))


def test_two_writers_never_record_one_id_twice(home: Home) -> None:
    home.open().close()
    found: list[str] = []

    def write() -> None:
        ledger = home.open()
        found.extend(statuses(ledger, *[assigned(f"o{number}") for number in range(50)]))
        ledger.close()

    run_all([write, write, write])

    assert sorted(found) == ["accepted"] * 50 + ["duplicate"] * 100


def test_a_role_is_held_by_one_process_only(home: Home) -> None:
    one, other = home.open(), home.open()

    with one.lock("relay"):
        with pytest.raises(RoleTaken), other.lock("relay"):
            pass
        with other.lock("intake"):
            pass
    with other.lock("relay"):
        pass
    one.close()
    other.close()


def test_waiting_ends_when_something_is_recorded_or_the_time_is_up(home: Home) -> None:
    reader = home.open()

    assert reader.wait(0, 0.02) is False

    writer = home.open()
    later = threading.Timer(0.1, lambda: writer.record([assigned()]))
    later.start()
    assert reader.wait(0, 20.0) is True
    later.join()
    reader.close()
    writer.close()


def run_all(works: list[Callable[[], None]]) -> None:
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
