"""Events of a task: assigned, moved, declared done, accepted, returned, dropped, handed over."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.event import (
    Accepts,
    Amends,
    Code,
    Drops,
    HandsOver,
    Meets,
    Moves,
    Notes,
    ObligationKind,
    Opens,
    Returns,
    Text,
    Word,
    const,
    event,
)


@event("task.assigned.v1")
@dataclass(frozen=True, kw_only=True)
class TaskAssigned(Opens):
    """An issuing authority gave a unit a task (domain 7.6 row 9).

    `target` says in words how far to get; `target_value`, counted in `target_unit`, as a number
    that what progress measures is compared with.
    """

    kind: ObligationKind = "task"
    title: Text | None = None
    coordinating: tuple[Code, ...] = ()
    derived_from: Word | None = None
    evidence: Text | None = None
    target: Text | None = None
    target_value: float | None = None
    target_unit: Word | None = None


@event("task.amended.v1")
@dataclass(frozen=True, kw_only=True)
class TaskAmended(Amends):
    """The issuer described the task anew (row 10; S1:147)."""

    title: Text | None = None
    coordinating: tuple[Code, ...] = ()
    reason: Text | None = None


@event("task.due_extended.v1")
@dataclass(frozen=True, kw_only=True)
class TaskDueExtended(Moves):
    """The issuer gave more time (row 11)."""

    extends: bool = const(True)
    reason: Text | None = None


@event("task.due_determined.v1")
@dataclass(frozen=True, kw_only=True)
class TaskDueDetermined(Moves):
    """A day was set where none was known; not an extension (row 12)."""

    condition: Text | None = None


@event("task.cancelled.v1")
@dataclass(frozen=True, kw_only=True)
class TaskCancelled(Drops):
    """The issuer took the task back (row 13)."""

    reason: Text | None = None


@event("task.transferred.v1")
@dataclass(frozen=True, kw_only=True)
class TaskTransferred(HandsOver):
    """Another unit owes the task from now on (row 14)."""

    reason: Text | None = None


@event("task.progress_reported.v1")
@dataclass(frozen=True, kw_only=True)
class TaskProgressReported(Notes):
    """The lead says how far it is (row 15; S2:143)."""

    note: str = const("progress")
    done_part: float | None = None
    measured: float | None = None
    measured_unit: Word | None = None
    text: Text | None = None


@event("task.completion_declared.v1")
@dataclass(frozen=True, kw_only=True)
class TaskCompletionDeclared(Meets):
    """The lead declares the task done (row 16)."""

    evidence: Text | None = None


@event("task.completion_accepted.v1")
@dataclass(frozen=True, kw_only=True)
class TaskCompletionAccepted(Accepts):
    """The assigner accepts the completion (row 17)."""

    text: Text | None = None


@event("task.completion_returned.v1")
@dataclass(frozen=True, kw_only=True)
class TaskCompletionReturned(Returns):
    """The assigner sends the completion back (row 18)."""

    reasons: tuple[Word, ...] = ()
    text: Text | None = None
