"""Reporting lines, which are not the tree: who gets a report, and what became of it there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from projections.register import instant_of
from schemas.event import Accepts, Event, Meets, Opens, Returns
from schemas.events.ladder import ReminderIssued
from schemas.events.report import (
    InspectionPlanAdopted,
    ReportConsolidated,
    ReportReceived,
    ReportSubmitted,
)
from schemas.times import Instant

KINDS = ("report", "plan", "self_assessment", "inspection_plan")
"""Kinds of obligations that are met by sending something to somebody."""
DONE = ("done_on_time", "done_late", "awaiting_acceptance")
"""States of what was sent and not sent back."""
GONE = ("cancelled", "transferred")
"""States of what the unit does not owe any longer."""
OPEN = ("overdue", "in_revision", "due_soon", "not_due", "no_due")
"""States of what is still to be sent."""


class Line(NamedTuple):
    """Where a report goes: to whom, through whom, and who asked for it. It may skip levels."""

    to: tuple[str, ...]
    via: str | None
    issuer: str

    def role(self, unit: str) -> str | None:
        """What the unit is to this report: recipient, through, issuer; None: nothing."""
        if unit in self.to:
            return "recipient"
        if unit == self.via:
            return "through"
        return "issuer" if unit == self.issuer else None


def line_of(opened: Opens) -> Line:
    """The line that its opening named; a later rule does not turn it."""
    to: tuple[str, ...] = getattr(opened, "to", ())
    via: str | None = getattr(opened, "via", None)
    return Line(tuple(to), via, opened.issuer)


class Sent(NamedTuple):
    """What became of a report, by its events: last sent, received, returned. None: never."""

    at: Instant | None = None
    submission: ReportSubmitted | InspectionPlanAdopted | None = None
    received_at: Instant | None = None
    returned: Returns | None = None
    reminded: int = 0


def sent_of(events: Sequence[Event]) -> Sent:
    """The events of one obligation, in their order -> what became of it."""
    found = Sent()
    reminders: set[bytes] = set()
    for event in events:
        match event:
            case ReportSubmitted() | InspectionPlanAdopted():
                found = Sent(instant_of(event), event)
            case Meets():
                found = Sent(instant_of(event))
            case Accepts() if found.at is None:
                # A paper report that nobody recorded as sent: accepting it says that it came.
                found = Sent(instant_of(event))
            case ReportReceived() if _answers(event, found):
                found = found._replace(received_at=instant_of(event))
            case Returns() if _answers(event, found):
                found = found._replace(returned=event)
            case ReminderIssued():
                # One document of reminding is one, however many obligations it names.
                reminders.add(event.correlation_id or event.event_id)
            case _:
                pass  # What judges or moves it is told by its state.
    return found._replace(reminded=len(reminders))


def _answers(event: Event, sent: Sent) -> bool:
    named = event.causation_id
    return named is None or sent.submission is None or named == sent.submission.event_id


def consolidation_of(events: Sequence[Event]) -> ReportConsolidated | None:
    """The consolidation issued on this obligation; the first holds, for it is not changed."""
    return next((one for one in events if isinstance(one, ReportConsolidated)), None)


def place_of(
    obligation: str, state: str, sent_at: Instant | None, issued: ReportConsolidated | None
) -> str:
    """Where a part stands towards a consolidation, issued or still to come.

    Issued: included, missing, late (sent since, and not in it), unnamed (nobody said anything of
    it). To come: ready, returned, missing.
    """
    done = state in DONE
    if issued is None:
        if done:
            return "ready"
        return "returned" if state == "in_revision" else "missing"
    if obligation in issued.included:
        return "included"
    if done and sent_at is not None and sent_at > instant_of(issued):
        return "late"
    return "missing" if obligation in issued.missing else "unnamed"
