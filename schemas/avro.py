"""Events and records as Avro: single-object encoding, found again by fingerprint, offline.

A value is `C3 01`, the 8-byte little-endian CRC-64-AVRO fingerprint of its schema, and the body
(Avro specification, "Single-object encoding"). The committed `schemas/avro/*.avsc` are the
registry: a value written under any of them is read for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import fastavro
from fastavro.schema import fingerprint as _canonical_fingerprint
from fastavro.schema import parse_schema, to_parsing_canonical_form

from schemas.avro_schema import NAMESPACE, event_schema, head_schema, rebuild
from schemas.avro_writer import Write, parts_writer
from schemas.event import Event, EventId, event_types, key_on, wire_fields
from schemas.refusal import Reason, Refused
from schemas.times import Instant
from schemas.varint import varint, varint_end

MARKER = b"\xc3\x01"
CONFLUENT_MAGIC = 0
HEADER_BYTES = 10
"""Marker and fingerprint before the body."""
FOLDER = Path(__file__).parent / "avro"

_records: dict[str, dict[str, Any]] = {}


def register_record(name: str, schema: dict[str, Any]) -> None:
    """Enter the schema of a record that is no event, under a name such as `board.v1`.

    Raises ValueError where another schema has the name.
    """
    if _records.setdefault(name, schema) != schema:
        raise ValueError(f"{name} is registered with another schema")
    _current.cache_clear()
    _by_fingerprint.cache_clear()
    fields_added.cache_clear()


def type_name(schema: Mapping[str, Any]) -> str:
    """Our name of a committed schema: its full name without the namespace."""
    return str(schema["name"]).removeprefix(f"{NAMESPACE}.").removeprefix("vn.lienthong.")


def fingerprint(schema: Any) -> bytes:
    """CRC-64-AVRO of the schema's canonical form, as it stands on the wire (little-endian)."""
    text = _canonical_fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO")
    return bytes.fromhex(text)


def current_schemas() -> dict[str, dict[str, Any]]:
    """The schemas that we write, by name: every event type and every registered record."""
    import schemas.records  # noqa: F401  (registers the records that are no events)

    events = {name: event_schema(cls) for name, cls in event_types().items()}
    return {**events, **_records}


@cache
def _current(name: str) -> tuple[bytes, Any]:
    schema = _records.get(name) or event_schema(event_types()[name])
    return MARKER + fingerprint(schema), parse_schema(schema)


@cache
def _by_fingerprint() -> dict[bytes, tuple[str, Any]]:
    found: dict[bytes, tuple[str, Any]] = {}
    for name, schema in current_schemas().items():
        found[fingerprint(schema)] = (name, parse_schema(schema))
    for path in sorted(FOLDER.glob("*.avsc")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        name = type_name(schema)
        found.setdefault(fingerprint(schema), (name, parse_schema(schema)))
    return found


def fingerprints() -> Mapping[bytes, str]:
    """Every fingerprint that can be read -> the name of its type."""
    return {key: name for key, (name, _) in _by_fingerprint().items()}


def writer_schema(value: bytes) -> Any:
    """The parsed schema under which a single-object value was written. Raises Refused."""
    return _writer(value)[1]


def encode(event: Event) -> bytes:
    """Event -> value of its record, single-object encoding."""
    return encoded(event).value


class Encoded(NamedTuple):
    """An event's value, and where its `imported_at` stands in it."""

    value: bytes
    imported_at: int


def encoded(event: Event) -> Encoded:
    """The same with what `content_hash` would else have to find by reading the value again."""
    before, after = _event_writers(event.type)
    start = _current(event.type)[0] + before(event)
    return Encoded(start + after(event), len(start))


@cache
def _event_writers(name: str) -> list[Write]:
    """What writes the body of an event up to `imported_at`, and what writes the rest."""
    cls = event_types()[name]
    fields = event_schema(cls)["fields"]
    cut = wire_fields(cls).index("imported_at")
    return parts_writer(fields, (cut, len(fields) - cut))


def decode(value: bytes | None, schema_ids: Callable[[int], bytes] | None = None) -> Event:
    """Value -> event. Raises Refused: null_value, not_avro, unknown_fingerprint, unknown_type.

    `schema_ids` maps a Confluent schema id to a fingerprint; without it Confluent framing is
    refused with unknown_schema_id.
    """
    name, fields = _read(_unframed(value, schema_ids))
    cls = event_types().get(name)
    if cls is None:
        raise Refused(Reason.UNKNOWN_TYPE, f"{name} is a record, not an event", "value")
    try:
        return rebuild(cls, fields)
    except (TypeError, KeyError, ValueError) as error:
        raise Refused(
            Reason.NOT_AVRO, f"the body does not make a {name}: {error}", "value"
        ) from error


class Envelope(NamedTuple):
    """What a record's headers and key say of an event, read without the rest of it."""

    event_id: EventId
    type: str
    topic: str
    key: str
    source: str
    effective_at: Instant


def envelope(value: bytes) -> Envelope:
    """The envelope of an event's value that was accepted before: nothing else of it is checked.

    Raises Refused where no schema has its fingerprint.
    """
    name, fields = _read_head(value)[:2]
    topic = event_types()[name].topic
    return Envelope(
        fields["event_id"],
        name,
        topic,
        key_on(topic, fields["unit"], fields["programme"], fields["obligation"]),
        fields["source"],
        fields["effective_at"],
    )


def record_head(name: str) -> bytes:
    """Marker and fingerprint, with which every value of a registered record begins."""
    head: bytes = _current(name)[0]
    return head


def encode_record(name: str, fields: Mapping[str, Any]) -> bytes:
    """A registered record -> value, single-object encoding."""
    head, schema = _current(name)
    return head + _body(schema, fields)


def decode_record(name: str, value: bytes | None) -> dict[str, Any]:
    """Value -> fields of a registered record. Raises Refused as decode() does."""
    found, fields = _read(_unframed(value, None))
    if found != name:
        raise Refused(Reason.UNKNOWN_TYPE, f"the value is a {found}, not a {name}", "value")
    return fields


def _body(schema: Any, fields: Mapping[str, Any]) -> bytes:
    out = BytesIO()
    fastavro.schemaless_writer(out, schema, fields)
    return out.getvalue()


def _unframed(value: bytes | None, schema_ids: Callable[[int], bytes] | None) -> bytes:
    if value is None:
        raise Refused(Reason.NULL_VALUE, "the value is null; send the event's bytes", "value")
    if value[:1] != bytes([CONFLUENT_MAGIC]) or len(value) < 5:
        return value
    schema_id = int.from_bytes(value[1:5], "big")
    try:
        key = schema_ids(schema_id) if schema_ids else None
    except KeyError:
        key = None
    if key is None:
        raise Refused(
            Reason.UNKNOWN_SCHEMA_ID,
            f"schema id {schema_id} is not in the configured registry; "
            "send single-object encoding or configure the registry",
            "value",
        )
    return MARKER + key + value[5:]


def confluent_framed(value: bytes, schema_id: int) -> bytes:
    """The same body in Confluent framing: `00`, 4-byte id, body."""
    return bytes([CONFLUENT_MAGIC]) + schema_id.to_bytes(4, "big") + value[HEADER_BYTES:]


def _writer(value: bytes) -> tuple[str, Any]:
    if value[:2] != MARKER or len(value) < HEADER_BYTES:
        raise Refused(
            Reason.NOT_AVRO, "the value does not begin with C3 01 and a fingerprint", "value"
        )
    found = _by_fingerprint().get(value[2:HEADER_BYTES])
    if found is None:
        raise Refused(
            Reason.UNKNOWN_FINGERPRINT,
            f"no schema has the fingerprint {value[2:HEADER_BYTES].hex()}; "
            "use one of the committed .avsc files",
            "value",
        )
    return found


def _read(value: bytes) -> tuple[str, dict[str, Any]]:
    name, writer = _writer(value)
    reader = _current(name)[1]
    source = BytesIO(value)
    source.seek(HEADER_BYTES)
    try:
        fields = fastavro.schemaless_reader(source, writer, None if reader is writer else reader)
    except Exception as error:  # fastavro raises many kinds on broken bytes; all mean the same
        raise Refused(
            Reason.NOT_AVRO, f"the body cannot be read as {name}: {error!r}", "value"
        ) from error
    if source.tell() != len(value):
        extra = len(value) - source.tell()
        raise Refused(Reason.NOT_AVRO, f"{extra} bytes follow the end of the {name}", "value")
    if not isinstance(fields, dict):
        raise Refused(Reason.NOT_AVRO, f"the body of {name} is not a record", "value")
    return name, fields


def with_recorded_at(value: bytes, instant: Instant) -> bytes:
    """The same bytes with another `recorded_at`, which is the first field of the body."""
    after = varint_end(value, HEADER_BYTES)
    return value[:HEADER_BYTES] + varint(instant) + value[after:]


def with_source_seq(value: bytes, number: int) -> bytes:
    """The same bytes with another `source_seq` (after the id, the instant and the day flag)."""
    start = varint_end(value, varint_end(value, HEADER_BYTES) + 16) + 1
    return value[:start] + varint(number) + value[varint_end(value, start) :]


def with_imported_at(value: bytes, instant: Instant | None, at: int | None = None) -> bytes:
    """The same bytes with another `imported_at` (null: one zero byte).

    `at` is where that field stands, for those who know.
    """
    start, end = _imported_span(value, at)
    new = b"\x00" if instant is None else b"\x02" + varint(instant)
    return value[:start] + new + value[end:]


@cache
def _head(name: str) -> Any:
    return parse_schema(head_schema(event_types()[name]))


def _read_head(value: bytes) -> tuple[str, dict[str, Any], int]:
    """The type's name, the fields before `imported_at`, and where that stands."""
    name, _ = _writer(value)
    source = BytesIO(value)
    source.seek(HEADER_BYTES)
    fields: Any = fastavro.schemaless_reader(source, _head(name), None)
    return name, fields, source.tell()


def _imported_span(value: bytes, known: int | None) -> tuple[int, int]:
    start = _read_head(value)[2] if known is None else known
    return start, start + 1 if value[start] == 0 else varint_end(value, start + 1)


@cache
def fields_added() -> dict[bytes, int]:
    """Fingerprint -> number of fields at its end that the type's first revision did not have."""
    first: dict[str, list[str]] = {}
    for path in FOLDER.glob("*.v[0-9].avsc"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        first[type_name(schema)] = [field["name"] for field in schema["fields"]]
    added = {}
    for key, (name, schema) in _by_fingerprint().items():
        names = [field["name"] for field in schema["fields"]]
        known = first.get(name, names)
        if names[: len(known)] == known and len(names) > len(known):
            added[key] = len(names) - len(known)
    return added


def content_hash(value: bytes, imported_at: int | None = None) -> bytes:
    """What makes two records of one event id the same: 16 bytes of SHA-256.

    Taken over the bytes after `recorded_at`, with `imported_at` read as null (events.md
    section 2, "Same id, other content"). Fields that a later revision added count only once
    they say something, so that a fact told again after an upgrade is the same fact.
    `imported_at` is where that field stands, for those who know.
    """
    start, end = _imported_span(value, imported_at)
    after = varint_end(value, HEADER_BYTES)
    content = value[after:start] + b"\x00" + value[end:]
    for _ in range(fields_added().get(value[2:HEADER_BYTES], 0)):
        content = content.removesuffix(b"\x00")
    return hashlib.sha256(content).digest()[:16]
