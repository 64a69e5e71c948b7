"""Due rules: how a document words a time limit, as data, and the exclusive midnight it means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from schemas.periods import Period, PeriodKind, period_of, periods
from schemas.times import Day, day, to_date

FixedKind = Literal[
    "before_date", "by_end_of", "within", "near_end_of", "target_by", "within_or_when"
]
UndatedKind = Literal["unspecified", "ongoing", "on_demand", "after_event", "by_reference"]
Position = Literal[
    "last_month_of_period", "month_day", "within_quarter", "within_period", "unspecified"
]
Granularity = Literal["month", "months", "quarter", "quarters", "year"]

FIXED_KINDS: tuple[str, ...] = get_args(FixedKind)
UNDATED_KINDS: tuple[str, ...] = get_args(UndatedKind)
POSITIONS: tuple[str, ...] = get_args(Position)
GRANULARITIES: tuple[str, ...] = get_args(Granularity)


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """One day for ever: shapes 1 to 9, 19 and 21 of domain 6.1.

    `since` is the first day of the window of work, `trigger` what else may end it (19), `after` the
    item it follows (7), `emphasis` advice that binds nobody (21).
    """

    kind: FixedKind
    due_before: Day
    granularity: Granularity | None = None
    since: Day | None = None
    trigger: str | None = None
    after: str | None = None
    emphasis: str | None = None
    inferred: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Recurring:
    """A day in each period, or none known: shapes 10 to 15.

    `starts` and `ends` are years of periods; `only` keeps one part of each year, such as `H1`.
    """

    period: PeriodKind | None
    position: Position
    before_day: int | None = None
    before_month: int | None = None
    year_offset: int = 0
    quarter: int | None = None
    only: str | None = None
    starts: int | None = None
    ends: int | None = None
    fallback: str | None = None
    inferred: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Undated:
    """No day follows from the words: shapes 16, 17, 18, 20 and 23.

    `fallback_due_before` is somebody's guess, kept for the reader; nothing here uses it.
    """

    kind: UndatedKind
    trigger: str | None = None
    offset_days: int | None = None
    reference: str | None = None
    fallback_due_before: Day | None = None
    inferred: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Composite:
    """A row with several dates: each part has its own rule."""

    parts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InForce:
    """When a document begins to hold (shape 22): no due of its own."""

    effective_on: Day
    as_written: str | None = None
    inferred: frozenset[str] = frozenset()


DueRule = Fixed | Recurring | Undated | Composite | InForce


class Occurrence(NamedTuple):
    """One time that a rule applies: for which period, due before which midnight, open since when.

    `period` is None where the duty is owed once, `due_before` None where no day is known.
    """

    period: Period | None
    due_before: Day | None
    opens_on: Day


def is_dated(rule: DueRule) -> bool:
    """Whether a day follows from the words alone."""
    return isinstance(rule, Fixed) or (
        isinstance(rule, Recurring) and rule.position != "unspecified"
    )


def is_duty(rule: DueRule) -> bool:
    """Whether somebody can be late by this rule: dated, and more than a target (shape 9)."""
    return is_dated(rule) and not (isinstance(rule, Fixed) and rule.kind == "target_by")


def due_in(rule: Recurring, period: Period, *, before_is_exclusive: bool = True) -> Day | None:
    """The exclusive midnight of one period, None where no day is known.

    `before_is_exclusive=False` lets "before day D" include D. It never lengthens a rule whose words
    name the whole of a period.
    """
    match rule.position:
        case "unspecified":
            return None
        case "last_month_of_period":
            year, month = period.last_month
            found = _day_or_next_month(year, month, rule.before_day or 1)
        case "month_day":
            found = _day_or_next_month(
                period.year + rule.year_offset, rule.before_month or 1, rule.before_day or 1
            )
        case "within_quarter":
            return Period(PeriodKind.QUARTER, period.year, rule.quarter or 1).end
        case "within_period":
            return period.end
    return found if before_is_exclusive else Day(found + 1)


def due_after(rule: Undated, happened_on: Day) -> Day | None:
    """The due that an event on this day brings, None where the rule gives no number of days.

    No document of the seeds gives one but "right after" (0): a person sets the day.
    """
    if rule.kind != "after_event" or rule.offset_days is None:
        return None
    return Day(happened_on + rule.offset_days + 1)


def occurrences(
    rule: DueRule,
    in_force_on: Day,
    until: Day,
    *,
    before_is_exclusive: bool = True,
    kinds: tuple[PeriodKind, ...] = (),
) -> Iterator[Occurrence]:
    """Every time that the rule applies, in order of its periods.

    `in_force_on` is the day from which the rule holds: the first period is the first whose due
    (whose end, where no day is known) lies after it. `until` (exclusive) ends a rule that names no
    last year. `kinds` are the periods of a rule that has none itself; it then yields only dueless
    occurrences. Nothing opens before `in_force_on`; else a period opens on its first day, or, when
    its due lies before it, on 1 January of the year of the due.
    """
    match rule:
        case Fixed():
            lenient = rule.kind == "before_date" and not before_is_exclusive
            yield Occurrence(None, Day(rule.due_before + lenient), in_force_on)
        case Recurring(period=PeriodKind() as kind):
            for period in _periods_of(rule, kind, in_force_on, until):
                due = due_in(rule, period, before_is_exclusive=before_is_exclusive)
                if (due or period.end) > in_force_on:
                    yield Occurrence(period, due, max(_opens_on(period, due), in_force_on))
        case Undated(kind="unspecified"):
            for kind in kinds:
                # One paper for the half-year and one for the year: the year is the second half.
                first_half_only = kind == PeriodKind.HALF_YEAR and PeriodKind.YEAR in kinds
                for period in periods(kind, in_force_on, until):
                    if not (first_half_only and period.number == 2):
                        yield Occurrence(period, None, max(period.first, in_force_on))
        case Recurring() | Undated() | Composite() | InForce():
            return


def _periods_of(
    rule: Recurring, kind: PeriodKind, in_force_on: Day, until: Day
) -> Iterator[Period]:
    first = day(rule.starts, 1, 1) if rule.starts else period_of(kind, in_force_on).first
    end = day(rule.ends + 1, 1, 1) if rule.ends else until
    for period in periods(kind, first, end):
        if rule.only is None or str(period).endswith(f"-{rule.only}"):
            yield period


def _opens_on(period: Period, due_before: Day | None) -> Day:
    if due_before is None or due_before > period.first:
        return period.first
    return day(to_date(Day(due_before - 1)).year, 1, 1)


def _day_or_next_month(year: int, month: int, day_of_month: int) -> Day:
    """Every day of February lies before "the 30th of February": then the next month's first."""
    end_of_month = Period(PeriodKind.MONTH, year, month).end
    return Day(min(day(year, month, 1) + day_of_month - 1, end_of_month))
