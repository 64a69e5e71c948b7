"""Commands about sheets filled in by hand: the template of reports, and taking it back in."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import click

from ops import reading, sheet_form, sheet_grid, wiring, xlsx
from ops.cli import EXIT_REFUSED, Context
from ops.i18n import word
from ops.sheet_form import Bad
from ops.sheet_grid import Grid
from ops.sheets import Sheet
from schemas.limits import NAME_CHARS_MAX
from schemas.periods import format_period
from schemas.words_vn import read_period
from services.report_sheet import RowsRefused, SubmitSheet

SUFFIXES = (".xlsx", ".csv")
"""Files that are read as sheets; every other one is JSON Lines."""
CSV_FIRST = 2
"""Row of the headings in CSV; the marks stand above."""
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
    if file.suffix == ".csv":
        _write_csv(file, sheet, language)
        return
    file.write_bytes(sheet_form.as_file(sheet, language))


def _write_csv(file: Path, sheet: Sheet, language: str) -> None:
    # With its mark of UTF-8 and semicolons, as a Vietnamese spreadsheet expects it.
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(sheet_form.marks(language, CSV_FIRST))
        writer.writerow([heading.text for heading in sheet.headings])
        writer.writerows([_csv_cell(value) for value in row] for row in sheet.rows)


def _csv_cell(value: Any) -> Any:
    return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else value


def publish_sheet(context: Context, file: Path, acting: str | None, output: str) -> int:
    """Record the submissions of a sheet, all or none; every bad cell is named. Raises Refused."""
    grid = _grid(file)
    with wiring.ledger(context.settings) as ledger:
        by = acting or wiring.root_of(ledger) or ledger.source
        rows, bad = sheet_form.read(grid, by)
        accepted = 0
        if rows and not bad:
            command = SubmitSheet(
                by=by, submissions=tuple(row.submission for row in rows), acting=acting is not None
            )
            try:
                accepted = len(ledger.execute(command))
            except RowsRefused as why:
                bad = [sheet_form.refused(rows[at], one) for at, one in why.rows]
        position = f"{ledger.id}:{ledger.max_notification()}"
    counts = {"rows": len(rows), "accepted": accepted, "before": len(rows) - accepted}
    if output == "json":
        told = [{"cell": one.where, "sentence": one.sentence(context.language)} for one in bad]
        taken = {**counts, "before": 0} if bad else counts
        click.echo(json.dumps({**taken, "bad": told, "position": position}, ensure_ascii=False))
    else:
        _say(file, counts, bad, position, context.language)
    return EXIT_REFUSED if bad else 0


def _say(file: Path, counts: dict[str, int], bad: list[Bad], position: str, language: str) -> None:
    for one in bad:
        click.echo(one.sentence(language))
    if bad:
        click.echo(word("form.none_taken", language).format(count=len(bad), file=file.name))
    elif not counts["rows"]:
        click.echo(word("form.nothing", language))
    else:
        taken = word("form.taken", language).format(**counts)
        click.echo(f"{taken}; {position}")


def _grid(file: Path) -> Grid:
    try:
        return xlsx.read(file) if file.suffix == ".xlsx" else sheet_grid.read_csv(file)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}") from error
