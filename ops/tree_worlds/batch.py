"""The batch: every figure anew by plain sums, from the reference fold and a walk up the parents.

It shares with the live way only the meaning of facts (projections.obligation, projections.steps,
schemas.lineage): no engine, cells, frames, series, arrays of a tree or parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from projections.facts import fact_of
from projections.life import LadderDocument
from projections.obligation import derive
from projections.steps import steps
from schemas.event import Event
from schemas.measures import MEASURES, Step
from schemas.times import Day, Instant
from schemas.tree import Tree
from schemas.unit_facts import UnitFact, unit_fact
from schemas.unit_history import Stand

REVISION_DAYS: dict[str | None, int | None] = {"p": 5}
"""Programme -> days for a revision where a return names none."""
NOTES = ("urged", "reminded", "criticised")

Row = tuple[int, ...]
NOTHING: Row = (0,) * len(MEASURES)


class Figure(NamedTuple):
    """One group of units: a count by measure, and how many documents of each rung."""

    counts: Row
    ladder: Row


ZERO = Figure(NOTHING, (0,) * len(NOTES))


class Expected(NamedTuple):
    """What the boards of one instant must say by the tree of one day.

    `parent` are the units that stand; `waiting` what is owed by owers that do not.
    """

    parent: dict[str, str | None]
    closed: frozenset[str]
    own: dict[str, Figure]
    subtree: dict[str, Figure]
    waiting: dict[str, Row]


class Batch:
    """Events of units and duties, in any order and with repeats, as known at K (None: all)."""

    def __init__(self, told: Iterable[Event], known: Instant | None = None) -> None:
        units: list[UnitFact] = []
        by_obligation: dict[str, dict[bytes, Event]] = defaultdict(dict)
        for event in told:
            if event.obligation is None:
                fact = unit_fact(event)
                if fact is not None and (known is None or fact.recorded_at <= known):
                    units.append(fact)
            else:
                by_obligation[event.obligation][event_key(event)] = event
        self.histories = Tree.of(enumerate(units)).units
        self._steps: list[Step] = []
        self._documents: list[LadderDocument] = []
        for events in by_obligation.values():
            facts = [fact_of(event) for event in events.values()]
            life = derive(facts, known, REVISION_DAYS.get)
            self._steps += steps(life)
            self._documents += life.ladder

    @property
    def root(self) -> str | None:
        """The unit that holds all others; None while there is none."""
        return next(
            (c for c, unit in self.histories.items() if unit.stands[0].parent is None), None
        )

    def stand(self, unit: str, day: Day) -> Stand | None:
        """Where the unit stands on a day; None before its establishment."""
        last = None
        for stand in self.histories[unit].stands:
            if stand.day <= day:
                last = stand
        return last

    def expected(self, on: Instant, by_tree_of: Day) -> Expected:
        """The figures at an instant by the tree of a day."""
        stands = {
            unit: stand
            for unit in self.histories
            if (stand := self.stand(unit, by_tree_of)) is not None
        }
        parent = {unit: stand.parent for unit, stand in stands.items()}
        own = self._own(on)
        documents = self._own_documents(on)
        below: dict[str, list[str]] = {unit: [] for unit in parent}
        for unit in parent:
            for upper in path(parent, unit):
                below[upper].append(unit)
        return Expected(
            parent=parent,
            closed=frozenset(unit for unit, stand in stands.items() if stand.closed),
            own={unit: _figure([unit], own, documents) for unit in parent},
            subtree={unit: _figure(units, own, documents) for unit, units in below.items()},
            waiting={ower: row for ower, row in own.items() if ower not in parent and any(row)},
        )

    def total(self, on: Instant) -> Row:
        """The sum over all owers, wherever they stand, or nowhere."""
        return added(self._own(on).values())

    def _own(self, on: Instant) -> dict[str, Row]:
        sums: dict[str, list[int]] = {}
        for step in self._steps:
            if step.at <= on:
                row = sums.setdefault(step.ower, [0] * len(MEASURES))
                row[step.measure] += step.sign
        return {ower: tuple(row) for ower, row in sums.items()}

    def _own_documents(self, on: Instant) -> dict[str, set[tuple[str, bytes]]]:
        found: dict[str, set[tuple[str, bytes]]] = {}
        for told in self._documents:
            if told.at <= on:
                found.setdefault(told.ower, set()).add((told.note, told.document))
        return found


def event_key(event: Event) -> bytes:
    """What is the same for the same event delivered twice, and no other."""
    return event.event_id + event.recorded_at.to_bytes(8, "big") + event.by.encode()


def path(parent: dict[str, str | None], unit: str) -> list[str]:
    """The unit and all above it. Raises RecursionError where they stand in a circle."""
    found: list[str] = []
    at: str | None = unit
    while at is not None:
        if at in found:
            raise RecursionError(f"{unit} stands in a circle")
        found.append(at)
        at = parent[at]
    return found


def added(rows: Iterable[Row]) -> Row:
    """The sum of rows of counts."""
    return tuple(map(sum, zip(NOTHING, *rows, strict=True)))


def _figure(
    units: list[str], own: dict[str, Row], documents: dict[str, set[tuple[str, bytes]]]
) -> Figure:
    counts = [own[unit] for unit in units if unit in own]
    told: set[tuple[str, bytes]] = set()
    for unit in units:
        told |= documents.get(unit, set())
    if not counts and not told:
        return ZERO
    return Figure(added(counts), tuple(sum(note == of for of, _ in told) for note in NOTES))
