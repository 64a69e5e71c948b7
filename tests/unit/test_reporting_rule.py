"""What may be decided about a standing rule: every word of it, its end, and who takes part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.events.programme import ReportingRuleEstablished
from schemas.refusal import Refused
from services.command import Command
from services.programme import CloseProgramme, IssueProgramme
from services.reporting_rule import (
    DeclareParticipation,
    EstablishReportingRule,
    MeetCondition,
    WithdrawReportingRule,
)
from tests.given_when_then import Office
from tests.office import at, day, established

ID, ISSUER, OWER = "guidance", "66.so-noi-vu", "66.so-a"
NOW = "2012-03-01 08:00"
BY_QUARTER = {
    "kind": "recurring",
    "period": "quarter",
    "due": {"position": "last_month_of_period", "before_day": 8},
}
BY_MONTH = {**BY_QUARTER, "period": "month", "due": {"position": "within_period"}}


def rule(**given: Any) -> EstablishReportingRule:
    base: dict[str, Any] = {
        "programme": ID,
        "by": ISSUER,
        "rule": "R1",
        "title": "Báo cáo quý",
        "period_kinds": ("quarter",),
        "owers": ("class:66.so",),
        "due_rule": json.dumps(BY_QUARTER),
        "valid_from": day("2012-03-01"),
        "valid_to": day("2012-12-31"),
        "item": "5.1",
    }
    return EstablishReportingRule(**{**base, **given})


def withdraw(**given: Any) -> WithdrawReportingRule:
    return WithdrawReportingRule(**{"programme": ID, "by": ISSUER, "rule": "R1", **given})


def takes_part(**given: Any) -> DeclareParticipation:
    return DeclareParticipation(**{"programme": ID, "by": OWER, "item": "2.a", **given})


def close(**given: Any) -> CloseProgramme:
    return CloseProgramme(**{"programme": ID, "by": ISSUER, **given})


@pytest.fixture
def office() -> Office:
    """A programme with one rule for all and one for those alone that take part."""
    made = Office(
        established("66", parent=None),
        established(ISSUER, parent="66"),
        established(OWER, parent="66"),
        now=NOW,
    )
    made.when(IssueProgramme(programme=ID, by=ISSUER, number="125", title="Hướng dẫn"))
    made.when(rule())
    opt_in = rule(rule="2.a", item="2.a", conditional=True, report_kind="task", owers=(OWER,))
    made.when(opt_in)
    return made


def test_a_rule_carries_all_its_words_and_what_meets_its_obligations(office: Office) -> None:
    (event,) = office.when(rule(rule="R2", item="5.2", report_kind="task", skips=("Q2",)))

    assert isinstance(event, ReportingRuleEstablished)
    assert (event.item, event.done_when, event.skips) == ("5.2", "declared", ("Q2",))
    assert office.streams[f"programme:{ID}"][1].done_when == "sent"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "broken", "where"),
    [
        ({"valid_to": day("2012-02-28")}, "a rule ends after it begins", "valid_to"),
        ({"due_rule": "nonsense"}, "the due rule is no JSON", "due_rule"),
        ({"report_kind": "banana"}, "a rule opens one of task, report", "report_kind"),
        ({"period_kinds": ("fortnight",)}, "a period is one of year", "period_kinds"),
        ({"period_kinds": ("month",)}, "the due is one of each quarter", "period_kinds"),
        ({"owers": ()}, "a rule says who owes it", "owers"),
        ({"item": "5.1"}, "rules of one duty do not overlap; R1 holds for 5.1", "valid_from"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(
    office: Office, given: dict[str, Any], broken: str, where: str
) -> None:
    command = rule(**{"rule": "R9", "item": "9", **given})

    assert broken in office.refuses(command)
    assert office.refused_at(command) == where


def test_a_due_rule_of_an_unknown_kind_is_refused_by_the_place_in_it(office: Office) -> None:
    with pytest.raises(Refused, match="nonsense") as refused:
        office.when(rule(rule="R9", item="9", due_rule='{"kind":"nonsense"}'))

    assert refused.value.where == "due_rule.kind"


@pytest.mark.parametrize(
    "given",
    [
        {"valid_from": day("2013-01-01"), "valid_to": None},
        {"owers": ("class:66.huyen",)},
        {"period_kinds": ("month",), "due_rule": json.dumps(BY_MONTH)},
    ],
    ids=["later", "other owers", "other periods"],
)
def test_rules_of_one_duty_may_follow_each_other(office: Office, given: dict[str, Any]) -> None:
    assert office.says(rule(rule="R9", **given)) == ["reporting_rule.established.v1"]


def test_a_dated_rule_may_come_beside_one_without_a_day_and_not_the_other_way_round(
    office: Office,
) -> None:
    bare = rule(rule="R4", item="R4", due_rule=None, period_kinds=("month",))
    dated = rule(rule="R4.day", item="R4", due_rule=json.dumps(BY_MONTH), period_kinds=("month",))
    office.when(bare)

    assert len(office.when(dated)) == 1
    assert "do not overlap" in office.refuses(rule(rule="R4.other", item="5.1", due_rule=None))


def test_after_a_withdrawal_another_rule_may_take_its_place(office: Office) -> None:
    assert office.says(withdraw(last_period="2012-Q2")) == ["reporting_rule.withdrawn.v1"]
    assert office.says(rule(rule="R1.new")) == ["reporting_rule.established.v1"]


@pytest.mark.parametrize(
    ("command", "broken"),
    [
        (withdraw(rule="R7"), "has no rule R7"),
        (withdraw(last_period="Q2 2012"), "is not a period"),
        (withdraw(by=OWER), "which issued it"),
        (takes_part(item="5.1"), "nobody opts in"),
        (takes_part(by="66.so-b", unit=OWER), "or a superior of it"),
        (takes_part(programme="other"), "was not issued"),
        (MeetCondition(programme="other", by=OWER, condition="approved"), "was not issued"),
        (close(by=OWER), "which issued it"),
        (close(effective_at=at("2012-01-01")), "closed after it was issued"),
    ],
)
def test_a_rule_refuses_with_its_name(office: Office, command: Command, broken: str) -> None:
    assert broken in office.refuses(command)


@pytest.mark.parametrize(
    "command",
    [
        withdraw(last_period="2012-Q2"),
        takes_part(),
        takes_part(by="66", unit=OWER),
        MeetCondition(programme=ID, by=OWER, condition="approved"),
        close(final_report="report:1"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_the_same_command_told_twice_says_nothing_the_second_time(
    office: Office, command: Command
) -> None:
    assert len(office.when(command)) == 1
    assert office.when(command) == []


def test_taking_part_is_taken_back_only_where_it_was_declared(office: Office) -> None:
    assert office.says(takes_part(holds=False)) == []
    office.when(takes_part())

    assert office.says(takes_part(holds=False)) == ["participation.declared.v1"]


def test_a_closed_programme_takes_no_more_rules(office: Office) -> None:
    office.when(close())

    assert "is closed" in office.refuses(rule(rule="R9", item="9"))
    assert "is closed" in office.refuses(takes_part())
