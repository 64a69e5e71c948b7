"""Second groupings beside the tree: sector lines, and who answers for what by oversight.

A unit, or what it owes in one area, is in one group each, so that the groups add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.derivation import plain_text
from schemas.event import Event
from schemas.events.unit import OversightAssigned, UnitClassMembersSet
from schemas.times import Instant
from schemas.tree import DayTree

GroupingEvent = UnitClassMembersSet | OversightAssigned
SECTOR_KINDS = ("ministry", "department", "division")
"""The kinds of unit that make a sector line: bộ, sở, phòng."""
SECTOR_WORDS = ("bo ", "so ", "phong ", "ban ", "uy ban ")
"""With what such a unit's name begins before the name of its sector, without diacritics."""
JOINT = " + "
"""Between the parts of the key of a group that belongs to several."""


class Line(NamedTuple):
    """The line of a sector. `key` is the ministry's code, or made of the sector's name."""

    key: str
    name: str
    inferred: bool


class Oversight(NamedTuple):
    """What a member of a committee, or another office of `unit`, answers for since an instant."""

    unit: str
    member: str
    areas: tuple[str, ...]
    units: tuple[str, ...]


class Groupings:
    """Classes and oversight as their events tell them. `version` grows with what is told."""

    def __init__(self, events: Mapping[int, GroupingEvent]) -> None:
        self._events = dict(events)
        self.version = max(self._events, default=-1) + 1

    def with_events(self, events: Iterable[tuple[int, Event]]) -> Groupings:
        """These and more, as (offset, event); events of other types are passed over."""
        more = {at: event for at, event in events if isinstance(event, GroupingEvent)}
        return Groupings({**self._events, **more}) if more else self

    def _told(self, on: Instant, known: Instant | None) -> list[GroupingEvent]:
        """What holds at T as known at K, in order; what is told twice does no harm."""
        events = (
            event
            for event in self._events.values()
            if event.effective_at <= on and (known is None or event.recorded_at <= known)
        )
        return sorted(events, key=lambda one: (one.effective_at, one.recorded_at, one.event_id))

    def oversight(self, on: Instant, known: Instant | None) -> list[Oversight]:
        """Who answers for what, by unit and member; what was assigned last holds."""
        held = {
            (event.unit, event.member): Oversight(
                event.unit, event.member, tuple(event.areas), tuple(event.units)
            )
            for event in self._told(on, known)
            if isinstance(event, OversightAssigned)
        }
        return [held[key] for key in sorted(held)]

    def guided(self, day: DayTree, on: Instant, known: Instant | None) -> dict[str, list[str]]:
        """The ministries that name a unit in a class that they set, by the unit's code."""
        held: dict[tuple[str, str], tuple[str, ...]] = {}
        for event in self._told(on, known):
            if (
                isinstance(event, UnitClassMembersSet)
                and event.unit in day
                and day.kind(event.unit) == "ministry"
            ):
                held[event.unit, event.unit_class] = tuple(event.members)
        found: dict[str, set[str]] = {}
        for (ministry, _), members in held.items():
            for member in members:
                found.setdefault(member, set()).add(ministry)
        return {member: sorted(ministries) for member, ministries in found.items()}


def sector_lines(day: DayTree, guided: Mapping[str, list[str]]) -> dict[str, Line]:
    """The sector line of every unit that is in one, by its code.

    Whom a ministry names among those it guides is in the line of that ministry. Of the others a
    ministry, department or division is where its name says, what stands below it too.
    """
    ministries = {
        sector_of(day.name(code)): code
        for code in reversed(day.preorder)
        if day.kind(code) == "ministry"
    }
    found: dict[str, Line] = {}
    named: dict[str, Line] = {}
    for code in day.preorder:
        line = found.get(day.parent(code) or "")
        if code in guided:
            codes = guided[code]
            line = Line(JOINT.join(codes), JOINT.join(map(day.name, codes)), False)
        elif day.kind(code) == "ministry":
            line = Line(code, day.name(code), False)
        elif day.kind(code) in SECTOR_KINDS and (sector := sector_of(day.name(code))):
            if sector not in named:
                named[sector] = _by_name(day, code, sector, ministries.get(sector))
            line = named[sector]
        if line is not None:
            found[code] = line
    return found


def _by_name(day: DayTree, code: str, sector: str, ministry: str | None) -> Line:
    if ministry is not None:
        return Line(ministry, day.name(ministry), True)
    # No code has a colon: this key is nobody's code.
    return Line(f"sector:{sector}", day.name(code)[-len(sector) :], True)


def sector_of(name: str) -> str:
    """The sector in the name of a ministry, department or division; '' where it has none.

    >>> sector_of("Sở Văn hóa, Thể thao và Du lịch")
    'van hoa, the thao va du lich'
    >>> sector_of("Văn phòng UBND tỉnh")
    ''
    """
    plain = plain_text(name)
    for word in SECTOR_WORDS:
        if plain.startswith(word):
            return plain.removeprefix(word).strip()
    return ""
