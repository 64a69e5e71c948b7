"""The command `unit handover`: what ended units still have open, and to whom it goes."""

from __future__ import annotations

import json
from collections import Counter

import click

from ops import handover_tables, reading, wiring
from ops.cli import Context
from ops.cli_board import console
from ops.handover import LEFT, MOVED, NOBODY, opened, pages, record
from schemas.times import day_of
from schemas.tree import DayTree
from services.handover import Plan, plan
from services.ledger import Ledger


@click.command("handover")
@click.option("--apply", is_flag=True, help="Record it; without: only a dry run.")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def handover(context: Context, apply: bool, output: str) -> int:
    """Show what ended units still have open and who receives it; with --apply hand it over.

    Where `up` runs it is handed over by itself, soon after the day of the ending has begun. Safe
    to run twice and after a crash.
    """
    with reading.of(context.settings) as reader:
        rows = list(reader.handover())
    with wiring.ledger(context.settings, create=False) as ledger:
        today = wiring.tree_of(ledger).at(day_of(wiring.now()))
        planned = plan(today.tree, today.day, map(opened, rows))
        done = _recorded(planned, ledger, today) if apply else None
        position = f"{ledger.id}:{ledger.max_notification()}"
    if output == "json":
        out = {**handover_tables.plain(planned, today), "recorded": done}
        click.echo(json.dumps({**out, "position": position}, ensure_ascii=False))
        return 0
    handover_tables.show(planned, today, context.language, console())
    if done is None:
        click.echo(handover_tables.dry(planned, context.language))
    else:
        said = handover_tables.applied(done, context.language)
        click.echo(f"{said}; {position}")
    return 0


def _recorded(planned: Plan, ledger: Ledger, today: DayTree) -> Counter[str]:
    """What became of the plan: how many were moved, and how many stay, by reason."""
    became = Counter(dict.fromkeys((MOVED, *LEFT), 0))
    became[NOBODY] = len(planned.nobody)
    for page in pages(planned.handovers):
        became.update(record(ledger, page, today.root or page[0].legs[0].by))
    return became
