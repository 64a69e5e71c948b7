"""A task: given by an issuing authority, done by its ower, judged by the issuer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never, cast

from schemas.event import Event, Opens, Text
from schemas.events.task import (
    TaskAmended,
    TaskAssigned,
    TaskCancelled,
    TaskCompletionAccepted,
    TaskCompletionDeclared,
    TaskCompletionReturned,
    TaskDueDetermined,
    TaskDueExtended,
    TaskProgressReported,
    TaskTransferred,
)
from schemas.times import Day, Instant
from services import rules
from services.command import OnObligation, Seen, broken, named
from services.owed import Owed, owed_of


@dataclass(frozen=True, kw_only=True)
class _OnTask(OnObligation):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        found = decide(owed_of(seen[self.obligation]), cast("TaskCommand", self), now)
        return rules.not_closed(seen, found)


@dataclass(frozen=True, kw_only=True)
class AssignTask(_OnTask):
    """`by` gives `unit` a task, due before a day or without one."""

    unit: str
    item: str
    programme: str | None = None
    area: str | None = None
    period: str | None = None
    due_before: Day | None = None
    done_when: str = "declared"
    title: Text | None = None
    coordinating: tuple[str, ...] = ()
    derived_from: str | None = None
    evidence: Text | None = None
    target: Text | None = None
    target_value: float | None = None
    target_unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class AmendTask(_OnTask):
    """The issuer describes the task anew."""

    area: str | None = None
    title: Text | None = None
    coordinating: tuple[str, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ExtendTaskDue(_OnTask):
    """The issuer gives more time, by a document."""

    due_before: Day
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class DetermineTaskDue(_OnTask):
    """The issuer sets a day where there was none, or an earlier one."""

    due_before: Day
    condition: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ReportTaskProgress(_OnTask):
    """The ower says how far it is."""

    done_part: float | None = None
    measured: float | None = None
    measured_unit: str | None = None
    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class DeclareTaskCompletion(_OnTask):
    """The ower declares it done."""

    evidence: Text | None = None


@dataclass(frozen=True, kw_only=True)
class AcceptTaskCompletion(_OnTask):
    """The issuer accepts what was declared."""

    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnTaskCompletion(_OnTask):
    """The issuer sends it back, until `revise_before`."""

    revise_before: Day | None = None
    reasons: tuple[str, ...] = ()
    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class CancelTask(_OnTask):
    """The issuer takes it back, by a document."""

    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class TransferTask(_OnTask):
    """The issuer gives it to another unit from the effective instant on."""

    to_unit: str
    reason: Text | None = None


TaskCommand: TypeAlias = (
    AssignTask
    | AmendTask
    | ExtendTaskDue
    | DetermineTaskDue
    | ReportTaskProgress
    | DeclareTaskCompletion
    | AcceptTaskCompletion
    | ReturnTaskCompletion
    | CancelTask
    | TransferTask
)


def decide(owed: Owed, command: TaskCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    if isinstance(command, AssignTask):
        return rules.open_once(owed, _assigned(command, now))
    if isinstance(command, CancelTask) and owed.dropped is not None:
        return []
    opened = rules.opening(owed, command.obligation, ("task",), "task")
    fields = rules.about(command, owed, opened, now)
    match command:
        case DeclareTaskCompletion() | ReportTaskProgress():
            return _by_ower(owed, opened, fields, command, now)
        case AcceptTaskCompletion():
            rules.issuer_only(opened, command, "accept")
            answered = owed.submission.event_id if owed.submission else None
            fields |= {"causation_id": answered, "text": command.text}
            never = "a task is accepted after its completion was declared"
            return rules.accept(owed, TaskCompletionAccepted(**fields), unsent=never)
        case ReturnTaskCompletion():
            rules.issuer_only(opened, command, "return")
            answered = owed.submission.event_id if owed.submission else None
            fields |= {"causation_id": answered, "revise_before": command.revise_before}
            fields |= {"reasons": command.reasons, "text": command.text}
            return rules.send_back(owed, TaskCompletionReturned(**fields))
        case CancelTask():
            rules.issuer_only(opened, command, "cancel")
            cancelled = TaskCancelled(**fields, reason=command.reason)
            return rules.by_document(rules.drop(owed, cancelled), "cancelled")
        case AmendTask() | ExtendTaskDue() | DetermineTaskDue() | TransferTask():
            return _by_issuer(owed, opened, fields, command, now)
        case _:
            assert_never(command)


def _assigned(command: AssignTask, now: Instant) -> TaskAssigned:
    if command.target_value is not None and command.target_value <= 0:
        raise broken("a target is more than 0", "target_value")
    if command.target_value is None and command.target_unit is not None:
        raise broken("say how many of them are to be reached", "target_value")
    return TaskAssigned(
        **command.envelope(now),
        obligation=command.obligation,
        unit=command.unit,
        programme=command.programme,
        item=command.item,
        area=command.area,
        period=command.period,
        due_before=command.due_before,
        done_when=command.done_when,
        issuer=command.by,
        title=command.title,
        coordinating=command.coordinating,
        derived_from=command.derived_from,
        evidence=command.evidence,
        target=command.target,
        target_value=command.target_value,
        target_unit=command.target_unit,
    )


def _by_ower(
    owed: Owed,
    opened: Opens,
    fields: dict[str, Any],
    command: DeclareTaskCompletion | ReportTaskProgress,
    now: Instant,
) -> list[Event]:
    if isinstance(command, DeclareTaskCompletion):
        rules.ower_only(owed, command, now, "declare the completion of")
        declared = TaskCompletionDeclared(**fields, evidence=command.evidence)
        return rules.meet(owed, opened, declared)
    rules.ower_only(owed, command, now, "report progress on")
    if owed.done:
        raise broken("it is complete; progress is reported on what is open", "obligation")
    _within_bounds(opened, command)
    progress = named(
        TaskProgressReported(
            **fields,
            done_part=command.done_part,
            measured=command.measured,
            measured_unit=command.measured_unit,
            text=command.text,
        )
    )
    told = any(rules.same_words(note, progress) for note in owed.notes)
    return [] if told else [progress]


def _within_bounds(opened: Opens, command: ReportTaskProgress) -> None:
    if command.done_part is not None and not 0 <= command.done_part <= 1:
        raise broken("the done part lies from 0 to 1; half of it is 0.5", "done_part")
    if command.measured is not None and command.measured < 0:
        raise broken("what is measured is 0 or more", "measured")
    unit = opened.target_unit if isinstance(opened, TaskAssigned) else None
    if unit is not None and command.measured_unit not in (None, unit):
        raise broken(f"the target is counted in {unit}; measure in it", "measured_unit")


def _by_issuer(
    owed: Owed,
    opened: Opens,
    fields: dict[str, Any],
    command: AmendTask | ExtendTaskDue | DetermineTaskDue | TransferTask,
    now: Instant,
) -> list[Event]:
    match command:
        case AmendTask():
            rules.issuer_only(opened, command, "amend")
            fields |= {"area": command.area, "title": command.title}
            fields |= {"coordinating": command.coordinating, "reason": command.reason}
            return rules.amend(owed, TaskAmended(**fields))
        case ExtendTaskDue():
            rules.never_the_ower(owed, opened, command, now, "extend")
            fields |= {"due_before": command.due_before, "reason": command.reason}
            return rules.by_document(rules.extend(owed, TaskDueExtended(**fields)), "extended")
        case DetermineTaskDue():
            rules.never_the_ower(owed, opened, command, now, "determine")
            fields |= {"due_before": command.due_before, "condition": command.condition}
            return rules.determine(owed, TaskDueDetermined(**fields))
        case TransferTask():
            rules.issuer_only(opened, command, "transfer")
            fields |= {"to_unit": command.to_unit, "reason": command.reason}
            return rules.hand_over(owed, TaskTransferred(**fields))
        case _:
            assert_never(command)
