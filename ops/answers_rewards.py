"""Questions about rewards: who may be put forward on the figures, and what was decided (33)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.answers_ladder import YEAR, year_of
from ops.answers_year import figures_of
from ops.http_schemas import TEXT, TEXT_OR_NULL
from ops.question import Asked, Column, Json, Question, Sources, whole_parameter
from ops.registers import Types
from ops.reports_received import name_of
from projections.merit import GROUPS, Merit, changed, frozen, merits, qualifies
from projections.year_figures import digest
from schemas.events.review import CommendationAwarded, CommendationProposed
from schemas.times import day_of, format_instant

TYPES = (CommendationProposed, CommendationAwarded)
SHOWN = ("due", "on_time", "overdue")
PRESSED = ("reminded", "criticised")
"""Of the frozen figures those that say what stood against the one proposed (question 30)."""
OTHERS = ("reminded", "criticised", "findings_open", "index_score")


def reads() -> tuple[Types, ...]:
    """The register of proposals and awards."""
    return (TYPES,)


def rewards(sources: Sources, asked: Asked) -> Json:
    """The proposals of a year by or for the unit and those below it, with the figures frozen then.

    `differs` names the figures that are others as of T, because records were corrected since.
    """
    rows = [_decided(sources, asked, one) for one in _merits(sources, asked)]
    return {"year": year_of(asked).number, "rows": rows}


def _merits(sources: Sources, asked: Asked) -> list[Merit]:
    day = sources.query.boards.tree.at(day_of(asked.on))
    below = set(day.subtree(asked.subject)) if asked.subject in day else {asked.subject}
    held = sources.registers.of(TYPES).held(asked.on, asked.known)
    found = merits(held, year_of(asked).number)
    return [one for one in found if {one.proposed.unit, one.proposed.subject} & below]


def _decided(sources: Sources, asked: Asked, one: Merit) -> dict[str, Any]:
    told, award = one.proposed, one.awarded
    differs: Mapping[str, Any] = {}
    if told.subject is not None:
        today = figures_of(sources, told.subject, year_of(asked), asked.on, asked.known)
        differs = changed(told.figures, frozen(today))
    document = None if award is None else award.document
    figures = {figure.name: figure.value for figure in told.figures}
    return {
        "at": format_instant(told.effective_at),
        "by": told.by,
        "by_name": name_of(sources, asked, told.by),
        "proposed": told.subject,
        "proposed_name": told.subject and name_of(sources, asked, told.subject),
        "persons": told.persons,
        "form": told.form,
        "awarded_at": None if award is None else format_instant(award.effective_at),
        "document": None if document is None else document.number,
        "changed": bool(differs),
        "differs": {name: list(pair) for name, pair in differs.items()},
        **{name: _count(figures.get(name)) for name in PRESSED},
        "figures": figures,
        "sha256": digest(figures),
        "event_id": told.event_id.hex(),
        "award_event_id": None if award is None else award.event_id.hex(),
    }


def _count(value: float | None) -> int | None:
    return None if value is None else int(value)


def merit(sources: Sources, asked: Asked) -> Json:
    """The units right below with their figures of a year: who qualifies, who is proposed, awarded.

    What qualifies is said by `qualifies` of projections.merit, and decides nothing.
    """
    year = year_of(asked)
    day = sources.query.boards.tree.at(day_of(min(asked.on, year.last)))
    least: int = asked.given["on_time"]
    decided = {one.proposed.subject: one.awarded for one in _merits(sources, asked)}
    rows = []
    for unit in day.children(asked.subject) if asked.subject in day else ():
        figures = figures_of(sources, unit, year, asked.on, asked.known)
        duties = {f"{group}_{name}": figures[group][name] for group in GROUPS for name in SHOWN}
        rows.append(
            {"unit": unit, "name": day.name(unit), **duties}
            | {name: figures[name] for name in OTHERS}
            | {"qualifies": qualifies(figures, least)}
            | {"is_proposed": unit in decided, "is_awarded": decided.get(unit) is not None}
        )
    rows.sort(key=lambda row: (not row["qualifies"], row["unit"]))
    return {"year": year.number, "on_time": least, "rows": rows}


REWARDS = Question(
    help="Commendations proposed and awarded for a year, with the figures frozen behind them.",
    answer=rewards,
    columns=(
        Column("at", "instant"),
        Column("by_name"),
        Column("proposed_name"),
        Column("persons", "count"),
        Column("form", "word:reward"),
        Column("awarded_at", "instant"),
        Column("document"),
        *(Column(name, "count") for name in PRESSED),
        Column("changed", "flag"),
    ),
    parameters=(YEAR,),
    reads=reads,
    row_shape={"event_id": TEXT, "award_event_id": TEXT_OR_NULL},
)

MERIT = Question(
    help="Which units right below qualify for a commendation on their figures of a year.",
    answer=merit,
    columns=(
        Column("unit"),
        Column("name"),
        *(Column(f"{group}_{name}", "count") for group in GROUPS for name in SHOWN),
        *(Column(name, "count") for name in OTHERS[:-1]),
        Column("index_score", "score"),
        Column("qualifies", "flag"),
        Column("is_proposed", "flag"),
        Column("is_awarded", "flag"),
    ),
    parameters=(
        YEAR,
        whole_parameter("on_time", "Percent of the due done on time that qualifies.", 0, 100, 100),
    ),
    reads=reads,
)
