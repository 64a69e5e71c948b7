"""The command that reads restatements: figures of days gone by that late facts have changed."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import click

from ops import reading, restatement_tables
from ops.cli import Context
from ops.cli_board import clock_options, console
from projections.restatements import LISTED, LISTED_MAX


@click.command()
@click.argument("unit", required=False)
@click.option("--since", help="Day or instant: only because of what was recorded from then on.")
@click.option("--obligation", help="Only because of facts of this obligation.")
@click.option("--event", type=click.UUID, help="One event: all that it changed, and of what.")
@click.option(
    "--limit",
    type=click.IntRange(1, LISTED_MAX),
    default=LISTED,
    show_default=True,
    help="Most rows.",
)
@clock_options
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def restatements(context: Context, /, event: UUID | None, output: str, **given: Any) -> None:
    """Figures of days gone by that late facts have changed (of UNIT, or of all units)."""
    with reading.of(context.settings) as reader:
        found = reader.restatements(**given) if event is None else reader.restatement(event.hex)
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    elif event is None:
        restatement_tables.listed(found, context.language, console())
    else:
        restatement_tables.explained(found, context.language, console())
