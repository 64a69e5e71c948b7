"""A part of the tree on one day: which units it holds, and figures summed over groups of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.growing import distinct
from projections.ladder import LadderColumns
from projections.sources import Ints
from schemas.board import ZERO, Counts, Ladder
from schemas.board_schema import LADDER as NOTES
from schemas.events.unit import LEVELS, UNIT_KINDS
from schemas.tree import DayTree

Matrix = NDArray[np.int64]
Numbers = NDArray[np.integer[Any]]
_MARKS_EACH = 64
"""Numbers are told apart by marks while there are at most so many possible ones for each."""
_TABLE_EACH = 8
"""Places are looked up in a table while that has at most so many rows for each."""


class Groups(NamedTuple):
    """A division of the part's units: group i has the key keys[i]; `of` is by place."""

    keys: tuple[str, ...]
    of: Ints


class Seen(NamedTuple):
    """Entries of the ladder: the place of the ower, the document and its note as one."""

    place: Ints
    document: Ints


class Part:
    """Some units of one day, and the owers among them.

    `units` are the numbers of the units; a place is an index in them. `owers` are the numbers of
    those that ever owed anything, ascending; `place` is where each stands. What the heads owe
    themselves is the part's own, shown under `unit`: of a subtree that is its only head.
    """

    def __init__(
        self, day: DayTree, unit: str, units: Numbers, ower_of: Ints, heads: Sequence[str] = ()
    ) -> None:
        self.day = day
        self.unit = unit
        self.units = units
        self._heads = frozenset(heads)
        # The only head of a part that is one subtree stands first.
        self._tops = np.zeros(1, np.int64)
        if len(heads) != 1:
            numbers = [day.tree.numbers[code] for code in heads]
            self._tops = np.flatnonzero(np.isin(units, numbers))
        owers = ower_of[self.units]
        place = np.flatnonzero(owers >= 0)
        order = np.argsort(owers[place], kind="stable")
        self.place: Ints = place[order]
        self.owers: Ints = owers[self.place].astype(np.int64)

    @classmethod
    def below(cls, day: DayTree, unit: str, heads: Sequence[str], ower_of: Ints) -> Part:
        """The heads, of which there is one, and all that stands below them, each unit once."""
        return cls(day, unit, units_below(day, heads), ower_of, heads)

    @classmethod
    def all(cls, day: DayTree, unit: str, ower_of: Ints) -> Part:
        """Every unit that ever stood, also those that do not stand on the day; nobody is head."""
        return cls(day, unit, np.arange(len(day.tree.codes)), ower_of)

    def levels(self) -> Groups:
        """The part by level, the highest first."""
        return self._by_word(self.day.tree.levels, tuple(reversed(LEVELS)))

    def kinds(self) -> Groups:
        """The part by kind of unit."""
        return self._by_word(self.day.tree.kinds, UNIT_KINDS)

    def children(self) -> Groups:
        """The heads' own, then the subtree of each unit right below one of them."""
        day, heads = self.day, self._heads
        if heads != {self.unit}:
            return self._walked(lambda code, above: code if above in heads else None)
        codes = day.children(self.unit)
        numbers = [day.tree.numbers[code] for code in codes]
        first = day.arrays.position[[self.units[0], *numbers]]
        starts = (first - first[0]).astype(np.int64)
        of = np.searchsorted(starts, np.arange(len(self.units)), "right") - 1
        return Groups((self.unit, *codes), of)

    def pasts(self) -> Groups:
        """What stands under the unit, and under each other head, and not under one further down."""
        return self._walked(lambda code, above: None, heads_apart=True)

    def _walked(
        self, begins: Callable[[str, str | None], str | None], *, heads_apart: bool = False
    ) -> Groups:
        """A group begins where a name of one is given for (unit, the unit above), and at heads.

        Heads are in the first group, or each in its own. Other units follow the unit above them.
        """
        keys = {self.unit: 0}
        codes, parent = self.day.tree.codes, self.day.arrays.parent.tolist()
        of: dict[int, int] = {}
        for number in self.units.tolist():
            code, above = codes[number], parent[number]
            if code in self._heads:
                key = code if heads_apart else self.unit
            else:
                key = begins(code, codes[above] if above >= 0 else None)
            of[number] = of.get(above, 0) if key is None else keys.setdefault(key, len(keys))
        return Groups(tuple(keys), np.fromiter(of.values(), np.int64, len(of)))

    def _by_word(
        self, words: tuple[tuple[str, ...], NDArray[np.int32]], known: Sequence[str]
    ) -> Groups:
        names, of_unit = words
        keys = in_order((names[at] for at in distinct(of_unit[self.units]).tolist()), known)
        index = np.zeros(len(names), np.int64)
        for at, key in enumerate(keys):
            index[names.index(key)] = at
        return Groups(keys, index[of_unit[self.units]])

    def sums(self, groups: Groups, matrix: Matrix) -> list[Counts]:
        """The matrix (one row per ower) summed by group."""
        totals = dense(matrix, groups.of[self.place], len(groups.keys))
        return [Counts(tuple(row)) for row in totals.tolist()]

    def own(self, matrix: Matrix) -> Counts:
        """The heads' own rows."""
        mine = self.place == 0 if len(self._tops) == 1 else np.isin(self.place, self._tops)
        rows = matrix[mine]
        return Counts(tuple(rows.sum(axis=0).tolist())) if len(rows) else ZERO

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
        counts = documents(seen.document, groups.of[seen.place], len(groups.keys))
        return [Ladder(*row) for row in counts.tolist()]

    def _places(self, owers: Ints) -> Ints:
        """The place of each ower; -1 outside the part."""
        if not len(self.owers):
            return np.full(len(owers), -1, np.int64)
        possible = int(self.owers[-1]) + 1
        if possible < _TABLE_EACH * len(owers):
            # Many are looked up in a table, which is several times as fast.
            table = np.full(possible + 1, -1, np.int64)
            table[self.owers] = self.place
            return table[np.minimum(owers, possible)]
        at = np.minimum(np.searchsorted(self.owers, owers), len(self.owers) - 1)
        places: Ints = np.where(self.owers[at] == owers, self.place[at], -1)
        return places

    def whole(self) -> Groups:
        """One group of all."""
        return Groups((self.unit,), np.zeros(len(self.units), np.int64))

    def alone(self) -> Groups:
        """The heads themselves, and the rest."""
        of = np.ones(len(self.units), np.int64)
        of[self._tops] = 0
        return Groups((self.unit, ""), of)


def units_below(day: DayTree, heads: Iterable[str]) -> Numbers:
    """The numbers of the heads, of which there is one, and of all below them, each once."""
    position, size, order = day.arrays.position, day.arrays.size, day.arrays.order
    pieces, end = [], 0
    for start, number in sorted((int(position[n]), n) for n in map(day.number, heads)):
        if start >= end:
            end = start + int(size[number])
            pieces.append(order[start:end])
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def dense(rows: Any, place: Ints, size: int) -> Matrix:
    """Rows added up by place."""
    out = np.zeros((size, rows.shape[1]), np.int64)
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


def documents(document: Ints, group: Ints, size: int) -> Matrix:
    """How many documents of each note (see Seen) bear on each of `size` groups, each once."""
    if not len(document):
        return np.zeros((size, len(NOTES)), np.int64)
    once = _distinct(document * size + group)
    cell = (once % size) * len(NOTES) + once // size % len(NOTES)
    return np.bincount(cell, minlength=size * len(NOTES)).reshape(-1, len(NOTES))


def in_order(words: Iterable[str], known: Sequence[str]) -> tuple[str, ...]:
    """Known words in their order, then the others in that of their letters."""
    present = set(words)
    return (*(word for word in known if word in present), *sorted(present.difference(known)))


def _distinct(numbers: Ints) -> Ints:
    """The distinct ones of many small numbers that are not below 0."""
    possible = int(numbers.max()) + 1
    if possible > _MARKS_EACH * len(numbers):
        return distinct(numbers)
    marked = np.zeros(possible, np.bool_)
    marked[numbers] = True
    return np.flatnonzero(marked)
