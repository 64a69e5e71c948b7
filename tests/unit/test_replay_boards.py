"""Boards of a replay: what the province and its parts look like from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.replay import Gathered, from_ledger, gather
from ops.replay_boards import board_of, boards_of
from ops.verify import subtrees
from projections.ask import Ask, UnknownUnit
from schemas.board import Board, Counts
from schemas.jsonl import Defaults
from schemas.times import as_of
from services.ledger import Ledger
from services.publish import publish
from tests import story

NOW = as_of("2012-07-01T08:00:00+07:00")


@pytest.fixture
def gathered(tmp_path: Path) -> Iterator[Gathered]:
    ledger = Ledger.open(f"sqlite:{tmp_path / 'ledger.db'}", clock=lambda: NOW, source="66")
    for _ in publish(story.quarter(), ledger, Defaults(source="66"), history=True):
        pass
    yield gather(from_ledger(ledger))
    ledger.close()


def shown(board: Board) -> list[int]:
    names = ("assigned", "due", "completed", "in_revision", "overdue", "on_time", "late")
    return [board.subtree.counts[name] for name in names]


def asked(gathered: Gathered, unit: str, on: str, known: str | None = None) -> Board:
    return board_of(gathered, unit, Ask(on=as_of(on), known=known and as_of(known)), NOW)


def test_the_province_at_the_end_of_days(gathered: Gathered) -> None:
    assert shown(asked(gathered, "66", "2012-06-08")) == [4, 4, 3, 0, 1, 2, 1]
    assert shown(asked(gathered, "centre", "2012-06-12")) == [4, 4, 2, 1, 1, 1, 1]
    assert asked(gathered, "66", "2012-06-08").own.counts == Counts.of()


def test_the_levels_below_the_province(gathered: Gathered) -> None:
    board = asked(gathered, "66", "2012-06-08")

    assert {level: f.counts["overdue"] for level, f in board.by_level.items()} == {
        "district": 1,
        "province": 0,
    }
    assert board.subtree.ladder is not None
    assert board.subtree.ladder.reminded == 1


def test_an_instant_inside_a_day_counts_what_was_done_by_then(gathered: Gathered) -> None:
    board = asked(gathered, "66", "2012-06-08T08:00:00+07:00")

    assert shown(board) == [4, 4, 2, 0, 2, 2, 0]
    assert board.subtree.ladder is not None
    assert board.subtree.ladder.reminded == 0


def test_only_what_was_known_then_is_shown(gathered: Gathered) -> None:
    board = asked(gathered, "66", "2012-06-21", known="2012-06-11")

    assert shown(board) == [4, 4, 2, 0, 2, 1, 1]
    assert board.known == as_of("2012-06-11")


def test_a_unit_that_nobody_had_established_then_is_unknown(gathered: Gathered) -> None:
    with pytest.raises(UnknownUnit):
        asked(gathered, "66", "2012-06-08", known="2011-12-31")


def test_every_subtree_is_its_own_and_its_children(gathered: Gathered) -> None:
    check = subtrees(boards_of(gathered, NOW), as_of("2012-06-12"), NOW)

    assert (check.holds, check.compared) == (True, len(story.UNITS))
