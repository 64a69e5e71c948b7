"""The quarantine record: what was not taken, why, where it stood, and its bytes if small enough."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from schemas import avro
from schemas.limits import QUARANTINE_MESSAGE_BYTES_MAX
from schemas.refusal import Refused
from schemas.times import Instant

NAME = "quarantined.v1"
ORIGINAL_BYTES_MAX = QUARANTINE_MESSAGE_BYTES_MAX - 64 * 1024
"""Largest original that is kept whole; a larger one is known by hash, size and place."""

SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": f"vn.lienthong.{NAME}",
    "doc": "A record that was refused: reason, sentence, place, and its bytes if small enough.",
    "fields": [
        {"name": "at", "type": "long", "doc": "When it was refused, ms UTC."},
        {"name": "reason", "type": "string"},
        {"name": "sentence", "type": "string"},
        {"name": "topic", "type": "string"},
        {"name": "topic_id", "type": "string"},
        {"name": "partition", "type": "int"},
        {"name": "offset", "type": "long"},
        {"name": "sha256", "type": "bytes"},
        {"name": "size", "type": "long", "doc": "Bytes of the original; -1 for a null value."},
        {"name": "original", "type": ["null", "bytes"], "default": None},
    ],
}


class Quarantined(NamedTuple):
    """One refused record. `size` is -1 and `original` None where the value was null."""

    at: Instant
    reason: str
    sentence: str
    topic: str
    topic_id: str
    partition: int
    offset: int
    sha256: bytes
    size: int
    original: bytes | None

    @property
    def place(self) -> str:
        """`topic/partition/offset`: the key on the quarantine topic."""
        return f"{self.topic}/{self.partition}/{self.offset}"


class Place(NamedTuple):
    """Where a record stands in a log. `topic_id` tells a topic made anew from the old one."""

    topic: str
    topic_id: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


def quarantined(refused: Refused, place: Place, value: bytes | None, at: Instant) -> Quarantined:
    """The quarantine record of a value that was refused at a place."""
    data = b"" if value is None else value
    keep = value is not None and len(value) <= ORIGINAL_BYTES_MAX
    sentence = f"{refused.where}: {refused.sentence}" if refused.where else refused.sentence
    return Quarantined(
        at=at,
        reason=refused.reason.value,
        sentence=sentence,
        topic=place.topic,
        topic_id=place.topic_id,
        partition=place.partition,
        offset=place.offset,
        sha256=hashlib.sha256(data).digest(),
        size=-1 if value is None else len(value),
        original=value if keep else None,
    )


def encode(record: Quarantined) -> bytes:
    """Record -> value on the quarantine topic."""
    return avro.encode_record(NAME, record._asdict())


def decode(value: bytes | None) -> Quarantined:
    """Value -> record. Raises Refused where the bytes are no quarantine record."""
    return Quarantined(**avro.decode_record(NAME, value))


avro.register_record(NAME, SCHEMA)
