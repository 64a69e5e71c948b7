"""Due rules: every date of domain 6.2, the first period, opening days, the lenient reading."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.due import (
    DueRule,
    Occurrence,
    Recurring,
    Undated,
    due_after,
    due_in,
    occurrences,
)
from schemas.due_text import canonical, parse_rule
from schemas.periods import Period, PeriodKind, parse_period
from schemas.times import Day, format_day, parse_day
from services.programme_document import ProgrammeDocument
from services.programme_reading import builtin_programmes, read_programme

FAR = parse_day("2030-01-01")
IN_FORCE = parse_day("2007-02-19")


@cache
def documents() -> dict[str, ProgrammeDocument]:
    return {found.id: found for found in map(read_programme, builtin_programmes())}


S0, S1, S3, S4 = (
    "lang-son-review-2001-2010",
    "bac-kan-2006-2010",
    "dong-thap-review-2011-2020",
    "dak-lak-guidance-2012",
)

WORKED_OUT = [
    (S1, "R2a", "2007-H1", "2007-06-20", "Tue", 11),
    (S1, "R2b", "2007", "2007-12-20", "Wed", 12),
    (S1, "R5", "2007-Q1", "2007-03-20", "Mon", 12),
    (S1, "R5", "2007-Q2", "2007-06-20", "Tue", 11),
    (S1, "R5", "2007-Q3", "2007-09-20", "Wed", 11),
    (S1, "R5", "2007-Q4", "2007-12-20", "Wed", 12),
    (S1, "R7", "2007", "2007-04-01", "Sat", None),
    (S4, "R1", "2012-Q1", "2012-03-08", "Wed", 24),
    (S4, "R1", "2012-Q2", "2012-06-08", "Thu", 23),
    (S4, "R1", "2012-Q3", "2012-09-08", "Fri", 23),
    (S4, "R1", "2012-Q4", "2012-12-08", "Fri", 24),
    (S4, "R2", "2012-H1", "2012-06-08", "Thu", 23),
    (S4, "R3", "2012", "2012-12-03", "Sun", 29),
    (S4, "R8", "2012", "2012-11-15", "Wed", 47),
    (S4, "R5", None, "2012-03-16", "Thu", None),
    (S4, "R7", "2013", "2012-07-30", "Sun", None),
    (S0, "R1", None, "2010-06-30", "Tue", None),
    (S3, "R1", None, "2020-06-01", "Sun", None),
    (S3, "R2", None, "2020-05-15", "Thu", None),
    (S3, "R3", None, "2020-07-01", "Tue", None),
    (S3, "R4", None, "2021-01-01", "Thu", None),
]
"""The whole table of domain 6.2: programme, rule, period, due_before, weekday of the last on-time
day, days from the due to the end of the period (None where the table gives none)."""


@pytest.mark.parametrize(("programme", "rule", "period", "due", "weekday", "slack"), WORKED_OUT)
def test_the_dates_worked_out_in_the_domain(
    programme: str, rule: str, period: str | None, due: str, weekday: str, slack: int | None
) -> None:
    document = documents()[programme]
    found = next(one for one in document.rules if one.id == rule)
    by_period = {
        str(one.period) if one.period else None: one
        for one in occurrences(found.due, document.in_force_on, Day(document.covers_to + 1))
    }
    got = by_period[period].due_before

    assert got is not None
    assert format_day(got) == due
    assert weekday_of(Day(got - 1)) == weekday
    if slack is not None:
        assert period is not None
        assert parse_period(period).end - got == slack


def weekday_of(on: Day) -> str:
    return ("Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed")[on % 7]


def recurring(**fields: Any) -> dict[str, Any]:
    due = {name: fields.pop(name) for name in list(fields) if name in DUE_FIELDS}
    return {"kind": "recurring", "due": due, "starts": 2007, "ends": 2008, **fields}


DUE_FIELDS = ("position", "before_day", "before_month", "year_offset", "quarter")


def shown(one: Occurrence) -> tuple[str | None, str | None, str]:
    return (
        str(one.period) if one.period else None,
        format_day(one.due_before) if one.due_before is not None else None,
        format_day(one.opens_on),
    )


def test_every_rule_of_the_five_documents_survives_its_canonical_json() -> None:
    rules: list[DueRule] = []
    for document in documents().values():
        rules += [task.due for task in document.tasks] + [rule.due for rule in document.rules]

    assert len(rules) == 259
    assert [parse_rule(json.loads(canonical(rule))) for rule in rules] == rules


def test_the_first_period_is_the_first_whose_due_lies_after_the_rule_takes_effect() -> None:
    rule = parse_rule(recurring(period="quarter", position="last_month_of_period", before_day=8))

    def first(in_force: str) -> Period | None:
        return next(occurrences(rule, parse_day(in_force), FAR)).period

    assert str(first("2007-03-01")) == "2007-Q1"
    assert str(first("2007-03-07")) == "2007-Q1"
    assert str(first("2007-03-08")) == "2007-Q2"


def test_a_period_without_a_day_counts_while_it_has_not_ended() -> None:
    rule = parse_rule(recurring(period="month", position="unspecified"))

    assert str(next(occurrences(rule, IN_FORCE, FAR)).period) == "2007-02"


def test_a_due_before_its_period_opens_on_the_first_of_january_of_the_dues_year() -> None:
    rule = parse_rule(
        recurring(
            period="year",
            position="month_day",
            before_month=7,
            before_day=30,
            year_offset=-1,
            starts=2013,
            ends=2014,
        )
    )
    found = [shown(one) for one in occurrences(rule, parse_day("2012-03-01"), FAR)]

    assert found == [("2013", "2012-07-30", "2012-03-01"), ("2014", "2013-07-30", "2013-01-01")]


@pytest.mark.parametrize(
    ("mapping", "strict", "lenient"),
    [
        ({"kind": "before_date", "due_before": "2010-06-30"}, "2010-06-30", "2010-07-01"),
        (
            recurring(period="quarter", position="last_month_of_period", before_day=20),
            "2007-03-20",
            "2007-03-21",
        ),
        (
            recurring(period="year", position="month_day", before_month=12, before_day=3),
            "2007-12-03",
            "2007-12-04",
        ),
        (
            recurring(period="year", position="within_quarter", quarter=1),
            "2007-04-01",
            "2007-04-01",
        ),
        (recurring(period="quarter", position="within_period"), "2007-04-01", "2007-04-01"),
        (
            {"kind": "by_end_of", "granularity": "month", "due_before": "2007-05-01"},
            "2007-05-01",
            "2007-05-01",
        ),
    ],
)
def test_a_lenient_province_adds_a_day_where_the_words_say_before(
    mapping: dict[str, Any], strict: str, lenient: str
) -> None:
    rule = parse_rule(mapping)
    exact = next(occurrences(rule, IN_FORCE, FAR)).due_before
    kind = next(occurrences(rule, IN_FORCE, FAR, before_is_exclusive=False)).due_before

    assert (exact, kind) == (parse_day(strict), parse_day(lenient))


def test_a_rule_without_period_takes_those_of_its_report_and_stays_dueless() -> None:
    rule = parse_rule({"kind": "unspecified"})
    kinds = (PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.YEAR)
    found = [
        shown(one)
        for one in occurrences(rule, parse_day("2012-03-01"), parse_day("2013-01-01"), kinds=kinds)
    ]

    assert found == [
        ("2012-Q1", None, "2012-03-01"),
        ("2012-Q2", None, "2012-04-01"),
        ("2012-Q3", None, "2012-07-01"),
        ("2012-Q4", None, "2012-10-01"),
        ("2012-H1", None, "2012-03-01"),
        ("2012", None, "2012-03-01"),
    ]


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(None, None), (0, "2018-05-11"), (10, "2018-05-21"), (-3, "2018-05-08")],
)
def test_an_event_brings_a_due_only_where_the_rule_counts_days(
    offset: int | None, expected: str | None
) -> None:
    rule = Undated(kind="after_event", trigger="scheme approved", offset_days=offset)

    assert due_after(rule, parse_day("2018-05-10")) == (parse_day(expected) if expected else None)
    assert due_after(Undated(kind="ongoing", offset_days=offset), parse_day("2018-05-10")) is None


def test_before_the_30th_of_february_means_all_of_february() -> None:
    rule = Recurring(period=PeriodKind.MONTH, position="last_month_of_period", before_day=30)

    assert due_in(rule, parse_period("2011-02")) == parse_day("2011-03-01")
    assert due_in(rule, parse_period("2011-03")) == parse_day("2011-03-30")


@given(
    st.sampled_from(list(PeriodKind)),
    st.integers(1, 31),
    st.integers(parse_day("2006-06-01"), parse_day("2009-01-01")).map(Day),
)
def test_nothing_opens_before_the_rule_holds_nor_when_it_is_already_late(
    kind: PeriodKind, before_day: int, in_force_on: Day
) -> None:
    rule = Recurring(
        period=kind,
        position="last_month_of_period",
        before_day=before_day,
        starts=2006,
        ends=2010,
    )
    for one in occurrences(rule, in_force_on, FAR):
        assert one.due_before is not None
        assert in_force_on <= one.opens_on < one.due_before
