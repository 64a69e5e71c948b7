"""Figures from the archive's folder alone: those of the ledger, or one sentence and no figure."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops.archive import layout
from ops.archive.reading import heads_of, records_about, records_of
from ops.cli import EXIT_BROKEN, EXIT_REFUSED, EXIT_USAGE
from tests import story
from tests.archived import archived, copy, parquets
from tests.home import Home, Said


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home's folder with the ledger of three segments and their archive."""
    folder = tmp_path_factory.mktemp("home")
    archived(folder)
    return folder


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Home:
    """A home that has the archive and nothing else."""
    made = Home(tmp_path / "home", "", "lienthong.")
    made.settings.home.mkdir()
    copy(whole / "archive", str(made.settings.archive))
    return made


def replay(home: Home, *how: str) -> dict[str, Any]:
    said = home("replay", *how, "-o", "json")
    assert (said.code, said.err) == (0, "")
    return dict(json.loads(said.out))


@pytest.mark.parametrize("engine", ["fold", "sql"])
@pytest.mark.parametrize(
    "clocks",
    [
        (),
        ("--on", "2012-06-12"),
        ("--on", "2012-06-08T08:00:00+07:00"),
        ("--on", "2012-06-21", "--known", "2012-06-12"),
        ("--on", "2012-06-21", "--programme", "dak-lak-guidance-2012"),
    ],
)
def test_the_archive_alone_gives_the_figures_of_the_ledger(
    home: Home, whole: Path, engine: str, clocks: tuple[str, ...]
) -> None:
    ours = replay(home, "66", "--from", "archive", "--engine", engine, *clocks)
    told = ours.pop("archive")
    home.settings = replace(home.settings, ledger=f"sqlite:{whole / 'ledger.db'}")
    theirs = replay(home, "66", "--from", "ledger", *clocks)

    ours.pop("on"), theirs.pop("on")  # without --on each is told at its own instant
    assert ours == theirs
    assert ours["subtree"]["assigned"] >= 4
    assert (told["head"], told["last"], told["checked"]) == (3, 66, True)


def test_it_says_up_to_which_head_it_counts(home: Home) -> None:
    last = heads_of(home.settings.archive)[-1]
    said = home("replay", "66", "--from", "archive")

    assert f"Counted up to head 3 (number 66, made at {last.made_at}): {last.hash()}" in said.out
    assert "No head was given" in said.out


def refused(said: Said, *parts: str) -> bool:
    """One sentence on one line, and no figure."""
    assert all(part in said.err for part in parts), said
    return (said.code, said.out, said.err.count("\n")) == (EXIT_REFUSED, "", 1)


def test_a_missing_month_is_one_sentence_checked_or_not(home: Home) -> None:
    next(path for path in parquets(home.settings.archive) if "events" in str(path)).unlink()
    unchecked = home("replay", "66", "--from", "archive", "--unchecked")

    assert refused(home("replay", "66", "--from", "archive"), "not whole", "it is missing")
    assert (EXIT_BROKEN, "") == (unchecked.code, unchecked.out)
    assert "Segment 1-18 in" in unchecked.err
    assert "cannot be read whole" in unchecked.err


def test_a_cut_tail_shows_against_a_head_and_else_in_what_is_counted(home: Home) -> None:
    archive = home.settings.archive
    kept = heads_of(archive)[-1].hash()
    lines = (archive / layout.HEADS).read_bytes().splitlines(keepends=True)
    (archive / layout.HEADS).write_bytes(b"".join(lines[:2]))
    shutil.rmtree(archive / layout.SEGMENTS / "43-66")

    cut = replay(home, "66", "--from", "archive")
    said = home("replay", "66", "--from", "archive", "--head", kept)
    assert (2, 42) == (cut["archive"]["head"], cut["archive"]["last"])
    assert refused(said, "the head that you hold", "it ends with head 2 at number 42")


def test_a_flipped_byte_is_counted_only_by_who_says_so(home: Home) -> None:
    path = next(home.settings.archive.glob("segments/*/schemas/*.avsc"))
    path.write_bytes(path.read_bytes() + b" ")
    anyway = home("replay", "66", "--from", "archive", "--unchecked")

    assert refused(home("replay", "66", "--from", "archive"), path.name)
    assert anyway.code == 0
    assert "NOT CHECKED" in anyway.out


def test_before_the_first_event_there_is_no_figure(home: Home) -> None:
    early, unknown = ("--on", "2005-01-01"), ("--on", "2012-06-21", "--known", "2005-01-01")
    for unit, clocks, sentence in (
        ("66", early, "66 was established on 2012-01-01 and did not stand yet on 2005-01-01"),
        ("", early, "no event of the archive establishes the root by then"),
        ("66", unknown, "no event of the archive establishes 66 by then"),
        ("", unknown, "no event of the archive establishes the root by then"),
    ):
        assert refused(home("replay", unit, "--from", "archive", *clocks), sentence)


def test_where_no_archive_is_or_nothing_in_it_that_is_said(home: Home) -> None:
    (home.settings.archive / layout.HEADS).write_bytes(b"")
    shutil.rmtree(home.settings.archive / layout.SEGMENTS)
    empty = home("replay", "--from", "archive")
    shutil.rmtree(home.settings.archive)
    none = home("replay", "--from", "archive")

    assert (EXIT_BROKEN, EXIT_BROKEN) == (empty.code, none.code)
    assert "holds nothing yet" in empty.err
    assert "There is no archive in" in none.err
    assert EXIT_USAGE == home("replay", "--unchecked").code


def test_the_records_about_an_obligation_are_those_of_the_archive_in_order(whole: Path) -> None:
    archive = whole / "archive"
    heads, mine = heads_of(archive), "dak-lak-guidance-2012:5.1:2012-Q2:66.x"
    found = list(records_about(archive, heads, [mine]))

    assert len(found) == len([line for line in story.quarter() if f'"{mine}"' in line]) == 4
    assert [one for one in records_of(archive) if one in found] == found
    assert [] == list(records_about(archive, heads, []))
