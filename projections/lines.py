"""Lines: each (ower, slice) under which something is counted, as one number."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.growing import Growing, Numbers
from projections.names import Names
from schemas.measures import Slice
from schemas.slices import Slices

NO_DUE = -(1 << 31)
"""In a column of dues: none."""
BASE = np.dtype(
    [("kind", "i4"), ("item", "i4"), ("period", "i4"), ("programme", "i4"), ("partition", "i4")]
)
PARTITIONS_MAX = 128
_WORDS = np.dtype([(name, "i4") for name in Slice._fields])
_WORD_BITS = 28
_MONTH_BITS, _AREA_BITS = 17, 20
_MONTH_BASE = 1 << (_MONTH_BITS - 1)
_WORD_MASK = (1 << _WORD_BITS) - 1
_MONTH_MASK = (1 << _MONTH_BITS) - 1
_AREA_MASK = (1 << _AREA_BITS) - 1

Column = NDArray[Any]


class Lines:
    """The numbers of lines and what they stand for. A base is what an opening fixes of a slice.

    A line belongs to one partition, for each partition tells its own figures.
    """

    def __init__(self, names: Names) -> None:
        self._names = names
        self._openings = Numbers()
        self._opening_bases = Growing(np.int32)
        self._base_of: dict[tuple[int, int, int, int, int], int] = {}
        self._bases = Growing(BASE)
        self._areas = Numbers()
        self._cuts = Numbers()
        self._lines = Numbers()
        self._cut_words = Growing(_WORDS)
        """Per slice its words, as the names number them, in the order of Slice."""

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def base_rows(self) -> Column:
        """The words of every base, by its number."""
        return self._bases.data

    def bases(self, detail: Column, programme: Column, partition: Column) -> NDArray[np.int32]:
        """The bases of openings, from their details, programmes and partitions."""
        if max(self._names.detail_rows.size, len(self._names.words)) >> _WORD_BITS:
            raise OverflowError(f"more than {1 << _WORD_BITS} details or words")
        known = len(self._openings)
        keys = (partition.astype(np.int64) << _WORD_BITS) | detail
        numbers = self._openings.of((keys << _WORD_BITS) | programme)
        for key in self._openings.by_number.rows[known:].tolist():
            row = self._names.detail_rows.data[(key >> _WORD_BITS) & _WORD_MASK]
            words = (int(row["kind"]), int(row["item"]), int(row["period"]), key & _WORD_MASK)
            base = self._base((*words, key >> 2 * _WORD_BITS))
            self._opening_bases.extend(np.array([base], np.int32))
        found: NDArray[np.int32] = self._opening_bases.rows[numbers]
        return found

    def _base(self, words: tuple[int, int, int, int, int]) -> int:
        base = self._base_of.setdefault(words, self._bases.size)
        if base == self._bases.size:
            self._bases.extend(np.array([words], BASE))
        return base

    def of(self, ower: Column, base: Column, area: Column, due: Column) -> NDArray[np.int32]:
        """The lines of owers with the slices of (base, area, due in force)."""
        dated = due != NO_DUE
        last_days = np.where(dated, due, 1).astype(np.int64) - 1
        months = last_days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        areas = self._areas.of(area.astype(np.int64)).astype(np.int64)
        if len(self._areas) > _AREA_MASK:
            raise OverflowError(f"more than {_AREA_MASK} areas")
        cuts = (base.astype(np.int64) << _AREA_BITS) | areas
        cuts = (cuts << _MONTH_BITS) | np.where(dated, months + _MONTH_BASE, 0)
        keys = (ower.astype(np.int64) << 32) | self._cuts.of(cuts)
        return self._lines.of(keys)

    def owers(self, lines: Column) -> NDArray[np.int64]:
        """The owers (word numbers) of lines."""
        found: NDArray[np.int64] = self._lines.by_number.rows[lines] >> 32
        return found

    def cuts(self, lines: Column) -> NDArray[np.int64]:
        """The numbers of the lines' slices."""
        found: NDArray[np.int64] = self._lines.by_number.rows[lines] & 0xFFFFFFFF
        return found

    def partitions(self, lines: Column) -> NDArray[np.int32]:
        """The partitions of lines."""
        base = self._cuts.by_number.rows[self.cuts(lines)] >> (_MONTH_BITS + _AREA_BITS)
        found: NDArray[np.int32] = self._bases.rows["partition"][base]
        return found

    def slices(self, cuts: Column) -> Slices:
        """The slices that numbers stand for."""
        known = len(self._cut_words.rows)
        if known < len(self._cuts):
            self._cut_words.extend(self._words_of(self._cuts.by_number.rows[known:]))
        rows = self._cut_words.rows[cuts].view(np.int32).reshape(-1, len(Slice._fields))
        return Slices.among(self._names.words, rows)

    def _words_of(self, packed: Column) -> Column:
        months = packed & _MONTH_MASK
        areas = (packed >> _MONTH_BITS) & _AREA_MASK
        bases = self._bases.rows[packed >> (_MONTH_BITS + _AREA_BITS)]
        distinct, month = np.unique(months, return_inverse=True)
        due_months = [self._month(number) for number in distinct.tolist()]
        words = np.empty(len(packed), _WORDS)
        for name in ("kind", "programme", "item", "period"):
            words[name] = bases[name]
        words["area"] = self._areas.by_number.rows[areas]
        words["due_month"] = np.array(due_months, np.int64)[month]
        return words

    def _month(self, month: int) -> int:
        """The word of a month as the slices pack it; 0 is none."""
        return self._names.word(str(np.datetime64(month - _MONTH_BASE, "M")) if month else None)

    def of_slices(self, pairs: list[tuple[str, Slice]], partition: int) -> NDArray[np.int32]:
        """The lines of (ower, slice) pairs in a partition, by their words."""
        word = self._names.word
        rows = []
        for ower, cut in pairs:
            words = (word(cut.kind), word(cut.item), word(cut.period), word(cut.programme))
            base = self._base((*words, partition))
            due = NO_DUE
            if cut.due_month is not None:
                # Any due of that month: the month is that of the day before the due.
                due = int(np.datetime64(f"{cut.due_month}-01", "D").astype(np.int64)) + 1
            rows.append((word(ower), base, word(cut.area), due))
        return self.of(*np.array(rows, np.int64).T)
