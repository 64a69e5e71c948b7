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


class SectorLines:
    """The sector lines of a day, found for one unit after the other.

    Whom a ministry names among those it guides is in the line of that ministry. Of the others a
    ministry, department or division is where its name says; what stands below goes with it.
    """

    def __init__(self, day: DayTree, guided: Mapping[str, list[str]]) -> None:
        self._day = day
        self._guided = guided
        kinds, of = day.tree.kinds
        self._kinds = [kinds[index] for index in of.tolist()]
        self._parent = day.arrays.parent.tolist()
        self._ministries = {
            sector_of(day.name(code)): code
            for code, kind in zip(reversed(day.tree.codes), reversed(self._kinds), strict=True)
            if kind == "ministry" and code in day
        }
        self._by_name: dict[str, Line] = {}
        self._found: dict[int, Line | None] = {}

    def of(self, number: int) -> Line | None:
        """The line of a unit by its number; None where it is in none."""
        path, line = [], None
        while number >= 0:
            if number in self._found:
                line = self._found[number]
                break
            path.append(number)
            line = self._own(number)
            if line is not None:
                break
            number = self._parent[number]
        self._found.update(dict.fromkeys(path, line))
        return line

    def _own(self, number: int) -> Line | None:
        """The line that the unit is in by itself."""
        day, code = self._day, self._day.tree.codes[number]
        if code in self._guided:
            codes = self._guided[code]
            return Line(JOINT.join(codes), JOINT.join(map(day.name, codes)), False)
        if self._kinds[number] not in SECTOR_KINDS:
            return None
        if self._kinds[number] == "ministry":
            return Line(code, day.name(code), False)
        sector = sector_of(day.name(code))
        if sector and sector not in self._by_name:
            self._by_name[sector] = self._named(code, sector)
        return self._by_name.get(sector)

    def _named(self, code: str, sector: str) -> Line:
        ministry = self._ministries.get(sector)
        if ministry is not None:
            return Line(ministry, self._day.name(ministry), True)
        # No code has a colon: this key is nobody's code.
        return Line(f"sector:{sector}", self._day.name(code)[-len(sector) :], True)


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
