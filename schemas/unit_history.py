"""A unit through time: where it stood, what it was called, how it ended; and facts that lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from schemas.times import Day
from schemas.unit_facts import UnitFact


class Conflict(NamedTuple):
    """A fact that changed nothing, because another one holds. Shown on the unit and as an alert."""

    unit: str
    day: Day
    reason: str
    event_id: bytes
    sentence: str


class Stand(NamedTuple):
    """From `day` on the unit hangs under `parent` (None: it is the root)."""

    day: Day
    parent: str | None
    closed: bool


class Named(NamedTuple):
    """From `day` on the unit bears this name."""

    day: Day
    name: str
    official_code: str | None


@dataclass(kw_only=True)
class UnitHistory:
    """One unit through time. `stands` and `names` are in the order of days, one per day.

    `ending` says how it ended (unit_facts.MERGED to LEVEL_ENDED) and `ended_by` which fact ended
    it; both are None while it stands open.
    """

    code: str
    level: str
    kind: str
    established: Day
    names: list[Named] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    stands: list[Stand] = field(default_factory=list)
    successors: tuple[str, ...] = ()
    closed: Day | None = None
    ending: int | None = None
    ended_by: UnitFact | None = None

    def name(self, fact: UnitFact, day: Day) -> None:
        """Takes a name; the names borne before stay known as aliases."""
        code = fact.official_code or (self.names[-1].official_code if self.names else None)
        if self.names and self.names[-1].day == day:
            self.names.pop()
        self.names.append(Named(day, fact.name, code))
        self.aliases += [alias for alias in fact.aliases if alias not in self.aliases]
