"""The question which records were entered long after the date that they claim (28)."""

from __future__ import annotations

from typing import Any, cast

from ops.answers_report_parts import step_of
from ops.explain_events import LOCATED_SHAPE, located
from ops.http_schemas import TEXT
from ops.question import Asked, Column, Json, Question, Sources, whole_parameter
from ops.reports_received import name_of
from projections.ask import Ask
from projections.late import Entered
from schemas.event import Event
from schemas.times import format_instant

ROWS_MAX = 200
"""Most records of one answer; each is read whole from the ledger."""
LATE_DAYS = 4
"""More than the three days after which a claim to have been in time is flagged (events.md 2)."""
ACROSS = "claimed_late"
"""The remark on a record that claims to have been in time, entered only after the due."""


def backdated(sources: Sources, asked: Asked) -> Json:
    """The records, the longest delay first; `total` counts those beyond the rows too.

    Late entry is no fault: paper takes its time. What came across a due is marked.
    """
    ask = Ask(on=asked.on, known=asked.known)
    found = sources.query.entered_late(asked.subject, ask, asked.given["days"])
    rows = [_row(sources, asked, one) for one in found[:ROWS_MAX]]
    return {"total": len(found), "across": sum(bool(row["across"]) for row in rows), "rows": rows}


def _row(sources: Sources, asked: Asked, one: Entered) -> dict[str, Any]:
    owed = cast(dict[str, Any], sources.query.obligation(one.obligation, asked.on, asked.known))
    remarks = [] if owed is None else owed["remarks"]
    told = _event(sources, asked, one)
    document = None if told is None else told.document
    by = None if told is None else told.by
    return {
        "days_late": one.days_late,
        "at": format_instant(one.at),
        "recorded_at": format_instant(one.recorded_at),
        "what": None if told is None else told.type,
        "step": None if told is None else step_of(told),
        "unit": None if owed is None else owed["unit"],
        "unit_name": None if owed is None else owed["unit_name"],
        "across": any((ACROSS, one.event_id.hex()) == (r["what"], r["event_id"]) for r in remarks),
        "by": by,
        "by_name": None if by is None else name_of(sources, asked, by),
        "document": None if document is None else document.number,
        "obligation": one.obligation,
        "event_id": one.event_id.hex(),
        **located(sources, one.obligation, one.event_id),
    }


def _event(sources: Sources, asked: Asked, one: Entered) -> Event | None:
    """The record; None where it was taken back since."""
    history = sources.registers.history(one.obligation, asked.on, asked.known)
    return next((event for event in history if event.event_id == one.event_id), None)


BACKDATED = Question(
    help="Which records were entered long after the date they claim, and which across a due.",
    answer=backdated,
    columns=(
        Column("days_late", "count"),
        Column("at", "instant"),
        Column("recorded_at", "instant"),
        Column("step", "word:trail"),
        Column("unit_name"),
        Column("across", "flag"),
        Column("by_name"),
        Column("document"),
        Column("obligation"),
    ),
    totals=(Column("total", "count"), Column("across", "count")),
    parameters=(whole_parameter("days", "At least so many days later.", 1, 3_660, LATE_DAYS),),
    row_shape={"event_id": TEXT, **LOCATED_SHAPE},
)
