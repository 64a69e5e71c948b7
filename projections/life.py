"""The life of one obligation: what the fold found out, and how things stood when."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple

from projections.facts import Fact
from schemas.times import Day, Instant, midnight


class Phase(IntEnum):
    """Where the obligation stands between its ower and its assigner; lateness is the clock's."""

    OPEN = 0
    DECLARED = 1  # sent, and counted only when accepted
    DONE = 2
    RETURNED = 3
    DROPPED = 4


class What(StrEnum):
    """What a fact that is noted did, or why it did nothing. The codes are for ever."""

    SECOND_OPENING = "second_opening"
    RETURN_AFTER_ACCEPTANCE = "return_after_acceptance"
    OLD_ANSWER = "old_answer"
    NO_AUTHORITY = "no_authority"
    BAD_CORRECTION = "bad_correction"
    SUPPLEMENT = "supplement"
    REPEATED = "repeated"
    AFTER_END = "after_end"
    WAITING = "waiting"
    CLAIMED_LATE = "claimed_late"
    NO_REVISE_DAY = "no_revise_day"
    VOIDED = "voided"
    CORRECTED = "corrected"


CONFLICTS = frozenset(
    {
        What.SECOND_OPENING,
        What.RETURN_AFTER_ACCEPTANCE,
        What.OLD_ANSWER,
        What.NO_AUTHORITY,
        What.BAD_CORRECTION,
    }
)
"""Notes on which two units disagree; both are shown them."""


class Note(NamedTuple):
    """Something to know about one fact; `sentence` continues "This record ..."."""

    event_id: bytes
    what: What
    sentence: str

    @property
    def is_conflict(self) -> bool:
        """Whether two units disagree here."""
        return self.what in CONFLICTS


class Submission(NamedTuple):
    """One time that the ower met its duty; judged by the due then in force, once and for ever.

    `at` is the instant it is judged by, `limit` the exclusive instant of the judgement (None: no
    limit then). `supplements` are the later records that came without a return between.
    """

    event_id: bytes
    at: int
    limit: int | None
    on_time: bool
    on_time_original: bool
    supplements: tuple[bytes, ...] = ()


class LadderDocument(NamedTuple):
    """One obligation named by an urging, a reminder or a criticism.

    Documents are counted, not obligations: one document has one `document` id, its correlation
    id, or the event's own where it has none.
    """

    note: str
    document: bytes
    ower: str
    at: int


class Standing(NamedTuple):
    """How things stand from one fact to the next.

    `due` and `original_due` are days; the original is the last that was set otherwise than by an
    extension. `revise` is the day before which a returned one must be sent again; `revise_open`
    says that no such day was given after the due, so that it cannot be missed. `on_time` judges
    all submissions so far. `waiting` are the facts that wait for a return.
    """

    ower: str
    area: str | None
    due: int | None
    original_due: int | None
    extended: bool = False
    phase: Phase = Phase.OPEN
    accepted: bool = False
    revise: int | None = None
    revise_open: bool = False
    on_time: bool = True
    on_time_original: bool = True
    submissions: tuple[Submission, ...] = ()
    waiting: tuple[Fact, ...] = ()
    notes: tuple[Note, ...] = ()
    ladder: tuple[LadderDocument, ...] = ()

    def due_passed(self, at: int) -> bool:
        """Whether there is a due and it has passed."""
        return self.due is not None and midnight(Day(self.due)) <= at

    def in_revision(self, at: int) -> bool:
        """Whether it was sent back and the time for sending it again still runs."""
        if self.phase is not Phase.RETURNED:
            return False
        if self.revise is None:
            return self.revise_open
        return at < midnight(Day(self.revise))


class Turn(NamedTuple):
    """From `at` on, because of this event, things stand like this."""

    at: int
    event_id: bytes
    standing: Standing


@dataclass(frozen=True, slots=True)
class Life:
    """One obligation as its facts tell it, as known at one instant.

    `opening` is None while no opening is known: nothing is owed yet and all facts wait. `facts`
    are those that hold, as corrected, in the order in which they take place. `turns` begin with
    the opening; instants never decrease, and of several turns at one instant the last counts.
    """

    opening: Fact | None
    facts: tuple[Fact, ...]
    turns: tuple[Turn, ...]
    notes: tuple[Note, ...]
    ladder: tuple[LadderDocument, ...]
    imported: bool

    @property
    def last(self) -> Standing | None:
        """How things stand after all facts."""
        return self.turns[-1].standing if self.turns else None

    @property
    def submissions(self) -> tuple[Submission, ...]:
        """Every counted submission with its timeliness, in order."""
        return self.turns[-1].standing.submissions if self.turns else ()

    @property
    def waiting(self) -> tuple[bytes, ...]:
        """Ids of the facts that wait for another fact."""
        return tuple(note.event_id for note in self.notes if note.what is What.WAITING)

    @property
    def conflicts(self) -> tuple[Note, ...]:
        """The notes on which two units disagree."""
        return tuple(note for note in self.notes if note.is_conflict)

    @property
    def owers(self) -> tuple[tuple[Instant, str], ...]:
        """(since, unit) for each unit that owed it, in order."""
        found: list[tuple[Instant, str]] = []
        for turn in self.turns:
            if not found or found[-1][1] != turn.standing.ower:
                found.append((Instant(turn.at), turn.standing.ower))
        return tuple(found)

    @property
    def dues(self) -> tuple[tuple[Instant, Day | None], ...]:
        """(since, due in force) for each due it had, in order; the first since the opening."""
        found: list[tuple[Instant, Day | None]] = []
        for turn in self.turns:
            due = None if turn.standing.due is None else Day(turn.standing.due)
            if not found or found[-1][1] != due:
                found.append((Instant(turn.at), due))
        return tuple(found)

    def turn_at(self, at: Instant) -> Turn | None:
        """The turn that holds at an instant; None before the opening."""
        index = bisect_right(self.turns, int(at), key=lambda turn: turn.at)
        return self.turns[index - 1] if index else None

    def standing_at(self, at: Instant) -> Standing | None:
        """How things stand at an instant; None before the opening."""
        turn = self.turn_at(at)
        return None if turn is None else turn.standing
