"""Commands about sheets filled in by hand: the template of reports, and taking it back in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ops import reading, sheet_form, sheet_taking, wiring
from ops.cli import EXIT_REFUSED, Context
from ops.i18n import word
from ops.sheet_grid import Grid, content_of
from ops.sheet_taking import SUFFIXES, Taken
from ops.sheets import Sheet
from schemas.limits import NAME_CHARS_MAX
from schemas.periods import format_period
from schemas.words_vn import read_period

ROWS = 500


class _PeriodType(click.ParamType):
    name = "period"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return format_period(read_period(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("unit")
@click.option("--programme", help="Only reports of this programme.")
@click.option("--period", type=_PeriodType(), help='Only this period, e.g. "Quý II năm 2012".')
@click.option("--figure", "figures", multiple=True, help="Name of a figure: a column for it.")
@click.option("--below", is_flag=True, help="Reports of all units below, too.")
@click.option("--file", type=click.Path(path_type=Path), required=True, help=".xlsx or .csv")
@click.pass_obj
def template(
    context: Context,
    unit: str,
    programme: str | None,
    period: str | None,
    figures: tuple[str, ...],
    below: bool,
    file: Path,
) -> None:
    """Write the reports that UNIT still owes as a sheet to fill in; `publish` takes it back."""
    if file.suffix not in SUFFIXES:
        raise click.UsageError("--file ends in .xlsx or .csv")
    if any(not name.strip() or len(name) > NAME_CHARS_MAX for name in figures):
        raise click.UsageError(f"--figure is a name of at most {NAME_CHARS_MAX} characters")
    with reading.of(context.settings) as reader:
        found = reading.whole(reader, unit, programme=programme, period=period, rows=ROWS)
        name = reader.board(unit)["name"]
    rows = sheet_form.open_reports(found["obligations"], None if below else unit)
    about = {"unit": unit, "name": name}
    sheet = sheet_form.form(about, rows, tuple(dict.fromkeys(figures)), context.language)
    _write(file, sheet, context.language)
    said = word("form.written", context.language)
    click.echo(said.format(count=len(sheet.rows), file=file))


def _write(file: Path, sheet: Sheet, language: str) -> None:
    write = sheet_form.as_csv if file.suffix == ".csv" else sheet_form.as_file
    file.write_bytes(write(sheet, language))


def publish_sheet(context: Context, file: Path, acting: str | None, output: str) -> int:
    """Record the submissions of a sheet, all or none; every bad cell is named. Raises Refused."""
    grid = _grid(file)
    with wiring.ledger(context.settings) as ledger:
        taken = sheet_taking.take(ledger, grid, acting)
    if output == "json":
        click.echo(json.dumps(taken.told(context.language), ensure_ascii=False))
    else:
        _say(file, taken, context.language)
    return EXIT_REFUSED if taken.bad else 0


def _say(file: Path, taken: Taken, language: str) -> None:
    for one in taken.bad:
        click.echo(one.sentence(language))
    if taken.bad:
        click.echo(word("form.none_taken", language).format(count=len(taken.bad), file=file.name))
    elif not taken.rows:
        click.echo(word("form.nothing", language))
    else:
        click.echo(f"{word('form.taken', language).format(**taken.counts)}; {taken.position}")


def _grid(file: Path) -> Grid:
    try:
        return sheet_taking.grid_of(content_of(file), file.name)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}") from error
