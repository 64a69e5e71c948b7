"""What the daily process records in answer to the rules: openings, days for them, and drops.

Pure. An answer is given once: what its obligation's own facts say already is not said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.event import Event, EventId, Opens
from schemas.events.inspection import InspectionCancelled
from schemas.events.programme import (
    ParticipationDeclared,
    ProgrammeAmended,
    ProgrammeClosed,
    ReportingRuleWithdrawn,
)
from schemas.events.report import ReportDueDetermined, ReportWaived
from schemas.events.task import TaskCancelled, TaskDueDetermined
from schemas.events.unit import UnitClassMembersSet
from schemas.times import Instant, midnight
from services.calendar import Planned, Unowed
from services.document_rules import event_id
from services.loader import opened
from services.openings import REPORT_KINDS
from services.owed import Owed, owed_of

BECAUSE: dict[type[Event], str] = {
    ReportingRuleWithdrawn: "Quy định đã được bãi bỏ",
    ProgrammeAmended: "Nội dung đã được đưa ra khỏi chương trình",
    ProgrammeClosed: "Chương trình đã kết thúc",
    UnitClassMembersSet: "Đơn vị không còn thuộc nhóm phải thực hiện",
    ParticipationDeclared: "Đơn vị không còn tham gia",
}
"""Why something is owed no longer, by the event that says so, as it stands on the record."""
ENDED = "Đơn vị đã kết thúc hoạt động trước ngày mở"
"""The reason where the unit ended before its opening day."""


def opening(planned: Planned, history: Sequence[Event], source: str) -> Event | None:
    """Opens it, or gives a day to what was opened without; None where all is so already."""
    owed = owed_of(history)
    if owed.opening is None:
        paper = planned.rule.event.document
        return opened(planned.opening, paper, source=source, cause=planned.cause)
    return _determined(planned, owed, owed.opening, source) if planned.settles else None


def _determined(planned: Planned, owed: Owed, opens: Opens, source: str) -> Event | None:
    due = planned.opening.due_before
    over = owed.done or owed.dropped is not None
    if due is None or owed.due_before is not None or over or opens.kind == "inspection":
        return None
    at = Instant(max(opens.effective_at, midnight(planned.rule.in_force_on)))
    cls = ReportDueDetermined if opens.kind in REPORT_KINDS else TaskDueDetermined
    return cls(
        **_about(opens, owed, at, planned.cause, source),
        event_id=event_id(source, "determined", planned.opening.obligation, planned.cause.hex()),
        document=planned.rule.event.document,
        due_before=due,
    )


def dropping(one: Unowed, history: Sequence[Event], now: Instant, source: str) -> Event | None:
    """Says that it is owed no longer; None where nobody owes it, or it has begun, or is done.

    Only what a rule opened is dropped so; what a person gave, a person takes back.
    """
    owed = owed_of(history)
    opens = owed.opening
    if opens is None or owed.done or owed.dropped is not None:
        return None
    if opens.event_id != event_id(opens.source, "opens", one.obligation):
        return None
    if opens.effective_at <= now and not one.begun_too:
        return None
    cause = one.cause
    at = now if cause is None else Instant(min(now, cause.effective_at))
    about = _about(opens, owed, at, cause.event_id if cause else None, source)
    name = about["causation_id"] or b"ended"
    fields = {
        **about,
        "event_id": event_id(source, "drops", one.obligation, name.hex()),
        "document": cause.document if cause else None,
        "reason": BECAUSE[type(cause)] if cause else ENDED,
    }
    if opens.kind in REPORT_KINDS:
        return ReportWaived(**fields)
    return InspectionCancelled(**fields) if opens.kind == "inspection" else TaskCancelled(**fields)


def _about(
    opens: Opens, owed: Owed, at: Instant, cause: EventId | None, source: str
) -> dict[str, Any]:
    """The envelope: the issuing authority says it, because of an event."""
    return {
        "effective_at": at,
        "obligation": opens.obligation,
        "unit": owed.ower_at(at),
        "by": opens.issuer,
        "source": source,
        "programme": opens.programme,
        "causation_id": cause,
        "correlation_id": cause,
    }
