"""Cells: a sorted column of keys, each with the number of its row of counts, for millions of keys
in little memory.

Public: `add` (differences), `put` (absolute rows), `exchange` (`put` that tells what was), `rows`
(look up), `items` (everything), `within` (a range of keys), `len`. A key is any int64; `cell_key`
packs (line, day), where a line is the caller's number for an (ower, slice).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.palette import Column, Palette
from schemas.measures import MEASURES

Keys = NDArray[np.int64]
Counts = NDArray[Any]
"""(n, width) signed integers."""

OVERLAY_MIN = 8_192
"""The overlay is merged into the base when it has more cells than this and an eighth of it."""
DAY_MAX = 2**31 - 1


def cell_key(line: NDArray[Any], day: NDArray[Any]) -> Keys:
    """(line, day) -> key; ordered by line, then day. Days are cut to what 32 bits hold."""
    days = np.clip(day, -DAY_MAX, DAY_MAX).astype(np.int64) + (1 << 31)
    keys: Keys = (line.astype(np.int64) << 32) | days
    return keys


def line_of(keys: Keys) -> Keys:
    """The lines of keys."""
    return keys >> 32


def day_of_key(keys: Keys) -> Keys:
    """The days of keys."""
    return (keys & 0xFFFFFFFF) - (1 << 31)


def conflate(keys: Keys, deltas: Counts) -> tuple[Keys, NDArray[np.int32]]:
    """Any keys with repeats -> each key once, ascending, with the sum of its rows."""
    order, first = ordered(keys)
    if len(first) == len(keys):
        return keys[order], deltas[order].astype(np.int32, copy=False)
    return keys[order[first]], sums_between(deltas[order], first)


def ordered(keys: Keys) -> tuple[Keys, Keys]:
    """The order that sorts the keys, and where in it each key comes first."""
    order = np.argsort(keys)
    ascending = keys[order]
    first = np.ones(len(keys), np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return order, np.flatnonzero(first)


def sums_between(rows: Counts, first: Keys) -> NDArray[np.int32]:
    """The sums of the rows from each place up to the next; the first place is 0.

    By running sums, which may pass 32 bits without harm and are many times as fast as reduceat.
    """
    ends = np.append(first[1:], len(rows))
    sums: NDArray[np.int32] = np.cumsum(rows, axis=0, dtype=np.int32)[ends - 1]
    sums[1:] -= sums[:-1].copy()
    return sums


class RowsAt:
    """Rows of counts by place, made when they are asked for."""

    def __init__(self, palette: Palette, numbers: Column) -> None:
        self._palette = palette
        self._numbers = numbers

    def __getitem__(self, places: NDArray[Any]) -> Counts:
        """The rows at these places, or where a mask says."""
        return self._palette.narrow_rows(self._numbers[places])

    def held(self) -> Keys:
        """The places of the rows that are not all zeros."""
        return np.flatnonzero(self._numbers)


class _Found(NamedTuple):
    """Which keys stand in the base, and where; the same of the overlay; numbers of all rows."""

    here: NDArray[np.bool_]
    place: Keys
    new_here: NDArray[np.bool_]
    new_place: Keys
    numbers: Column


class Cells:
    """Counts by key: a large sorted base and a small sorted overlay that is merged by size."""

    def __init__(self, width: int = len(MEASURES)) -> None:
        self.width = width
        self._palette = Palette(width)
        self._keys: Keys = np.empty(0, np.int64)
        self._numbers: Column = np.empty(0, np.uint8)
        self._new_keys: Keys = np.empty(0, np.int64)
        self._new_numbers: Column = np.empty(0, np.uint8)

    def __len__(self) -> int:
        return len(self._keys) + len(self._new_keys)

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        columns = (self._keys, self._numbers, self._new_keys, self._new_numbers)
        return sum(column.nbytes for column in columns) + self._palette.nbytes

    def add(self, keys: Keys, deltas: Counts) -> Keys:
        """Add rows to the cells of their keys (any order, repeats allowed).

        Returns the keys that changed, ascending, each once.
        """
        keys, sums = conflate(keys, deltas)
        held = sums.any(axis=1)
        if not held.all():
            keys, sums = keys[held], sums[held]
        if len(keys):
            found = self._seek(keys)
            self._write(keys, found, self._palette.rows(found.numbers) + sums)
        return keys

    def put(self, keys: Keys, rows: Counts) -> None:
        """Set the rows of the keys (ascending, each once), whatever they were."""
        self._write(keys, self._seek(keys), rows)

    def exchange(self, keys: Keys, rows: Counts) -> NDArray[np.int32]:
        """Set the rows of the keys (ascending, each once); returns what they were."""
        found = self._seek(keys)
        before = self._palette.rows(found.numbers)
        self._write(keys, found, rows)
        return before

    def rows(self, keys: Keys) -> NDArray[np.int32]:
        """The rows of keys in any order; zeros where there is no cell."""
        return self._palette.rows(self._seek(keys).numbers)

    def items(self) -> tuple[Keys, RowsAt]:
        """All keys, ascending, and their rows by place (some may be all zeros).

        Not to be written to, and good until the next change.
        """
        self._merge()
        return self._keys, RowsAt(self._palette, self._numbers)

    def within(self, first: int, stop: int) -> tuple[Keys, Counts]:
        """The keys in [first, stop), ascending, with their rows."""
        parts = []
        for table, column in (
            (self._keys, self._numbers),
            (self._new_keys, self._new_numbers),
        ):
            a, b = np.searchsorted(table, [first, stop])
            parts.append((table[a:b], column[a:b]))
        keys, numbers = joined(*parts[0], *parts[1])
        return keys, self._palette.narrow_rows(numbers)

    def _seek(self, keys: Keys) -> _Found:
        place, here = find(self._keys, keys)
        new_place, new_here = find(self._new_keys, keys)
        place, new_place = place[here], new_place[new_here]
        numbers = np.zeros(len(keys), np.int32)
        numbers[here], numbers[new_here] = self._numbers[place], self._new_numbers[new_place]
        return _Found(here, place, new_here, new_place, numbers)

    def _write(self, keys: Keys, found: _Found, rows: Counts) -> None:
        """Set the rows of the keys (ascending, each once), which stand where they were found."""
        numbers = self._palette.numbers(rows)
        here, place, new_here, new_place, _ = found
        written = self._palette.written
        self._numbers = written(self._numbers, place, numbers[here])
        self._new_numbers = written(self._new_numbers, new_place, numbers[new_here])
        absent = ~(here | new_here)
        if absent.any():
            self._new_keys, self._new_numbers = joined(
                self._new_keys, self._new_numbers, keys[absent], numbers[absent]
            )
            if len(self._new_keys) > max(OVERLAY_MIN, len(self._keys) // 8):
                self._merge()
        if self._palette.is_loose(len(self)):
            columns = self._palette.keep((self._numbers, self._new_numbers))
            self._numbers, self._new_numbers = columns

    def _merge(self) -> None:
        if len(self._new_keys):
            self._keys, self._numbers = joined(
                self._keys, self._numbers, self._new_keys, self._new_numbers
            )
            self._new_keys, self._new_numbers = self._new_keys[:0].copy(), np.empty(0, np.uint8)


def find(table: Keys, keys: Keys) -> tuple[Keys, NDArray[np.bool_]]:
    """Where each key stands in the sorted table, and whether it does."""
    if not len(table):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
    place = np.searchsorted(table, keys)
    place[place == len(table)] = 0
    return place, table[place] == keys


def joined(keys: Keys, numbers: Column, more: Keys, more_numbers: Column) -> tuple[Keys, Column]:
    """Two sorted columns without common keys -> one."""
    if not len(keys) or not len(more):
        return (keys, numbers) if len(keys) else (more, more_numbers)
    size = len(keys) + len(more)
    place = np.searchsorted(keys, more) + np.arange(len(more))
    old = np.ones(size, np.bool_)
    old[place] = False
    out_keys = np.empty(size, np.int64)
    out_numbers = np.empty(size, np.promote_types(numbers.dtype, more_numbers.dtype))
    out_keys[place], out_numbers[place] = more, more_numbers
    out_keys[old], out_numbers[old] = keys, numbers
    return out_keys, out_numbers
