"""The command `programme open`: one look of the calendar by hand, or only what it would do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click
from rich.table import Table

from ops import tables, wiring
from ops.calendar import DETERMINED, DROPPED, OPENED, WHAT, Facts, Look, record, what
from ops.cli import EXIT_REFUSED, Context
from ops.cli_board import console
from ops.i18n import word
from schemas.event import Event, Moves, Opens
from schemas.times import Day, day_of, day_or_none, format_day, parse_day

SHOWN_MAX = 200
"""Most rows of a table on the screen; the counts below it are whole."""
HEADINGS = (
    "opening.what",
    "opening.obligation",
    "opening.unit",
    "opening.opens_on",
    "opening.due_before",
)
BECAME = {
    OPENED: "opening.opened",
    DETERMINED: "opening.determined",
    DROPPED: "opening.dropped",
}


@click.command("open")
@click.option("--until", help="Last opening day; default: as many days ahead as the setting says.")
@click.option("--dry-run", is_flag=True, help="Only show it; record nothing.")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def open_ahead(context: Context, until: str | None, dry_run: bool, output: str) -> int:
    """Open what the rules say is owed until a day, and drop what is owed no longer.

    Where `up` runs it happens by itself, every day and after every change of a rule, a class or
    the tree. Safe to run twice, beside it, and after a crash.
    """
    counts: Counter[str] = Counter(dict.fromkeys(WHAT, 0))
    rows: list[dict[str, Any]] = []
    with wiring.ledger(context.settings, create=False) as ledger:
        facts = Facts(ledger)
        facts.follow()
        now = wiring.now()
        last = _day(until) if until else Day(day_of(now) + context.settings.open_ahead_days)
        look = Look(ledger, facts.standing(), now, Day(last + 1))
        for page in look.pages():
            rows += [_row(event) for event in page]
            counts.update(Counter(map(what, page)) if dry_run else record(ledger, page))
        position = f"{ledger.id}:{ledger.max_notification()}"
    if output == "json":
        told = {"until": format_day(last), "recorded": not dry_run, **counts}
        click.echo(json.dumps({**told, "rows": rows, "position": position}, ensure_ascii=False))
    else:
        _show(rows, context.language)
        said = word("opening.would" if dry_run else "opening.done", context.language)
        click.echo(said.format(until=tables.day(format_day(last)), **counts))
    return EXIT_REFUSED if counts["refused"] else 0


def _day(text: str) -> Day:
    try:
        return parse_day(text)
    except ValueError as error:
        raise click.UsageError(f"--until: {error}") from error


def _row(event: Event) -> dict[str, Any]:
    due = event.due_before if isinstance(event, Opens | Moves) else None
    opens_on = day_of(event.effective_at) if isinstance(event, Opens) else None
    return {
        "what": what(event),
        "obligation": event.obligation,
        "unit": event.unit,
        "opens_on": day_or_none(opens_on),
        "due_before": day_or_none(due),
    }


def _show(rows: list[dict[str, Any]], language: str) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in HEADINGS:
        table.add_column(word(heading, language))
    for row in rows[:SHOWN_MAX]:
        table.add_row(*_cells(row, language))
    console().print(table)


def _cells(row: dict[str, Any], language: str) -> Iterator[str]:
    yield word(BECAME[row["what"]], language)
    yield row["obligation"]
    yield row["unit"]
    for name in ("opens_on", "due_before"):
        yield tables.day(row[name]) if row[name] else ""
