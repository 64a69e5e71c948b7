"""The question what surveys found out about how content people are (S0:96, S2:171)."""

from __future__ import annotations

from ops.answers_ladder import YEAR, year_of
from ops.question import Asked, Column, Json, Question, Sources
from ops.registers import Types
from schemas.events.review import SurveyRecorded
from schemas.times import day_of, format_instant


def reads() -> tuple[Types, ...]:
    """The register of surveys."""
    return ((SurveyRecorded,),)


def surveys(sources: Sources, asked: Asked) -> Json:
    """The surveys of a year about the unit and those below it, in order.

    Results of several surveys are never averaged: each has its own questions and its own sample.
    """
    year = year_of(asked)
    day = sources.query.boards.tree.at(day_of(asked.on))
    below = set(day.subtree(asked.subject)) if asked.subject in day else {asked.subject}
    (types,) = reads()
    held = sources.registers.of(types).held(asked.on, asked.known)
    told = [
        one
        for one in held
        if isinstance(one, SurveyRecorded)
        and one.unit in below
        and year.first <= one.effective_at <= year.last
    ]
    told.sort(key=lambda one: (one.effective_at, one.unit, one.survey))
    return {"year": year.number, "rows": [_row(one, day.name(one.unit)) for one in told]}


def _row(one: SurveyRecorded, name: str) -> Json:
    return {
        "at": format_instant(one.effective_at),
        "unit": one.unit,
        "name": name,
        "survey": one.survey,
        "surveyed": one.subject,
        "sample": one.sample,
        "result": one.result,
        "counted_in": one.measured_unit,
        "by": one.by,
    }


SURVEYS = Question(
    help="Surveys of a year about how content people are with a unit and those below it.",
    answer=surveys,
    columns=(
        Column("at", "instant"),
        Column("unit"),
        Column("name"),
        Column("survey"),
        Column("surveyed"),
        Column("sample", "count"),
        Column("result", "score"),
        Column("counted_in", "word:measure_unit"),
        Column("by"),
    ),
    parameters=(YEAR,),
    reads=reads,
)
