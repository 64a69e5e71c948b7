"""The command that proposes a unit for a commendation, on its year's figures of this moment."""

from __future__ import annotations

import click

from ops import reading, wiring
from ops.cli import Context
from projections.merit import frozen
from schemas.event import Document
from services.review_facts import ProposeCommendation


@click.command()
@click.argument("subject")
@click.option("--programme", required=True, help="The programme that rewards belong to.")
@click.option("--year", required=True, type=click.IntRange(1990, 2100))
@click.option("--form", required=True, help="The form of reward, e.g. bang-khen.")
@click.option("--as", "by", required=True, help="The unit that proposes.")
@click.option("--document", "number", help="Number of the document of the proposal.")
@click.pass_obj
def propose(
    context: Context, subject: str, programme: str, year: int, form: str, by: str, number: str
) -> None:
    """Propose SUBJECT for a commendation; its figures of the year are kept with the proposal."""
    with reading.of(context.settings) as reader:
        found = reader.ask("year", unit=subject, year=str(year))
    command = ProposeCommendation(
        by=by,
        programme=programme,
        year=year,
        form=form,
        subject=subject,
        figures=frozen(found["figures"]),
        document=Document(number=number) if number else None,
    )
    with wiring.ledger(context.settings) as ledger:
        events = ledger.execute(command)
        position = f"{ledger.id}:{ledger.max_notification()}"
    said = f"{len(events)} recorded" if events else "nothing to record, it is so already"
    for figure in command.figures:
        click.echo(f"{figure.name} {figure.value:g}")
    click.echo(f"{said}; position {position}")
