"""Figures at positions: what a log says up to given offsets, by the plain fold and plain sums.

It shares with boards the meaning of facts and where units stand (projections.obligation and steps,
schemas.lineage), and nothing else: no engine, cells, frames, series or arrays of a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.log import Log, Record, all_records
from ops.replay import Gathered, Logged
from ops.tree_worlds.batch import NOTHING, Row, path
from projections.growing import Growing
from projections.obligation import derive
from projections.steps import steps
from schemas.measures import MEASURES, Step
from schemas.positions import Positions
from schemas.times import Day, Instant, day_of
from schemas.topics import EVENTS, PROGRAMMES, UNITS

Matrix = NDArray[np.int64]
STEP = np.dtype([("at", "i8"), ("ower", "i4"), ("measure", "i4"), ("sign", "i4")])


class PositionsWentBack(Exception):
    """Positions lie before those that were counted already; `str()` says where."""


class Standing(NamedTuple):
    """The units of one day by number: their codes, the number above each (-1: none), and all
    numbers by how deep they stand, the deepest first."""

    numbers: dict[str, int]
    parent: NDArray[np.int64]
    ranks: list[list[int]]


class Figures:
    """Counts by unit at one instant, in the order of MEASURES; `own` are rows by ower."""

    def __init__(self, owers: dict[str, int], own: Matrix, standing: Standing) -> None:
        self._owers, self._own = owers, own
        self._units = standing.numbers
        self._subtree = np.zeros((len(self._units), len(MEASURES)), np.int64)
        for ower, row in owers.items():
            # What an ower owes that no unit event has established yet is in no total.
            if ower in self._units:
                self._subtree[self._units[ower]] = own[row]
        for rank in standing.ranks[:-1]:
            np.add.at(self._subtree, standing.parent[rank], self._subtree[rank])

    def own(self, unit: str) -> Row:
        """What the unit owes itself."""
        return _row(self._own, self._owers.get(unit))

    def subtree(self, unit: str) -> Row:
        """What the unit and all below it owe, by the tree of the day."""
        return _row(self._subtree, self._units.get(unit))


def _row(rows: Matrix, at: int | None) -> Row:
    return NOTHING if at is None else tuple(rows[at].tolist())


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
    """One walk along a log, from position to position; figures at any instant at each of them."""

    def __init__(self, log: Kept) -> None:
        self._topic_id, self._records = log
        self._taken = dict.fromkeys(self._records, 0)
        self._reached = dict.fromkeys(self._records, 0)
        self._gathered = Gathered()
        self._revision_days = self._gathered.all_programmes().revision_days
        self._counted: dict[str, list[Step]] = {}
        self._owers: dict[str, int] = {}
        # What is taken back is a step the other way round.
        self._steps = Growing(STEP)
        self._standing: dict[Day, Standing] = {}

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
                self._standing.clear()
                if place[0] == PROGRAMMES.name:
                    self._revision_days = self._gathered.all_programmes().revision_days
                    changed.update(self._gathered.facts)
        self._steps.extend(np.array([*self._counted_anew(changed)], STEP))

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

    def _counted_anew(self, obligations: Iterable[str]) -> Iterator[tuple[int, int, int, int]]:
        """What was counted of obligations, taken back, and what holds now."""
        for obligation in obligations:
            life = derive(self._gathered.facts_of(obligation), None, self._revision_days)
            before, now = self._counted.get(obligation, []), list(steps(life))
            self._counted[obligation] = now
            for some, sign in ((before, -1), (now, 1)):
                for step in some:
                    ower = self._owers.setdefault(step.ower, len(self._owers))
                    yield step.at, ower, step.measure, sign * step.sign

    def figures(self, on: Instant) -> Figures:
        """Counts at an instant, own and of all below by the tree of its day."""
        rows = self._steps.rows
        some = rows[rows["at"] <= on]
        own = np.zeros((len(self._owers), len(MEASURES)), np.int64)
        np.add.at(own, (some["ower"], some["measure"]), some["sign"])
        return Figures(self._owers, own, self._standing_on(day_of(on)))

    def _standing_on(self, day: Day) -> Standing:
        if day not in self._standing:
            parent: dict[str, str | None] = {}
            for code, unit in self._gathered.tree().units.items():
                for stand in unit.stands:
                    if stand.day <= day:
                        parent[code] = stand.parent
            numbers = {code: number for number, code in enumerate(parent)}
            ranks: dict[int, list[int]] = {}
            for code, number in numbers.items():
                ranks.setdefault(len(path(parent, code)), []).append(number)
            above = np.array([numbers.get(one or "", -1) for one in parent.values()], np.int64)
            by_depth = [ranks[depth] for depth in sorted(ranks, reverse=True)]
            self._standing[day] = Standing(numbers, above, by_depth)
        return self._standing[day]
