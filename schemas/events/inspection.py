"""Events of an inspection: the duty of the inspecting body (domain 7.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

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
    OneOf,
    Opens,
    Text,
    Word,
    const,
    event,
)
from schemas.times import Day

INSPECTION_MODES = ("periodic", "unannounced")


@event("inspection.expected.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionExpected(Opens):
    """A body owes an inspection in this period (S1:167)."""

    kind: ObligationKind = "inspection"
    title: Text | None = None
    rule: Word | None = None


@event("inspection.planned.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionPlanned(Opens):
    """A body plans an inspection that no duty of the calendar asks for (S1:167; S4:51).

    `plan` is the obligation of the yearly plan it stands in. An unannounced one is on no topic
    until it is conducted.
    """

    kind: ObligationKind = "inspection"
    title: Text | None = None
    mode: Annotated[str, OneOf(INSPECTION_MODES)] = "periodic"
    subjects: tuple[Code, ...] = ()
    planned_on: Day | None = None
    areas: tuple[Word, ...] = ()
    plan: Word | None = None


@event("inspection.postponed.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionPostponed(Moves):
    """Whoever ordered the inspection put it off; the due moves with it."""

    extends: bool = const(True)
    planned_on: Day | None = None
    reason: Text | None = None


@event("inspection.amended.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionAmended(Amends):
    """Subjects, day or title of the inspection are described anew."""

    title: Text | None = None
    subjects: tuple[Code, ...] = ()
    planned_on: Day | None = None
    reason: Text | None = None


@event("inspection.announced.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionAnnounced(Notes):
    """The body says whom it will inspect and when, on the duty's obligation."""

    note: str = const("announced")
    subjects: tuple[Code, ...] = ()
    planned_on: Day | None = None


@event("inspection.conducted.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionConducted(Meets):
    """The inspection was held (row 36)."""

    subjects: tuple[Code, ...] = ()
    mode: Annotated[str, OneOf(INSPECTION_MODES)] = "periodic"
    from_on: Day | None = None
    to_on: Day | None = None
    areas: tuple[Word, ...] = ()
    text: Text | None = None


@event("inspection.concluded.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionConcluded(Accepts):
    """Whoever ordered the inspection has its conclusion; alone, it means it was held."""

    text: Text | None = None


@event("inspection.cancelled.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionCancelled(Drops):
    """The inspection will not be held."""

    reason: Text | None = None


@event("inspection.transferred.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionTransferred(HandsOver):
    """Another body owes the inspection from now on."""

    reason: Text | None = None
