"""Unit facts: what the tree keeps of a unit event, and the order in which facts are read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemas.event import Event
from schemas.events.unit import (
    ReformEnacted,
    UnitDissolved,
    UnitEstablished,
    UnitLevelEnded,
    UnitMerged,
    UnitMoved,
    UnitRenamed,
    UnitSplit,
)
from schemas.times import Day, Instant, day_of

ESTABLISHED, RENAMED, MOVED, MERGED, SPLIT, DISSOLVED, LEVEL_ENDED, ENACTED = range(8)
"""What happened to the unit, in the order in which the facts of one day are read."""
WORDS = (
    "established",
    "renamed",
    "moved",
    "merged",
    "split",
    "dissolved",
    "level_ended",
    "enacted",
)
"""What happened, in a word, by its number."""


class UnitFact(NamedTuple):
    """One unit event as the tree sees it; fields that its type does not have are empty.

    `by` is the acting unit. `successors` are the units that a merged, split or dissolved unit
    went into. `reform` names the reform of which the fact is a part, or which it enacts with
    `parts` and `sha256` (see schemas.reforms).
    """

    what: int
    unit: str
    effective_at: int
    recorded_at: int
    event_id: bytes
    by: str
    name: str = ""
    aliases: tuple[str, ...] = ()
    level: str = ""
    kind: str = ""
    parent: str | None = None
    successors: tuple[str, ...] = ()
    official_code: str | None = None
    reform: str | None = None
    parts: int = 0
    sha256: str = ""
    imported: bool = False

    @property
    def day(self) -> Day:
        """The local day from which the fact holds."""
        return day_of(Instant(self.effective_at))

    @property
    def place(self) -> tuple[int, int, int, bytes]:
        """The fact's place among all: effective, rank, recorded, event id."""
        return (self.effective_at, self.what, self.recorded_at, self.event_id)


def unit_fact(event: Event) -> UnitFact | None:
    """The fact of a unit event; None where the event says nothing about the tree."""
    fact = _told(event)
    if fact is None or event.imported_at is None:
        return fact
    return fact._replace(imported=True)


def _told(event: Event) -> UnitFact | None:
    head = (event.unit, event.effective_at, event.recorded_at, event.event_id, event.by)
    match event:
        case UnitEstablished():
            return UnitFact(
                ESTABLISHED,
                *head,
                name=event.name,
                aliases=tuple(event.aliases),
                level=event.level,
                kind=event.kind,
                parent=event.parent,
                official_code=event.official_code,
                reform=event.reform,
            )
        case UnitRenamed():
            return UnitFact(
                RENAMED,
                *head,
                name=event.name,
                aliases=tuple(event.aliases),
                official_code=event.official_code,
                reform=event.reform,
            )
        case UnitMoved():
            return UnitFact(MOVED, *head, parent=event.parent, reform=event.reform)
        case UnitMerged():
            return UnitFact(MERGED, *head, successors=(event.into,), reform=event.reform)
        case UnitSplit():
            return UnitFact(SPLIT, *head, successors=tuple(event.into), reform=event.reform)
        case UnitDissolved():
            successors = tuple(event.successors)
            return UnitFact(DISSOLVED, *head, successors=successors, reform=event.reform)
        case UnitLevelEnded():
            return UnitFact(LEVEL_ENDED, *head, level=event.level, reform=event.reform)
        case ReformEnacted():
            number, sha256 = event.parts, event.sha256
            return UnitFact(ENACTED, *head, reform=event.reform, parts=number, sha256=sha256)
        case _:
            return None


def in_order(facts: Iterable[UnitFact], known: Instant | None = None) -> list[UnitFact]:
    """The facts recorded up to `known`, each event id once, by their places.

    Of two facts with one id the one recorded first holds, whichever came first.
    """
    kept: dict[bytes, UnitFact] = {}
    for fact in facts:
        if known is not None and fact.recorded_at > known:
            continue
        other = kept.get(fact.event_id)
        # repr() breaks the tie of equal instants: any order will do that is always the same.
        if other is None or (fact.recorded_at, repr(fact)) < (other.recorded_at, repr(other)):
            kept[fact.event_id] = fact
    return sorted(kept.values(), key=lambda fact: fact.place)
