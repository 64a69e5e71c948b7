"""Printed restatements: a list of them, and one event with everything that it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.i18n import word
from ops.tables import day

COLUMNS = (
    "restated.recorded",
    "ui.unit",
    "restated.scope",
    "restated.measure",
    "restated.days",
    "restated.difference",
    "restated.event",
)
SCOPES = {"own": "restated.own", "subtree": "restated.subtree"}


def listed(found: Mapping[str, Any], language: str, console: Console) -> None:
    """Print a list: recorded when, whose figure, which days, how much, because of what."""
    rows = found["restatements"]
    console.print(_table(rows, language))
    said = [word("restated.count", language).format(count=len(rows))]
    if found["more"]:
        said.append(word("restated.more_listed", language))
    console.print("; ".join(said))


def _table(rows: Sequence[Mapping[str, Any]], language: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in COLUMNS:
        right = name == "restated.difference"
        table.add_column(word(name, language), justify="right" if right else "left")
    for row in rows:
        table.add_row(
            day(row["recorded_at"]),
            escape(f"{row['unit_name']} ({row['unit']})"),
            word(SCOPES[row["scope"]], language),
            word(f"measure.{row['measure']}", language),
            "\n".join(_days(run) for run in row["runs"]),
            "\n".join(f"{run['difference']:+d}" for run in row["runs"]),
            row["event_id"],
        )
    return table


def _days(run: Mapping[str, Any]) -> str:
    first, last = day(run["first"]), day(run["last"])
    return first if first == last else f"{first} – {last}"


def explained(found: Mapping[str, Any], language: str, console: Console) -> None:
    """Print one event: what it is, what was known before, the steps, the figures it changed."""
    event = found["event"]
    if event["obligation"] is None:
        console.print(event["unit"], style="bold", markup=False)
        console.print(_told(event, language), markup=False)
    else:
        _obligation(found, language, console)
    console.print()
    if found["restatements"]:
        console.print(_table(found["restatements"], language))
    else:
        console.print(word("restated.nothing", language))


def _obligation(found: Mapping[str, Any], language: str, console: Console) -> None:
    event = found["event"]
    obligation = word("restated.obligation", language).format(obligation=event["obligation"])
    console.print(obligation, style="bold", markup=False)
    console.print(_told(event, language), markup=False)
    if event["corrects"]:
        correction = word("restated.corrects", language).format(event=event["corrects"])
        console.print(f"  {correction}", markup=False)
    _heading(word("restated.before", language), console)
    for fact in found["facts_before"]:
        console.print(f"  {_told(fact, language)}", markup=False)
    _heading(word("restated.steps", language), console)
    for line in _steps(found["steps_before"], found["steps_after"], language):
        console.print(f"  {line}", markup=False)


def _heading(text: str, console: Console) -> None:
    console.print()
    console.print(text, style="bold", markup=False)


def _told(fact: Mapping[str, Any], language: str) -> str:
    return word("restated.told", language).format(
        event=f"{fact['type'] or fact['effect']} {fact['event_id']}",
        by=fact["by"],
        effective=day(fact["effective_at"]),
        recorded=day(fact["recorded_at"]),
    )


def _steps(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], language: str
) -> Iterator[str]:
    """Both lists as one, in the order of time; what only one of them has is marked."""
    was, now = Counter(map(_key, before)), Counter(map(_key, after))
    for key in sorted(was | now):
        at, unit, measure, change = key
        said = f"{day(at)}  {unit}  {word(f'measure.{measure}', language)} {change:+d}"
        yield from [f"  {said}"] * min(was[key], now[key])
        yield from [f"- {said}"] * (was[key] - now[key])
        yield from [f"+ {said}"] * (now[key] - was[key])


def _key(step: Mapping[str, Any]) -> tuple[str, str, str, int]:
    return (step["at"], step["unit"], step["measure"], step["change"])
