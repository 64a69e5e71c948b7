"""What a duty waits for: the rows that must be done before it, and the days they leave.

Dues are kept and never moved; the slack is shown (domain 7.4, ambiguity 31).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from schemas.events.programme import Item
from schemas.times import Day

DONE = ("done_on_time", "done_late")
GONE = ("cancelled", "transferred")


class Contribution(NamedTuple):
    """One obligation of a row that another row waits for; `due` None: no day is set."""

    due: Day | None
    state: str


class Slack(NamedTuple):
    """What contributors leave. `last_due` is the latest of their dues, None where none has a day.

    `days` lie between it and the waiting due: 0 is none, below 0 they come too late.
    """

    last_due: Day | None
    days: int | None
    total: int
    open: int
    overdue: int

    @property
    def at_risk(self) -> bool:
        """Whether something is still open that leaves no day, is late, or has no day at all."""
        return self.open > 0 and (self.days is None or self.days <= 0 or self.overdue > 0)


def counted_rows(item: str, items: Sequence[Item]) -> tuple[str, ...]:
    """The counted rows that a name stands for: itself, or for a heading those below it."""
    by_id = {one.id: one for one in items}
    below: dict[str | None, list[Item]] = {}
    for one in items:
        below.setdefault(one.parent, []).append(one)
    found: dict[str, None] = {}
    waiting, seen = [item], set[str]()
    while waiting:
        name = waiting.pop(0)
        # A programme is told from outside: its rows may name one another as parents.
        if name in seen or name not in by_id:
            continue
        seen.add(name)
        if by_id[name].counted:
            found[name] = None
        waiting += [one.id for one in below.get(name, ())]
    return tuple(found)


def slack(due: Day | None, contributions: Iterable[Contribution]) -> Slack:
    """What contributors leave to a duty that is due before this day."""
    told = [one for one in contributions if one.state not in GONE]
    dues = [one.due for one in told if one.due is not None]
    last = max(dues, default=None)
    days = None if due is None or last is None else due - last
    still = [one for one in told if one.state not in DONE]
    return Slack(last, days, len(told), len(still), sum(one.state == "overdue" for one in still))


def waits_for(depends_on: Iterable[str], items: Sequence[Item]) -> Mapping[str, tuple[str, ...]]:
    """The rows that a duty waits for -> the counted rows that each stands for."""
    return {one: counted_rows(one, items) for one in depends_on}
