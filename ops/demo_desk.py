"""The desks of the demo: whoever decides by hand decides by the write side's own commands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from ops.simulate_desk import DESK_MS, DESK_OPENS_MS, SOURCE
from projections.register import corrected
from schemas.event import Event
from schemas.times import Day, Instant, midnight
from services.batch import stream_of
from services.command import Command


class Desks:
    """Decides commands on what was told, as the ledger would; `decided` is what came of it."""

    def __init__(self, told: Iterable[Event] = ()) -> None:
        self.decided: list[Event] = []
        self._streams: dict[str, list[Event]] = defaultdict(list)
        for event in told:
            self.know(event)

    def know(self, event: Event) -> None:
        """Somebody else recorded this."""
        self._streams[stream_of(event)].append(event)

    def history(self, stream: str, until: Instant | None = None) -> list[Event]:
        """What a stream holds, or held at an instant."""
        found = self._streams.get(stream, [])
        return [one for one in found if until is None or one.recorded_at <= until]

    def held(self, stream: str, at: Instant) -> list[Event]:
        """What holds of a stream at an instant as known then, corrections applied."""
        return corrected(self.history(stream), at, at)

    def decide(self, command: Command, at: Instant) -> list[Event]:
        """The events of a command given at an instant. Raises Refused by a rule."""
        seen: dict[str, list[Event]] = {}
        while missing := [one for one in command.streams(seen) if one not in seen]:
            seen |= {one: self.history(one, at) for one in missing}
        found = [
            replace(event, source=SOURCE, recorded_at=at) for event in command.decide(seen, at)
        ]
        for event in found:
            self.know(event)
        self.decided += found
        return found


def at_noon(on: Day) -> Instant:
    """The middle of that day's office hours."""
    return Instant(midnight(on) + DESK_OPENS_MS + DESK_MS // 2)
