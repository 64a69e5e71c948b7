"""Palette: rows of counts as numbers. Most cells hold one of a few rows, so that a column of
numbers says the same as a matrix in a twentieth of the memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.growing import Growing

Words = NDArray[np.int64]
Rows = NDArray[Any]
"""(n, width) signed integers."""
Column = NDArray[Any]
"""Numbers of rows, as narrow as they fit."""

SPARE = 16_384
"""Rows that nothing bears any more are thrown away when there are at least so many."""
ROWS_AT_ONCE = 32_768
"""Rows numbered at a time, so that many need little memory besides their numbers."""
_SLOTS_FIRST = 64
_ODD = 0x9E3779B97F4A7C15
_MIX = np.array([pow(_ODD, 2 * n + 1, 1 << 64) for n in range(64)], np.uint64)


class Distinct:
    """Numbers for rows of words: each distinct row has one, from 0 on.

    A table of slots, at most half of them taken; where a row's slot holds another row, it looks
    further at a pace of its own. What a slot holds is compared word by word, so nothing rests on
    the hash.
    """

    def __init__(self, width: int, rows: Words | None = None) -> None:
        """`rows`: distinct ones that have the numbers from 0 on already."""
        self._kind = np.dtype([("words", np.int64, (width,))])
        self._rows = Growing(self._kind)
        if rows is not None:
            self._rows.extend(np.ascontiguousarray(rows).view(self._kind)[:, 0])
        self._spread()

    def __len__(self) -> int:
        return self._rows.size

    @property
    def nbytes(self) -> int:
        """Bytes of the rows and of the slots."""
        return self._rows.rows.nbytes + self._slots.nbytes

    @property
    def rows(self) -> Words:
        """The rows by number, as a view that is good until the next new one."""
        words: Words = self._rows.rows["words"]
        return words

    def of(self, words: Words) -> NDArray[np.int32]:
        """The numbers of rows; new rows get new ones."""
        found = np.empty(len(words), np.int32)
        left = np.arange(len(words))
        at, pace = self._places(words)
        while len(left):
            held = self._slots[at]
            free = np.flatnonzero(held < 0)
            if len(free):
                held[free] = self._claim(words[left[free]], at[free])
            same = _equal(np.take(self.rows, held, axis=0), words[left])
            found[left[same]] = held[same]
            left, at, pace = left[~same], at[~same], pace[~same]
            if 2 * len(self) > len(self._slots):
                self._spread()
                at, pace = self._places(words[left])
            else:
                at = (at + pace) & (len(self._slots) - 1)
        return found

    def _claim(self, words: Words, at: Words) -> NDArray[np.int32]:
        """Rows take free slots; where several want one, all but one see what it holds then."""
        mine = np.arange(len(at), dtype=np.int32)
        self._slots[at] = mine
        won = self._slots[at] == mine
        first = self._rows.extend(words[won].view(self._kind)[:, 0])
        self._slots[at[won]] = np.arange(first, len(self), dtype=np.int32)
        return self._slots[at]

    def _spread(self) -> None:
        """Give all rows their places among more slots."""
        size = _SLOTS_FIRST
        while size < 4 * len(self):
            size *= 2
        self._slots = np.full(size, -1, np.int32)
        left = np.arange(len(self), dtype=np.int32)
        at, pace = self._places(self.rows)
        while len(left):
            free = self._slots[at] < 0
            self._slots[at[free]] = left[free]
            lost = self._slots[at] != left
            left, at, pace = left[lost], at[lost], pace[lost]
            at = (at + pace) & (size - 1)

    def _places(self, words: Words) -> tuple[Words, Words]:
        """Where each row looks first, and how far away it looks next."""
        unsigned = words.view(np.uint64)
        mixed = unsigned[:, 0] * _MIX[0]
        for n in range(1, unsigned.shape[1]):
            mixed ^= unsigned[:, n] * _MIX[n % len(_MIX)]
        mixed ^= mixed >> np.uint64(29)
        mixed *= _MIX[-1]
        mixed >>= np.uint64(24)
        mask = len(self._slots) - 1
        at = mixed.view(np.int64)
        # An odd pace comes by every slot, as their number is a power of two.
        return at & mask, (at >> 5) & mask | 1


class Palette:
    """Distinct rows of counts by number. Number 0 is the row of zeros.

    Rows are kept as narrow as the widest of them fits.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._kind: np.dtype[Any] = np.dtype(np.int8)
        self._reach = 0
        self._distinct = Distinct(_padded(width, self._kind) // 8)
        self.numbers(np.zeros((1, width), np.int8))

    def __len__(self) -> int:
        return len(self._distinct)

    @property
    def nbytes(self) -> int:
        """Bytes of the rows and of what finds them."""
        return self._distinct.nbytes

    def numbers(self, rows: Rows) -> Column:
        """The numbers of rows; new rows get new ones."""
        starts = range(0, len(rows), ROWS_AT_ONCE)
        parts = [self._numbers(rows[start : start + ROWS_AT_ONCE]) for start in starts]
        return self.narrow(np.concatenate(parts) if parts else np.empty(0, np.int32))

    def _numbers(self, rows: Rows) -> NDArray[np.int32]:
        if rows.size:
            reach = max(int(rows.max()), -int(rows.min()))
            if reach > self._reach:
                self._reach = reach
                self._widen()
        padded = np.zeros((len(rows), _padded(self.width, self._kind) // self._kind.itemsize),
                          self._kind)  # fmt: skip
        padded[:, : self.width] = rows
        return self._distinct.of(padded.view(np.int64))

    def rows(self, numbers: Column) -> NDArray[np.int32]:
        """The rows with these numbers."""
        rows: NDArray[np.int32] = self.narrow_rows(numbers).astype(np.int32)
        return rows

    def narrow_rows(self, numbers: Column) -> Rows:
        """The same as integers that may be too short to be added up."""
        return self._taken(numbers)[:, : self.width]

    def sums(self, numbers: Column) -> NDArray[np.int32]:
        """(m, n) numbers -> m rows, each the sum of n."""
        kind = fitting(self._reach * numbers.shape[1])
        # Summed over the first axis, which is several times as fast as over a short inner one.
        sums = np.add.reduce(self._taken(numbers.T), axis=0, dtype=kind)
        wide: NDArray[np.int32] = sums[:, : self.width].astype(np.int32)
        return wide

    def _taken(self, numbers: Column) -> Rows:
        return np.take(self._distinct.rows, numbers, axis=0).view(self._kind)

    def narrow(self, numbers: Column) -> Column:
        """Numbers as a column that holds every number there is now."""
        for kind in (np.uint8, np.uint16):
            if len(self) <= np.iinfo(kind).max + 1:
                return numbers.astype(kind, copy=False)
        return numbers.astype(np.int32, copy=False)

    def written(self, column: Column, places: Words, numbers: Column) -> Column:
        """The column with these numbers at these places: itself, or a wider one."""
        if len(places):
            column = column.astype(np.promote_types(column.dtype, numbers.dtype), copy=False)
            column[places] = numbers
        return column

    def is_loose(self, cells: int) -> bool:
        """Whether so many rows are borne by none of these cells that it is worth telling."""
        return len(self) > SPARE + cells + cells // 4

    def keep(self, columns: Sequence[Column]) -> list[Column]:
        """Throw away the rows in none of the columns; returns the columns in new numbers."""
        used = np.zeros(len(self), np.bool_)
        used[0] = True
        for column in columns:
            used[column] = True
        rows = self._distinct.rows[used]
        self._distinct = Distinct(rows.shape[1], rows)
        renumbered = np.cumsum(used, dtype=np.int32) - np.int32(1)
        return [self.narrow(renumbered[column]) for column in columns]

    def _widen(self) -> None:
        kind = fitting(self._reach)
        if kind != self._kind:
            rows = self._distinct.rows.view(self._kind)[:, : self.width]
            width = _padded(self.width, kind)
            padded = np.zeros((len(rows), width // kind.itemsize), kind)
            padded[:, : self.width] = rows
            self._kind = kind
            self._distinct = Distinct(width // 8, padded.view(np.int64))


def fitting(reach: int) -> np.dtype[Any]:
    """The narrowest kind of integer that holds this number and its negative."""
    for kind in (np.int8, np.int16):
        if reach <= np.iinfo(kind).max:
            return np.dtype(kind)
    return np.dtype(np.int32)


def _padded(width: int, kind: np.dtype[Any]) -> int:
    """Bytes of a row, up to whole words."""
    return -(-width * kind.itemsize // 8) * 8


def _equal(one: Words, other: Words) -> NDArray[np.bool_]:
    """By row whether all words are the same; faster than `all` over so short an axis."""
    same: NDArray[np.bool_] = one[:, 0] == other[:, 0]
    for n in range(1, one.shape[1]):
        same &= one[:, n] == other[:, n]
    return same
