"""Cells: a sorted column of keys with one row of counts each, for millions of keys in little
memory.

Public: `add` (differences), `put` (absolute rows), `rows` (look up), `items` (everything), `within`
(a range of keys), `len`. A key is any int64; `cell_key` packs (line, day), where a line is the
caller's number for an (ower, slice). Counts are kept as narrow as they fit and widened when one
does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

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
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    first = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    if not len(keys):
        return keys, deltas.astype(np.int32)
    sums = np.add.reduceat(deltas[order], first, axis=0, dtype=np.int32)
    return ordered[first], sums


class Cells:
    """Counts by key: a large sorted base and a small sorted overlay that is merged by size."""

    def __init__(self, width: int = len(MEASURES)) -> None:
        self.width = width
        self._clear()

    def _clear(self) -> None:
        self._keys: Keys = np.empty(0, np.int64)
        self._counts: Counts = np.empty((0, self.width), np.int8)
        self._new_keys: Keys = np.empty(0, np.int64)
        self._new_counts: Counts = np.empty((0, self.width), np.int8)

    def __len__(self) -> int:
        return len(self._keys) + len(self._new_keys)

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        columns = (self._keys, self._counts, self._new_keys, self._new_counts)
        return sum(column.nbytes for column in columns)

    def add(self, keys: Keys, deltas: Counts) -> Keys:
        """Add rows to the cells of their keys (any order, repeats allowed).

        Returns the keys that changed, ascending, each once.
        """
        keys, sums = conflate(keys, deltas)
        held = sums.any(axis=1)
        if not held.all():
            keys, sums = keys[held], sums[held]
        if len(keys):
            self._apply(keys, sums, absolute=False)
        return keys

    def put(self, keys: Keys, rows: Counts) -> None:
        """Set the rows of the keys (ascending, each once), whatever they were."""
        if len(keys):
            self._apply(keys, rows.astype(np.int32), absolute=True)

    def rows(self, keys: Keys) -> NDArray[np.int32]:
        """The rows of keys in any order; zeros where there is no cell."""
        found = np.zeros((len(keys), self.width), np.int32)
        for table, counts in (
            (self._keys, self._counts),
            (self._new_keys, self._new_counts),
        ):
            place, here = _find(table, keys)
            found[here] = counts[place[here]]
        return found

    def items(self) -> tuple[Keys, Counts]:
        """All keys, ascending, with their rows (some may be all zeros). Not to be written to."""
        self._merge()
        return self._keys, self._counts

    def within(self, first: int, stop: int) -> tuple[Keys, Counts]:
        """The keys in [first, stop), ascending, with their rows."""
        parts = []
        for table, counts in (
            (self._keys, self._counts),
            (self._new_keys, self._new_counts),
        ):
            a, b = np.searchsorted(table, [first, stop])
            parts.append((table[a:b], counts[a:b]))
        (keys, rows), (new_keys, new_rows) = parts
        if not len(new_keys):
            return keys, rows
        return _merged(keys, rows, new_keys, new_rows)

    def _apply(self, keys: Keys, rows: NDArray[np.int32], *, absolute: bool) -> None:
        place, here = _find(self._keys, keys)
        self._counts = _write(self._counts, place[here], rows[here], absolute)
        keys, rows = keys[~here], rows[~here]
        place, here = _find(self._new_keys, keys)
        self._new_counts = _write(self._new_counts, place[here], rows[here], absolute)
        keys, rows = keys[~here], rows[~here]
        if len(keys):
            self._new_keys, self._new_counts = _merged(
                self._new_keys, self._new_counts, keys, _narrow(rows)
            )
            if len(self._new_keys) > max(OVERLAY_MIN, len(self._keys) // 8):
                self._merge()

    def _merge(self) -> None:
        if len(self._new_keys):
            keys, counts = _merged(self._keys, self._counts, self._new_keys, self._new_counts)
            self._clear()
            self._keys, self._counts = keys, counts


def _find(table: Keys, keys: Keys) -> tuple[Keys, NDArray[np.bool_]]:
    """Where each key stands in the sorted table, and whether it does."""
    if not len(table):
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
    place = np.searchsorted(table, keys)
    place[place == len(table)] = 0
    return place, table[place] == keys


def _write(counts: Counts, place: Keys, rows: NDArray[np.int32], absolute: bool) -> Counts:
    if not len(place):
        return counts
    new = rows if absolute else counts[place] + rows
    counts = counts.astype(np.promote_types(counts.dtype, _fitting(new)), copy=False)
    counts[place] = new
    return counts


def _narrow(rows: NDArray[np.int32]) -> Counts:
    return rows.astype(_fitting(rows))


def _fitting(rows: Counts) -> np.dtype[Any]:
    if not rows.size:
        return np.dtype(np.int8)
    low, high = int(rows.min()), int(rows.max())
    for kind in (np.int8, np.int16):
        info = np.iinfo(kind)
        if info.min <= low and high <= info.max:
            return np.dtype(kind)
    return np.dtype(np.int32)


def _merged(keys: Keys, counts: Counts, more: Keys, rows: Counts) -> tuple[Keys, Counts]:
    """Two sorted columns without common keys -> one."""
    if not len(keys):
        return more, rows
    size = len(keys) + len(more)
    place = np.searchsorted(keys, more) + np.arange(len(more))
    old = np.ones(size, np.bool_)
    old[place] = False
    out_keys = np.empty(size, np.int64)
    out_counts = np.empty((size, counts.shape[1]), np.promote_types(counts.dtype, rows.dtype))
    out_keys[place], out_counts[place] = more, rows
    out_keys[old], out_counts[old] = keys, counts
    return out_keys, out_counts
