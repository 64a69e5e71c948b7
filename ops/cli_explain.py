"""The commands `explain` and `diff`: what a figure is made of, and what tells two states apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ops import explain_tables, question_sheets, question_tables, reading
from ops.answers_explain import ROWS, ROWS_MAX
from ops.cli import EXIT_REFUSED, Context
from ops.cli_board import OUTPUTS, console, write_rows
from ops.questions import QUESTIONS
from projections.explaining import CUTS
from schemas.measures import MEASURES


def _paged(command: Any) -> Any:
    for option in (
        click.option("--programme", help="Only this programme."),
        click.option("--period", help="Only this period, e.g. 2012-Q2."),
        click.option("--page", type=click.IntRange(1), default=1, help="Page of the rows."),
        click.option("--rows", type=click.IntRange(1, ROWS_MAX), default=ROWS, show_default=True),
        click.option("-o", "output", type=click.Choice(OUTPUTS), default="table"),
        click.option("--file", type=click.Path(path_type=Path), help="Where -o xlsx writes."),
    ):
        command = option(command)
    return command


@click.command()
@click.argument("unit")
@click.argument("measure", type=click.Choice(MEASURES), metavar="MEASURE")
@click.option("--on", help="Day or instant T of the figure; default: now.")
@click.option("--known", help="Day or instant K: only what was recorded until then.")
@click.option("--by", type=click.Choice(CUTS), help="A cut of the board, with --key.")
@click.option("--key", help="The row of the cut, e.g. a unit's code with --by child.")
@_paged
@click.pass_obj
def explain(context: Context, /, unit: str, output: str, file: Path | None, **given: Any) -> int:
    """Where MEASURE on the board of UNIT comes from: obligations, events, due rules, way up.

    Counted again apart from the board; exit 1 where that gives another number.
    """
    return _asked(context, "explain", unit, output, file, given)


@click.command()
@click.argument("unit")
@click.option("--on", "ons", multiple=True, help="T of the first state, then of the second.")
@click.option("--known", "knowns", multiple=True, help="K of the first state, then of the second.")
@_paged
@click.pass_obj
def diff(context: Context, /, unit: str, output: str, file: Path | None, **given: Any) -> int:
    """What differs between two states of UNIT's board, and because of which events.

    `--on A --on B`: two days. `--known A --known B`: the same day as known at two instants. What is
    left out of the second state is now. Exit 1 where what differs does not make the difference of
    the boards.
    """
    ons, knowns = given.pop("ons"), given.pop("knowns")
    if not ons and not knowns:
        raise click.UsageError("say which states: --on A --on B, or --known A --known B")
    return _asked(context, "diff", unit, output, file, given | states(ons, knowns))


def states(ons: Sequence[str], knowns: Sequence[str]) -> dict[str, str | None]:
    """(T, K) of both states from what stands once or twice; what stands once is meant for the
    first state, but for both where the other clock has two."""
    if max(len(ons), len(knowns)) > 2:
        raise click.UsageError("--on and --known stand at most twice each")
    return {
        "on": _first(ons),
        "to_on": _second(ons, knowns),
        "known": _first(knowns),
        "to_known": _second(knowns, ons),
    }


def _first(texts: Sequence[str]) -> str | None:
    return texts[0] if texts else None


def _second(texts: Sequence[str], others: Sequence[str]) -> str | None:
    if len(texts) == 2:
        return texts[1]
    return texts[0] if texts and len(others) == 2 else None


def _asked(
    context: Context, name: str, unit: str, output: str, file: Path | None, given: dict[str, Any]
) -> int:
    texts = {key: None if one is None else str(one) for key, one in given.items()}
    with reading.of(context.settings) as reader:
        found = reader.ask(name, unit=unit, **texts)
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    elif output == "table":
        explain_tables.SHOWN[name](found, context.language, console())
    else:
        rows = question_tables.rows(found, QUESTIONS[name], context.language)
        sheet = question_sheets.sheet(name, found, context.language)
        write_rows(rows, f"{name} {unit}", output, file, sheet)
    return 0 if found["agrees"] else EXIT_REFUSED
