"""Taking reports in: received, described anew, asked for from many units at once."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.event import Document
from schemas.events.unit import UnitClassMembersSet
from schemas.times import parse_day
from services.command import Command
from services.report import ConsolidateReports, SubmitReport
from services.report_intake import AmendReport, ReceiveReport, RequestFromAll
from tests.given_when_then import Office, fields
from tests.office import at, day, expected, id_of, submitted

Q2 = "r:5.1:2012-Q2:66.so-a"
INTAKE, OWER = "66.so-noi-vu", "66.so-a"
NOW = "2012-06-06 10:00"


def office(*given: Any) -> Office:
    return Office(expected(Q2, to=("66",), via=INTAKE), *given, now=NOW)


def receive(**given: Any) -> ReceiveReport:
    return ReceiveReport(**{"obligation": Q2, "by": INTAKE, "channel": "paper"} | given)


def submit(**given: Any) -> SubmitReport:
    return SubmitReport(obligations=(Q2,), by=OWER, **given)


def test_the_intake_has_a_report_in_hand_and_names_what_it_has() -> None:
    desk = office(submitted(Q2))

    (event,) = desk.when(receive())

    assert fields(event, "type", "note", "channel", "causation_id") == (
        "report.received.v1",
        "received",
        "paper",
        submitted(Q2).event_id,
    )
    assert desk.when(receive(), now="2012-06-07 10:00") == []


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (receive(by="66.so-b"), "only 66.so-noi-vu, 66, 66.so-noi-vu may receive"),
        (receive(effective_at=at("2012-06-04")), "was sent on 2012-06-05 and not received before"),
        (AmendReport(obligation=Q2, by=OWER, title="Mẫu mới"), "which issued it, may amend"),
        (AmendReport(obligation=Q2, by=INTAKE), "says what is different"),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, rule: str) -> None:
    assert rule in office(submitted(Q2)).refuses(command)


def test_what_was_never_sent_is_not_received() -> None:
    assert "nothing was sent that could be received" in office().refuses(receive())


def test_paper_of_a_day_is_received_on_that_day_though_its_hour_is_not_known() -> None:
    desk = office(submitted(Q2))

    assert desk.says(receive(effective_at=at("2012-06-05"), effective_is_day=True)) == [
        "report.received.v1"
    ]


def test_the_issuer_describes_a_report_anew_once() -> None:
    desk = office()
    command = AmendReport(obligation=Q2, by=INTAKE, title="Theo đề cương mới")

    assert desk.says(command) == ["report.amended.v1"]
    assert desk.when(command) == []


def members(*units: str, since: str, unit_class: str = "cac-so") -> UnitClassMembersSet:
    return UnitClassMembersSet(
        event_id=id_of(f"{unit_class} {since}"),
        effective_at=at(since),
        unit="66",
        by="66",
        source="66",
        unit_class=unit_class,
        members=units,
    )


def ask(*owers: str, **given: Any) -> RequestFromAll:
    known: dict[str, Any] = {"by": "66", "item": "cv-12", "due_before": day("2012-06-20")}
    return RequestFromAll(owers=owers, **known | given)


def test_a_request_to_a_class_asks_each_member_of_that_day_under_one_correlation() -> None:
    desk = Office(
        members("66.so-a", since="2012-01-01"),
        members("66.so-a", "66.so-b", since="2012-03-01"),
        members("66.so-c", since="2012-07-01"),
        now=NOW,
    )

    events = desk.when(ask("class:cac-so", "66.x"))

    assert ["66:cv-12:66.x", "66:cv-12:66.so-a", "66:cv-12:66.so-b"] == [
        event.obligation for event in events
    ]
    assert {event.correlation_id for event in events} == {events[0].event_id}
    assert {event.type for event in events} == {"report.requested.v1"}
    assert desk.when(ask("class:cac-so", "66.x")) == []


def test_a_request_to_a_class_without_members_is_refused() -> None:
    assert "has no members" in Office(now=NOW).refuses(ask("class:cac-so"))


def test_another_unit_asks_the_class_that_the_province_has_set() -> None:
    desk = Office(members("66.so-a", since="2012-01-01"), now=NOW)

    (event,) = desk.when(ask("class:cac-so", by=INTAKE, classes_of="66", programme="p"))

    assert (event.obligation, event.by) == ("p:cv-12:66.so-a", INTAKE)


def test_ambiguity_03_figures_may_stop_before_the_period_ends_but_not_after_the_sending() -> None:
    early = submit(data_cutoff_on=parse_day("2012-05-31"), effective_at=at("2012-06-05 09:00"))
    ahead = submit(data_cutoff_on=parse_day("2012-06-30"), effective_at=at("2012-06-05 09:00"))

    assert "are no actual ones" in office().refuses(ahead)
    assert office().says(early) == ["report.submitted.v1"]


def test_ambiguity_29_the_time_that_figures_tell_of_is_kept_with_them() -> None:
    known = {"figures_from": parse_day("2011-11-01"), "figures_to": parse_day("2012-10-31")}
    turned = submit(figures_from=known["figures_to"], figures_to=known["figures_from"])

    (event,) = office().when(submit(**known))

    assert fields(event, "figures_from", "figures_to") == (*known.values(),)
    assert "ends before it begins" in office().refuses(turned)


OWN = "r:5.4:2012-Q2:66.so-noi-vu"


@pytest.mark.parametrize(
    ("included", "missing", "rule"),
    [
        ((), ("nobody:1",), "nobody:1 was not assigned"),
        ((OWN,), (), "does not contain itself"),
        ((Q2, Q2), (), "names each report once"),
        ((), (), "and at least one"),
    ],
)
def test_a_consolidation_names_reports_that_are_owed_each_once(
    included: tuple[str, ...], missing: tuple[str, ...], rule: str
) -> None:
    desk = office(submitted(Q2), expected(OWN, unit=INTAKE, by="66", issuer="66", item="5.4"))
    command = ConsolidateReports(obligation=OWN, by=INTAKE, included=included, missing=missing)

    assert rule in desk.refuses(command)


def test_a_consolidation_of_which_all_is_missing_says_so() -> None:
    desk = office(expected(OWN, unit=INTAKE, by="66", issuer="66", item="5.4"))
    paper = Document(number="40/BC")

    (event,) = desk.when(
        ConsolidateReports(obligation=OWN, by=INTAKE, missing=(Q2,), document=paper)
    )

    assert fields(event, "included", "missing") == ((), (Q2,))
