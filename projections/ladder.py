"""The ladder: entries of urging, reminder and criticism as columns that follow each change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.cells import Cells
from projections.growing import Growing, distinct
from projections.palette import Distinct
from schemas.board_schema import LADDER as NOTES
from schemas.derivation import spread
from schemas.frame import LadderEntry
from schemas.times import Day

DOCUMENT_BYTES = 16
UNSORTED_MAX = 4_096
"""Entries that came last are looked through; more of them are sorted in."""
_LOW = (1 << 32) - 1

Ints = NDArray[np.int64]


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
    """Every entry that any source tells, once. A change costs the same however many there are.

    An entry is two words, (document, day) and (note, ower), and has a number; what a source tells
    are cells of (source, number). Sources are numbers from 0 on.
    """

    def __init__(self, ower: Callable[[str], int], owers: Sequence[str]) -> None:
        """`ower` gives the number of an ower's code; `owers` are the codes by number."""
        self._ower = ower
        self._owers = owers
        self._notes = {note: number for number, note in enumerate(NOTES)}
        self._documents = Distinct(2)
        self._entries = Distinct(2)
        self._sources = Growing(np.int32)
        self._shared = Growing(np.bool_)
        self._told = Cells(1)
        self.unsorted_max = UNSORTED_MAX
        # The first entries by ower; those that came since stand in order of appearance.
        self._by_ower: Ints = np.empty(0, np.int64)
        self._sorted_owers: Ints = np.empty(0, np.int64)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        tables = (self._documents, self._entries, self._told)
        columns = (self._sources.rows, self._shared.rows)
        return sum(table.nbytes for table in tables) + sum(column.nbytes for column in columns)

    def take(self, source: int, entries: Sequence[LadderEntry]) -> None:
        """A source tells entries, or that they do not hold; of the same entry the last counts."""
        if not entries:
            return
        numbers = self._numbers(entries)
        held = np.fromiter((entry.held for entry in entries), np.int8, len(entries))
        numbers, last = np.unique(numbers[::-1], return_index=True)
        self._set(source, numbers, held[::-1][last])

    def forget(self, source: int) -> None:
        """A source tells nothing any more."""
        numbers, held = self._told_by(source)
        self._set(source, numbers, np.zeros_like(held))

    def numbers_told_by(self, source: int) -> Ints:
        """The numbers of the entries that a source tells."""
        numbers, held = self._told_by(source)
        return numbers[held > 0]

    def entries(self) -> set[LadderEntry]:
        """All of them."""
        return set(self.entries_of(np.flatnonzero(self._sources.rows)))

    def until(
        self,
        day: Day,
        owers: Ints,
        less: Collection[LadderEntry] = (),
        more: Collection[LadderEntry] = (),
    ) -> LadderColumns:
        """Those of owers (ascending) up to this day, without some, and with others of any ower."""
        less_numbers, more_numbers = self._numbers(less), self._numbers(more)
        numbers = self._of_owers(owers)
        numbers = numbers[self._sources.rows[numbers] > 0]
        if len(less_numbers) or len(more_numbers):
            numbers = numbers[~np.isin(numbers, less_numbers)]
            numbers = distinct(np.concatenate((numbers, more_numbers)))
        return self._columns(numbers, day)

    def is_alone(self, documents: Ints) -> NDArray[np.bool_]:
        """By document number whether there is but one entry of it, held or not: most are so."""
        return ~self._shared.rows[documents]

    def _of_owers(self, owers: Ints) -> Ints:
        """The numbers of all entries of owers, those that no source tells included."""
        rows = self._entries.rows
        if len(rows) - len(self._by_ower) > max(self.unsorted_max, len(self._by_ower) // 8):
            ower = rows[:, 1] & _LOW
            self._by_ower = np.argsort(ower, kind="stable")
            self._sorted_owers = ower[self._by_ower]
        edges = [np.searchsorted(self._sorted_owers, owers, side) for side in ("left", "right")]
        sorted_in = self._by_ower[spread(edges[0], edges[1])]
        begin = len(self._by_ower)
        late = rows[begin:, 1] & _LOW
        place = np.minimum(np.searchsorted(owers, late), max(0, len(owers) - 1))
        here = np.flatnonzero(owers[place] == late) if len(owers) else late[:0]
        return np.concatenate((sorted_in, here + begin))

    def _told_by(self, source: int) -> tuple[Ints, NDArray[Any]]:
        keys, rows = self._told.within(source << 32, (source + 1) << 32)
        return keys & _LOW, rows[:, 0]

    def _set(self, source: int, numbers: Ints, held: NDArray[Any]) -> None:
        """Numbers are ascending, each once."""
        before = self._told.exchange((source << 32) | numbers, held[:, np.newaxis])
        self._sources.data[numbers] += held - before[:, 0]

    def _numbers(self, entries: Collection[LadderEntry]) -> Ints:
        """The numbers of entries; new ones get new ones, and are told by no source yet."""
        if not entries:
            return np.empty(0, np.int64)
        notes, documents, owers, days, _ = zip(*entries, strict=True)
        if set(map(len, documents)) != {DOCUMENT_BYTES}:
            raise ValueError(f"an id of a document has {DOCUMENT_BYTES} bytes")
        document = self._documents.of(np.frombuffer(b"".join(documents), np.int64).reshape(-1, 2))
        for note in set(notes):
            self._notes.setdefault(note, len(self._notes))
        note = np.array([self._notes[note] for note in notes], np.int64)
        words = np.empty((len(entries), 2), np.int64)
        words[:, 0] = (document.astype(np.int64) << 32) | (np.array(days, np.int64) & _LOW)
        words[:, 1] = (note << 32) | np.array(list(map(self._ower, owers)), np.int64)
        first = len(self._entries)
        numbers = self._entries.of(words).astype(np.int64)
        self._share(self._entries.rows[first:, 0] >> 32)
        self._sources.extend(np.zeros(len(self._entries) - self._sources.size, np.int32))
        return numbers

    def _share(self, documents: Ints) -> None:
        """There are new entries of these documents."""
        known = self._shared.size
        self._shared.extend(np.zeros(len(self._documents) - known, np.bool_))
        once, times = np.unique(documents, return_counts=True)
        self._shared.data[once[(times > 1) | (once < known)]] = True

    def entries_of(self, numbers: Ints) -> Iterator[LadderEntry]:
        """The entries of these numbers."""
        words = list(self._notes)
        columns = _decoded(np.take(self._entries.rows, numbers, axis=0))
        ids = np.take(self._documents.rows, columns.document, axis=0).tobytes()
        rows = zip(columns.note.tolist(), columns.ower.tolist(), columns.day.tolist(), strict=True)
        for at, (note, ower, day) in enumerate(rows):
            document = ids[at * DOCUMENT_BYTES : (at + 1) * DOCUMENT_BYTES]
            yield LadderEntry(words[note], document, self._owers[ower], day)

    def _columns(self, numbers: Ints, until: Day) -> LadderColumns:
        words = np.take(self._entries.rows, numbers, axis=0)
        here = np.flatnonzero((_day(words) <= until) & (words[:, 1] >> 32 < len(NOTES)))
        return _decoded(words if len(here) == len(words) else np.take(words, here, axis=0))


def _day(words: Ints) -> NDArray[np.int32]:
    """The lower half of the first word, which is signed."""
    return words[:, 0].astype(np.int32)


def _decoded(words: Ints) -> LadderColumns:
    """Entries as columns; notes may be others than NOTES."""
    day = _day(words).astype(np.int64)
    return LadderColumns(words[:, 1] >> 32, words[:, 0] >> 32, words[:, 1] & _LOW, day)
