"""Documents of the ladder as a person looks for them: which one named what, when, decided by whom.

A board says how many there are; here each of them is told with the duties that it names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from projections.register import instant_of
from schemas.board_schema import LADDER
from schemas.event import Event, Notes
from schemas.events.ladder import CriticismIssued, ReminderIssued, UrgingSent
from schemas.times import Instant

TYPES: tuple[type[Event], ...] = (UrgingSent, ReminderIssued, CriticismIssued)
"""What urges, reminds and criticises."""


class Named(NamedTuple):
    """A duty that a document names, and the unit that owed it."""

    obligation: str
    unit: str


class Paper(NamedTuple):
    """One document. `note` is one of LADDER; `role` is `system` where no person decided.

    `id` is what the events of one document have in common, by which boards count it once.
    """

    at: Instant
    note: str
    id: bytes
    number: str | None
    by: str
    role: str | None
    named: tuple[Named, ...]

    @property
    def units(self) -> tuple[str, ...]:
        """The units that it presses, each once."""
        return tuple(dict.fromkeys(one.unit for one in self.named))


def papers(events: Iterable[Event]) -> list[Paper]:
    """The documents behind these events, by the instant at which each was issued."""
    found: dict[tuple[str, bytes], list[Notes]] = {}
    for event in events:
        if isinstance(event, Notes) and event.note in LADDER:
            document = event.correlation_id or event.event_id
            found.setdefault((event.note, document), []).append(event)
    return sorted(_paper(note, document, told) for (note, document), told in found.items())


def _paper(note: str, document: bytes, told: list[Notes]) -> Paper:
    first = min(told, key=lambda event: (instant_of(event), event.event_id))
    return Paper(
        instant_of(first),
        note,
        document,
        None if first.document is None else first.document.number,
        first.by,
        first.actor_role,
        tuple(sorted(Named(event.key, event.unit) for event in told)),
    )


class Tally(NamedTuple):
    """How many documents urged, reminded and criticised."""

    urged: int
    reminded: int
    criticised: int


def tally(found: Iterable[Paper]) -> Tally:
    """Documents, not duties: one that names many counts once."""
    notes = [paper.note for paper in found]
    return Tally(*(notes.count(note) for note in LADDER))
