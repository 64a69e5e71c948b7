"""Sources: the last value of every cell that each source has told, and their sum by cut.

A source is one partition of one cluster. Values are absolute, so that a frame told twice, or an
older one told again, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.cells import Cells, RowsAt
from projections.growing import Growing
from projections.ladder import LadderRows
from projections.series import DAY_BITS, DAY_FIRST, day_code, day_codes
from schemas.frame import Frame, Version, encode
from schemas.measures import MEASURES, Slice
from schemas.slices import Slices
from schemas.times import Day

CUT_BITS = 26
OWERS_MAX = 1 << (63 - CUT_BITS - DAY_BITS)
"""Most owers of one board worker: a key is 63 bits of ower, cut and day."""
CUTS_MAX = 1 << CUT_BITS
"""Most different slices of one board worker."""
NARROW_OWERS = 32
"""Up to this many owers their cells are looked up, for more all cells are walked through."""
NO_WORD = 0
_ROW = np.dtype(("V", 4 * len(Slice._fields)))
CUT = np.dtype([(name, "i4") for name in (*Slice._fields, "due_year")])

Ints = NDArray[np.int64]
Rows = NDArray[Any]


class Deltas(NamedTuple):
    """What a frame changed: row i is the difference of one cell."""

    ower: Ints
    cut: Ints
    day: Ints
    rows: Rows


class Words:
    """Numbers of words; 0 is no word."""

    def __init__(self) -> None:
        self.words: list[str | None] = [None]
        self._numbers: dict[str | None, int] = {None: NO_WORD}

    def number(self, word: str | None) -> int:
        """The word's number, a new one where it has none."""
        number = self._numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
        return number

    def find(self, word: str) -> int | None:
        """The number of a word that has one."""
        return self._numbers.get(word)

    def is_none_of(self, words: Iterable[str]) -> NDArray[np.bool_]:
        """By number whether the word is none of these."""
        out = np.ones(len(self.words), np.bool_)
        out[[number for word in words if (number := self.find(word)) is not None]] = False
        return out


class Numbering:
    """Numbers of owers and of cuts (slices), for all sources together."""

    def __init__(self) -> None:
        self.owers: list[str] = []
        self.ower_numbers: dict[str, int] = {}
        self.words = Words()
        self._cut_numbers: dict[bytes, int] = {}
        self._cut_rows = Growing(CUT)

    @property
    def cut_rows(self) -> NDArray[Any]:
        """The words of every cut, by its number; `due_year` is the year itself, 0 for none."""
        return self._cut_rows.rows

    def ower(self, code: str) -> int:
        """The ower's number, a new one where it has none."""
        number = self.ower_numbers.setdefault(code, len(self.owers))
        if number == len(self.owers):
            if number == OWERS_MAX:
                raise OverflowError(f"more than {OWERS_MAX} owers")
            self.owers.append(code)
        return number

    def cut(self, cut: Slice) -> int:
        """The cut's number, a new one where it has none."""
        return int(self.cuts(Slices.of([cut]))[0])

    def cuts(self, slices: Slices) -> Ints:
        """The numbers of slices, new ones for those that have none."""
        words = np.array([self.words.number(word) for word in slices.words], np.int32)
        rows = words[slices.rows]
        keys: list[Any] = np.ascontiguousarray(rows).view(_ROW).ravel().tolist()
        found = np.fromiter(map(self._cut_numbers.get, keys, repeat(-1)), np.int64, len(keys))
        first = len(self._cut_numbers)
        entered: list[int] = []
        for at in np.flatnonzero(found < 0).tolist():
            number = self._cut_numbers.setdefault(keys[at], len(self._cut_numbers))
            if number == first + len(entered):
                entered.append(at)
            found[at] = number
        if len(self._cut_numbers) > CUTS_MAX:
            raise OverflowError(f"more than {CUTS_MAX} slices")
        if entered:
            self._enter(rows[entered])
        return found

    def _enter(self, rows: NDArray[np.int32]) -> None:
        cuts = np.empty(len(rows), CUT)
        for name, column in zip(Slice._fields, rows.T, strict=True):
            cuts[name] = column
        months, back = np.unique(cuts["due_month"], return_inverse=True)
        years = [_year(self.words.words[month]) for month in months.tolist()]
        cuts["due_year"] = np.array(years, np.int32)[back]
        self._cut_rows.extend(cuts)

    def slices(self, cuts: Ints) -> Slices:
        """The slices with these numbers."""
        some = self._cut_rows.rows[cuts]
        rows = np.stack([some[name] for name in Slice._fields], axis=1)
        return Slices.among(self.words.words, rows)


def _year(month: str | None) -> int:
    return 0 if month is None else int(month.rpartition("-")[0])


@dataclass
class _Source:
    """What one partition of one cluster has told; its number is that of its ladder's entries."""

    version: Version
    number: int
    cells: Cells = field(default_factory=Cells)


class Sources:
    """All sources. `revision` grows with every frame that is taken."""

    def __init__(self) -> None:
        self.names = Numbering()
        self.ladder = LadderRows(self.names.ower, self.names.owers)
        """The documents of the ladder, whichever sources told of them."""
        self.revision = 0
        self._by_source: dict[tuple[str, int], _Source] = {}

    def __len__(self) -> int:
        return sum(len(source.cells) for source in self._by_source.values())

    @property
    def nbytes(self) -> int:
        """Bytes of the columns of cells."""
        return sum(source.cells.nbytes for source in self._by_source.values())

    def versions(self) -> list[Version]:
        """How far each source is told."""
        return [source.version for source in self._by_source.values()]

    def offsets(self) -> dict[str, tuple[int, ...]]:
        """By id of the topic the first offset of each partition that no frame has told yet."""
        found: dict[str, dict[int, int]] = {}
        for version in self.versions():
            found.setdefault(version.topic_id, {})[version.partition] = version.offset
        return {
            name: tuple(told.get(partition, 0) for partition in range(max(told) + 1))
            for name, told in found.items()
        }

    def apply(self, frame: Frame) -> Deltas | None:
        """Takes a frame and returns what it changed; None for a frame older than what is known.

        A newer generation of a source (its read model was made anew) replaces all it ever told.
        """
        place = (frame.version.cluster, frame.version.partition)
        source = self._by_source.get(place)
        replaced: list[Deltas] = []
        if source is not None:
            if _outdated(frame.version, source.version):
                return None
            if frame.version.generation > source.version.generation:
                replaced.append(self._emptied(source))
                source.cells = Cells()
        else:
            source = self._by_source[place] = _Source(frame.version, len(self._by_source))
        source.version = frame.version
        self.revision += 1
        self.ladder.take(source.number, frame.ladder)
        return _joined([*replaced, self._put(source.cells, frame)])

    def _put(self, cells: Cells, frame: Frame) -> Deltas:
        names = self.names
        owers = _numbers(frame.units, names.ower_numbers, names.ower)
        cuts = names.cuts(frame.slices)
        if not len(frame):
            return _joined([])
        ower, cut = owers[frame.ower], cuts[frame.cut]
        keys = (((ower << CUT_BITS) | cut) << DAY_BITS) | day_codes(frame.day)
        order = np.argsort(keys, kind="stable")
        keys, rows = keys[order], frame.counts[order]
        # Days beyond what a key holds fall together; within one frame they are added up.
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        if len(first) < len(keys):
            rows = np.add.reduceat(rows, first, axis=0)
            keys = keys[first]
        deltas = rows - cells.exchange(keys, rows)
        changed = np.flatnonzero(deltas.any(axis=1))
        return _deltas(keys[changed], deltas[changed])

    def _emptied(self, source: _Source) -> Deltas:
        self.ladder.forget(source.number)
        keys, rows = source.cells.items()
        held = rows.held()
        return _deltas(keys[held], -rows[held].astype(np.int32))

    def select(self, owers: Ints, day: Day) -> Deltas:
        """All cells of these owers up to the end of a day; rows may be zeros."""
        return _joined(list(self._selected(owers, day)))

    def _selected(self, owers: Ints, day: Day) -> Iterator[Deltas]:
        wanted = np.zeros(len(self.names.owers), np.bool_)
        wanted[owers] = True
        last = day_code(day)
        for source in self._by_source.values():
            parts: Iterable[tuple[Ints, Rows | RowsAt]]
            if len(owers) <= NARROW_OWERS:
                shift = CUT_BITS + DAY_BITS
                parts = (
                    source.cells.within(int(ower) << shift, (int(ower) + 1) << shift)
                    for ower in owers
                )
            else:
                parts = (source.cells.items(),)
            for keys, rows in parts:
                here = (keys & ((1 << DAY_BITS) - 1)) <= last
                here &= wanted[keys >> (CUT_BITS + DAY_BITS)]
                yield _deltas(keys[here], rows[here])

    def frames(self) -> Iterator[tuple[Version, Callable[[], bytes]]]:
        """Of each source, when it is its turn, what makes the value of its whole frame.

        Made in any thread, while frames are taken: it rests on copies and on what only grows.
        """
        for source in list(self._by_source.values()):
            keys, rows = source.cells.items()
            held = rows.held()
            told = self.ladder.numbers_told_by(source.number)
            made = partial(self._frame, source.version, keys[held], rows[held], told)
            yield source.version, made

    def _frame(self, version: Version, keys: Ints, rows: Rows, told: Ints) -> bytes:
        found = _deltas(keys, rows)
        owers, ower = np.unique(found.ower, return_inverse=True)
        cuts, cut = np.unique(found.cut, return_inverse=True)
        whole = Frame(
            version=version,
            units=tuple(self.names.owers[number] for number in owers.tolist()),
            slices=self.names.slices(cuts),
            ower=ower.astype(np.int32),
            cut=cut.astype(np.int32),
            day=found.day.astype(np.int32),
            counts=found.rows.astype(np.int32),
            ladder=tuple(sorted(self.ladder.entries_of(told))),
        )
        return encode(whole)


def _numbers(words: Sequence[Any], known: Mapping[Any, int], new: Callable[[Any], int]) -> Ints:
    """The numbers of words; looked up all at once, as few of them are new."""
    found = map(known.get, words)
    numbers = (new(word) if at is None else at for word, at in zip(words, found, strict=True))
    return np.fromiter(numbers, np.int64, len(words))


def _outdated(new: Version, known: Version) -> bool:
    if new.generation == known.generation and new.topic_id != known.topic_id:
        return True
    return new.rank < known.rank


def _deltas(keys: Ints, rows: Rows) -> Deltas:
    return Deltas(
        keys >> (CUT_BITS + DAY_BITS),
        (keys >> DAY_BITS) & (CUTS_MAX - 1),
        (keys & ((1 << DAY_BITS) - 1)) + DAY_FIRST,
        rows,
    )


def _joined(parts: list[Deltas]) -> Deltas:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        none = np.empty(0, np.int64)
        return Deltas(none, none, none, np.empty((0, len(MEASURES)), np.int32))
    return Deltas(*(np.concatenate(column) for column in zip(*parts, strict=True)))
