"""Phases of years side by side: what fell due in each, at its end and as of T (question 29).

A phase is a run of whole years; an obligation belongs to the phase of the year of its due. Counts
stand beside one another and are subtracted; rates are made of them when they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from projections.ask import Ask
from projections.review import YEARS_MAX
from schemas.board import ZERO, Board, Counts
from schemas.refusal import Reason, Refused
from schemas.times import Instant, day, day_of, end_of_day

GROUPS = {
    "area": "area",
    "programme": "programme",
    "unit": "child",
    "kind": "kind",
    "item": "item",
    "sector": "sector",
}
"""By what phases are compared -> the cut of a board that it is."""

PHASES_MAX = 6
"""Most phases of one comparison."""
_PHASE = re.compile(r"(\d{4})(?:\s*[-–]\s*(\d{4}))?")


class Phase(NamedTuple):
    """Its first and its last year, both included."""

    first: int
    last: int

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.first}–{self.last}" if self.last > self.first else str(self.first)


class InPhase(NamedTuple):
    """What of one group fell due in a phase: as it stood at the phase's end, and as of T.

    A group without key has no such word. Of a phase that has not ended both are as of T.
    """

    key: str | None
    name: str | None
    phase: Phase
    at_end: Counts
    as_of: Counts


class Compared(NamedTuple):
    """The phases of all groups, group by group; of the whole; and what is due in none of them."""

    rows: Sequence[InPhase]
    totals: Sequence[InPhase]
    outside: int


class Boards(Protocol):
    """Where the figures come from."""

    def board(self, unit: str, ask: Ask, now: Instant) -> Board: ...


def read_phases(text: str) -> tuple[Phase, ...]:
    """`2011-2015,2016-2020` -> its phases. Raises Refused where they are none or overlap."""
    found: list[Phase] = []
    for part in text.split(","):
        match = _PHASE.fullmatch(part.strip())
        if match is None:
            raise _refused(Reason.NOT_IN_LIST, f"{part.strip()!r} is no phase; write 2011-2015")
        phase = Phase(int(match[1]), int(match[2] or match[1]))
        if phase.last < phase.first:
            raise _refused(Reason.RULE, f"{phase.name} ends before it begins")
        if found and phase.first <= found[-1].last:
            sentence = f"{phase.name} begins before {found[-1].name} has ended; what is due then"
            raise _refused(Reason.RULE, f"{sentence} would be counted twice")
        found.append(phase)
    if len(found) > PHASES_MAX or found[-1].last - found[0].first >= YEARS_MAX:
        sentence = f"at most {PHASES_MAX} phases of {YEARS_MAX} years in all are compared"
        raise _refused(Reason.TOO_LARGE, sentence)
    return tuple(found)


def compared(
    boards: Boards, unit: str, ask: Ask, phases: Sequence[Phase], now: Instant
) -> Compared:
    """The phases of a unit and all below it, taken apart by `ask.by`.

    Raises UnknownUnit, and Refused where the last phase has not begun at T.
    """
    on = now if ask.on is None else ask.on
    if day(phases[-1].first, 1, 1) > day_of(on):
        raise _refused(Reason.IMPOSSIBLE_DAY, f"{phases[-1].name} has not begun")
    pairs = [
        _boards(boards, unit, replace(ask, on=on, everything=True), one, now) for one in phases
    ]
    names = {row.key: row.name for pair in pairs for board in pair for row in board.rows}
    rows = [
        InPhase(key, names[key], phase, *(_counts(board, key) for board in pair))
        for key in sorted(names, key=lambda key: (key is None, key or ""))
        for phase, pair in zip(phases, pairs, strict=True)
    ]
    totals = [
        InPhase(None, None, phase, *(board.subtree.counts for board in pair))
        for phase, pair in zip(phases, pairs, strict=True)
    ]
    whole = boards.board(unit, replace(ask, by=None), now)
    inside = sum(one.as_of["assigned"] for one in totals)
    return Compared(rows, totals, whole.subtree.counts["assigned"] - inside)


def _boards(boards: Boards, unit: str, ask: Ask, phase: Phase, now: Instant) -> tuple[Board, Board]:
    ask = replace(ask, due_years=phase)
    assert ask.on is not None
    end = min(end_of_day(day(phase.last, 12, 31)), ask.on)
    return boards.board(unit, replace(ask, on=end), now), boards.board(unit, ask, now)


def _counts(board: Board, key: str | None) -> Counts:
    return next((row.figures.counts for row in board.rows if row.key == key), ZERO)


def _refused(reason: Reason, sentence: str) -> Refused:
    return Refused(reason, sentence, "phases")
