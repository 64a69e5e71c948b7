"""Succession: to whom what an ended unit owes goes, and what a unit has taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from schemas.times import Day

if TYPE_CHECKING:
    from schemas.tree import DayTree


def receiver(day: DayTree, unit: str) -> str | None:
    """See Tree.receiver."""
    if unit not in day:
        return None
    passed: set[str] = set()
    while day.closed(unit):
        successors = day.tree.units[unit].successors
        passed.add(unit)
        if not successors or successors[0] in passed:
            # Nobody, or in a circle: what nobody takes over falls to the unit above.
            return _open_above(day, unit)
        unit = successors[0]
    return unit


def _open_above(day: DayTree, unit: str) -> str:
    above = day.parent(unit)
    while above is not None and day.closed(above):
        above = day.parent(above)
    assert above is not None  # the root never ends
    return above


def predecessors(
    successions: Mapping[str, Sequence[tuple[Day, str]]], unit: str, day: Day
) -> tuple[str, ...]:
    """See Tree.predecessors; `successions` are by successor the ends that made it one."""
    found: set[str] = set()
    reached = [unit]
    while reached:
        for ended, code in successions.get(reached.pop(), ()):
            if ended <= day and code != unit and code not in found:
                found.add(code)
                reached.append(code)
    return tuple(sorted(found))
