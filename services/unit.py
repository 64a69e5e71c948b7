"""A unit: established, renamed, moved, merged; each at a local midnight, by a superior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, TypeAlias, assert_never, cast

from schemas.event import Event, EventId, Text
from schemas.events.finding import FindingTransferred
from schemas.events.inspection import InspectionTransferred
from schemas.events.report import ReportTransferred
from schemas.events.task import TaskTransferred
from schemas.events.unit import (
    UnitDissolved,
    UnitEstablished,
    UnitMerged,
    UnitMoved,
    UnitRenamed,
    UnitSplit,
)
from schemas.times import Instant
from services.command import Command, Seen, broken, named
from services.owed import Owed, owed_of
from services.report import REPORT_KINDS


@dataclass(frozen=True, kw_only=True)
class _OnUnit(Command):
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


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What a unit is by the facts of its stream, those of later days included."""

    established: UnitEstablished | None = None
    name: str = ""
    aliases: tuple[str, ...] = ()
    official_code: str | None = None
    parent: str | None = None
    closed: UnitMerged | UnitSplit | UnitDissolved | None = None


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
        case _:
            return unit  # Classes and oversight that this unit set say nothing about itself.


def unit_of(events: Sequence[Event]) -> Unit:
    """The facts of a unit's stream -> the unit."""
    # Equal instants: what establishes comes first, then the order of the stream.
    in_order = sorted(
        events, key=lambda e: (e.effective_at, not isinstance(e, UnitEstablished), e.recorded_at)
    )
    return reduce(evolve, in_order, Unit())


def stream(code: str) -> str:
    """The name of a unit's stream."""
    return f"unit:{code}"


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
    every = {code for one in codes for code in (one, *_above(one, seen))}
    more = command.obligations if isinstance(command, MergeUnit) else ()
    return [*(stream(code) for code in sorted(every)), *more]


def _above(code: str, seen: Seen) -> list[str]:
    """Superiors from the parent up, as far as they were read; a circle is walked once."""
    out: list[str] = []
    parent = unit_of(seen.get(stream(code), ())).parent
    while parent is not None and parent not in out:
        out.append(parent)
        parent = unit_of(seen.get(stream(parent), ())).parent
    return out


def decide(seen: Seen, command: UnitCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    unit = unit_of(seen.get(stream(command.unit), ()))
    fields: dict[str, Any] = {**command.envelope(now), "unit": command.unit}
    if isinstance(command, EstablishUnit):
        return _established(unit, seen, command, fields)
    if unit.established is None:
        raise broken(f"{command.unit} was never established", "unit")
    match command:
        case RenameUnit():
            return _renamed(unit, seen, command, fields)
        case MoveUnit():
            return _moved(unit, seen, command, fields)
        case MergeUnit():
            return _merged(unit, seen, command, fields)
        case _:
            assert_never(command)


def _established(
    unit: Unit, seen: Seen, command: EstablishUnit, fields: dict[str, Any]
) -> list[Event]:
    event = UnitEstablished(
        **fields,
        name=command.name,
        aliases=command.aliases,
        level=command.level,
        kind=command.kind,
        parent=command.parent,
        official_code=command.official_code,
    )
    before = unit.established
    if before is not None:
        same = ("name", "level", "kind", "parent", "official_code", "effective_at")
        if all(getattr(before, field) == getattr(event, field) for field in same):
            return []
        raise broken(f"{command.unit} was established already; a code is never reused", "unit")
    if command.parent is not None:
        _standing(seen, command.parent, "parent")
        if command.by not in (command.parent, *_above(command.parent, seen)):
            raise broken("a unit is established by a superior", "by")
    return [named(event)]


def _renamed(unit: Unit, seen: Seen, command: RenameUnit, fields: dict[str, Any]) -> list[Event]:
    if (command.name, command.official_code or unit.official_code) == (
        unit.name,
        unit.official_code,
    ):
        return []
    _by_a_superior(seen, command, (command.unit,))
    # The old name stays findable.
    aliases = tuple(dict.fromkeys((*command.aliases, *unit.aliases, unit.name)))
    fields |= {"name": command.name, "official_code": command.official_code}
    return [named(UnitRenamed(**fields, aliases=aliases, reason=command.reason))]


def _moved(unit: Unit, seen: Seen, command: MoveUnit, fields: dict[str, Any]) -> list[Event]:
    if unit.closed is not None:
        raise broken(f"{command.unit} is closed; what is closed does not move", "unit")
    if unit.parent == command.parent:
        return []
    if unit.parent is None:
        raise broken("the root stands under nobody", "unit")
    _standing(seen, command.parent, "parent")
    if command.unit in (command.parent, *_above(command.parent, seen)):
        raise broken(f"{command.parent} stands under {command.unit}; a circle", "parent")
    _by_a_superior(seen, command, (command.unit, command.parent))
    return [named(UnitMoved(**fields, parent=command.parent, reason=command.reason))]


def _merged(unit: Unit, seen: Seen, command: MergeUnit, fields: dict[str, Any]) -> list[Event]:
    if isinstance(unit.closed, UnitMerged) and unit.closed.into == command.into:
        return _handed_over(seen, command, fields, unit.closed.event_id)
    if unit.closed is not None:
        raise broken(f"{command.unit} is closed already", "unit")
    _standing(seen, command.into, "into")
    if command.unit in (command.into, *_above(command.into, seen)):
        raise broken("a unit cannot go into itself or into one below it", "into")
    _by_a_superior(seen, command, (command.unit, command.into))
    merged = named(UnitMerged(**fields, into=command.into, reason=command.reason))
    return [merged, *_handed_over(seen, command, fields, merged.event_id)]


def _handed_over(
    seen: Seen, command: MergeUnit, fields: dict[str, Any], cause: EventId
) -> list[Event]:
    """One transfer per open obligation of the merged unit; done and cancelled ones stay."""
    out: list[Event] = []
    for obligation in command.obligations:
        owed = owed_of(seen[obligation])
        if owed.opening is None or owed.dropped or owed.done or owed.ower != command.unit:
            continue
        about = {**fields, "obligation": obligation, "programme": owed.opening.programme}
        about |= {"causation_id": cause, "correlation_id": command.correlation_id or cause}
        transferred = _transferred(owed)(**about, to_unit=command.into, reason=command.reason)
        out.append(named(transferred))
    return out


def _transferred(
    owed: Owed,
) -> type[ReportTransferred | InspectionTransferred | FindingTransferred | TaskTransferred]:
    kind = owed.opening.kind if owed.opening else "task"
    if kind in REPORT_KINDS:
        return ReportTransferred
    if kind == "inspection":
        return InspectionTransferred
    return FindingTransferred if kind == "remedy" else TaskTransferred


def _standing(seen: Seen, code: str, where: str) -> None:
    unit = unit_of(seen.get(stream(code), ()))
    if unit.established is None:
        raise broken(f"{code} was never established", where)
    if unit.closed is not None:
        raise broken(f"{code} is closed", where)


def _by_a_superior(seen: Seen, command: UnitCommand, units: Sequence[str]) -> None:
    """The common superior decides, or one above it; nobody else."""
    common = set.intersection(*(set(_above(code, seen)) for code in units))
    if command.by not in common:
        who = " and ".join(units)
        raise broken(f"only a superior of {who} may decide this, not {command.by}", "by")
