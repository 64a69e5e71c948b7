"""The country as it was meant: dictionaries and the events that hold, one day after the other.

Written apart from schemas.lineage, and without its disputes, authority and waiting: whoever plans
a world knows which events hold. The two must agree on every day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from schemas.event import Event
from schemas.events.unit import (
    UnitDissolved,
    UnitEstablished,
    UnitLevelEnded,
    UnitMerged,
    UnitMoved,
    UnitSplit,
)


class Standing(NamedTuple):
    """Who stood under whom at the end of a day (the root under None), and who had ended."""

    parent: dict[str, str | None]
    closed: frozenset[str]


class Country:
    """The units of a world on the day that was read last."""

    def __init__(self) -> None:
        self.parent: dict[str, str | None] = {}
        self.level: dict[str, str] = {}
        self.successors: dict[str, tuple[str, ...]] = {}
        self.closed: dict[str, type[Event]] = {}
        self.ended_levels: list[tuple[str, str]] = []
        """(unit, level): below the unit no other of the level stands open any more."""
        self._divided: list[str] = []

    def read(self, events: Sequence[Event]) -> None:
        """The events of one day that hold; of two about one unit the later recorded one alone."""
        told = sorted(events, key=lambda event: (event.recorded_at, event.event_id))
        for founded in _of(told, UnitEstablished):
            self.parent[founded.unit] = founded.parent
            self.level[founded.unit] = founded.level
        for moved in _of(told, UnitMoved):
            self.parent[moved.unit] = moved.parent
        # Of one day and one rank, mergers are read before divisions and dissolutions.
        for merged in _of(told, UnitMerged):
            self.closed[merged.unit] = UnitMerged
            self.successors[merged.unit] = (merged.into,)
            self.parent[merged.unit] = merged.into
        for divided in (*_of(told, UnitSplit), *_of(told, UnitDissolved)):
            self.closed[divided.unit] = type(divided)
            into = divided.into if isinstance(divided, UnitSplit) else divided.successors
            self.successors[divided.unit] = into
            if into:
                self._divided.append(divided.unit)
        self._hang_divided()
        for ended in _of(told, UnitLevelEnded):
            self.ended_levels.append((ended.unit, ended.level))
        self._end_levels()

    def standing(self) -> Standing:
        """How things are now."""
        return Standing(dict(self.parent), frozenset(self.closed))

    def path(self, unit: str | None) -> list[str]:
        """The unit, the one above it, and so on up to the root."""
        found = []
        while unit is not None:
            found.append(unit)
            unit = self.parent[unit]
        return found

    def holds(self, upper: str, lower: str) -> bool:
        """Whether `lower` is `upper` or below it."""
        return upper in self.path(lower)

    def open(self) -> list[str]:
        """The units that have not ended."""
        return [unit for unit in self.parent if unit not in self.closed]

    def level_has_ended(self, level: str, parent: str) -> bool:
        """Whether no unit of the level may stand under the parent any more."""
        return any(
            gone == level and self.holds(inside, parent) for inside, gone in self.ended_levels
        )

    def above(self, unit: str, passing: set[str]) -> str:
        """The lowest unit above that is none of these."""
        return next(upper for upper in self.path(unit)[1:] if upper not in passing)

    def _hang_divided(self) -> None:
        """What was divided hangs under the lowest unit that holds all its successors.

        Again and again, for one of them may stand on the way up from another's successors.
        """
        for unit in self._divided * len(self._divided):
            paths = [self.path(successor) for successor in self.successors[unit]]
            shared = [upper for upper in paths[0] if all(upper in path for path in paths)]
            self.parent[unit] = next(upper for upper in shared if unit not in self.path(upper))

    def _end_levels(self) -> None:
        gone = [
            unit
            for unit in self.open()
            for inside, level in self.ended_levels
            if self.level[unit] == level and inside in self.path(unit)[1:]
        ]
        if not gone:
            return
        self.closed |= dict.fromkeys(gone, UnitLevelEnded)
        of_levels = {unit for unit, how in self.closed.items() if how is UnitLevelEnded}
        goals = {unit: self.above(unit, set(self.closed)) for unit in gone}
        goals |= {
            unit: self.above(unit, of_levels) for unit in self.open() if self.parent[unit] in gone
        }
        self.parent |= goals
        self._hang_divided()


def _of(events: Sequence[Event], cls: Any) -> Iterator[Any]:
    return (event for event in events if isinstance(event, cls))
