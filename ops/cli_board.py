"""Commands that read figures: board, obligations, waiting."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from ops import reading, sheets, tables, xlsx
from ops.cli import Context
from ops.http_input import DAYS_MAX
from ops.i18n import word
from ops.sheets import Sheet
from projections.ask import TREES
from projections.states import STATES
from schemas.board import BY
from schemas.event import OBLIGATION_KINDS

TREE_HELP = "The tree of the day, of today, or of the day together with the predecessors of today."
OUTPUTS = ("table", "json", "csv", "xlsx")
TABLE_WIDTH = 190
"""Columns of a printed table where the output is no terminal."""
PAGE_ROWS = 500
_C = TypeVar("_C", bound=Callable[..., Any])


def clock_options(command: _C) -> _C:
    """The options of both clocks."""
    for option in (
        click.option("--on", help="Day or instant T of the figures; default: now."),
        click.option("--known", help="Day or instant K: only what was recorded until then."),
    ):
        command = option(command)
    return command


def as_of_options(command: _C) -> _C:
    """The options of both clocks and of the tree, the same on every reading command."""
    for option in (
        clock_options,
        click.option("--tree", type=click.Choice(TREES), default="then", help=TREE_HELP),
        click.option("--programme", help="Only this programme."),
        click.option("--period", help="Only this period, e.g. 2012-Q2."),
        click.option("--all", "everything", is_flag=True, help="Closed programmes too."),
        click.option("-o", "output", type=click.Choice(OUTPUTS), default="table"),
        click.option("--file", type=click.Path(path_type=Path), help="Where -o xlsx writes."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("unit")
@click.option("--by", type=click.Choice(BY), help="Take the figures apart.")
@as_of_options
@click.pass_obj
def board(context: Context, /, unit: str, output: str, file: Path | None, **given: Any) -> None:
    """The figures of UNIT and all below it."""
    with reading.of(context.settings) as reader:
        found = reader.board(unit, **given)
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    elif output == "table":
        tables.board(found, context.language, console())
    else:
        rows = tables.board_rows(found, context.language)
        write_rows(rows, f"board {unit}", output, file, sheets.board(found, context.language))


@click.command()
@click.argument("unit")
@click.option("--state", type=click.Choice(list(STATES)), help="Only those in this state.")
@click.option("--kind", type=click.Choice(OBLIGATION_KINDS), help="Only this kind of duty.")
@click.option("--item", help="Only this row of the programme, e.g. 5.1.")
@click.option("--due-within", type=click.IntRange(1, DAYS_MAX), help="Due in so many days.")
@click.option("--extended", is_flag=True, help="Only those whose due was put off.")
@click.option("--own", is_flag=True, help="Only what the unit owes itself, nothing below it.")
@as_of_options
@click.pass_obj
def obligations(
    context: Context, /, unit: str, state: str | None, output: str, file: Path | None, **given: Any
) -> None:
    """What UNIT and all below it owe, in the order of dues."""
    with reading.of(context.settings) as reader:
        asked = given | {"state": state, "rows": PAGE_ROWS}
        # What leaves in a file is all there is; what is printed is the first page.
        if output in ("csv", "xlsx"):
            found = reading.whole(reader, unit, **asked)
        else:
            found = reader.obligations(unit, **asked)
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    elif output == "table":
        tables.obligations(found, context.language, console())
    else:
        rows = [_flat(one) for one in found["obligations"]]
        about = sheets.as_asked(given, len(rows), context.language)
        title = f"{word('ui.obligations', context.language)}: {unit}"
        sheet = sheets.obligations(title, about, found["obligations"], context.language)
        write_rows(rows, f"obligations {unit}", output, file, sheet)


@click.command()
@clock_options
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def waiting(context: Context, on: str | None, known: str | None, output: str) -> None:
    """What is held: facts whose unit or obligation nobody has told of yet. It counts nowhere."""
    with reading.of(context.settings) as reader:
        found = reader.waiting(on=on, known=known)
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for one in found["owers"]:
        owes = one["assigned"] + one["no_due"]
        click.echo(f"unit {one['unit']} is not established; it owes {owes}")
    for one in found["unit_events"]:
        click.echo(f"an event of unit {one['unit']} waits for {one['parent'] or 'the unit itself'}")
    for one in found["obligations"]:
        click.echo(f"obligation {one['obligation']} is not opened; {one['facts']} facts wait")
    total = sum(len(found[name]) for name in ("owers", "unit_events", "obligations"))
    click.echo(f"{total} waiting")


def console() -> Console:
    """Standard output, wide enough for a table where it is no terminal."""
    found = Console()
    return found if found.is_terminal else Console(width=TABLE_WIDTH)


def _flat(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if not isinstance(value, list | dict)}


def write_rows(
    rows: Sequence[Mapping[str, Any]],
    title: str,
    output: str,
    file: Path | None,
    sheet: Sheet | None = None,
) -> None:
    """Print rows as CSV, or write them to a spreadsheet: as `sheet` where people are to read it."""
    if output == "csv":
        click.echo(tables.csv_text(rows), nl=False)
        return
    if file is None:
        raise click.UsageError("-o xlsx needs --file NAME.xlsx")
    xlsx.save(file, sheets.plain(title, rows) if sheet is None else sheet)
    click.echo(f"{len(rows)} rows in {file}")
