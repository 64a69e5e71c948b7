"""Succession: to whom what an ended unit owes goes, and what a unit has taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from schemas.times import Day

if TYPE_CHECKING:
    from schemas.tree import DayTree
    from schemas.unit_history import UnitHistory

Successions = Mapping[str, Sequence[tuple[Day, str]]]
"""By successor the ends that made it one: (day of the end, ended unit)."""


class Predecessor(NamedTuple):
    """A unit that went into another, from `closed` on, and how (unit_facts.MERGED to DISSOLVED).

    Its past counts whole with `into`, its main successor, and with nobody else; `inferred` says
    that it had several. `counted` is False where `into` is none of those asked about.
    """

    unit: str
    closed: Day
    ending: int
    into: str
    inferred: bool
    counted: bool


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


def predecessors(successions: Successions, unit: str, day: Day) -> tuple[str, ...]:
    """See Tree.predecessors."""
    found: set[str] = set()
    reached = [unit]
    while reached:
        for ended, code in successions.get(reached.pop(), ()):
            if ended <= day and code != unit and code not in found:
                found.add(code)
                reached.append(code)
    return tuple(sorted(found))


def lineage(
    units: Mapping[str, UnitHistory], successions: Successions, unit: str, day: Day
) -> tuple[Predecessor, ...]:
    """See Tree.lineage."""
    counted: dict[str, None] = {unit: None}
    reached = [unit]
    while reached:
        successor = reached.pop()
        for ended, code in successions.get(successor, ()):
            if ended <= day and code not in counted and units[code].successors[0] == successor:
                counted[code] = None
                reached.append(code)
    # Of those divided between several, who went on in a part counts with the main one only.
    others = {
        code: None
        for head in counted
        for ended, code in successions.get(head, ())
        if ended <= day and code not in counted
    }
    found = [
        _predecessor(units[code], code in counted) for code in (*counted, *others) if code != unit
    ]
    return tuple(sorted(found, key=lambda one: (one.closed, one.unit)))


def _predecessor(unit: UnitHistory, counted: bool) -> Predecessor:
    into = unit.successors[0] if unit.successors else unit.code
    several = len(set(unit.successors)) > 1
    return Predecessor(
        unit.code, unit.closed or unit.established, unit.ending or 0, into, several, counted
    )
