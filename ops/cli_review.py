"""The command `review`: years across reforms, or phases of years side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ops import phase_tables, reading, review_tables
from ops.cli import EXIT_REFUSED, Context
from ops.cli_board import OUTPUTS, console, write_rows
from ops.i18n import word
from ops.reading import Reader
from projections.ask import TREES
from projections.phases import GROUPS
from projections.review import Span
from schemas.refusal import Reason, Refused


@click.command()
@click.argument("subject", metavar="UNIT|PROGRAMME")
@click.option("--from", "first", type=int, help="First year.")
@click.option("--to", "last", type=int, help="Last year.")
@click.option("--phases", help="Phases side by side, e.g. 2011-2015,2016-2020.")
@click.option("--by", type=click.Choice(list(GROUPS)), help="What a row of --phases is.")
@click.option("--on", help="Day or instant T of --phases; default: now.")
@click.option("--tree", type=click.Choice(TREES), help="By which tree --phases are rolled up.")
@click.option("--known", help="Day or instant K: only what was recorded until then.")
@click.option("--programme", help="Only this programme.")
@click.option("-o", "output", type=click.Choice(OUTPUTS), default="table")
@click.option("--file", type=click.Path(path_type=Path), help="Where -o xlsx writes.")
@click.pass_obj
def review(context: Context, /, subject: str, output: str, file: Path | None, **given: Any) -> int:
    """The years of a UNIT as then, as now and in succession, or phases side by side.

    With --from and --to: where the three differ, and for which reasons; exit 1 where the reasons
    do not add up to a difference. With --phases, of a unit or of a PROGRAMME: what fell due in
    each phase, as it stood at the phase's end and as it stands.
    """
    first, last = given.pop("first"), given.pop("last")
    if given["phases"] is not None:
        if first is not None or last is not None:
            raise click.UsageError("--phases has its years itself; leave --from and --to out")
        with reading.of(context.settings) as reader:
            found = _phases(reader, subject, given)
        return _told(context, found, subject, output, file)
    if first is None or last is None:
        raise click.UsageError("say the years: --from and --to, or --phases 2011-2015,2016-2020")
    if any(given[name] for name in ("by", "on", "tree")) or output in ("csv", "xlsx"):
        raise click.UsageError("--by, --on, --tree and -o csv|xlsx go with --phases")
    span = Span(first, last, reading.instant("--known", given["known"]), given["programme"])
    with reading.of(context.settings) as reader:
        found = reader.review(subject, span)
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        review_tables.show(found, context.language, console())
    return 0 if found["explained"] else EXIT_REFUSED


def _phases(reader: Reader, subject: str, given: dict[str, Any]) -> dict[str, Any]:
    """Of the unit of this code; where there is none, of the programme of this id."""
    try:
        return reader.ask("phases", unit=subject, **given)
    except Refused as no_unit:
        if no_unit.reason is not Reason.BAD_CODE or given["programme"] is not None:
            raise
    asked = {key: value for key, value in given.items() if key != "programme"}
    try:
        return reader.ask("programme-phases", programme=subject, **asked)
    except Refused as neither:
        if neither.reason is not Reason.BAD_CODE:
            raise
        sentence = f"{subject} is neither a unit nor a programme that is known here"
        raise Refused(Reason.BAD_CODE, sentence) from neither


def _told(
    context: Context, found: dict[str, Any], subject: str, output: str, file: Path | None
) -> int:
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
    elif output == "table":
        phase_tables.show(found, context.language, console())
    else:
        rows = phase_tables.rows(found, context.language)
        sheet = phase_tables.sheet(
            found, word("question.phases", context.language), context.language
        )
        write_rows(rows, subject, output, file, sheet)
    return 0
