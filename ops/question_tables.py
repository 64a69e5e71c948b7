"""Answers as people read them: a table with headings in words, days as they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops import tables
from ops.i18n import word, words
from ops.question import Column, Question

NUMBERS = ("count", "rate", "score")
"""Kinds of column that stand to the right."""


def show(found: Mapping[str, Any], question: Question, language: str, console: Console) -> None:
    """Print an answer: whom it is about, as of when, its rows, what else it says."""
    about = " ".join(str(found[key]) for key in ("name", question.subject or "") if key in found)
    as_of = word("ui.as_of", language).format(at=tables.day(found["on"]))
    console.print(f"{about} · {as_of}" if about else as_of, markup=False)
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in question.columns:
        right = "right" if column.kind in NUMBERS else "left"
        table.add_column(heading(column, language), justify=right)  # type: ignore[arg-type]
    for row in found["rows"]:
        table.add_row(*(escape(cell(row[c.key], c, language)) for c in question.columns))
    console.print(table)
    console.print(word("answer.rows", language).format(count=len(found["rows"])), markup=False)


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
    if value is None:
        return ""
    if column.kind in ("day", "instant"):
        return tables.day(value)
    if column.kind == "count":
        return tables.count(value, language)
    if column.kind == "rate":
        return tables.rate(value, language)
    if column.kind == "score":
        return tables.score(value, language)
    if column.kind == "flag":
        return word("ui.yes", language) if value else ""
    prefix = column.kind.removeprefix("word:")
    return words(language).get(f"{prefix}.{value}", str(value))
