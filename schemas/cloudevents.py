"""Headers of a record: the CloudEvents Kafka binding (binary mode), and the ledger's own mark.

Nothing that the fold needs is only in a header.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol
from uuid import UUID

from schemas.event import EventId
from schemas.times import Instant, format_instant

CONTENT_TYPE = "application/avro"
LEDGER_HEADER = "lienthong-ledger"


class LedgerMark(NamedTuple):
    """Which ledger wrote a record: its id, its epoch, and its own number of the record."""

    ledger: str
    epoch: int
    notification: int


class Told(Protocol):
    """What the headers say of an event."""

    @property
    def event_id(self) -> EventId: ...
    @property
    def type(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def effective_at(self) -> Instant: ...


def headers(event: Told, mark: LedgerMark) -> list[tuple[str, bytes]]:
    """The headers of an event's record."""
    pairs = (
        ("ce_specversion", "1.0"),
        ("ce_id", str(UUID(bytes=event.event_id))),
        ("ce_type", event.type),
        ("ce_source", event.source),
        ("ce_time", format_instant(event.effective_at)),
        ("content-type", CONTENT_TYPE),
        (LEDGER_HEADER, f"{mark.ledger}:{mark.epoch}:{mark.notification}"),
    )
    return [(name, text.encode()) for name, text in pairs]


def ledger_mark(pairs: Iterable[tuple[str, bytes]]) -> LedgerMark | None:
    """The mark in a record's headers; None where there is none or it cannot be read."""
    for name, value in pairs:
        if name == LEDGER_HEADER:
            parts = value.decode("utf-8", "replace").rsplit(":", 2)
            if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
                return LedgerMark(parts[0], int(parts[1]), int(parts[2]))
    return None
