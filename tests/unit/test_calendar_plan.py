"""The calendar as a plan: what rules open by a day, and what they drop again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from schemas.event import Event, EventId, Opens
from schemas.events.programme import (
    ConditionMet,
    ParticipationDeclared,
    ProgrammeAmended,
    ProgrammeClosed,
    ProgrammeIssued,
    ReportingRuleEstablished,
    ReportingRuleWithdrawn,
)
from schemas.events.unit import UnitClassMembersSet
from schemas.times import Day, midnight, parse_day
from services.calendar import AHEAD_DAYS, openings, unowed
from services.document_rules import event_id
from services.loader import load, opened
from services.standing import Standing
from tests.office import id_of
from tests.unit.test_openings import S0, S1, S2, S3, S4, documents, members

FAR = parse_day("2100-01-01")
PROGRAMMES = (S0, S1, S2, S3, S4)


@cache
def loaded(programme: str) -> tuple[Event, ...]:
    document = documents()[programme]
    declared = {"2.a": {"87.860"}, "2.3": {"66.861"}}
    return tuple(load(document, members(programme), source="test", declared=declared))


def standing(programme: str) -> Standing:
    told = [event for event in loaded(programme) if not isinstance(event, Opens)]
    known = {event.unit for event in loaded(programme)}
    return Standing(told, lambda unit, day: unit in known)


def planned(programme: str, until: Day = FAR, since: Day | None = None) -> list[Opens]:
    return [
        opened(one.opening, one.rule.event.document, source="test", cause=one.cause)
        for one in openings(standing(programme), until, since)
    ]


ID, ISSUER, CLASS = "guidance", "66.so-noi-vu", "66.units"
DUE_8 = {"position": "last_month_of_period", "before_day": 8}
QUARTERLY = json.dumps({"kind": "recurring", "period": "quarter", "due": DUE_8})


def told(cls: type[Event], on: str, **more: Any) -> Any:
    """An event of the programme, as of a day."""
    fields = {"unit": ISSUER, "by": ISSUER, "source": "test", "programme": ID} | more
    name = id_of(f"{cls.__name__} {on} {sorted(more)}{more.get('rule')}")
    return cls(event_id=name, effective_at=midnight(parse_day(on)), **fields)


def rule(name: str = "R1", **more: Any) -> ReportingRuleEstablished:
    words = {"title": "Quý", "report_kind": "report", "period_kinds": ("quarter",), "item": "5.1"}
    words |= {"owers": (f"class:{CLASS}",), "due_rule": QUARTERLY, "rule": name}
    found: ReportingRuleEstablished = told(ReportingRuleEstablished, "2012-01-01", **words | more)
    return found


def issued(*rules: ReportingRuleEstablished) -> list[Event]:
    return [told(ProgrammeIssued, "2012-01-01", number="1", title="Hướng dẫn"), *rules]


def members_set(on: str, *units: str) -> UnitClassMembersSet:
    found: UnitClassMembersSet = told(
        UnitClassMembersSet, on, unit_class=CLASS, members=units, programme=None
    )
    return found


def standing_of(world: list[Event], ended: Mapping[str, str] | None = None) -> Standing:
    ends = {unit: parse_day(day) for unit, day in (ended or {}).items()}
    return Standing(world, lambda unit, day: day < ends.get(unit, FAR))


def short(obligation: str) -> str:
    """`guidance:5.1:2012-Q2:66.a` -> `Q2 66.a`"""
    _, _, period, unit = obligation.split(":")
    return f"{period[5:]} {unit}"


def owed(
    world: list[Event], until: str = "2012-06-01", ended: Mapping[str, str] | None = None
) -> list[str]:
    found = openings(standing_of(world, ended), parse_day(until))
    return [short(one.opening.obligation) for one in found]


def dropped(
    world: list[Event], today: str, ended: Mapping[str, str] | None = None
) -> list[tuple[str, EventId | None, bool]]:
    """What is owed no longer among all that opens within the 45 days ahead."""
    day = parse_day(today)
    return [
        (short(one.obligation), one.cause.event_id if one.cause else None, one.begun_too)
        for one in unowed(standing_of(world, ended), day, Day(day + AHEAD_DAYS))
    ]


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_the_calendar_opens_from_events_what_the_document_opens_from_its_file(
    programme: str,
) -> None:
    by_file = [event for event in loaded(programme) if isinstance(event, Opens)]
    by_events = planned(programme)

    assert len(by_events) == len({event.obligation for event in by_events})
    assert {e.obligation: e for e in by_events} == {e.obligation: e for e in by_file}


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_days_one_after_another_open_what_the_whole_life_opens_and_nothing_twice(
    programme: str,
) -> None:
    month, found = parse_day("2006-01-01"), planned(programme, parse_day("2006-01-01"))
    while month < parse_day("2022-01-01"):
        found += planned(programme, Day(month + 30), month)
        month = Day(month + 30)

    assert sorted(e.obligation or "" for e in found) == sorted(
        e.obligation or "" for e in planned(programme)
    )


def test_only_members_of_the_opening_day_that_stand_then_owe_a_period() -> None:
    world = [*issued(rule()), members_set("2012-01-01", "66.a", "66.b"), members_set("2012-04-15")]
    left, joined = members_set("2012-03-01", "66.b"), members_set("2012-05-01", "66.b", "66.new")

    assert owed(world[:-1]) == ["Q1 66.a", "Q1 66.b", "Q2 66.a", "Q2 66.b"]
    assert owed(world) == ["Q1 66.a", "Q1 66.b", "Q2 66.a", "Q2 66.b"]
    assert owed([*world[:-1], left]) == ["Q1 66.a", "Q1 66.b", "Q2 66.b"]
    # Who joins after the opening day owes what opens next, and nothing that has begun.
    assert owed([*world[:-1], joined]) == ["Q1 66.a", "Q1 66.b", "Q2 66.a", "Q2 66.b"]
    assert owed([*world[:-1], joined], "2012-07-02")[4:] == ["Q3 66.b", "Q3 66.new"]
    assert owed(world[:-1], ended={"66.a": "2012-02-01"}) == ["Q1 66.a", "Q1 66.b", "Q2 66.b"]


def test_who_leaves_before_the_opening_day_owes_it_no_longer_by_the_event_that_says_so() -> None:
    left = members_set("2012-06-20", "66.b")
    world = [*issued(rule()), members_set("2012-01-01", "66.a", "66.b"), left]

    assert dropped(world, "2012-06-21") == [("Q3 66.a", left.event_id, False)]
    assert dropped(world, "2012-07-01") == []


def test_a_unit_that_ends_owes_nothing_that_opens_later_unless_the_rule_names_it() -> None:
    world = [*issued(rule()), members_set("2012-01-01", "66.a", "66.b")]
    by_name = issued(rule(owers=("66.a", "66.b")))

    assert dropped(world, "2012-06-20", ended={"66.a": "2012-06-10"}) == [("Q3 66.a", None, False)]
    assert dropped(by_name, "2012-06-20", ended={"66.a": "2012-06-10"}) == []


def test_a_withdrawn_rule_ends_the_periods_after_its_last_one_begun_or_not() -> None:
    gone = told(ReportingRuleWithdrawn, "2012-05-01", rule="R1", last_period="2012-Q1")
    world = [*issued(rule()), members_set("2012-01-01", "66.a"), gone]

    assert owed(world, "2012-07-02") == ["Q1 66.a"]
    assert dropped(world, "2012-06-21") == [
        ("Q2 66.a", gone.event_id, True),
        ("Q3 66.a", gone.event_id, True),
    ]


def test_a_dropped_item_is_owed_no_longer_where_it_was_not_due_yet() -> None:
    gone = told(ProgrammeAmended, "2012-05-01", items_dropped=("5.1",))
    world = [*issued(rule()), members_set("2012-01-01", "66.a"), gone]

    assert owed(world) == ["Q1 66.a"]
    assert dropped(world, "2012-05-02") == [("Q2 66.a", gone.event_id, True)]


def test_a_closed_programme_opens_nothing_more_and_keeps_what_had_begun() -> None:
    closed = told(ProgrammeClosed, "2012-05-01")
    world = [*issued(rule()), members_set("2012-01-01", "66.a"), closed]

    assert owed(world, "2013-01-01") == ["Q1 66.a", "Q2 66.a"]
    assert [one for one, _, _ in dropped(world, "2012-06-21")] == ["Q3 66.a"]


def test_an_item_with_a_condition_is_owed_from_the_day_on_which_a_unit_says_it_holds() -> None:
    said = told(ParticipationDeclared, "2012-04-20", unit="66.a", item="5.1")
    back = told(ParticipationDeclared, "2012-06-20", unit="66.a", item="5.1", holds=False)
    world = [*issued(rule(conditional=True)), members_set("2012-01-01", "66.a", "66.b"), said]
    (second, third) = openings(standing_of([*world]), parse_day("2012-07-02"))

    assert (str(second.opening.period), second.opening.unit) == ("2012-Q2", "66.a")
    assert second.opening.effective_at == midnight(parse_day("2012-04-20"))
    assert (second.cause, third.cause) == (said.event_id, said.event_id)
    assert owed([*world, back], "2012-07-02") == ["Q2 66.a"]
    assert dropped([*world, back], "2012-06-21")[-1] == ("Q3 66.a", back.event_id, False)


def test_a_dated_rule_gives_a_day_to_what_a_rule_without_one_opened() -> None:
    bare = rule(due_rule=None, period_kinds=("month",))
    day_5 = {"position": "last_month_of_period", "before_day": 5}
    dated = rule(
        "R1.day",
        due_rule=json.dumps({"kind": "recurring", "period": "month", "due": day_5}),
        valid_from=parse_day("2012-03-10"),
    )
    world = [*issued(bare, dated), members_set("2012-01-01", "66.a")]
    found = {
        str(one.opening.period): (one.opening.due_before, one.settles)
        for one in openings(standing_of(world), parse_day("2012-05-01"))
    }

    assert found["2012-02"] == found["2012-03"] == (None, False)
    assert found["2012-04"] == (parse_day("2012-04-05"), True)


def test_what_waits_for_an_event_is_owed_from_the_day_on_which_it_happened() -> None:
    waits = rule(due_rule='{"kind":"after_event","trigger":"approved","offset_days":10}')
    met = told(ConditionMet, "2012-05-10", condition="approved")
    world = [*issued(waits), members_set("2012-01-01", "66.a")]
    (one,) = openings(standing_of([*world, met]), parse_day("2012-06-01"))

    assert owed(world) == []
    assert (one.opening.period, one.opening.due_before) == (None, parse_day("2012-05-21"))
    assert (one.opening.effective_at, one.cause) == (met.effective_at, met.event_id)


def test_a_rule_may_leave_out_the_quarters_that_longer_reports_replace() -> None:
    world = [*issued(rule(skips=("Q2", "Q4"))), members_set("2012-01-01", "66.a")]

    assert owed(world, "2013-01-01") == ["Q1 66.a", "Q3 66.a"]


def test_words_that_mean_nothing_and_rules_of_an_old_load_open_nothing() -> None:
    world = [members_set("2012-01-01", "66.a")]
    old = event_id("test", "reporting_rule.established", ID, "R1")

    assert owed([*world, *issued(rule(due_rule='{"kind":"nonsense"}'))]) == []
    assert owed([*world, *issued(replace(rule(), event_id=old))]) == []
