"""Boards as then, as now and in succession, for units that ended, merged, split or came later."""

from __future__ import annotations

import pytest

from projections.ask import Ask, UnknownUnit
from projections.boards import Boards
from projections.query import Query
from schemas.board import Board
from schemas.reforms import digest
from schemas.times import Instant
from schemas.tree import Tree
from schemas.unit_facts import ENACTED, MERGED
from tests.reformed import BEFORE, NOW, RECORDED, REFORM_FACTS, at, boards
from tests.trees import REFORM, fact

MADE = boards()
BEFORE_IT, AFTER_IT = "2024-12-31", "2025-12-31"
UNTOLD = Instant(RECORDED - 1)
"""An instant at which nobody had told of the reform."""


def board(unit: str, on: str, tree: str = "then", known: Instant | None = None) -> Board:
    return MADE.board(unit, Ask(on=at(on), known=known, tree=tree), NOW)


def figures(unit: str, on: str, tree: str = "then", known: Instant | None = None) -> list[int]:
    counts = board(unit, on, tree, known).subtree.counts
    return [counts["assigned"], counts["completed"], counts["overdue"]]


@pytest.mark.parametrize(
    ("unit", "on", "then", "now"),
    [
        ("66.d", BEFORE_IT, [3, 2, 1], [1, 1, 0]),
        ("66.d", AFTER_IT, [1, 1, 0], [1, 1, 0]),
        ("66.1", BEFORE_IT, [1, 1, 0], [1, 1, 0]),
        ("66.2", AFTER_IT, [0, 0, 0], [0, 0, 0]),
        ("54", BEFORE_IT, [5, 3, 2], [2, 1, 1]),
        ("54.2", BEFORE_IT, [1, 0, 1], [1, 0, 1]),
        ("n.1", BEFORE_IT, [0, 0, 0], [1, 1, 0]),
        ("n.1", AFTER_IT, [2, 1, 1], [2, 1, 1]),
        ("66", BEFORE_IT, [5, 2, 3], [10, 5, 5]),
        ("66", AFTER_IT, [10, 5, 5], [10, 5, 5]),
        ("centre", BEFORE_IT, [10, 5, 5], [10, 5, 5]),
    ],
)
def test_every_unit_that_ever_existed_has_a_board_as_then_and_as_now(
    unit: str, on: str, then: list[int], now: list[int]
) -> None:
    assert figures(unit, on) == then
    assert figures(unit, on, "now") == now


def test_as_known_before_anybody_told_of_the_reform_nothing_of_it_is_there() -> None:
    for tree in ("then", "now", "succession"):
        assert figures("66", AFTER_IT, tree, UNTOLD) == [5, 2, 3]
        assert figures("66.d", AFTER_IT, tree, UNTOLD) == [3, 2, 1]
    assert not board("66.1", AFTER_IT, known=UNTOLD).closed
    assert board("66.1", AFTER_IT).closed
    with pytest.raises(UnknownUnit) as unknown:
        board("n.1", AFTER_IT, known=UNTOLD)
    assert "no unit event that was recorded named n.1" in unknown.value.sentence


def test_on_a_day_before_its_establishment_a_board_is_empty_and_has_rows_all_the_same() -> None:
    shown = MADE.board("n.1", Ask(on=at(BEFORE_IT), by="child"), NOW).to_json()

    assert (shown["closed"], shown["rows"]) == (False, [])


def test_in_succession_a_new_unit_has_the_past_of_its_predecessors_told_apart() -> None:
    shown = board("n.1", BEFORE_IT, "succession").to_json()
    told = shown["succession"]

    assert (shown["subtree"]["assigned"], shown["own"]["assigned"]) == (2, 2)
    assert (told["established_on"], told["own_past"]["assigned"]) == ("2025-07-01", 0)
    assert [
        (one["unit"], one["closed_on"], one["ending"], one["inferred"], one["assigned"])
        for one in told["predecessors"]
    ] == [
        ("66.1", "2025-07-01", "merged", False, 1),
        ("66.2", "2025-07-01", "split", True, 1),
    ]
    assert told["elsewhere"] == []


def test_who_was_divided_counts_with_the_main_successor_alone() -> None:
    told = board("n.2", BEFORE_IT, "succession").to_json()["succession"]

    assert figures("n.2", BEFORE_IT, "succession") == [1, 1, 0]
    assert [one["unit"] for one in told["predecessors"]] == ["54.1"]
    assert [(one["unit"], one["into"]) for one in told["elsewhere"]] == [("66.2", "n.1")]
    assert "assigned" not in told["elsewhere"][0]


def test_a_merged_province_adds_its_past_to_the_one_that_took_it_in() -> None:
    assert figures("66", BEFORE_IT, "succession") == [10, 5, 5]
    told = board("66", BEFORE_IT, "succession").succession
    assert told is not None
    assert told.own_past.counts["assigned"] == 5
    assert [one.predecessor.unit for one in told.predecessors] == ["54"]


def test_after_the_reform_succession_counts_nothing_twice() -> None:
    for unit in MADE.tree.units:
        shown = board(unit, AFTER_IT, "succession")
        assert shown.subtree.counts["assigned"] <= 10
    assert figures("66", AFTER_IT, "succession") == figures("66", AFTER_IT)
    assert figures("n.1", AFTER_IT, "succession") == [2, 1, 1]


def test_the_list_in_succession_holds_what_the_board_counts() -> None:
    query = Query(MADE, None, lambda: NOW)
    assert query.obligations("n.1", Ask(tree="succession"))["total"] == 0  # no lives are kept here
    rows = MADE.board("66", Ask(on=at(BEFORE_IT), tree="succession", by="child"), NOW).rows

    assert [(row.key, row.figures.counts["assigned"]) for row in rows] == [
        ("66", 1),
        ("54.d", 3),
        ("66.d", 3),
        ("54.snv", 1),
        ("66.snv", 1),
        ("66.sa", 1),
    ]


def test_a_unit_tells_its_whole_life() -> None:
    query = Query(MADE, None, lambda: NOW)
    split, new, renamed = (query.unit(code, None) for code in ("66.2", "n.1", "54.2"))

    assert (split["ending"], split["closed_on"], split["successors"], split["receiver"]) == (
        "split",
        "2025-07-01",
        ["n.1", "n.2"],
        "n.1",
    )
    assert [(one["unit"], one["counted"]) for one in new["predecessors"]] == [  # type: ignore[attr-defined]
        ("66.1", True),
        ("66.2", True),
    ]
    assert [one["name"] for one in renamed["names"]] == ["Xã Cũ Bốn", "Phường Bốn"]  # type: ignore[attr-defined]
    assert [one["unit"] for one in query.units("xa cu bon", None, None, 9)] == ["54.2"]
    ended = query.unit("66.d", None)
    assert (ended["ending"], ended["receiver"], ended["successors"]) == ("level_ended", "66", [])
    assert [one["event_id"] for one in ended["parents"]] == [  # type: ignore[attr-defined]
        BEFORE[7].event_id.hex(),
        REFORM_FACTS[-1].event_id.hex(),
    ]


def test_a_unit_as_known_earlier_had_not_ended() -> None:
    query = Query(MADE, None, lambda: NOW)

    assert query.unit("66.2", None, UNTOLD)["closed_on"] is None
    with pytest.raises(UnknownUnit):
        query.unit("n.1", None, UNTOLD)


def test_a_part_of_a_reform_that_nobody_enacted_is_pending_on_its_units() -> None:
    part = fact(MERGED, "66.sa", REFORM, successors=("66.snv",), reform="r-1")
    waiting = Boards(lambda: NOW)
    waiting.tree = Tree.of(enumerate((*BEFORE, part)))
    query = Query(waiting, None, lambda: NOW)

    for code in ("66.sa", "66.snv"):
        assert query.unit(code, None)["pending"] == [
            {
                "reform": "r-1",
                "by": "centre",
                "on": "2025-07-01",
                "what": "merged",
                "unit": "66.sa",
                "event_id": part.event_id.hex(),
            }
        ]
    enacted = fact(ENACTED, "centre", REFORM, reform="r-1", parts=1, sha256=digest([part]))
    waiting.tree = waiting.tree.with_facts([(99, enacted)])
    assert query.unit("66.sa", None)["pending"] == []
