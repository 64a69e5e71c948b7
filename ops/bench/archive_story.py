"""What happens in the archive of the bench: facts of millions of obligations as columns of numbers.

Shares are those of ops.simulate_desk.Habits. Ten days are drawn at a time and told in the order of
their recording, so that nothing is ever sorted whole; the same seed tells the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ops.bench.worlds import FIRST_DAY
from ops.simulate_desk import DESK_MS, DESK_OPENS_MS, HOUR_MS, Habits
from schemas.times import DAY_MS, LOCAL_OFFSET_MS

WINDOW_DAYS = 10
FACTS_EACH = 2.8
"""About as many facts has an obligation."""
DAYS, DAYS_MIN = 3_650, 400
EVENTS_OF_DAYS = 50_000_000
"""So many events in so many days; fewer events fill fewer days, but not fewer than the least."""
HABITS = Habits(transferred=0.005, voided=0.003)
PAPER_DAYS = np.array([1, 1, 2, 2, 3, 5, 8])
"""Days after which a paper is recorded."""
SLACK_DAYS = np.array([-3, -2, -1, -1, 2, 6])


class Slot(IntEnum):
    """The facts that an obligation can have, each at most once."""

    OPENED = 0
    WAIVED = 1
    EXTENDED = 2
    TRANSFERRED = 3
    REMINDED = 4
    REMINDED_AGAIN = 5
    CRITICISED = 6
    SUBMITTED = 7
    RECEIVED = 8
    RETURNED = 9
    RESUBMITTED = 10
    ACCEPTED = 11
    ACCEPTED_AGAIN = 12
    CORRECTED = 13
    VOIDED = 14


CAUSES = {
    Slot.RETURNED: Slot.SUBMITTED,
    Slot.ACCEPTED: Slot.SUBMITTED,
    Slot.ACCEPTED_AGAIN: Slot.RESUBMITTED,
}
"""What names another fact of its obligation as its cause."""

FACT = np.dtype(
    [
        *(("recorded_at", "<i8"), ("effective_at", "<i8"), ("number", "<i8")),
        *(("sent_at", "<i8"), ("truly", "<i8"), ("day", "<i4"), ("slot", "u1"), ("is_day", "?")),
    ]
)
"""`number` is that of the obligation; `day` its due or the day of revision. Of a correction
`sent_at` is when the corrected record was recorded, `truly` the instant that it puts in place."""

Facts = NDArray[Any]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def days_of(events: int) -> int:
    """Over how many days so many events are spread."""
    return min(DAYS, max(DAYS_MIN, events * DAYS // EVENTS_OF_DAYS))


def told(seed: int, events: int) -> Iterator[Facts]:
    """So many facts in the order of their recording, some thousand days' worth after another.

    What the last obligations would still do is not told: nobody has recorded it yet.
    """
    each = max(1, round(events / FACTS_EACH / days_of(events) * WINDOW_DAYS))
    waiting, left, window = np.zeros(0, FACT), events, 0
    while left:
        begins = FIRST_DAY + window * WINDOW_DAYS
        rng = np.random.default_rng([seed, window])
        waiting = np.concatenate([waiting, _lives(rng, begins, window * each, each)])
        is_told = waiting["recorded_at"] < (begins + WINDOW_DAYS) * DAY_MS - LOCAL_OFFSET_MS
        page = waiting[is_told]
        in_order = np.argsort(np.ascontiguousarray(page["recorded_at"]), kind="stable")
        page = page[in_order[:left]]
        waiting = waiting[~is_told]
        left -= len(page)
        window += 1
        yield page


class _Desk:
    """Draws for some obligations side by side, and keeps the facts that come of them."""

    def __init__(self, rng: np.random.Generator, numbers: Ints) -> None:
        self.rng = rng
        self.numbers = numbers
        self.pages: list[Facts] = []

    def chance(self, part: float) -> Bools:
        return self.rng.random(len(self.numbers)) < part

    def between(self, least: int, end: int) -> Ints:
        return self.rng.integers(least, end, len(self.numbers))

    def days(self, middle: float) -> Ints:
        """Waiting times around a middle."""
        return self.rng.exponential(middle, len(self.numbers)).astype(np.int64)

    def moment(self, day: Ints) -> Ints:
        """An instant of office hours."""
        return _midnight(day) + DESK_OPENS_MS + self.between(0, DESK_MS)

    def tell(self, slot: Slot, which: Bools, recorded_at: Ints, **said: Any) -> None:
        """Keep a fact of those obligations for which it is so; it took effect when recorded."""
        page = np.zeros(int(which.sum()), FACT)
        page["number"], page["slot"] = self.numbers[which], slot
        page["recorded_at"] = page["effective_at"] = recorded_at[which]
        for name, values in said.items():
            page[name] = values[which]
        self.pages.append(page)


def _lives(rng: np.random.Generator, begins: int, first: int, count: int) -> Facts:
    """All facts of obligations that are opened within a window."""
    desk = _Desk(rng, np.arange(first, first + count))
    opened_on = begins + desk.between(0, WINDOW_DAYS)
    due = opened_on + desk.between(10, 120)
    opened_at = _midnight(opened_on)
    desk.tell(
        Slot.OPENED,
        np.ones(count, np.bool_),
        opened_at + desk.between(1, DESK_OPENS_MS),
        effective_at=opened_at,
        day=due,
    )
    waived = desk.chance(HABITS.cancelled)
    desk.tell(Slot.WAIVED, waived, desk.moment(opened_on + desk.between(5, 120)))
    lives = ~waived
    desk.tell(
        Slot.TRANSFERRED,
        lives & desk.chance(HABITS.transferred),
        desk.moment(opened_on + desk.between(1, 20)),
    )
    due = _extended(desk, lives, opened_on, due)
    sent_on = _sent_on(desk, opened_on, due)
    is_sent = lives & ~desk.chance(HABITS.silent)
    _remind(desk, lives, due, np.where(is_sent, sent_on, np.iinfo(np.int64).max))
    _send(desk, is_sent, sent_on, due, opened_at)
    return np.concatenate(desk.pages)


def _extended(desk: _Desk, lives: Bools, opened_on: Ints, due: Ints) -> Ints:
    extended = lives & desk.chance(HABITS.extended)
    decided_on = np.maximum(opened_on, due + desk.between(-10, 15))
    later = np.maximum(due, decided_on) + desk.between(14, 90)
    desk.tell(Slot.EXTENDED, extended, desk.moment(decided_on), day=later)
    return np.where(extended, later, due)


def _sent_on(desk: _Desk, opened_on: Ints, due: Ints) -> Ints:
    ahead = np.where(desk.chance(HABITS.on_the_last_day), 0, desk.days(HABITS.days_ahead))
    in_time = np.maximum(opened_on, due - 1 - ahead)
    return np.where(desk.chance(HABITS.late), due + desk.days(12), in_time)


def _remind(desk: _Desk, lives: Bools, due: Ints, sent_on: Ints) -> None:
    is_criticised = desk.chance(HABITS.criticised)
    for slot, after in ((Slot.REMINDED, 1), (Slot.REMINDED_AGAIN, 20), (Slot.CRITICISED, 60)):
        which = lives & (sent_on > due + after)
        if slot is Slot.CRITICISED:
            which &= is_criticised
        desk.tell(slot, which, _midnight(due + after) + DESK_OPENS_MS)


def _send(desk: _Desk, is_sent: Bools, sent_on: Ints, due: Ints, opened_at: Ints) -> None:
    """Sent, perhaps received, returned, sent again, accepted, and perhaps wrongly recorded."""
    moment = desk.moment(sent_on)
    on_paper = desk.chance(HABITS.on_paper)
    sent_at = np.where(on_paper, moment + DAY_MS * desk.rng.choice(PAPER_DAYS, len(due)), moment)
    effective_at = np.where(on_paper, _midnight(sent_on), moment)
    desk.tell(Slot.SUBMITTED, is_sent, sent_at, effective_at=effective_at, is_day=on_paper)
    returned = is_sent & desk.chance(HABITS.returned)
    received = is_sent & ~returned & desk.chance(HABITS.received)
    desk.tell(Slot.RECEIVED, received, sent_at + HOUR_MS)
    back_on = _day_of(sent_at) + desk.between(1, 6)
    revise_before = np.maximum(back_on, due) + desk.between(3, 10)
    desk.tell(Slot.RETURNED, returned, desk.moment(back_on), day=revise_before)
    again = returned & desk.chance(HABITS.resent)
    again_on = np.maximum(back_on + 1, revise_before + desk.rng.choice(SLACK_DAYS, len(due)))
    again_at = desk.moment(again_on)
    desk.tell(Slot.RESUBMITTED, again, again_at)
    accepted = is_sent & desk.chance(HABITS.accepted)
    first_at = desk.moment(_day_of(sent_at) + desk.between(2, 15))
    desk.tell(Slot.ACCEPTED, accepted & ~returned, first_at)
    desk.tell(Slot.ACCEPTED_AGAIN, accepted & again, desk.moment(again_on + desk.between(2, 15)))
    found_at = desk.moment(_day_of(sent_at) + desk.between(3, 40))
    corrected = is_sent & desk.chance(HABITS.corrected)
    truly = np.maximum(opened_at, effective_at - 2 * DAY_MS)
    said = {"sent_at": sent_at, "truly": truly, "is_day": on_paper}
    desk.tell(Slot.CORRECTED, corrected, found_at, **said)
    desk.tell(Slot.VOIDED, is_sent & ~corrected & desk.chance(HABITS.voided), found_at)


def _midnight(day: Ints) -> Ints:
    return day * DAY_MS - LOCAL_OFFSET_MS


def _day_of(instant: Ints) -> Ints:
    return (instant + LOCAL_OFFSET_MS) // DAY_MS
