"""A part of the tree on one day: which units it holds, and figures summed over groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.growing import distinct
from projections.ladder import LadderColumns
from projections.sources import Ints
from schemas.board import LADDER as NOTES
from schemas.board import ZERO, Counts, Ladder
from schemas.events.unit import LEVELS, UNIT_KINDS
from schemas.measures import MEASURES
from schemas.tree import DayTree

Matrix = NDArray[np.int64]
_MARKS_EACH = 64
"""Numbers are told apart by marks while there are at most so many possible ones for each."""


class Groups(NamedTuple):
    """A division of the part's units: group i has the key keys[i]; `of` is by preorder place."""

    keys: tuple[str, ...]
    of: Ints


class Seen(NamedTuple):
    """Entries of the ladder: the preorder place of the ower, the document and its note as one."""

    place: Ints
    document: Ints


class Part:
    """The subtree of one unit on one day, and the owers in it.

    `owers` are the numbers of those units that ever owed anything, ascending; `place` is where
    each stands in the part's preorder, whose first is the unit itself.
    """

    def __init__(self, day: DayTree, unit: str, ower_of: Ints) -> None:
        self.day = day
        self.unit = unit
        number = day.number(unit)
        start = int(day.arrays.position[number])
        self.units = day.arrays.order[start : start + int(day.arrays.size[number])]
        owers = ower_of[self.units]
        place = np.flatnonzero(owers >= 0)
        order = np.argsort(owers[place], kind="stable")
        self.place: Ints = place[order]
        self.owers: Ints = owers[self.place].astype(np.int64)

    def levels(self) -> Groups:
        """The part by level, the highest first."""
        return self._by_word(self.day.tree.levels, tuple(reversed(LEVELS)))

    def kinds(self) -> Groups:
        """The part by kind of unit."""
        return self._by_word(self.day.tree.kinds, UNIT_KINDS)

    def children(self) -> Groups:
        """The unit's own, then the subtree of each child."""
        codes = self.day.children(self.unit)
        numbers = [self.day.tree.numbers[code] for code in codes]
        first = self.day.arrays.position[[self.units[0], *numbers]]
        starts = (first - first[0]).astype(np.int64)
        of = np.searchsorted(starts, np.arange(len(self.units)), "right") - 1
        return Groups((self.unit, *codes), of)

    def _by_word(
        self, words: tuple[tuple[str, ...], NDArray[np.int32]], known: Sequence[str]
    ) -> Groups:
        names, of_unit = words
        present = {names[index] for index in distinct(of_unit[self.units]).tolist()}
        keys = (*(k for k in known if k in present), *sorted(present.difference(known)))
        index = np.zeros(len(names), np.int64)
        for at, key in enumerate(keys):
            index[names.index(key)] = at
        return Groups(keys, index[of_unit[self.units]])

    def sums(self, groups: Groups, matrix: Matrix) -> list[Counts]:
        """The matrix (one row per ower) summed by group."""
        totals = dense(matrix, groups.of[self.place], len(groups.keys))
        return [Counts(tuple(row)) for row in totals.tolist()]

    def own(self, matrix: Matrix) -> Counts:
        """The unit's own row."""
        mine = np.flatnonzero(self.place == 0)
        return Counts(tuple(matrix[mine[0]].tolist())) if len(mine) else ZERO

    def total(self, matrix: Matrix) -> Counts:
        """The sum over the part."""
        return Counts(tuple(matrix.sum(axis=0).tolist()))

    def seen(self, columns: LadderColumns) -> Seen:
        """The entries that bear on units of the part."""
        place = self._places(columns.ower)
        inside = np.flatnonzero(place >= 0)
        document = columns.document[inside] * len(NOTES) + columns.note[inside]
        return Seen(place[inside], document)

    def ladder(self, seen: Seen, groups: Groups) -> list[Ladder]:
        """How many documents bear on each group."""
        if not len(seen.place):
            return [Ladder()] * len(groups.keys)
        size = len(groups.keys)
        once = _distinct(seen.document * size + groups.of[seen.place])
        cell = (once % size) * len(NOTES) + once // size % len(NOTES)
        counts = np.bincount(cell, minlength=size * len(NOTES))
        return [Ladder(*row) for row in counts.reshape(-1, len(NOTES)).tolist()]

    def _places(self, owers: Ints) -> Ints:
        """Where each ower stands in the preorder; -1 outside the part."""
        if not len(self.owers):
            return np.full(len(owers), -1, np.int64)
        at = np.minimum(np.searchsorted(self.owers, owers), len(self.owers) - 1)
        places: Ints = np.where(self.owers[at] == owers, self.place[at], -1)
        return places

    def whole(self) -> Groups:
        """One group of all."""
        return Groups((self.unit,), np.zeros(len(self.units), np.int64))

    def alone(self) -> Groups:
        """The unit itself, and the rest."""
        of = np.ones(len(self.units), np.int64)
        of[0] = 0
        return Groups((self.unit, ""), of)


def dense(rows: Any, place: Ints, size: int) -> Matrix:
    """Rows added up by place."""
    out = np.zeros((size, len(MEASURES)), np.int64)
    if not len(place):
        return out
    if (place[1:] < place[:-1]).any():
        # Short integers are sorted by radix, which is many times faster.
        short = place.astype(np.uint16) if size <= 1 << 16 else place
        order = np.argsort(short, kind="stable")
        place, rows = place[order], rows[order]
    first = np.flatnonzero(np.diff(place, prepend=-1))
    out[place[first]] = np.add.reduceat(rows, first, axis=0, dtype=np.int64)
    return out


def _distinct(numbers: Ints) -> Ints:
    """The distinct ones of many small numbers that are not below 0."""
    possible = int(numbers.max()) + 1
    if possible > _MARKS_EACH * len(numbers):
        return distinct(numbers)
    marked = np.zeros(possible, np.bool_)
    marked[numbers] = True
    return np.flatnonzero(marked)
