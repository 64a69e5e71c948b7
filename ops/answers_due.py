"""Questions about dues: what was changed of what a unit owes (questions 11 and 27)."""

from __future__ import annotations

from ops.explain_events import LOCATED_SHAPE, located
from ops.http_schemas import TEXT
from ops.question import Asked, Column, Json, Question, Sources, text_parameter
from ops.registers import Types, streams_of
from ops.reports_received import name_of
from projections.ask import Ask
from projections.due_changes import Change, changes, changing_types, opening_of, ower_of
from schemas.event import Event
from schemas.times import day_of, day_or_none, format_instant

RATES = ("extended", "completed", "on_time", "on_time_original_due")
"""Measures of the unit's board that say what the changes did to its figures."""


def reads() -> tuple[Types, ...]:
    """The registers of this question."""
    return (changing_types(),)


def due_changes(sources: Sources, asked: Asked) -> Json:
    """The changes of what the unit and all below it owe, in order, and what they made of it.

    The board's counts stand beside: on time by the due in force, and by the first one.
    """
    wanted = asked.given["obligation"]
    (types,) = reads()
    found = sources.registers.of(types).held(asked.on, asked.known)
    rows: list[Json] = []
    for obligation in [wanted] if wanted else streams_of(found):
        history = sources.registers.history(obligation, asked.on, asked.known)
        if _owed_below(sources, asked, history):
            rows += [_row(sources, asked, obligation, history, one) for one in changes(history)]
    rows.sort(key=lambda row: (row["at"], row["obligation"]))
    ask = Ask(on=asked.on, known=asked.known, everything=True)
    counts = sources.query.figures(asked.subject, ask).subtree.counts
    return {"rows": rows, **{name: counts[name] for name in RATES}}


def _owed_below(sources: Sources, asked: Asked, history: list[Event]) -> bool:
    opened = opening_of(history)
    if opened is None:
        return False
    day = sources.query.boards.tree.at(day_of(asked.on))
    ower = ower_of(opened, history)
    return ower == asked.subject or (ower in day and asked.subject in day.path(ower))


def _row(
    sources: Sources, asked: Asked, obligation: str, history: list[Event], one: Change
) -> Json:
    opened = opening_of(history)
    assert opened is not None
    return {
        "at": format_instant(one.at),
        "obligation": obligation,
        "unit": ower_of(opened, history),
        "what": one.what,
        "before": day_or_none(one.before),
        "after": day_or_none(one.after),
        "lapsed": one.lapsed,
        "by": one.by,
        "by_name": name_of(sources, asked, one.by),
        "document": one.document,
        "reason": one.reason,
        "recorded_at": format_instant(one.recorded_at),
        "event_id": one.event_id.hex(),
        **located(sources, obligation, one.event_id),
    }


CHANGES = Question(
    help="Who changed a due or the terms of a duty, when, by what document, lapsed or not.",
    answer=due_changes,
    columns=(
        Column("at", "instant"),
        Column("obligation"),
        Column("what", "word:change"),
        Column("before", "day"),
        Column("after", "day"),
        Column("lapsed", "flag"),
        Column("by_name"),
        Column("document"),
        Column("recorded_at", "instant"),
    ),
    totals=tuple(Column(name, "count") for name in RATES),
    parameters=(text_parameter("obligation", "Only this one."),),
    reads=reads,
    row_shape={"event_id": TEXT, **LOCATED_SHAPE},
)
