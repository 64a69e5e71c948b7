"""The story of the demo: real units, real programmes, and nobody acts before being established."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from ops.demo_assigned import DISTRICT_PLAN
from ops.demo_story import LIVE_SOURCE, lines, sent_now, still_owed, story
from schemas.checks import check, check_future
from schemas.event import Effect, Event, Opens
from schemas.events.report import ReportConsolidated, ReportIncluded
from schemas.events.unit import UnitClassMembersSet, UnitEstablished
from schemas.jsonl import to_line
from schemas.times import Instant, midnight, parse_day
from services.standing import CLASS

pytest.importorskip("vietnamadminunits", reason="the extra vn-units is not installed")

BY_HAND = (
    "assessment.verified.v1",
    "commendation.awarded.v1",
    "committee.reconstituted.v1",
    "oversight.assigned.v1",
    "petition.escalated.v1",
    "petition.transferred.v1",
    "rating.published.v1",
    "survey.recorded.v1",
)
"""Types of facts of which the demo had none while only habits told it."""
NOW = midnight(parse_day("2026-01-01"))


@cache
def told() -> tuple[Event, ...]:
    return tuple(story(NOW))


BY_A_FACT = ("remedy", "petition_settlement")
"""Kinds that no programme opens: a finding or a petition does."""


def test_the_five_programmes_open_2245_obligations_of_real_units() -> None:
    opened = Counter(
        event.programme
        for event in told()
        if isinstance(event, Opens) and event.kind not in BY_A_FACT
    )
    by_hand = opened.pop(DISTRICT_PLAN)

    assert by_hand == 15 * 4

    assert opened == {
        "bac-kan-2006-2010": 33 * 4 + 32 * 8 + 21 + 20 * 8 + 3 + 12 + 8 * 12,
        "dak-lak-guidance-2012": (73 + 9) * 16 + 63,
        "dong-thap-review-2011-2020": 23 + 10 + 12,
        "lang-son-2018": 6 * (6 + 11) + 11 + 6,
        "lang-son-review-2001-2010": 8 + 7 + 11,
    }


def test_nobody_owes_acts_or_is_named_before_being_established() -> None:
    established: set[str | None] = {None}
    for event in told():
        if isinstance(event, UnitEstablished):
            assert event.parent in established
            established.add(event.unit)
        named = {
            event.unit,
            event.by,
            *(getattr(event, "coordinating", None) or ()),
            getattr(event, "via", None),
        }
        named |= set(getattr(event, "to", ()))
        if isinstance(event, UnitClassMembersSet):
            named |= set(event.members)

        assert {one for one in named if not str(one).startswith(CLASS)} <= established


def test_no_obligation_acts_before_its_opening_is_recorded() -> None:
    opened: set[str | None] = set()
    for event in told():
        if event.effect is Effect.OPENS:
            opened.add(event.obligation)
        elif event.topic == "events":
            assert event.obligation in opened


def test_the_lines_are_the_story() -> None:
    assert list(lines(NOW)) == [to_line(event) for event in told()]


def test_what_is_still_owed_can_be_sent_while_the_demo_is_watched() -> None:
    owed = still_owed(told())
    met = {event.obligation for event in told() if event.effect is Effect.MEETS}
    now = Instant(NOW + 1_000)

    assert len(owed) > 50
    assert not {opening.obligation for opening in owed} & met
    for opening in owed[:20]:
        event = replace(sent_now(opening, now), recorded_at=now)
        check(event)
        check_future(event, now)

        assert (event.source, event.effect) == (LIVE_SOURCE, Effect.MEETS)


def test_offices_decide_by_hand_what_no_habit_tells() -> None:
    said = Counter(event.type for event in told())

    assert [] == [name for name in BY_HAND if not said[name]]


def test_a_consolidation_names_each_part_of_its_period_once() -> None:
    consolidated = [event for event in told() if isinstance(event, ReportConsolidated)]
    included = Counter(event.consolidation for event in told() if isinstance(event, ReportIncluded))

    assert len(consolidated) > 10
    for one in consolidated:
        parts = {*one.included, *one.missing}
        assert len(parts) == len(one.included) + len(one.missing)
        assert included[one.obligation] == len(one.included)
    assert any(one.missing for one in consolidated)


def test_what_is_told_twice_is_the_same() -> None:
    assert list(told()) == story(NOW)
