"""Corrections of one record as exact step lists, by the fold and by SQL (events.md section 2)."""

from __future__ import annotations

import pytest

from projections.facts import Fact
from schemas import avro
from schemas.event import Effect, Event, EventId
from schemas.events.report import ReportReturned, ReportSubmitted
from tests.given import ISSUER, OBLIGATION, OWER, fact, instant, met, opens


def replaced(target: Fact, recorded: str, by: type[Event], at: str, number: int = 1) -> Fact:
    """A correction of a fact, with the bytes of the event that it puts in place."""
    value = by(
        event_id=EventId(target.event_id),
        effective_at=instant(at),
        obligation=OBLIGATION,
        unit=OWER,
        by=OWER if by is ReportSubmitted else ISSUER,
        source="66",
    )
    return fact(
        Effect.CORRECTS,
        recorded,
        event_id=bytes([number]) * 16,
        target=target.event_id,
        replacement=avro.encode(value),
    )


def test_of_two_corrections_the_one_recorded_last_holds(listed):
    sent = met("2012-06-17")
    life = (
        opens("2012-04-01", "2012-06-08"),
        sent,
        # The ids say the opposite of the order of recording.
        replaced(sent, "2012-07-01", ReportSubmitted, "2012-06-05", number=2),
        replaced(sent, "2012-07-02", ReportSubmitted, "2012-06-10", number=1),
    )

    assert listed(*life)[-1] == "2012-06-10 C+1 Cd+1 O-1 L+1"
    assert listed(*life, known="2012-07-01")[1] == "2012-06-05 C+1 Ce+1 N+1 No+1"


@pytest.mark.parametrize("first", [1, 2])
def test_of_two_corrections_recorded_at_once_the_one_with_the_larger_id_holds(listed, first):
    sent = met("2012-06-17")
    life = (
        opens("2012-04-01", "2012-06-08"),
        sent,
        replaced(sent, "2012-07-01", ReportSubmitted, "2012-06-10", number=first),
        replaced(sent, "2012-07-01", ReportSubmitted, "2012-06-11", number=3 - first),
    )

    day = {1: "2012-06-11", 2: "2012-06-10"}[first]
    assert listed(*life)[-1] == f"{day} C+1 Cd+1 O-1 L+1"


def test_a_correction_that_puts_another_effect_in_place_changes_nothing(listed):
    sent = met("2012-06-05")
    life = (
        opens("2012-04-01", "2012-06-08"),
        sent,
        replaced(sent, "2012-07-01", ReportReturned, "2012-06-06"),
    )

    assert listed(*life) == [
        "2012-04-01 A+1",
        "2012-06-05 C+1 Ce+1 N+1 No+1",
        "2012-06-08 D+1 Cd+1 Ce-1 Nd+1",
    ]
