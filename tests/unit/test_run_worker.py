"""The worker process: which name it bears in its group, and when readers may be sent to it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.http_service import Readiness
from ops.run_worker import group_of, readiness
from ops.settings import Settings
from projections.readmodel_sqlite import SqliteModel

WANTED = {"events": 12, "frames": 1, "units": 1}


def settings_of(home: Path, **given: Any) -> Settings:
    return Settings.load({}, home=home, kafka="localhost:9092", **given)


def name_of(home: Path) -> str | None:
    """The name of the worker of a home, as each start of it makes it."""
    model = SqliteModel(home / "readmodel.sqlite", generation=1)
    group = group_of(settings_of(home), model)
    model.close()
    return group.instance


def test_the_worker_of_a_home_bears_one_name_and_that_of_another_home_another(
    tmp_path: Path,
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    names = [name_of(home) for home in (here, there, here)]

    assert names[0] == names[2]
    assert names[0] != names[1]
    assert None not in names


def test_workers_that_may_share_their_partitions_bear_no_name(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, read_model="postgresql://somebody@somewhere/readmodel")
    model: Any = SimpleNamespace(id="abc")

    assert group_of(settings, model).instance is None


def said(*, alone: bool, events: int = 12, frames: int = 1, behind: int = 0) -> tuple[bool, str]:
    """What a worker with so many partitions says of itself."""
    fold = SimpleNamespace(topic="events", partitions=lambda: range(events), behind=lambda: behind)
    board = SimpleNamespace(topic="frames", partitions=lambda: range(frames), behind=lambda: 0)
    parts: Any = SimpleNamespace(fold=fold, board=board, workers=[fold, board])
    found = readiness(parts, WANTED, alone=alone)
    assert isinstance(found, Readiness)
    return found.ready, found.sentence


@pytest.mark.parametrize("alone", [True, False])
def test_who_has_everything_is_ready_once_it_is_folded(alone: bool) -> None:
    assert said(alone=alone) == (True, "everything on the log is folded")
    ready, sentence = said(alone=alone, behind=7)
    assert not ready
    assert sentence.startswith("7 records are not folded yet")


def test_a_lone_worker_is_not_ready_before_all_its_partitions_are_here() -> None:
    ready, sentence = said(alone=True, events=9, frames=1)

    assert not ready
    assert sentence.startswith("3 of 13 partitions are not here yet")


def test_of_workers_that_share_the_one_with_the_boards_is_ready() -> None:
    with_boards = said(alone=False, events=6)
    without = said(alone=False, events=6, frames=0)

    assert with_boards == (
        True,
        "everything here is folded; lists leave out 6 partitions of other workers",
    )
    assert without == (False, "another worker of the group has the boards; ask that one")
