"""The template in which a unit without a system tells what reports it sent, written and read.

One row for each report that is open. Whatever cannot be read is named by its cell; of a sheet with
one such cell nothing is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from ops import sheet_csv, sheets, xlsx
from ops.i18n import LANGUAGES, word
from ops.sheet_grid import Formula, Given, Grid, letter, place
from ops.sheets import Heading, Sheet, Value
from ops.tables import DANGEROUS
from schemas.event import Document
from schemas.events.report import Figure
from schemas.limits import NAME_CHARS_MAX, TEXT_CHARS_MAX
from schemas.refusal import Refused
from schemas.times import Day, from_date, midnight
from schemas.words_vn import read_day
from services.report import REPORT_KINDS, SubmitReport

VERSION = "lienthong-report-template/1"
"""Which template this is. It grows by one with every change of the columns."""
CSV_FIRST = 2
"""Row of the headings in CSV; the marks stand above."""
OPEN_STATES = frozenset({"not_due", "due_soon", "overdue", "in_revision", "no_due"})
"""States in which a report is still to be sent."""
_NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?\Z")
_THOUSANDS = re.compile(r"[.,][0-9]{3}\Z")


class _Field(NamedTuple):
    """A column of every template; `about` is the field of the command that it fills."""

    heading: str
    kind: str
    about: str = ""


FIELDS: tuple[_Field, ...] = (
    _Field("sheet.obligation", "text", "obligation"),
    _Field("ui.unit", "text"),
    _Field("ui.what", "text"),
    _Field("sheet.due_before", "day"),
    _Field("form.number", "text", "document"),
    _Field("form.sent_on", "day", "effective_at"),
    _Field("form.data_cutoff_on", "day", "data_cutoff_on"),
    _Field("form.text", "text", "text"),
)
"""The columns of a template; columns of figures follow."""
NUMBER, SENT, CUTOFF, TEXT = 5, 6, 7, 8
"""Columns that are filled in, from 1; those before NUMBER are given."""


class Bad(NamedTuple):
    """What is wrong with a cell (`B7`), a row, a column or the whole sheet; `said` is a word."""

    where: str
    said: str
    given: Mapping[str, object]

    def sentence(self, language: str) -> str:
        """The place and what is wrong there."""
        text = word(self.said, language).format(**self.given)
        return f"{self.where}: {text}" if self.where else text


class Row(NamedTuple):
    """A row that was filled in: its number in the sheet, and what it says was sent."""

    number: int
    submission: SubmitReport


def marks(language: str, first: int) -> tuple[str, ...]:
    """What a template says about itself: version, language, row of the headings."""
    return (VERSION, language, str(first))


def form(
    unit: Mapping[str, Any], rows: Iterable[Any], figures: Sequence[str], language: str
) -> Sheet:
    """The template of a unit over rows of its list of obligations; a column for each figure."""
    headings = [Heading(word(field.heading, language), field.kind) for field in FIELDS]
    headings += [Heading(_figure(name, language), "number") for name in figures]
    title = word("form.title", language).format(name=unit["name"], unit=unit["unit"])
    blank: list[Value] = [None] * (len(headings) - NUMBER + 1)
    values = [
        [
            row["obligation"],
            row["unit_name"],
            _what(row, language),
            sheets.value(row["due_before"], "day", language),
            *blank,
        ]
        for row in rows
    ]
    return Sheet(title, (word("form.how", language),), tuple(headings), values)


def as_file(sheet: Sheet, language: str) -> bytes:
    """The template as a spreadsheet, with what it says about itself where nobody sees it."""
    first = xlsx.first_row(sheet)
    return xlsx.form_content(
        sheet, xlsx.Form(marks(language, first), NUMBER, word("form.how", language))
    )


def as_csv(sheet: Sheet, language: str) -> bytes:
    """The template as CSV, with what it says about itself in the line above."""
    return sheet_csv.content(sheet, language, marks(language, CSV_FIRST))


def open_reports(rows: Iterable[Any], unit: str | None) -> list[Any]:
    """Rows of a list that a template has: reports still to be sent, of one unit or of all."""
    return [
        row
        for row in rows
        if row["kind"] in REPORT_KINDS
        and row["state"] in OPEN_STATES
        and (unit is None or row["unit"] == unit)
    ]


def _what(row: Mapping[str, Any], language: str) -> str:
    parts = (
        sheets.value(row["kind"], "word:kind", language),
        row["item"],
        sheets.value(row["period"], "period", language),
    )
    return " · ".join(str(part) for part in parts if part)


def _figure(name: str, language: str) -> str:
    return word("form.figure", language).format(name=name)


def read(grid: Grid, by: str) -> tuple[list[Row], list[Bad]]:
    """The rows that were filled in, and every cell that cannot be taken.

    `by` stands as the one who sends until the ledger says who owes.
    """
    bad = _of_the_sheet(grid)
    if bad:
        return [], bad
    language, first = grid.marks[1], int(grid.marks[2])
    bad, names = _headings(grid, first, language)
    if bad:
        return [], bad
    reader = _Reader(grid, names)
    rows = [reader.row(number, by) for number in range(first + 1, len(grid.rows) + 1)]
    return [row for row in rows if row is not None], reader.bad


def _of_the_sheet(grid: Grid) -> list[Bad]:
    found = [Bad(cells, "form.merged", {}) for cells in grid.merged]
    found += [Bad(name, "form.hidden", {}) for name in grid.hidden]
    mark = grid.marks
    whole = len(mark) >= 3 and mark[1] in LANGUAGES and mark[2].isdecimal()
    if not whole or mark[0] != VERSION:
        found.append(Bad("", "form.other_template", {"version": VERSION}))
    return found


def _headings(grid: Grid, first: int, language: str) -> tuple[list[Bad], list[str]]:
    """Columns that are not where they belong, and the names of the figures."""
    bad: list[Bad] = []
    names: list[str] = []
    before, after = _figure("\n", language).split("\n")
    width = max((len(row) for row in grid.rows), default=0)
    for number in range(1, width + 1):
        found = grid.at(first, number)
        wanted = word(FIELDS[number - 1].heading, language) if number <= len(FIELDS) else None
        if wanted is not None:
            if found != wanted:
                said = {"column": letter(number), "wanted": wanted, "found": _shown(found)}
                bad.append(Bad(place(first, number), "form.other_column", said))
        elif isinstance(found, str) and found.startswith(before) and found.endswith(after):
            name = found[len(before) : len(found) - len(after)]
            if name in names or _wrong_text(name, NAME_CHARS_MAX):
                bad.append(Bad(place(first, number), "form.figure_name", {"found": _shown(name)}))
            names.append(name)
        elif any(grid.at(row, number) is not None for row in range(first, len(grid.rows) + 1)):
            said = {"column": letter(number), "found": _shown(found)}
            bad.append(Bad(place(first, number), "form.no_column", said))
    return bad, names


class _Reader:
    """Reads the rows of a sheet whose columns are in place; keeps what it cannot take."""

    def __init__(self, grid: Grid, figures: Sequence[str]) -> None:
        self.bad: list[Bad] = []
        self._grid = grid
        self._figures = figures
        self._seen: dict[str, int] = {}

    def row(self, number: int, by: str) -> Row | None:
        """What a row says was sent; None where it is not filled in or cannot be taken."""
        last = len(FIELDS) + len(self._figures)
        if all(self._grid.at(number, column) is None for column in range(NUMBER, last + 1)):
            return None
        wrong = len(self.bad)
        obligation = self._obligation(number)
        document = self._text(number, NUMBER, NAME_CHARS_MAX)
        sent, cutoff = (self._day(number, column) for column in (SENT, CUTOFF))
        text = self._text(number, TEXT, TEXT_CHARS_MAX)
        figures = self._figures_of(number)
        if sent is None and self._grid.at(number, SENT) is None:
            self._say(number, SENT, "form.missing_day")
        if len(self.bad) > wrong or obligation is None or sent is None:
            return None
        submission = SubmitReport(
            by=by,
            obligations=(obligation,),
            effective_at=midnight(sent),
            effective_is_day=True,
            document=None if document is None else Document(number=document),
            data_cutoff_on=cutoff,
            figures=figures,
            text=text,
        )
        return Row(number, submission)

    def _obligation(self, row: int) -> str | None:
        found = self._text(row, 1, NAME_CHARS_MAX)
        if found is None:
            if self._grid.at(row, 1) is None:
                self._say(row, 1, "form.missing_obligation")
            return None
        earlier = self._seen.setdefault(found, row)
        if earlier != row:
            self._say(row, 1, "form.twice", first=place(earlier, 1))
        return found

    def _figures_of(self, row: int) -> tuple[Figure, ...]:
        found = []
        for column, name in enumerate(self._figures, start=len(FIELDS) + 1):
            value = self._number(row, column)
            if value is not None:
                found.append(Figure(name=name, value=value))
        return tuple(found)

    def _text(self, row: int, column: int, most: int) -> str | None:
        given = self._grid.at(row, column)
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)  # A document's number without letters.
        if given is None:
            return None
        if isinstance(given, Formula):
            self._say(row, column, "form.formula", found=_shown(given))
            return None
        if not isinstance(given, str):
            self._say(row, column, "form.not_text", found=_shown(given))
            return None
        said = _wrong_text(given, most)
        if said is not None:
            self._say(row, column, said, most=most)
            return None
        return given

    def _day(self, row: int, column: int) -> Day | None:
        given = self._grid.at(row, column)
        if given is None:
            return None
        if isinstance(given, date) and not isinstance(given, datetime):
            return from_date(given)
        if isinstance(given, str) and given.strip():
            try:
                return read_day(given)
            except ValueError:
                pass  # Said below, in the reader's language.
        self._say(row, column, "form.not_a_day", found=_shown(given))
        return None

    def _number(self, row: int, column: int) -> float | None:
        given = self._grid.at(row, column)
        if given is None:
            return None
        if isinstance(given, int | float) and not isinstance(given, bool):
            return float(given)
        if not self._grid.typed and isinstance(given, str) and _NUMBER.match(given):
            if not _THOUSANDS.search(given):
                return float(given.replace(",", "."))
            # 1.234 is a thousand and more here, and less than two elsewhere.
            self._say(row, column, "form.thousands", found=_shown(given))
            return None
        self._say(row, column, "form.not_a_number", found=_shown(given))
        return None

    def _say(self, row: int, column: int, said: str, **given: object) -> None:
        self.bad.append(Bad(place(row, column), said, given))


_TESTS: tuple[tuple[str, Callable[[str, int], bool]], ...] = (
    ("form.formula", lambda text, most: text.startswith(DANGEROUS)),
    ("form.spaces", lambda text, most: text != text.strip() or not text),
    ("form.not_nfc", lambda text, most: not unicodedata.is_normalized("NFC", text)),
    ("form.control", lambda text, most: any(unicodedata.category(sign) == "Cc" for sign in text)),
    ("form.too_long", lambda text, most: len(text) > most),
)
"""What a text must not be, in the order in which it is said."""


def _wrong_text(text: str, most: int) -> str | None:
    return next((said for said, is_so in _TESTS if is_so(text, most)), None)


def _shown(given: Given) -> str:
    """A cell's value as a sentence quotes it."""
    text = given.text if isinstance(given, Formula) else str("" if given is None else given)
    return text[:40]


def refused(row: Row, why: Refused) -> Bad:
    """A refusal by a rule of what a row says, as its cell's."""
    name = "obligation" if why.where in ("", "obligations", "by") else why.where
    columns = [column for column, field in enumerate(FIELDS, start=1) if field.about == name]
    cell = place(row.number, columns[0] if columns else 1)
    return Bad(cell, "form.refused", {"sentence": why.sentence})
