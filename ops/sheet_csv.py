"""Sheets as CSV that a spreadsheet of the reader's country opens at a click."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from ops.sheets import Sheet, Toned, Value
from ops.tables import safe

SIGNS: Mapping[str, tuple[str, str]] = {"vi": (";", ","), "en": (",", ".")}
"""Language -> what stands between cells, and before decimals."""


def content(sheet: Sheet, language: str, above: Sequence[str] = ()) -> bytes:
    """The table in UTF-8 with its mark; a line of `above` stands over the headings if given."""
    sign, decimal = SIGNS[language]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=sign)
    if above:
        writer.writerow(above)
    writer.writerow([safe(heading.text) for heading in sheet.headings])
    writer.writerows([_cell(value, decimal) for value in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: Value, decimal: str) -> str | int | None:
    plain = value.text if isinstance(value, Toned) else value
    if isinstance(plain, float):
        return str(plain).replace(".", decimal)
    if isinstance(plain, datetime):
        return plain.strftime("%d/%m/%Y %H:%M")
    if isinstance(plain, date):
        return plain.strftime("%d/%m/%Y")
    # Text alone: a number below 0 begins with a dash, too, and is one.
    return str(safe(plain)) if isinstance(plain, str) else plain
