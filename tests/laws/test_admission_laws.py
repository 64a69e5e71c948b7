"""The engine admits what the judge admits, whatever happened to the bytes of a record."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.engine import Engine
from projections.judge import judge
from schemas import avro
from schemas.event import Event, event_types
from schemas.events import report
from schemas.limits import FACTS_PER_OBLIGATION_MAX, MESSAGE_BYTES_MAX
from schemas.refusal import Reason, Refused
from schemas.times import Instant
from tests.strategies import events_of
from tests.worlds_of_events import Record

any_event = st.one_of([events_of(cls) for cls in event_types().values()])
GOOD: dict[str, Any] = {
    "event_id": b"e" * 16,
    "effective_at": Instant(1_339_000_000_000),
    "recorded_at": Instant(1_339_000_000_001),
    "obligation": "p:1:66.a",
    "unit": "66.a",
    "by": "66.snv",
    "source": "s",
}
SENT = report.ReportSubmitted(**GOOD)
FINGERPRINT = avro.encode(SENT)[2:10]


def engine() -> Engine:
    made = Engine(schema_ids={7: FINGERPRINT}.__getitem__)
    made.open(0, ())
    return made


def judged(record: Record) -> Reason | None:
    try:
        judge(record.key, record.value, "events", {7: FINGERPRINT}.__getitem__)
    except Refused as refused:
        return refused.reason
    return None


def neighbour(offset: int) -> Record:
    event = dataclasses.replace(SENT, event_id=offset.to_bytes(16, "big"), obligation="near")
    return Record(offset, b"near", avro.encode(event))


def said_of(record: Record, made: Engine) -> Reason | None:
    """What the engine says of a record between two good ones."""
    records = [neighbour(1), record._replace(offset=2), neighbour(3)]
    batch = made.take(0, records)
    refused = {one.offset: reason for one, reason, _ in batch.quarantined}

    assert {1, 3}.isdisjoint(refused)
    assert 3 == len(batch.facts) + len(refused)
    return refused.get(2)


@settings(max_examples=300, deadline=None)
@given(any_event, st.data())
def test_the_engine_refuses_what_the_judge_refuses(event: Event, data: st.DataObject) -> None:
    value = bytearray(avro.encode(event))
    for _ in range(data.draw(st.integers(0, 2))):
        if not value:
            break
        at = data.draw(st.integers(0, len(value) - 1))
        match data.draw(st.integers(0, 2)):
            case 0:
                value[at] = data.draw(st.integers(0, 255))
            case 1:
                del value[at:]
            case _:
                value.insert(at, data.draw(st.integers(0, 255)))
    record = Record(2, event.key.encode(), bytes(value))

    assert judged(record) == said_of(record, engine())


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (Record(0, b"p:1:66.a", avro.encode(SENT)), None),
        (Record(0, b"p:1:66.a", None), Reason.NULL_VALUE),
        (Record(0, b"p:1:66.a", b""), Reason.NOT_AVRO),
        (Record(0, b"p:1:66.a", b"\xc3\x01" + b"x" * 60), Reason.UNKNOWN_FINGERPRINT),
        (Record(0, b"p:1:66.a", avro.encode(SENT)[:-3]), Reason.NOT_AVRO),
        (Record(0, b"p:1:66.a", avro.encode(SENT) + b"\x00"), Reason.NOT_AVRO),
        (Record(0, b"p:1:66.b", avro.encode(SENT)), Reason.KEY_MISMATCH),
        (Record(0, None, avro.encode(SENT)), Reason.KEY_MISMATCH),
        (Record(0, b"p:1:66.a", avro.confluent_framed(avro.encode(SENT), 7)), None),
        (
            Record(0, b"p:1:66.a", avro.confluent_framed(avro.encode(SENT), 8)),
            Reason.UNKNOWN_SCHEMA_ID,
        ),
        (Record(0, b"p:1:66.a", b"x" * (MESSAGE_BYTES_MAX + 1)), Reason.TOO_LARGE),
    ],
)
def test_each_kind_of_wrong_bytes_has_its_reason(record: Record, reason: Reason | None) -> None:
    assert reason == judged(record) == said_of(record, engine())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"unit": "Đắk Lắk"}, Reason.BAD_CODE),
        ({"source": "nguồn"}, None),
        ({"source": "x" * 201}, Reason.TOO_LONG),
        ({"obligation": "nghĩa vụ"}, None),
        ({"obligation": "x" * 129}, Reason.TOO_LONG),
        ({"obligation": "é" * 65}, Reason.TOO_LONG),
        ({"effective_at": Instant(1_339_000_300_001)}, None),
        ({"effective_at": Instant(1_339_000_300_002)}, Reason.FUTURE),
        ({"programme": "P"}, Reason.BAD_CODE),
    ],
)
def test_fields_are_judged(change: dict[str, Any], reason: Reason | None) -> None:
    event = dataclasses.replace(SENT, **change)
    record = Record(0, event.key.encode(), avro.encode(event))
    made = engine()

    # The second time the words are known; the answer stays.
    assert reason == judged(record) == said_of(record, made)
    again = dataclasses.replace(event, event_id=b"f" * 16)
    batch = made.take(0, [Record(9, event.key.encode(), avro.encode(again))])
    assert [reason] * (reason is not None) == [why for _, why, _ in batch.quarantined]


def test_both_framings_are_one_event() -> None:
    made = engine()
    value = avro.encode(SENT)
    batch = made.take(
        0,
        [
            Record(0, b"p:1:66.a", value),
            Record(1, b"p:1:66.a", avro.confluent_framed(value, 7)),
        ],
    )

    assert (1, 1) == (len(batch.facts), batch.duplicates)


def test_the_thousand_and_first_fact_is_one_too_many() -> None:
    made = engine()
    values = [
        avro.encode(dataclasses.replace(SENT, event_id=number.to_bytes(16, "big")))
        for number in range(FACTS_PER_OBLIGATION_MAX + 2)
    ]
    records = [Record(offset, b"p:1:66.a", value) for offset, value in enumerate(values)]
    first = made.take(0, records[:-1])
    last = made.take(0, records[-1:] + records[:1])

    assert [Reason.TOO_MANY_FACTS] == [reason for _, reason, _ in first.quarantined]
    assert [Reason.TOO_MANY_FACTS] == [reason for _, reason, _ in last.quarantined]
    assert 1 == last.duplicates


def test_the_earlier_recorded_content_of_an_id_holds_whichever_came_first() -> None:
    later = dataclasses.replace(SENT, recorded_at=Instant(SENT.recorded_at + 9), by="66.b")
    key = b"p:1:66.a"
    for first, second, wrong in ((SENT, later, 1), (later, SENT, 0)):
        made = engine()
        made.take(0, [Record(0, key, avro.encode(first))])
        batch = made.take(0, [Record(1, key, avro.encode(second))])

        assert ["66.snv"] == [fact.by for fact in made.facts("p:1:66.a")]
        assert [(wrong, Reason.DUPLICATE_OTHER_CONTENT)] == [
            (record.offset, reason) for record, reason, _ in batch.quarantined
        ]
        assert 1 - wrong == len(batch.facts)
