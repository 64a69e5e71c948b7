"""A calendar year as the figures of emulation use it: its first, its last instant, and its turn."""

from __future__ import annotations

from typing import NamedTuple

from schemas.times import Instant, day, end_of_day, midnight

FIRST, LAST = 1990, 2100
"""Years that a question may be about."""


class Year(NamedTuple):
    """A year by its number, e.g. 2012."""

    number: int

    @property
    def first(self) -> Instant:
        """Its first instant."""
        return midnight(day(self.number, 1, 1))

    @property
    def last(self) -> Instant:
        """Its last instant: what was issued until then was issued in the year."""
        return end_of_day(day(self.number, 12, 31))

    @property
    def turn(self) -> Instant:
        """The first instant after it: what had to be done by 31 December was due until then."""
        return midnight(day(self.number + 1, 1, 1))
