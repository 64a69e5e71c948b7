"""What may be decided about a report: sending, returning, accepting, consolidating, pressing."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.event import Document
from schemas.events.report import InspectionPlanAdopted, ReportConsolidated
from services.command import Command
from services.ladder import Criticise, Remind, Urge
from services.report import (
    AcceptReport,
    ConsolidateReports,
    DetermineReportDue,
    ExpectReport,
    ExtendReportDue,
    RequestReport,
    ReturnReport,
    SubmitReport,
    TransferReport,
    WaiveReport,
)
from tests.given_when_then import Office, fields
from tests.office import at, day, expected, submitted

Q2, HALF = "r:5.1:2012-Q2:66.so-a", "r:5.2:2012-H1:66.so-a"
INTAKE, OWER = "66.so-noi-vu", "66.so-a"
NOW = "2012-06-05 10:00"
PAPER = Document(number="12/BC", date=day("2012-06-05"))


def office(*given: Any, now: str = NOW) -> Office:
    return Office(expected(Q2), expected(HALF, item="5.2", period="2012-H1"), *given, now=now)


def submit(*obligations: str, by: str = OWER, **given: Any) -> SubmitReport:
    return SubmitReport(obligations=obligations or (Q2,), by=by, **given)


def send_back(until: str | None = None, by: str = INTAKE) -> ReturnReport:
    revise = day(until) if until else None
    return ReturnReport(obligation=Q2, by=by, revise_before=revise, reasons=("figures",))


def test_a_calendar_opens_a_report_that_is_done_when_sent() -> None:
    command = ExpectReport(
        obligation=Q2,
        by=INTAKE,
        unit=OWER,
        item="5.1",
        period="2012-Q2",
        due_before=day("2012-06-08"),
        to=("66",),
        via=INTAKE,
    )
    office = Office(now=NOW)

    (event,) = office.when(command)

    assert event.type == "report.expected.v1"
    assert fields(event, "kind", "done_when", "issuer", "to", "via") == (
        "report",
        "sent",
        INTAKE,
        ("66",),
        INTAKE,
    )
    assert office.when(command) == []


def test_a_superior_asks_for_a_report_outside_the_calendar() -> None:
    command = RequestReport(
        obligation="66:cv-12", by="66", unit=OWER, item="cv-12", due_before=day("2012-06-20")
    )

    assert Office(now=NOW).says(command) == ["report.requested.v1"]


def test_one_document_may_satisfy_several_obligations_under_one_correlation() -> None:
    events = office().when(submit(Q2, HALF, document=PAPER))

    assert [event.obligation for event in events] == [Q2, HALF]
    assert {event.correlation_id for event in events} == {events[0].correlation_id}
    assert events[0].correlation_id is not None


def test_of_several_obligations_the_one_that_is_sent_already_says_nothing() -> None:
    desk = office()
    desk.when(submit(Q2, document=PAPER))

    (event,) = desk.when(submit(Q2, HALF, document=PAPER))

    assert event.obligation == HALF


def test_sending_again_says_nothing_but_another_document_is_a_supplement() -> None:
    desk = office()
    desk.when(submit(document=PAPER))

    assert desk.when(submit(document=PAPER), now="2012-06-06 08:00") == []
    assert desk.when(submit(), now="2012-06-06 08:00") == []
    more = Document(number="13/BC")
    assert desk.says(submit(document=more)) == ["report.submitted.v1"]


def test_one_bad_obligation_refuses_the_whole_document() -> None:
    desk = office()

    assert "was not assigned" in desk.refuses(submit(Q2, "nobody's"))
    assert [e.type for e in desk.streams[Q2]] == ["report.expected.v1"]


def test_a_report_may_be_sent_before_its_period_is_opened() -> None:
    early = submit(effective_at=at("2012-03-30 09:00"))

    assert office().says(early) == ["report.submitted.v1"]


def test_an_inspection_plan_is_adopted_and_a_self_assessment_is_sent() -> None:
    desk = Office(
        expected("p", kind="inspection_plan"), expected("s", kind="self_assessment"), now=NOW
    )

    plan, assessment = desk.when(submit("p", "s", subjects=("66.so-b",)))

    assert isinstance(plan, InspectionPlanAdopted)
    assert plan.subjects == ("66.so-b",)
    assert assessment.type == "report.submitted.v1"


def test_a_recipient_returns_and_the_answer_names_the_submission() -> None:
    desk = office(submitted(Q2))

    (event,) = desk.when(send_back("2012-06-15"), now="2012-06-11 10:00")

    assert event.causation_id == submitted(Q2).event_id
    assert desk.says(submit(), now="2012-06-13 09:00") == ["report.submitted.v1"]


def test_recipients_are_the_issuer_and_those_it_is_sent_to_or_through() -> None:
    desk = Office(expected(Q2, to=("66",), via="66.vp"), submitted(Q2), now=NOW)

    assert "only 66.so-noi-vu, 66, 66.vp may return" in desk.refuses(send_back(by="66.so-b"))
    assert desk.says(AcceptReport(obligation=Q2, by="66.vp")) == ["report.accepted.v1"]


def test_a_paper_report_that_nobody_recorded_can_be_accepted() -> None:
    assert office().says(AcceptReport(obligation=Q2, by=INTAKE)) == ["report.accepted.v1"]


@pytest.mark.parametrize(
    ("command", "now", "rule"),
    [
        (submit(by="66.so-b"), NOW, "only 66.so-a, which owes it, may send"),
        (send_back(), NOW, "nothing was sent"),
        (
            ExtendReportDue(obligation=Q2, by=OWER, due_before=day("2012-07-01")),
            NOW,
            "cannot extend",
        ),
        (
            DetermineReportDue(obligation=Q2, by=OWER, due_before=day("2012-06-01")),
            NOW,
            "determine",
        ),
        (WaiveReport(obligation=Q2, by=OWER), NOW, "may waive"),
        (TransferReport(obligation=Q2, by=OWER, to_unit="66.so-b"), NOW, "may transfer"),
        (Remind(obligations=(Q2,), by=INTAKE), NOW, "the due has not passed"),
        (Urge(obligations=(Q2,), by=INTAKE), "2012-06-09 08:00", "after it, remind"),
        (Urge(obligations=(Q2,), by=OWER), NOW, "does not press itself"),
        (
            Criticise(obligations=(Q2,), by=INTAKE, actor_role="chair", document=PAPER),
            "2012-06-09 08:00",
            "criticism follows a reminder",
        ),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, now: str, rule: str) -> None:
    assert rule in office().refuses(command, now=now)


def test_a_return_after_the_due_needs_a_day_and_after_acceptance_is_refused() -> None:
    desk = office(submitted(Q2), now="2012-06-11 10:00")

    assert "must give a day for the revision" in desk.refuses(send_back())
    desk.when(AcceptReport(obligation=Q2, by=INTAKE))
    assert "accepted is not returned" in desk.refuses(send_back("2012-06-15"))


def test_due_waiver_and_transfer_are_decided_once() -> None:
    desk = office()
    until = day("2012-07-01")
    later = ExtendReportDue(obligation=Q2, by=INTAKE, due_before=until, document=PAPER)
    other = TransferReport(obligation=Q2, by=INTAKE, to_unit="66.so-b")
    waived = WaiveReport(obligation=HALF, by=INTAKE)

    assert desk.says(later) == ["report.due_extended.v1"]
    assert desk.says(other) == ["report.transferred.v1"]
    assert desk.says(waived) == ["report.waived.v1"]
    assert [desk.when(one) for one in (later, other, waived)] == [[], [], []]


def test_a_report_without_a_day_gets_one() -> None:
    desk = Office(expected(Q2, due_before=None), now=NOW)
    command = DetermineReportDue(obligation=Q2, by=INTAKE, due_before=day("2012-06-25"))

    assert desk.says(command) == ["report.due_determined.v1"]


def consolidate(*included: str, missing: tuple[str, ...] = ()) -> ConsolidateReports:
    return ConsolidateReports(obligation="c", by=INTAKE, included=included, missing=missing)


def test_a_consolidation_names_what_it_contains_and_what_is_missing() -> None:
    own = expected("c", unit=INTAKE, by="66", issuer="66")
    desk = office(own, submitted(Q2))

    assert "was not sent; name it among the missing" in desk.refuses(consolidate(Q2, HALF))
    first, second = desk.when(consolidate(Q2, missing=(HALF,)))

    assert isinstance(first, ReportConsolidated)
    assert fields(first, "obligation", "included", "missing") == ("c", (Q2,), (HALF,))
    assert fields(second, "type", "obligation", "unit") == ("report.included.v1", Q2, OWER)
    assert first.correlation_id == second.correlation_id
    assert desk.when(consolidate(Q2, missing=(HALF,))) == []
    desk.when(submit(HALF), now="2012-06-12 09:00")
    assert "is not changed" in desk.refuses(consolidate(Q2, HALF))


def test_the_ladder_goes_from_urging_over_reminders_to_criticism() -> None:
    desk = office()
    assert desk.says(Urge(obligations=(Q2, HALF), by=INTAKE)) == ["urging.sent.v1"] * 2

    first = desk.when(Remind(obligations=(Q2,), by=INTAKE), now="2012-06-11 08:00")
    second = desk.when(Remind(obligations=(Q2,), by=INTAKE), now="2012-06-18 08:00")

    assert [fields(one, "note", "nth") for one in (*first, *second)] == [
        ("reminded", 1),
        ("reminded", 2),
    ]
    criticise = Criticise(obligations=(Q2,), by="66", actor_role="chair", document=PAPER)
    assert desk.says(criticise) == ["criticism.issued.v1"]
    assert desk.when(criticise, now="2012-06-19 08:00") == []


@pytest.mark.parametrize(
    ("how", "rule"),
    [
        ({"document": PAPER}, "decided by a person"),
        ({"document": PAPER, "actor_role": "system"}, "decided by a person"),
        ({"actor_role": "chair"}, "issued as a document"),
    ],
)
def test_criticism_is_a_persons_decision_and_a_document(how: dict[str, Any], rule: str) -> None:
    desk = office(now="2012-06-11 08:00")
    desk.when(Remind(obligations=(Q2,), by=INTAKE))

    assert rule in desk.refuses(Criticise(obligations=(Q2,), by="66", **how))


def test_who_has_sent_its_report_is_not_reminded() -> None:
    desk = office(submitted(Q2), now="2012-06-11 08:00")

    assert "nothing to press for" in desk.refuses(Remind(obligations=(Q2,), by=INTAKE))
