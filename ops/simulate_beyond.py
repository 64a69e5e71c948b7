"""What happens beside the plain course of one obligation: sent twice, handed over, moved forward.

It has dice of its own, so that lives in which none of it happens stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from random import Random

from ops.simulate_desk import HOUR_MS, VERBS, Desk, Habits
from schemas.event import Event, HandsOver, Meets, Opens
from schemas.times import DAY_MS, Day, Instant, day_of

FORWARD_DAYS_MIN = 20
"""A due is brought forward only where the decision leaves at least so many days."""
RECORDED_AGAIN = 0.5
"""Part of the repeated events that another door records anew, hours later."""


def beyond(
    opening: Opens, life: Iterable[Event], seed: int, habits: Habits, neighbours: Sequence[str]
) -> list[Event]:
    """The life with what its unit's habits add to it, in no order.

    One of the `neighbours` gets the duty where it is handed over. A repeated event is there twice,
    with the same id.
    """
    desk = Desk(opening, Random(f"{seed}:beyond:{opening.obligation}"), seed)
    # Ids go on counting where the life has ended.
    desk.events = list(life)
    if neighbours and desk.chance(habits.transferred):
        _handed_over(desk, neighbours)
    if desk.chance(habits.amended):
        at = _some_day(desk, 100)
        amends = VERBS[opening.kind].amends
        desk.tell(amends, at, by=opening.issuer, area=desk.rng.choice(("personnel", "finance")))
    if desk.chance(habits.brought_forward):
        _brought_forward(desk)
    for sent in [event for event in desk.events if isinstance(event, Meets)]:
        _sent_again(desk, sent, habits)
    return desk.events


def _some_day(desk: Desk, days: int) -> Instant:
    opened_on = day_of(desk.opening.effective_at)
    return desk.moment(Day(opened_on + desk.rng.randrange(1, days)))


def _handed_over(desk: Desk, neighbours: Sequence[str]) -> None:
    """The issuer gives the duty to another unit, whatever has become of it by then."""
    opening = desk.opening
    due = opening.due_before or Day(day_of(opening.effective_at) + 60)
    length = max(2, due - day_of(opening.effective_at) + 30)
    told = desk.tell(
        VERBS[opening.kind].hands_over,
        _some_day(desk, length),
        by=opening.issuer,
        to_unit=desk.rng.choice(neighbours),
    )
    desk.events = sent_by_heir(desk.events, told)


def sent_by_heir(life: Iterable[Event], told: HandsOver) -> list[Event]:
    """The life in which what is sent after a transfer is sent by whom it went to."""
    return [
        replace(event, unit=told.to_unit, by=told.to_unit)
        if isinstance(event, Meets) and event.effective_at > told.effective_at
        else event
        for event in life
    ]


def _brought_forward(desk: Desk) -> None:
    """The issuer sets an earlier day, which is no extension."""
    opening = desk.opening
    determines, due = VERBS[opening.kind].determines, opening.due_before
    if determines is None or due is None:
        return
    at = _some_day(desk, max(2, (due - day_of(opening.effective_at)) // 2))
    sooner = Day(due - desk.rng.randrange(3, 10))
    if sooner - day_of(at) > FORWARD_DAYS_MIN:
        desk.tell(determines, at, by=opening.issuer, due_before=sooner)


def _sent_again(desk: Desk, sent: Event, habits: Habits) -> None:
    """The same event once more, a second sending of its own, a supplement; or none of these."""
    if desk.chance(habits.repeated):
        later = Instant(sent.recorded_at + desk.rng.randrange(1, 72) * HOUR_MS)
        other_door = desk.chance(RECORDED_AGAIN)
        desk.events.append(replace(sent, recorded_at=later) if other_door else sent)
    if desk.chance(habits.doubled):
        at = Instant(sent.effective_at + desk.rng.randrange(1, 9) * HOUR_MS)
        desk.tell(type(sent), at, by=sent.by, document=sent.document)
    if desk.chance(habits.supplemented):
        at = Instant(sent.effective_at + desk.rng.randrange(1, 15) * DAY_MS)
        desk.tell(type(sent), at, by=sent.by, document=desk.paper("BC-BS", day_of(at)))
