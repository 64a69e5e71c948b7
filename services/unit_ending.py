"""How units end besides a merger: split, dissolved, or with their whole level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias, assert_never, cast

from schemas.event import Event, EventId, Text
from schemas.events.unit import UnitDissolved, UnitLevelEnded, UnitSplit
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
        return needs(cast("EndingCommand", self), seen)

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        return decide(seen, cast("EndingCommand", self), now)


@dataclass(frozen=True, kw_only=True)
class SplitUnit(_OnUnit):
    """It is divided on this day, the main successor first. Of `obligations` the open ones go there.

    The successors are established beforehand, from that day at the latest.
    """

    into: tuple[str, ...]
    obligations: tuple[str, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class DissolveUnit(_OnUnit):
    """It ends on this day. Of `obligations` the open ones go to the first of its successors.

    Without successors they go to the unit above.
    """

    successors: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class EndLevel(_OnUnit):
    """From this day on no unit of the level stands below the unit; its children move up.

    What the ended units have open is owed by the units above them.
    """

    level: str
    reason: Text | None = None


EndingCommand: TypeAlias = SplitUnit | DissolveUnit | EndLevel


def needs(command: EndingCommand, seen: Seen) -> list[str]:
    """The streams of the unit, of those named, of all above them, and of the obligations."""
    match command:
        case SplitUnit():
            return [*unit_state.needs((command.unit, *command.into), seen), *command.obligations]
        case DissolveUnit():
            codes = (command.unit, *command.successors)
            return [*unit_state.needs(codes, seen), *command.obligations]
        case EndLevel():
            return unit_state.needs((command.unit,), seen)
        case _:
            assert_never(command)


def decide(seen: Seen, command: EndingCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    about = Decision(seen, command.at(now))
    fields: dict[str, Any] = {**command.envelope(now), "unit": command.unit}
    match command:
        case SplitUnit():
            return _split(about, command, fields)
        case DissolveUnit():
            return _dissolved(about, command, fields)
        case EndLevel():
            return _level_ended(about, command, fields)
        case _:
            assert_never(command)


def _split(about: Decision, command: SplitUnit, fields: dict[str, Any]) -> list[Event]:
    before = about.final[command.unit].closed
    out: list[Event] = []
    if isinstance(before, UnitSplit) and before.into == command.into:
        cause = before.event_id
    else:
        about.open_until_now(command.unit)
        if not command.into:
            raise broken("a split names the units that it made, the main one first", "into")
        _successors(about, command, command.into, "into")
        out.append(named(UnitSplit(**fields, into=command.into, reason=command.reason)))
        cause = out[0].event_id
    return out + _to(about, command, command.into[0], fields, cause)


def _dissolved(about: Decision, command: DissolveUnit, fields: dict[str, Any]) -> list[Event]:
    before = about.final[command.unit].closed
    out: list[Event] = []
    if isinstance(before, UnitDissolved) and before.successors == command.successors:
        cause = before.event_id
    else:
        about.open_until_now(command.unit)
        _successors(about, command, command.successors, "successors")
        out.append(
            named(UnitDissolved(**fields, successors=command.successors, reason=command.reason))
        )
        cause = out[0].event_id
    receivers = command.successors or tuple(
        one for one in about.at.above(command.unit) if not about.at.closed(one)
    )
    return out + _to(about, command, receivers[0], fields, cause) if receivers else out


def _successors(
    about: Decision, command: SplitUnit | DissolveUnit, codes: Sequence[str], where: str
) -> None:
    for number, code in enumerate(codes):
        place = f"{where}[{number}]"
        if code == command.unit:
            raise broken("a unit does not succeed itself; give the new unit a new code", place)
        if code in codes[:number]:
            raise broken(f"{code} stands there twice; name each successor once", place)
        about.standing(code, place)
    about.by_a_superior(command.by, (command.unit, *codes))


def _to(
    about: Decision,
    command: SplitUnit | DissolveUnit,
    receiver: str,
    fields: dict[str, Any],
    cause: EventId,
) -> list[Event]:
    return handed_over(about.seen, command.obligations, receiver, fields, cause, command.reason)


def _level_ended(about: Decision, command: EndLevel, fields: dict[str, Any]) -> list[Event]:
    about.standing(command.unit, "unit")
    above = (command.unit, *about.at.above(command.unit))
    if about.at.level_ended(command.level, above):
        return []
    if command.by not in above:
        rule = f"only {command.unit} or a superior of it may decide this, not {command.by}"
        raise broken(rule, "by")
    return [named(UnitLevelEnded(**fields, level=command.level, reason=command.reason))]
