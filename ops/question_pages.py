"""`python -m ops.question_pages --home H`: asks a demo's home the domain's questions, as Markdown.

`--write` writes docs/questions.md; without it the page is printed.
"""

from __future__ import annotations

import argparse
import io
import re
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from ops import cli
from ops.question_list import ASKED, Asked

PAGE = Path(__file__).resolve().parents[1] / "docs" / "questions.md"
HEAD, TAIL = 24, 3
"""Printed lines of a long answer: the first and the last; what is between is a line of `…`."""
CUT = "…"
VARYING = re.compile(r"\b[0-9a-f]{32}\b|(?<=ledger no\. )\d+|(?<=offset )\d+")
"""Ids, numbers in the ledger and offsets, which differ from one demo to the next."""
INTRODUCTION = """\
# The 33 questions, asked

Each question of section 10 of the domain, by whom it is asked, the command that answers it, the
page of the board where there is one, and what the command prints. The home is that of
`./lienthong demo`: units and programmes are real, what was done is simulated. Every question is
asked as of a fixed day, so that the answers stay the same; a line of `…` stands for lines left
out. This page is written by `python -m ops.question_pages --home HOME --write`, and a test asks
every question again and compares.
"""


def printed(home: Path, command: str) -> list[str]:
    """The lines that a command prints on a home, both outputs together, without padding."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        cli.main(["--home", str(home), *shlex.split(command)])
    return [VARYING.sub(CUT, line.rstrip()) for line in out.getvalue().splitlines()]


def cut(lines: Sequence[str]) -> list[str]:
    """The lines as the page shows them."""
    if len(lines) <= HEAD + TAIL + 1:
        return list(lines)
    return [*lines[:HEAD], CUT, *lines[-TAIL:]]


def sections(home: Path, asked: Iterable[Asked] = ASKED) -> Iterator[str]:
    """The page's parts: its introduction, and one for each question."""
    yield INTRODUCTION
    for one in asked:
        yield f"\n## {one.number}. {one.question}\n\n{_where(one)}\n"
        for command in one.commands:
            answer = "\n".join(cut(printed(home, command)))
            yield f"\n```console\n$ ./lienthong {command}\n{answer}\n```\n"


def _where(one: Asked) -> str:
    page = "no page" if one.page is None else f"page `{one.page}`"
    return f"{one.who} · {page}"


def main(argv: Sequence[str] | None = None) -> int:
    """Print or write the page; 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="The home of a demo.")
    parser.add_argument("--write", action="store_true", help="Write docs/questions.md.")
    given = parser.parse_args(argv)
    text = "".join(sections(given.home))
    if given.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
