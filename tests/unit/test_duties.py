"""The days a calendar means, what one paper meets, what passes by whom, what a duty waits for."""

from __future__ import annotations

import pytest

from projections.depending import Contribution, counted_rows, slack
from projections.duties import (
    Sending,
    estimate_from,
    period_dues,
    skipped,
    span_dues,
    together,
)
from schemas.events.programme import Item
from schemas.periods import parse_period
from schemas.times import parse_day

D = parse_day


@pytest.mark.parametrize(
    ("span", "after", "until"),
    [
        ("week", "2012-06-04", "2012-06-11"),
        ("month", "2012-06-01", "2012-07-01"),
        ("quarter", "2012-04-01", "2012-07-01"),
        ("year", "2012-01-01", "2013-01-01"),
    ],
)
def test_a_span_holds_the_dues_whose_last_day_lies_in_it(span: str, after: str, until: str) -> None:
    for day in ("2012-06-04", "2012-06-10"):
        assert (D(after), D(until)) == span_dues(span, D(day))


def test_a_due_at_the_end_of_a_month_belongs_to_that_month() -> None:
    june = period_dues(parse_period("2012-06"))

    assert june.after < D("2012-07-01") <= june.until
    assert not june.after < D("2012-06-01")


def test_reports_of_one_day_to_the_same_recipients_go_on_one_paper() -> None:
    due, to = D("2012-06-08"), ("66",)
    told = [
        Sending("q2", "66.x", due, to, "66.snv"),
        Sending("h1", "66.x", due, to, "66.snv"),
        Sending("direct", "66.x", due, to, None),
        Sending("other", "66.y", due, to, "66.snv"),
    ]

    assert {"q2": ("h1",), "h1": ("q2",), "direct": (), "other": ()} == together(told)


def test_figures_are_estimates_where_a_report_is_sent_before_its_period_has_ended() -> None:
    due, before, late = D("2012-06-08"), D("2012-06-01"), D("2012-06-20")

    assert due == estimate_from("report", "2012-Q2", due, before)
    assert late == estimate_from("report", "2012-Q2", due, late)
    assert None is estimate_from("report", "2012-Q2", due, D("2012-07-01"))
    assert None is estimate_from("plan", "2013", due, before)
    assert None is estimate_from("report", None, due, before)
    assert None is estimate_from("report", "the spring", due, before)


def test_a_report_to_the_province_passes_its_district_by() -> None:
    centre = ("centre", "06", "06.b", "06.b.mot-cua")

    assert ("06.b",) == skipped(centre, ("centre", "06", "06.committee"), "06.snv")
    assert () == skipped(centre, ("centre", "06", "06.b"), None)
    assert () == skipped(centre, ("centre", "06"), "06.b")
    assert () == skipped(("centre", "06", "06.snv"), ("centre", "06"), None)


def item(name: str, parent: str | None = None, *, counted: bool = True) -> Item:
    return Item(id=name, kind="task", title=name, parent=parent, counted=counted)


def test_a_heading_stands_for_the_counted_rows_below_it() -> None:
    rows = [item("3", counted=False), item("3.1", "3"), item("3.2", "3"), item("3.2.a", "3.2")]

    assert ("3.1", "3.2", "3.2.a") == counted_rows("3", rows)
    assert ("3.1",) == counted_rows("3.1", rows)
    assert () == counted_rows("4", rows)


def test_rows_that_name_one_another_as_parents_are_looked_at_once() -> None:
    assert ("a", "b") == counted_rows("a", [item("a", "b"), item("b", "a")])


def test_the_latest_contributor_leaves_the_slack_and_what_was_cancelled_counts_nowhere() -> None:
    told = [
        Contribution(D("2020-05-15"), "done_on_time"),
        Contribution(D("2020-05-20"), "not_due"),
        Contribution(D("2020-07-01"), "cancelled"),
    ]
    found = slack(D("2020-06-01"), told)

    assert (D("2020-05-20"), 12, 2, 1, 0, False) == (*found, found.at_risk)


@pytest.mark.parametrize(
    ("due", "contributor", "risk"),
    [
        ("2020-06-01", Contribution(D("2020-06-01"), "not_due"), True),
        ("2020-06-01", Contribution(D("2020-06-15"), "not_due"), True),
        ("2020-06-01", Contribution(D("2020-05-01"), "overdue"), True),
        ("2020-06-01", Contribution(None, "no_due"), True),
        ("2020-06-01", Contribution(D("2020-06-15"), "done_on_time"), False),
        ("2020-06-01", Contribution(D("2020-05-01"), "not_due"), False),
    ],
)
def test_a_duty_is_at_risk_while_what_it_waits_for_leaves_it_no_day(
    due: str, contributor: Contribution, risk: bool
) -> None:
    assert risk == slack(D(due), [contributor]).at_risk
