"""Loading a programme: valid events, stable ids, causes, and the units that the files name."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache

import pytest

from schemas import avro, jsonl
from schemas.checks import check
from schemas.due import Composite
from schemas.due_text import parse_rule
from schemas.event import Event
from schemas.events.programme import ProgrammeIssued, ReportingRuleEstablished
from schemas.events.unit import UnitClassMembersSet
from schemas.times import parse_day
from services.loader import load, named_units
from services.programme_document import ProgrammeDocument
from services.programme_reading import builtin_programmes, read_programme

MEMBERS = {
    "bac-kan-2006-2010": {
        "so-nganh": ["06.so-noi-vu"],
        "ban-chi-dao-huyen": ["06.060.ban-chi-dao"],
    },
    "dak-lak-guidance-2012": {"so-ban-nganh": ["66.so-a"], "ubnd-huyen": ["66.643"]},
    "dong-thap-review-2011-2020": {"so-nganh": ["87.so-y-te"], "ubnd-huyen": ["87.866"]},
    "lang-son-2018": {"so-ban-nganh": ["20.so-noi-vu"]},
    "lang-son-review-2001-2010": {"so-ban-nganh": ["20.so-tu-phap"]},
}


@cache
def documents() -> dict[str, ProgrammeDocument]:
    return {found.id: found for found in map(read_programme, builtin_programmes())}


@cache
def loaded(programme: str) -> tuple[Event, ...]:
    return tuple(load(documents()[programme], MEMBERS[programme], source="test"))


@pytest.mark.parametrize("programme", MEMBERS)
def test_every_event_keeps_the_contract_and_survives_both_forms(programme: str) -> None:
    defaults = jsonl.Defaults(source="elsewhere")
    for event in loaded(programme):
        check(event)

        assert avro.decode(avro.encode(event)) == event
        assert jsonl.parse_line(jsonl.to_line(event), defaults) == [event]


@pytest.mark.parametrize("programme", MEMBERS)
def test_loading_twice_gives_the_same_events(programme: str) -> None:
    again = tuple(load(documents()[programme], MEMBERS[programme], source="test"))
    elsewhere = tuple(load(documents()[programme], MEMBERS[programme], source="other"))

    assert again == loaded(programme)
    assert not {event.event_id for event in again} & {event.event_id for event in elsewhere}


def test_ids_are_unique_over_all_five_loads() -> None:
    ids = [event.event_id for programme in MEMBERS for event in loaded(programme)]

    assert len(ids) == len(set(ids))


def test_a_programme_carries_all_its_rows_and_says_which_are_counted() -> None:
    found = {
        event.programme: Counter(item.counted for item in event.items)
        for programme in MEMBERS
        for event in loaded(programme)
        if isinstance(event, ProgrammeIssued)
    }

    assert found == {
        "bac-kan-2006-2010": {False: 66, True: 9},
        "dak-lak-guidance-2012": {False: 11, True: 8},
        "dong-thap-review-2011-2020": {False: 15, True: 23},
        "lang-son-2018": {False: 69},
        "lang-son-review-2001-2010": {False: 14, True: 10},
    }


def test_a_date_that_is_not_on_the_paper_is_marked_and_not_on_the_document() -> None:
    issued = loaded("lang-son-review-2001-2010")[0]

    assert isinstance(issued, ProgrammeIssued)
    assert issued.date_inferred
    assert issued.document is not None
    assert (issued.document.number, issued.document.date) == ("34/KH-UBND", None)
    assert issued.in_force_on == parse_day("2010-05-01")


def test_a_reporting_rule_carries_its_due_rule_as_canonical_json() -> None:
    rules = {
        event.rule: event
        for event in loaded("dak-lak-guidance-2012")
        if isinstance(event, ReportingRuleEstablished)
    }
    quarterly = rules["R1"]
    as_read = documents()["dak-lak-guidance-2012"].rules[0]

    # No reporting rule states rows 2.3 and 4.1, so they have rules of their own.
    assert sorted(rules) == ["2.3", "4.1", *(f"R{n}" for n in range(1, 10))]
    assert (quarterly.item, quarterly.area, quarterly.done_when) == ("5.1", "reporting", "sent")
    assert quarterly.due_rule is not None
    assert parse_rule(json.loads(quarterly.due_rule)) == as_read.due
    assert quarterly.owers == ("class:66.so-ban-nganh", "class:66.ubnd-huyen")
    assert (quarterly.to, quarterly.via, quarterly.period_kinds) == (
        ("66",),
        "66.so-noi-vu",
        ("quarter",),
    )
    assert rules["R8"].report_kind == "self_assessment"


def test_a_rule_on_the_contents_of_other_reports_is_not_established() -> None:
    rules = [
        event.rule
        for event in loaded("bac-kan-2006-2010")
        if isinstance(event, ReportingRuleEstablished)
    ]

    assert "R9" not in rules
    assert len(rules) == 10 + 8


def test_a_rule_that_several_tasks_realise_opens_nothing_and_each_of_them_has_its_own() -> None:
    rules = {
        event.rule: event
        for event in loaded("dong-thap-review-2011-2020")
        if isinstance(event, ReportingRuleEstablished)
    }
    shared = parse_rule(json.loads(rules["R2"].due_rule or ""))

    assert shared == Composite(parts=tuple(f"3.{n}" for n in range(1, 15)))
    assert (rules["3.1"].item, rules["3.1"].to) == ("3.1", rules["R2"].to)


def test_openings_are_of_three_types_and_name_their_cause() -> None:
    events = loaded("bac-kan-2006-2010")
    by_id = {event.event_id: event for event in events}
    types = Counter(event.type for event in events if event.topic == "events")
    causes = {
        event.type: {by_id[event.causation_id].type}
        for event in events
        if event.causation_id is not None
    }

    assert set(types) == {"task.assigned.v1", "report.expected.v1", "inspection.expected.v1"}
    assert types["inspection.expected.v1"] == 32
    assert causes["report.expected.v1"] == {"reporting_rule.established.v1"}
    assert causes["task.assigned.v1"] == {"reporting_rule.established.v1"}


def test_other_members_of_a_class_are_another_event() -> None:
    document = documents()["dak-lak-guidance-2012"]
    more = {"so-ban-nganh": ["66.so-a", "66.so-b"]}
    before = next(e for e in loaded(document.id) if isinstance(e, UnitClassMembersSet))
    after = next(
        e for e in load(document, more, source="test") if isinstance(e, UnitClassMembersSet)
    )

    assert before.unit_class == after.unit_class == "66.so-ban-nganh"
    assert before.event_id != after.event_id


def test_the_units_of_all_documents_come_once_with_their_superiors_first() -> None:
    events = list(named_units(documents().values(), parse_day("2001-01-01"), source="test"))
    seen: set[str | None] = {None}
    for event in events:
        check(event)

        assert event.parent in seen
        assert event.unit not in seen
        seen.add(event.unit)
    by_code = {event.unit: event for event in events}

    assert (events[0].unit, events[0].parent) == ("centre", None)
    assert by_code["20"].name == "Lạng Sơn"
    assert by_code["20"].official_code == "20"
    assert by_code["87.bao-dong-thap"].parent == "87"
    assert by_code["centre.bo-noi-vu"].parent == "centre.chinh-phu"
    assert by_code["06.truong-ban-chi-dao-tinh"].parent == "06.ban-chi-dao-tinh"
    assert "Sở Thông tin - Truyền thông" in by_code["20.so-thong-tin-truyen-thong"].aliases
