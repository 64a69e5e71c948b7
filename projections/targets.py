"""Targets with quantities: how far what was measured last has come (domain 11, question 24).

Numbers of things are added up over the units that owe them; parts in a hundred never are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from projections.due_changes import opening_of
from projections.facts import lone_fact
from projections.life import Phase
from projections.obligation import derive
from schemas.event import Event
from schemas.events.task import TaskAssigned, TaskProgressReported
from schemas.times import Instant

SHARES = ("percent", "%")
"""Units of measure that are not added up."""


class Target(NamedTuple):
    """What one unit is to reach, and what it measured last by T (None: it said nothing)."""

    obligation: str
    unit: str
    programme: str | None
    item: str
    value: float
    counted_in: str | None
    measured: float | None
    measured_at: Instant | None
    done: bool

    @property
    def reached(self) -> bool:
        """Whether what was measured is enough."""
        return self.measured is not None and self.measured >= self.value


class Sum(NamedTuple):
    """The targets of one item together. `value` and `measured` are None where no sum has a sense.

    `owers` have the target, `reported` of them measured something, `reached` of them enough.
    """

    value: float | None
    measured: float | None
    owers: int
    reported: int
    reached: int
    done: int


def target_of(events: Sequence[Event], at: Instant) -> Target | None:
    """The target of one obligation at T; None where it has none, or is not owed any longer."""
    life = derive(lone_fact(event) for event in events)
    standing = life.standing_at(at)
    opened = opening_of(events)
    if not isinstance(opened, TaskAssigned) or opened.target_value is None:
        return None
    if standing is None or standing.phase is Phase.DROPPED:
        return None
    told = [one for one in events if _measures(one, opened.target_unit)]
    last = told[-1] if told else None
    return Target(
        obligation=opened.obligation or "",
        unit=standing.ower,
        programme=opened.programme,
        item=opened.item,
        value=opened.target_value,
        counted_in=opened.target_unit,
        measured=last.measured if isinstance(last, TaskProgressReported) else None,
        measured_at=None if last is None else last.effective_at,
        done=standing.phase is Phase.DONE,
    )


def _measures(event: Event, counted_in: str | None) -> bool:
    # What another system measured in other units cannot be compared with the target.
    return (
        isinstance(event, TaskProgressReported)
        and event.measured is not None
        and event.measured_unit in (None, counted_in)
    )


def together(targets: Iterable[Target]) -> Sum:
    """Targets of one item and one unit of measure, as one; there is at least one."""
    found = list(targets)
    measured = [one.measured for one in found if one.measured is not None]
    shares = found[0].counted_in in SHARES
    values = {one.value for one in found}
    alone = len(found) == 1
    same = values.pop() if len(values) == 1 else None
    return Sum(
        value=same if shares else sum(one.value for one in found),
        measured=(sum(measured) if measured and (alone or not shares) else None),
        owers=len(found),
        reported=len(measured),
        reached=sum(one.reached for one in found),
        done=sum(one.done for one in found),
    )
