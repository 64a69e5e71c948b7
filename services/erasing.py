"""Erasure: the keys of an obligation's free texts are deleted, and the log says so.

Nothing recorded is changed: texts stay where they stand, encrypted, and nobody can read them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.event import Event
from schemas.events.ladder import TextsErased
from schemas.times import Instant
from services.command import OnObligation, Seen, broken, named
from services.owed import owed_of


@dataclass(frozen=True, kw_only=True)
class EraseTexts(OnObligation):
    """By a document that orders it, the texts of an obligation shall be read by nobody again.

    `key_ids` are the names of the keys that seal them and are still there.
    """

    key_ids: tuple[str, ...]

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        return decide(seen[self.obligation], self, now)


def decide(events: Sequence[Event], command: EraseTexts, now: Instant) -> list[Event]:
    """The erasure; [] where the log tells of it already. Raises Refused."""
    if not events:
        raise broken(f"{command.obligation} has no records; look for its id", "obligation")
    if command.document is None:
        raise broken("an erasure names the document that orders it", "document")
    told = {key for one in events if isinstance(one, TextsErased) for key in one.key_ids}
    if set(command.key_ids) <= told:
        return []
    opening = owed_of(events).opening
    return [
        named(
            TextsErased(
                **command.envelope(now),
                obligation=command.obligation,
                unit=opening.unit if opening is not None else events[0].unit,
                programme=opening.programme if opening is not None else events[0].programme,
                key_ids=command.key_ids,
            )
        )
    ]
