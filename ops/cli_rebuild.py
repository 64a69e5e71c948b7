"""The command `rebuild`: a new read model beside the one that serves, compared, switched to."""

from __future__ import annotations

import json

import click

from ops import rebuild as steps
from ops import wiring
from ops.cli import EXIT_REFUSED, Context
from ops.cli_proof import plain, say


@click.group()
def rebuild() -> None:
    """Build the read model anew from the log beside the one that serves, then change over.

    start, status until it has caught up, diff, switch; back returns to the old one while it is
    kept, cancel removes whichever stands beside the one that serves.
    """


@rebuild.command("start")
@click.pass_obj
def start(context: Context) -> None:
    """Begin a build beside the one that serves, which goes on serving."""
    number = steps.start(context.settings)
    click.echo(f"build {number} is being made; `lienthong rebuild status` says how far it is")


@rebuild.command("status")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def status(context: Context, output: str) -> None:
    """How far the build that serves is, and the one beside it."""
    found = steps.status(context.settings)
    if output == "json":
        rows = [one._asdict() | {"behind": one.behind} for one in found]
        click.echo(json.dumps(rows))
        return
    for one in found:
        what = "serves" if one.serves else "beside"
        said = f"{one.applied} of {one.recorded} records, {one.behind} behind"
        click.echo(f"build {one.number}  {what}  {said}")


@rebuild.command("diff")
@click.option("--timeout", default=60.0, show_default=True, help="Seconds to come to stand still.")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def diff(context: Context, timeout: float, output: str) -> int:
    """Compare both builds, cell by cell and board by board, at equal positions of the log."""
    found = steps.diff(context.settings, timeout, wiring.now)
    if output == "json":
        checks = [plain(check) for check in found.checks]
        click.echo(json.dumps({"events": found.events, "checks": checks}, ensure_ascii=False))
    else:
        click.echo(f"compared after {found.events} records of the log, the same ones in both")
        for check in found.checks:
            say(check)
    return EXIT_REFUSED if found.differing else 0


@rebuild.command("switch")
@click.option("--accept-differences", "accepted", is_flag=True, help="Though figures differ.")
@click.pass_obj
def switch(context: Context, accepted: bool) -> None:
    """Let the build beside serve; the old one follows beside it, for `rebuild back`."""
    seconds = steps.switch(context.settings, accepted=accepted)
    click.echo(f"readers are answered from the new build, after {seconds:.3f} s")


@rebuild.command("back")
@click.pass_obj
def back(context: Context) -> None:
    """Let the old build serve again."""
    seconds = steps.back(context.settings)
    click.echo(f"readers are answered from the old build again, after {seconds:.3f} s")


@rebuild.command("cancel")
@click.pass_obj
def cancel(context: Context) -> None:
    """Remove the build beside the one that serves, with everything that is its own."""
    click.echo(f"build {steps.cancel(context.settings)} is removed; nothing of it is left")
