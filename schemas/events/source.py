"""Events of a source: the keys with which it signs its records."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.event import Context, Text, Word, event
from schemas.times import Instant


@event("source.key_added.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class SourceKeyAdded(Context):
    """From this day on `unit` vouches for what a source signs with this key."""

    key_source: Word
    key_id: Word
    algorithm: Word
    public_key: bytes


@event("source.key_revoked.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class SourceKeyRevoked(Context):
    """The key holds no longer; `stolen_since`: from then on others may have signed with it."""

    key_source: Word
    key_id: Word
    stolen_since: Instant | None = None
    reason: Text | None = None
