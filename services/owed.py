"""What one obligation is by all its facts, for deciding on it; order of arrival does not matter.

The same rules as the read side's fold (events.md section 2), as far as a decision needs them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from schemas import avro
from schemas.event import (
    Accepts,
    Amends,
    Corrects,
    Drops,
    Event,
    EventId,
    HandsOver,
    Meets,
    Moves,
    Notes,
    Opens,
    Returns,
)
from schemas.times import Day, Instant, midnight


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One obligation. `owers` are (since when, unit) in order; `answer` is to the submission.

    `later_due` and `later_owers` wait for a return, because they found it done.
    """

    opening: Opens | None = None
    area: str | None = None
    owers: tuple[tuple[Instant, str], ...] = ()
    due_before: Day | None = None
    submission: Meets | Accepts | None = None
    answer: Accepts | Returns | None = None
    dropped: Drops | None = None
    amendments: tuple[Amends, ...] = ()
    moves: tuple[Moves, ...] = ()
    notes: tuple[Notes, ...] = ()
    later_due: tuple[Moves, ...] = ()
    later_owers: tuple[tuple[Instant, str], ...] = ()

    @property
    def done(self) -> bool:
        """Sent or declared, and not sent back since."""
        return self.submission is not None and not isinstance(self.answer, Returns)

    @property
    def returned(self) -> Returns | None:
        return self.answer if isinstance(self.answer, Returns) else None

    @property
    def accepted(self) -> Accepts | None:
        return self.answer if isinstance(self.answer, Accepts) else None

    @property
    def ower(self) -> str:
        """Who owes it in the end, decisions for later days included."""
        return self.owers[-1][1] if self.owers else ""

    def ower_at(self, instant: Instant) -> str:
        """Who owes it at an instant; before the opening, who owes it first."""
        found = self.owers[0][1] if self.owers else ""
        for since, unit in self.owers:
            if since <= instant:
                found = unit
        return found

    def due_passed(self, instant: Instant) -> bool:
        return self.due_before is not None and midnight(self.due_before) <= instant


def owed_of(events: Iterable[Event]) -> Owed:
    """The facts of one stream, in any order -> what they make."""
    return reduce(evolve, in_place(events), Owed())


def evolve(owed: Owed, event: Event) -> Owed:
    """The next fact in its place. What changes nothing is written out."""
    if isinstance(event, Opens):
        if owed.opening is not None:
            return owed  # The first holds; a second one is a conflict that the read side shows.
        return replace(
            owed,
            opening=event,
            area=event.area,
            owers=((event.effective_at, event.unit),),
            due_before=event.due_before,
        )
    if owed.dropped is not None:
        return owed  # What is dropped stays dropped.
    match event:
        case Amends():
            area = owed.area if event.area is None else event.area
            return replace(owed, area=area, amendments=(*owed.amendments, event))
        case Moves():
            if owed.done:
                return replace(owed, later_due=(*owed.later_due, event))
            return replace(owed, due_before=event.due_before, moves=(*owed.moves, event))
        case Meets():
            if owed.done:
                return owed  # A supplement.
            return replace(owed, submission=event, answer=None)
        case Accepts():
            submission = event if owed.submission is None else owed.submission
            return replace(owed, submission=submission, answer=event)
        case Returns():
            return _returned(owed, event)
        case HandsOver():
            since = (event.effective_at, event.to_unit)
            if owed.done:
                return replace(owed, later_owers=(*owed.later_owers, since))
            return replace(owed, owers=(*owed.owers, since))
        case Drops():
            return replace(owed, dropped=event)
        case Notes():
            return replace(owed, notes=(*owed.notes, event))
        case _:
            return owed  # Corrections were applied before; context is not about an obligation.


def _returned(owed: Owed, event: Returns) -> Owed:
    if owed.submission is None or owed.accepted is not None:
        return owed  # Nothing to return, or accepted already: a conflict, or held.
    waited = [(max(since, event.effective_at), unit) for since, unit in owed.later_owers]
    due = owed.later_due[-1].due_before if owed.later_due else owed.due_before
    return replace(
        owed,
        answer=event,
        owers=(*owed.owers, *waited),
        due_before=due,
        moves=(*owed.moves, *owed.later_due),
        later_due=(),
        later_owers=(),
    )


def in_place(events: Iterable[Event]) -> list[Event]:
    """The facts as corrected, each once, in the order in which they take place."""
    facts = _corrected(events)
    opened = min((f.effective_at for f in facts.values() if isinstance(f, Opens)), default=None)

    def place(fact: Event) -> tuple[int, int, int, bytes]:
        early = opened is not None and fact.effective_at < opened
        at = opened if early and opened is not None else fact.effective_at
        return (at, fact.effect, fact.recorded_at, fact.event_id)

    waiting: dict[bytes, list[Event]] = defaultdict(list)
    placed: set[bytes] = set()
    out: list[Event] = []

    def put(fact: Event) -> None:
        placed.add(fact.event_id)
        out.append(fact)
        # A fact that answers another follows it, whatever the clocks say.
        for answer in waiting.pop(fact.event_id, ()):
            put(answer)

    for fact in sorted(facts.values(), key=place):
        cause = fact.causation_id
        if isinstance(fact, Accepts | Returns) and cause is not None and cause not in facts:
            continue  # It waits for the submission that it names, which may have been taken back.
        if cause in facts and cause not in placed and cause != fact.event_id:
            waiting[cause or b""].append(fact)
        else:
            put(fact)
    return out


def _corrected(events: Iterable[Event]) -> dict[EventId, Event]:
    facts: dict[EventId, Event] = {}
    corrections: list[Corrects] = []
    for event in events:
        if isinstance(event, Corrects):
            corrections.append(event)
        else:
            facts.setdefault(event.event_id, event)
    for correction in sorted(corrections, key=lambda c: (c.recorded_at, c.event_id)):
        original = facts.get(correction.target)
        if original is None:
            continue
        if correction.replacement is None:
            del facts[correction.target]
        else:
            corrected = avro.decode(correction.replacement)
            facts[correction.target] = replace(corrected, recorded_at=original.recorded_at)
    return facts


def last_correction(events: Sequence[Event], target: EventId) -> Corrects | None:
    """The correction of a record that holds now."""
    found = [e for e in events if isinstance(e, Corrects) and e.target == target]
    return max(found, key=lambda c: (c.recorded_at, c.event_id), default=None)
