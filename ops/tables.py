"""Printed tables: a board and a list of obligations, as a person reads them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.i18n import word, words
from projections.states import STATES

COLUMNS = ("assigned", "due", "completed", "in_revision", "overdue", "on_time", "late")
RATE_COLUMNS = ("completion_rate", "due_completion_rate", "on_time_rate")
SIDE = ("extended", "cancelled", "no_due", "no_due_done", "content")
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a cell that a spreadsheet would run as a formula."""


COLUMN_WIDTH = 11
"""Widest column of figures, so that names keep their room; longer headings take more lines."""
NO_DATA = "–"
"""A rate with nothing to divide by; the line under the table says so in words."""


def count(value: int, language: str) -> str:
    """A count with its thousands marked, as people write it in the language."""
    text = f"{value:,}"
    return text.replace(",", ".") if language == "vi" else text


def rate(value: float | None, language: str) -> str:
    """A rate as people write it; a dash where there is nothing to divide by."""
    if value is None:
        return NO_DATA
    text = f"{value * 100:.1f} %"
    return text.replace(".", ",") if language == "vi" else text


def score(value: float, language: str) -> str:
    """A score or another measured value, without zeros that say nothing."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "vi" else text


def day(value: str | None) -> str:
    """`YYYY-MM-DD…` as dd/MM/yyyy, with the time of day where there is one."""
    if not value:
        return ""
    date = f"{value[8:10]}/{value[5:7]}/{value[0:4]}"
    return f"{date} {value[11:16]}" if len(value) > 10 else date


def board(found: Mapping[str, Any], language: str, console: Console) -> None:
    """Print a board: the unit, its columns, its parts."""
    closed = f" · {word('ui.closed', language)}" if found["closed"] else ""
    known = f" · {word('ui.as_known', language).format(at=day(found['known']))}"
    console.print(
        f"[bold]{escape(found['name'])}[/bold] ({found['unit']}, "
        f"{word('level.' + found['level'], language)}{closed})"
    )
    console.print(
        word("ui.as_of", language).format(at=day(found["on"])) + (known if found["known"] else "")
    )
    table = _table(language)
    for key, title in _groups(found, language):
        add_row(table, title, key, language)
    told = found.get("succession")
    if told is not None:
        for name, past in ((found["name"], told["own_past"]), *_named(told["predecessors"])):
            add_row(table, f"  · {name}", past, language)
    for number, row in enumerate(found.get("rows", ())):
        if number == 0:
            table.add_row()
        add_row(table, f"  {_part(row, found, language)}", row, language)
    console.print(table)
    if told is not None:
        for sentence in _pasts(found["name"], told, language):
            console.print(f"· {sentence}", markup=False, soft_wrap=True)
    console.print(_side(found["subtree"], language), style="dim", markup=False)
    if found.get("restated", {}).get("events"):
        console.print(restated(found["restated"], language), markup=False)
    console.print(f"{NO_DATA}: {word('ui.no_data', language)}", style="dim")


def _named(rows: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return ((row["name"], row) for row in rows)


def _pasts(name: str, told: Mapping[str, Any], language: str) -> Iterable[str]:
    """Whose past the figures of a board in succession are, and until which day."""
    since = day(told["established_on"])
    yield f"{name}: {word('ui.own_past', language).format(day=since)}"
    for one in told["predecessors"]:
        inferred = f" ({word('ui.inferred', language)})" if one["inferred"] else ""
        yield word("ui.past_of", language).format(**_predecessor(one)) + inferred
    for one in told["elsewhere"]:
        yield word("ui.past_elsewhere", language).format(**_predecessor(one))


def _predecessor(one: Mapping[str, Any]) -> dict[str, str]:
    closed = day(one["closed_on"])
    return {"name": one["name"], "unit": one["unit"], "day": closed, "into": one["into"]}


def restated(found: Mapping[str, Any], language: str) -> str:
    """How often the figures of a board's day were restated, in a sentence."""
    times = count(found["events"], language)
    if found["more"]:
        times = word("restated.more", language).format(count=times)
    return word("restated.board", language).format(count=times, at=day(found["last"]))


def _part(row: Mapping[str, Any], found: Mapping[str, Any], language: str) -> str:
    """What a board's part is called; the unit itself, among those below it, as on top."""
    if row["key"] == found["unit"]:
        return word("ui.own", language)
    known = words(language).get(f"{found['by']}.{row['key']}")
    inferred = f" ({word('ui.inferred', language)})" if row.get("inferred") else ""
    return str(known or row["name"] or row["key"] or word("ui.without", language)) + inferred


def _groups(found: Mapping[str, Any], language: str) -> Iterable[tuple[Mapping[str, Any], str]]:
    yield found["own"], word("ui.own", language)
    subtree = found["subtree"]
    yield subtree, word("ui.subtree", language)
    for name in ("due_this_year", "carried_over"):
        if subtree.get(name) is not None:
            yield subtree[name], f"  {word('ui.' + name, language)}"
    for level, figures in found["by_level"].items():
        yield figures, f"  {word('level.' + level, language)}"


def daily(rows: Iterable[Mapping[str, Any]], language: str, console: Console) -> None:
    """Print the figures of a unit and all below it, a line a day; a dash where it is not."""
    table = _table(language)
    for row in rows:
        if row["subtree"] is None:
            table.add_row(day(row["on"]), NO_DATA)
        else:
            add_row(table, day(row["on"]), row["subtree"], language)
    console.print(table)


def _table(language: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for name in (*COLUMNS, *RATE_COLUMNS):
        table.add_column(word(f"measure.{name}", language), justify="right", max_width=COLUMN_WIDTH)
    return table


def add_row(table: Table, title: str, figures: Mapping[str, Any], language: str) -> None:
    """Add one line of figures."""
    cells = [count(figures[name], language) for name in COLUMNS]
    overdue = COLUMNS.index("overdue")
    if figures["overdue"]:
        cells[overdue] = f"[red]{cells[overdue]}[/red]"
    table.add_row(escape(title), *cells, *(rate(figures[name], language) for name in RATE_COLUMNS))


def _side(figures: Mapping[str, Any], language: str) -> str:
    counts = {name: figures[name] for name in SIDE} | (figures.get("ladder") or {})
    return " · ".join(
        f"{word('measure.' + name, language)}: {count(value, language)}"
        for name, value in counts.items()
    )


def obligations(found: Mapping[str, Any], language: str, console: Console) -> None:
    """Print a list of obligations: the ower, what, the due, the state."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("ui.due_before", "ui.state", "ui.unit", "ui.what", "ui.programme"):
        table.add_column(word(name, language))
    for one in found["obligations"]:
        due = one.get("due_before")
        late = one.get("days_overdue")
        state = STATES[one["state"]][0 if language == "vi" else 1]
        if late:
            state += f" ({word('ui.days_overdue', language).format(count=late)})"
        table.add_row(
            word("ui.before", language).format(day=day(due)) if due else "",
            f"[red]{state}[/red]" if one["state"] == "overdue" else state,
            escape(str(one.get("unit_name") or one["unit"])),
            escape(_what(one, language)),
            escape(str(one.get("programme") or "")),
        )
    console.print(table)
    total = word("ui.obligations_count", language).format(count=found["total"])
    console.print(" · ".join([total, *state_counts(found["states"], language)]), markup=False)


def state_counts(states: Mapping[str, int], language: str) -> list[str]:
    """How many are in each state: `quá hạn: 3`."""
    return [f"{STATES[code][0 if language == 'vi' else 1]}: {n}" for code, n in states.items()]


def _what(one: Mapping[str, Any], language: str) -> str:
    kind = words(language).get(f"kind.{one['kind']}", one["kind"])
    return " ".join(str(part) for part in (kind, one["item"], one.get("period")) if part)


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of plain values as CSV; nothing in it is run as a formula by a spreadsheet."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: safe(value) for key, value in row.items()} for row in rows)
    return out.getvalue()


def safe(value: Any) -> Any:
    """A cell that a spreadsheet shows as text whatever it begins with."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return "'" + value
    return value


def board_parts(found: Mapping[str, Any], language: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """What a board's figures are of, in words, and the figures: itself, all below, its parts."""
    for figures, title in _groups(found, language):
        yield title.strip(), figures
    for kind, figures in found["by_unit_kind"].items():
        yield words(language).get(f"unit_kind.{kind}", kind), figures
    if (told := found.get("succession")) is not None:
        since = day(told["established_on"])
        yield word("ui.own_past", language).format(day=since), told["own_past"]
        yield from _named(told["predecessors"])
    for row in found.get("rows", ()):
        yield _part(row, found, language), row


def board_rows(found: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """A board as flat rows, one per group of figures, for CSV."""
    return [
        {"unit": found["unit"], "name": found["name"], "on": found["on"], "part": title}
        | {word(f"measure.{n}", language): part[n] for n in (*COLUMNS, *RATE_COLUMNS, *SIDE)}
        for title, part in board_parts(found, language)
    ]
