"""Loading programmes from their YAML files, and worlds made up from a seed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import click

from ops import wiring, worlds
from ops.cli import EXIT_REFUSED, Context
from ops.progress import counting
from ops.units_vn import UNLISTED, members_of
from schemas import avro
from schemas.event import Event
from schemas.events.unit import UnitEstablished
from schemas.times import Day, day_of
from services.batch import Status
from services.bulk import record_stream
from services.ledger import Ledger
from services.load_checks import check_classes, check_issued_once, unowed
from services.loader import load, programme_issued
from services.programme_reading import read_programme

REFUSED_SHOWN_MAX = 20
"""Most refused facts of a load that say why, each in a line; the others are counted."""


@click.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--node", help="Code of the province's unit; default: by the file's province.")
@click.option("--declared", multiple=True, help="ITEM:UNIT whose condition is declared to hold.")
@click.option("--without", multiple=True, help="CLASS that has no members yet and owes nothing.")
@click.option("--all", "whole_life", is_flag=True, help="Open its whole life at once.")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def load_file(
    context: Context,
    file: Path,
    node: str | None,
    declared: tuple[str, ...],
    without: tuple[str, ...],
    whole_life: bool,
    output: str,
) -> int:
    """Issue the programme of a YAML FILE and open its obligations for the units that exist.

    Those that begin later than the calendar looks ahead are opened by it, day after day; with
    --all they are opened now. Members of its classes are those among the established units. Safe
    to run twice, and to run again after it was stopped: it is recorded in pages. Refused as a
    whole where a class that owes something has no members, or another document has its id.
    """
    document = read_programme(file)
    ahead = Day(day_of(wiring.now()) + context.settings.open_ahead_days + 1)
    until = None if whole_life else ahead
    with wiring.ledger(context.settings) as ledger, counting("recording") as told:
        members = members_of(document, _established(ledger))
        check_classes(document, members, {*without, *UNLISTED})
        issued = programme_issued(document, source=ledger.source, node=node)
        known = check_issued_once(issued, ledger.history(f"programme:{document.id}"))
        events = load(
            document,
            members,
            source=ledger.source,
            node=node,
            declared=_holds(declared),
            opens_until=until,
        )
        # What was issued stands as it was told first, also by an earlier version of this product.
        fresh = (one for one in events if known is None or one.event_id != issued.event_id)
        loaded = _recorded(fresh, ledger, told)
        loaded.before += known is not None
    counts = {"recorded": loaded.fresh, "before": loaded.before}
    if output == "json":
        click.echo(json.dumps({"programme": document.id, **counts, "refused": loaded.refused}))
    else:
        for one in unowed(document, members):
            click.echo(f"{one}, until `programme set-class-members` names some")
        for sentence in loaded.sentences:
            click.echo(sentence)
        if loaded.refused > len(loaded.sentences):
            click.echo(f"{loaded.refused} were refused in all")
        click.echo(f"{document.id}: {loaded.fresh} recorded, {loaded.before} recorded before")
    return EXIT_REFUSED if loaded.refused else 0


@dataclass
class _Loaded:
    """What became of the facts so far; of the refused the first REFUSED_SHOWN_MAX say why."""

    fresh: int = 0
    before: int = 0
    refused: int = 0
    sentences: list[str] = field(default_factory=list)


def _recorded(events: Iterable[Event], ledger: Ledger, told: Callable[[int], None]) -> _Loaded:
    loaded = _Loaded()
    for page in record_stream(events, ledger):
        for one in page:
            loaded.fresh += one.status is Status.ACCEPTED
            loaded.before += one.status is Status.DUPLICATE
            if one.status is Status.REFUSED:
                loaded.refused += 1
                if loaded.refused <= REFUSED_SHOWN_MAX:
                    loaded.sentences.append(f"refused ({one.reason}): {one.sentence}")
        told(loaded.fresh + loaded.before + loaded.refused)
    return loaded


def _established(ledger: Ledger) -> Iterable[UnitEstablished]:
    for one in ledger.events(names=(UnitEstablished.type,)):
        event = avro.decode(one.value)
        assert isinstance(event, UnitEstablished)
        yield event


def _holds(declared: Iterable[str]) -> dict[str, set[str]]:
    holds: dict[str, set[str]] = defaultdict(set)
    for one in declared:
        item, colon, unit = one.partition(":")
        if not colon or not unit:
            raise click.UsageError(f"--declared {one}: write ITEM:UNIT")
        holds[item].add(unit)
    return holds


@click.command()
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--worlds", "number", type=int, default=100, show_default=True)
def simulate(seed: int, number: int) -> int:
    """Make worlds with faults from a seed and fold them in every order; print what fails."""
    failed = 0
    for one in worlds.failures(seed, number):
        if one is not None:
            failed += 1
            click.echo(str(one))
    click.echo(f"{number} worlds from seed {seed}, {failed} failed")
    return EXIT_REFUSED if failed else 0
