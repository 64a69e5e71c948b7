"""What may be decided about an inspection, what it found, and the remedy; and about a record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from schemas.event import Event
from schemas.events.finding import FindingRecorded
from schemas.events.inspection import InspectionExpected
from services.command import Command
from services.inspection import (
    AnnounceInspection,
    CancelInspection,
    CloseFinding,
    ConductInspection,
    ExpectInspection,
    ExtendRemedyDue,
    RecordFinding,
    ReportRemedy,
    RequireRemedy,
    ReturnRemedy,
    TransferFinding,
    TransferInspection,
    WithdrawFinding,
)
from services.owed import owed_of
from services.record import CorrectRecord
from tests.given_when_then import Office, fields
from tests.office import OBLIGATION, assigned, at, day, declared, id_of

DUTY, FINDING = "bk:insp:2008-Q1:06.ban", "06:kt-2008-01:f1"
BODY, SUBJECT, BOARD = "06.ban", "06.058", "06"
NOW = "2008-03-12 09:00"


def duty(**given: Any) -> InspectionExpected:
    base: dict[str, Any] = {
        "event_id": id_of("duty"),
        "effective_at": at("2008-01-01"),
        "obligation": DUTY,
        "unit": BODY,
        "by": BOARD,
        "issuer": BOARD,
        "source": "06",
        "item": "insp",
        "period": "2008-Q1",
        "due_before": day("2008-04-01"),
    }
    return InspectionExpected(**{**base, **given})


def finding(**given: Any) -> FindingRecorded:
    base: dict[str, Any] = {
        "event_id": id_of("finding"),
        "effective_at": at(NOW),
        "obligation": FINDING,
        "unit": SUBJECT,
        "by": BODY,
        "issuer": BODY,
        "source": "06",
        "item": "kt-2008-01",
        "finding_kind": "delay",
    }
    return FindingRecorded(**{**base, **given})


def conduct(by: str = BODY) -> ConductInspection:
    return ConductInspection(obligation=DUTY, by=by, subjects=(SUBJECT,), areas=("procedures",))


def record(**given: Any) -> RecordFinding:
    base: dict[str, Any] = {
        "obligation": FINDING,
        "by": BODY,
        "unit": SUBJECT,
        "item": "kt-2008-01",
        "finding_kind": "delay",
    }
    return RecordFinding(**{**base, **given})


def on_finding(command: type[Any], by: str = BODY, **given: Any) -> Any:
    return command(obligation=FINDING, by=by, **given)


def test_a_body_owes_an_inspection_each_quarter_announces_it_and_holds_it() -> None:
    office = Office(now=NOW)
    expect = ExpectInspection(
        obligation=DUTY,
        by=BOARD,
        unit=BODY,
        item="insp",
        period="2008-Q1",
        due_before=day("2008-04-01"),
    )
    announce = AnnounceInspection(obligation=DUTY, by=BODY, subjects=(SUBJECT,))
    commands: list[Command] = [expect, announce, conduct()]

    assert [office.says(one) for one in commands] == [
        ["inspection.expected.v1"],
        ["inspection.announced.v1"],
        ["inspection.conducted.v1"],
    ]
    assert [office.when(one) for one in (expect, conduct())] == [[], []]
    assert owed_of(office.streams[DUTY]).done


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (conduct(by=SUBJECT), "only 06.ban, which owes it, may hold"),
        (CancelInspection(obligation=DUTY, by=BODY), "may cancel"),
        (TransferInspection(obligation=DUTY, by=BODY, to_unit="06.x"), "may transfer"),
        (record(inspection=DUTY), "findings follow an inspection"),
        (on_finding(ReportRemedy, by=SUBJECT), "was not assigned"),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, rule: str) -> None:
    assert rule in Office(duty(), now=NOW).refuses(command)


def test_an_inspection_is_announced_before_it_is_held() -> None:
    office = Office(duty(), now=NOW)
    office.when(conduct())

    late = AnnounceInspection(obligation=DUTY, by=BODY, subjects=(SUBJECT,))
    assert "announcing comes before" in office.refuses(late)


def test_a_finding_is_owed_by_its_subject_and_issued_by_the_body() -> None:
    office = Office(duty(), now=NOW)
    office.when(conduct())

    (event,) = office.when(record(inspection=DUTY))

    assert fields(event, "type", "unit", "issuer", "kind", "due_before") == (
        "finding.recorded.v1",
        SUBJECT,
        BODY,
        "remedy",
        None,
    )
    assert office.when(record(inspection=DUTY)) == []


def test_an_inspection_that_another_system_keeps_forbids_no_finding() -> None:
    assert Office(now=NOW).says(record(inspection="elsewhere")) == ["finding.recorded.v1"]


def test_a_finding_without_a_day_goes_the_whole_way() -> None:
    office = Office(finding(), now=NOW)
    told = on_finding(ReportRemedy, by=SUBJECT)

    assert office.says(told, now="2008-03-20 09:00") == ["remedy.reported.v1"]
    assert office.says(on_finding(ReturnRemedy), now="2008-03-25 09:00") == ["remedy.returned.v1"]
    require = on_finding(RequireRemedy, due_before=day("2008-04-15"))
    assert office.says(require, now="2008-04-01 09:00") == ["remedy.required.v1"]
    assert office.when(require) == []
    assert office.says(told, now="2008-04-16 09:00") == ["remedy.reported.v1"]
    assert office.says(on_finding(CloseFinding), now="2008-04-17 09:00") == ["finding.closed.v1"]
    assert office.when(on_finding(CloseFinding)) == []


def test_what_was_mended_on_the_spot_is_closed_at_once() -> None:
    assert Office(finding(), now=NOW).says(on_finding(CloseFinding)) == ["finding.closed.v1"]


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (on_finding(CloseFinding, by=SUBJECT), "may close"),
        (on_finding(ReportRemedy), "only 06.058, which owes it"),
        (on_finding(ReturnRemedy), "nothing was sent"),
        (on_finding(ExtendRemedyDue, due_before=day("2008-06-01")), "determine one first"),
        (on_finding(ExtendRemedyDue, by=SUBJECT, due_before=day("2008-06-01")), "cannot extend"),
        (on_finding(WithdrawFinding, by=SUBJECT), "may withdraw"),
        (on_finding(TransferFinding, by=SUBJECT, to_unit="06.y"), "may transfer"),
        (on_finding(RequireRemedy, by=SUBJECT), "may require a remedy"),
    ],
)
def test_a_rule_about_findings_refuses_with_its_name(command: Command, rule: str) -> None:
    assert rule in Office(finding(), now=NOW).refuses(command)


def test_a_required_remedy_gets_more_time_only_by_extension() -> None:
    office = Office(finding(due_before=day("2008-04-15")), now=NOW)

    later = on_finding(RequireRemedy, due_before=day("2008-05-01"))
    assert "more time is an extension" in office.refuses(later)
    extend = on_finding(ExtendRemedyDue, due_before=day("2008-05-01"))
    assert office.says(extend) == ["remedy.due_extended.v1"]


def test_a_finding_is_withdrawn_or_handed_over_once() -> None:
    office = Office(finding(), now=NOW)
    transfer = on_finding(TransferFinding, to_unit="06.060")
    withdraw = on_finding(WithdrawFinding)

    assert office.says(transfer) == ["finding.transferred.v1"]
    assert office.says(withdraw) == ["finding.withdrawn.v1"]
    assert office.when(withdraw) == []


def correct(replacement: Event | None = None, **given: Any) -> CorrectRecord:
    base: dict[str, Any] = {
        "obligation": OBLIGATION,
        "by": "87.so-noi-vu",
        "target": declared().event_id,
    }
    return CorrectRecord(**{**base, **given}, replacement=replacement)


def test_a_record_is_taken_back_or_put_right_by_who_made_it() -> None:
    office = Office(assigned(), declared())
    right = replace(declared(), effective_at=at("2020-05-28 09:00"))

    (event,) = office.when(correct(right))

    assert fields(event, "type", "target", "void") == (
        "record.corrected.v1",
        declared().event_id,
        False,
    )
    assert owed_of(office.streams[OBLIGATION]).submission == replace(right, recorded_at=office.now)
    assert office.when(correct(right)) == []
    assert office.says(correct(), now="2020-06-03 08:00") == ["record.corrected.v1"]
    assert owed_of(office.streams[OBLIGATION]).submission is None
    assert office.when(correct()) == []


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (correct(target=id_of("nothing")), "has no such record"),
        (correct(by="87"), "only 87.so-noi-vu, which recorded it"),
        (correct(assigned()), "keeps the record's type"),
        (correct(declared("other", event_id=declared().event_id)), "keeps the record's type"),
    ],
)
def test_a_correction_that_is_none_is_refused(command: Command, rule: str) -> None:
    assert rule in Office(assigned(), declared()).refuses(command)
