"""The figures of every day from an archive alone, by SQL and by the command."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ops.archive.reading import heads_of
from ops.archive.replaying import Archived, opened
from ops.cli import EXIT_REFUSED, EXIT_USAGE
from ops.daily import daily
from ops.proof import gathered_of
from ops.replay_boards import boards_of
from projections.ask import Ask
from schemas.measures import CONTENT
from schemas.refusal import Refused
from schemas.times import as_of, day, end_of_day
from tests.archived import archived
from tests.home import Home

FIRST, LAST = day(2012, 3, 25), day(2012, 6, 25)
NOW = as_of("2012-07-01T08:00:00+07:00")
KNOWN = as_of("2012-06-12")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("home")
    archived(made)
    return made / "archive"


@pytest.fixture(scope="module")
def whole(folder: Path) -> Archived:
    return opened(folder, checked=False)


@pytest.mark.parametrize("known", [None, KNOWN])
@pytest.mark.parametrize("unit", ["66", "66.x", ""])
def test_each_day_is_what_the_fold_shows_on_it(
    whole: Archived, unit: str, known: int | None
) -> None:
    boards = boards_of(gathered_of(whole, lambda _: None), NOW, known)
    code = unit or "centre"
    for one in daily(whole, unit, FIRST, LAST, known):
        board = boards.board(code, Ask(on=end_of_day(one.day), known=known, everything=True), NOW)
        theirs = list(board.subtree.counts.values)
        theirs[CONTENT] = 0

        assert one.counts is not None
        assert list(one.counts.values) == theirs


def test_a_small_archive_in_many_parts_gives_the_same(
    whole: Archived, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = daily(whole, "66", FIRST, LAST)
    monkeypatch.setattr("ops.daily.PART_RECORDS", 10)

    assert daily(whole, "66", FIRST, LAST) == found
    assert [one.counts and one.counts["assigned"] >= 4 for one in found][-1]


def test_a_day_before_the_unit_stood_has_no_figure(whole: Archived) -> None:
    early, first = daily(whole, "66", day(2011, 12, 31), day(2012, 1, 1))

    assert early.counts is None
    assert first.counts is not None
    with pytest.raises(Refused, match="stands nowhere from 2005-01-01 to 2005-01-02"):
        daily(whole, "66", day(2005, 1, 1), day(2005, 1, 2))
    with pytest.raises(Refused, match="is no period"):
        daily(whole, "66", LAST, FIRST)


def test_the_command_tells_of_each_day_and_up_to_which_head(
    folder: Path, tmp_path: Path, whole: Archived
) -> None:
    home = Home(tmp_path / "home", "", "lienthong.")
    home.settings = replace(home.settings, archive=folder)
    asked = ("replay", "66", "--from", "archive", "--since", "2012-06-05", "--on", "2012-06-12")
    said, table = (home(*asked, "--engine", "sql", "-o", form) for form in ("json", "table"))
    told = json.loads(said.out)

    assert [one["on"] for one in told["days"]] == [f"2012-06-{n:02}" for n in range(5, 13)]
    assert told["days"][-1]["subtree"]["assigned"] == 4
    assert told["archive"]["hash"] == heads_of(folder)[-1].hash() in table.out
    assert "12/06/2012" in table.out
    assert home(*asked).code == EXIT_USAGE
    nowhere = home(*asked[:1], "99", *asked[2:], "--engine", "sql")
    assert (nowhere.code, nowhere.out) == (EXIT_REFUSED, "")
