"""Boards of a replay: the same form as the live ones, over figures that come from a log alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ops.replay import Counted, Gathered, derived, frame_of
from projections.ask import Ask, ObligationSource, Owers
from projections.boards import Boards
from projections.life import LadderDocument
from projections.since import Since, nothing
from projections.sources import Numbering
from projections.steps import steps
from schemas.board import Board
from schemas.frame import Version
from schemas.measures import Step
from schemas.times import Instant, day_of, end_of_day


class DaysSteps:
    """The obligations behind a replay, for an instant inside a day: found by one pass over all.

    All is told as known at one instant, so nothing was recorded after it.
    """

    def __init__(self, gathered: Gathered, known: Instant | None) -> None:
        self._gathered = gathered
        self._known = known
        self._found: tuple[Instant, list[Step]] | None = None
        self._ladder: list[tuple[str, LadderDocument]] | None = None

    def revision(self) -> int:
        """A replay does not change."""
        return 0

    def told(self, version: Version) -> None:
        """A replay tells everything at once."""

    def steps_after(self, at: Instant, owers: Owers | None = None) -> Sequence[Step]:
        """The steps later than `at` on its local day."""
        if self._found is None or self._found[0] != at:
            until = end_of_day(day_of(at))
            lives = self._gathered.lives(self._known)
            found = [step for _, life in lives for step in steps(life) if at < step.at <= until]
            self._found = (at, found)
        return self._found[1]

    def ladder_between(
        self, after: Instant, until: Instant, owers: Owers | None = None
    ) -> Iterator[tuple[str, LadderDocument]]:
        """The documents of the ladder in (after, until], by obligation."""
        if self._ladder is None:
            lives = self._gathered.lives(self._known)
            self._ladder = [(name, document) for name, life in lives for document in life.ladder]
        return ((name, one) for name, one in self._ladder if after < one.at <= until)

    def since(self, known: Instant, names: Numbering, owers: Owers | None) -> Since:
        """Nothing: what was recorded later is not in this replay."""
        return nothing(names)


def boards_of(
    gathered: Gathered,
    now: Instant,
    known: Instant | None = None,
    result: Counted | None = None,
    obligations: ObligationSource | None = None,
) -> Boards:
    """All boards of what a log says, as known at an instant (None: all of it).

    `result` is what was derived from it before, where it was, and `obligations` who tells of an
    instant inside a day, where that is not the fold.
    """
    boards = Boards(lambda: now, obligations or DaysSteps(gathered, known))
    # A replay reads all there is, of a ledger too, which has no such offsets.
    boards.positions = lambda: None
    boards.tell_units(
        (offset, event)
        for offset, event in gathered.units
        if known is None or event.recorded_at <= known
    )
    boards.tell_programmes(
        (offset, event)
        for offset, event in gathered.programmes
        if known is None or event.recorded_at <= known
    )
    boards.apply_frame(frame_of(result or derived(gathered, known), gathered.records))
    return boards


def board_of(gathered: Gathered, unit: str, ask: Ask, now: Instant) -> Board:
    """The board of one unit from a log alone. Raises UnknownUnit as Boards.board does."""
    return boards_of(gathered, now, ask.known).board(unit, ask, now)
