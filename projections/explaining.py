"""Explaining a figure: which obligations a measure counts at T as known at K, and since when.

The obligations are found by columns, without the board's cells, so that their number is a second
count of the figure; only those on the page asked for are derived one by one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from projections.ask import Ask, Chosen, Dues
from projections.boards import Boards
from projections.life import Life
from projections.lines import NO_DUE
from projections.listing import LIVES_MAX, NONE, Found, Lives, Wanted, listed
from projections.programmes import Programmes
from projections.standings import Asked
from projections.steps import steps
from projections.view import View, view_of
from schemas.board import BY, Board
from schemas.measures import ASSIGNED, CONTENT, DUE, IN_REVISION, OVERDUE, Step
from schemas.periods import Period, PeriodKind, parse_period
from schemas.refusal import Reason, Refused
from schemas.times import (
    Day,
    Instant,
    day_of,
    end_of_day,
    format_day,
    format_instant,
    to_date,
)
from schemas.tree import Tree

CUTS = (*(cut for cut in BY if cut not in ("sector", "oversight")), "column")
"""The cuts of a board whose rows can be explained; the rows of `column` are COLUMNS."""
COLUMNS = ("due_this_year", "carried_over")
"""The two columns of a board: of the programmes in force what is due this year, and what was due
before it and is open still."""
_STILL_OPEN = 1 << IN_REVISION | 1 << OVERDUE
_CARRIED = {ASSIGNED: _STILL_OPEN, DUE: _STILL_OPEN}
"""Of what was due before the year only what is open counts; see answer.carried."""
LAST_DAY = Day(2_932_896)
"""The last day of the year 9999: nothing is told of later ones."""


class Figure(NamedTuple):
    """Which figure of a board: a measure, in the subtree or in the row `key` of the cut `by`."""

    measure: int
    by: str | None = None
    key: str | None = None


class Explanation(NamedTuple):
    """What a figure is made of: `found` are obligations, `content` programme items.

    `counted` is what the board shows. `view` is the unit in the tree of T as known at K.
    """

    view: View
    on: Instant
    known: Instant | None
    units: frozenset[str]
    found: Found
    content: tuple[Step, ...]
    counted: int

    @property
    def total(self) -> int:
        """How many obligations, or items, were found."""
        return self.found.total + len(self.content)


def explained(
    boards: Boards, lives: Lives, code: str, ask: Ask, figure: Figure, page: slice, now: Instant
) -> Explanation:
    """What a figure is made of, and a page of it.

    Raises UnknownUnit, and Refused where the unit did not stand at T, where nothing had happened by
    T or been recorded by K, where the board has no such row, and for too large a list.
    """
    on, known = as_asked(ask, now)
    view = standing_view(tree_of(boards, known), code, ask, now)
    in_columns = figure.by == "column"
    shown = replace(ask, by=None if in_columns else figure.by, everything=not in_columns)
    counted = _counted(boards.board(code, shown, now), figure)
    units = _units(view, figure)
    narrowed = _narrowed(ask, figure)
    programmes = boards.programmes if known is None else boards.programmes.as_known(known)
    found = NONE
    content: tuple[Step, ...] = ()
    if figure.measure == CONTENT:
        content = _content(programmes, units, narrowed, figure, on)
    else:
        closed = programmes.closed(on) if in_columns else frozenset()
        wanted = Wanted(
            at=on,
            known=known,
            units=units,
            programme=narrowed.programme,
            period=narrowed.period,
            whole=len(units) == len(view.day),
            chosen=_chosen(figure, on, closed),
        )
        found = listed(lives, wanted, page.start, page.stop - page.start)
        if not found.total:
            check_known(lives, view, on, known)
    return Explanation(view, on, known, units, found, content, counted)


def as_asked(ask: Ask, now: Instant) -> tuple[Instant, Instant | None]:
    """T and K of a question; K None is what is known now."""
    known = None if ask.known is None or ask.known >= now else ask.known
    return (now if ask.on is None else ask.on), known


def tree_of(boards: Boards, known: Instant | None) -> Tree:
    """The tree as known at K."""
    return boards.tree if known is None else boards.tree.as_known(known)


def standing_view(tree: Tree, code: str, ask: Ask, now: Instant) -> View:
    """The unit in the tree of T. Raises UnknownUnit, and Refused where it did not stand then."""
    view = view_of(tree, code, ask, now)
    if not view.heads:
        since = format_day(tree.units[code].established)
        sentence = f"{code} did not stand on {format_day(view.day.day)}: it stands since {since}"
        raise Refused(Reason.RULE, sentence, "on")
    return view


def below(view: View) -> frozenset[str]:
    """The unit and all that stands below it."""
    return frozenset(code for head in view.heads for code in view.day.subtree(head))


def check_known(lives: Lives, view: View, on: Instant, known: Instant | None) -> None:
    """Raises Refused where something is owed now of which by T or by K there was nothing yet.

    A 0 would look like a figure then.
    """
    units = below(view)
    asked = Asked(end_of_day(LAST_DAY), None, units, len(units) == len(view.day), 0)
    first_at = first_recorded = None
    for one in lives.standings(asked, LIVES_MAX):
        if not len(one.number):
            continue
        facts = one.shard.facts.rows
        facts = facts[np.isin(facts["obligation"], one.number)]
        at, recorded = int(facts["at"].min()), int(facts["recorded_at"].min())
        first_at = at if first_at is None else min(at, first_at)
        first_recorded = recorded if first_recorded is None else min(recorded, first_recorded)
    what = f"of what {view.unit} and all below it owe"
    if first_at is not None and on < first_at:
        told = f"nothing {what} had happened by {format_instant(on)}"
        sentence = f"{told}: the first of it is of {format_instant(Instant(first_at))}"
        raise Refused(Reason.RULE, sentence, "on")
    if first_recorded is not None and known is not None and known < first_recorded:
        told = f"nothing {what} had been recorded by {format_instant(known)}"
        sentence = f"{told}: the first of it was at {format_instant(Instant(first_recorded))}"
        raise Refused(Reason.RULE, sentence, "known")


def carried_since(life: Life, figure: Figure, units: frozenset[str], on: Instant) -> Instant | None:
    """Since when the measure has counted the obligation for these units without a break, at T."""
    since, count = None, 0
    mine = [s for s in steps(life) if s.measure == figure.measure and s.ower in units]
    instants = sorted({step.at for step in mine if step.at <= on})
    for at in instants:
        before = count
        count += sum(step.sign for step in mine if step.at == at)
        if count and not before:
            since = Instant(at)
    return since if count else None


def _counted(board: Board, figure: Figure) -> int:
    """What the board shows. Raises Refused where it has no such row."""
    if figure.by is None:
        return board.subtree.counts[figure.measure]
    if figure.by == "column":
        columns = [board.subtree.due_this_year, board.subtree.carried_over]
        told = zip(COLUMNS, columns, strict=True)
        rows = {name: counts for name, counts in told if counts is not None}
    else:
        rows = {row.key: row.figures.counts for row in board.rows or () if row.key}
    if figure.key not in rows:
        named = ", ".join(list(rows)[:10]) or "none"
        sentence = f"the board by {figure.by} has no row {str(figure.key)[:80]}; its rows: {named}"
        raise Refused(Reason.NOT_IN_LIST, sentence, "key")
    return rows[figure.key][figure.measure]


def _units(view: View, figure: Figure) -> frozenset[str]:
    units, day, key = below(view), view.day, figure.key or ""
    match figure.by:
        case "level":
            return frozenset(code for code in units if day.level(code) == key)
        case "unit_kind":
            return frozenset(code for code in units if day.kind(code) == key)
        case "child":
            # The row of the unit itself is what it owes itself.
            return frozenset({key} if key == view.unit else day.subtree(key))
        case _:
            return units


def _narrowed(ask: Ask, figure: Figure) -> Ask:
    match figure.by:
        case "programme":
            return replace(ask, programme=figure.key)
        case "period":
            return replace(ask, period=figure.key)
        case _:
            return ask


def _chosen(figure: Figure, on: Instant, closed: frozenset[str]) -> Chosen:
    chosen = Chosen(measures=1 << figure.measure, without=closed)
    match figure.by:
        case "kind":
            return chosen._replace(kind=figure.key)
        case "item":
            return chosen._replace(item=figure.key)
        case "area":
            return chosen._replace(area=figure.key)
        case "due_month" | "due_year":
            due = parse_period(figure.key or "")
            return chosen._replace(dues=Dues(due.first, due.end))
        case "column":
            year = _year(on)
            if figure.key == "due_this_year":
                return chosen._replace(dues=Dues(year.first, year.end))
            measures = _CARRIED.get(figure.measure, 1 << figure.measure)
            return chosen._replace(dues=Dues(Day(NO_DUE), year.first), measures=measures)
        case _:
            return chosen


def _year(on: Instant) -> Period:
    return Period(PeriodKind.YEAR, to_date(day_of(on)).year)


def _content(
    programmes: Programmes, units: frozenset[str], ask: Ask, figure: Figure, on: Instant
) -> tuple[Step, ...]:
    """The programme items that make no obligation, each by the step that brought it."""
    held: dict[object, Step] = {}
    for step in programmes.content_steps():
        if step.at > on or step.ower not in units:
            continue
        if step.sign < 0:
            held.pop(step.slice, None)
        elif _is_meant(step, ask, figure):
            held[step.slice] = step
    return tuple(
        sorted(held.values(), key=lambda step: (step.slice.programme or "", step.slice.item))
    )


def _is_meant(step: Step, ask: Ask, figure: Figure) -> bool:
    cut = step.slice
    if figure.by in ("due_month", "due_year", "column"):
        return False
    wanted = {"kind": cut.kind, "area": cut.area, "item": cut.item}
    named = figure.by not in wanted or wanted[figure.by] == figure.key
    return named and ask.programme in (None, cut.programme) and ask.period in (None, cut.period)
