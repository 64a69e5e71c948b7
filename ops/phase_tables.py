"""Phases of years side by side as a person reads them: a row per group, columns per phase."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops import sheets, tables
from ops.answers_phases import COLUMNS
from ops.i18n import word, words
from ops.question import Column
from ops.question_tables import cell, heading
from ops.sheets import Heading, Sheet
from projections.phases import GROUPS

SHOWN = ("assigned", "completed_at_end", "completed", "overdue", "on_time_rate")
"""Columns of each phase that fit side by side in a printed table; a spreadsheet has all."""
CHANGED = ("completed", "overdue", "completion_rate", "on_time_rate")
"""Of these a spreadsheet has the difference between the first and the last phase, too."""
FIGURES = tuple(column for column in COLUMNS if column.kind in ("count", "rate"))
Row = Mapping[str, Any]


def show(found: Mapping[str, Any], language: str, console: Console) -> None:
    """Print the comparison: the whole first, then its parts, then what is in no phase."""
    about = found.get("name") or f"{found['title']} ({found['unit']})"
    title = word("phases.title", language).format(phases=", ".join(found["phases"]))
    as_of = word("ui.as_of", language).format(at=tables.day(found["on"]))
    console.print(f"{about} · {title} · {as_of}", markup=False)
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(word(f"cut.{GROUPS[found['by']]}", language))
    of = {column.key: column for column in FIGURES}
    shown = [of[key] for key in SHOWN]
    for phase in found["phases"]:
        for column in shown:
            title = f"{phase} {heading(column, language)}"
            table.add_column(title, justify="right", max_width=tables.COLUMN_WIDTH)
    for label, phases in _groups(found, language):
        cells = [cell(row[column.key], column, language) for row in phases for column in shown]
        table.add_row(escape(label), *cells)
    console.print(table)
    outside = tables.count(found["outside"], language)
    console.print(word("phases.outside", language).format(count=outside), markup=False)
    console.print(f"{tables.NO_DATA}: {word('ui.no_data', language)}", style="dim")


def rows(found: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """The same with every figure and the changes, for CSV and spreadsheets."""
    group = word(f"cut.{GROUPS[found['by']]}", language)
    return [
        {group: label, **_figures(phases, language), **_changes(phases, language)}
        for label, phases in _groups(found, language)
    ]


def sheet(found: Mapping[str, Any], title: str, language: str) -> Sheet:
    """The same as a sheet."""
    lines = rows(found, language)
    rates = {word(f"column.{column.key}", language) for column in FIGURES if column.kind == "rate"}
    group, *names = lines[0]
    kinds = ["rate" if any(rate in name for rate in rates) else "count" for name in names]
    headings = [Heading(group), *map(Heading, names, kinds)]
    values = [
        [
            line[group],
            *(
                sheets.value(line[name], kind, language)
                for name, kind in zip(names, kinds, strict=True)
            ),
        ]
        for line in lines
    ]
    outside = tables.count(found["outside"], language)
    about = (
        *sheets.as_of(found, language),
        word("phases.outside", language).format(count=outside),
    )
    name = found.get("name") or found["title"]
    return Sheet(f"{title}: {name} ({found['unit']})", about, tuple(headings), values)


def _figures(phases: Sequence[Row], language: str) -> dict[str, Any]:
    return {
        f"{row['phase']} {heading(column, language)}": _value(row[column.key], column)
        for row in phases
        for column in FIGURES
    }


def _changes(phases: Sequence[Row], language: str) -> dict[str, Any]:
    """The last phase less the first; nothing where one of them has nothing to divide by."""
    if len(phases) == 1:
        return {}
    first, last = phases[0], phases[-1]
    out = {}
    for column in FIGURES:
        if column.key in CHANGED:
            what = word("phases.change", language).format(
                figure=heading(column, language), first=first["phase"], last=last["phase"]
            )
            before, after = first[column.key], last[column.key]
            none = before is None or after is None
            out[what] = None if none else _value(after - before, column)
    return out


def _value(value: Any, column: Column) -> Any:
    return round(value, 4) if column.kind == "rate" and value is not None else value


def _groups(found: Mapping[str, Any], language: str) -> Iterator[tuple[str, Sequence[Row]]]:
    """(what it is called, its phases), the whole first."""
    size = len(found["phases"])
    yield word("phases.all", language), found["totals"]
    for at in range(0, len(found["rows"]), size):
        phases = found["rows"][at : at + size]
        yield _label(phases[0], found, language), phases


def _label(row: Row, found: Mapping[str, Any], language: str) -> str:
    if row["group"] is None:
        return word("ui.without", language)
    if row["group"] == found["unit"]:
        return word("ui.own", language)
    known = words(language).get(f"{GROUPS[found['by']]}.{row['group']}")
    return str(known or row["group_name"] or row["group"])
