"""Spreadsheet files, the one door: sheets that open well, and cells as somebody filled them in."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from io import BytesIO
from math import ceil
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from ops.sheet_grid import Formula, Given, Grid, check_rows
from ops.sheets import Heading, Sheet, Toned, Value
from ops.tables import DANGEROUS, NO_DATA
from schemas.refusal import Reason, Refused

WIDTH_MIN, WIDTH_MAX = 6, 48
"""Narrowest and widest column in characters; longer texts are wrapped."""
MARKS_SHEET = "lienthong"
"""The sheet, never shown, in which a form says what it is."""
COLUMNS_MAX = 60
"""Most columns that are read."""
UNPACKED_BYTES_MAX = 64 * 1024 * 1024
"""Most bytes that a spreadsheet may become when it is unpacked."""
LINE_POINTS = 15
"""Height of a line of text."""
PAPER_CHARS_MAX = 200
"""Most characters side by side on one A4 across that can still be read; more takes more pages."""
OPEN_WIDTH = 20
"""Narrowest column that somebody fills in."""
BOLD = Font(name="Calibri", size=11, bold=True)
"""As the rest but bold: a font without a name is another one to some programs."""
BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, OSError, RuntimeError, TypeError),
    *(BadZipFile, InvalidFileException, ParseError, ValueError, zlib.error),
)
"""What the library raises of bytes that somebody spoilt; each was seen or is of a kind with one."""
HEADER_FILL = PatternFill("solid", fgColor="DCE6F1")
OPEN_FILL = PatternFill("solid", fgColor="FFFBE6")
_THIN = Side(style="thin", color="BFBFBF")
OPEN_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
"""How cells look that somebody is to fill in."""
FILLS: Mapping[str, PatternFill] = {
    tone: PatternFill("solid", fgColor=colour)
    for tone, colour in {
        "bad": "F8CBAD",
        "late": "FCE4D6",
        "soon": "FFE699",
        "waits": "DDEBF7",
        "good": "C6E0B4",
        "quiet": "EDEDED",
    }.items()
}
FORMATS: Mapping[str, str] = {
    "text": "@",
    "code": "@",
    "count": "#,##0",
    "number": "General",
    "rate": "0.0 %",
    "day": "dd/mm/yyyy",
    "instant": "dd/mm/yyyy hh:mm",
}
"""How the values of a column are written; the marks of thousands and decimals are the reader's."""
SHOWN = {"day": "dd/mm/yyyy", "instant": "dd/mm/yyyy hh:mm", "rate": "100,0 %"}
"""What takes the most room in such a column."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "-"))


def save(path: Path, sheet: Sheet) -> None:
    """Write a sheet to a file. Raises OSError where the file cannot be written."""
    path.write_bytes(content(sheet))


def content(sheet: Sheet) -> bytes:
    """The bytes of a file with the sheet."""
    book, _, _ = _book(sheet)
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _book(sheet: Sheet) -> tuple[Workbook, Worksheet, int]:
    """A file with the sheet in it, that sheet, and the row of its headings."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = sheet.title.translate(_NOT_IN_NAMES)[:31].strip("'") or "1"
    first = _about(page, sheet)
    for number, heading in enumerate(sheet.headings, start=1):
        _put(page.cell(first, number), heading.text, "text")
    for at, row in enumerate(sheet.rows, start=first + 1):
        for number, (value, heading) in enumerate(zip(row, sheet.headings, strict=True), start=1):
            _put(page.cell(at, number), value, heading.kind)
    _arrange(page, sheet, first)
    return book, page, first


def _about(page: Worksheet, sheet: Sheet) -> int:
    """Write what stands above the table; the row of the headings."""
    for number, line in enumerate((sheet.title, *sheet.about), start=1):
        cell = page.cell(number, 1)
        _put(cell, line, "text")
        cell.alignment = Alignment(wrap_text=False)
        if number == 1:
            cell.font = BOLD
    return first_row(sheet)


def first_row(sheet: Sheet) -> int:
    """The row of the headings; above it one stays empty, or a filter would take all for data."""
    return len(sheet.about) + 3


def _put(cell: Cell | MergedCell, value: Value, kind: str) -> None:
    assert isinstance(cell, Cell)  # Nothing is merged in what is written here.
    tone = value.tone if isinstance(value, Toned) else None
    text = value.text if isinstance(value, Toned) else value
    if isinstance(text, str):
        # Set past the library's guess, which makes a formula of whatever begins with `=`.
        cell.value = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(DANGEROUS)
    else:
        cell.value = text
    if kind not in ("text", "code"):
        cell.number_format = FORMATS[kind]
    if tone is not None:
        cell.fill = FILLS[tone]
    right = kind in ("count", "number", "rate")
    side = "right" if right else "left"
    cell.alignment = Alignment(horizontal=side, vertical="top", wrap_text=not right)


def _arrange(page: Worksheet, sheet: Sheet, first: int) -> None:
    """Widths, frozen headings, filter, and paper: A4 across, one page wide, headings on each."""
    last = get_column_letter(max(1, len(sheet.headings)))
    lines, printed = 1, 0
    for number, heading in enumerate(sheet.headings, start=1):
        header = page.cell(first, number)
        header.fill = HEADER_FILL
        header.font = BOLD
        header.alignment = Alignment(horizontal="left", vertical="center", wrap_text=True)
        width = max(_widths(heading, [row[number - 1] for row in sheet.rows]))
        page.column_dimensions[get_column_letter(number)].width = width
        lines = max(lines, _lines(heading.text, width))
        printed = printed if heading.kind == "code" else number
    # Not every program makes room for headings of several lines by itself.
    page.row_dimensions[first].height = lines * LINE_POINTS + 4
    page.freeze_panes = f"B{first + 1}"
    page.auto_filter.ref = f"A{first}:{last}{first + len(sheet.rows)}"
    _make_room(page, sheet, first)
    columns = [get_column_letter(number) for number in range(1, max(1, printed) + 1)]
    page.print_area = f"A1:{columns[-1]}{first + len(sheet.rows)}"
    page.print_title_rows, page.print_title_cols = f"{first}:{first}", "A:A"
    if page.oddFooter is not None and page.oddFooter.center is not None:
        page.oddFooter.center.text = "&P / &N"
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    together = sum(page.column_dimensions[letter].width for letter in columns)
    page.page_setup.fitToWidth = ceil(together / PAPER_CHARS_MAX)
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _make_room(page: Worksheet, sheet: Sheet, first: int) -> None:
    """Heights of rows whose texts take several lines."""
    widths = [
        page.column_dimensions[get_column_letter(number)].width
        for number in range(1, len(sheet.headings) + 1)
    ]
    for at, row in enumerate(sheet.rows, start=first + 1):
        texts = ((value, width) for value, width in zip(row, widths, strict=True))
        lines = max((_lines(one, width) for one, width in texts if isinstance(one, str)), default=1)
        if lines > 1:
            page.row_dimensions[at].height = lines * LINE_POINTS


def _lines(text: str, width: float) -> int:
    """Lines that a text takes; a column of the text's own width has room for it in one."""
    return 1 if len(text) + 2 <= width else len(wrap(text, int(width) - 2))


def _widths(heading: Heading, values: Sequence[Value]) -> Iterator[int]:
    yield WIDTH_MIN
    # A heading breaks between words, so that counts do not take the room of their names.
    yield min(max(map(len, heading.text.split()), default=0) + 4, WIDTH_MAX)
    if heading.kind in SHOWN:
        yield len(SHOWN[heading.kind]) + 2
        return
    for value in values:
        text = value.text if isinstance(value, Toned) else value
        yield min(len(str(NO_DATA if text is None else text)) + 2, WIDTH_MAX)


class Form(NamedTuple):
    """What makes a sheet one to be filled in: `marks` for the one who reads it, the columns from
    `first_open` on (counted from 1) for the one who writes, and what is said of a wrong day."""

    marks: tuple[str, ...]
    first_open: int
    wrong_day: str


def form_content(sheet: Sheet, form: Form) -> bytes:
    """A file with a sheet to be filled in: given columns are locked, days checked on entry."""
    book, page, first = _book(sheet)
    page.auto_filter.ref = None
    page.freeze_panes = f"A{first + 1}"
    for number, heading in enumerate(sheet.headings, start=1):
        for row in range(first + 1, first + 1 + len(sheet.rows)):
            cell = page.cell(row, number)
            cell.protection = Protection(locked=number < form.first_open)
            cell.number_format = FORMATS[heading.kind]
            if number >= form.first_open:
                cell.fill, cell.border = OPEN_FILL, OPEN_BORDER
        if number >= form.first_open:
            letter = get_column_letter(number)
            width = max(page.column_dimensions[letter].width, OPEN_WIDTH)
            page.column_dimensions[letter].width = width
        if heading.kind == "day" and number >= form.first_open and sheet.rows:
            page.add_data_validation(_days_only(f"{letter}{first + 1}:{letter}1048576", form))
    page.protection.sheet = True
    page.protection.formatColumns = False
    hidden = book.create_sheet(MARKS_SHEET)
    hidden.sheet_state = "veryHidden"
    for mark in form.marks:
        hidden.append([mark])
    return _bytes(book)


def _days_only(cells: str, form: Form) -> DataValidation:
    # Any day of a calendar: the number of 01/01/2000 or later.
    rule = DataValidation(type="date", operator="greaterThanOrEqual", formula1="36526")
    rule.error, rule.showErrorMessage, rule.allow_blank = form.wrong_day, True, True
    rule.add(cells)
    return rule


def read(content: bytes, name: str) -> Grid:
    """The cells of the first sheet of a file. Raises Refused where it is no spreadsheet."""
    try:
        with ZipFile(BytesIO(content)) as parts:
            # A small file may hold a large one; nobody fills in so much by hand.
            unpacked = sum(one.file_size for one in parts.infolist())
        if unpacked > UNPACKED_BYTES_MAX:
            sentence = f"a sheet has at most {UNPACKED_BYTES_MAX} bytes when unpacked"
            raise Refused(Reason.TOO_LARGE, sentence, name)
        book = load_workbook(BytesIO(content))
    except BROKEN as error:
        raise Refused(Reason.WRONG_TYPE, "is no spreadsheet (.xlsx)", name) from error
    hidden = book[MARKS_SHEET] if MARKS_SHEET in book.sheetnames else None
    pages = [page for page in book.worksheets if page.title != MARKS_SHEET]
    if not pages:
        raise Refused(Reason.WRONG_TYPE, "has no sheet", name)
    page = pages[0]
    check_rows(page.max_row, name)
    marks = [cell.value for row in hidden.iter_rows(max_col=1) for cell in row] if hidden else []
    return Grid(
        marks=tuple(str(one) for one in marks if one is not None),
        rows=[[_given(cell) for cell in row] for row in page.iter_rows(max_col=COLUMNS_MAX)],
        merged=tuple(str(one) for one in page.merged_cells.ranges),
        hidden=tuple(_unseen(page)),
    )


def _given(cell: Any) -> Given:
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "") == "f":
        return Formula(str(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return value if isinstance(value, str | int | float | date) else None


def _unseen(page: Worksheet) -> Iterator[str]:
    yield from (str(number) for number, one in page.row_dimensions.items() if one.hidden)
    yield from (letter for letter, one in page.column_dimensions.items() if one.hidden)
