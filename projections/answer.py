"""The answer to one question about one part of the tree: its groups of figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from projections.as_known import Known
from projections.ask import Ask, Owers
from projections.beside import NO_GROUP, NOBODY, Named, by_oversight, by_sector
from projections.extra import Extra
from projections.groupings import Groupings, SectorLines
from projections.ladder import LadderColumns
from projections.part import Groups, Matrix, Part, Seen, dense
from projections.programmes import Programmes
from projections.sources import NO_WORD, Deltas, Ints, Sources
from schemas.board import Counts, Figures, Ladder, Row
from schemas.measures import ASSIGNED, DUE, IN_REVISION, MEASURES, OVERDUE
from schemas.order_vn import place
from schemas.times import Day, Instant, to_date


class Question(NamedTuple):
    """What is asked, at which instant T of which day; `known` None is what is known now.

    `owers` are those whose figures the answer is made of, None: all.
    """

    ask: Ask
    on: Instant
    day: Day
    known: Known | None
    owers: Owers | None = None


class ByOwer(NamedTuple):
    """Rows by ower of a part: the counts, those due this year, and those due before it; beside
    them the ladder's entries."""

    counts: Matrix
    this_year: Matrix
    before: Matrix
    seen: Seen


class Figured(Protocol):
    """Where the figures come from."""

    @property
    def sources(self) -> Sources: ...
    @property
    def programmes(self) -> Programmes: ...
    @property
    def groupings(self) -> Groupings: ...

    def totals(self, owers: Ints, day: Day) -> Matrix: ...

    def year_totals(
        self, owers: Ints, day: Day, is_open: NDArray[np.bool_], totals: Matrix
    ) -> tuple[Matrix, Matrix]: ...

    def ladder_columns(self, question: Question, owers: Ints) -> LadderColumns: ...


class Answer:
    """Figures of one part; `extra` is added to what the cells say."""

    def __init__(self, of: Figured, part: Part, question: Question, extra: Extra) -> None:
        self._of = of
        self._part = part
        self._question = question
        self._cuts = of.sources.names.cut_rows
        self._filtered = question.ask.filtered
        self._extra = self._let(extra.of(part.owers).deltas())
        self._ladder = (
            None if self._filtered else part.seen(of.ladder_columns(question, part.owers))
        )

    def groups(self) -> dict[str, Any]:
        """The groups of a board, by the names of its fields."""
        part, ask = self._part, self._question.ask
        totals = self._totals()
        matrix = self._with_extra(totals)
        own, subtree = part.own(matrix), part.total(matrix)
        columns = self._columns(totals) if not self._filtered and not ask.everything else None
        ladders = self._ladders(part.alone()), self._ladders(part.whole())
        out: dict[str, Any] = {
            "own": _figures(own, ladders[0], columns and columns[0]),
            "subtree": _figures(subtree, ladders[1], columns and columns[1]),
            "by_level": dict(self._grouped(part.levels(), matrix)),
            "by_unit_kind": dict(self._grouped(part.kinds(), matrix)),
        }
        if ask.by is not None:
            out["by"] = ask.by
            out["rows"] = self._rows(ask.by, out, matrix)
        return out

    def matrix(self) -> Matrix:
        """Own figures, one row per ower of the part."""
        return self._with_extra(self._totals())

    def by_ower(self) -> ByOwer:
        """All that the figures of any group are made of; the question has no filters."""
        totals = self._totals()
        assert self._ladder is not None  # it is there without filters
        return ByOwer(self._with_extra(totals), *self._years(totals), self._ladder)

    def pasts(self, matrix: Matrix) -> dict[str, Figures]:
        """The figures under each head of the part by its code; together they are the whole."""
        return dict(self._grouped(self._part.pasts(), matrix))

    def _with_extra(self, totals: Matrix) -> Matrix:
        return totals + self._by_ower(self._extra) if len(self._extra.ower) else totals

    def _totals(self) -> Matrix:
        """Own figures, one row per ower of the part, without the extra."""
        if self._filtered:
            return self._by_ower(self._cells())
        return self._of.totals(self._part.owers, self._question.day)

    def _cells(self) -> Deltas:
        """Every cell of the part up to the day that the filters let through."""
        return self._let(self._of.sources.select(self._part.owers, self._question.day))

    def _let(self, deltas: Deltas) -> Deltas:
        """What bears the words, and is due in the years, that are asked for."""
        if not self._filtered:
            return deltas
        ask, find = self._question.ask, self._of.sources.names.words.find
        here = np.ones(len(deltas.ower), np.bool_)
        wanted = {"programme": _some(ask.programme), "period": _some(ask.period), "kind": ask.kinds}
        for name, words in wanted.items():
            if words:
                numbers = [number for word in words if (number := find(word)) is not None]
                here &= np.isin(self._cuts[name][deltas.cut], numbers)
        if (years := ask.due_years) is not None:
            due = self._cuts["due_year"][deltas.cut]
            here &= (due >= years[0]) & (due <= years[1])
        return _where(deltas, here)

    def _by_ower(self, deltas: Deltas) -> Matrix:
        place = np.searchsorted(self._part.owers, deltas.ower)
        return dense(deltas.rows, place, len(self._part.owers))

    def _columns(self, totals: Matrix) -> tuple[tuple[Counts, Counts], tuple[Counts, Counts]]:
        """(due this year, carried over) of the unit itself and of the subtree."""
        part, (this, before) = self._part, self._years(totals)
        return (
            (part.own(this), carried(part.own(before))),
            (part.total(this), carried(part.total(before))),
        )

    def _years(self, totals: Matrix) -> tuple[Matrix, Matrix]:
        """By ower of the programmes in force what is due this year, and what was due before."""
        question, part = self._question, self._part
        closed = self._programmes().closed(question.on)
        is_open = self._of.sources.names.words.is_none_of(closed)
        this, before = self._of.year_totals(part.owers, question.day, is_open, totals)
        years = self._cuts["due_year"][self._extra.cut]
        in_force = is_open[self._cuts["programme"][self._extra.cut]]
        year = to_date(question.day).year
        this = this + self._by_ower(_where(self._extra, in_force & (years == year)))
        earlier = in_force & (years > 0) & (years < year)
        return this, before + self._by_ower(_where(self._extra, earlier))

    def _ladders(self, groups: Groups) -> Sequence[Ladder] | None:
        return None if self._ladder is None else self._part.ladder(self._ladder, groups)

    def _grouped(self, groups: Groups, matrix: Matrix) -> list[tuple[str, Figures]]:
        counts = self._part.sums(groups, matrix)
        ladders = self._ladders(groups)
        return [
            (key, Figures(counts=counts[at], ladder=ladders[at] if ladders else None))
            for at, key in enumerate(groups.keys)
        ]

    def _rows(self, by: str, out: dict[str, Any], matrix: Matrix) -> tuple[Row, ...]:
        match by:
            case "level":
                return tuple(Row(key, None, each) for key, each in out["by_level"].items())
            case "unit_kind":
                return tuple(Row(key, None, each) for key, each in out["by_unit_kind"].items())
            case "child":
                (own, *below) = self._grouped(self._part.children(), matrix)
                named = [(self._part.day.name(key), key, each) for key, each in below]
                named.sort(key=lambda one: place(one[0]))
                rows = [(self._part.day.name(own[0]), *own), *named]
                return tuple(Row(key, name, each) for name, key, each in rows)
            case "sector":
                groups, called = by_sector(self._part, self._sector_lines())
                return _ordered(self._grouped(groups, matrix), called)
            case "oversight":
                return self._by_oversight()
            case _:
                return self._by_word(by)

    def _sector_lines(self) -> SectorLines:
        day, groupings = self._part.day, self._of.groupings
        return SectorLines(day, groupings.guided(day, self._question.on, self._known_at()))

    def _known_at(self) -> Instant | None:
        return self._question.ask.known if self._question.known else None

    def _every(self) -> Deltas:
        """The cells and the extra."""
        parts = (self._cells(), self._extra)
        return Deltas(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _by_oversight(self) -> tuple[Row, ...]:
        every = self._every()
        held = self._of.groupings.oversight(self._question.on, self._known_at())
        group, keys, named = by_oversight(self._part, held, self._of.sources.names, every)
        sums = dense(every.rows, group, len(keys)).tolist()
        figures = [Figures(counts=Counts(tuple(row))) for row in sums]
        return _ordered(list(zip(keys, figures, strict=True)), named)

    def _by_word(self, by: str) -> tuple[Row, ...]:
        """The subtree's counts by a word of the cut; the part without such a word comes last."""
        numbers, group = np.unique(self._cuts[by], return_inverse=True)
        every = self._every()
        sums = dense(every.rows, group[every.cut], len(numbers)).tolist()
        words = self._of.sources.names.words.words
        found, named = [], {}
        for number, row in zip(numbers.tolist(), sums, strict=True):
            key = str(number) if by == "due_year" else words[number]
            key = NO_GROUP if number == NO_WORD or key is None else key
            found.append((key, Figures(counts=Counts(tuple(row)))))
            if by == "programme" and key:
                named[key] = Named(self._programmes().name(key))
        return _ordered(found, named)

    def _programmes(self) -> Programmes:
        return self._question.known.programmes if self._question.known else self._of.programmes


def _ordered(found: Sequence[tuple[str, Figures]], named: Mapping[str, Named]) -> tuple[Row, ...]:
    """Groups of which anything is counted, by their keys; what is in no group comes last."""
    rows = []
    for key, figures in sorted(found, key=lambda one: (not one[0], place(one[0]))):
        if figures.counts or any(figures.ladder or ()):
            name, inferred = named.get(key, NOBODY)
            rows.append(Row(key or None, name, figures, inferred))
    return tuple(rows)


def _figures(
    counts: Counts, ladders: Sequence[Ladder] | None, columns: tuple[Counts, Counts] | None
) -> Figures:
    this, carried = columns or (None, None)
    ladder = ladders[0] if ladders else None
    return Figures(counts=counts, ladder=ladder, due_this_year=this, carried_over=carried)


def carried(before: Counts) -> Counts:
    """Of what was due before the year only what is still open."""
    values = [0] * len(MEASURES)
    values[IN_REVISION], values[OVERDUE] = before[IN_REVISION], before[OVERDUE]
    values[ASSIGNED] = values[DUE] = before[IN_REVISION] + before[OVERDUE]
    return Counts(tuple(values))


def _some(word: str | None) -> tuple[str, ...]:
    return () if word is None else (word,)


def _where(deltas: Deltas, here: NDArray[np.bool_]) -> Deltas:
    return Deltas(*(column[here] for column in deltas))
