"""A ledger made again from the archive: its records under their numbers, checked before.

An archive holds what others could see. Unannounced inspections that were not held yet, refusals of
the inbox and the keys of encrypted texts are not in it, and whoever restores is told so.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ops.archive.checking import Anchor, Told, Verdict, verify
from ops.archive.reading import records_of
from ops.archive.replaying import first_fault
from ops.put_back import PutBack, put_back
from ops.settings import BrokenEnvironment, Settings
from services.restoring import lay_out


class FromArchive(NamedTuple):
    """What a check said of the archive, and what became of it."""

    found: Verdict
    put: PutBack


def restore_archive(
    settings: Settings,
    folder: Path,
    anchor: Anchor | None = None,
    *,
    alone: bool = False,
    told: Told = lambda count: None,
) -> FromArchive:
    """Make the ledger of an archive where none is yet, take back what it lacks, then open it.

    `anchor` is the head that somebody holds, `alone` as for a backup. Raises BrokenEnvironment
    with nothing in place where a check of the archive finds a fault, or holds nothing.
    """
    found = verify(folder, anchor, told=told)
    if not found.holds:
        raise BrokenEnvironment(
            f"Nothing was restored: the archive in {folder} is not whole: {first_fault(found)}; "
            "`lienthong archive verify` says all."
        )
    if not found.heads:
        raise BrokenEnvironment(f"The archive in {folder} holds nothing; nothing was restored.")
    last = found.heads[-1]

    def lay(address: str) -> None:
        lay_out(address, last.ledger, last.epoch, records_of(folder, found.heads))

    return FromArchive(found, put_back(settings, lay, None, alone=alone))
