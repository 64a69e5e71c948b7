"""The events of a reform document: the same document gives the same events, whenever it is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar, assert_never

from schemas.checks import check
from schemas.event import Event, EventId
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
from schemas.jsonl import derived_id, with_id_of_content
from schemas.reforms import digest
from schemas.refusal import Refused
from schemas.times import midnight
from schemas.unit_facts import unit_fact
from services.reform_document import (
    Dissolution,
    Entry,
    Establishment,
    LevelEnd,
    Merger,
    Move,
    ReformDocument,
    Renaming,
    Split,
)

NO_ID = EventId(bytes(16))
_E = TypeVar("_E", bound=Event)


class Part(NamedTuple):
    """One entry of a document: its place, what it says, and the event that it becomes."""

    place: str
    entry: Entry
    event: Event


def parts(document: ReformDocument, source: str) -> list[Part]:
    """An event for every entry, in the document's order; `source` is the recording system.

    Raises Refused, with the place in the document, where the contract does not allow an event.
    """
    envelope = _envelope(document, source)
    found = []
    for place, entry in document.entries():
        event = _event(entry, {**envelope, "unit": entry.unit, "reform": document.reform})
        try:
            check(event)
        except Refused as refused:
            raise Refused(refused.reason, refused.sentence, _where(place, refused)) from refused
        found.append(Part(place, entry, with_id_of_content(event)))
    return found


def _where(place: str, refused: Refused) -> str:
    if refused.where.partition(".")[0] in ("reform", "by", "document"):
        return refused.where  # what all entries share stands at the head of the document
    return f"{place}.{refused.where}" if refused.where else place


def enacted(document: ReformDocument, events: Iterable[Event], source: str) -> ReformEnacted:
    """The event that puts a document's parts in force, all of them or none."""
    facts = [fact for event in events if (fact := unit_fact(event)) is not None]
    return with_id_of_content(
        ReformEnacted(
            **_envelope(document, source),
            unit=document.by,
            reform=document.reform,
            parts=len({fact.event_id for fact in facts}),
            sha256=digest(facts),
        )
    )


def _envelope(document: ReformDocument, source: str) -> dict[str, Any]:
    together = derived_id({"reform": document.reform, "by": document.by})
    return {
        "event_id": NO_ID,
        "effective_at": midnight(document.effective_on),
        "by": document.by,
        "source": source,
        "document": document.document,
        "correlation_id": EventId(together.bytes),
    }


def _event(entry: Entry, fields: dict[str, Any]) -> Event:
    match entry:
        case Establishment():
            return UnitEstablished(
                **fields,
                name=entry.name,
                aliases=entry.aliases,
                level=entry.level,
                kind=entry.kind,
                parent=entry.parent,
                official_code=entry.official_code,
            )
        case Renaming():
            return UnitRenamed(
                **fields,
                name=entry.name,
                aliases=entry.aliases,
                official_code=entry.official_code,
                reason=entry.reason,
            )
        case Move():
            return UnitMoved(**fields, parent=entry.parent, reason=entry.reason)
        case Merger():
            return UnitMerged(**fields, into=entry.into, reason=entry.reason)
        case Split():
            return UnitSplit(**fields, into=entry.into, reason=entry.reason)
        case Dissolution():
            return UnitDissolved(**fields, successors=entry.successors, reason=entry.reason)
        case LevelEnd():
            return UnitLevelEnded(**fields, level=entry.level, reason=entry.reason)
        case _:
            assert_never(entry)


def others(recorded: Iterable[bytes], told: Iterable[Part]) -> list[bytes]:
    """Ids of recorded parts that the document does not have: it was changed in between."""
    ours = {bytes(part.event.event_id) for part in told}
    return [one for one in recorded if one not in ours]
