"""The question about a year's figures: what stood behind emulation decisions (domain 11, Q30)."""

from __future__ import annotations

from typing import Any

from ops.answers_index import index_score
from ops.answers_ladder import YEAR, year_of
from ops.question import Asked, Column, Json, Question, Sources
from projections.year_figures import KINDS, digest, year_figures
from projections.years import Year
from schemas.times import Instant, day_of

DUTIES = ("due", "on_time", "late", "overdue")
OTHERS = ("urged", "reminded", "criticised", "findings_open", "findings_closed")


def frozen(sources: Sources, asked: Asked) -> Json:
    """The unit's figures of the year with their digest; in rows those of the units right below.

    What a unit owes itself is counted, not what stands below it: each answers for its own.
    """
    year = year_of(asked)
    day = sources.query.boards.tree.at(day_of(min(asked.on, year.last)))
    below = day.children(asked.subject) if asked.subject in day else ()
    rows = [
        {"name": day.name(unit), **_row(sources, asked, year, unit)}
        for unit in (asked.subject, *below)
    ]
    figures = rows[0]["figures"]
    return {"year": year.number, "figures": figures, "sha256": rows[0]["sha256"], "rows": rows}


def figures_of(
    sources: Sources, unit: str, year: Year, on: Instant, known: Instant | None
) -> dict[str, Any]:
    """The figures of projections.year_figures with the verified score of the unit's index file."""
    score = index_score(sources, unit, year.number, on, known)
    return {**year_figures(sources.query, unit, year, on, known), "index_score": score}


def _row(sources: Sources, asked: Asked, year: Year, unit: str) -> dict[str, object]:
    figures = figures_of(sources, unit, year, asked.on, asked.known)
    duties = {f"{group}_{one}": figures[group][one] for group in KINDS for one in DUTIES}
    others = {one: figures[one] for one in OTHERS}
    return {"unit": unit, **duties, **others, "figures": figures, "sha256": digest(figures)}


YEAR_FIGURES = Question(
    help="A year's figures of a unit and of each right below it, as emulation uses them.",
    answer=frozen,
    columns=(
        Column("name"),
        Column("tasks_due", "count"),
        Column("tasks_on_time", "count"),
        Column("tasks_late", "count"),
        Column("tasks_overdue", "count"),
        Column("reports_due", "count"),
        Column("reports_on_time", "count"),
        Column("reports_late", "count"),
        Column("reports_overdue", "count"),
        Column("reminded", "count"),
        Column("criticised", "count"),
        Column("findings_open", "count"),
        Column("findings_closed", "count"),
    ),
    parameters=(YEAR,),
)
