"""The relation `facts`: every record of a ledger as one row, its columns a function of its value.

The archive's files hold it and the SQL engine reads it, from there or from memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple
from zlib import crc32

from projections.facts import Fact, fact_of, fact_of_value
from schemas.avro import decode
from schemas.checks import check, check_future
from schemas.event import Event
from schemas.limits import MESSAGE_BYTES_MAX
from schemas.refusal import Refused
from schemas.topics import EVENTS

BUCKETS = 16
"""Into how many parts the obligations fall; all records of one are in one part."""
NAME = "facts"
"""What the relation is called wherever it is a table."""

_TYPES = {
    "effective_at": "BIGINT",
    "recorded_at": "BIGINT",
    "event_id": "BLOB",
    "effect": "UTINYINT",
    "effective_is_day": "BOOLEAN",
    "correlation_id": "BLOB",
    "causation_id": "BLOB",
    "source_seq": "BIGINT",
    "imported": "BOOLEAN",
    "content": "BLOB",
    "due_before": "INTEGER",
    "extends": "BOOLEAN",
    "revise_before": "INTEGER",
    "target": "BLOB",
    "void": "BOOLEAN",
}
"""The types of the fact's columns that are no text."""

REPLACED = tuple(
    name for name in Fact._fields if name not in {"content", "target", "void", "replacement"}
)
"""The fields of the value that a correction puts in place."""


def _type(name: str) -> str:
    return _TYPES.get(name, "VARCHAR")


_REPLACED_TYPE = "STRUCT(" + ", ".join(f'"{name}" {_type(name)}' for name in REPLACED) + ")"

_ORDER = (
    *("effect", "event_id", "effective_at", "effective_is_day", "recorded_at", "source_seq"),
    *("correlation_id", "causation_id", "obligation", "unit", "by", "source", "programme"),
    *("imported", "content", "kind", "item", "area", "period", "due_before", "done_when"),
    *("issuer", "extends", "note", "revise_before", "to_unit", "target", "void"),
)

COLUMNS: tuple[tuple[str, str], ...] = (
    ("notification", "BIGINT"),
    ("topic", "VARCHAR"),
    ("type", "VARCHAR"),
    *((name, _type(name)) for name in _ORDER),
    ("replaced", _REPLACED_TYPE),
    ("bucket", "UTINYINT"),
    ("value", "BLOB"),
    ("leaf", "BLOB"),
)
"""Name and DuckDB type of every column, in order. Instants are ms UTC, days since 1970.

`effect` is that of schemas.event.Effect, NULL where the contract refuses the record: such a row
is kept and counts nowhere. `replaced` is the corrected value's own fields, NULL where a correction
has none that can be read. `leaf` is the RFC 6962 hash of a leaf that holds the value.
"""


class Table(NamedTuple):
    """Some rows of the relation, column by column in the order of COLUMNS."""

    columns: Sequence[list[Any]]

    def __len__(self) -> int:
        return len(self.columns[0])

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The same row by row."""
        return zip(*self.columns, strict=True)


def relation(records: Iterable[tuple[int, bytes]]) -> Table:
    """(notification id, value) of records in their order -> the relation's rows."""
    columns: list[list[Any]] = [[] for _ in COLUMNS]
    for notification, value in records:
        for column, cell in zip(columns, row(notification, value), strict=True):
            column.append(cell)
    return Table(columns)


def row(notification: int, value: bytes) -> tuple[Any, ...]:
    """The row of one record; of bytes that are no event all but the bytes' own columns are NULL."""
    leaf = leaf_hash(value)
    try:
        event = decode(value)
        fact = fact_of(event, value)
    except Refused:
        return (notification, EVENTS.name, None, *([None] * len(_ORDER)), None, 0, value, leaf)
    effect = fact.effect if _is_allowed(event, value) else None
    said = (effect, *(getattr(fact, name) for name in _ORDER[1:]))
    replaced = _replaced(fact)
    bucket = bucket_of(fact.obligation)
    return (notification, event.topic, event.type, *said, replaced, bucket, value, leaf)


def bucket_of(obligation: str | None) -> int:
    """The part in which the records of an obligation lie; 0 for those of none."""
    return crc32((obligation or "").encode()) % BUCKETS


def leaf_hash(value: bytes) -> bytes:
    """The hash of a leaf of RFC 6962."""
    return sha256(b"\x00" + value).digest()


def _is_allowed(event: Event, value: bytes) -> bool:
    if len(value) > MESSAGE_BYTES_MAX:
        return False
    try:
        check(event)
        check_future(event, event.recorded_at)
    except Refused:
        return False
    return True


def _replaced(fact: Fact) -> dict[str, Any] | None:
    if fact.replacement is None:
        return None
    try:
        found = fact_of_value(fact.replacement)
    except Refused:
        return None
    return {name: getattr(found, name) for name in REPLACED}
