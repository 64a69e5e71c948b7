"""The yearly index: a self-assessment is sent as a report, and verified by who receives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.event import Event, Text
from schemas.events.assessment import AssessmentVerified
from schemas.events.report import Figure
from schemas.periods import PeriodKind, parse_period
from schemas.times import Instant
from services import rules
from services.command import OnObligation, Seen, broken
from services.owed import Owed, owed_of

NOUN = ("self_assessment",)


@dataclass(frozen=True, kw_only=True)
class VerifyAssessment(OnObligation):
    """A recipient verified the index file; `scores` are the verified ones, by area."""

    scores: tuple[Figure, ...]
    index: str | None = None
    year: int | None = None
    text: Text | None = None

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        return decide(owed_of(seen[self.obligation]), self, now)


def decide(owed: Owed, command: VerifyAssessment, now: Instant) -> list[Event]:
    """The event that follows; [] where the same was verified already. Raises Refused."""
    opened = rules.opening(owed, command.obligation, NOUN, "self-assessment")
    rules.recipient_only(opened, command, "verify")
    scored_once(command.scores)
    if isinstance(owed.accepted, AssessmentVerified):
        if owed.accepted.scores == command.scores:
            return []
        raise broken("it was verified already; correct that record instead", "scores")
    event = AssessmentVerified(
        **rules.about(command, owed, opened, now)
        # The answer names the submission it answers, so that clocks that differ cannot part them.
        | {"causation_id": owed.submission.event_id if owed.submission else None},
        scores=command.scores,
        index=command.index,
        year=command.year or _year(opened.period),
        text=command.text,
    )
    return rules.accept(owed, event, unsent="an index file is verified after it was sent")


def scored_once(scores: Sequence[Figure]) -> None:
    """Each area has one score of a name, and none is below 0. Raises Refused."""
    if not scores:
        raise broken("name the scores that were verified", "scores")
    if len({(one.area, one.name) for one in scores}) != len(scores):
        raise broken("each area of the index is scored once", "scores")
    if min(one.value for one in scores) < 0:
        raise broken("a score is 0 or more", "scores")


def _year(period: str | None) -> int | None:
    try:
        found = parse_period(period or "")
    except ValueError:
        return None
    return found.year if found.kind is PeriodKind.YEAR else None
