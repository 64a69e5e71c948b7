"""Handing over: what an ended unit has open goes to another, one transfer per obligation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from schemas.event import Event, EventId, Text
from schemas.events.finding import FindingTransferred
from schemas.events.inspection import InspectionTransferred
from schemas.events.report import ReportTransferred
from schemas.events.task import TaskTransferred
from services.command import Seen, named
from services.owed import Owed, owed_of
from services.report import REPORT_KINDS


def handed_over(
    seen: Seen,
    obligations: Iterable[str],
    to_unit: str,
    fields: dict[str, Any],
    cause: EventId,
    reason: Text | None,
) -> list[Event]:
    """One transfer per obligation that the unit of `fields` has open; what is over stays its own.

    `cause` is the event that ended the unit.
    """
    out: list[Event] = []
    for obligation in obligations:
        owed = owed_of(seen[obligation])
        if owed.opening is None or owed.dropped or owed.done or owed.ower != fields["unit"]:
            continue
        about = {**fields, "obligation": obligation, "programme": owed.opening.programme}
        about |= {"causation_id": cause, "correlation_id": fields["correlation_id"] or cause}
        out.append(named(transfer_type(owed)(**about, to_unit=to_unit, reason=reason)))
    return out


def transfer_type(
    owed: Owed,
) -> type[ReportTransferred | InspectionTransferred | FindingTransferred | TaskTransferred]:
    """The event by which this obligation goes to another unit, by its kind."""
    kind = owed.opening.kind if owed.opening else "task"
    if kind in REPORT_KINDS:
        return ReportTransferred
    if kind == "inspection":
        return InspectionTransferred
    return FindingTransferred if kind == "remedy" else TaskTransferred
