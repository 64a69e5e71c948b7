"""The plain count: how each duty stands at an instant, by the rules of the fold read aloud.

It shares nothing with the read side: no facts, lives, steps, cells or tree of `projections`; only
events and days. Slow and obvious on purpose, so that a reader can check it with a finger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter

from schemas import avro
from schemas.event import (
    Accepts,
    Corrects,
    Drops,
    Event,
    HandsOver,
    Meets,
    Moves,
    Opens,
    Returns,
)
from schemas.times import Day, Instant, day_of, midnight, to_date

RANK = (Opens, Moves, Meets, Accepts, Returns, HandsOver, Drops)
"""Which of two facts of one instant comes first. Amendments and notes change no count here."""


@dataclass
class Stand:
    """How one duty stands. `done`: sent, and accepted where that is asked for."""

    opening: Opens
    ower: str
    due: Day | None
    first_due: Day | None
    extended: bool = False
    sent: bool = False
    done: bool = False
    accepted: bool = False
    returned: bool = False
    dropped: bool = False
    revise: Day | None = None
    on_time: bool = True
    on_time_first: bool = True
    sendings: list[set[bytes]] = field(default_factory=list)
    waiting: list[Event] = field(default_factory=list)

    def is_due(self, at: Instant) -> bool:
        """Whether its day has passed."""
        return self.due is not None and at >= midnight(self.due)

    def in_revision(self, at: Instant) -> bool:
        """Whether it is back for revision, and the time given for that has not passed."""
        return self.returned and self.revise is not None and at < midnight(self.revise)


class Duty:
    """One obligation: what was delivered of it, in any order, with repeats."""

    def __init__(self, delivered: Iterable[Event]) -> None:
        self._order = _in_order(_corrected(_once(delivered)))
        self._here = {event.event_id for _, event in self._order}

    def stands(self, instants: Sequence[Instant]) -> Iterator[Stand | None]:
        """How it stands at each of these instants (ascending); None before its opening.

        It is the same object, changed, until it is asked for the next instant.
        """
        stand: Stand | None = None
        rest = list(self._order)
        for instant in instants:
            while rest and rest[0][0] <= instant:
                at, event = rest.pop(0)
                if stand is None:
                    stand = _opened(event)
                else:
                    opened_at = stand.opening.effective_at
                    self._take(stand, event, max(at, opened_at), judged_at=at)
            yield stand

    def _take(self, stand: Stand, event: Event, at: Instant, judged_at: Instant) -> None:
        if stand.dropped:
            return
        match event:
            case Moves():
                _move(stand, event)
            case Meets():
                _meet(stand, event, judged_at)
            case Accepts():
                self._accept(stand, event, judged_at)
            case Returns():
                self._return(stand, event)
            case HandsOver():
                _hand_over(stand, event)
            case Drops():
                stand.dropped = not _is_of_the_ower(stand, event)

    def _accept(self, stand: Stand, event: Event, at: Instant) -> None:
        if self._waits(event) or (stand.sent and _is_old(stand, event)):
            return
        if not stand.sent:
            _meet(stand, event, at)
        stand.done = stand.accepted = True

    def _return(self, stand: Stand, event: Returns) -> None:
        if self._waits(event):
            return
        if stand.returned:
            stand.revise = event.revise_before or stand.revise
        elif stand.sent and not stand.accepted and not _is_old(stand, event):
            stand.returned, stand.sent, stand.done = True, False, False
            stand.revise = event.revise_before
            waited, stand.waiting = stand.waiting, []
            for one in waited:
                _move(stand, one) if isinstance(one, Moves) else _hand_over(stand, one)

    def _waits(self, answer: Event) -> bool:
        """An answer that names what is not there waits for it."""
        return answer.causation_id is not None and answer.causation_id not in self._here


# Which facts hold, and in which order


def _once(delivered: Iterable[Event]) -> dict[bytes, Event]:
    """Each event id once, as it was recorded first."""
    found: dict[bytes, Event] = {}
    for event in sorted(delivered, key=attrgetter("recorded_at")):
        found.setdefault(event.event_id, event)
    return found


def _corrected(found: dict[bytes, Event]) -> list[Event]:
    """What was voided is gone; what was replaced reads as corrected; the last correction holds."""
    corrections = [event for event in found.values() if isinstance(event, Corrects)]
    held = {one: event for one, event in found.items() if not isinstance(event, Corrects)}
    original = dict(held)
    for correction in sorted(corrections, key=attrgetter("recorded_at", "event_id")):
        target = correction.target
        if target not in original:
            continue
        if correction.void:
            held.pop(target, None)
        elif correction.replacement is not None:
            right = avro.decode(correction.replacement)
            held[target] = replace(right, recorded_at=original[target].recorded_at)
    return list(held.values())


def _in_order(facts: Iterable[Event]) -> list[tuple[Instant, Event]]:
    """(when it takes place, fact): by instant and rank, and never before what it answers."""
    left = [fact for fact in facts if isinstance(fact, RANK)]
    if not any(isinstance(fact, Opens) for fact in left):
        return []
    ids = {fact.event_id for fact in left}
    placed: dict[bytes, Instant] = {}
    order: list[tuple[Instant, Event]] = []
    while left:
        ready = [one for one in left if one.causation_id not in ids or one.causation_id in placed]
        at, fact = min(
            ((_when(one, placed), one) for one in ready),
            key=lambda pair: (pair[0], _rank(pair[1]), pair[1].recorded_at, pair[1].event_id),
        )
        left.remove(fact)
        placed[fact.event_id] = at
        order.append((at, fact))
    first = next(number for number, (_, fact) in enumerate(order) if isinstance(fact, Opens))
    # What came before the opening counts from it.
    return [order.pop(first), *order]


def _when(fact: Event, placed: dict[bytes, Instant]) -> Instant:
    own = midnight(day_of(fact.effective_at)) if fact.effective_is_day else fact.effective_at
    cause = None if fact.causation_id is None else placed.get(fact.causation_id)
    return own if cause is None else max(own, cause)


def _rank(fact: Event) -> int:
    return next(number for number, kind in enumerate(RANK) if isinstance(fact, kind))


# What a fact does


def _opened(event: Event) -> Stand:
    assert isinstance(event, Opens)  # it stands first
    return Stand(event, event.unit, event.due_before, event.due_before)


def _move(stand: Stand, event: Event) -> None:
    assert isinstance(event, Moves)
    if event.due_before is None:
        return
    if (event.extends or stand.due is not None) and _is_of_the_ower(stand, event):
        return
    if stand.done:
        stand.waiting.append(event)
        return
    if event.extends and stand.first_due is not None:
        stand.extended = True
    else:
        stand.first_due = event.due_before
    stand.due = event.due_before


def _meet(stand: Stand, event: Event, at: Instant) -> None:
    """The first one counts, and the first after each return; the others are supplements."""
    if stand.sent:
        stand.sendings[-1].add(event.event_id)
        return
    stand.on_time = stand.on_time and _in_time(at, stand.due, stand.revise)
    stand.on_time_first = stand.on_time_first and _in_time(at, stand.first_due, stand.revise)
    stand.sent, stand.returned, stand.revise = True, False, None
    stand.done = stand.opening.done_when != "accepted"
    stand.sendings.append({event.event_id})


def _in_time(at: Instant, *days: Day | None) -> bool:
    """Before the due or before the day of the revision, whichever is later."""
    known = [one for one in days if one is not None]
    return not known or at < midnight(max(known))


def _hand_over(stand: Stand, event: Event) -> None:
    assert isinstance(event, HandsOver)
    if stand.done:
        stand.waiting.append(event)
    else:
        stand.ower = event.to_unit


def _is_old(stand: Stand, answer: Event) -> bool:
    """Whether it answers something after whose return another was sent."""
    return any(answer.causation_id in sending for sending in stand.sendings[:-1])


def _is_of_the_ower(stand: Stand, event: Event) -> bool:
    """Nobody moves or cancels its own duty, unless it gave it to itself."""
    return event.by == stand.ower and event.by != stand.opening.issuer


# What is counted


def counted(stand: Stand, at: Instant) -> set[str]:
    """The measures that count the duty at an instant, by their names."""
    if stand.dropped:
        return {"cancelled"}
    found = _of_inspections(stand)
    if stand.due is None:
        return found | ({"no_due", "no_due_done"} if stand.done else {"no_due"})
    found.add("assigned")
    if stand.extended:
        found.add("extended")
    due = stand.is_due(at)
    if due:
        found.add("due")
    if stand.done:
        found |= {"completed", "completed_of_due" if due else "completed_early"}
        found.add("on_time" if stand.on_time else "late")
        if due and stand.on_time:
            found.add("on_time_of_due")
        if stand.on_time_first:
            found.add("on_time_original_due")
    elif due:
        # Who has sent waits for the other side, and is not behind.
        found.add("in_revision" if stand.sent or stand.in_revision(at) else "overdue")
    return found


def _of_inspections(stand: Stand) -> set[str]:
    if stand.opening.kind == "inspection":
        return {"inspections_conducted"} if stand.done else set()
    if stand.opening.kind == "remedy":
        return {"findings_closed" if stand.done else "findings_open"}
    return set()


def state_of(stand: Stand, at: Instant, soon_days: int) -> str:
    """The one state in which the duty is at an instant."""
    if stand.dropped:
        return "cancelled"
    if stand.done:
        return "done_on_time" if stand.on_time else "done_late"
    if stand.sent:
        return "awaiting_acceptance"
    if stand.returned and (stand.in_revision(at) or not stand.is_due(at)):
        return "in_revision"
    if stand.due is None:
        return "no_due"
    if stand.is_due(at):
        return "overdue"
    return "due_soon" if day_of(at) + soon_days >= stand.due else "not_due"


def due_year(stand: Stand) -> int | None:
    """The year of the last day on time; None where no day is set."""
    return None if stand.due is None else to_date(Day(stand.due - 1)).year
