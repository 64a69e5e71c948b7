"""Given facts, when a command, then these events or this refusal: deciding without any database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from schemas.checks import check
from schemas.event import Event
from schemas.refusal import Reason, Refused
from schemas.times import Instant
from services.batch import stream_of
from services.command import Command
from tests.office import at


class Office:
    """Streams in memory and a clock; what a command says is kept like a ledger keeps it."""

    def __init__(self, *given: Event, now: str = "2020-06-02 08:00") -> None:
        self.streams: dict[str, list[Event]] = {}
        self.now = at(now)
        self.keep(given)

    def keep(self, events: Sequence[Event]) -> None:
        for event in events:
            recorded = event.recorded_at or self.now
            kept = replace(event, recorded_at=Instant(recorded))
            self.streams.setdefault(stream_of(event), []).append(kept)

    def when(self, command: Command, now: str | None = None) -> list[Event]:
        """Decide, check the events by the contract, keep them, and hand them out."""
        if now is not None:
            self.now = at(now)
        seen: dict[str, list[Event]] = {}
        while missing := [s for s in command.streams(seen) if s not in seen]:
            seen |= {stream: self.streams.get(stream, []) for stream in missing}
        events = command.decide(seen, self.now)
        for event in events:
            check(replace(event, source="test"))
        self.keep(events)
        return events

    def says(self, command: Command, now: str | None = None) -> list[str]:
        """The types of the events that follow."""
        return [event.type for event in self.when(command, now)]

    def refuses(self, command: Command, now: str | None = None) -> str:
        """The sentence of the rule that forbids it."""
        return self._refused(command, now).sentence

    def refused_at(self, command: Command, now: str | None = None) -> str:
        """The place that the refusal names."""
        return self._refused(command, now).where

    def _refused(self, command: Command, now: str | None) -> Refused:
        with pytest.raises(Refused) as refused:
            self.when(command, now)
        assert refused.value.reason is Reason.RULE
        return refused.value


def fields(event: Event, *names: str) -> tuple[Any, ...]:
    """Some fields of an event, for comparing."""
    return tuple(getattr(event, name) for name in names)
