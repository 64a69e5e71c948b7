"""The archive as a log: what a replay counts, and up to which head."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.archive.checking import Anchor, Told, Verdict, verify
from ops.archive.heads import Head
from ops.archive.reading import heads_of, records_of
from ops.replay import Logged, logged
from ops.settings import BrokenEnvironment
from schemas.refusal import Reason, Refused


@dataclass(frozen=True)
class Archived:
    """An archive up to its last head; what is written later is not looked at.

    `found` is what a check said of it, None where nobody checked.
    """

    folder: Path
    heads: Sequence[Head]
    found: Verdict | None

    @property
    def last(self) -> Head:
        """The head up to which it counts."""
        return self.heads[-1]

    def records(self) -> Iterator[Logged]:
        """Its records in the order of the ledger. Raises BrokenEnvironment."""
        for one in records_of(self.folder, self.heads):
            yield logged(one.value, f"archive/{one.notification}")

    def plain(self) -> dict[str, Any]:
        """Up to where it counts, as JSON."""
        return {
            "head": self.last.number,
            "last": self.last.last,
            "made_at": self.last.made_at,
            "hash": self.last.hash(),
            "checked": self.found is not None,
        }


def opened(
    folder: Path,
    anchor: Anchor | None = None,
    checked: bool = True,
    told: Told = lambda count: None,
) -> Archived:
    """An archive to be counted, `checked` first, against the head that somebody holds.

    Raises Refused where the check finds a fault, and BrokenEnvironment where there is no archive,
    or nothing in it.
    """
    found = verify(folder, anchor, told=told) if checked else None
    heads = heads_of(folder) if found is None else found.heads
    if found is not None and not found.holds:
        raise Refused(
            Reason.RULE,
            f"the archive in {folder} is not whole, so nothing is counted: {first_fault(found)}; "
            "`lienthong archive verify` says all",
            "from",
        )
    if not heads:
        raise BrokenEnvironment(
            f"The archive in {folder} holds nothing yet; `lienthong archive write` fills it."
        )
    return Archived(folder, heads, found)


def first_fault(found: Verdict) -> str:
    """The first of some faults, and how many more there are."""
    more = len(found.faults) - 1
    return found.faults[0] + (f" (and {more} faults more)" if more else "")
