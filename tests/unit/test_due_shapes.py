"""Due rules: every shape of domain 6.1, and what a bad rule is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.due import (
    Composite,
    Fixed,
    InForce,
    Occurrence,
    Recurring,
    is_dated,
    is_duty,
    occurrences,
)
from schemas.due_text import canonical, parse_rule, to_mapping
from schemas.refusal import Reason, Refused
from schemas.times import format_day, parse_day

FAR = parse_day("2030-01-01")
IN_FORCE = parse_day("2007-02-19")


def recurring(**fields: Any) -> dict[str, Any]:
    due = {name: fields.pop(name) for name in list(fields) if name in DUE_FIELDS}
    return {"kind": "recurring", "due": due, "starts": 2007, "ends": 2008, **fields}


DUE_FIELDS = ("position", "before_day", "before_month", "year_offset", "quarter")

SHAPES: list[tuple[int, dict[str, Any], list[tuple[str | None, str | None, str]]]] = [
    (1, {"kind": "before_date", "due_before": "2010-06-30"}, [(None, "2010-06-30", "2007-02-19")]),
    (
        2,
        {"kind": "by_end_of", "granularity": "month", "due_before": "2007-05-01"},
        [(None, "2007-05-01", "2007-02-19")],
    ),
    (
        3,
        {
            "kind": "within",
            "granularity": "month",
            "from": "2020-02-01",
            "due_before": "2020-03-01",
        },
        [(None, "2020-03-01", "2007-02-19")],
    ),
    (
        4,
        {
            "kind": "within",
            "granularity": "months",
            "from": "2010-05-01",
            "due_before": "2010-07-01",
        },
        [(None, "2010-07-01", "2007-02-19")],
    ),
    (
        5,
        {
            "kind": "within",
            "granularity": "quarter",
            "from": "2008-07-01",
            "due_before": "2008-10-01",
        },
        [(None, "2008-10-01", "2007-02-19")],
    ),
    (
        6,
        {
            "kind": "within",
            "granularity": "quarters",
            "from": "2010-07-01",
            "due_before": "2011-01-01",
        },
        [(None, "2011-01-01", "2007-02-19")],
    ),
    (
        7,
        {
            "kind": "near_end_of",
            "granularity": "quarter",
            "from": "2010-10-01",
            "due_before": "2011-01-01",
            "after": "II.2.b",
        },
        [(None, "2011-01-01", "2007-02-19")],
    ),
    (
        8,
        {
            "kind": "within",
            "granularity": "year",
            "from": "2007-01-01",
            "due_before": "2008-01-01",
        },
        [(None, "2008-01-01", "2007-02-19")],
    ),
    (9, {"kind": "target_by", "due_before": "2011-01-01"}, [(None, "2011-01-01", "2007-02-19")]),
    (
        10,
        recurring(period="half_year", position="last_month_of_period", before_day=20, only="H1"),
        [("2007-H1", "2007-06-20", "2007-02-19"), ("2008-H1", "2008-06-20", "2008-01-01")],
    ),
    (
        11,
        recurring(period="year", position="month_day", before_month=12, before_day=3),
        [("2007", "2007-12-03", "2007-02-19"), ("2008", "2008-12-03", "2008-01-01")],
    ),
    (
        12,
        recurring(
            period="year", position="month_day", before_month=7, before_day=30, year_offset=-1
        ),
        [("2008", "2007-07-30", "2007-02-19")],
    ),
    (
        13,
        recurring(period="year", position="within_quarter", quarter=1),
        [("2007", "2007-04-01", "2007-02-19"), ("2008", "2008-04-01", "2008-01-01")],
    ),
    (
        14,
        recurring(period="quarter", position="within_period", ends=2007),
        [
            ("2007-Q1", "2007-04-01", "2007-02-19"),
            ("2007-Q2", "2007-07-01", "2007-04-01"),
            ("2007-Q3", "2007-10-01", "2007-07-01"),
            ("2007-Q4", "2008-01-01", "2007-10-01"),
        ],
    ),
    (
        15,
        recurring(period="year", position="unspecified"),
        [("2007", None, "2007-02-19"), ("2008", None, "2008-01-01")],
    ),
    (16, {"kind": "ongoing"}, []),
    (17, {"kind": "on_demand"}, []),
    (18, {"kind": "after_event", "trigger": "scheme approved", "offset_days": None}, []),
    (
        19,
        {
            "kind": "within_or_when",
            "granularity": "quarter",
            "from": "2020-10-01",
            "due_before": "2021-01-01",
            "trigger": "Government has issued the new-period programme",
        },
        [(None, "2021-01-01", "2007-02-19")],
    ),
    (20, {"kind": "by_reference", "reference": "theo quy định"}, []),
    (
        21,
        {
            "kind": "within",
            "granularity": "year",
            "from": "2020-01-01",
            "due_before": "2021-01-01",
            "emphasis": {"as_written": "trọng tâm trước và trong Hội nghị", "relative_to": "7"},
        },
        [(None, "2021-01-01", "2007-02-19")],
    ),
    (22, {"kind": "effective_rule", "effective_on": "2007-02-19"}, []),
    (23, {"kind": "unspecified", "fallback_due_before": "2011-01-01"}, []),
]


@pytest.mark.parametrize(("number", "mapping", "expected"), SHAPES, ids=[str(s[0]) for s in SHAPES])
def test_each_shape_gives_its_midnights_and_opening_days(
    number: int, mapping: dict[str, Any], expected: list[tuple[str | None, str | None, str]]
) -> None:
    rule = parse_rule(mapping)
    found = [shown(one) for one in occurrences(rule, IN_FORCE, FAR)]

    assert found == expected
    assert is_dated(rule) == any(due for _, due, _ in expected)
    assert is_duty(rule) == (is_dated(rule) and number != 9)


def shown(one: Occurrence) -> tuple[str | None, str | None, str]:
    return (
        str(one.period) if one.period else None,
        format_day(one.due_before) if one.due_before is not None else None,
        format_day(one.opens_on),
    )


def test_there_are_twenty_three_shapes_and_each_has_a_case() -> None:
    assert [number for number, _, _ in SHAPES] == list(range(1, 24))


@pytest.mark.parametrize(("number", "mapping", "expected"), SHAPES, ids=[str(s[0]) for s in SHAPES])
def test_a_rule_survives_its_canonical_json(
    number: int, mapping: dict[str, Any], expected: list[Any]
) -> None:
    rule = parse_rule(mapping)

    assert parse_rule(json.loads(canonical(rule))) == rule
    assert parse_rule(to_mapping(rule)) == rule


@pytest.mark.parametrize(
    ("mapping", "reason", "place"),
    [
        ("before 8 June", Reason.WRONG_TYPE, "rule"),
        ({}, Reason.MISSING_FIELD, "rule.kind"),
        ({"kind": "someday"}, Reason.NOT_IN_LIST, "rule.kind"),
        ({"kind": "before_date"}, Reason.MISSING_FIELD, "rule.due_before"),
        ({"kind": "before_date", "due_before": "30/6/2010"}, Reason.IMPOSSIBLE_DAY, "due_before"),
        ({"kind": "before_date", "due_before": "2010-02-30"}, Reason.IMPOSSIBLE_DAY, "due_before"),
        ({"kind": "before_date", "due_before": 14790}, Reason.WRONG_TYPE, "due_before"),
        ({"kind": "ongoing", "dua_before": "2010-06-30"}, Reason.EXTRA_FIELD, "rule"),
        (
            {"kind": "within", "granularity": "month", "due_before": "2020-06-02"},
            Reason.RULE,
            "due_before",
        ),
        (
            {
                "kind": "within",
                "granularity": "month",
                "from": "2020-04-01",
                "due_before": "2020-06-01",
            },
            Reason.RULE,
            "due_before",
        ),
        (
            {"kind": "before_date", "from": "2020-07-01", "due_before": "2020-06-01"},
            Reason.RULE,
            "due_before",
        ),
        (recurring(period="week", position="within_period"), Reason.NOT_IN_LIST, "rule.period"),
        (recurring(period="year", position="soon"), Reason.NOT_IN_LIST, "rule.due.position"),
        (recurring(position="within_period"), Reason.MISSING_FIELD, "rule.due"),
        (
            recurring(period="year", position="month_day", before_day=3),
            Reason.MISSING_FIELD,
            "rule.due.before_month",
        ),
        (
            recurring(period="year", position="last_month_of_period"),
            Reason.MISSING_FIELD,
            "rule.due.before_day",
        ),
        (
            recurring(period="year", position="within_quarter"),
            Reason.MISSING_FIELD,
            "rule.due.quarter",
        ),
        (
            recurring(period="year", position="last_month_of_period", before_day=32),
            Reason.RULE,
            "rule.due.before_day",
        ),
        (recurring(period="year", position="within_period", ends=2006), Reason.RULE, "rule.ends"),
        (
            {
                **recurring(period="year", position="within_quarter", quarter=1),
                "example": {"period": 2013, "due_before": "2013-05-01"},
            },
            Reason.RULE,
            "rule.example",
        ),
        (
            {
                **recurring(period="year", position="within_quarter", quarter=1),
                "example": {"period": "spring", "due_before": "2013-05-01"},
            },
            Reason.WRONG_TYPE,
            "rule.example.period",
        ),
    ],
)
def test_a_bad_rule_is_refused_with_its_place(mapping: Any, reason: Reason, place: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_rule(mapping)

    assert caught.value.reason == reason
    assert caught.value.where.endswith(place)


def test_the_marks_of_an_inferred_rule_are_kept() -> None:
    single = parse_rule({"kind": "target_by", "due_before": "2011-01-01", "inferred": True})
    fields = parse_rule(
        {**recurring(period="year", position="within_period"), "inferred_fields": ["ends"]}
    )

    assert isinstance(single, Fixed)
    assert isinstance(fields, Recurring)
    assert (single.inferred, fields.inferred) == ({"*"}, {"ends"})


def test_rules_without_days_are_their_own_kinds() -> None:
    assert parse_rule({"kind": "composite", "parts": ["2.a", "2.b"]}) == Composite(
        parts=("2.a", "2.b")
    )
    assert parse_rule({"kind": "effective_rule", "effective_on": "2007-02-19"}) == InForce(
        effective_on=IN_FORCE
    )
    assert list(occurrences(Composite(parts=("2.a",)), IN_FORCE, FAR)) == []
