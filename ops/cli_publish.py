"""Commands about events: publish, events, follow, quarantine."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

import click

from ops import wiring
from ops.cli import EXIT_REFUSED, Context
from ops.cli_sheet import publish_sheet
from ops.progress import counting_bar
from ops.registers import ERASED
from ops.sheet_taking import SUFFIXES
from schemas import avro
from schemas.event import Event
from schemas.jsonl import Defaults, to_line
from schemas.quarantine import Quarantined
from schemas.times import format_instant
from services.ledger import Ledger, Notification
from services.publish import LineOutcome
from services.publish import publish as publish_lines
from services.sealing import told
from services.withheld import Withheld

FOLLOW_SECONDS = 0.5
ACCEPTED_SHOWN_MAX = 20
"""Accepted lines printed one by one; beyond it only their number (`--verbose` prints all)."""
ACTING = "The acting unit: it also sees the unannounced inspections that it plans or holds."


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--history", is_flag=True, help="Keep the lines' own recorded_at, stamp imported_at.")
@click.option("--as", "acting", help="The acting unit, where lines name no `by`.")
@click.option("--verbose", is_flag=True, help="Print every line, the accepted ones too.")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def publish(
    context: Context, file: Path, history: bool, acting: str | None, verbose: bool, output: str
) -> int:
    """Record facts from a JSON Lines FILE (- for standard input). Safe to run twice.

    Says accepted, duplicate or refused per line; the exit code is 1 if any line was refused. A FILE
    .xlsx or .csv is the template of `report template`, filled in: all of it is taken, or nothing.
    """
    if file.suffix in SUFFIXES:
        return publish_sheet(context, file, acting, output)
    with wiring.ledger(context.settings) as ledger:
        defaults = Defaults(source=ledger.source, acting=acting, root=wiring.root_of(ledger))
        lines, total = _lines(file)
        outcomes = publish_lines(lines, ledger, defaults, history=history)
        counts = _say(_progress(outcomes, total, file), verbose, output)
        last = ledger.max_notification()
        if output == "json":
            click.echo(json.dumps({**counts, "position": f"{ledger.id}:{last}"}))
        else:
            click.echo(
                f"{counts['accepted']} accepted, {counts['duplicate']} recorded before, "
                f"{counts['refused']} refused; position {ledger.id}:{last}"
            )
    return EXIT_REFUSED if counts["refused"] else 0


def _lines(file: Path) -> tuple[Iterable[bytes], int | None]:
    if str(file) == "-":
        return sys.stdin.buffer, None
    try:
        with file.open("rb") as stream:
            total = sum(1 for _ in stream)
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror}") from error
    return _read(file), total


def _read(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        yield from stream


def _progress(
    outcomes: Iterable[LineOutcome], total: int | None, file: Path
) -> Iterator[LineOutcome]:
    bar = counting_bar(remaining=True)
    with bar:
        task = bar.add_task(f"publishing {file.name}", total=total)
        for outcome in outcomes:
            bar.update(task, completed=outcome.line_no)
            yield outcome


def _say(outcomes: Iterable[LineOutcome], verbose: bool, output: str) -> dict[str, int]:
    counts: Counter[str] = Counter(accepted=0, duplicate=0, refused=0)
    for outcome in outcomes:
        counts[str(outcome.status)] += 1
        refused = outcome.reason is not None
        if output == "json" and (refused or verbose):
            click.echo(json.dumps(outcome_json(outcome), ensure_ascii=False))
        elif refused:
            click.echo(f"line {outcome.line_no}: refused ({outcome.reason}): {outcome.sentence}")
        elif output != "json" and (verbose or counts["accepted"] <= ACCEPTED_SHOWN_MAX):
            ids = ", ".join(str(UUID(bytes=one)) for one in outcome.event_ids)
            click.echo(f"line {outcome.line_no}: {outcome.status} {ids}")
    return dict(counts)


def outcome_json(outcome: LineOutcome) -> dict[str, object]:
    """One outcome as stable JSON: line, status, event_ids, and reason and sentence if refused."""
    out: dict[str, object] = {
        "line": outcome.line_no,
        "status": str(outcome.status),
        "event_ids": [str(UUID(bytes=one)) for one in outcome.event_ids],
    }
    if outcome.reason is not None:
        out |= {"reason": str(outcome.reason), "sentence": outcome.sentence}
    return out


@click.command()
@click.option("--unit", help="Only events about this unit.")
@click.option("--obligation", help="Only events of this obligation.")
@click.option("--type", "type_name", help="Only this type, e.g. report.submitted.v1.")
@click.option("--after", default="0", help="A position: only what was recorded after it.")
@click.option("--as", "acting", help=ACTING)
@click.option("-o", "output", type=click.Choice(["table", "jsonl"]), default="table")
@click.pass_obj
def events(
    context: Context,
    unit: str | None,
    obligation: str | None,
    type_name: str | None,
    after: str,
    acting: str | None,
    output: str,
) -> None:
    """Print recorded events in the order of their recording; `-o jsonl` can be published again."""
    with wiring.ledger(context.settings, create=False) as ledger:
        log = Withheld(ledger, acting).log(wiring.notification_of(ledger, after))
        seen = (one for _, one in log)
        for number, event in _matching(seen, ledger, unit, obligation, type_name):
            if output == "jsonl":
                # What cannot be read any more stays sealed here: it can be published again.
                click.echo(to_line(event))
            else:
                click.echo(f"{number:>8}  {event.type:<32}  {to_line(told(event, ERASED))}")


def _matching(
    seen: Iterable[Notification],
    ledger: Ledger,
    unit: str | None,
    obligation: str | None,
    type_name: str | None,
) -> Iterator[tuple[int, Event]]:
    for one in seen:
        if type_name is not None and one.event_name != type_name:
            continue
        event = avro.decode(one.value)
        if (unit is None or event.unit == unit) and (
            obligation is None or event.obligation == obligation
        ):
            yield one.id, ledger.readable(event)


@click.command()
@click.option("--after", default="", help="A position to begin after; default: only what is new.")
@click.option("--seconds", type=float, help="Stop after so many seconds.")
@click.option("--as", "acting", help=ACTING)
@click.pass_obj
def follow(context: Context, after: str, seconds: float | None, acting: str | None) -> None:
    """Print events as they are recorded, until Ctrl-C."""
    until = None if seconds is None else time.monotonic() + seconds
    with wiring.ledger(context.settings, create=False) as ledger:
        last = wiring.notification_of(ledger, after) if after else ledger.max_notification()
        withheld = Withheld(ledger, acting)
        while until is None or time.monotonic() < until:
            while page := ledger.notifications(last):
                for _, one in withheld.told(page):
                    click.echo(to_line(ledger.readable(avro.decode(one.value))))
                last = page[-1].id
            ledger.wait(last, FOLLOW_SECONDS)


@click.group()
def quarantine() -> None:
    """What was refused at the inbox or on the topics, with reason and place."""


@quarantine.command("list")
@click.option("--reason", help="Only this reason code.")
@click.option("--limit", default=1_000, show_default=True, help="Most rows printed.")
@click.option("-o", "output", type=click.Choice(["table", "json"]), default="table")
@click.pass_obj
def quarantine_list(context: Context, reason: str | None, limit: int, output: str) -> None:
    """List refused records: when, where, why."""
    rows = [one for one in wiring.quarantined(context.settings) if reason in (None, one.reason)]
    if output == "json":
        click.echo(json.dumps([_refused_json(one) for one in rows[:limit]], ensure_ascii=False))
        return
    for one in rows[:limit]:
        click.echo(f"{format_instant(one.at)}  {one.place:<34}  {one.reason:<24}  {one.sentence}")
    shown = "" if len(rows) <= limit else f", {limit} shown"
    click.echo(f"{len(rows)} in quarantine{shown}")


def _refused_json(one: Quarantined) -> dict[str, object]:
    return {
        "at": format_instant(one.at),
        "topic": one.topic,
        "partition": one.partition,
        "offset": one.offset,
        "reason": str(one.reason),
        "sentence": one.sentence,
        "sha256": one.sha256.hex(),
        "size": one.size,
    }
