"""The ladder: entries of urging, reminder and criticism as columns that follow each change."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.growing import Growing
from schemas.board import LADDER as NOTES
from schemas.frame import LadderEntry
from schemas.times import Day

Ints = NDArray[np.int64]
_ROW = np.dtype(
    [("note", "i1"), ("document", "i4"), ("ower", "i4"), ("day", "i4"), ("sources", "i4")]
)


class LadderColumns(NamedTuple):
    """The ladder's entries as columns: note (index of NOTES), document number, ower, day."""

    note: Ints
    document: Ints
    ower: Ints
    day: Ints

    def where(self, here: NDArray[np.bool_]) -> LadderColumns:
        """The entries that a mask picks."""
        return LadderColumns(*(column[here] for column in self))


class LadderRows:
    """Every entry that any source tells, once. A change costs the same however many there are."""

    def __init__(self, ower: Callable[[str], int]) -> None:
        """`ower` gives the number of an ower's code."""
        self._ower = ower
        self._rows = Growing(_ROW)
        self._places: dict[LadderEntry, int] = {}
        self._documents: dict[bytes, int] = {}

    def add(self, entry: LadderEntry) -> None:
        """One more source tells it."""
        place = self._places.get(entry)
        if place is None:
            row = (*self._numbers(entry), 0)
            place = self._places[entry] = self._rows.extend(np.array([row], _ROW))
        self._rows.data["sources"][place] += 1

    def drop(self, entry: LadderEntry) -> None:
        """A source that told it does so no longer."""
        self._rows.data["sources"][self._places[entry]] -= 1

    def entries(self) -> set[LadderEntry]:
        """All of them."""
        told = self._rows.rows["sources"]
        return {entry for entry, place in self._places.items() if told[place]}

    def until(self, day: Day) -> LadderColumns:
        """Those of this day and before."""
        rows = self._rows.rows
        return _columns(rows[(rows["sources"] > 0) & (rows["day"] <= day) & (rows["note"] >= 0)])

    def of(self, entries: Iterable[LadderEntry], until: Day) -> LadderColumns:
        """The same of other entries."""
        rows = np.array([(*self._numbers(entry), 1) for entry in entries], _ROW)
        return _columns(rows[(rows["day"] <= until) & (rows["note"] >= 0)])

    def _numbers(self, entry: LadderEntry) -> tuple[int, int, int, int]:
        note = NOTES.index(entry.note) if entry.note in NOTES else -1
        document = self._documents.setdefault(entry.document, len(self._documents))
        return note, document, self._ower(entry.ower), entry.day


def _columns(rows: NDArray[np.void]) -> LadderColumns:
    names = ("note", "document", "ower", "day")
    return LadderColumns(*(rows[name].astype(np.int64) for name in names))
