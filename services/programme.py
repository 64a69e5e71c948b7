"""A programme: issued with its items and rules; classes of units and oversight set beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, ClassVar, TypeAlias, assert_never, cast

from schemas.event import Event, Text
from schemas.events.programme import (
    ConditionMet,
    Item,
    ParticipationDeclared,
    ProgrammeAmended,
    ProgrammeClosed,
    ProgrammeIssued,
    ReportingRuleEstablished,
    ReportingRuleWithdrawn,
)
from schemas.events.unit import OversightAssigned, UnitClassMembersSet
from schemas.times import Day, Instant
from services import rules
from services.command import Command, OnProgramme, Seen, broken, named


@dataclass(frozen=True, kw_only=True)
class _OnProgramme(OnProgramme):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        programme = programme_of(seen[f"programme:{self.programme}"])
        return decide(programme, cast("ProgrammeCommand", self), now)


@dataclass(frozen=True, kw_only=True)
class IssueProgramme(_OnProgramme):
    """`by` issues a numbered document with its items."""

    number: str
    title: Text
    items: tuple[Item, ...] = ()
    covers_from: Day | None = None
    covers_to: Day | None = None
    in_force_on: Day | None = None
    derives_from: str | None = None
    revision_days: int | None = None
    before_is_exclusive: bool = True
    date_inferred: bool = False
    shifts_to_working_day: bool = False
    days_off: tuple[Day, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AmendProgramme(_OnProgramme):
    """The issuer adds, changes or drops items."""

    items_set: tuple[Item, ...] = ()
    items_dropped: tuple[str, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class CloseProgramme(_OnProgramme):
    """The issuer ends the programme by its final review; it opens nothing more."""

    final_report: str | None = None
    reason: Text | None = None


ProgrammeCommand: TypeAlias = IssueProgramme | AmendProgramme | CloseProgramme


@dataclass(frozen=True, kw_only=True)
class SetClassMembers(Command):
    """`by` says who belongs to a class of units from this day on."""

    from_midnight: ClassVar[bool] = True

    unit_class: str
    members: tuple[str, ...]
    programme: str | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        return (f"unit:{self.by}",)

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        if not self.members:
            raise broken("a class has members; a duty of nobody is withdrawn", "members")
        event = UnitClassMembersSet(
            **self.envelope(now),
            unit=self.by,
            programme=self.programme,
            unit_class=self.unit_class,
            members=self.members,
        )
        earlier = [
            one
            for one in _in_order(seen[f"unit:{self.by}"])
            if isinstance(one, UnitClassMembersSet)
            and (one.unit_class, one.programme) == (self.unit_class, self.programme)
        ]
        if earlier and set(earlier[-1].members) == set(self.members):
            return []
        if len(set(self.members)) != len(self.members):
            raise broken("a class names each member once", "members")
        return [named(event)]


@dataclass(frozen=True, kw_only=True)
class AssignOversight(Command):
    """The head of a committee makes a member (a role, not a name) answer for areas and units."""

    from_midnight: ClassVar[bool] = True

    member: str
    areas: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def streams(self, seen: Seen) -> Sequence[str]:
        return (f"unit:{self.by}",)

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        event = OversightAssigned(
            **self.envelope(now),
            unit=self.by,
            member=self.member,
            areas=self.areas,
            units=self.units,
        )
        earlier = [
            one
            for one in _in_order(seen[f"unit:{self.by}"])
            if isinstance(one, OversightAssigned) and one.member == self.member
        ]
        if earlier and rules.same_words(earlier[-1], event):
            return []
        if not self.areas and not self.units:
            raise broken("oversight is over areas, over units, or over both", "areas")
        return [named(event)]


@dataclass(frozen=True, kw_only=True)
class Programme:
    """What a programme is by its facts. `rules` are those established, in their order.

    `said` is what was declared and what has happened, for the rules that wait for it.
    """

    issued: ProgrammeIssued | None = None
    items: tuple[str, ...] = ()
    amendments: tuple[ProgrammeAmended, ...] = ()
    rules: tuple[ReportingRuleEstablished, ...] = ()
    withdrawn: tuple[ReportingRuleWithdrawn, ...] = ()
    said: tuple[ParticipationDeclared | ConditionMet, ...] = ()
    closed: ProgrammeClosed | None = None


def evolve(programme: Programme, event: Event) -> Programme:
    """The next fact of the programme's stream."""
    match event:
        case ProgrammeIssued():
            if programme.issued is not None:
                return programme  # The first holds.
            return replace(programme, issued=event, items=tuple(i.id for i in event.items))
        case ProgrammeAmended():
            kept = [one for one in programme.items if one not in event.items_dropped]
            items = tuple(dict.fromkeys((*kept, *(item.id for item in event.items_set))))
            return replace(programme, items=items, amendments=(*programme.amendments, event))
        case ReportingRuleEstablished():
            return replace(programme, rules=(*programme.rules, event))
        case ReportingRuleWithdrawn():
            return replace(programme, withdrawn=(*programme.withdrawn, event))
        case ParticipationDeclared() | ConditionMet():
            return replace(programme, said=(*programme.said, event))
        case ProgrammeClosed():
            return replace(programme, closed=programme.closed or event)
        case _:
            return programme  # Ratings, surveys and awards change no item or rule.


def programme_of(events: Sequence[Event]) -> Programme:
    """The facts of a programme's stream -> the programme."""
    return reduce(evolve, _in_order(events), Programme())


def _in_order(events: Sequence[Event]) -> list[Event]:
    # Equal instants: what issues comes first, then the order of the stream (sorting is stable).
    return sorted(
        events,
        key=lambda e: (e.effective_at, not isinstance(e, ProgrammeIssued), e.recorded_at),
    )


def decide(programme: Programme, command: ProgrammeCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    fields = {**command.envelope(now), "unit": command.by, "programme": command.programme}
    if isinstance(command, IssueProgramme):
        return _issued(programme, command, fields)
    if isinstance(command, CloseProgramme) and programme.closed is not None:
        return []
    by_its_issuer(programme, command.programme, command.by)
    match command:
        case AmendProgramme():
            return _amended(programme, command, fields)
        case CloseProgramme():
            return _closed(programme, command, fields)
        case _:
            assert_never(command)


def by_its_issuer(programme: Programme, name: str, by: str) -> ProgrammeIssued:
    """How it was issued. Raises Refused where it was not, is closed, or another wants to act."""
    issued = in_force(programme, name)
    if by != issued.unit:
        raise broken(f"only {issued.unit}, which issued it, may change it", "by")
    return issued


def in_force(programme: Programme, name: str) -> ProgrammeIssued:
    """How it was issued. Raises Refused where it was not, or is closed."""
    if programme.issued is None:
        raise broken(f"{name} was not issued", "programme")
    if programme.closed is not None:
        raise broken(f"{name} is closed", "programme")
    return programme.issued


def _issued(programme: Programme, command: IssueProgramme, fields: dict[str, Any]) -> list[Event]:
    event = ProgrammeIssued(
        **fields,
        number=command.number,
        title=command.title,
        items=command.items,
        covers_from=command.covers_from,
        covers_to=command.covers_to,
        in_force_on=command.in_force_on,
        derives_from=command.derives_from,
        revision_days=command.revision_days,
        before_is_exclusive=command.before_is_exclusive,
        date_inferred=command.date_inferred,
        shifts_to_working_day=command.shifts_to_working_day or None,
        days_off=command.days_off or None,
    )
    if command.days_off and not command.shifts_to_working_day:
        raise broken("days off bear on dues only where these go on to a working day", "days_off")
    if programme.issued is None:
        ids = [item.id for item in command.items]
        if len(set(ids)) != len(ids):
            raise broken("each item of a programme has an id of its own", "items")
        return [named(event)]
    if rules.same_words(programme.issued, event):
        return []
    raise broken(f"{command.programme} was issued already; amend it", "programme")


def _amended(programme: Programme, command: AmendProgramme, fields: dict[str, Any]) -> list[Event]:
    event = ProgrammeAmended(
        **fields,
        items_set=command.items_set,
        items_dropped=command.items_dropped,
        reason=command.reason,
    )
    if programme.amendments and rules.same_words(programme.amendments[-1], event):
        return []
    unknown = [one for one in command.items_dropped if one not in programme.items]
    if unknown:
        raise broken(f"the programme has no item {unknown[0]}", "items_dropped")
    return [named(event)]


def _closed(programme: Programme, command: CloseProgramme, fields: dict[str, Any]) -> list[Event]:
    event = ProgrammeClosed(**fields, final_report=command.final_report, reason=command.reason)
    assert programme.issued is not None  # only what was issued is changed
    if event.effective_at < programme.issued.effective_at:
        raise broken("a programme is closed after it was issued", "effective_at")
    return [named(event)]
