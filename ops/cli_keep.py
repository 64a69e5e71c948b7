"""Commands that keep what there is: backup and restore."""

from __future__ import annotations

from pathlib import Path

import click

from ops import backup as backups
from ops.archive.checking import Anchor
from ops.cli import Context
from ops.from_archive import restore_archive
from ops.i18n import word
from ops.progress import counting
from services.restoring import TakenBack

SHOWN_MAX = 10
"""Missing numbers that are named one by one."""
LACKING = (
    "restore.lacks_withheld",
    "restore.lacks_refusals",
    "restore.lacks_keys",
    "restore.lacks_model",
)
"""What no archive holds, and what becomes of it."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--keys",
    type=click.Path(path_type=Path),
    help="Also copy the keys of encrypted texts, to this file outside FOLDER.",
)
@click.pass_obj
def backup(context: Context, folder: Path, keys: Path | None) -> int:
    """Write ledger and read model into FOLDER, which is made, while everything goes on.

    Keys of encrypted texts are no part of it: without them no text can be read again.
    """
    found = backups.backup(context.settings, folder, keys)
    said = word("backup.done", context.language)
    click.echo(said.format(folder=folder, last=found.last, files=", ".join(found.files)))
    return 0


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--from",
    "source",
    type=click.Choice(["backup", "archive"]),
    default="backup",
    show_default=True,
    help="What FOLDER is; an archive is by default that of this home.",
)
@click.option("--head", "anchor", help="Of an archive: a head kept elsewhere, its hash or a file.")
@click.option("--alone", is_flag=True, help="The topics are gone: take back nothing from them.")
@click.pass_obj
def restore(
    context: Context, folder: Path | None, source: str, anchor: str | None, alone: bool
) -> int:
    """Put the backup or archive in FOLDER into a home that has no ledger, and complete it.

    What was recorded after it is read from the topics first; then the epoch is raised, so that the
    former ledger, should it still run somewhere, is known as the older copy and stops. An archive
    is checked before, and refused where anything is wrong.
    """
    if source == "archive":
        return _from_archive(context, folder or context.settings.archive, anchor, alone)
    if folder is None or anchor is not None:
        raise click.UsageError("a backup needs its FOLDER, and --head is for an archive")
    found = backups.restore(context.settings, folder, alone=alone)
    click.echo(
        word("restore.done", context.language).format(
            last=found.backup.last,
            made=found.backup.made_at,
            taken=len(found.taken.numbers),
            epoch=found.taken.epoch,
        )
    )
    _say_rest(found.taken, found.erased, context.language)
    return 0


def _from_archive(context: Context, folder: Path, anchor: str | None, alone: bool) -> int:
    held = None if anchor is None else Anchor.of(anchor)
    with counting("verifying") as told:
        found, put = restore_archive(context.settings, folder, held, alone=alone, told=told)
    language, last = context.language, found.heads[-1]
    click.echo(
        word("restore.archive", language).format(
            head=last.number,
            last=last.last,
            made=last.made_at,
            records=found.records,
            taken=len(put.taken.numbers),
            epoch=put.taken.epoch,
        )
    )
    _say_rest(put.taken, put.erased, language)
    for sentence in found.vouched:
        click.echo(sentence)
    for lacking in LACKING:
        click.echo(word(lacking, language))
    return 0


def _say_rest(taken: TakenBack, erased: int, language: str) -> None:
    if taken.missing:
        shown = ", ".join(map(str, taken.missing[:SHOWN_MAX]))
        click.echo(
            word("restore.missing", language).format(count=len(taken.missing), numbers=shown)
        )
    if erased:
        click.echo(word("restore.erased", language).format(count=erased))
