"""A review of years across reforms: a unit as then, as now and in succession, and why they differ.

What a difference rests on is found twice: as the difference of two boards, and unit by unit as the
own figures of those that came or went, each with the event by which it did. What is left over
is the remainder, which must be 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from projections.ask import TREES, Ask, UnknownUnit
from projections.part import Matrix
from projections.reasons import Reasons, nonzero
from schemas.board import Board, Counts, format_on
from schemas.refusal import Reason, Refused
from schemas.times import Day, Instant, day, day_of, end_of_day, instant_or_none
from schemas.tree import Tree

TRIES = 3
"""How often a review begins again because units were told of meanwhile."""
YEARS_MAX = 50
"""Most years of one review."""
REFORM_DAYS_MAX = 12
"""Most days of change that a review shows beside the ends of years: those that touch most units."""


class Span(NamedTuple):
    """The years of a review, first and last included, as known at K, and for one programme."""

    first: int
    last: int
    known: Instant | None = None
    programme: str | None = None


class Reviewed(Protocol):
    """Where the figures come from."""

    @property
    def tree(self) -> Tree: ...

    def board(self, unit: str, ask: Ask, now: Instant) -> Board: ...

    def own_of_all(self, ask: Ask, now: Instant) -> Matrix: ...


class Review:
    """One review, worked out row by row. Raises UnknownUnit, and Refused for impossible years."""

    def __init__(self, boards: Reviewed, unit: str, span: Span, now: Instant) -> None:
        _check(span, now)
        known = None if span.known is None or span.known >= now else span.known
        self._boards, self._unit, self._span, self._now = boards, unit, span, now
        self._from = boards.tree
        self._tree = boards.tree if known is None else boards.tree.as_known(known)
        if unit not in self._tree.units:
            raise UnknownUnit(unit, known)
        self._reasons = Reasons(self._tree, unit, day(span.first, 1, 1), now)
        self._days, self._left_out = _reform_days(self._reasons, span, now)

    @property
    def outdated(self) -> bool:
        """Whether units were told of since it began, so that rows would not fit each other."""
        return self._boards.tree is not self._from

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows in the order of days, each whole by itself."""
        span = self._span
        # What is in force and what is carried over makes no difference to the counts.
        asked = Ask(known=span.known, programme=span.programme, everything=True)
        for on, why in _instants(span, self._days, self._now):
            yield self._row(replace(asked, on=on), why)

    def _row(self, ask: Ask, why: list[str]) -> dict[str, Any]:
        assert ask.on is not None
        shown = {
            tree: self._boards.board(self._unit, replace(ask, tree=tree), self._now).subtree.counts
            for tree in TREES
        }
        own = self._boards.own_of_all(ask, self._now)
        differences = []
        for tree in TREES[1:]:
            counts = shown[tree] - shown["then"]
            found = self._reasons.of(ask.on, tree, own)
            rest = counts - Counts.total(one.counts for one in found)
            if found or counts or rest:
                differences.append(
                    {
                        "tree": tree,
                        "counts": nonzero(counts),
                        "reasons": [one.plain() for one in found],
                        "remainder": nonzero(rest),
                    }
                )
        trees = {tree: counts.plain() for tree, counts in shown.items()}
        return {"on": format_on(ask.on), "why": why, **trees, "differences": differences}

    def told(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The whole as plain JSON."""
        span = self._span
        return {
            "unit": self._unit,
            "name": self._tree.name(self._unit, day_of(self._now)),
            "from": span.first,
            "to": span.last,
            "known": instant_or_none(span.known),
            "programme": span.programme,
            "tree_version": self._tree.version,
            "rows": list(rows),
            "reform_days_left_out": self._left_out,
            "explained": all(not one["remainder"] for row in rows for one in row["differences"]),
        }


def review(boards: Reviewed, unit: str, span: Span, now: Instant) -> dict[str, Any]:
    """The review as plain JSON. Raises UnknownUnit, and Refused where the years cannot be."""
    made = Review(boards, unit, span, now)
    return made.told(list(made.rows()))


def review_by_parts(
    boards: Reviewed, unit: str, span: Span, now: Instant
) -> Iterator[dict[str, Any] | None]:
    """None after each row, so that others may go on meanwhile; at last the review.

    Where units are told of in between it begins again, and at last does all of it at once.
    """
    for _ in range(TRIES):
        made, rows = Review(boards, unit, span, now), []
        for row in made.rows():
            rows.append(row)
            yield None
            if made.outdated:
                break
        else:
            yield made.told(rows)
            return
    yield review(boards, unit, span, now)


def _check(span: Span, now: Instant) -> None:
    if span.last < span.first:
        raise Refused(Reason.RULE, "the last year lies before the first one", "to")
    if span.last - span.first >= YEARS_MAX:
        raise Refused(Reason.TOO_LARGE, f"a review has at most {YEARS_MAX} years", "to")
    if day(span.first, 1, 1) > day_of(now):
        raise Refused(Reason.IMPOSSIBLE_DAY, f"{span.first} has not begun", "from")


def _reform_days(reasons: Reasons, span: Span, now: Instant) -> tuple[list[Day], int]:
    """The days on which units of this one moved or ended, and how many of them are left out."""
    end = min(day(span.last, 12, 31), day_of(now))
    touched = [(count, on) for on, count in reasons.touched().items() if on <= end]
    kept = sorted(touched, reverse=True)[:REFORM_DAYS_MAX]
    return sorted(on for _, on in kept), len(touched) - len(kept)


def _instants(span: Span, days: Sequence[Day], now: Instant) -> list[tuple[Instant, list[str]]]:
    """The instants of the rows with what they are; what lies ahead is shown as of now."""
    found: dict[Instant, list[str]] = {}

    def add(on: Instant, why: str) -> None:
        if on > now:
            on, why = now, "now" if why == "year_end" else why
        if why not in found.setdefault(on, []):
            found[on].append(why)

    for reform in days:
        add(end_of_day(Day(reform - 1)), "day_before")
        add(end_of_day(reform), "reform_day")
    for year in range(span.first, span.last + 1):
        add(end_of_day(day(year, 12, 31)), "year_end")
    return sorted(found.items())
