"""What late unit events have restated: worked out once, when they come, and kept from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from projections.readmodel import Outgoing, pack, unpack
from projections.restating_units import is_late_unit, restated_units
from schemas import restatement
from schemas.restatement import Restatement
from schemas.tree import Tree
from schemas.unit_facts import UnitFact

EVENTS_AT_ONCE = 25
"""Most late unit events that are worked out in one go, up to half a second for 10,000 units."""


class Figures(Protocol):
    """The tree of now, and the figures that are counted in it."""

    @property
    def tree(self) -> Tree: ...

    def own_figures(self, units: Sequence[str], days: Iterable[int]) -> Iterable[NDArray[np.int64]]:
        """Own figures of units at the end of each day, one row each."""


class Told(NamedTuple):
    """What is told of unit events up to an offset: (event id, bytes to keep), and messages.

    `more`: others wait behind it.
    """

    end: int
    keep: Sequence[tuple[bytes, bytes]] = ()
    messages: Sequence[Outgoing] = ()
    more: bool = False


class UnitsRestated:
    """The restatements because of unit events. One thread at a time may use it."""

    def __init__(
        self, figures: Figures, message: Callable[[Restatement], Outgoing] | None = None
    ) -> None:
        self._figures = figures
        self._message = message
        self._records: dict[bytes, Sequence[Restatement]] = {}
        self.count = 0
        """How many were told since the process began."""

    def tell(self, first: int | None) -> Told:
        """Of the unit events from an offset on (None: of none that came so far)."""
        tree = self._figures.tree
        if first is None or first >= tree.end:
            return Told(tree.end)
        before = {fact.event_id for at, fact in tree.told if at < first}
        late = sorted(
            (at, fact)
            for at, fact in tree.told
            if at >= first and is_late_unit(fact) and fact.event_id not in before
        )
        now, rest = late[:EVENTS_AT_ONCE], late[EVENTS_AT_ONCE:]
        end = rest[0][0] if rest else tree.end
        found: dict[bytes, list[Restatement]] = {}
        facts = [fact for _, fact in now]
        for one in restated_units(facts, tree, self._figures.own_figures):
            found.setdefault(one.event_id, []).append(one)
        self._records.update(found)
        keep = [
            (event_id, pack((one.unit.encode(), one.encode()) for one in records))
            for event_id, records in found.items()
        ]
        tell = self._message
        messages = [tell(one) for some in found.values() for one in some] if tell else ()
        self.count += len(messages)
        return Told(end, keep, messages, bool(rest))

    def remember(self, kept: bytes) -> None:
        """Take what was kept of one event when it was told."""
        records = [restatement.decode(value) for _, value in unpack(kept)]
        self._records[records[0].event_id] = records

    def all(self) -> Iterator[Sequence[Restatement]]:
        """What was told, event by event, the one recorded last first."""
        yield from sorted(self._records.values(), key=lambda told: -told[0].recorded_at)

    def of(self, event_id: bytes) -> tuple[UnitFact, Sequence[Restatement]] | None:
        """A fact of the tree and what it changed; None where the tree has no such fact.

        What was never told is worked out now, with the figures of now.
        """
        tree = self._figures.tree
        facts = [fact for fact in tree.facts if fact.event_id == event_id]
        if not facts:
            return None
        fact = min(facts, key=lambda one: one.recorded_at)
        if event_id in self._records or not is_late_unit(fact):
            return fact, self._records.get(event_id, ())
        return fact, restated_units([fact], tree, self._figures.own_figures)
