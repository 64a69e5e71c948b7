"""Derivation: where every unit stood on every day, worked out once from the facts that count.

Trees that rest on the same facts share it, so that what changes nothing costs nothing.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.lineage import Lineage
from schemas.times import Day
from schemas.unit_facts import UnitFact
from schemas.unit_history import UnitHistory

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


class Derivation:
    """All units through time, as facts that stand in order tell it; immutable.

    `codes` are all units that ever stood, sorted; a unit's number is its place there.
    """

    def __init__(self, facts: Sequence[UnitFact]) -> None:
        self.facts = facts
        self._kept: OrderedDict[int, Structure] = OrderedDict()

    @cached_property
    def lineage(self) -> Lineage:
        """Every unit, every conflict and what waits."""
        return Lineage.of(self.facts)

    @property
    def units(self) -> dict[str, UnitHistory]:
        """Every unit that ever stood, through time."""
        return self.lineage.units

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
        return tuple(sorted({day for day, _ in self.lineage.changes}))

    @cached_property
    def successions(self) -> dict[str, list[tuple[Day, str]]]:
        """By successor the units that went into it: (day of their end, unit)."""
        found: dict[str, list[tuple[Day, str]]] = {}
        for code in self.codes:
            unit = self.units[code]
            for successor in unit.successors:
                assert unit.closed is not None  # who has successors has ended
                found.setdefault(successor, []).append((unit.closed, code))
        return found

    def structure(self, day: Day) -> Structure:
        """The arrays of a day, also of one that lies ahead."""
        stretch = bisect_right(self.days, day)
        structure = self._kept.get(stretch)
        if structure is None:
            structure = self._kept[stretch] = self._structure(day)
            if len(self._kept) > STRUCTURES_KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(stretch)
        return structure

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
