"""The figures of one unit for one year, as emulation uses them: what it did itself, and how.

They are what a proposal of commendation freezes: the same figures have the same digest, so that
anybody can tell later whether the figures of today are still those behind a decision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Protocol

from projections.ask import Ask
from projections.years import Year
from schemas.board import Board, Counts, Figures, Ladder
from schemas.event import OBLIGATION_KINDS
from schemas.times import Instant

REPORTS = ("report", "plan", "inspection_plan", "self_assessment")
"""Kinds of what is sent to somebody; all other kinds are work to be done."""
TASKS = tuple(kind for kind in OBLIGATION_KINDS if kind not in REPORTS)
KINDS: Mapping[str, tuple[str, ...]] = {"tasks": TASKS, "reports": REPORTS}
"""The two groups of duties that a year's figures tell apart."""
Json = Mapping[str, Any]


class Asked(Protocol):
    """Where the figures come from."""

    def figures(self, code: str, ask: Ask) -> Board:
        """A unit's board. Raises UnknownUnit."""


def year_figures(
    boards: Asked, unit: str, year: Year, on: Instant, known: Instant | None
) -> dict[str, Any]:
    """What the unit itself owed in the year and what became of it by T, as known at K.

    Of its `tasks` and `reports` those are due whose due in force was in the year and has passed;
    due = on_time + late + in_revision + overdue. Documents of the ladder are those of the year,
    findings those open at T and those closed in the year. Nothing later than the year's end is
    looked at. `index_score` is None where no verified score is known. Raises UnknownUnit.
    """
    at = min(on, year.turn)
    duties = {
        group: _duties(
            boards.figures(unit, Ask(on=at, known=known, kinds=kinds, due_year=year.number)).own
        )
        for group, kinds in KINDS.items()
    }
    end, before = (
        boards.figures(unit, Ask(on=instant, known=known, everything=True)).own
        for instant in (min(at, year.last), Instant(year.first - 1))
    )
    return {
        "unit": unit,
        "year": year.number,
        **duties,
        **_pressed(end.ladder or Ladder(), before.ladder or Ladder()),
        "findings_open": end.counts["findings_open"],
        "findings_closed": end.counts["findings_closed"] - before.counts["findings_closed"],
        "index_score": None,
    }


def _duties(figures: Figures) -> dict[str, int]:
    counts: Counts = figures.counts
    return {
        "due": counts["due"],
        "on_time": counts["on_time_of_due"],
        "late": counts["completed_of_due"] - counts["on_time_of_due"],
        "in_revision": counts["in_revision"],
        "overdue": counts["overdue"],
    }


def _pressed(end: Ladder, before: Ladder) -> dict[str, int]:
    """The documents of the year: those until its end without those until its beginning."""
    return {name: now - then for name, now, then in zip(Ladder._fields, end, before, strict=True)}


def digest(figures: Json) -> str:
    """SHA-256, in hexadecimal, of the figures as canonical JSON."""
    text = json.dumps(figures, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
