"""Reasons: which units came to a unit or left it, by which event, and what each accounts for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.ask import Ask
from projections.part import Matrix
from projections.view import View, view_of
from schemas.board import Counts
from schemas.measures import MEASURES
from schemas.times import Day, Instant, day_of, format_day
from schemas.tree import DayTree, Tree
from schemas.unit_facts import WORDS

CAME, LEFT, PREDECESSOR = DIRECTIONS = ("came", "left", "predecessor")
"""A unit stands in the other view and not in the tree of the day; the reverse; or as part of a
predecessor's past."""

Mask = NDArray[np.bool_]


class Why(NamedTuple):
    """What happened: on the day the unit came to stand elsewhere, with all below it."""

    direction: str
    on: Day
    unit: str


class Cause(NamedTuple):
    """Why units are in one view and not in the other, and what they account for, with its sign."""

    why: Why
    what: str
    name: str
    above_before: str | None
    above: str | None
    event_id: str | None
    inferred: bool
    units: int
    counts: Counts

    def plain(self) -> dict[str, Any]:
        """As in JSON. `units` are those below it that account for anything."""
        return {
            "direction": self.why.direction,
            "on": format_day(self.why.on),
            "what": self.what,
            "unit": self.why.unit,
            "name": self.name,
            "from": self.above_before,
            "to": self.above,
            "event_id": self.event_id,
            "inferred": self.inferred,
            "units": self.units,
            "counts": nonzero(self.counts),
        }


class Reasons:
    """The comings and goings of one unit from a day until today, by one tree of units."""

    def __init__(self, tree: Tree, unit: str, first: Day, now: Instant) -> None:
        self.now = now
        self._tree = tree
        self._unit = unit
        self._first = first
        self._today = tree.at(day_of(now))
        self._here = self._inside(self._today)
        self._last = self._last_changes()
        self._found: dict[int, Why] = {}
        lineage = tree.lineage(unit, self._today.day)
        self._heads = (unit, *(one.unit for one in lineage if one.counted))

    def of(self, on: Instant, tree: str, own: Matrix) -> list[Cause]:
        """Why the unit's figures at T differ in another view (ask.TREES) from those of the day.

        `own` are the own figures at T by unit number. Units that had nothing account for nothing.
        """
        day = self._tree.at(day_of(on))
        then = self._inside(day)
        view = view_of(self._tree, self._unit, Ask(on=on, tree=tree), self.now)
        there = self._below(view.day, view.heads)
        groups: dict[Why, list[int]] = {}
        for number in np.flatnonzero((then != there) & own.any(axis=1)).tolist():
            why = self._why(number) if tree == "now" else self._end(view, number)
            groups.setdefault(why, []).append(number)
        return [
            self._cause(why, own[numbers].sum(axis=0), len(numbers))
            for why, numbers in sorted(groups.items(), key=lambda one: one[0][1:])
        ]

    def touched(self) -> dict[Day, int]:
        """The days on which units of this one, or of its predecessors, moved or ended: how many."""
        by_day: dict[Day, list[int]] = {}
        for on, code in self._tree.changes:
            if self._first <= on <= self._today.day and self._tree.units[code].established != on:
                by_day.setdefault(on, []).append(self._tree.numbers[code])
        found: dict[Day, int] = {}
        for on, numbers in by_day.items():
            before, after = self._tree.at(Day(on - 1)), self._tree.at(on)
            mine = self._below(before, self._heads) | self._inside(after)
            if mine[numbers].any():
                found[on] = int(mine[numbers].sum())
        return found

    def _inside(self, day: DayTree) -> Mask:
        """By unit number whether it stands in the unit's subtree."""
        return self._below(day, (self._unit,))

    def _below(self, day: DayTree, heads: tuple[str, ...]) -> Mask:
        inside = np.zeros(len(self._tree.codes), np.bool_)
        for number in (day.number(head) for head in heads if head in day):
            start = int(day.arrays.position[number])
            inside[day.arrays.order[start : start + int(day.arrays.size[number])]] = True
        return inside

    def _last_changes(self) -> NDArray[np.int64]:
        """By unit number the last day since which it is inside, or outside, as it is today."""
        last = np.full(len(self._tree.codes), self._first, np.int64)
        before = self._inside(self._tree.at(Day(self._first - 1)))
        for on in self._tree.days:
            if self._first <= on <= self._today.day:
                after = self._inside(self._tree.at(on))
                last[after != before] = on
                before = after
        return last

    def _why(self, number: int) -> Why:
        if number not in self._found:
            self._found[number] = self._find(number)
        return self._found[number]

    def _find(self, number: int) -> Why:
        """The outermost unit that came, or went, with this one on the last day when it did."""
        on = Day(int(self._last[number]))
        before, after = self._tree.at(Day(on - 1)), self._tree.at(on)
        came = bool(self._here[number])
        code, new, old = self._tree.codes[number], after, before
        if not came:
            new, old = before, after
        path = new.path(code)
        inside = self._inside(old)
        for one in path[path.index(self._unit) + 1 :]:
            # Who was established on that day came with nothing: what came is further down.
            if one in old and not inside[self._tree.numbers[one]]:
                return Why(CAME if came else LEFT, on, one)
        return Why(CAME if came else LEFT, on, code)

    def _end(self, view: View, number: int) -> Why:
        """The end of the predecessor under which the unit stands on the day."""
        heads = {one.unit: one for one in view.lineage if one.counted}
        code = next(c for c in reversed(view.day.path(self._tree.codes[number])) if c in heads)
        return Why(PREDECESSOR, heads[code].closed, code)

    def _cause(self, why: Why, sums: NDArray[np.int64], units: int) -> Cause:
        before, after = self._tree.at(Day(why.on - 1)), self._tree.at(why.on)
        fact = self._tree.cause(why.unit, why.on)
        history = self._tree.units[why.unit]
        counts = Counts(tuple(sums.tolist()))
        return Cause(
            why=why,
            what="followed" if fact is None else WORDS[fact.what],
            name=before.name(why.unit),
            above_before=before.parent(why.unit) if why.unit in before else None,
            above=after.parent(why.unit) if why.unit in after else None,
            event_id=None if fact is None else fact.event_id.hex(),
            inferred=why.direction == PREDECESSOR and len(set(history.successors)) > 1,
            units=units,
            counts=-counts if why.direction == LEFT else counts,
        )


def nonzero(counts: Counts) -> dict[str, int]:
    """The measures that differ from 0."""
    return {name: n for name, n in zip(MEASURES, counts.values, strict=True) if n}
