"""Events of the yearly index: a self-assessment is sent as a report and verified here."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.event import Accepts, Text, Word, event
from schemas.events.report import Figure


@event("assessment.verified.v1")
@dataclass(frozen=True, kw_only=True)
class AssessmentVerified(Accepts):
    """The recipient verified a self-assessment (row 42; S4:49).

    `scores` are the verified ones; differences from the unit's own are computed, never told.
    """

    index: Word | None = None
    year: int | None = None
    scores: tuple[Figure, ...] = ()
    text: Text | None = None
