"""Spreadsheets that open well: frozen header, filter, A4 landscape, text that stays text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from ops.tables import safe

WIDTH_MAX = 60
HEADER_FILL = PatternFill("solid", fgColor="DCE6F1")


def write(path: Path, title: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows of plain values as one sheet. Raises OSError where the file cannot be written."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title[:31].translate({ord(c): "-" for c in "[]:*?/\\"})
    headers = list(rows[0]) if rows else []
    sheet.append(headers)
    for row in rows:
        sheet.append([safe(value) for value in row.values()])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = HEADER_FILL
    for number, header in enumerate(headers, start=1):
        longest = max([len(str(header)), *(len(str(row[header])) for row in rows)])
        sheet.column_dimensions[get_column_letter(number)].width = min(longest + 2, WIDTH_MAX)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    book.save(path)
