"""The commands `archive write`, `archive verify`, `archive pack` and `archive show`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from ops import pack as pack_files
from ops import reading, supervisor, wiring
from ops.archive import showing
from ops.archive.checking import Anchor, Verdict, verify
from ops.archive.heads import Head
from ops.archive.publishing import publish
from ops.archive.reading import heads_of
from ops.archive.replaying import opened
from ops.archive.signing import Signer, public_key
from ops.archive.writing import ROLE, Writer
from ops.cli import EXIT_REFUSED, Context
from ops.cli_board import console
from ops.i18n import word
from ops.pack_figures import Question
from ops.progress import counting
from ops.settings import BrokenEnvironment, Settings
from schemas.times import Day, parse_day
from services.watch import RoleTaken

HEADINGS = (
    "archive.segment",
    "archive.records",
    "archive.topics",
    "archive.months",
    "archive.made",
    "archive.signed",
)
_OUTPUT = click.option(
    "-o", "output", type=click.Choice(["table", "json"]), default="table", help="Form of output."
)


@click.group()
def archive() -> None:
    """The ledger as columnar files, sealed so that every change of them shows."""


@archive.command("write")
@_OUTPUT
@click.pass_obj
def write(context: Context, output: str) -> None:
    """Add everything recorded since the last head, and publish the new heads where a log runs.

    Safe to stop and to run again: what is half written is dropped and written anew.
    """
    settings = context.settings
    with wiring.ledger(settings, create=False) as ledger:
        try:
            with ledger.lock(ROLE), counting("archiving") as told:
                signer = Signer.of_settings(settings)
                writer = Writer(ledger, settings.archive, wiring.now, signer)
                made = list(writer.write(told))
        except RoleTaken as taken:
            raise BrokenEnvironment(f"{taken}.") from taken
        sent = _publish(settings)
    if output == "json":
        click.echo(json.dumps({"heads": [_plain(head) for head in made], "published": sent}))
        return
    for head in made:
        click.echo(f"{head.name}: {head.count} · {head.hash()}")
    records = sum(head.count for head in made)
    said = word("archive.written", context.language)
    click.echo(said.format(records=records, segments=len(made), place=settings.archive))
    if sent is None:
        click.echo(word("archive.unpublished", context.language))
    if writer.last is not None and not writer.last.signature:
        click.echo(word("archive.unsigned", context.language))


def _publish(settings: Settings) -> int | None:
    """Send new heads to their topic; None where no log runs."""
    try:
        log = supervisor.open_log(settings)
    except BrokenEnvironment:
        return None  # an archive can be written without a log; the next run sends its heads
    try:
        return publish(heads_of(settings.archive), log, settings.topic_prefix)
    finally:
        log.close()


@archive.command("verify")
@click.argument("place", type=click.Path(path_type=Path), required=False)
@click.option("--head", "anchor", help="A head kept elsewhere: its hash, or a file with heads.")
@click.option(
    "--key",
    "keys",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Public key (PEM) that must have signed every head.",
)
@_OUTPUT
@click.pass_obj
def verify_command(
    context: Context, place: Path | None, anchor: str | None, keys: Sequence[Path], output: str
) -> int:
    """Check an archive with nothing but its folder: no Kafka, no ledger, no network.

    Every hash is made again and every value is read again. Without --head it says up to where it
    can vouch. Of a pack (a file) the figures are made again, too.
    """
    where = place or context.settings.archive
    held = None if anchor is None else Anchor.of(anchor)
    known = [public_key(key) for key in keys]
    with counting("verifying") as told:
        if where.is_dir() or place is None:
            found = verify(where, held, known, told)
            showing.keep(where, found, wiring.now())
        else:
            found = pack_files.check(where, held, known, told)
    if output == "json":
        click.echo(json.dumps(showing.plain(found), ensure_ascii=False))
    else:
        _say(found, context.language)
    return 0 if found.holds else EXIT_REFUSED


def _say(found: Verdict, language: str) -> None:
    head = word("archive.holds" if found.holds else "archive.broken", language)
    click.echo(
        head.format(
            segments=found.segments,
            records=found.records,
            mb=round(found.bytes / 1e6, 1),
            faults=len(found.faults),
        )
    )
    for fault in found.faults:
        click.echo(f"  {fault}")
    for sentence in found.vouched:
        click.echo(sentence)


@archive.command("pack")
@click.argument("unit")
@click.option("--from", "start", required=True, help="First day, YYYY-MM-DD.")
@click.option("--to", "end", required=True, help="Last day, YYYY-MM-DD.")
@click.option("--known", help="Day or instant K (default: all that the archive holds).")
@click.option("--file", "path", type=click.Path(path_type=Path), required=True)
@_OUTPUT
@click.pass_obj
def pack(
    context: Context, unit: str, start: str, end: str, known: str | None, path: Path, output: str
) -> None:
    """One file that proves what UNIT's figures were at the ends of two days.

    It holds the archive up to its last head, the figures and all that stands behind them;
    `archive verify FILE` checks it where nothing else is.
    """
    asked = Question(
        unit, _day("--from", start), _day("--to", end), reading.instant("--known", known)
    )
    with counting("verifying") as told:
        archived = opened(context.settings.archive, told=told)
    with counting("packing") as told:
        hashed = pack_files.make(archived, asked, path, told)
    if output == "json":
        said = {"file": str(path), "sha256": hashed, "archive": archived.plain()}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    text = word("pack.made", context.language)
    click.echo(text.format(unit=unit, start=start, end=end, place=path, hash=hashed))


def _day(option: str, text: str) -> Day:
    try:
        return parse_day(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {text!r} is no day such as 2012-06-08") from error


@archive.command("show")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@_OUTPUT
@click.pass_obj
def show(context: Context, folder: Path | None, output: str) -> None:
    """List the segments, what is in them, and what the last check said; nothing is checked."""
    place = folder or context.settings.archive
    found = showing.shown(place)
    if output == "json":
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in HEADINGS:
        table.add_column(word(heading, context.language))
    for row in found["segments"]:
        topics = ", ".join(f"{name} {count}" for name, count in row["topics"].items())
        months = " – ".join(dict.fromkeys((row["months"][0], row["months"][-1])))
        signed = row["key"][:8] if row["key"] else "–"
        table.add_row(row["name"], str(row["count"]), topics, months, row["made_at"], signed)
    console().print(table)
    checked: dict[str, Any] | None = found["checked"]
    if checked is None:
        click.echo(word("archive.never", context.language))
        return
    said = word("archive.checked" if checked["holds"] else "archive.failed", context.language)
    click.echo(said.format(at=checked["at"], last=checked["last"]))


def _plain(head: Head) -> dict[str, Any]:
    return {**asdict(head), "hash": head.hash()}
