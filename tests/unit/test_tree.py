"""The unit tree over time: establishing, moving, ending, disputes and what each day shows."""

from __future__ import annotations

from typing import Any

from schemas import lineage
from schemas.derivation import plain_text
from schemas.events.unit import UnitEstablished, UnitMerged
from schemas.times import Instant, day, midnight
from schemas.tree import Tree
from schemas.unit_facts import (
    DISSOLVED,
    ESTABLISHED,
    MERGED,
    MOVED,
    RENAMED,
    SPLIT,
    UnitFact,
    unit_fact,
)
from tests.trees import COUNTRY, FIRST, REFORM, established, fact, reasons, tree


def test_a_day_shows_parents_children_paths_and_subtrees() -> None:
    today = tree().at(REFORM)

    assert today.root == "centre"
    assert today.parent("66.d1.c1") == "66.d1"
    assert today.parent("centre") is None
    assert today.children("66") == ("66.d1", "66.so-noi-vu")
    assert today.path("66.d1.c1") == ("centre", "66", "66.d1", "66.d1.c1")
    assert today.subtree("66") == ("66", "66.d1", "66.d1.c1", "66.d1.c2", "66.so-noi-vu")
    assert today.level("66.so-noi-vu") == "province"
    assert today.kind("66.so-noi-vu") == "department"
    assert today.holds("66", "66.d1.c2")
    assert not today.holds("87", "66.d1.c2")


def test_before_the_establishment_nobody_stands() -> None:
    before = tree().at(day(2006, 12, 31))

    assert before.root is None
    assert "66" not in before
    assert before.preorder == ()


def test_the_version_is_one_more_than_the_last_offset() -> None:
    assert tree().version == len(COUNTRY)
    assert Tree.of([]).version == 0
    assert Tree.of([(7, COUNTRY[0])]).version == 8


def test_a_child_told_before_its_parent_stands_once_the_parent_does() -> None:
    late = Tree.of(
        enumerate(
            (
                established("66", "centre", "province", on=day(1997, 1, 1)),
                COUNTRY[0],
            )
        )
    )

    assert "66" not in late.at(day(2000, 1, 1))
    assert late.at(FIRST).parent("66") == "centre"
    assert late.waiting == []


def test_a_unit_whose_parent_nobody_established_waits() -> None:
    held = tree(established("99.c1", "99", "commune"))

    assert "99.c1" not in held.at(REFORM)
    assert [waiting.unit for waiting in held.waiting] == ["99.c1"]


def test_a_rename_holds_from_its_day_and_the_old_name_is_still_found() -> None:
    renamed = tree(fact(RENAMED, "66", REFORM, name="Đắk Lắk mới", aliases=("Tây Nguyên",)))

    assert renamed.at(day(2025, 6, 30)).name("66") == "Đắk Lắk"
    assert renamed.at(REFORM).name("66") == "Đắk Lắk mới"
    assert renamed.search("dak lak", 5) == ["66"]
    assert renamed.search("TAY nguyen", 5) == ["66"]
    assert renamed.search("so noi vu", 5) == ["66.so-noi-vu"]


def test_a_moved_unit_takes_its_subtree_along() -> None:
    moved = tree(fact(MOVED, "66.d1", REFORM, parent="87"))

    assert moved.at(day(2025, 6, 30)).holds("66", "66.d1.c1")
    assert moved.at(REFORM).holds("87", "66.d1.c1")
    assert moved.at(REFORM).children("66") == ("66.so-noi-vu",)


def test_a_merged_unit_hangs_closed_under_its_successor() -> None:
    merged = tree(fact(MERGED, "66.d1.c1", REFORM, successors=("66.d1.c2",)))

    assert not merged.at(day(2025, 6, 30)).closed("66.d1.c1")
    assert merged.at(REFORM).parent("66.d1.c1") == "66.d1.c2"
    assert merged.at(REFORM).closed("66.d1.c1")


def test_a_split_unit_hangs_under_the_lowest_unit_that_holds_its_successors() -> None:
    near = tree(fact(SPLIT, "66.d1.c1", REFORM, successors=("66.d1.c2", "66.d1")))
    far = tree(fact(SPLIT, "66.d1.c1", REFORM, successors=("66.d1.c2", "87.d1.c1")))

    assert near.at(REFORM).parent("66.d1.c1") == "66.d1"
    assert far.at(REFORM).parent("66.d1.c1") == "centre"
    assert far.at(REFORM).closed("66.d1.c1")


def test_a_split_unit_follows_its_successors_when_they_move() -> None:
    later = day(2026, 1, 1)
    both = tree(
        fact(SPLIT, "66.d1.c1", REFORM, successors=("66.d1.c2", "66.d1")),
        fact(MOVED, "66.d1", later, parent="87"),
        fact(MOVED, "66.d1.c2", later, parent="87.d1"),
    )

    assert both.at(REFORM).parent("66.d1.c1") == "66.d1"
    assert both.at(later).parent("66.d1.c1") == "87"


def test_a_split_unit_follows_its_successors_on_the_day_on_which_what_holds_them_is_split() -> None:
    later, after = day(2026, 1, 1), day(2026, 2, 1)
    split = (
        fact(DISSOLVED, "66.d1.c1", REFORM, successors=("66.d1.c2", "87.d1.c1")),
        fact(SPLIT, "66", later, successors=("87",)),
    )

    assert tree(*split).at(REFORM).parent("66.d1.c1") == "centre"
    assert tree(*split).at(later).parent("66.d1.c1") == "87"
    # What is told of another unit afterwards moves nothing.
    renamed = tree(*split, fact(RENAMED, "87.d1", after, name="Quận 1"))
    assert renamed.at(after).parent("66.d1.c1") == "87"


def test_a_district_dissolved_into_its_own_communes_hangs_under_the_province() -> None:
    ended = tree(fact(DISSOLVED, "66.d1", REFORM, successors=("66.d1.c1", "66.d1.c2")))

    assert ended.at(REFORM).parent("66.d1") == "66"
    assert ended.at(REFORM).closed("66.d1")
    assert ended.at(REFORM).parent("66.d1.c1") == "66.d1"


def test_a_unit_dissolved_without_successors_stays_where_it_was() -> None:
    ended = tree(fact(DISSOLVED, "66.d1", REFORM))

    assert ended.at(REFORM).parent("66.d1") == "66"
    assert ended.at(REFORM).closed("66.d1")


def test_a_chain_of_mergers_keeps_a_way_to_the_root() -> None:
    chained = tree(
        fact(MERGED, "66.d1.c1", REFORM, successors=("66.d1.c2",)),
        fact(MERGED, "66.d1.c2", day(2026, 1, 1), successors=("87.d1.c1",)),
    )

    path = chained.at(day(2026, 1, 1)).path("66.d1.c1")

    assert path == ("centre", "87", "87.d1", "87.d1.c1", "66.d1.c2", "66.d1.c1")


def test_a_reform_may_establish_and_merge_on_one_day_in_any_order() -> None:
    facts = (
        *COUNTRY,
        established("2025.1", "66", "commune", on=REFORM, recorded=9),
        fact(MERGED, "66.d1.c1", REFORM, recorded=1, successors=("2025.1",)),
        fact(MERGED, "66.d1.c2", REFORM, recorded=2, successors=("2025.1",)),
    )
    there = Tree.of(enumerate(facts)).at(REFORM)
    back = Tree.of(enumerate(reversed(facts))).at(REFORM)

    assert there.children("2025.1") == ("66.d1.c1", "66.d1.c2")
    assert back.preorder == there.preorder


def test_who_stands_above_both_parents_may_move_a_unit() -> None:
    allowed = tree(
        established("66.d2", "66", "district"),
        fact(MOVED, "66.d1.c1", REFORM, parent="66.d2", by="66"),
    )

    assert allowed.at(REFORM).parent("66.d1.c1") == "66.d2"
    assert allowed.conflicts == []


def test_a_department_acts_for_the_province_it_belongs_to() -> None:
    allowed = tree(
        established("66.d2", "66", "district"),
        fact(MOVED, "66.d1.c1", REFORM, parent="66.d2", by="66.so-noi-vu"),
    )

    assert allowed.at(REFORM).parent("66.d1.c1") == "66.d2"


def test_a_province_that_claims_a_neighbours_commune_gets_a_visible_conflict() -> None:
    claimed = tree(fact(MOVED, "66.d1.c1", REFORM, parent="87.d1", by="87"))

    assert claimed.at(REFORM).parent("66.d1.c1") == "66.d1"
    assert reasons(claimed) == [("66.d1.c1", lineage.NO_AUTHORITY)]


def test_authority_holds_against_a_later_record() -> None:
    disputed = tree(
        fact(MOVED, "66.d1.c1", REFORM, recorded=1, parent="87.d1", by="centre"),
        fact(MOVED, "66.d1.c1", REFORM, recorded=2, parent="66", by="66"),
        fact(MOVED, "66.d1.c1", REFORM, recorded=3, parent="87", by="87"),
    )

    assert disputed.at(REFORM).parent("66.d1.c1") == "66"
    assert sorted(reasons(disputed)) == [
        ("66.d1.c1", lineage.NO_AUTHORITY),
        ("66.d1.c1", lineage.PARENT_DISPUTED),
    ]


def test_among_equals_of_one_day_the_later_recorded_holds_and_the_other_is_shown() -> None:
    disputed = tree(
        fact(MOVED, "66.d1.c1", REFORM, recorded=2, parent="87.d1"),
        fact(MOVED, "66.d1.c1", REFORM, recorded=1, parent="66"),
    )

    assert disputed.at(REFORM).parent("66.d1.c1") == "87.d1"
    assert reasons(disputed) == [("66.d1.c1", lineage.PARENT_DISPUTED)]


def test_a_move_under_ones_own_subtree_is_noted() -> None:
    cyclic = tree(fact(MOVED, "66", REFORM, parent="66.d1"))

    assert cyclic.at(REFORM).parent("66") == "centre"
    assert reasons(cyclic) == [("66", lineage.CYCLE)]


def test_the_second_half_of_a_cycle_is_the_one_noted() -> None:
    crossed = tree(
        fact(MOVED, "66", REFORM, recorded=1, parent="87"),
        fact(MOVED, "87", REFORM, recorded=2, parent="66"),
    )

    assert crossed.at(REFORM).parent("66") == "87"
    assert crossed.at(REFORM).parent("87") == "centre"
    assert reasons(crossed) == [("87", lineage.CYCLE)]


def test_nothing_moves_under_an_ended_unit_and_an_ended_unit_stays() -> None:
    later = day(2026, 1, 1)
    ended = tree(
        fact(DISSOLVED, "66.d1", REFORM),
        fact(MOVED, "87.d1.c1", later, parent="66.d1"),
        fact(MOVED, "66.d1", later, parent="87"),
    )

    assert ended.at(later).parent("87.d1.c1") == "87.d1"
    assert ended.at(later).parent("66.d1") == "66"
    assert sorted(reasons(ended)) == [
        ("66.d1", lineage.CLOSED),
        ("87.d1.c1", lineage.CLOSED),
    ]


def test_the_root_cannot_be_merged_and_there_is_one_root() -> None:
    rooted = tree(
        fact(DISSOLVED, "centre", REFORM),
        established("other", None, "centre", on=REFORM),
    )

    assert rooted.at(REFORM).root == "centre"
    assert "other" not in rooted.at(REFORM)
    assert sorted(reasons(rooted)) == [("centre", lineage.CYCLE), ("other", lineage.SECOND_ROOT)]


def test_two_homes_that_establish_a_unit_alike_have_no_conflict() -> None:
    alike = tree(established("66.d1", "66", "district", recorded=5))
    unlike = tree(established("66.d1", "87", "district", on=REFORM))

    assert alike.conflicts == []
    assert unlike.at(REFORM).parent("66.d1") == "66"
    assert reasons(unlike) == [("66.d1", lineage.ESTABLISHED_TWICE)]


def test_a_move_that_waited_does_not_undo_a_later_decision() -> None:
    waited = tree(
        fact(MOVED, "66.d1.c1", day(2020, 1, 1), parent="66.d9"),
        fact(MOVED, "66.d1.c1", day(2021, 1, 1), parent="87.d1"),
        established("66.d9", "66", "district", on=day(2022, 1, 1)),
    )

    assert waited.at(REFORM).parent("66.d1.c1") == "87.d1"
    assert reasons(waited) == [("66.d1.c1", lineage.PARENT_DISPUTED)]


def test_as_known_before_a_move_was_recorded_the_unit_had_not_moved() -> None:
    recorded = midnight(day(2025, 8, 1))
    moved = tree(fact(MOVED, "66.d1", REFORM, recorded=recorded, parent="87"))
    known = moved.as_known(Instant(recorded - 1))

    assert moved.at(REFORM).parent("66.d1") == "87"
    assert known.at(REFORM).parent("66.d1") == "66"
    assert known.version == len(COUNTRY)
    assert moved.recorded_after(Instant(recorded - 1))
    assert not moved.recorded_after(Instant(recorded))


def test_a_duplicate_changes_nothing() -> None:
    move = fact(MOVED, "66.d1", REFORM, parent="87")
    twice = tree(move, move)

    assert twice.at(REFORM).preorder == tree(move).at(REFORM).preorder
    assert twice.conflicts == []


def test_events_of_the_contract_become_facts() -> None:
    envelope: dict[str, Any] = {
        "event_id": bytes(16),
        "effective_at": midnight(REFORM),
        "recorded_at": 5,
        "by": "centre",
        "source": "home",
    }
    one = UnitEstablished(
        unit="2025.1",
        name="Xã A",
        level="commune",
        kind="people_committee",
        parent="66",
        **envelope,
    )
    other = UnitMerged(unit="66.d1.c1", into="2025.1", **envelope)

    assert unit_fact(one) == UnitFact(
        ESTABLISHED,
        "2025.1",
        midnight(REFORM),
        5,
        bytes(16),
        "centre",
        name="Xã A",
        level="commune",
        kind="people_committee",
        parent="66",
    )
    assert unit_fact(other) == UnitFact(
        MERGED, "66.d1.c1", midnight(REFORM), 5, bytes(16), "centre", successors=("2025.1",)
    )


def test_diacritics_and_case_do_not_count_in_a_search() -> None:
    assert plain_text("Đắk Lắk") == plain_text("DAK LAK") == "dak lak"
    assert plain_text("Ủy ban") == plain_text("Uỷ ban")
