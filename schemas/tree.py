"""The unit tree over time: ask it for a day, get who stood under whom on that day."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.lineage import Conflict, Lineage, UnitHistory
from schemas.times import Day, Instant
from schemas.unit_facts import UnitFact, in_order

STRUCTURES_KEPT = 128
"""Most days of change whose arrays are kept; the others are made again (milliseconds)."""
ABSENT = -2
"""In `Structure.parent`: the unit does not stand on this day. The root has -1."""

Ints = NDArray[np.int32]


class Structure(NamedTuple):
    """Arrays of one stretch of days without change, by unit number (Tree.codes).

    `order` lists the standing units with parents before children and every subtree in one piece;
    a unit's subtree is order[position : position + size].
    """

    parent: Ints
    closed: NDArray[np.bool_]
    order: Ints
    position: Ints
    size: Ints


class DayTree:
    """The tree of one day. Cheap: the arrays are shared by all days without change between."""

    def __init__(self, tree: Tree, day: Day, structure: Structure) -> None:
        self.tree = tree
        self.day = day
        self.arrays = structure

    def __contains__(self, unit: str) -> bool:
        number = self.tree.numbers.get(unit)
        return number is not None and self.arrays.parent[number] != ABSENT

    def __len__(self) -> int:
        return len(self.arrays.order)

    @property
    def version(self) -> int:
        """Offset + 1 of the last unit event applied."""
        return self.tree.version

    @property
    def root(self) -> str | None:
        """The unit that holds all others; None while nobody stands."""
        order = self.arrays.order
        return self.tree.codes[order[0]] if len(order) else None

    @property
    def preorder(self) -> tuple[str, ...]:
        """All units that stand, each before its children, children by their codes."""
        return self._codes(self.arrays.order)

    def number(self, unit: str) -> int:
        """The unit's index in the arrays. Raises KeyError where it does not stand."""
        if unit not in self:
            raise KeyError(unit)
        return self.tree.numbers[unit]

    def parent(self, unit: str) -> str | None:
        """The unit above; None for the root. Raises KeyError where the unit does not stand."""
        parent = int(self.arrays.parent[self.number(unit)])
        return None if parent < 0 else self.tree.codes[parent]

    def children(self, unit: str) -> tuple[str, ...]:
        """The units right below, by their codes."""
        number = self.number(unit)
        below = self._subtree(number)
        return self._codes(below[self.arrays.parent[below] == number])

    def subtree(self, unit: str) -> tuple[str, ...]:
        """The unit and all below it, in preorder."""
        return self._codes(self._subtree(self.number(unit)))

    def path(self, unit: str) -> tuple[str, ...]:
        """From the root down to the unit, both included."""
        number, path = self.number(unit), []
        while number >= 0:
            path.append(self.tree.codes[number])
            number = int(self.arrays.parent[number])
        return tuple(reversed(path))

    def holds(self, upper: str, lower: str) -> bool:
        """Whether `lower` is `upper` or stands below it."""
        first, number = self.number(upper), self.number(lower)
        start = self.arrays.position[first]
        return bool(start <= self.arrays.position[number] < start + self.arrays.size[first])

    def level(self, unit: str) -> str:
        """commune, district, province or centre."""
        return self.tree.units[unit].level

    def kind(self, unit: str) -> str:
        """The kind of unit, such as people_committee."""
        return self.tree.units[unit].kind

    def closed(self, unit: str) -> bool:
        """Whether the unit has ended and only its past hangs here."""
        return bool(self.arrays.closed[self.number(unit)])

    def name(self, unit: str) -> str:
        """The name that the unit bears on this day; before its establishment, its first one."""
        return self.tree.name(unit, self.day)

    def _subtree(self, number: int) -> Ints:
        start = int(self.arrays.position[number])
        return self.arrays.order[start : start + int(self.arrays.size[number])]

    def _codes(self, numbers: Ints) -> tuple[str, ...]:
        codes = self.tree.codes
        return tuple(codes[number] for number in numbers.tolist())


class Tree:
    """All units through time, as the given facts tell it; immutable.

    `codes` are all units that ever stood, sorted; a unit's number is its place there.
    """

    def __init__(self, facts: dict[int, UnitFact], known: Instant | None = None) -> None:
        self._facts = facts
        self.known = known
        seen = [at for at, fact in facts.items() if known is None or fact.recorded_at <= known]
        self.version = max(seen) + 1 if seen else 0
        self._kept: OrderedDict[int, Structure] = OrderedDict()

    @classmethod
    def of(cls, events: Iterable[tuple[int, UnitFact]], known: Instant | None = None) -> Tree:
        """The tree of (offset, fact) pairs in any order; `known`: only what was recorded by then.

        An offset given twice counts once.
        """
        return cls(dict(events), known)

    def with_facts(self, events: Iterable[tuple[int, UnitFact]]) -> Tree:
        """This tree and the facts of more events."""
        return Tree({**self._facts, **dict(events)}, self.known)

    def as_known(self, known: Instant) -> Tree:
        """The tree as it was known at an instant."""
        return Tree(self._facts, known)

    def recorded_after(self, known: Instant) -> bool:
        """Whether the tree as known then may differ from this one."""
        return any(fact.recorded_at > known for fact in self._facts.values())

    @cached_property
    def _lineage(self) -> Lineage:
        return Lineage.of(in_order(self._facts.values(), self.known))

    @property
    def units(self) -> dict[str, UnitHistory]:
        """Every unit that ever stood, through time."""
        return self._lineage.units

    @property
    def conflicts(self) -> Sequence[Conflict]:
        """Facts that changed nothing, in the order of days."""
        return self._lineage.conflicts

    @property
    def waiting(self) -> Sequence[UnitFact]:
        """Facts whose unit, parent or successor nobody has established."""
        return self._lineage.waiting

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """All units that ever stood, sorted."""
        return tuple(sorted(self.units))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Code -> place in `codes`."""
        return {code: number for number, code in enumerate(self.codes)}

    @cached_property
    def levels(self) -> tuple[tuple[str, ...], Ints]:
        """The levels that occur, sorted, and for each unit number the index of its level."""
        return self._words([unit.level for unit in map(self.units.__getitem__, self.codes)])

    @cached_property
    def kinds(self) -> tuple[tuple[str, ...], Ints]:
        """The kinds that occur, sorted, and for each unit number the index of its kind."""
        return self._words([unit.kind for unit in map(self.units.__getitem__, self.codes)])

    def _words(self, values: list[str]) -> tuple[tuple[str, ...], Ints]:
        words = tuple(sorted(set(values)))
        index = {word: number for number, word in enumerate(words)}
        return words, np.array([index[value] for value in values], np.int32)

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """The days on which any unit came to stand elsewhere, ascending."""
        return tuple(sorted({day for day, _ in self._lineage.changes}))

    def at(self, day: Day) -> DayTree:
        """The tree of a day, also of one that lies ahead."""
        stretch = bisect_right(self.days, day)
        structure = self._kept.get(stretch)
        if structure is None:
            structure = self._kept[stretch] = self._structure(day)
            if len(self._kept) > STRUCTURES_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(stretch)
        return DayTree(self, day, structure)

    @cached_property
    def _stands(self) -> tuple[NDArray[np.int64], Ints, NDArray[np.bool_]]:
        """All stands of all units, by (number, day): keys, parents (-1: root), closed."""
        keys, parents, closed = [], [], []
        for number, code in enumerate(self.codes):
            for stand in self.units[code].stands:
                keys.append(_key(number, stand.day))
                parents.append(-1 if stand.parent is None else self.numbers[stand.parent])
                closed.append(stand.closed)
        return np.array(keys, np.int64), np.array(parents, np.int32), np.array(closed, np.bool_)

    def _structure(self, day: Day) -> Structure:
        keys, parents, ended = self._stands
        numbers = np.arange(len(self.codes), dtype=np.int64)
        at = np.searchsorted(keys, _key(numbers, day), "right") - 1
        stands = (at >= 0) & (keys[at] >= _key(numbers, _DAY_LEAST))
        parent = np.where(stands, parents[at], ABSENT).astype(np.int32)
        return Structure(parent, stands & ended[at], *preorder(parent))

    def name(self, unit: str, day: Day) -> str:
        """The name borne on a day; before the first one, the first."""
        names = self.units[unit].names
        return names[max(0, bisect_right(names, day, key=lambda named: named.day) - 1)].name

    @cached_property
    def _search_texts(self) -> tuple[tuple[str, str], ...]:
        texts = []
        for code in self.codes:
            unit = self.units[code]
            words = [code, *(named.name for named in unit.names), *unit.aliases]
            words += [named.official_code for named in unit.names if named.official_code]
            texts.append((code, "\n".join(plain_text(word) for word in words)))
        return tuple(texts)

    def search(self, text: str, limit: int) -> list[str]:
        """Codes of at most `limit` units whose code or any name, ever, holds the text.

        Case and diacritics do not count. Whole names come first, then beginnings of names.
        """
        wanted = plain_text(text)
        found = []
        for code, words in self._search_texts:
            at = words.find(wanted)
            if at >= 0:
                lines = f"\n{words}\n"
                rank = 0 if f"\n{wanted}\n" in lines else 1 if f"\n{wanted}" in lines else 2
                found.append((rank, len(code), code))
        return [code for _, _, code in sorted(found)[:limit]]

    def conflicts_of(self, unit: str) -> list[Conflict]:
        """The conflicts about one unit."""
        return [conflict for conflict in self.conflicts if conflict.unit == unit]


_N = TypeVar("_N", int, NDArray[np.int64])
_DAY_LEAST = -(1 << 31)


def _key(number: _N, day: int) -> _N:
    """Unit number and day as one sortable number."""
    return (number << 33) + (day - _DAY_LEAST)


def preorder(parent: Ints) -> tuple[Ints, Ints, Ints]:
    """Parents by number -> order, position and size of subtrees (see Structure)."""
    count = len(parent)
    present = np.flatnonzero(parent != ABSENT).astype(np.int32)
    size = np.zeros(count, np.int32)
    size[present] = 1
    ranks: list[Ints] = []
    rank = present[parent[present] == -1]
    by_parent = present[np.argsort(parent[present], kind="stable")]
    parents = parent[by_parent]
    while len(rank):
        ranks.append(rank)
        # Children of the sorted rank, grouped by parent and by number within a parent.
        rank = np.sort(rank)
        first = np.searchsorted(parents, rank, "left")
        last = np.searchsorted(parents, rank, "right")
        rank = by_parent[spread(first, last)]
    for rank in reversed(ranks[1:]):
        np.add.at(size, parent[rank], size[rank])
    position = np.zeros(count, np.int32)
    for rank in ranks[1:]:
        above = parent[rank]
        before = np.cumsum(size[rank]) - size[rank]
        starts = np.flatnonzero(np.diff(above, prepend=-1))
        offset = np.repeat(before[starts], np.diff(np.append(starts, len(rank))))
        position[rank] = position[above] + 1 + (before - offset)
    order = np.zeros(len(present), np.int32)
    order[position[present]] = present
    return order, position, size


def spread(first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.intp]:
    """The numbers of all ranges [first, last), one range after the other."""
    lengths = last - first
    total = int(lengths.sum())
    starts = np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
    numbers: NDArray[np.intp] = np.arange(total, dtype=np.intp) + starts
    return numbers


def plain_text(text: str) -> str:
    """Lower case without diacritics: "Đắk Lắk" and "dak lak" become the same."""
    folded = unicodedata.normalize("NFD", text.casefold())
    kept = "".join(c for c in folded if not unicodedata.combining(c))
    return kept.replace("đ", "d")
