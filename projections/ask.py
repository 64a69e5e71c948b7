"""What a reader asks of a board, and where the answer beyond whole days comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from projections.life import LadderDocument
from projections.since import Since
from projections.sources import Numbering
from schemas.frame import Version
from schemas.measures import Step
from schemas.times import Day, Instant, day_of, format_day, format_instant

Owers = frozenset[str]
"""Codes of units that owe, or may."""

TREES = ("then", "now", "succession")
"""By which tree a board is rolled up: that of the day; today's; that of the day, together with
the predecessors that have gone into the unit by today."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Which board is meant. `on` and `known` None = now; `tree` is one of TREES.

    `by` is one of schemas.board.BY. `everything` leaves the columns of the programmes in force
    out. `programme`, `period` and `kinds` count only what bears them (no kinds are all),
    `due_years` (first and last) only what is due in one of these years.
    """

    on: Instant | None = None
    known: Instant | None = None
    tree: str = "then"
    by: str | None = None
    programme: str | None = None
    period: str | None = None
    everything: bool = False
    kinds: tuple[str, ...] = ()
    due_years: tuple[int, int] | None = None

    @property
    def filtered(self) -> bool:
        """Whether something is left out."""
        return bool(self.kinds) or (self.programme, self.period, self.due_years) != (None,) * 3


class Clocks(NamedTuple):
    """T and K of a question that has no more to say; None is now."""

    on: Instant | None = None
    known: Instant | None = None


NOW = Clocks()


class Dues(NamedTuple):
    """Dues (exclusive local midnights) in (after, until]: those whose last day on time lies in
    [after, until)."""

    after: Day
    until: Day


class Chosen(NamedTuple):
    """What a list keeps besides its state; None and False keep everything.

    `measures` (bits 1 << measure): only what any of these counts for the units asked for, who owe
    it then. `without` are programmes that are left out.
    """

    kind: str | None = None
    item: str | None = None
    dues: Dues | None = None
    extended: bool = False
    area: str | None = None
    measures: int = 0
    without: frozenset[str] = frozenset()


EVERYTHING = Chosen()
"""Keeps all."""


def within(at: Instant, days: int) -> Dues:
    """The dues that come in the next `days` days after an instant."""
    today = day_of(at)
    return Dues(today, Day(today + days))


class UnknownUnit(LookupError):
    """No unit event names this code; `known` is the instant K as of which none did."""

    def __init__(self, code: str, known: Instant | None = None) -> None:
        self.code = code
        self.known = known
        super().__init__(code)

    @property
    def sentence(self) -> str:
        """One sentence for people."""
        if self.known is None:
            return f"no unit event names {self.code[:80]}"
        return f"at {format_instant(self.known)} no unit event that was recorded named {self.code}"


class NotYet(UnknownUnit):
    """The unit did not stand yet on the day asked for."""

    def __init__(self, code: str, day: Day, established: Day) -> None:
        super().__init__(code)
        self.day = day
        self.established = established

    @property
    def sentence(self) -> str:
        """One sentence for people."""
        began, asked = format_day(self.established), format_day(self.day)
        return f"{self.code[:80]} was established on {began} and did not stand yet on {asked}"


class ObligationSource(Protocol):
    """The obligations behind the cells: for instants inside a day and for K < now.

    The fold runs ahead of the frames. So that cells and obligations fit, the boards say which
    frames they have taken, and `known` None means what those frames tell; with `known` it is
    everything recorded until then. `owers` are those asked about, None: all. What bears on them
    is told, and maybe more.
    """

    def revision(self) -> int:
        """A number that differs whenever facts have come."""

    def told(self, version: Version) -> None:
        """The boards have taken the frames up to this version."""

    def steps_after(self, at: Instant, owers: Owers | None) -> Iterable[Step]:
        """The steps later than `at` on the local day of `at`."""

    def ladder_between(
        self, after: Instant, until: Instant, owers: Owers | None
    ) -> Iterable[tuple[str, LadderDocument]]:
        """The documents of the ladder in (after, until], with the obligations they bear on."""

    def since(self, known: Instant, names: Numbering, owers: Owers | None) -> Since:
        """How what was known at K differs from what the boards have taken, by their numbers.

        Raises Refused where too much has been told since.
        """
