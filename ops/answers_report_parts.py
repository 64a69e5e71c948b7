"""Questions about one report: what happened to it (19), what a consolidated one holds (4, 23)."""

from __future__ import annotations

import shlex

from ops.question import Asked, Column, Json, Question, Sources, text_parameter
from ops.reports_received import (
    TYPES,
    Report,
    Which,
    cells,
    date,
    moment,
    one_report,
    reads,
    received,
)
from projections.register import instant_of
from projections.reporting import consolidation_of, place_of
from schemas.event import Event, HandsOver, Moves, Notes, Opens, Returns
from schemas.events.programme import ReportingRuleEstablished
from schemas.events.report import ReportConsolidated, ReportIncluded
from schemas.times import format_instant


def trail(sources: Sources, asked: Asked) -> Json:
    """What happened to a report, step by step, and where it goes; copies go to who owes nothing."""
    one, history = one_report(sources, asked, asked.subject)
    rule = _rule(sources, asked, one)
    title = getattr(one.opened, "title", None)
    return {
        **cells(one, one.opened.issuer),
        "to": list(one.line.to),
        "issuer": one.line.issuer,
        "title": title if isinstance(title, str) else None,
        "copied": list(rule.copied or ()) if rule else [],
        "template_asked": getattr(one.opened, "template", None) or (rule and rule.template),
        "rows": [_step(event) for event in history],
    }


def _rule(sources: Sources, asked: Asked, one: Report) -> ReportingRuleEstablished | None:
    name = getattr(one.opened, "rule", None)
    told = sources.registers.of(TYPES).of(one.opened.programme or "", asked.on, asked.known)
    rules = [event for event in told if isinstance(event, ReportingRuleEstablished)]
    return next((rule for rule in rules if rule.rule == name), None)


def _step(event: Event) -> dict[str, object]:
    what = event.note if isinstance(event, Notes) else event.type.split(".")[1]
    until = None
    if isinstance(event, Opens | Moves):
        until = event.due_before
    elif isinstance(event, Returns):
        until = event.revise_before
    return {
        "at": format_instant(instant_of(event)),
        "what": what,
        "by": event.by,
        "until": date(until),
        "detail": _detail(event),
        "document": None if event.document is None else event.document.number,
        "recorded_at": format_instant(event.recorded_at),
        "event_id": event.event_id.hex(),
    }


def _detail(event: Event) -> str | None:
    """What a step says besides: reasons, words, the other unit, the consolidation it is in."""
    said: list[str] = list(getattr(event, "reasons", ()))
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
        if one.obligation != own.obligation
    }
    for obligation in (*issued.included, *issued.missing) if issued else ():
        if obligation not in parts:
            parts[obligation] = one_report(sources, asked, obligation)[0]
    rows = [_part(one, unit, issued) for one in parts.values()]
    return {
        "rows": rows,
        "consolidated_at": None if issued is None else moment(instant_of(issued)),
        "by": None if issued is None else issued.by,
        "command": None if issued else _command(own.obligation, unit, rows),
    }


def _part(one: Report, unit: str, issued: ReportConsolidated | None) -> dict[str, object]:
    place = place_of(one.obligation, one.state, one.sent.at, issued)
    return {**cells(one, unit), "place": place}


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
        Column("what", "word:trail"),
        Column("by"),
        Column("until", "day"),
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
        Column("obligation"),
        Column("unit_name"),
        Column("place", "word:report_place"),
        Column("state", "word:state"),
        Column("sent_at", "instant"),
        Column("reminded", "count"),
    ),
    parameters=(
        text_parameter("period", "Parts of this period; default: the report's own."),
        text_parameter("item", "Only parts of this item or rule."),
    ),
    reads=reads,
)
