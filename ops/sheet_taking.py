"""A sheet that somebody filled in, taken into the ledger: by command and over HTTP alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ops import sheet_form, sheet_grid, wiring, xlsx
from ops.sheet_form import Bad
from ops.sheet_grid import Grid
from services.ledger import Ledger
from services.report_sheet import RowsRefused, SubmitSheet

SUFFIXES = (".xlsx", ".csv")
"""Files that are read as sheets; every other one is JSON Lines."""


class Taken(NamedTuple):
    """What became of a sheet: all of it was recorded, or nothing where any cell is bad."""

    rows: int
    accepted: int
    bad: tuple[Bad, ...]
    position: str

    @property
    def counts(self) -> Mapping[str, int]:
        """Rows that were filled in, those recorded now, and those recorded before."""
        before = 0 if self.bad else self.rows - self.accepted
        return {"rows": self.rows, "accepted": self.accepted, "before": before}

    def told(self, language: str) -> dict[str, Any]:
        """The same as stable JSON; `cell` is '' where the whole file is meant."""
        bad = [{"cell": one.where, "sentence": one.sentence(language)} for one in self.bad]
        return {**self.counts, "bad": bad, "position": self.position}


def grid_of(content: bytes, name: str) -> Grid:
    """The cells of a file, read as its name ends. Raises Refused where it is no sheet."""
    read = xlsx.read if name.endswith(".xlsx") else sheet_grid.read_csv
    return read(content, name)


def take(ledger: Ledger, grid: Grid, acting: str | None) -> Taken:
    """Record the submissions of a sheet, all or none.

    Each is sent by the unit that owes it; by `acting` where that is named.
    """
    by = acting or wiring.root_of(ledger) or ledger.source
    rows, bad = sheet_form.read(grid, by)
    accepted = 0
    if rows and not bad:
        submissions = tuple(row.submission for row in rows)
        command = SubmitSheet(by=by, submissions=submissions, acting=acting is not None)
        try:
            accepted = len(ledger.execute(command))
        except RowsRefused as why:
            bad = [sheet_form.refused(rows[at], one) for at, one in why.rows]
    position = f"{ledger.id}:{ledger.max_notification()}"
    return Taken(len(rows), accepted, tuple(bad), position)
