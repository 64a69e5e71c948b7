"""Answers as people read them: a table with headings in words, days as they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops import tables
from ops.i18n import word, words
from ops.question import Column, Question
from schemas.periods import parse_period
from schemas.words_vn import write_period

NUMBERS = ("count", "days", "rate", "score")
"""Kinds of column that stand to the right."""

WHOLE = ("obligation", "programme")
"""Columns of ids, which are never broken."""


def show(found: Mapping[str, Any], question: Question, language: str, console: Console) -> None:
    """Print an answer: whom it is about, as of when, its rows, what else it says."""
    about = " ".join(str(found[key]) for key in ("name", question.subject or "") if key in found)
    as_of = word("ui.as_of", language).format(at=tables.day(found["on"]))
    if found.get("known"):
        known = word("ui.as_known", language).format(at=tables.day(found["known"]))
        as_of = f"{as_of} · {known}"
    console.print(f"{about} · {as_of}" if about else as_of, markup=False)
    table = Table(box=None, header_style="bold", pad_edge=False)
    columns = _filled(question, found["rows"])
    for column in columns:
        right = "right" if column.kind in NUMBERS else "left"
        # An id that is cut cannot be asked about: other words take more lines instead.
        table.add_column(
            heading(column, language),
            justify=right,  # type: ignore[arg-type]
            overflow="fold",
            no_wrap=column.key in WHOLE,
        )
    for row in found["rows"]:
        table.add_row(*(escape(cell(row[c.key], c, language)) for c in columns))
    console.print(table)
    said = [word("answer.rows", language).format(count=len(found["rows"]))]
    for one in question.totals:
        if found.get(one.key) is not None:
            said.append(f"{heading(one, language)}: {cell(found[one.key], one, language)}")
    console.print(" · ".join(said), markup=False)


def _filled(question: Question, rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns that say something of any row: a table has room for few."""
    filled = [c for c in question.columns if any(row[c.key] not in (None, False) for row in rows)]
    return filled or list(question.columns)


def period(text: str, language: str) -> str:
    """A period as people write it in the language; one of another form stays as it is."""
    try:
        return write_period(parse_period(text)) if language == "vi" else text
    except ValueError:
        # A published obligation may bear a period of any form.
        return text


def rows(found: Mapping[str, Any], question: Question, language: str) -> list[dict[str, Any]]:
    """The rows for CSV and spreadsheets: headings in words, values as they are."""
    return [
        {heading(column, language): row[column.key] for column in question.columns}
        for row in found["rows"]
    ]


def heading(column: Column, language: str) -> str:
    """What stands over a column."""
    return word(f"column.{column.key}", language)


def cell(value: Any, column: Column, language: str) -> str:
    """A value as it is written in a table."""
    if column.kind == "rate":
        return tables.rate(value, language)
    if value is None:
        return ""
    if column.kind in ("day", "instant"):
        return tables.day(value)
    if column.kind == "period":
        return period(str(value), language)
    if column.kind in ("count", "days"):
        return tables.count(value, language)
    if column.kind == "rate":
        return tables.rate(value, language)
    if column.kind == "score":
        return tables.score(value, language)
    if column.kind == "flag":
        return word("ui.yes", language) if value else ""
    if column.kind.startswith("words:"):
        one = Column(column.key, column.kind.replace("words:", "word:"))
        return ", ".join(cell(code, one, language) for code in value.split(", "))
    prefix = column.kind.removeprefix("word:")
    return words(language).get(f"{prefix}.{value}", str(value))
