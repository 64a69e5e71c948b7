"""After a programme is closed nothing of it is opened or sent; what was begun can be let go."""

from __future__ import annotations

from typing import Any

import pytest

from services.command import Command
from services.inspection import ExpectInspection
from services.programme import CloseProgramme, IssueProgramme
from services.report import AcceptReport, ExpectReport, RequestReport, SubmitReport, WaiveReport
from services.task import AssignTask, DeclareTaskCompletion
from tests.given_when_then import Office
from tests.office import at, day

ID, ISSUER, OWER = "guidance", "66.so-noi-vu", "66.so-a"
REPORT, TASK = f"{ID}:5.1:2012-Q2:{OWER}", f"{ID}:3.7:{OWER}"
CLOSED = "guidance is closed since 2012-07-01; what is still owed is waived, not sent"


def of_programme(**more: Any) -> dict[str, Any]:
    given = {"by": ISSUER, "unit": OWER, "programme": ID, "item": "5.1"}
    return {**given, "due_before": day("2012-08-01"), **more}


@pytest.fixture
def office() -> Office:
    """A programme with a report and a task that are open when it is closed on 1 July."""
    made = Office(now="2012-04-01 08:00")
    made.when(IssueProgramme(programme=ID, by=ISSUER, number="125", title="Hướng dẫn"))
    made.when(ExpectReport(**of_programme(obligation=REPORT)))
    made.when(AssignTask(**of_programme(obligation=TASK, item="3.7")))
    made.when(CloseProgramme(programme=ID, by=ISSUER), now="2012-07-01 08:00")
    return made


@pytest.mark.parametrize(
    "command",
    [
        SubmitReport(by=OWER, obligations=(REPORT,)),
        DeclareTaskCompletion(by=OWER, obligation=TASK),
        AssignTask(**of_programme(obligation=f"{ID}:4:{OWER}", item="4")),
        ExpectReport(**of_programme(obligation=f"{ID}:5.1:2012-Q3:{OWER}")),
        RequestReport(**of_programme(obligation=f"{ID}:x:{OWER}")),
        ExpectInspection(**of_programme(obligation=f"{ID}:6:{OWER}")),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_of_it_is_opened_or_sent_any_more(office: Office, command: Command) -> None:
    assert office.refuses(command, now="2012-07-02 08:00") == CLOSED


def test_what_was_sent_before_is_recorded_and_accepted_after(office: Office) -> None:
    sent = SubmitReport(by=OWER, obligations=(REPORT,), effective_at=at("2012-06-30 16:00"))

    assert office.says(sent, now="2012-07-02 08:00") == ["report.submitted.v1"]
    assert office.says(AcceptReport(by=ISSUER, obligation=REPORT)) == ["report.accepted.v1"]


def test_what_is_still_owed_is_waived(office: Office) -> None:
    assert office.says(WaiveReport(by=ISSUER, obligation=REPORT)) == ["report.waived.v1"]
