"""Registers: the events of a few types, whole but for their texts, read as of T and K.

The fold keeps of an event what counts. A question about what it says besides (subjects, figures,
reasons, days of its own) reads it here: ops tells a register from the ledger, and nothing is
counted again that a board counts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, get_args, get_type_hints

from schemas import avro
from schemas.event import Corrects, Event, Sealed
from schemas.events.ladder import RecordCorrected
from schemas.memo import per_class
from schemas.refusal import Refused
from schemas.times import Instant, day_of, midnight


class Register:
    """What was told of some types of event. Whatever is told twice, or of another type, is one."""

    def __init__(self, types: Iterable[type[Event]]) -> None:
        self._types = tuple(types)
        self.types = frozenset(one.type for one in self._types) | {RecordCorrected.type}
        """Names of the types that it wants to be told: its own, and corrections."""
        self.position = 0
        """The number of the last event that was looked at for it."""
        self._told: dict[str, dict[bytes, Event]] = {}

    def tell(self, at: int, event: Event) -> None:
        """An event and the number in the ledger at which it may be seen. In the order of these."""
        if at >= self.position and event.type in self.types:
            told = self._told.setdefault(event.key, {})
            told.setdefault(event.event_id, without_texts(event))
        self.position = max(self.position, at)

    def held(self, on: Instant, known: Instant | None) -> Iterator[Event]:
        """What holds at T as known at K: by obligation (or unit, or programme), each in order."""
        for key in sorted(self._told):
            yield from self.of(key, on, known)

    def of(self, key: str, on: Instant, known: Instant | None) -> list[Event]:
        """What holds of one obligation, of one unit, or of one programme."""
        events = corrected(self._told.get(key, {}).values(), on, known)
        return [event for event in events if isinstance(event, self._types)]


def corrected(events: Iterable[Event], on: Instant, known: Instant | None) -> list[Event]:
    """The events of one stream that hold at T, as corrections recorded by K make them read.

    In order of the instants at which they took effect; corrections themselves are left out.
    """
    recorded = [one for one in events if known is None or one.recorded_at <= known]
    held = {one.event_id: one for one in recorded if not isinstance(one, Corrects)}
    told = {**held}
    for one in sorted(recorded, key=lambda one: (one.recorded_at, one.event_id)):
        if isinstance(one, Corrects) and one.target in told:
            if one.void:
                held.pop(one.target, None)
            elif (replacement := _replacement(told[one.target], one)) is not None:
                held[one.target] = replacement
    return sorted((one for one in held.values() if instant_of(one) <= on), key=_place)


def _replacement(original: Event, correction: Corrects) -> Event | None:
    """The corrected value; None where it is none of this event, which then stays as it is."""
    try:
        value = avro.decode(correction.replacement or b"")
    except Refused:
        return None
    same = ("type", "event_id", "key")
    if any(getattr(value, name) != getattr(original, name) for name in same):
        return None
    # What was recorded when is not the correction's to change.
    return dataclasses.replace(without_texts(value), recorded_at=original.recorded_at)


def instant_of(event: Event) -> Instant:
    """When the event says it happened; one known by its day stands at the day's beginning."""
    if event.effective_is_day:
        return midnight(day_of(event.effective_at))
    return event.effective_at


def _place(event: Event) -> tuple[int, int, int, bytes]:
    return (instant_of(event), event.effect, event.recorded_at, event.event_id)


def without_texts(event: Event) -> Event:
    """The event without its free texts: they are many, and erasable; `Ledger.history` has them."""
    texts: dict[str, Any] = dict.fromkeys(_texts(type(event)))
    return dataclasses.replace(event, **texts) if texts else event


@per_class
def _texts(cls: Any) -> tuple[str, ...]:
    """The free texts that may be absent."""
    hints = get_type_hints(cls)
    return tuple(
        field.name
        for field in dataclasses.fields(cls)
        if {Sealed, type(None)} <= set(get_args(hints[field.name]))
    )
