"""Figures at positions: what a log says up to given offsets, by the plain fold and plain sums.

It shares with boards the meaning of facts and where units stand (projections.obligation and steps,
schemas.lineage), and nothing else: no engine, cells, frames, series or arrays of a tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.log import Log, Record, all_records
from ops.replay import Gathered, Logged
from ops.tree_worlds.batch import Row, path
from projections.obligation import derive
from projections.steps import steps
from schemas.measures import MEASURES, Step
from schemas.positions import Positions
from schemas.times import Day, Instant, day_of
from schemas.topics import EVENTS, PROGRAMMES, UNITS

Sums = dict[str, NDArray[np.int64]]


class PositionsWentBack(Exception):
    """Positions lie before those that were counted already; `str()` says where."""


class Figures(NamedTuple):
    """Counts by unit, in the order of MEASURES; units without any are left out."""

    own: dict[str, Row]
    subtree: dict[str, Row]


class Kept(NamedTuple):
    """The topics that boards rest on, read whole: by topic and partition; the id of `events`."""

    topic_id: str
    records: dict[tuple[str, int], list[Record]]


def kept(log: Log, prefix: str) -> Kept:
    """What is on the log now."""
    records = {
        (topic.name, number): [*all_records(log, topic.full(prefix), number, start, end)]
        for topic in (UNITS, PROGRAMMES, EVENTS)
        for number, (start, end) in enumerate(log.ends(topic.full(prefix)))
    }
    return Kept(log.topic_id(EVENTS.full(prefix)), records)


class AtPositions:
    """One walk along a log, from position to position; figures at any instant between two."""

    def __init__(self, log: Kept, first: Instant, last: Instant) -> None:
        """No instant asked for lies before `first` or after `last`."""
        self._topic_id, self._records = log
        self._first, self._last = first, last
        self._taken = dict.fromkeys(self._records, 0)
        self._reached = dict.fromkeys(self._records, 0)
        self._gathered = Gathered()
        self._revision_days = self._gathered.all_programmes().revision_days
        self._steps: dict[str, list[Step]] = {}
        self._before: Sums = {}
        # What happens between the first and the last instant, told apart by when.
        self._between: Counter[tuple[int, str, int]] = Counter()
        self._parents: dict[Day, dict[str, str | None]] = {}

    def move(self, positions: Positions) -> None:
        """Count all that lies before these positions.

        Raises PositionsWentBack where some of it was not to be counted before.
        """
        offsets = positions.events.get(self._topic_id, ())
        places = {(EVENTS.name, number): offset for number, offset in enumerate(offsets)}
        places[UNITS.name, 0], places[PROGRAMMES.name, 0] = positions.units, positions.programmes
        for place, reached in self._reached.items():
            if places.get(place, 0) < reached:
                text = f"{place[0]}/{place[1]} was at {reached}, now at {places.get(place, 0)}"
                raise PositionsWentBack(text)
        changed: set[str] = set()
        for place, offset in places.items():
            keys = [key.decode() for record in self._until(place, offset) if (key := record.key)]
            if place[0] == EVENTS.name:
                changed.update(keys)
            elif keys:
                self._parents.clear()
                if place[0] == PROGRAMMES.name:
                    self._revision_days = self._gathered.all_programmes().revision_days
                    changed.update(self._gathered.facts)
        for obligation in changed:
            self._count(obligation)

    def _until(self, place: tuple[str, int], offset: int) -> list[Record]:
        """Take the records of a partition up to an offset, each once."""
        records, start = self._records[place], self._taken[place]
        end = start
        while end < len(records) and records[end].offset < offset:
            record = records[end]
            said = f"{place[0]}/{place[1]}/{record.offset}"
            self._gathered.take(Logged(place[0], record.key, record.value, said))
            end += 1
        self._taken[place], self._reached[place] = end, offset
        return records[start:end]

    def _count(self, obligation: str) -> None:
        """Take out what was counted of an obligation, and put in what holds now."""
        life = derive(self._gathered.facts_of(obligation), None, self._revision_days)
        self._enter(self._steps.get(obligation, ()), -1)
        self._steps[obligation] = [step for step in steps(life) if step.at <= self._last]
        self._enter(self._steps[obligation], 1)

    def _enter(self, found: Iterable[Step], sign: int) -> None:
        for step in found:
            if step.at <= self._first:
                row = self._before.setdefault(step.ower, np.zeros(len(MEASURES), np.int64))
                row[step.measure] += sign * step.sign
            else:
                self._between[step.at, step.ower, step.measure] += sign * step.sign

    def figures(self, on: Instant) -> Figures:
        """Counts at an instant, own and of all below by the tree of its day.

        What an ower owes that no unit event has established yet is in no total.
        """
        own: Sums = {unit: row.copy() for unit, row in self._before.items()}
        for (at, unit, measure), count in self._between.items():
            if at <= on and count:
                own.setdefault(unit, np.zeros(len(MEASURES), np.int64))[measure] += count
        parent = self._parents_on(day_of(on))
        subtree: Sums = {}
        for unit, row in own.items():
            for upper in path(parent, unit) if unit in parent else ():
                subtree.setdefault(upper, np.zeros(len(MEASURES), np.int64))[:] += row
        return Figures(_rows(own), _rows(subtree))

    def _parents_on(self, day: Day) -> dict[str, str | None]:
        """The units that stand on a day, each with the one above it."""
        if day not in self._parents:
            found: dict[str, str | None] = {}
            for code, unit in self._gathered.tree().units.items():
                for stand in unit.stands:
                    if stand.day <= day:
                        found[code] = stand.parent
            self._parents[day] = found
        return self._parents[day]


def _rows(sums: Sums) -> dict[str, Row]:
    return {unit: tuple(row.tolist()) for unit, row in sums.items()}
