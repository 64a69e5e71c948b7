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
    last = _last(day, unit)
    # What nobody takes over falls to the unit above.
    return _open_above(day, last) if day.closed(last) else last


def heir(day: DayTree, unit: str) -> str | None:
    """See Tree.heir."""
    if unit not in day:
        return None
    last = _last(day, unit)
    return None if day.closed(last) else last


def _last(day: DayTree, unit: str) -> str:
    """As far as the first successors lead: to an open unit, or to one that has none, or round."""
    passed: set[str] = set()
    while day.closed(unit):
        successors = day.tree.units[unit].successors
        passed.add(unit)
        if not successors or successors[0] in passed:
            return unit
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
