"""Questions about one report: what happened to it (19), what a consolidated one holds (4, 23)."""

from __future__ import annotations

import shlex

from ops.question import Asked, Column, Json, Question, Sources, text_parameter
from ops.reports_received import (
    Which,
    cells,
    name_of,
    one_report,
    reads,
    received,
)
from projections.register import instant_of
from projections.reporting import consolidation_of, place_of
from schemas.event import Event, HandsOver, Moves, Notes, Opens, Returns
from schemas.events.report import ReportIncluded
from schemas.times import day_or_none, format_instant


def trail(sources: Sources, asked: Asked) -> Json:
    """What happened to a report, step by step, and where it goes; copies go to who owes nothing."""
    one, history = one_report(sources, asked, asked.subject)
    return {
        **cells(sources, asked, one, one.opened.issuer),
        "issuer": one.line.issuer,
        "copied": list(one.copied),
        "rows": [_step(sources, asked, event) for event in history],
    }


def _step(sources: Sources, asked: Asked, event: Event) -> dict[str, object]:
    until = None
    if isinstance(event, Opens | Moves):
        until = event.due_before
    elif isinstance(event, Returns):
        until = event.revise_before
    return {
        "at": format_instant(instant_of(event)),
        "step": step_of(event),
        "by": event.by,
        "by_name": name_of(sources, asked, event.by),
        "until": day_or_none(until),
        "reasons": ", ".join(getattr(event, "reasons", ())) or None,
        "detail": _detail(event),
        "document": None if event.document is None else event.document.number,
        "recorded_at": format_instant(event.recorded_at),
        "event_id": event.event_id.hex(),
    }


def step_of(event: Event) -> str:
    """What an event did, in one word: `trail.<word>` says it to people."""
    return event.note if isinstance(event, Notes) else event.type.split(".")[1]


def _detail(event: Event) -> str | None:
    """What a step says besides: words, the other unit, the consolidation it is in."""
    said: list[str] = []
    for name in ("text", "reason", "condition", "channel", "contents"):
        value = getattr(event, name, None)
        if isinstance(value, str):
            said.append(value)
    if isinstance(event, HandsOver):
        said.append(event.to_unit)
    if isinstance(event, ReportIncluded) and event.consolidation:
        said.append(event.consolidation)
    return "; ".join(said) or None


def contents(sources: Sources, asked: Asked) -> Json:
    """Once consolidated: what the report contains, what it lacks, what came too late for it.

    Before that: what can be consolidated now, and the command that does it.
    """
    own, history = one_report(sources, asked, asked.subject)
    issued = consolidation_of(history)
    unit = str(own.row["unit"])
    period = asked.given["period"] or own.opened.period
    which = Which(own.opened.programme, period, asked.given["item"], all_states=True)
    parts = {
        one.obligation: one
        for one in received(sources, asked, unit, which)
        if one.obligation != own.obligation and one.role(unit) != "copied"
    }
    for obligation in (*issued.included, *issued.missing) if issued else ():
        if obligation not in parts:
            parts[obligation] = one_report(sources, asked, obligation)[0]
    rows = [
        {
            **cells(sources, asked, one, unit),
            "place": place_of(one.obligation, one.state, one.sent.at, issued),
        }
        for one in parts.values()
    ]
    return {
        "rows": rows,
        "consolidated_at": None if issued is None else format_instant(instant_of(issued)),
        "by": None if issued is None else issued.by,
        "command": None if issued else _command(own.obligation, unit, rows),
    }


def _command(obligation: str, unit: str, rows: list[dict[str, object]]) -> str | None:
    """The command that consolidates what is there; None where there is nothing to name."""
    if not rows:
        return None
    words = ["lienthong", "report", "consolidate", obligation, "--as", unit]
    for row in rows:
        option = "--included" if row["place"] == "ready" else "--missing"
        words += [option, str(row["obligation"])]
    return shlex.join(words)


REPORT_TRAIL = Question(
    help="What happened to a report: sent, received, returned why and until when, included where.",
    answer=trail,
    subject="obligation",
    columns=(
        Column("at", "instant"),
        Column("step", "word:trail"),
        Column("by_name"),
        Column("until", "day"),
        Column("reasons", "words:reason"),
        Column("detail"),
        Column("document"),
        Column("recorded_at", "instant"),
    ),
    reads=reads,
)
REPORT_CONTENTS = Question(
    help="What a consolidated report contains and lacks; before it: what can be consolidated.",
    answer=contents,
    subject="obligation",
    columns=(
        Column("unit_name"),
        Column("title"),
        Column("place", "word:report_place"),
        Column("state", "word:state"),
        Column("sent_at", "instant"),
        Column("reminded", "count"),
        Column("obligation"),
    ),
    parameters=(
        text_parameter("period", "Parts of this period; default: the report's own."),
        text_parameter("item", "Only parts of this item or rule."),
    ),
    reads=reads,
)
