"""`report consolidate --suggest`: what a consolidation would hold, before it is issued."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import click

from ops import question_tables, reading
from ops.cli import Context
from ops.cli_board import console
from ops.i18n import word
from ops.questions import QUESTIONS

ASKED = "report-contents"
"""The question behind a suggestion."""


def suggesting(consolidate: click.Command) -> click.Command:
    """The deciding command with `--suggest`, with which it decides nothing and only shows."""
    decide = cast("Callable[..., int]", consolidate.callback)

    @click.pass_context
    def run(ctx: click.Context, /, suggest: bool, **given: Any) -> int:
        if not suggest:
            return ctx.invoke(decide, **given)
        _show(ctx.find_object(Context) or ctx.obj, given["obligation"])
        return 0

    flag = click.Option(["--suggest"], is_flag=True, help="Decide nothing; show what is there.")
    return click.Command(
        consolidate.name, params=[*consolidate.params, flag], callback=run, help=consolidate.help
    )


def _show(context: Context, obligation: str) -> None:
    with reading.of(context.settings) as reader:
        found = reader.ask(ASKED, obligation=obligation)
    question_tables.show(found, QUESTIONS[ASKED], context.language, console())
    if found["command"]:
        click.echo(word("report.command", context.language))
        click.echo(found["command"])
