"""Commands that ask a question of the table: one function makes them all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ops import question_sheets, question_tables, reading
from ops.cli import Context
from ops.cli_board import OUTPUTS, console, write_rows
from ops.question import Parameter
from ops.questions import QUESTIONS


def asking(name: str, command_name: str = "") -> click.Command:
    """The command that asks the question `name`; its subject stands without an option name."""
    question = QUESTIONS[name]
    subject = question.subject
    params: list[click.Parameter] = [] if subject is None else [click.Argument([subject])]
    params += [_option(one) for one in question.named if one.name != subject]
    params += [
        click.Option(["-o", "output"], type=click.Choice(OUTPUTS), default="table"),
        click.Option(["--file"], type=click.Path(path_type=Path), help="Where -o xlsx writes."),
    ]

    @click.pass_obj
    def ask(context: Context, /, output: str, file: Path | None, **given: Any) -> None:
        with reading.of(context.settings) as reader:
            found = reader.ask(name, **given)
        if output == "json":
            click.echo(json.dumps(found, ensure_ascii=False))
        elif output == "table":
            question_tables.show(found, question, context.language, console())
        else:
            rows = question_tables.rows(found, question, context.language)
            sheet = question_sheets.sheet(name, found, context.language)
            write_rows(rows, name, output, file, sheet)

    return click.Command(command_name or name, params=params, callback=ask, help=question.help)


def _option(one: Parameter) -> click.Option:
    flag = f"--{one.name.replace('_', '-')}"
    return click.Option([flag, one.name], required=one.required, help=one.help)
