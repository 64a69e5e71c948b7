"""A file somebody filled in, as a grid of cells: a spreadsheet or CSV, nothing read into it yet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeAlias

from schemas.refusal import Reason, Refused

ROWS_MAX = 10_000
"""Most rows of a file that is read."""
BYTES_MAX = 8 * 1024 * 1024
"""Largest file that is read."""


class Formula(NamedTuple):
    """A cell that a spreadsheet computes."""

    text: str


Given: TypeAlias = str | int | float | bool | date | Formula | None


class Grid(NamedTuple):
    """The cells of a file, from A1 on.

    `marks` are what the template wrote about itself; `merged` are ranges, `hidden` are rows and
    columns that nobody sees; `typed` says that numbers and days are no texts here.
    """

    marks: tuple[str, ...]
    rows: Sequence[Sequence[Given]]
    merged: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    typed: bool = True

    def at(self, row: int, column: int) -> Given:
        """A cell, counted from 1; None outside."""
        line = self.rows[row - 1] if row <= len(self.rows) else ()
        return line[column - 1] if column <= len(line) else None


def place(row: int, column: int) -> str:
    """What a cell is called: row 7, column 2 is B7."""
    return f"{letter(column)}{row}"


def letter(column: int) -> str:
    """What a column is called: 1 is A, 27 is AA."""
    rest, last = divmod(column - 1, 26)
    return (letter(rest) if rest else "") + chr(ord("A") + last)


def read_csv(content: bytes, name: str) -> Grid:
    """A CSV file in UTF-8 with `;` or `,`, its marks in the first line. Raises Refused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sentence = f"is not UTF-8 at byte {error.start}; save it as CSV UTF-8"
        raise Refused(Reason.WRONG_TYPE, sentence, name) from error
    first = text.partition("\n")[0]
    # What a spreadsheet puts between cells depends on its country: a comma is a decimal sign here.
    sign = ";" if first.count(";") >= first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=sign, strict=True))
    except csv.Error as error:
        raise Refused(Reason.WRONG_TYPE, f"is no CSV: {error}", name) from error
    check_rows(len(rows), name)
    cells = [[one or None for one in row] for row in rows]
    marks = tuple(one for one in rows[0] if one) if rows else ()
    return Grid(marks, cells, typed=False)


def content_of(path: Path) -> bytes:
    """A file's bytes. Raises Refused where it is too large to be filled in by hand, OSError."""
    if path.stat().st_size > BYTES_MAX:
        raise Refused(Reason.TOO_LARGE, f"a sheet has at most {BYTES_MAX} bytes", path.name)
    return path.read_bytes()


def check_rows(count: int, name: str) -> None:
    """Refuse more rows than are read."""
    if count > ROWS_MAX:
        raise Refused(Reason.TOO_LARGE, f"a sheet has at most {ROWS_MAX} rows", name)
