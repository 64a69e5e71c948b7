"""Events of a report, plan, self-assessment or inspection plan: one noun, four kinds."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.event import (
    Accepts,
    Amends,
    Code,
    DoneWhen,
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
from schemas.times import Day


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number that a report carries, by area where it has one."""

    area: Word | None = None
    name: Word
    value: float


@event("report.expected.v1")
@dataclass(frozen=True, kw_only=True)
class ReportExpected(Opens):
    """The calendar says that a unit owes this report (domain 7.4)."""

    kind: ObligationKind = "report"
    done_when: DoneWhen = "sent"
    title: Text | None = None
    to: tuple[Code, ...] = ()
    via: Code | None = None
    rule: Word | None = None
    template: Word | None = None


@event("report.requested.v1")
@dataclass(frozen=True, kw_only=True)
class ReportRequested(Opens):
    """A superior asked for a report outside the calendar (row 23; S1:189)."""

    kind: ObligationKind = "report"
    done_when: DoneWhen = "sent"
    title: Text | None = None
    to: tuple[Code, ...] = ()
    via: Code | None = None
    contents: Text | None = None


@event("report.amended.v1")
@dataclass(frozen=True, kw_only=True)
class ReportAmended(Amends):
    """What the report must hold is described anew."""

    title: Text | None = None
    reason: Text | None = None


@event("report.due_extended.v1")
@dataclass(frozen=True, kw_only=True)
class ReportDueExtended(Moves):
    """The issuer gave more time for the report."""

    extends: bool = const(True)
    reason: Text | None = None


@event("report.due_determined.v1")
@dataclass(frozen=True, kw_only=True)
class ReportDueDetermined(Moves):
    """A day was set for a report that had none (S1 R4)."""

    condition: Text | None = None


@event("report.submitted.v1")
@dataclass(frozen=True, kw_only=True)
class ReportSubmitted(Meets):
    """The ower sent it (rows 24, 33, 41); sending is doing (domain 6.3).

    `figures_from` and `figures_to` are the first and last day that its figures tell of, where
    these are not the obligation's period (domain ambiguity 29).
    """

    data_cutoff_on: Day | None = None
    template: Word | None = None
    areas: tuple[Word, ...] = ()
    derived_from: tuple[Word, ...] = ()
    figures: tuple[Figure, ...] = ()
    text: Text | None = None
    figures_from: Day | None = None
    figures_to: Day | None = None


@event("inspection_plan.adopted.v1")
@dataclass(frozen=True, kw_only=True)
class InspectionPlanAdopted(Meets):
    """The inspecting body adopted its plan of the year (row 35; S1:167)."""

    subjects: tuple[Code, ...] = ()
    areas: tuple[Word, ...] = ()
    text: Text | None = None


@event("report.received.v1")
@dataclass(frozen=True, kw_only=True)
class ReportReceived(Notes):
    """The intake has it in hand (row 25)."""

    note: str = const("received")
    channel: Word | None = None


@event("report.accepted.v1")
@dataclass(frozen=True, kw_only=True)
class ReportAccepted(Accepts):
    """The recipient accepts it (row 27)."""

    text: Text | None = None


@event("report.returned.v1")
@dataclass(frozen=True, kw_only=True)
class ReportReturned(Returns):
    """The recipient sends it back for revision (rows 26, 34; S1:189)."""

    reasons: tuple[Word, ...] = ()
    text: Text | None = None


@event("report.waived.v1")
@dataclass(frozen=True, kw_only=True)
class ReportWaived(Drops):
    """The recipient does without it (row 28)."""

    reason: Text | None = None


@event("report.transferred.v1")
@dataclass(frozen=True, kw_only=True)
class ReportTransferred(HandsOver):
    """Another unit owes the report from now on."""

    reason: Text | None = None


@event("report.consolidated.v1")
@dataclass(frozen=True, kw_only=True)
class ReportConsolidated(Notes):
    """The consolidator made one report of many; on its own obligation (row 29; S4:53)."""

    note: str = const("consolidated")
    included: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    text: Text | None = None


@event("report.included.v1")
@dataclass(frozen=True, kw_only=True)
class ReportIncluded(Notes):
    """This report is contained in a consolidation."""

    note: str = const("included")
    consolidation: Word | None = None
