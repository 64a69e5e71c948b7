"""Slices as columns: thousands of them go through every frame, and few of their words differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from schemas.measures import Slice

NO_WORD = 0
"""In a row of a slice: the word is null."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Slices:
    """Slices by their number. `rows` has one row per slice and one column per field of Slice, with
    the places of the field's words in `words`, whose first is None; equal rows are equal slices.
    """

    words: Sequence[str | None]
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, slices: Iterable[Slice]) -> Slices:
        """The columns of some slices."""
        table: dict[str | None, int] = {None: NO_WORD}
        rows = [[table.setdefault(word, len(table)) for word in cut] for cut in slices]
        columns = np.array(rows, np.int32).reshape(len(rows), len(Slice._fields))
        return cls(words=tuple(table), rows=columns)

    @classmethod
    def among(cls, words: Sequence[str | None], rows: NDArray[np.int32]) -> Slices:
        """Slices whose words stand among many others; keeps those that are used."""
        used = np.zeros(len(words), np.bool_)
        used[rows] = True
        used[NO_WORD] = True
        kept = np.flatnonzero(used)
        places = (np.cumsum(used, dtype=np.int32) - 1)[rows]
        return cls(words=[words[number] for number in kept.tolist()], rows=places)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Slice:
        return self._made[number]

    def __iter__(self) -> Iterator[Slice]:
        return iter(self._made)

    @cached_property
    def _made(self) -> list[Slice]:
        words = self.words
        return [Slice(*[words[at] for at in row]) for row in self.rows.tolist()]

    def only(self, numbers: Sequence[int]) -> Slices:
        """Some of them, in this order."""
        return Slices.among(self.words, self.rows[numbers])


NO_SLICES = Slices.of(())
