"""A unit: established, renamed, moved, merged; each at a local midnight, by a superior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, assert_never, cast

from schemas.event import Event, Text
from schemas.events.unit import UnitEstablished, UnitMerged, UnitMoved, UnitRenamed
from schemas.times import Instant
from services import unit_state
from services.command import Command, Seen, broken, named
from services.unit_handover import handed_over
from services.unit_state import Decision


@dataclass(frozen=True, kw_only=True)
class _OnUnit(Command):
    from_midnight: ClassVar[bool] = True

    unit: str

    def streams(self, seen: Seen) -> Sequence[str]:
        return needs(cast("UnitCommand", self), seen)

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        return decide(seen, cast("UnitCommand", self), now)


@dataclass(frozen=True, kw_only=True)
class EstablishUnit(_OnUnit):
    """A unit exists from this day on, under a parent (none for the root)."""

    name: str
    level: str
    kind: str
    parent: str | None
    aliases: tuple[str, ...] = ()
    official_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class RenameUnit(_OnUnit):
    """It bears another name from this day on."""

    name: str
    aliases: tuple[str, ...] = ()
    official_code: str | None = None
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class MoveUnit(_OnUnit):
    """It stands under another parent from this day on."""

    parent: str
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class MergeUnit(_OnUnit):
    """It goes into another unit on this day. Of `obligations` the open ones go along."""

    into: str
    obligations: tuple[str, ...] = ()
    reason: Text | None = None


UnitCommand: TypeAlias = EstablishUnit | RenameUnit | MoveUnit | MergeUnit


def needs(command: UnitCommand, seen: Seen) -> list[str]:
    """The streams of the unit, of those named, of all above them, and of the obligations."""
    codes = [command.unit]
    match command:
        case EstablishUnit() | MoveUnit():
            codes += [command.parent] if command.parent else []
        case MergeUnit():
            codes.append(command.into)
        case RenameUnit():
            pass
        case _:
            assert_never(command)
    more = command.obligations if isinstance(command, MergeUnit) else ()
    return [*unit_state.needs(codes, seen), *more]


def decide(seen: Seen, command: UnitCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    about = Decision(seen, command.at(now))
    fields: dict[str, Any] = {**command.envelope(now), "unit": command.unit}
    match command:
        case EstablishUnit():
            return _established(about, command, fields)
        case RenameUnit():
            return _renamed(about, command, fields)
        case MoveUnit():
            return _moved(about, command, fields)
        case MergeUnit():
            return _merged(about, command, fields)
        case _:
            assert_never(command)


def _established(about: Decision, command: EstablishUnit, fields: dict[str, Any]) -> list[Event]:
    event = UnitEstablished(
        **fields,
        name=command.name,
        aliases=command.aliases,
        level=command.level,
        kind=command.kind,
        parent=command.parent,
        official_code=command.official_code,
    )
    before = about.final[command.unit].established
    if before is not None:
        same = ("name", "level", "kind", "parent", "official_code", "effective_at")
        if all(getattr(before, field) == getattr(event, field) for field in same):
            return []
        raise broken(f"{command.unit} was established already; a code is never reused", "unit")
    if command.parent is not None:
        about.standing(command.parent, "parent")
        above = (command.parent, *about.at.above(command.parent))
        if command.by not in above:
            raise broken("a unit is established by a superior", "by")
        _level_goes_on(about, command.level, above, "level")
    return [named(event)]


def _level_goes_on(about: Decision, level: str, above: Sequence[str], where: str) -> None:
    if about.at.level_ended(level, above):
        raise broken(f"the level {level} has ended there; no unit of it stands any more", where)


def _renamed(about: Decision, command: RenameUnit, fields: dict[str, Any]) -> list[Event]:
    unit = about.known(command.unit, "unit")
    if (command.name, command.official_code or unit.official_code) == (
        unit.name,
        unit.official_code,
    ):
        return []
    about.by_a_superior(command.by, (command.unit,))
    # The old name stays findable.
    aliases = tuple(dict.fromkeys((*command.aliases, *unit.aliases, unit.name)))
    fields |= {"name": command.name, "official_code": command.official_code}
    return [named(UnitRenamed(**fields, aliases=aliases, reason=command.reason))]


def _moved(about: Decision, command: MoveUnit, fields: dict[str, Any]) -> list[Event]:
    unit = about.known(command.unit, "unit")
    if about.at.closed(command.unit):
        raise broken(f"{command.unit} is closed; what is closed does not move", "unit")
    if unit.parent == command.parent:
        return []
    if unit.parent is None:
        raise broken("the root stands under nobody", "unit")
    about.standing(command.parent, "parent")
    circle = f"{command.parent} is {command.unit} or stands under it; that would be a circle"
    about.no_circle(command.unit, command.parent, circle, "parent")
    about.by_a_superior(command.by, (command.unit, command.parent))
    assert unit.established is not None  # known() has seen it
    above = (command.parent, *about.at.above(command.parent))
    _level_goes_on(about, unit.established.level, above, "parent")
    return [named(UnitMoved(**fields, parent=command.parent, reason=command.reason))]


def _merged(about: Decision, command: MergeUnit, fields: dict[str, Any]) -> list[Event]:
    before = about.final[command.unit].closed
    out: list[Event] = []
    if isinstance(before, UnitMerged) and before.into == command.into:
        cause = before.event_id
    else:
        about.open_until_now(command.unit)
        about.standing(command.into, "into")
        circle = "a unit cannot go into itself or into one below it"
        about.no_circle(command.unit, command.into, circle, "into")
        about.by_a_superior(command.by, (command.unit, command.into))
        out.append(named(UnitMerged(**fields, into=command.into, reason=command.reason)))
        cause = out[0].event_id
    return out + handed_over(
        about.seen, command.obligations, command.into, fields, cause, command.reason
    )
