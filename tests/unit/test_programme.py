"""What may be decided about a programme, its rules, and the classes of units beside it."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.events.programme import Item
from services.command import Command
from services.programme import (
    AmendProgramme,
    AssignOversight,
    IssueProgramme,
    SetClassMembers,
    programme_of,
)
from services.reporting_rule import EstablishReportingRule
from tests.given_when_then import Office, fields
from tests.office import at, day

ID, ISSUER = "dak-lak-guidance-2012", "66.so-noi-vu"
NOW = "2012-03-01 08:00"
FIRST_OF_MARCH = at("2012-03-01")
ITEMS = (
    Item(id="5.1", kind="report", title="Báo cáo quý", counted=True),
    Item(id="5.2", kind="content", title="Nội dung"),
)


def issue(**given: Any) -> IssueProgramme:
    base: dict[str, Any] = {
        "programme": ID,
        "by": ISSUER,
        "number": "125/SNV-CCHC",
        "title": "Hướng dẫn",
        "items": ITEMS,
        "in_force_on": day("2012-03-01"),
    }
    return IssueProgramme(**{**base, **given})


def rule(**given: Any) -> EstablishReportingRule:
    base: dict[str, Any] = {
        "programme": ID,
        "by": ISSUER,
        "rule": "R1",
        "title": "Quý",
        "report_kind": "report",
        "period_kinds": ("quarter",),
        "owers": ("cac-so",),
        "to": ("66",),
        "via": ISSUER,
    }
    return EstablishReportingRule(**{**base, **given})


def members(*units: str) -> SetClassMembers:
    return SetClassMembers(
        by=ISSUER, unit_class="cac-so", members=units, programme=ID, effective_at=FIRST_OF_MARCH
    )


def oversight(**given: Any) -> AssignOversight:
    base: dict[str, Any] = {
        "by": "66",
        "member": "standing member",
        "units": ("66.so-a",),
        "effective_at": FIRST_OF_MARCH,
    }
    return AssignOversight(**{**base, **given})


def test_a_programme_is_issued_with_its_items_by_its_issuer() -> None:
    office = Office(now=NOW)

    (event,) = office.when(issue())

    assert fields(event, "type", "unit", "programme", "number") == (
        "programme.issued.v1",
        ISSUER,
        ID,
        "125/SNV-CCHC",
    )
    assert programme_of(office.streams[f"programme:{ID}"]).items == ("5.1", "5.2")


@pytest.mark.parametrize(
    "command",
    [
        issue(),
        AmendProgramme(programme=ID, by=ISSUER, items_dropped=("5.2",)),
        rule(),
        members("66.so-a", "66.so-b"),
        oversight(),
    ],
    ids=lambda command: type(command).__name__,
)
def test_the_same_command_told_twice_says_nothing_the_second_time(command: Command) -> None:
    office = Office(now=NOW)
    if not isinstance(command, IssueProgramme):
        office.when(issue())
    assert len(office.when(command)) == 1

    assert office.when(command) == []


@pytest.mark.parametrize(
    ("command", "broken"),
    [
        (issue(number="126/SNV"), "issued already; amend it"),
        (issue(programme="new", items=(ITEMS[0], ITEMS[0])), "an id of its own"),
        (AmendProgramme(programme=ID, by="66.so-a", items_dropped=("5.2",)), "which issued it"),
        (AmendProgramme(programme=ID, by=ISSUER, items_dropped=("9",)), "has no item 9"),
        (rule(programme="nobody's"), "was not issued"),
        (rule(by="66.so-a"), "which issued it"),
        (members("66.so-a", "66.so-a"), "each member once"),
        (members(), "a class has members"),
        (oversight(units=()), "over areas, over units, or over both"),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, broken: str) -> None:
    office = Office(now=NOW)
    office.when(issue())

    assert broken in office.refuses(command)


def test_a_rule_keeps_its_id_and_another_one_has_another() -> None:
    office = Office(now=NOW)
    office.when(issue())
    office.when(rule())

    assert "R1 stands already" in office.refuses(rule(period_kinds=("month",)))
    assert office.says(rule(rule="R2", period_kinds=("month",))) == [
        "reporting_rule.established.v1"
    ]


def test_members_set_anew_hold_from_their_day() -> None:
    office = Office(now=NOW)
    office.when(members("66.so-a"))

    (event,) = office.when(members("66.so-a", "66.so-b"))

    assert fields(event, "unit", "unit_class", "members") == (
        ISSUER,
        "cac-so",
        ("66.so-a", "66.so-b"),
    )


def test_dropped_items_leave_the_programme_and_new_ones_enter() -> None:
    office = Office(now=NOW)
    office.when(issue())
    new = Item(id="5.3", kind="report", title="Mới")

    office.when(AmendProgramme(programme=ID, by=ISSUER, items_set=(new,), items_dropped=("5.1",)))

    assert programme_of(office.streams[f"programme:{ID}"]).items == ("5.2", "5.3")
