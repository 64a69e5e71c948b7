"""The relation `facts`: what a row says of one record, and that it is a function of its bytes."""

from __future__ import annotations

import dataclasses
from hashlib import sha256
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ops import duck
from ops.archive.columns import BUCKETS, COLUMNS, NAME, relation, row
from ops.sql import engine
from projections.facts import fact_of_value
from schemas import avro
from schemas.event import EventId, event_types
from schemas.events.ladder import RecordCorrected
from schemas.times import Instant
from tests.office import assigned, declared
from tests.strategies import events_of

TYPES = sorted(event_types().values(), key=lambda cls: cls.type)
NAMES = [name for name, _ in COLUMNS]


def said(value: bytes) -> dict[str, Any]:
    return dict(zip(NAMES, row(7, value), strict=True))


@settings(max_examples=100)
@given(st.sampled_from(TYPES).flatmap(events_of))
def test_a_row_says_of_any_event_what_its_fact_says(event: Any) -> None:
    value = avro.encode(event)
    told, fact = said(value), fact_of_value(value)

    assert (told["notification"], told["type"], told["topic"]) == (7, event.type, event.topic)
    assert told["value"] == value
    for name in set(fact._fields) - {"effect", "replacement"}:
        assert told[name] == getattr(fact, name)
    assert told["effect"] in (fact.effect, None)


def test_the_leaf_is_that_of_rfc_6962() -> None:
    assert said(b"")["leaf"].hex() == (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    )
    assert said(b"no event")["leaf"] == sha256(b"\0no event").digest()


def test_bytes_that_are_no_event_are_kept_and_count_nowhere() -> None:
    told = said(b"no event")

    assert (told["topic"], told["value"]) == ("events", b"no event")
    assert {told[name] for name in ("type", "effect", "obligation", "event_id")} == {None}


def test_an_event_against_the_contract_is_kept_and_has_no_effect() -> None:
    late = dataclasses.replace(declared(), recorded_at=declared().effective_at)
    ahead = dataclasses.replace(late, effective_at=Instant(late.recorded_at + 86_400_000))

    assert said(avro.encode(late))["effect"] is not None
    assert said(avro.encode(ahead))["effect"] is None
    assert said(avro.encode(ahead))["event_id"] == late.event_id


def test_a_correction_shows_the_value_that_it_puts_in_place() -> None:
    wrong = assigned()
    right = avro.encode(dataclasses.replace(wrong, due_before=wrong.due_before + 10))
    correction = RecordCorrected(
        event_id=EventId(b"k" * 16),
        effective_at=wrong.effective_at,
        recorded_at=wrong.recorded_at,
        obligation=wrong.obligation,
        unit=wrong.unit,
        by=wrong.by,
        source=wrong.source,
        target=wrong.event_id,
        replacement=right,
    )
    replaced = said(avro.encode(correction))["replaced"]
    unreadable = dataclasses.replace(correction, replacement=b"?")

    assert (replaced["event_id"], replaced["due_before"]) == (wrong.event_id, wrong.due_before + 10)
    assert said(avro.encode(unreadable))["replaced"] is None


def test_all_records_of_an_obligation_are_in_one_bucket_and_obligations_in_all() -> None:
    event = assigned()
    buckets = {
        said(avro.encode(dataclasses.replace(event, obligation=f"p:{number}:u")))["bucket"]
        for number in range(200)
    }

    assert buckets == set(range(BUCKETS))
    assert said(avro.encode(event))["bucket"] == said(avro.encode(declared()))["bucket"]


def test_rows_go_into_a_table_and_come_back() -> None:
    table = relation(
        (number, avro.encode(made)) for number, made in enumerate((assigned(), declared()))
    )
    with duck.opened(threads=1) as connection:
        engine.load(connection, table)

        assert len(table) == 2
        assert connection.execute(f"SELECT * FROM {NAME}").fetchall() == list(table.rows())
