"""What may be decided about an inspection that somebody planned, and about what it found."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.events.inspection import InspectionConducted, InspectionPlanned
from services.command import Command
from services.inspection import AnnounceInspection, CancelInspection, ConductInspection
from services.inspection_plan import (
    AmendFinding,
    AmendInspection,
    ConcludeInspection,
    PlanInspection,
    PostponeInspection,
)
from services.owed import owed_of
from tests.given_when_then import Office, fields
from tests.office import day
from tests.unit.test_inspection import BODY, DUTY, FINDING, NOW, SUBJECT, duty, finding

PLANNED = "06.ban:kt-2008-07"
YEARLY = "bac-kan-2006-2010:III.3.3.b:2008:06.ban"


def plan(**given: Any) -> PlanInspection:
    base: dict[str, Any] = {
        "obligation": PLANNED,
        "by": BODY,
        "unit": BODY,
        "item": "kt-2008-07",
        "subjects": (SUBJECT,),
        "due_before": day("2008-05-01"),
    }
    return PlanInspection(**{**base, **given})


def on_planned(command: type[Any], by: str = BODY, **given: Any) -> Any:
    return command(obligation=PLANNED, by=by, **given)


def postpone(by: str = BODY, due: str = "2008-06-01") -> PostponeInspection:
    made: PostponeInspection = on_planned(PostponeInspection, by=by, due_before=day(due))
    return made


def test_a_body_plans_an_inspection_puts_it_off_holds_and_concludes_it() -> None:
    office = Office(now=NOW)
    amend = on_planned(AmendInspection, subjects=(SUBJECT, "06.060"))
    conduct = on_planned(ConductInspection, subjects=(SUBJECT,))
    commands: list[Command] = [plan(), postpone(), amend, conduct, on_planned(ConcludeInspection)]

    assert [office.says(one) for one in commands] == [
        ["inspection.planned.v1"],
        ["inspection.postponed.v1"],
        ["inspection.amended.v1"],
        ["inspection.conducted.v1"],
        ["inspection.concluded.v1"],
    ]
    again = [plan(), conduct, on_planned(ConcludeInspection)]
    assert [office.when(one) for one in again] == [[], [], []]


def test_a_conclusion_without_a_record_of_holding_it_says_that_it_was_held() -> None:
    office = Office(now=NOW)
    office.when(plan())
    office.when(on_planned(ConcludeInspection))

    assert owed_of(office.streams[PLANNED]).done


def test_what_was_planned_unannounced_is_held_unannounced() -> None:
    office = Office(now=NOW)
    office.when(plan(mode="unannounced"))
    (held,) = office.when(on_planned(ConductInspection, subjects=(SUBJECT,)))

    assert isinstance(held, InspectionConducted)
    assert "unannounced" == held.mode


def test_an_unannounced_inspection_is_not_announced() -> None:
    office = Office(now=NOW)
    office.when(plan(mode="unannounced"))

    assert "told to nobody before" in office.refuses(
        on_planned(AnnounceInspection, subjects=(SUBJECT,))
    )


def test_only_the_issuer_puts_off_what_the_calendar_asks_for() -> None:
    later = PostponeInspection(obligation=DUTY, by=BODY, due_before=day("2008-05-01"))

    assert "cannot postpone its own due" in Office(duty(), now=NOW).refuses(later)


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (postpone(by=SUBJECT), "may postpone"),
        (postpone(due="2008-04-01"), "gives more time"),
        (on_planned(AmendInspection, by=SUBJECT), "may amend"),
        (on_planned(ConcludeInspection, by=SUBJECT), "may conclude"),
        (plan(obligation="other", subjects=()), "at least one subject"),
        (plan(obligation="other", planned_on=day("2008-05-01")), "before the due"),
        (plan(obligation="other", plan=DUTY), "no inspection plan"),
        (plan(subjects=(SUBJECT,), due_before=day("2008-05-02")), "with other terms"),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, rule: str) -> None:
    office = Office(duty(), now=NOW)
    office.when(plan())

    assert rule in office.refuses(command)


def test_what_was_held_is_neither_planned_anew_nor_put_off_nor_cancelled() -> None:
    office = Office(now=NOW)
    office.when(plan())
    office.when(on_planned(ConductInspection, subjects=(SUBJECT,)))

    assert "was held already" in office.refuses(on_planned(AmendInspection))
    assert "is done" in office.refuses(postpone())
    assert "is not cancelled" in office.refuses(on_planned(CancelInspection))


def test_an_inspection_stands_in_the_yearly_plan_that_another_system_keeps() -> None:
    (planned,) = Office(now=NOW).when(plan(plan=YEARLY))

    assert isinstance(planned, InspectionPlanned)
    assert fields(planned, "plan", "kind", "issuer") == (YEARLY, "inspection", BODY)


def test_the_inspector_describes_a_finding_anew_and_nobody_else_does() -> None:
    office = Office(finding(), now=NOW)
    words = {"obligation": FINDING, "text": "Chậm ban hành kế hoạch"}

    assert office.says(AmendFinding(by=BODY, **words)) == ["finding.amended.v1"]
    assert "may amend" in office.refuses(AmendFinding(by=SUBJECT, **words))
