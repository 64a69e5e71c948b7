"""Questions about phases of years side by side, of a unit or of a programme (question 29)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ops.question import (
    Asked,
    Column,
    Json,
    Question,
    Sources,
    choice_parameter,
    text_parameter,
)
from projections.ask import TREES, Ask
from projections.phases import GROUPS, InPhase, compared, read_phases
from schemas.refusal import Reason, Refused

AT_END = ("assigned", "completed", "on_time", "overdue")
AS_OF = ("assigned", "completed", "on_time", "late", "in_revision", "overdue", "cancelled")
"""Measures of both sides, in the order of the columns."""


def of_unit(sources: Sources, asked: Asked) -> Json:
    """What the unit and all below it had to do in each phase."""
    return _told(sources, asked, asked.subject, asked.given["programme"])


def of_programme(sources: Sources, asked: Asked) -> Json:
    """The same of one programme, for the unit that issued it and all below it."""
    held = sources.query.boards.programmes.all.get(asked.subject)
    if held is None:
        sentence = f"no programme {asked.subject} is known here"
        raise Refused(Reason.BAD_CODE, sentence, "programme")
    return {"unit": held.unit, "title": held.name, **_told(sources, asked, held.unit, held.id)}


def _told(sources: Sources, asked: Asked, unit: str, programme: str | None) -> Json:
    by = asked.given["by"] or "area"
    ask = Ask(
        on=asked.on,
        known=asked.known,
        tree=asked.given["tree"] or "then",
        by=GROUPS[by],
        programme=programme,
    )
    phases = read_phases(asked.given["phases"])
    found = compared(sources.query.boards, unit, ask, phases, sources.query.now())
    return {
        "by": by,
        "phases": [phase.name for phase in phases],
        "rows": list(_rows(found.rows)),
        "totals": list(_rows(found.totals)),
        "outside": found.outside,
    }


def _rows(found: Sequence[InPhase]) -> Iterator[Json]:
    for one in found:
        end, now = one.at_end, one.as_of
        yield {
            "group": one.key,
            "group_name": one.name,
            "phase": one.phase.name,
            **{f"{name}_at_end": end[name] for name in AT_END},
            "completion_rate_at_end": end.completion_rate,
            **{name: now[name] for name in AS_OF},
            "completion_rate": now.completion_rate,
            "on_time_rate": now.on_time_rate,
        }


COLUMNS = (
    Column("group"),
    Column("group_name"),
    Column("phase"),
    Column("assigned_at_end", "count"),
    Column("completed_at_end", "count"),
    Column("on_time_at_end", "count"),
    Column("overdue_at_end", "count"),
    Column("completion_rate_at_end", "rate"),
    Column("assigned", "count"),
    Column("completed", "count"),
    Column("on_time", "count"),
    Column("late", "count"),
    Column("in_revision", "count"),
    Column("overdue", "count"),
    Column("cancelled", "count"),
    Column("completion_rate", "rate"),
    Column("on_time_rate", "rate"),
)
PHASES_PARAMETER = text_parameter(
    "phases", "Years from-to, one phase after the other, e.g. 2011-2015,2016-2020.", required=True
)


BY = choice_parameter("by", "What stands in a row: area (default) or one of these.", tuple(GROUPS))
TREE = choice_parameter("tree", "The units of the day (default), of now, or succession.", TREES)

PHASES = Question(
    help="Phases of years side by side: what fell due in each, at its end and as of T.",
    answer=of_unit,
    columns=COLUMNS,
    parameters=(PHASES_PARAMETER, BY, TREE, text_parameter("programme", "Only this programme.")),
)
PROGRAMME_PHASES = Question(
    help="The phases of a programme side by side.",
    answer=of_programme,
    columns=COLUMNS,
    subject="programme",
    parameters=(PHASES_PARAMETER, BY, TREE),
)
