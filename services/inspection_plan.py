"""An inspection that no calendar asks for: planned, put off, described anew, concluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias, assert_never, cast

from schemas.event import Event, Text
from schemas.events.finding import FindingAmended
from schemas.events.inspection import (
    InspectionAmended,
    InspectionConcluded,
    InspectionPlanned,
    InspectionPostponed,
)
from schemas.times import Day, Instant
from services import rules
from services.command import OnObligation, Seen, broken
from services.owed import Owed, owed_of


@dataclass(frozen=True, kw_only=True)
class PlanInspection(OnObligation):
    """A body will inspect these units. One of mode unannounced is told to nobody until held.

    `plan` is the obligation of the yearly plan in which it stands.
    """

    unit: str
    item: str
    subjects: tuple[str, ...]
    mode: str = "periodic"
    programme: str | None = None
    area: str | None = None
    period: str | None = None
    due_before: Day | None = None
    planned_on: Day | None = None
    title: Text | None = None
    areas: tuple[str, ...] = ()
    plan: str | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        return (self.obligation, *((self.plan,) if self.plan else ()))

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        if self.plan is not None:
            _yearly_plan(owed_of(seen[self.plan]), self.plan)
        if not self.subjects:
            raise broken("an inspection has at least one subject", "subjects")
        planned, due = self.planned_on, self.due_before
        if planned is not None and due is not None and planned >= due:
            raise broken("the day planned lies before the due", "planned_on")
        return rules.open_once(owed_of(seen[self.obligation]), _planned(self, now))


@dataclass(frozen=True, kw_only=True)
class _OnPlanned(OnObligation):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        owed = owed_of(seen[self.obligation])
        return decide(owed, cast("PlannedCommand", self), now)


@dataclass(frozen=True, kw_only=True)
class PostponeInspection(_OnPlanned):
    """Whoever ordered it puts it off, and its due with it."""

    due_before: Day
    planned_on: Day | None = None
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class AmendInspection(_OnPlanned):
    """Whoever ordered it describes it anew: its subjects, its day, its title."""

    area: str | None = None
    title: Text | None = None
    subjects: tuple[str, ...] = ()
    planned_on: Day | None = None
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ConcludeInspection(_OnPlanned):
    """Whoever ordered it has the conclusion. Without a record of holding it, this says it."""

    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class AmendFinding(_OnPlanned):
    """The inspector describes the finding anew."""

    area: str | None = None
    text: Text | None = None
    reason: Text | None = None


PlannedCommand: TypeAlias = PostponeInspection | AmendInspection | ConcludeInspection | AmendFinding


def decide(owed: Owed, command: PlannedCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    finding = isinstance(command, AmendFinding)
    kind, noun = ("remedy", "finding") if finding else ("inspection", "inspection")
    opened = rules.opening(owed, command.obligation, (kind,), noun)
    fields = rules.about(command, owed, opened, now)
    match command:
        case PostponeInspection():
            # What a body planned itself it may put off; a duty of the calendar is not its own.
            if isinstance(opened, InspectionPlanned):
                rules.issuer_only(opened, command, "postpone")
            else:
                rules.never_the_ower(owed, opened, command, now, "postpone")
            fields |= {"due_before": command.due_before, "planned_on": command.planned_on}
            return rules.extend(owed, InspectionPostponed(**fields, reason=command.reason))
        case AmendInspection():
            rules.issuer_only(opened, command, "amend")
            if owed.done:
                raise broken("it was held already; what was held is not planned anew", "obligation")
            fields |= {"area": command.area, "title": command.title, "reason": command.reason}
            fields |= {"subjects": command.subjects, "planned_on": command.planned_on}
            return rules.amend(owed, InspectionAmended(**fields))
        case ConcludeInspection():
            rules.issuer_only(opened, command, "conclude")
            fields["causation_id"] = owed.submission.event_id if owed.submission else None
            return rules.accept(owed, InspectionConcluded(**fields, text=command.text))
        case AmendFinding():
            rules.issuer_only(opened, command, "amend")
            fields |= {"area": command.area, "text": command.text, "reason": command.reason}
            return rules.amend(owed, FindingAmended(**fields))
        case _:
            assert_never(command)


def _yearly_plan(owed: Owed, plan: str) -> None:
    # A plan that another system keeps is not in this ledger; then nothing can be said.
    if owed.opening is not None and owed.opening.kind != "inspection_plan":
        raise broken(f"{plan} is of kind {owed.opening.kind}, no inspection plan", "plan")


def _planned(command: PlanInspection, now: Instant) -> InspectionPlanned:
    return InspectionPlanned(
        **command.envelope(now),
        obligation=command.obligation,
        unit=command.unit,
        programme=command.programme,
        item=command.item,
        area=command.area,
        period=command.period,
        due_before=command.due_before,
        issuer=command.by,
        title=command.title,
        mode=command.mode,
        subjects=command.subjects,
        planned_on=command.planned_on,
        areas=command.areas,
        plan=command.plan,
    )
