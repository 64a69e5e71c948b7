"""Columns that grow at their end, and numbers for integers, in little memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_GROWTH, _GROWTH_LARGE = 1.5, 1.04
_LARGE = 200_000
"""Rows from which on memory kept ahead costs more than growing more often."""
_FIRST = 1_024
_OVERLAY_MIN = 4_096


class Growing:
    """An array of rows to which rows are added; `data[:size]` are the rows."""

    def __init__(self, dtype: Any) -> None:
        self.data: NDArray[Any] = np.empty(0, dtype)
        self.size = 0

    @property
    def rows(self) -> NDArray[Any]:
        """The rows, as a view that is good until the next `extend`."""
        return self.data[: self.size]

    def extend(self, rows: NDArray[Any]) -> int:
        """Add rows; returns the place of the first."""
        first = self.size
        self.size = first + len(rows)
        if self.size > len(self.data):
            growth = _GROWTH if self.size < _LARGE else _GROWTH_LARGE
            self._grow(first, max(_FIRST, int(self.size * growth)))
        self.data[first : self.size] = rows
        return first

    def _grow(self, used: int, wanted: int) -> None:
        try:
            # The system moves a large block without copying it, so that it never stands twice.
            self.data.resize(wanted)
        except ValueError:
            # Somebody holds a view of it.
            bigger = np.empty(wanted, self.data.dtype)
            bigger[:used] = self.data[:used]
            self.data = bigger


class Numbers:
    """Gives each distinct integer (int64) a number, from 0 on, in order of appearance."""

    def __init__(self) -> None:
        self._keys = np.empty(0, np.int64)
        self._numbers = np.empty(0, np.int32)
        self._new_keys = np.empty(0, np.int64)
        self._new_numbers = np.empty(0, np.int32)
        self.by_number = Growing(np.int64)

    def __len__(self) -> int:
        return self.by_number.size

    def of(self, keys: NDArray[np.int64]) -> NDArray[np.int32]:
        """The numbers of the keys; new keys get new ones."""
        found = np.full(len(keys), -1, np.int32)
        for table, numbers in (
            (self._keys, self._numbers),
            (self._new_keys, self._new_numbers),
        ):
            if len(table):
                place = np.searchsorted(table, keys)
                place[place == len(table)] = 0
                here = np.flatnonzero(table[place] == keys)
                found[here] = numbers[place[here]]
        absent = np.flatnonzero(found < 0)
        if len(absent):
            distinct, back = np.unique(keys[absent], return_inverse=True)
            first = self.by_number.extend(distinct)
            fresh = np.arange(first, first + len(distinct), dtype=np.int32)
            found[absent] = fresh[back]
            self._enter(distinct, fresh)
        return found

    def _enter(self, keys: NDArray[np.int64], numbers: NDArray[np.int32]) -> None:
        place = np.searchsorted(self._new_keys, keys)
        self._new_keys = np.insert(self._new_keys, place, keys)
        self._new_numbers = np.insert(self._new_numbers, place, numbers)
        if len(self._new_keys) > max(_OVERLAY_MIN, len(self._keys) // 8):
            place = np.searchsorted(self._keys, self._new_keys)
            self._keys = np.insert(self._keys, place, self._new_keys)
            self._numbers = np.insert(self._numbers, place, self._new_numbers)
            self._new_keys, self._new_numbers = self._new_keys[:0], self._new_numbers[:0]


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The distinct integers, ascending. numpy's `unique` hashes them, ten times as slow for keys
    that are made of several numbers."""
    if not len(values):
        return values
    ordered = np.sort(values)
    first = np.empty(len(ordered), np.bool_)
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]
