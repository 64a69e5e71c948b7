"""What was changed of a duty after it was given: its due and its terms, by whom, by which paper.

Question 27 of the domain asks it of one duty, question 11 of all that a unit owes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from projections.register import instant_of
from schemas.event import Amends, Effect, Event, EventId, HandsOver, Moves, Opens, event_types
from schemas.times import Day, Instant, midnight

CHANGING = (Effect.MOVES, Effect.AMENDS)
"""Effects of what changes a duty's due or its terms."""


class Change(NamedTuple):
    """One change. `before` and `after` are dues (exclusive local midnights), None for none.

    `lapsed`: the due in force had passed when the change took effect. `what` is `extended`,
    `determined` or `amended`, or `no_authority` where the ower moved its own due in vain.
    """

    event_id: EventId
    what: str
    at: Instant
    recorded_at: Instant
    by: str
    document: str | None
    before: Day | None
    after: Day | None
    lapsed: bool
    reason: str | None


def changing_types() -> tuple[type[Event], ...]:
    """Every type of event that changes a due or the terms of a duty."""
    return tuple(cls for cls in event_types().values() if cls.effect in CHANGING)


def opening_of(events: Iterable[Event]) -> Opens | None:
    """How a duty was opened: the first opening in order holds."""
    return next((event for event in events if isinstance(event, Opens)), None)


def ower_of(opened: Opens, events: Iterable[Event]) -> str:
    """Who owes it after these events."""
    owers = [event.to_unit for event in events if isinstance(event, HandsOver)]
    return owers[-1] if owers else opened.unit


def changes(events: Sequence[Event]) -> list[Change]:
    """The changes among the events of one obligation, as they hold, in their order."""
    opened = opening_of(events)
    if opened is None:
        return []
    found: list[Change] = []
    due = opened.due_before
    for place, event in enumerate(events):
        if not isinstance(event, Moves | Amends):
            continue
        ower = ower_of(opened, events[:place])
        what = _what(event, vain=event.by == ower != opened.issuer)
        after = event.due_before if isinstance(event, Moves) and what != "no_authority" else due
        found.append(_change(event, what, due, after))
        due = after
    return found


def _what(event: Moves | Amends, *, vain: bool) -> str:
    if isinstance(event, Amends):
        return "amended"
    if vain:
        return "no_authority"
    return "extended" if event.extends else "determined"


def _change(event: Event, what: str, before: Day | None, after: Day | None) -> Change:
    at = instant_of(event)
    reason = getattr(event, "reason", None) or getattr(event, "condition", None)
    return Change(
        event.event_id,
        what,
        at,
        event.recorded_at,
        event.by,
        None if event.document is None else event.document.number,
        before,
        after,
        before is not None and at >= midnight(before),
        reason if isinstance(reason, str) else None,
    )
