"""Published boards: those of many units made in one pass, each as `Boards.board` makes it alone.

A pass reads the cells of all its units once; a subtree is one piece of the places of the pass's
part, so that its sums are differences of running sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from projections.answer import Answer, ByOwer, carried
from projections.ask import Ask
from projections.boards import Boards
from projections.ladder import LadderRows
from projections.part import Matrix, Numbers, Part, dense, documents, in_order
from projections.sources import Ints
from schemas.board import Board, Counts, Figures, Ladder
from schemas.board_schema import LADDER as NOTES
from schemas.derivation import spread
from schemas.events.unit import LEVELS, UNIT_KINDS
from schemas.measures import MEASURES
from schemas.times import Instant, day_of

UNITS_MAX = 128
"""Most boards of one pass."""
PLACES_MAX = 8_192
"""A pass ends with the unit whose subtree makes it longer: the fold and readers wait meanwhile."""


def boards_of(of: Boards, units: Iterable[str], now: Instant) -> Mapping[str, Board | None]:
    """The boards of now of the first of these units, as many as one pass holds, in their order.

    None for a unit that nobody established.
    """
    day = of.tree.at(day_of(now))
    out: dict[str, Board | None] = {}
    standing: list[str] = []
    places = 0
    for unit in units:
        out[unit] = None
        if unit in day:
            standing.append(unit)
            places += int(day.arrays.size[day.number(unit)])
        elif unit in of.tree.units:
            out[unit] = of.board(unit, Ask(), now)
        if len(out) >= UNITS_MAX or places >= PLACES_MAX:
            break
    if standing:
        question = of.question(Ask(), now)
        # Before the part: a unit that only has content gets its number here.
        extra = of.extra(question)
        part = Part.below(day, "", standing, of.ower_numbers(of.tree))
        rows = Answer(of, part, question, extra).by_ower()
        made = _Pass(part, rows, of.sources.ladder, standing)
        for unit, figures in zip(standing, made.boards(), strict=True):
            head = of.head(day, unit, question)
            out[unit] = Board(**head, **figures._asdict())
    return out


class _Groups(NamedTuple):
    own: Figures
    subtree: Figures
    by_level: Mapping[str, Figures]
    by_unit_kind: Mapping[str, Figures]


class _Pairs(NamedTuple):
    """Units of the pass, by index, beside what stands in the subtree of each."""

    whose: Ints
    what: Ints

    @classmethod
    def of(cls, first: Ints, last: Ints) -> _Pairs:
        """Each unit beside the numbers from its first up to its last."""
        return cls(np.repeat(np.arange(len(first)), last - first), spread(first, last))


class _Pass:
    """The figures of units whose subtrees are pieces of a part, and may hold one another.

    Counts have columns of the ladder beside them: a document with one entry is counted there,
    like anything else, and only the others are looked at one by one.
    """

    def __init__(self, part: Part, rows: ByOwer, ladder: LadderRows, units: Sequence[str]) -> None:
        day = part.day
        position = day.arrays.position
        numbers = np.array([day.number(unit) for unit in units], np.int64)
        self._part = part
        self._count = len(units)
        self._first = np.searchsorted(position[part.units], position[numbers])
        self._last = self._first + day.arrays.size[numbers]
        self._places = _Pairs.of(self._first, self._last)
        seen = rows.seen
        alone = ladder.is_alone(seen.document // len(NOTES))
        counted = seen.place[alone] * len(NOTES) + seen.document[alone] % len(NOTES)
        size = len(part.units) * len(NOTES)
        counts, self._this_year, self._before = map(self._placed, rows[:3])
        told = np.bincount(counted, minlength=size).reshape(-1, len(NOTES))
        self._counts = np.hstack((counts, told))
        left = np.flatnonzero(~alone)
        left = left[np.argsort(seen.place[left], kind="stable")]
        self._at, self._documents = seen.place[left], seen.document[left]
        self._seen = _Pairs.of(
            np.searchsorted(self._at, self._first), np.searchsorted(self._at, self._last)
        )

    def boards(self) -> Iterable[_Groups]:
        """The figures of each unit's board."""
        levels = self._grouped(*self._part.day.tree.levels, tuple(reversed(LEVELS)))
        kinds = self._grouped(*self._part.day.tree.kinds, UNIT_KINDS)
        return map(_Groups, self._own(), self._subtrees(), levels, kinds)

    def _own(self) -> list[Figures]:
        mine = np.flatnonzero(self._at[self._seen.what] == self._first[self._seen.whose])
        seen = _Pairs(self._seen.whose[mine], self._seen.what[mine])
        columns = (self._counts, self._this_year, self._before)
        return self._figures(seen, *(column[self._first] for column in columns))

    def _subtrees(self) -> list[Figures]:
        columns = (self._counts, self._this_year, self._before)
        return self._figures(self._seen, *map(self._pieces, columns))

    def _figures(
        self, seen: _Pairs, counts: Matrix, this_year: Matrix, before: Matrix
    ) -> list[Figures]:
        """Rows by unit of the pass, and the documents that bear on it."""
        counts[:, len(MEASURES) :] += self._bearing(seen, seen.whose, self._count)
        columns = (counts.tolist(), this_year.tolist(), before.tolist())
        return [
            _figured(row, Counts(tuple(this)), carried(Counts(tuple(earlier))))
            for row, this, earlier in zip(*columns, strict=True)
        ]

    def _grouped(
        self, names: Sequence[str], of_unit: Numbers, known: Sequence[str]
    ) -> list[dict[str, Figures]]:
        """By unit of the pass its subtree taken apart by a word of the units in it."""
        words = in_order(names, known)
        rank = np.array([words.index(name) for name in names], np.int64)
        of_place = rank[of_unit[self._part.units]]
        size = self._count * len(words)
        group = self._places.whose * len(words) + of_place[self._places.what]
        there = np.flatnonzero(np.bincount(group, minlength=size))
        rows = dense(self._counts[self._places.what], group, size)
        told = self._seen.whose * len(words) + of_place[self._at[self._seen.what]]
        rows[:, len(MEASURES) :] += self._bearing(self._seen, told, size)
        out: list[dict[str, Figures]] = [{} for _ in range(self._count)]
        for at, row in zip(there.tolist(), rows[there].tolist(), strict=True):
            out[at // len(words)][words[at % len(words)]] = _figured(row)
        return out

    def _bearing(self, seen: _Pairs, group: Ints, size: int) -> Matrix:
        return documents(self._documents[seen.what], group, size)

    def _placed(self, rows: Matrix) -> Matrix:
        """Rows by ower as rows by place."""
        out = np.zeros((len(self._part.units), len(MEASURES)), np.int64)
        out[self._part.place] = rows
        return out

    def _pieces(self, rows: Matrix) -> Matrix:
        """The sums of rows by place over each subtree."""
        sums = np.zeros((len(rows) + 1, rows.shape[1]), np.int64)
        np.cumsum(rows, axis=0, out=sums[1:])
        pieces: Matrix = sums[self._last] - sums[self._first]
        return pieces


def _figured(
    row: list[int], this_year: Counts | None = None, carried_over: Counts | None = None
) -> Figures:
    """The figures of a row of counts with the ladder behind them."""
    return Figures(
        counts=Counts(tuple(row[: len(MEASURES)])),
        ladder=Ladder(*row[len(MEASURES) :]),
        due_this_year=this_year,
        carried_over=carried_over,
    )
