"""The command `unit reform`: a whole reform from one reviewed file, tried out and then recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import click

from ops import reading, reform_tables, wiring
from ops.cli import Context
from ops.cli_board import console
from ops.progress import counting_bar
from ops.reform_vn import reform_2025
from ops.settings import BrokenEnvironment
from ops.units_vn import PROVINCES, UnitsMissing
from schemas.tree import Tree
from services.ledger import Ledger
from services.reform import Plan, plan
from services.reform_reading import read_reform, to_yaml
from services.reform_recording import Recorded, in_force, record

ALL = "all"


@click.command("reform")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--apply", is_flag=True, help="Record it, all or nothing; without: only a dry run.")
@click.option("--vn-2025", is_flag=True, help="Print the file of the reform of 1 July 2025.")
@click.option(
    "--provinces",
    default=",".join(PROVINCES),
    show_default=True,
    help="With --vn-2025: codes of the old provinces that it is about, or all.",
)
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def reform(
    context: Context, file: Path | None, apply: bool, vn_2025: bool, provinces: str, output: str
) -> int:
    """Show what the reform of a YAML FILE changes, and with --apply put it in force.

    It is taken or refused as a whole, with the place in the file. Safe to run twice and after a
    crash. --vn-2025 prints such a file: `unit reform --vn-2025 --provinces all > FILE`.
    """
    if vn_2025:
        if file is not None or apply:
            raise click.UsageError("--vn-2025 prints a file; give no FILE and no --apply with it")
        _print_vn_2025(provinces)
        return 0
    if file is None:
        raise click.UsageError("name the FILE of the reform, or print one with --vn-2025")
    document = read_reform(file)
    # Before anything is recorded: what runs hands over at once.
    opened = _opened(context)
    with wiring.ledger(context.settings, create=False) as ledger:
        tree = wiring.tree_of(ledger)
        planned = plan(document, tree, source=ledger.source)
        there = in_force(planned, tree)
        done = _recorded(planned, ledger, there) if apply else None
        position = f"{ledger.id}:{ledger.max_notification()}"
    _show(context, _Found(planned, tree, opened, done, position, there), output)
    return 0


def _opened(context: Context) -> dict[str, int] | None:
    """Unit -> how many obligations it has open; None where nothing has been read yet."""
    try:
        with reading.of(context.settings) as reader:
            return reader.open_counts()
    except BrokenEnvironment:
        # A reform can be planned before anything runs; then the table says what is not counted.
        return None


def _print_vn_2025(provinces: str) -> None:
    chosen = None if provinces == ALL else [one.strip() for one in provinces.split(",")]
    try:
        made = reform_2025(chosen)
    except UnitsMissing as error:
        raise BrokenEnvironment(str(error)) from error
    for line in to_yaml(made.document, made.notes):
        click.echo(line)


def _recorded(planned: Plan, ledger: Ledger, there: bool) -> Recorded:
    """Record it with a bar; of one that is in force already nothing is left to record."""
    done = Recorded(len(planned.parts) + 1, 0)
    if there:
        return done
    bar = counting_bar(remaining=True)
    with bar:
        task = bar.add_task(planned.document.reform, total=done.events)
        for done in record(planned, ledger):
            bar.update(task, completed=done.events)
    return done


class _Found(NamedTuple):
    """What is told of a reform; `there` says that it was in force before."""

    planned: Plan
    tree: Tree
    opened: reform_tables.Opened
    done: Recorded | None
    position: str
    there: bool


def _show(context: Context, found: _Found, output: str) -> None:
    planned, tree, opened, done, position, there = found
    in_force_now = there or done is not None
    if output == "json":
        out: dict[str, Any] = {
            **reform_tables.plain(planned, tree, opened),
            "in_force": in_force_now,
            "recorded": done.fresh if done else 0,
            "position": position,
        }
        click.echo(json.dumps(out, ensure_ascii=False))
        return
    reform_tables.show(planned, tree, opened, context.language, console())
    if done is not None:
        said = reform_tables.applied(done.fresh, done.events - done.fresh, context.language)
        click.echo(f"{said}; {position}")
    else:
        click.echo(reform_tables.dry(len(planned.parts) + 1, there, context.language))
