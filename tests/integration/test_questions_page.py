"""docs/questions.md says what a demo's home answers: each of its commands is asked again."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ops.question_list import ASKED
from ops.question_pages import PAGE, cut, printed, sections
from tests.demo_home import Ran

WEB = PAGE.parents[1] / "ops" / "web"
HEADING = re.compile(r"^## (\d+)\. (.*)$", re.M)
COMMANDS = tuple((one.number, command) for one in ASKED for command in one.commands)


def written() -> dict[str, list[str]]:
    """Command -> the lines that the page prints under it."""
    found: dict[str, list[str]] = {}
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S):
        first, *lines = block.splitlines()
        found[first.removeprefix("$ ./lienthong ")] = lines
    return found


def test_the_page_asks_the_33_questions_of_the_table_and_no_other() -> None:
    headings = HEADING.findall(PAGE.read_text(encoding="utf-8"))

    assert list(range(1, 34)) == [one.number for one in ASKED]
    assert [(str(one.number), one.question) for one in ASKED] == headings
    assert [command for _, command in COMMANDS] == list(written())


def test_every_page_that_is_named_is_one_of_the_board() -> None:
    """`?show=` names a page of the board, and the other parameters are read from the address."""
    shown = set(re.findall(r"^  (\w+): \(\) => import", (WEB / "pages.js").read_text(), re.M))
    keys = re.search(r"const KEYS = \[(.*?)\]", (WEB / "state.js").read_text())
    asked = [parse_qs(urlsplit(one.page).query) for one in ASKED if one.page]

    assert len(asked) > 20
    assert {show for each in asked for show in each.get("show", ())} <= shown
    assert keys is not None
    assert {key for each in asked for key in each} <= set(re.findall(r"\w+", keys[1]))


def test_every_question_is_answered_with_something() -> None:
    empty = {command for command, lines in written().items() if "0 rows" in lines}

    assert empty == set()
    assert [] == [command for command, lines in written().items() if len(lines) < 3]


@pytest.mark.parametrize(("number", "command"), COMMANDS)
def test_a_question_is_answered_as_the_page_says(
    demo: Ran, demo_home: Path, number: int, command: str
) -> None:
    assert 0 == demo.code, demo.err
    assert written()[command] == cut(printed(demo_home, command)), number


def test_a_long_answer_is_cut_and_says_so() -> None:
    lines = [str(number) for number in range(100)]

    assert ["0", "…", "99"] == [cut(lines)[0], cut(lines)[24], cut(lines)[-1]]
    assert cut(lines[:28]) == lines[:28]


def test_the_introduction_is_the_page_s_first_part() -> None:
    assert PAGE.read_text(encoding="utf-8").startswith(next(sections(Path("nowhere"))))
