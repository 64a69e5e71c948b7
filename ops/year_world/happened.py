"""What happens to the duties of a year, counted for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from schemas.event import Corrects, Drops, Event, HandsOver, Moves, Returns


def happened(told: Iterable[Event]) -> Counter[str]:
    """How often what is hard to count was told, and how many events were told again."""
    seen: Counter[str] = Counter()
    ids: set[bytes] = set()
    for event in sorted(told, key=lambda event: event.recorded_at):
        repeated = event.event_id in ids
        ids.add(event.event_id)
        seen.update(["repeated"] if repeated else _happens(event))
    return seen


def _happens(event: Event) -> Iterator[str]:
    match event:
        case Corrects():
            yield "voided" if event.void else "corrected"
        case Returns():
            yield "returned"
        case Moves():
            yield "extended" if event.extends else "due determined"
        case HandsOver():
            yield "transferred"
        case Drops():
            yield "cancelled"
