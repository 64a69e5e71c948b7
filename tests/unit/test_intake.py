"""The intake: each record of the inbox once, bad ones set aside with a reason, and on it goes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import avro, limits
from schemas.refusal import Reason
from services.intake import Intake, IntakeStopped, Taken
from services.ledger import InboxMoved, Ledger
from services.log import Outgoing
from tests.office import Clock, MemoryLog, assigned, at, declared, id_of

INBOX = "lienthong.inbox"
CLOCK = Clock(at("2020-06-02 08:00"))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:{tmp_path / 'ledger.db'}", clock=CLOCK, source="87")
    yield opened
    opened.close()


def sent(*values: bytes | None, partition: int = 0) -> MemoryLog:
    log = MemoryLog()
    put(log, values, partition)
    return log


def put(log: MemoryLog, values: Sequence[bytes | None], partition: int = 0) -> None:
    log.append([Outgoing(INBOX, None, value, (), partition) for value in values])


def take_all(ledger: Ledger, log: MemoryLog) -> Taken:
    """Everything that stands in the inbox now; (accepted, duplicate, refused)."""
    intake = Intake(ledger, log, clock=CLOCK)
    totals = Taken()
    while (taken := intake.step()).records:
        totals = Taken(*(a + b for a, b in zip(totals, taken, strict=True)))
    return totals


def test_of_a_records_bytes_only_the_time_of_recording_changes(ledger: Ledger) -> None:
    value = avro.encode(assigned(source="87.so-noi-vu", source_seq=12))

    assert take_all(ledger, sent(value)) == (1, 0, 0)

    (stored,) = ledger.notifications()
    assert stored.value == avro.with_recorded_at(value, CLOCK.now)


def test_a_senders_missing_number_stays_missing(ledger: Ledger) -> None:
    take_all(ledger, sent(avro.encode(assigned())))

    assert avro.decode(ledger.notifications()[0].value).source_seq == 0


def test_each_record_is_taken_once_however_often_the_intake_starts(ledger: Ledger) -> None:
    log = sent(avro.encode(assigned()), avro.encode(declared()))

    assert take_all(ledger, log) == (2, 0, 0)
    assert take_all(ledger, log) == (0, 0, 0)
    put(log, [avro.encode(assigned("another"))])
    assert take_all(ledger, log) == (1, 0, 0)


def test_a_fact_sent_twice_is_recorded_once(ledger: Ledger) -> None:
    value = avro.encode(assigned())

    assert take_all(ledger, sent(value, value)) == (1, 1, 0)
    assert ledger.max_notification() == 1


BAD: list[tuple[bytes | None, Reason]] = [
    (None, Reason.NULL_VALUE),
    (b"", Reason.NOT_AVRO),
    (b"hello", Reason.NOT_AVRO),
    (b"\xc3\x01" + b"\x00" * 8 + b"body", Reason.UNKNOWN_FINGERPRINT),
    (b"\x00\x00\x00\x00\x07body", Reason.UNKNOWN_SCHEMA_ID),
    (avro.encode(assigned())[:-3], Reason.NOT_AVRO),
    (avro.encode(assigned()) + b"x", Reason.NOT_AVRO),
    (avro.encode(replace(assigned(), unit="87/9")), Reason.BAD_CODE),
    (avro.encode(replace(declared(), effective_at=at("2020-07-01"))), Reason.FUTURE),
    (
        avro.encode(assigned(item="10", event_id=id_of("assigned a"))),
        Reason.DUPLICATE_OTHER_CONTENT,
    ),
    (b"\xc3\x01" + b"x" * limits.MESSAGE_BYTES_MAX, Reason.TOO_LARGE),
]


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=[str(reason) for _, reason in BAD])
def test_a_bad_record_is_set_aside_with_its_place_and_bytes_and_the_stream_goes_on(
    ledger: Ledger, bad: bytes | None, reason: Reason
) -> None:
    good = avro.encode(assigned("a"))

    assert take_all(ledger, sent(good, bad, avro.encode(declared("a")), partition=4)) == (2, 0, 1)

    (refusal,) = ledger.refusals()
    record = refusal.record
    assert (record.reason, record.topic, record.partition, record.offset) == (reason, INBOX, 4, 1)
    assert record.topic_id == f"{INBOX}-1"
    assert record.sha256 == hashlib.sha256(bad or b"").digest()
    assert (record.size, record.original) == (-1 if bad is None else len(bad), bad)
    assert record.sentence


def test_an_original_too_large_is_kept_by_hash_size_and_place(ledger: Ledger) -> None:
    huge = b"x" * limits.QUARANTINE_MESSAGE_BYTES_MAX

    take_all(ledger, sent(huge))

    record = ledger.refusals()[0].record
    assert (record.size, record.original) == (len(huge), None)
    assert record.sha256 == hashlib.sha256(huge).digest()


def test_a_topic_made_anew_stops_the_intake(ledger: Ledger) -> None:
    log = sent(avro.encode(assigned()))
    take_all(ledger, log)
    log.make_anew(INBOX)

    with pytest.raises(IntakeStopped, match="made anew"):
        take_all(ledger, log)


def test_a_log_that_ends_before_our_position_stops_the_intake(ledger: Ledger) -> None:
    log = sent(avro.encode(assigned()), avro.encode(declared()))
    take_all(ledger, log)
    del log.kept[(INBOX, 0)][1:]

    with pytest.raises(IntakeStopped, match="has lost records"):
        take_all(ledger, log)


def test_of_two_intakes_the_slower_one_gives_up(ledger: Ledger) -> None:
    log = sent(avro.encode(assigned()))
    slow = Intake(ledger, log, clock=CLOCK)
    slow._begin()
    take_all(ledger, log)

    with pytest.raises(InboxMoved):
        slow.step()
    assert ledger.max_notification() == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["good", "bad", "again", "crash"]), max_size=12))
def test_crashes_between_steps_lose_nothing_and_take_nothing_twice(
    tmp_path_factory: pytest.TempPathFactory, script: list[str]
) -> None:
    clock = Clock(at("2020-06-02 08:00"))
    url = f"sqlite:{tmp_path_factory.mktemp('intake') / 'ledger.db'}"
    log = MemoryLog()
    good = bad = 0
    ledger = Ledger.open(url, clock=clock, source="87")
    intake = Intake(ledger, log, clock=clock)
    for number, item in enumerate(script):
        if item == "crash":
            ledger.close()
            ledger = Ledger.open(url, clock=clock, source="87")
            intake = Intake(ledger, log, clock=clock)
            continue
        if item == "good":
            put(log, [avro.encode(assigned(f"o{number}"))], number % 6)
            good += 1
        elif item == "bad":
            put(log, [f"bad {number}".encode()], number % 6)
            bad += 1
        elif good:
            put(log, [first_good(log)], number % 6)
        if number % 2:
            intake.step()
    while intake.step().records:
        pass

    assert (ledger.max_notification(), len(ledger.refusals())) == (good, bad)
    ledger.close()


def first_good(log: MemoryLog) -> bytes:
    found = (r.value for kept in log.kept.values() for r in kept if r.value)
    return next(value for value in found if value.startswith(avro.MARKER))
