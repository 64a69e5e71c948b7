"""Ambiguities of the domain about reporting lines, in the documents that the product ships."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from schemas.event import Opens
from schemas.events.programme import ReportingRuleEstablished
from schemas.events.report import ReportExpected
from schemas.periods import parse_period
from schemas.times import parse_day
from services.loader import load
from services.programme_document import ProgrammeDocument
from services.programme_reading import builtin_programmes, read_programme

BAC_KAN, DAK_LAK = "bac-kan-2006-2010", "dak-lak-guidance-2012"
MEMBERS = {
    BAC_KAN: {
        "so-nganh": ("06.so-a",),
        "ubnd-huyen-thi-xa": ("06.x",),
        "trung-tam-mot-cua": ("06.x.mot-cua",),
    },
    DAK_LAK: {"so-ban-nganh": ("66.so-a",), "ubnd-huyen": ("66.x",)},
}


@pytest.fixture(scope="module", name="documents")
def read() -> dict[str, ProgrammeDocument]:
    found = map(read_programme, builtin_programmes())
    return {one.id: one for one in found if one.id in MEMBERS}


def openings(document: ProgrammeDocument, rule: str) -> Iterator[ReportExpected]:
    for event in load(document, MEMBERS[document.id], source="test"):
        if isinstance(event, Opens) and isinstance(event, ReportExpected) and event.rule == rule:
            yield event


def test_ambiguity_06_the_discipline_report_goes_to_the_committee_through_home_affairs(
    documents: dict[str, ProgrammeDocument],
) -> None:
    rule = next(one for one in documents[BAC_KAN].rules if one.id == "R5")

    assert {"to", "via"} <= rule.inferred
    assert {(("06.ban-chi-dao-tinh",), "06.so-noi-vu")} == {
        (event.to, event.via) for event in openings(documents[BAC_KAN], "R5")
    }


def test_ambiguity_08_the_one_stop_centre_owes_and_the_report_skips_its_district(
    documents: dict[str, ProgrammeDocument],
) -> None:
    found = list(openings(documents[BAC_KAN], "R4"))

    assert {("06.x.mot-cua", ("06.ban-chi-dao-tinh",), "06.so-noi-vu")} == {
        (event.unit, event.to, event.via) for event in found
    }
    assert {None} == {event.due_before for event in found}


def test_ambiguity_03_a_quarter_is_reported_on_before_it_ends(
    documents: dict[str, ProgrammeDocument],
) -> None:
    second = next(
        event for event in openings(documents[DAK_LAK], "R1") if event.period == "2012-Q2"
    )

    assert parse_day("2012-06-08") == second.due_before
    assert parse_day("2012-06-08") < parse_period(second.period or "").end


def test_ambiguity_09_both_recipients_of_a_rule_stand_on_it(
    documents: dict[str, ProgrammeDocument],
) -> None:
    rules = {
        event.rule: event.to
        for event in load(documents[DAK_LAK], MEMBERS[DAK_LAK], source="test")
        if isinstance(event, ReportingRuleEstablished)
    }

    assert ("66", "centre.bo-noi-vu") == rules["R4"]
