"""The command `record remind-overdue`: what the system reminds of today; recorded if told to."""

from __future__ import annotations

import json

import click

from ops import reading, wiring
from ops.cli import Context
from ops.holidays import holidays
from ops.i18n import word
from ops.reminder import ALL, planned, record
from ops.settings import BrokenEnvironment
from schemas.times import day_of, format_day


@click.command("remind-overdue")
@click.option("--apply", is_flag=True, help="Record it; without: only a dry run.")
@click.option(
    "--all/--standing",
    "everything",
    default=None,
    help="Of every duty, or of those that name a standing agency; default: LIENTHONG_REMIND.",
)
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def remind_overdue(context: Context, apply: bool, everything: bool | None, output: str) -> int:
    """Show whom the system reminds today of what was missed; with --apply record it.

    Once for each duty, on the first working day after it was missed, and only by the standing
    agency that the duty names. Safe to run twice. It never criticises: a person does.
    """
    settings, now = context.settings, wiring.now()
    every = settings.remind == ALL if everything is None else everything
    with wiring.ledger(settings, create=False) as ledger:
        root = wiring.root_of(ledger)
        if root is None:
            raise BrokenEnvironment("There is no unit yet: publish units first.")
        with reading.of(settings) as reader:
            rows = reader.ask("overdue", unit=root)["rows"]
        commands = planned(rows, ledger, now, holidays(settings), everything=every)
        count = record(ledger, commands) if apply else None
    if output == "json":
        documents = [
            {"by": one.by, "unit": one.unit, "obligations": one.obligations} for one in commands
        ]
        found = {"on": format_day(day_of(now)), "documents": documents, "recorded": count}
        click.echo(json.dumps(found, ensure_ascii=False))
        return 0
    for one in commands:
        click.echo(f"{one.by} -> {one.unit}: {', '.join(one.obligations)}")
    key = "remind.dry" if count is None else "remind.applied"
    named = sum(len(one.obligations) for one in commands) if count is None else count
    said = word(key, context.language)
    click.echo(said.format(documents=len(commands), count=named))
    return 0
