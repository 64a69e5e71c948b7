"""Laws that every registered event type keeps, on every wire."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from io import BytesIO
from typing import Any, get_args, get_type_hints

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import avro, committed
from schemas.avro_schema import event_schema
from schemas.checks import check
from schemas.cloudevents import LedgerMark, headers
from schemas.event import (
    EFFECT_BASES,
    ENVELOPE,
    Event,
    Sealed,
    effect_fields,
    event_types,
    wire_fields,
)
from schemas.jsonl import Defaults, parse_line, to_line
from schemas.times import Instant
from tests.office import assigned
from tests.strategies import events_of

TYPES = sorted(event_types())


@pytest.mark.parametrize("name", TYPES)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_an_event_survives_avro_and_json_unchanged(name: str, data: st.DataObject) -> None:
    event = data.draw(events_of(event_types()[name]))
    check(event)

    assert event == avro.decode(avro.encode(event))
    assert told(event) == told(avro.envelope(avro.encode(event)))
    assert [event] == parse_line(to_line(event), Defaults(source="another"))


@pytest.mark.parametrize("name", TYPES)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), recorded=st.integers(0, 2**45), imported=st.integers(0, 2**45))
def test_recording_an_event_changes_nothing_but_its_recording(
    name: str, data: st.DataObject, recorded: int, imported: int
) -> None:
    value = avro.encode(data.draw(events_of(event_types()[name])))
    again = avro.with_imported_at(
        avro.with_recorded_at(value, Instant(recorded)), Instant(imported)
    )
    decoded = avro.decode(again)

    assert (recorded, imported) == (decoded.recorded_at, decoded.imported_at)
    assert avro.content_hash(value) == avro.content_hash(again)


@pytest.mark.parametrize("name", TYPES)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data(), sealed=st.booleans())
def test_the_writer_of_events_writes_what_any_avro_writer_does(
    name: str, data: st.DataObject, sealed: bool
) -> None:
    event = data.draw(events_of(event_types()[name]))
    if sealed and (texts := free_texts(type(event))):
        event = replace(event, **{texts[0]: SEALED})
    schema = event_schema(type(event))
    value, imported_at = avro.encoded(event)

    assert avro.MARKER + avro.fingerprint(schema) + written(schema, plain(event)) == value
    assert avro.content_hash(value) == avro.content_hash(value, imported_at)


SEALED = Sealed(key_id="k1", nonce=b"n" * 12, ciphertext=b"not to be read")


def free_texts(cls: type[Event]) -> list[str]:
    """Fields that may be sealed."""
    return [name for name, hint in get_type_hints(cls).items() if Sealed in get_args(hint)]


def test_a_long_of_more_than_64_bits_is_refused_by_the_writer() -> None:
    with pytest.raises(OverflowError):
        avro.encode(assigned(recorded_at=Instant(2**63)))


@pytest.mark.parametrize("name", TYPES)
def test_the_wire_begins_with_the_envelope_and_then_the_effects_fields(name: str) -> None:
    cls: type[Event] = event_types()[name]
    wire = wire_fields(cls)
    head = (*ENVELOPE, *effect_fields(cls.effect))

    assert head == wire[: len(head)]
    assert issubclass(cls, EFFECT_BASES[cls.effect])
    assert name == cls.type
    assert name.endswith(".v1")


REVISED = [name for name in TYPES if len(committed.revisions(name)) > 1]


@pytest.mark.parametrize("name", REVISED)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_an_earlier_revision_wrote_is_read_for_ever_and_is_the_same_fact(
    name: str, data: st.DataObject
) -> None:
    event = data.draw(events_of(event_types()[name]))
    for path in committed.revisions(name)[:-1]:
        schema = json.loads(path.read_text(encoding="utf-8"))
        known = {field["name"] for field in schema["fields"]}
        later = {f: None for f in wire_fields(type(event)) if f not in known}
        value = avro.MARKER + avro.fingerprint(schema) + written(schema, plain(event))

        assert avro.decode(value) == replace(event, **later)
        assert told(avro.envelope(value)) == told(event)
        assert avro.content_hash(value) == avro.content_hash(avro.encode(replace(event, **later)))


def told(event: Event | avro.Envelope) -> tuple[object, ...]:
    known = (event.event_id, event.type, event.topic, event.key, event.source, event.effective_at)
    return (*known, headers(event, LedgerMark("ledger", 1, 1)))


def plain(event: Event) -> dict[str, Any]:
    """As fastavro takes it; in a union it reads a tuple as the name of a type and a value."""

    def listed(fields: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: list(one) if isinstance(one, tuple) else one for name, one in fields}

    return asdict(event, dict_factory=listed)


def written(schema: dict[str, Any], fields: dict[str, Any]) -> bytes:
    out = BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), fields)
    return out.getvalue()


def test_the_units_have_a_second_revision() -> None:
    assert [name for name in REVISED if name.startswith("unit.")] == [
        f"unit.{verb}.v1"
        for verb in ("dissolved", "established", "merged", "moved", "renamed", "split")
    ]


def test_committed_schemas_are_what_the_code_says() -> None:
    assert [] == list(committed.problems())


def test_every_committed_schema_can_be_found_by_its_fingerprint() -> None:
    assert set(avro.fingerprints().values()) >= set(TYPES)
