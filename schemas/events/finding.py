"""Events of a finding and its remedy: what an inspection found and what the subject did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from schemas.event import (
    Accepts,
    Amends,
    Drops,
    HandsOver,
    Meets,
    Moves,
    ObligationKind,
    OneOf,
    Opens,
    Returns,
    Text,
    Word,
    const,
    event,
)

FINDING_KINDS = ("shortcoming", "delay")
REMEDY_MEASURES = ("correct", "remedy")


@event("finding.recorded.v1")
@dataclass(frozen=True, kw_only=True)
class FindingRecorded(Opens):
    """An inspector found something that its subject must mend (row 37; S4:51)."""

    kind: ObligationKind = "remedy"
    finding_kind: Annotated[str, OneOf(FINDING_KINDS)]
    inspection: Word | None = None
    task: Word | None = None
    text: Text | None = None


@event("finding.amended.v1")
@dataclass(frozen=True, kw_only=True)
class FindingAmended(Amends):
    """The inspector describes the finding anew."""

    text: Text | None = None
    reason: Text | None = None


@event("remedy.required.v1")
@dataclass(frozen=True, kw_only=True)
class RemedyRequired(Moves):
    """The inspector says what must be done and by when (row 38)."""

    measure: Annotated[str, OneOf(REMEDY_MEASURES)] = "remedy"
    text: Text | None = None


@event("remedy.due_extended.v1")
@dataclass(frozen=True, kw_only=True)
class RemedyDueExtended(Moves):
    """The inspector gave more time."""

    extends: bool = const(True)
    reason: Text | None = None


@event("remedy.reported.v1")
@dataclass(frozen=True, kw_only=True)
class RemedyReported(Meets):
    """The subject says what it did (row 39)."""

    text: Text | None = None


@event("remedy.returned.v1")
@dataclass(frozen=True, kw_only=True)
class RemedyReturned(Returns):
    """The inspector is not content with the remedy."""

    reasons: tuple[Word, ...] = ()
    text: Text | None = None


@event("finding.closed.v1")
@dataclass(frozen=True, kw_only=True)
class FindingClosed(Accepts):
    """The inspector verified and closed the finding (row 40)."""

    text: Text | None = None


@event("finding.withdrawn.v1")
@dataclass(frozen=True, kw_only=True)
class FindingWithdrawn(Drops):
    """The inspector takes the finding back."""

    reason: Text | None = None


@event("finding.transferred.v1")
@dataclass(frozen=True, kw_only=True)
class FindingTransferred(HandsOver):
    """Another unit must mend it from now on."""

    reason: Text | None = None
