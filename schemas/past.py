"""The past of a unit and of its predecessors on one board, told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.board import Figures
from schemas.succession import Predecessor
from schemas.times import Day, format_day
from schemas.unit_facts import WORDS


@dataclass(frozen=True, kw_only=True)
class Past:
    """A predecessor and what stands under it on the day; `figures` None: counted elsewhere."""

    predecessor: Predecessor
    name: str
    level: str
    figures: Figures | None

    def plain(self) -> dict[str, Any]:
        """As in JSON. `closed_on` is the first day on which the predecessor no longer stood open.

        `into` has its past whole; `inferred` says that it went into several units, so that this
        is a choice.
        """
        told = self.predecessor
        return {
            "unit": told.unit,
            "name": self.name,
            "level": self.level,
            "closed_on": format_day(told.closed),
            "ending": WORDS[told.ending],
            "into": told.into,
            "inferred": told.inferred,
            **({} if self.figures is None else self.figures.plain()),
        }


@dataclass(frozen=True, kw_only=True)
class Succession:
    """What of a board in succession is whose: own past and predecessors add up to its subtree.

    `elsewhere` are predecessors of which another unit is the main successor: not counted here.
    """

    established: Day
    own_past: Figures
    predecessors: Sequence[Past]
    elsewhere: Sequence[Past]

    def plain(self) -> dict[str, Any]:
        """As in JSON."""
        return {
            "established_on": format_day(self.established),
            "own_past": self.own_past.plain(),
            "predecessors": [one.plain() for one in self.predecessors],
            "elsewhere": [one.plain() for one in self.elsewhere],
        }

    def figures(self) -> Iterable[Figures]:
        """Its groups of figures."""
        yield self.own_past
        yield from (one.figures for one in self.predecessors if one.figures is not None)
