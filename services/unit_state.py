"""What a unit is by the streams that a command has read, on the day of the command and in the end.

Parts of a reform count once the reform is enacted. A level that ends is told on the unit inside
which it ends, so that a unit has ended where a unit above it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from schemas.event import Event
from schemas.events.unit import (
    ReformEnacted,
    UnitDissolved,
    UnitEstablished,
    UnitLevelEnded,
    UnitMerged,
    UnitMoved,
    UnitRenamed,
    UnitSplit,
)
from schemas.times import Instant, day_of, format_day
from services.command import Seen, broken

Ending = UnitMerged | UnitSplit | UnitDissolved


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What a unit is by the facts of its own stream."""

    established: UnitEstablished | None = None
    name: str = ""
    aliases: tuple[str, ...] = ()
    official_code: str | None = None
    parent: str | None = None
    closed: Ending | None = None
    levels_ended: tuple[UnitLevelEnded, ...] = ()
    """Levels that ended below it."""


def evolve(unit: Unit, event: Event) -> Unit:
    """The next fact in the order of its day."""
    match event:
        case UnitEstablished():
            if unit.established is not None:
                return unit  # A code is never used again: the first holds.
            return Unit(
                established=event,
                name=event.name,
                aliases=event.aliases,
                official_code=event.official_code,
                parent=event.parent,
            )
        case UnitRenamed():
            code = event.official_code or unit.official_code
            return replace(unit, name=event.name, aliases=event.aliases, official_code=code)
        case UnitMoved():
            return replace(unit, parent=event.parent)
        case UnitMerged():
            return replace(unit, parent=event.into, closed=event)
        case UnitSplit() | UnitDissolved():
            return replace(unit, closed=event)
        case UnitLevelEnded():
            return replace(unit, levels_ended=(*unit.levels_ended, event))
        case _:
            return unit  # Classes, oversight and reforms say nothing about the unit itself.


def unit_of(events: Iterable[Event]) -> Unit:
    """The facts of a unit's stream -> the unit."""
    # Equal instants: what establishes comes first, then the order of the stream.
    in_order = sorted(
        events, key=lambda e: (e.effective_at, not isinstance(e, UnitEstablished), e.recorded_at)
    )
    return reduce(evolve, in_order, Unit())


def stream(code: str) -> str:
    """The name of a unit's stream."""
    return f"unit:{code}"


class Units:
    """The units of the streams read, by what takes effect up to an instant; None: by everything."""

    def __init__(self, seen: Seen, at: Instant | None = None) -> None:
        self._seen = seen
        self._at = at
        self._units: dict[str, Unit] = {}

    def __getitem__(self, code: str) -> Unit:
        if code not in self._units:
            self._units[code] = unit_of(self._told(code))
        return self._units[code]

    def _told(self, code: str) -> list[Event]:
        return [
            event
            for event in self._seen.get(stream(code), ())
            if (self._at is None or event.effective_at <= self._at) and self._counts(event)
        ]

    def _counts(self, event: Event) -> bool:
        reform = reform_of(event)
        return reform is None or any(
            isinstance(one, ReformEnacted) and (one.reform, one.by) == (reform, event.by)
            for one in self._seen.get(stream(event.by), ())
        )

    def above(self, code: str) -> list[str]:
        """Superiors from the parent up, as far as they were read, without levels that ended."""
        return [one for one in self.path(code) if not self._level_ended(one)]

    def path(self, code: str) -> list[str]:
        """The same with them; a circle is walked once."""
        out: list[str] = []
        parent = self[code].parent
        while parent is not None and parent not in out:
            out.append(parent)
            parent = self[parent].parent
        return out

    def closed(self, code: str) -> bool:
        """Whether the unit has ended, by itself or with its level."""
        return self[code].closed is not None or self._level_ended(code)

    def _level_ended(self, code: str) -> bool:
        established = self[code].established
        return established is not None and self.level_ended(established.level, self.path(code))

    def level_ended(self, level: str, inside: Iterable[str]) -> bool:
        """Whether one of these units has seen the level end below it."""
        return any(one.level == level for code in inside for one in self[code].levels_ended)


def reform_of(event: Event) -> str | None:
    """The reform of which the event is a part."""
    return None if isinstance(event, ReformEnacted) else getattr(event, "reform", None)


def needs(codes: Iterable[str], seen: Seen) -> list[str]:
    """The streams of these units, of all that ever stood above them, and of who decided reforms."""
    found: set[str] = set()
    reached = list(codes)
    while reached:
        code = reached.pop()
        if code in found:
            continue
        found.add(code)
        for event in seen.get(stream(code), ()):
            # On another day the unit stood elsewhere, so every place counts, whatever is decided.
            named = getattr(event, "parent", None) or getattr(event, "into", None)
            reached += [named] if isinstance(named, str) else []
            reached += [event.by] if reform_of(event) is not None else []
    return [stream(code) for code in sorted(found)]


class Decision:
    """What is true of the units that a command names, on its day (`at`) and in the end (`final`).

    Its methods raise Refused, with the field of the command as the place.
    """

    def __init__(self, seen: Seen, at: Instant) -> None:
        self.seen = seen
        self.at = Units(seen, at)
        self.final = Units(seen)

    def known(self, code: str, where: str) -> Unit:
        """The unit as it is on the day; it must have been established by then."""
        final = self.final[code].established
        if final is None:
            raise broken(f"{code} was never established", where)
        if self.at[code].established is None:
            day = format_day(day_of(final.effective_at))
            raise broken(f"{code} stands only from {day} on; give that day or a later one", where)
        return self.at[code]

    def standing(self, code: str, where: str) -> Unit:
        """The same for a unit that must stand open on the day."""
        unit = self.known(code, where)
        if self.at.closed(code):
            raise broken(f"{code} is closed; name the unit that stands in its place", where)
        return unit

    def open_until_now(self, code: str) -> Unit:
        """The same for a unit that is to end: it must never have ended, on whatever day."""
        unit = self.known(code, "unit")
        if self.final.closed(code):
            raise broken(f"{code} is closed already", "unit")
        if unit.parent is None:
            raise broken("the root cannot end; everything hangs under it", "unit")
        return unit

    def no_circle(self, lower: str, upper: str, sentence: str, where: str) -> None:
        """`upper` must not be `lower` or stand below it, neither on the day nor in the end."""
        for units in (self.at, self.final):
            if lower in (upper, *units.path(upper)):
                raise broken(sentence, where)

    def by_a_superior(self, by: str, units: Sequence[str]) -> None:
        """The common superior decides, or one above it; nobody else."""
        common = set.intersection(*(set(self.at.above(code)) for code in units))
        if by not in common:
            who = " and ".join(units)
            raise broken(f"only a superior of {who} may decide this, not {by}", "by")
