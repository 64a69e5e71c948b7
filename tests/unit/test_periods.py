"""Periods read, write, follow each other and cover every day once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.periods import (
    YEAR_MAX,
    YEAR_MIN,
    Period,
    PeriodKind,
    format_period,
    parse_period,
    period_of,
    periods,
)
from schemas.times import Day, parse_day

KINDS = st.sampled_from(list(PeriodKind))
DAYS = st.integers(parse_day("1950-01-01"), parse_day("2100-01-01")).map(Day)


@pytest.mark.parametrize(
    ("text", "first", "end", "last_month"),
    [
        ("2012", "2012-01-01", "2013-01-01", (2012, 12)),
        ("2012-H1", "2012-01-01", "2012-07-01", (2012, 6)),
        ("2012-H2", "2012-07-01", "2013-01-01", (2012, 12)),
        ("2012-Q1", "2012-01-01", "2012-04-01", (2012, 3)),
        ("2012-Q4", "2012-10-01", "2013-01-01", (2012, 12)),
        ("2012-02", "2012-02-01", "2012-03-01", (2012, 2)),
        ("2012-12", "2012-12-01", "2013-01-01", (2012, 12)),
    ],
)
def test_a_period_knows_its_bounds(
    text: str, first: str, end: str, last_month: tuple[int, int]
) -> None:
    period = parse_period(text)

    assert (period.first, period.end) == (parse_day(first), parse_day(end))
    assert period.last_month == last_month
    assert str(period) == format_period(period) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "2012-H3",
        "2012-Q0",
        "2012-Q5",
        "2012-00",
        "2012-13",
        "2012-6",
        "2012-h1",
        "2012-W01",
        "2012-06-01",
        " 2012",
        "2012\n",
        "٢٠١٢",
        "0000",
        "9999",
        "2012-H1-Q1",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"period|year"):
        parse_period(text)


@given(KINDS, DAYS)
def test_every_day_lies_in_exactly_one_period_of_a_kind(kind: PeriodKind, on: Day) -> None:
    period = period_of(kind, on)

    assert period.first <= on < period.end
    assert period_of(kind, Day(period.end)) == period.next()


@given(KINDS, st.integers(YEAR_MIN, YEAR_MAX - 1), st.data())
def test_text_and_period_are_inverse(kind: PeriodKind, year: int, data: st.DataObject) -> None:
    count = {"year": 1, "half_year": 2, "quarter": 4, "month": 12}[kind]
    period = Period(kind, year, data.draw(st.integers(1, count)))

    assert parse_period(format_period(period)) == period


@given(KINDS, DAYS, st.integers(0, 2000))
def test_the_periods_between_two_days_touch_and_cover(
    kind: PeriodKind, since: Day, length: int
) -> None:
    until = Day(since + length)
    found = list(periods(kind, since, until))

    assert bool(found) == (length > 0)
    assert all(left.end == right.first for left, right in pairwise(found))
    if found:
        assert found[0].first <= since < found[0].end
        assert found[-1].first < until <= found[-1].end
