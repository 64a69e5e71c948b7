"""The reform of 1 July 2025: of four provinces, and of the whole country."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from ops.reform_vn import REFORM_DAY, Reform, reform_2025
from ops.units_vn import NEW_FIELDS, PROVINCES, conversion, vn_units
from schemas.refusal import Refused
from schemas.times import Day
from schemas.tree import Tree
from schemas.unit_facts import unit_fact
from services.reform import BY_MERGER, BY_SPLIT, TO_THE_UNIT_ABOVE, Plan, ProvinceCount, plan
from services.reform_events import enacted
from services.reform_reading import parse_reform, to_yaml

pytest.importorskip("vietnamadminunits", reason="the extra vn-units is not installed")

EVE = Day(REFORM_DAY - 1)


@cache
def before(whole: bool) -> Tree:
    units = vn_units(provinces=None if whole else PROVINCES, source="test")
    told = [fact for unit in units if (fact := unit_fact(unit)) is not None]
    return Tree.of(enumerate(told))


@cache
def reform(whole: bool) -> Reform:
    return reform_2025(None if whole else PROVINCES)


@cache
def planned(whole: bool) -> Plan:
    return plan(reform(whole).document, before(whole))


@cache
def after(whole: bool) -> Tree:
    """The tree to which the parts and the enactment were told, as the ledger tells them."""
    events = [part.event for part in planned(whole).parts]
    told = [*events, enacted(reform(whole).document, events, "plan")]
    facts = [fact for event in told if (fact := unit_fact(event)) is not None]
    return before(whole).with_facts(enumerate(facts, 1_000_000))


def levels(whole: bool) -> dict[str, tuple[int, int]]:
    return {one.level: (one.before, one.after) for one in planned(whole).levels}


def test_the_four_provinces_are_accepted() -> None:
    assert levels(False) == {
        "centre": (1, 1),
        "province": (4, 4),
        "district": (46, 0),
        "commune": (623, 215),
    }
    assert planned(False).conflicts == []
    assert {one.unit: one.after for one in planned(False).provinces if one.after} == {
        "20": {"commune": 65},
        "2025.19": {"commune": 37},
        "2025.66": {"commune": 68},
        "2025.82": {"commune": 45},
    }


def test_units_that_were_keep_their_codes_and_new_ones_get_fresh_ones() -> None:
    told = reform(False).document
    moves = {one.unit: one.parent for one in told.move}

    assert told.reform == "vn-2025.06-20-66-87"
    assert {one.unit for one in told.establish if one.level == "province"} == {
        "2025.19",
        "2025.66",
        "2025.82",
    }
    assert all(one.unit.startswith("2025.") for one in told.establish)
    assert moves["66.so-noi-vu"] == "2025.66"
    assert "20.so-noi-vu" not in moves
    # Krông Na became Buôn Đôn: another name, another unit.
    assert [one.into for one in told.merge if one.unit == "66.24235"] == ["2025.24235"]
    # Ia Rvê is written with another capital and is the commune that it was.
    assert moves["66.24221"] == "2025.66"
    assert [one.unit for one in told.end_levels] == ["20", "2025.19", "2025.66", "2025.82"]


def test_offices_of_a_merged_province_stand_open_under_the_new_one() -> None:
    today = after(False).at(REFORM_DAY)

    assert today.parent("06.so-noi-vu") == "2025.19"
    assert not today.closed("06.so-noi-vu")
    assert today.parent("06.058") == "2025.19"
    assert today.closed("06.058.ban-chi-dao")
    assert after(False).receiver("06.058.ban-chi-dao", REFORM_DAY) == "2025.19"


def test_the_file_is_read_back_as_it_was_made() -> None:
    made = reform(False)

    assert parse_reform("\n".join(to_yaml(made.document, made.notes))) == made.document


def test_a_province_that_never_was_is_refused() -> None:
    with pytest.raises(Refused, match="99 was no province before July 2025"):
        reform_2025(["66", "99"])


def test_the_conversion_takes_no_coordinates() -> None:
    assert not [field for field in NEW_FIELDS if "Lat" in field or "Lon" in field]
    told = conversion()
    assert len(told.successors) == 10_035
    assert Counter(len(into) for into in told.successors.values())[1] == 10_035 - 471
    assert sum(len(into) for into in told.successors.values() if len(into) > 1) == 1_033
    assert len(told.islands) == 5


def test_the_whole_country_has_the_figures_of_the_reform() -> None:
    assert levels(True) == {
        "centre": (1, 1),
        "province": (63, 34),
        "district": (696, 0),
        "commune": (10_035, 3_321),
    }
    assert planned(True).conflicts == []
    ended = Counter((one.level, one.rule, one.inferred) for one in planned(True).ended)
    assert ended == {
        ("commune", BY_MERGER, False): 9_440,
        ("commune", BY_SPLIT, True): 471,
        ("province", BY_MERGER, False): 52,
        ("district", TO_THE_UNIT_ABOVE, False): 696
        + 8,  # and the committees of Bắc Kạn's districts
    }
    assert sum(len(one.into) for one in reform(True).document.split) == 1_033
    assert all(sum(one.after.values()) == one.after["commune"] for one in provinces_after())


def provinces_after() -> list[ProvinceCount]:
    return [one for one in planned(True).provinces if one.after]


@pytest.mark.parametrize("whole", [False, True], ids=["four provinces", "the whole country"])
def test_the_roots_subtree_holds_every_unit_exactly_once_on_both_days(whole: bool) -> None:
    tree = after(whole)
    eve, today = tree.at(EVE), tree.at(REFORM_DAY)
    old = set(before(whole).codes)
    new = {one.unit for one in reform(whole).document.establish}

    assert tree.pending == ()
    assert tree.conflicts == []
    assert Counter(eve.subtree("centre")) == Counter(old)
    assert Counter(today.subtree("centre")) == Counter(old | new)
    assert before(whole).at(EVE).preorder == eve.preorder


@pytest.mark.parametrize("whole", [False, True], ids=["four provinces", "the whole country"])
def test_whoever_ends_has_a_receiver_that_stands_open(whole: bool) -> None:
    today = after(whole).at(REFORM_DAY)

    assert all(not today.closed(one.receiver) for one in planned(whole).ended)
    successors = {one.unit: one.receiver for one in planned(whole).ended if one.rule != BY_MERGER}
    districts = [unit for unit in successors if today.level(unit) == "district"]
    assert {today.level(successors[unit]) for unit in districts} == {"province"}
