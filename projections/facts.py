"""Facts: what the fold keeps of an event, whatever its type was called."""

from __future__ import annotations

from dataclasses import fields
from typing import NamedTuple

from schemas.avro import content_hash, decode, encode
from schemas.event import EFFECT_BASES, Event


class Fact(NamedTuple):
    """One event as the fold sees it. Instants in ms UTC, days since 1970, ids 16 bytes.

    `effect` is the value of schemas.event.Effect. Fields that the effect does not have are None
    (or False). `content` is schemas.avro.content_hash of the event's value.
    """

    effective_at: int
    recorded_at: int
    event_id: bytes
    effect: int
    effective_is_day: bool = False
    correlation_id: bytes | None = None
    causation_id: bytes | None = None
    obligation: str | None = None
    unit: str = ""
    by: str = ""
    source: str = ""
    source_seq: int = 0
    programme: str | None = None
    imported: bool = False
    content: bytes = b""
    # OPENS
    kind: str | None = None
    item: str | None = None
    area: str | None = None  # AMENDS too
    period: str | None = None
    due_before: int | None = None  # MOVES too
    done_when: str | None = None
    issuer: str | None = None
    # MOVES
    extends: bool = False
    # NOTES
    note: str | None = None
    # RETURNS
    revise_before: int | None = None
    # HANDS_OVER
    to_unit: str | None = None
    # CORRECTS
    target: bytes | None = None
    void: bool = False
    replacement: bytes | None = None


_KEPT = tuple(
    tuple(f.name for f in fields(base) if f.name in Fact._fields) for base in EFFECT_BASES
)
"""What is kept of an event, by effect. A type's own fields are not, whatever their names."""


def fact_of(event: Event, value: bytes | None = None) -> Fact:
    """What the fold keeps of an event; `value` is its encoded form, where it is at hand."""
    return _fact(event, content_hash(encode(event) if value is None else value))


def lone_fact(event: Event) -> Fact:
    """The same without its content, which only tells apart events that bear one id."""
    return _fact(event, b"")


def _fact(event: Event, content: bytes) -> Fact:
    kept = {name: getattr(event, name) for name in _KEPT[event.effect]}
    imported = event.imported_at is not None
    return Fact(effect=event.effect.value, imported=imported, content=content, **kept)


def fact_of_value(value: bytes) -> Fact:
    """The fact in the value of a record. Raises Refused where the bytes are no event."""
    return fact_of(decode(value), value)
