"""What subscribers see of a reform: every published board, and what they keep of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemas.board import Board
from schemas.measures import MEASURES
from schemas.topics import BOARDS
from tests.home import WAIT_SECONDS, Home
from tests.integration.test_handover import REFORM, reformable

UPPER = ("centre", "66")


class Topic:
    """The boards topic, read from its start."""

    def __init__(self, home: Home) -> None:
        self._log, self._name = home.log(), BOARDS.full(home.settings.topic_prefix)
        self._next = [0 for _ in self._log.ends(self._name)]
        self.kept: dict[str, Board] = {}
        """The newest board of each unit, as a subscriber keeps it."""

    def read(self) -> Iterator[Board]:
        """What came since the last call; each is kept before the next one is given."""
        for partition, (_, end) in enumerate(self._log.ends(self._name)):
            while self._next[partition] < end:
                at = self._next[partition]
                for record in self._log.read(self._name, partition, at, 1_000, 10.0):
                    self._next[partition] = record.offset + 1
                    board = Board.decode(record.value or b"")
                    if board.unit not in self.kept or board.version > self.kept[board.unit].version:
                        self.kept[board.unit] = board
                        yield board

    def read_until(self, true: Callable[[], bool]) -> list[Board]:
        """What comes until it is true of what is kept."""
        found, until = list(self.read()), time.monotonic() + WAIT_SECONDS
        while not true():
            assert time.monotonic() < until, "it was not published"
            time.sleep(0.1)
            found += self.read()
        return found

    def close(self) -> None:
        self._log.close()


home = pytest.fixture(params=["sqlite", "kafka"])(reformable)


def test_no_published_total_changes_through_a_reform_and_what_is_kept_adds_up(
    home: Home, tmp_path: Path
) -> None:
    topic = Topic(home)
    before = {unit: home.board(unit) for unit in UPPER}
    wanted = {
        unit: tuple(board["subtree"][m] for m in MEASURES[:5]) for unit, board in before.items()
    }
    topic.read_until(lambda: all(_total(topic.kept.get(unit)) == wanted[unit] for unit in UPPER))
    path = tmp_path / "reform.yaml"
    path.write_text(REFORM, encoding="utf-8")

    assert home("unit", "reform", str(path), "--apply").code == 0
    handed_over = {"66.1", "66.a", "66", "2025.1"}
    told = topic.read_until(
        lambda: (
            [topic.kept[u].own.counts["assigned"] for u in sorted(handed_over & {*topic.kept})]
            == [1, 1, 1, 0]
        )
    )

    versions = sorted({board.tree_version for board in told})
    assert len(versions) == 1, "one tree version after the reform, none in between"
    assert {unit: {_total(b) for b in told if b.unit == unit} for unit in UPPER} == {
        unit: {wanted[unit]} for unit in UPPER
    }
    own = [board.own.counts["assigned"] for board in topic.kept.values()]
    assert sum(own) == topic.kept["centre"].subtree.counts["assigned"] == 4
    topic.close()


def _total(board: Board | None) -> tuple[int, ...] | None:
    return None if board is None else board.subtree.counts.values[:5]
