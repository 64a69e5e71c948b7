"""The batch decoder takes what the slow path takes, reads the same, and never reads past a row."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.decode import NONE, decode
from projections.judge import judge
from schemas import avro
from schemas.event import Document, Effect, Event, event_types
from schemas.events import report, task
from schemas.events.finding import FindingRecorded
from schemas.refusal import Refused
from schemas.times import Day, Instant
from tests.strategies import events_of

EVENT_TYPES = [cls for cls in event_types().values() if cls.topic == "events"]
any_event = st.one_of([events_of(cls) for cls in EVENT_TYPES])
ENVELOPE: dict[str, Any] = {
    "event_id": b"e" * 16,
    "effective_at": Instant(1_339_000_000_000),
    "recorded_at": Instant(1_339_000_000_001),
    "obligation": "p:1:66.a",
    "unit": "66.a",
    "by": "66.snv",
    "source": "s",
}


def sent(**fields: Any) -> Event:
    return report.ReportSubmitted(**ENVELOPE | fields)


def is_good(value: bytes | None) -> bool:
    return bool(decode([value]).good[0])


def slow_takes(value: bytes | None, key: bytes) -> bool:
    try:
        judge(key, value, "events")
    except Refused:
        return False
    return True


def words(*pair: Any) -> bytes:
    return b"".join(int(word).to_bytes(8, "little") for word in pair)


@settings(max_examples=200, deadline=None)
@given(st.lists(any_event, min_size=1, max_size=8))
def test_columns_are_what_the_event_says(events: list[Event]) -> None:
    values = [avro.encode(event) for event in events]
    columns = decode(values)
    hashes = columns.hashes()
    for row, event in enumerate(events):
        if not columns.good[row]:
            continue
        assert event.recorded_at == columns.recorded_at[row]
        assert event.effective_at == columns.effective_at[row]
        assert event.event_id == words(columns.id0[row], columns.id1[row])
        assert event.source_seq == columns.source_seq[row]
        assert event.effect == columns.effect[row]
        assert (event.imported_at is not None) == columns.is_imported[row]
        assert (event.obligation or "").encode() == columns.slices(columns.obligation)[row]
        assert avro.content_hash(values[row]) == hashes[row].tobytes()
        if event.causation_id is not None:
            cause = words(columns.causation0[row], columns.causation1[row])
            assert event.causation_id == cause
        if event.effect in (Effect.OPENS, Effect.MOVES):
            due = getattr(event, "due_before", None)
            assert (NONE if due is None else due) == columns.day[row]


@settings(max_examples=200, deadline=None)
@given(any_event)
def test_ordinary_words_are_good_at_once(event: Event) -> None:
    value = avro.encode(event)
    if slow_takes(value, event.key.encode()) and value.isascii():
        assert is_good(value)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_without_a_fault(value: bytes) -> None:
    head = avro.encode(sent())[:10]

    assert not is_good(value)
    decode([head + value, value, None, b""])


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\xc3\x01", b"\x00" * 40, avro.encode(sent())[:-1], avro.encode(sent()) + b"\x00"],
    ids=["null", "empty", "head only", "zeros", "cut off", "one byte more"],
)
def test_broken_values_are_not_good(value: bytes | None) -> None:
    assert not is_good(value)


@pytest.mark.parametrize(
    ("made", "good"),
    [
        (sent(), True),
        (sent(document=Document(number="12/BC", signed_by="Nguyễn Văn A")), True),
        (sent(document=Document(number="số – “12”")), True),
        (sent(actor_role="a\x01b"), False),
        (sent(actor_role="e\u0301"), False),
        (sent(actor_role="x" * 201), False),
        (sent(document=Document(number="")), False),
        (sent(written_at=Instant(-(2**62))), True),
        (sent(effective_at=Instant(2**62)), True),
        (task.TaskAssigned(**ENVELOPE, item="1", issuer="66", coordinating=("66.b",)), True),
        (task.TaskAssigned(**ENVELOPE, item="1", issuer="66", coordinating=("6 6",)), False),
        (task.TaskAssigned(**ENVELOPE, item="1", issuer="66", title="x" * 501), False),
        (FindingRecorded(**ENVELOPE, item="1", issuer="66", finding_kind="delay"), True),
        (FindingRecorded(**ENVELOPE, item="1", issuer="66", finding_kind="other"), False),
        (
            task.TaskDueExtended(**ENVELOPE, due_before=Day(15_000)),
            True,
        ),
    ],
)
def test_tails_are_looked_at(made: Event, good: bool) -> None:
    assert good == is_good(avro.encode(made))


def test_text_that_is_not_utf8_is_not_good() -> None:
    value = avro.encode(sent(document=Document(number="abcdef")))
    broken = value.replace(b"abcdef", b"abc\xffef")

    assert [True, False, True] == decode([value, broken, value]).good.tolist()


def test_of_trusted_rows_only_the_prefix_is_read() -> None:
    value = avro.encode(sent(document=Document(number="abcdef")))
    columns = decode([value])
    prefix = value[: int(columns.imported[1][0])]
    again = decode([prefix, b"nothing"], np.ones(2, np.bool_))

    assert [True, False] == again.good.tolist()
    assert columns.id0[0] == again.id0[0]


def test_an_imported_event_has_the_content_of_the_one_recorded_here() -> None:
    here = sent()
    imported = dataclasses.replace(here, imported_at=Instant(5), recorded_at=Instant(9))
    hashes = decode([avro.encode(here), avro.encode(imported)]).hashes()

    assert hashes[0].tobytes() == hashes[1].tobytes()
