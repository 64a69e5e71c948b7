"""A whole home compared: relay, workers and read model run for real, on the log in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ops import proof
from ops.comparison import compared
from ops.settings import BrokenEnvironment, Settings
from projections.ask import Ask
from projections.readmodel_sqlite import SqliteModel
from schemas.refusal import Refused
from schemas.times import as_of
from tests import story
from tests.small_home import SmallHome

NOW = as_of("2012-07-01T08:00:00+07:00")
CHECKS = [
    "live = replay",
    "kept facts = replay",
    "every recorded event can be read",
    "identities",
    "subtree = own + children",
    "SQL = fold",
    "boards: SQL = fold",
    "ledger = topics",
    "numbers of the sources",
]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path)
    made.tell(story.quarter())
    yield made
    made.close()


def test_a_home_that_has_caught_up_agrees_with_itself(home: SmallHome) -> None:
    home.catch_up()
    heard: list[int] = []
    checks = list(compared(home.parts, NOW, heard.append))

    assert [check.name for check in checks] == CHECKS
    assert [check for check in checks if not check.holds or check.remarks] == []
    assert heard == [18]


def test_a_read_model_that_is_behind_differs_and_says_why(home: SmallHome) -> None:
    home.catch_up()
    home.tell([story.report("66.y", "reminder.issued.v1", "2012-06-30 08:00")])
    live = next(compared(home.parts, NOW))

    assert not live.holds
    assert live.remarks == ("the read model is 1 records behind the topics; wait for it first",)


def test_a_read_model_that_lost_a_frame_differs(home: SmallHome) -> None:
    home.catch_up()
    home.model.close()
    with closing(sqlite3.connect(home.model_file)) as database, database:
        database.execute("DELETE FROM journal WHERE topic = ? AND seq = 1", (home.names.frames,))
    home.model = SqliteModel(home.model_file)
    checks = list(compared(home.parts, NOW))

    assert [check.name for check in checks if not check.holds] == ["live = replay"]
    assert "changes by 0 live, by 1 in the replay" in checks[0].differences[0]


def test_without_a_broker_the_topics_are_left_out(home: SmallHome) -> None:
    home.catch_up()
    checks = list(compared(replace(home.parts, log=None), NOW))

    assert all(check.holds for check in checks)
    assert [check.name for check in checks] == [name for name in CHECKS if name[:6] != "ledger"]


def test_a_home_is_verified_by_its_settings(home: SmallHome) -> None:
    home.catch_up()
    checks = list(proof.verified(home.settings, 5.0, lambda done: None))

    assert [check.name for check in checks] == ["caught up", *CHECKS]
    assert all(check.holds for check in checks)


def test_what_is_not_applied_in_time_is_said(home: SmallHome) -> None:
    caught_up = next(proof.verified(home.settings, 0.1, lambda done: None))

    assert (caught_up.name, caught_up.holds) == ("caught up", False)
    assert caught_up.differences == ("not everything recorded is applied after 0.1 s",)


@pytest.mark.parametrize("engine", proof.ENGINES)
@pytest.mark.parametrize("source", proof.SOURCES)
def test_a_home_is_replayed_by_its_settings(home: SmallHome, source: str, engine: str) -> None:
    ask = Ask(on=as_of("2012-06-08"))
    root = proof.replayed(home.settings, source, "", ask, lambda done: None, engine)
    district = proof.replayed(home.settings, source, "66.y", ask, lambda done: None, engine)

    assert (root.unit, root.subtree.counts["overdue"]) == ("centre", 1)
    assert (district.own.counts["overdue"], district.own.counts["due"]) == (1, 1)


def test_a_replay_of_an_unknown_unit_is_refused(home: SmallHome) -> None:
    with pytest.raises(Refused, match=r"no event of the ledger establishes 99 by then"):
        proof.replayed(home.settings, "ledger", "99", Ask(), lambda done: None)


def test_where_there_is_no_home_nothing_is_made(tmp_path: Path) -> None:
    settings = Settings.load({}, home=tmp_path / "none")

    with pytest.raises(BrokenEnvironment, match="There is no ledger yet"):
        proof.replayed(settings, "ledger", "", Ask(), lambda done: None)
    assert not (tmp_path / "none").exists()
