"""A cursor over many Avro bodies at once: each call reads one field of every row with numpy.

Lengths and branch numbers come from strangers, so nothing is read past the row's own end: a row
that does not fit is marked in `bad` and reads on at its end, where the padding is.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]

PADDING = bytes(24)
"""Bytes after the last row, so that sixteen bytes can be read at any row's end."""

_HIGH = np.uint64(0x8080808080808080)
_LOW7 = np.uint64(0x7F7F7F7F7F7F7F7F)
_ONE = np.uint64(1)
_FOLD = tuple(
    (np.uint64(keep), np.uint64(move), np.uint64(by))
    for keep, move, by in (
        (0x007F007F007F007F, 0x7F007F007F007F00, 1),
        (0x00003FFF00003FFF, 0x3FFF00003FFF0000, 2),
        (0x000000000FFFFFFF, 0x0FFFFFFF00000000, 4),
    )
)


class Cursor:
    """Where each row stands in the joined bytes (`at`), where it ends (`end`), what is `bad`."""

    def __init__(self, joined: bytes, at: Ints, end: Ints) -> None:
        """`joined` holds the rows one after another and ends with PADDING."""
        self.bytes: NDArray[np.uint8] = np.frombuffer(joined, np.uint8)
        # A word of eight bytes at every byte: one gather instead of eight.
        self.words: Words = np.ndarray((len(joined) - 7,), dtype="<u8", buffer=joined, strides=(1,))
        self.at = at
        self.end = end
        self.bad: Bools = np.zeros(len(at), np.bool_)

    def part(self, rows: Any) -> Self:
        """A cursor over some of the rows; `join` brings its places back."""
        other = object.__new__(type(self))
        other.bytes, other.words = self.bytes, self.words
        other.at, other.end, other.bad = self.at[rows], self.end[rows], self.bad[rows]
        return other

    def join(self, rows: Any, part: Self) -> None:
        """Take over the places of a cursor made by `part` with the same rows."""
        self.at[rows] = part.at
        self.bad[rows] = part.bad

    def _to(self, at: Ints) -> None:
        over = at > self.end
        if over.any():
            self.bad |= over
            at = np.minimum(at, self.end)
        self.at = at

    def longs(self) -> Ints:
        """One Avro int or long of every row."""
        at = self.at
        word = self.words[at]
        stop = ~word & _HIGH
        last = stop & (~stop + _ONE)
        below = last - _ONE
        value = word & (last ^ below) & _LOW7
        for keep, move, by in _FOLD:
            value = (value & keep) | ((value & move) >> by)
        size = (np.bitwise_count(below).astype(np.int64) + 1) >> 3
        number: Ints = (value >> _ONE).view(np.int64) ^ -(value & _ONE).view(np.int64)
        wide = np.flatnonzero(last == 0)
        if len(wide):
            self._wide(wide, number, size)
        self._to(at + size)
        return number

    def _wide(self, rows: Ints, number: Ints, size: Ints) -> None:
        """Longs of more than eight bytes, one by one; longer than ten is bad."""
        for row in rows.tolist():
            start = int(self.at[row])
            value = 0
            for taken in range(10):
                byte = int(self.bytes[start + taken])
                value |= (byte & 0x7F) << (7 * taken)
                if byte < 0x80:
                    break
            else:
                self.bad[row] = True
            value &= (1 << 64) - 1
            number[row] = (value >> 1) ^ -(value & 1)
            size[row] = taken + 1

    def octets(self) -> NDArray[np.uint8]:
        """One byte of every row."""
        found: NDArray[np.uint8] = self.bytes[self.at]
        self._to(self.at + 1)
        return found

    def booleans(self) -> Bools:
        """One Avro boolean of every row."""
        found = self.octets()
        self.bad |= found > 1
        is_one: Bools = found == 1
        return is_one

    def some(self) -> Bools:
        """The branch of `["null", T]`: true where a T follows."""
        found = self.octets()
        self.bad |= (found != 0) & (found != 2)
        is_two: Bools = found == 2
        return is_two

    def skip(self, size: int) -> Ints:
        """Pass over `size` bytes; returns where they began."""
        start = self.at
        self._to(start + size)
        return start

    def fixed16(self) -> tuple[Words, Words]:
        """Sixteen bytes of every row, as two little-endian words."""
        start = self.skip(16)
        return self.words[start], self.words[start + 8]

    def lengths(self) -> Ints:
        """One length of every row; negative ones and those past the end are bad and read as 0."""
        first = self.bytes[self.at]
        if (first < 0x80).all():
            self._to(self.at + 1)
            number: Ints = (first >> 1).astype(np.int64)
            wrong = ((first & 1) == 1) | (number > self.end - self.at)
        else:
            number = self.longs()
            wrong = (number < 0) | (number > self.end - self.at)
        if wrong.any():
            self.bad |= wrong
            number = np.where(wrong, 0, number)
        return number

    def strings(self) -> tuple[Ints, Ints]:
        """One string or bytes of every row: where it begins, where it ends."""
        size = self.lengths()
        start = self.at
        self.at = start + size
        return start, self.at
