"""A steering committee is strengthened again by a superior, in roles and not in names."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.events.committee import CommitteeReconstituted
from services.committee import ReconstituteCommittee
from tests.given_when_then import Office
from tests.office import at, established

COMMITTEE = "66.ban-chi-dao"


def office() -> Office:
    return Office(
        established("centre", None),
        established("66"),
        established(COMMITTEE, "66", kind="steering_committee"),
        established("66.so-noi-vu", "66", kind="department"),
        now="2012-06-05 10:00",
    )


def again(**given: Any) -> ReconstituteCommittee:
    base: dict[str, Any] = {
        "by": "66",
        "unit": COMMITTEE,
        "head": "Chủ tịch UBND tỉnh",
        "standing": "66.so-noi-vu",
        "members": ("Phó Chủ tịch", "Giám đốc Sở Nội vụ"),
    }
    return ReconstituteCommittee(**(base | given))


def test_head_standing_agency_and_members_hold_from_the_midnight_of_the_day() -> None:
    (event,) = office().when(again())

    assert isinstance(event, CommitteeReconstituted)
    assert (event.unit, event.effective_at) == (COMMITTEE, at("2012-06-05"))
    assert (event.head, event.standing) == ("Chủ tịch UBND tỉnh", "66.so-noi-vu")


def test_the_same_committee_told_twice_says_nothing_and_a_change_does() -> None:
    desk = office()
    desk.when(again())

    assert desk.when(again(), now="2012-07-01 09:00") == []
    assert len(desk.when(again(members=("Phó Chủ tịch",)), now="2012-08-01 09:00")) == 1
    assert len(desk.when(again(), now="2012-09-01 09:00")) == 1


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "by itself": ({"by": COMMITTEE}, "only a superior"),
    "without members": ({"members": ()}, "has members"),
    "a role twice": ({"members": ("Phó Chủ tịch", "Phó Chủ tịch")}, "named once"),
    "the head as a member": ({"members": ("Chủ tịch UBND tỉnh",)}, "named once"),
    "of a unit that never was": ({"unit": "66.nobody"}, "never established"),
    "standing agency that never was": ({"standing": "66.nobody"}, "never established"),
}


@pytest.mark.parametrize("how", BAD)
def test_what_a_committee_cannot_be(how: str) -> None:
    given, rule = BAD[how]

    assert rule in office().refuses(again(**given))
