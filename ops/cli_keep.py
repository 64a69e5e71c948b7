"""Commands that keep what there is: backup and restore."""

from __future__ import annotations

from pathlib import Path

import click

from ops import backup as backups
from ops.cli import Context
from ops.i18n import word

SHOWN_MAX = 10
"""Missing numbers that are named one by one."""


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
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--alone", is_flag=True, help="The topics are gone: take back nothing from them.")
@click.pass_obj
def restore(context: Context, folder: Path, alone: bool) -> int:
    """Put the backup in FOLDER into a home that has no ledger, then take back what it lacks.

    What was recorded after the backup is read from the topics first; then the epoch is raised, so
    that the former ledger, should it still run somewhere, is known as the older copy and stops.
    """
    found = backups.restore(context.settings, folder, alone=alone)
    language = context.language
    taken = found.taken
    click.echo(
        word("restore.done", language).format(
            last=found.backup.last,
            made=found.backup.made_at,
            taken=len(taken.numbers),
            epoch=taken.epoch,
        )
    )
    if taken.missing:
        shown = ", ".join(map(str, taken.missing[:SHOWN_MAX]))
        click.echo(
            word("restore.missing", language).format(count=len(taken.missing), numbers=shown)
        )
    if found.erased:
        click.echo(word("restore.erased", language).format(count=found.erased))
    return 0
