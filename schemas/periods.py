"""Periods: the year, half-year, quarter or month that a duty is owed for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from schemas.times import Day, day, to_date


class PeriodKind(StrEnum):
    """The four lengths of a period, by the words of the programme files."""

    YEAR = "year"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"
    MONTH = "month"


MONTHS = {
    PeriodKind.YEAR: 12,
    PeriodKind.HALF_YEAR: 6,
    PeriodKind.QUARTER: 3,
    PeriodKind.MONTH: 1,
}
"""Length of each kind in months."""

YEAR_MIN = 1900
YEAR_MAX = 9998
"""Years that a period may lie in; the first day after the last one must still be a date."""

_FORM = re.compile(
    r"(?P<year>\d{4})(-(H(?P<half_year>[12])|Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?\Z",
    re.ASCII,
)


class Period(NamedTuple):
    """One period: `number` counts within the year from 1 (always 1 for a year)."""

    kind: PeriodKind
    year: int
    number: int = 1

    @property
    def first(self) -> Day:
        """The first day."""
        return day(self.year, (self.number - 1) * MONTHS[self.kind] + 1, 1)

    @property
    def end(self) -> Day:
        """The day after the last day."""
        return self.next().first

    @property
    def last_month(self) -> tuple[int, int]:
        """Year and number of the last month."""
        return self.year, self.number * MONTHS[self.kind]

    def next(self) -> Period:
        """The period of the same kind that begins where this one ends."""
        if self.number * MONTHS[self.kind] < 12:
            return Period(self.kind, self.year, self.number + 1)
        return Period(self.kind, self.year + 1, 1)

    def __str__(self) -> str:
        return format_period(self)


def parse_period(text: str) -> Period:
    """`2012`, `2012-H1`, `2012-Q2` or `2012-06` -> period. Raises ValueError for other forms."""
    match = _FORM.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a period; write 2012, 2012-H1, 2012-Q2 or 2012-06")
    year = int(match["year"])
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise ValueError(f"{text!r}: the year must lie between {YEAR_MIN} and {YEAR_MAX}")
    for kind in (PeriodKind.HALF_YEAR, PeriodKind.QUARTER, PeriodKind.MONTH):
        if match[kind] is not None:
            return Period(kind, year, int(match[kind]))
    return Period(PeriodKind.YEAR, year)


def format_period(period: Period) -> str:
    """The inverse of parse_period."""
    match period.kind:
        case PeriodKind.YEAR:
            return f"{period.year:04d}"
        case PeriodKind.HALF_YEAR:
            return f"{period.year:04d}-H{period.number}"
        case PeriodKind.QUARTER:
            return f"{period.year:04d}-Q{period.number}"
        case PeriodKind.MONTH:
            return f"{period.year:04d}-{period.number:02d}"


def period_of(kind: PeriodKind, on: Day) -> Period:
    """The period of this kind in which the day lies."""
    date = to_date(on)
    return Period(kind, date.year, (date.month - 1) // MONTHS[kind] + 1)


def periods(kind: PeriodKind, since: Day, until: Day) -> Iterator[Period]:
    """The periods of this kind that have a day in [since, until), in order."""
    if since >= until:
        return
    period = period_of(kind, since)
    while period.first < until:
        yield period
        period = period.next()
