"""Reforms in the tree: all of one or nothing, levels that end, and who takes over from whom."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import lineage
from schemas.events.unit import ReformEnacted, UnitLevelEnded
from schemas.reforms import REFORM_MISMATCH, Pending, digest
from schemas.times import Day, Instant, day, midnight
from schemas.tree import Tree
from schemas.unit_facts import (
    DISSOLVED,
    ENACTED,
    LEVEL_ENDED,
    MERGED,
    MOVED,
    SPLIT,
    UnitFact,
    unit_fact,
)
from tests.trees import COUNTRY, FIRST, REFORM, established, fact, reasons, tree

BEFORE = day(2025, 6, 30)
LATER = day(2026, 1, 1)

PARTS = (
    established("2025.1", "66", "commune", on=REFORM, recorded=1, reform="vn-2025"),
    fact(MERGED, "66.d1.c1", REFORM, recorded=1, successors=("2025.1",), reform="vn-2025"),
    fact(MERGED, "66.d1.c2", REFORM, recorded=2, successors=("2025.1",), reform="vn-2025"),
    fact(LEVEL_ENDED, "66", REFORM, recorded=3, level="district", reform="vn-2025"),
)


def enacted(*parts: UnitFact, recorded: int = 4, **more: Any) -> UnitFact:
    given: dict[str, Any] = {"parts": len(parts), "sha256": digest(parts), **more}
    return fact(ENACTED, "centre", REFORM, recorded=recorded, reform="vn-2025", **given)


def ended(unit: str, level: str, on: int = REFORM, **more: Any) -> UnitFact:
    return fact(LEVEL_ENDED, unit, on, level=level, **more)


# Reforms


def test_parts_stand_in_no_tree_and_are_shown_as_pending() -> None:
    half = tree(*PARTS)

    assert half.at(REFORM).preorder == tree().at(REFORM).preorder
    assert half.version == len(COUNTRY)
    assert half.pending == (Pending("vn-2025", "centre", 4, None),)
    assert half.conflicts == []
    assert half.waiting == []


def test_an_enacted_reform_is_in_the_tree_as_one_version() -> None:
    whole = tree(*PARTS, enacted(*PARTS))

    assert whole.version == len(COUNTRY) + len(PARTS) + 1
    assert whole.pending == ()
    assert whole.at(BEFORE).preorder == tree().at(BEFORE).preorder
    assert whole.at(REFORM).children("2025.1") == ("66.d1.c1", "66.d1.c2")
    assert whole.at(REFORM).closed("66.d1")


def test_the_enactment_may_arrive_first() -> None:
    first = tree(enacted(*PARTS), *PARTS)
    three = tree(enacted(*PARTS), *PARTS[:3])

    assert first.at(REFORM).preorder == tree(*PARTS, enacted(*PARTS)).at(REFORM).preorder
    assert first.version == len(COUNTRY) + len(PARTS) + 1
    assert three.at(REFORM).preorder == tree().at(REFORM).preorder
    assert three.pending == (Pending("vn-2025", "centre", 3, 4),)


def test_as_known_before_the_enactment_no_part_counts() -> None:
    whole = tree(*PARTS, enacted(*PARTS, recorded=4))
    known = whole.as_known(Instant(3))

    assert "2025.1" not in known.at(REFORM)
    assert known.pending == (Pending("vn-2025", "centre", 4, None),)
    assert "2025.1" in whole.as_known(Instant(4)).at(REFORM)


def test_a_wrong_number_or_digest_keeps_all_parts_out_and_is_a_conflict() -> None:
    fewer = tree(*PARTS, enacted(*PARTS[:3]))
    other = tree(*PARTS, enacted(*PARTS, sha256="0" * 64))
    more = tree(*PARTS, enacted(*PARTS, parts=5))

    for wrong in (fewer, other, more):
        assert wrong.at(REFORM).preorder == tree().at(REFORM).preorder
        assert reasons(wrong) == [("centre", REFORM_MISMATCH)]
        assert wrong.version == len(COUNTRY)
    assert fewer.pending == (Pending("vn-2025", "centre", 4, 3),)
    assert "enacted with 3 parts, but 4 are recorded" in fewer.conflicts[0].sentence


def test_a_right_enactment_after_a_wrong_one_holds() -> None:
    mended = tree(*PARTS, enacted(*PARTS, sha256="0" * 64), enacted(*PARTS, recorded=5))

    assert mended.at(REFORM).children("2025.1") == ("66.d1.c1", "66.d1.c2")
    assert reasons(mended) == [("centre", REFORM_MISMATCH)]
    assert mended.pending == ()


def test_what_is_added_after_the_enactment_waits_and_undoes_nothing() -> None:
    late = fact(MOVED, "87.d1", REFORM, recorded=9, parent="66", reform="vn-2025")
    added = tree(*PARTS, enacted(*PARTS), late)

    assert added.at(REFORM).parent("87.d1") == "87"
    assert "2025.1" in added.at(REFORM)
    assert added.pending == (Pending("vn-2025", "centre", 1, None),)


def test_a_stranger_who_uses_the_same_reform_neither_joins_nor_hinders_it() -> None:
    strange = fact(MOVED, "66.d1", REFORM, recorded=1, parent="87", by="87", reform="vn-2025")
    whole = tree(*PARTS, strange, enacted(*PARTS))
    early = tree(*PARTS, enacted(*PARTS, by="87"))

    assert "2025.1" in whole.at(REFORM)
    assert whole.pending == (Pending("vn-2025", "87", 1, None),)
    assert "2025.1" not in early.at(REFORM)
    assert reasons(early) == [("centre", REFORM_MISMATCH)]


def test_facts_without_a_reform_count_at_once_beside_a_pending_one() -> None:
    both = tree(*PARTS, fact(MOVED, "66.d1", REFORM, parent="87"))

    assert both.at(REFORM).parent("66.d1") == "87"
    assert both.version == len(COUNTRY) + len(PARTS) + 1


def test_pending_parts_cost_no_new_derivation() -> None:
    before = tree()
    told = before.units
    half = before.with_facts(enumerate(PARTS[:2], 100))
    more = half.with_facts(enumerate(PARTS[2:], 102))
    whole = more.with_facts([(104, enacted(*PARTS))])

    assert half.units is told
    assert more.units is told
    assert more.stands_like(before)
    assert whole.units is not told
    assert whole.as_known(Instant(3)).units is not whole.units


def test_the_digest_rests_on_content_and_not_on_order_or_recording() -> None:
    later = tuple(part._replace(recorded_at=77) for part in PARTS)

    assert digest(PARTS) == digest(reversed(PARTS)) == digest(later)
    assert digest(PARTS) != digest((*PARTS[:3], PARTS[3]._replace(level="province")))
    assert digest(()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


# Levels that end


def test_a_level_that_ends_closes_what_stands_open_and_lifts_its_children() -> None:
    gone = tree(ended("centre", "district"))

    today = gone.at(REFORM)
    assert not gone.at(BEFORE).closed("66.d1")
    assert today.closed("66.d1")
    assert today.parent("66.d1") == "66"
    assert today.parent("66.d1.c1") == "66"
    assert not today.closed("66.d1.c1")
    assert today.parent("87.d1.c1") == "87"
    assert len(today) == len(COUNTRY)
    assert gone.conflicts == []


def test_a_level_may_end_in_one_province_alone() -> None:
    gone = tree(ended("66", "district", by="66")).at(REFORM)

    assert gone.closed("66.d1")
    assert not gone.closed("87.d1")


def test_an_office_of_the_level_ends_too_and_hangs_under_the_unit_above() -> None:
    gone = tree(
        established("66.d1.committee", "66.d1", "district", kind="steering_committee"),
        ended("66", "district"),
    ).at(REFORM)

    assert gone.closed("66.d1.committee")
    assert gone.parent("66.d1.committee") == "66"


def test_with_its_province_merged_on_that_day_a_district_hangs_under_the_new_one() -> None:
    gone = tree(
        established("2025.66", "centre", "province", on=REFORM),
        fact(MERGED, "66", REFORM, successors=("2025.66",)),
        ended("2025.66", "district"),
    )

    assert gone.at(REFORM).parent("66.d1") == "2025.66"
    assert gone.receiver("66.d1", REFORM) == "2025.66"
    assert gone.at(REFORM).path("66.d1.c1") == ("centre", "2025.66", "66", "66.d1.c1")


@pytest.mark.parametrize("merged", [BEFORE, REFORM, LATER])
def test_who_was_not_moved_goes_along_with_its_province_whenever_that_merged(merged: Day) -> None:
    gone = tree(
        established("66.c9", "66", "commune"),
        established("2025.66", "centre", "province", on=BEFORE),
        fact(MERGED, "66", merged, successors=("2025.66",)),
        ended("centre", "district"),
    ).at(LATER)

    assert gone.path("66.c9") == ("centre", "2025.66", "66", "66.c9")
    assert gone.path("66.d1.c1") == ("centre", "2025.66", "66", "66.d1.c1")
    assert not gone.closed("66.d1.c1")


def test_what_the_day_itself_moved_or_merged_is_not_ended_again() -> None:
    gone = tree(
        fact(MERGED, "66.d1", REFORM, successors=("66",)),
        fact(MOVED, "66.d1.c1", REFORM, parent="66"),
        ended("centre", "district"),
    )

    assert gone.units["66.d1"].successors == ("66",)
    assert gone.units["66.d1"].ending == MERGED
    assert gone.units["87.d1"].ending == LEVEL_ENDED
    assert gone.at(REFORM).parent("66.d1.c1") == "66"
    assert gone.conflicts == []


def test_afterwards_nothing_is_established_on_or_moved_to_the_ended_level() -> None:
    gone = tree(
        ended("66", "district"),
        established("66.d2", "66", "district", on=LATER),
        established("66.d1.c3", "66.d1", "commune", on=LATER),
        fact(MOVED, "66.d1.c2", LATER, parent="66.d1"),
        fact(MOVED, "87.d1", LATER, parent="66"),
    )

    assert sorted(reasons(gone)) == [
        ("66.d1.c2", lineage.LEVEL_GONE),
        ("66.d1.c3", lineage.LEVEL_GONE),
        ("66.d2", lineage.LEVEL_GONE),
        ("87.d1", lineage.LEVEL_GONE),
    ]
    assert "66.d2" not in gone.at(LATER)
    assert gone.at(LATER).parent("66.d1.c2") == "66"
    assert gone.at(LATER).parent("87.d1") == "87"


def test_a_unit_carried_to_where_its_level_has_ended_ends_there() -> None:
    carried = tree(ended("66", "district"), fact(MOVED, "87", LATER, parent="66"))

    assert not carried.at(BEFORE).closed("87.d1")
    assert carried.at(LATER).closed("87.d1")
    assert carried.at(LATER).parent("87.d1.c1") == "87"


def test_a_move_to_a_unit_that_ends_with_its_level_that_day_is_noted() -> None:
    moved = tree(fact(MOVED, "66.d1.c1", REFORM, parent="87.d1"), ended("centre", "district"))

    assert moved.at(REFORM).parent("66.d1.c1") == "87"
    assert reasons(moved) == [("66.d1.c1", lineage.LEVEL_GONE)]


def test_who_does_not_stand_above_ends_no_level() -> None:
    claimed = tree(ended("66", "district", by="87"))

    assert not claimed.at(REFORM).closed("66.d1")
    assert reasons(claimed) == [("66", lineage.NO_AUTHORITY)]


# Succession


def test_what_an_ended_unit_owes_goes_to_its_successor_or_to_the_unit_above() -> None:
    told = tree(
        fact(MERGED, "66.d1.c1", REFORM, successors=("66.d1.c2",)),
        fact(SPLIT, "87.d1.c1", REFORM, successors=("66.d1.c2", "87.d1")),
        fact(DISSOLVED, "66.so-noi-vu", REFORM),
    )

    assert told.receiver("66.d1.c1", BEFORE) == "66.d1.c1"
    assert told.receiver("66.d1.c1", REFORM) == "66.d1.c2"
    assert told.receiver("87.d1.c1", REFORM) == "66.d1.c2"
    assert told.receiver("66.so-noi-vu", REFORM) == "66"
    assert told.receiver("99", REFORM) is None
    assert told.receiver("66", day(2006, 1, 1)) is None


def test_a_chain_of_ends_is_followed_to_the_unit_that_stands_open_on_the_day() -> None:
    told = tree(
        fact(MERGED, "66.d1.c1", REFORM, successors=("66.d1.c2",)),
        fact(DISSOLVED, "66.d1.c2", LATER, successors=("87.d1.c1",)),
    )

    assert told.receiver("66.d1.c1", REFORM) == "66.d1.c2"
    assert told.receiver("66.d1.c1", LATER) == "87.d1.c1"


def test_units_that_name_each_other_fall_to_the_unit_above() -> None:
    circle = tree(
        fact(DISSOLVED, "66.d1.c1", REFORM, successors=("66.d1.c2",)),
        fact(DISSOLVED, "66.d1.c2", REFORM, successors=("66.d1.c1",)),
    )

    assert circle.receiver("66.d1.c1", REFORM) == circle.receiver("66.d1.c2", REFORM)
    assert not circle.at(REFORM).closed(circle.receiver("66.d1.c1", REFORM) or "")


def test_predecessors_are_all_that_went_into_a_unit_up_to_the_day() -> None:
    told = tree(
        fact(MERGED, "66.d1.c1", REFORM, successors=("66.d1.c2",)),
        fact(SPLIT, "66.d1.c2", LATER, successors=("87.d1.c1", "87.d1")),
    )

    assert told.predecessors("66.d1.c2", BEFORE) == ()
    assert told.predecessors("66.d1.c2", REFORM) == ("66.d1.c1",)
    assert told.predecessors("87.d1", LATER) == ("66.d1.c1", "66.d1.c2")


def test_the_new_events_become_facts() -> None:
    envelope: dict[str, Any] = {
        "event_id": bytes(16),
        "effective_at": midnight(FIRST),
        "recorded_at": 5,
        "unit": "centre",
        "by": "centre",
        "source": "home",
    }
    head = ("centre", midnight(FIRST), 5, bytes(16), "centre")

    assert unit_fact(UnitLevelEnded(**envelope, level="district")) == UnitFact(
        LEVEL_ENDED, *head, level="district"
    )
    assert unit_fact(ReformEnacted(**envelope, reform="r", parts=3, sha256="x")) == UnitFact(
        ENACTED, *head, reform="r", parts=3, sha256="x"
    )
    assert Tree.of([]).pending == ()
