"""Printed tables: numbers and words in the reader's language, names as they are."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from ops import tables
from schemas.board import Board, Counts, Figures, Row
from tests import given

NAME = "Sở [red]A[/bold]"


def printed(board: Board, language: str) -> str:
    out = io.StringIO()
    tables.board(board.to_json(), language, Console(file=out, width=160))
    return out.getvalue()


def board_of(count: int, by: str, *keys: tuple[str, str | None]) -> Board:
    figures = Figures(counts=Counts.of(assigned=count, due=count, overdue=count))
    return Board(
        unit="66.so-a",
        name=NAME,
        level="province",
        closed=False,
        on=given.instant("2012-06-12"),
        known=None,
        tree_version=1,
        position="",
        version=1,
        own=figures,
        subtree=figures,
        by=by,
        rows=[Row(key, name, figures) for key, name in keys],
    )


@pytest.mark.parametrize(("language", "count"), [("vi", "1.234.567"), ("en", "1,234,567")])
def test_thousands_are_marked_as_the_language_does(language: str, count: str) -> None:
    assert count in printed(board_of(1_234_567, "child"), language)


def test_a_name_is_printed_as_it_is_whatever_brackets_it_has() -> None:
    assert f"{NAME} (66.so-a" in printed(board_of(1, "child"), "en")


def test_among_the_units_below_it_the_unit_itself_is_called_so() -> None:
    text = printed(board_of(1, "child", ("66.so-a", NAME), ("66.b", "B")), "en")
    titles = [line[:17].strip() for line in text.splitlines()]

    assert 2 == titles.count("This unit alone")
    assert 1 == titles.count("B")


@pytest.mark.parametrize(("language", "kind"), [("vi", "  Báo cáo "), ("en", "  Report ")])
def test_a_part_by_kind_has_the_word_of_the_language(language: str, kind: str) -> None:
    assert kind in printed(board_of(1, "kind", ("report", None)), language)


@pytest.mark.parametrize(
    ("events", "more", "said"),
    [(2, False, "restated 2 times since, last recorded 28/06/2012"), (9, True, "at least 9 times")],
)
def test_a_board_says_how_often_its_day_was_restated(events: int, more: bool, said: str) -> None:
    last = "2012-06-28T09:00:00.000+07:00"

    assert said in tables.restated({"events": events, "last": last, "more": more}, "en")
