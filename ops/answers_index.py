"""Questions about the year's index and where a unit stands beside others (8 and 17)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ops.answers_ladder import YEAR, year_of
from ops.question import Asked, Column, Json, Question, Sources, choice_parameter
from ops.registers import Types
from projections.ask import Ask, Chosen
from projections.index import IndexFile, Score, index_file, ranks, ratings_of
from projections.years import Year
from schemas.events.review import Rating, RatingPublished
from schemas.times import (
    Instant,
    day_of,
    day_or_none,
    instant_or_none,
)
from schemas.tree import DayTree

INDEX_KIND = "self_assessment"
ALL = 1 << 31
"""A page of a list that holds whatever there is: no index file is left out silently."""
MEASURES = ("on_time_rate", "due_completion_rate", "completion_rate", "index", "rating")
COUNTED = ("assigned", "due", "completed", "on_time_of_due", "overdue")


def files(
    sources: Sources, unit: str, year: int, on: Instant, known: Instant | None, *, below: bool
) -> Iterator[tuple[Mapping[str, Any], IndexFile]]:
    """The index files that a unit owes for a year, sent or not, with the rows of the list."""
    ask = Ask(on=on, known=known, period=str(year))
    chosen = Chosen(kind=INDEX_KIND)
    listed = sources.query.owed(unit, ask, limit=ALL, subtree=below, chosen=chosen)
    rows: Any = listed["obligations"]
    for row in rows:
        if row["state"] not in ("cancelled", "transferred"):
            yield row, index_file(sources.registers.history(row["obligation"], on, known))


def assessment(sources: Sources, asked: Asked) -> Json:
    """Who sent its index file and when, its own score, the verified one and their difference.

    A row is a unit, or with `by=area` an area of a unit's file.
    """
    year, by = year_of(asked).number, asked.given["by"] or "unit"
    found = files(sources, asked.subject, year, asked.on, asked.known, below=True)
    rows = [one for row, file in found for one in _rows(row, file, by)]
    rows.sort(key=lambda row: str(row["unit"]))
    return {"year": year, "by": by, "rows": rows}


def _rows(row: Mapping[str, Any], file: IndexFile, by: str) -> Iterator[Json]:
    parts: Iterable[Score | None] = (None,) if by == "unit" or not file.scores else file.scores
    for part in parts:
        whole = file if part is None else part
        yield {
            "unit": row["unit"],
            "name": row["unit_name"],
            "obligation": row["obligation"],
            "state": row["state"],
            "due_before": row["due_before"],
            "sent_at": instant_or_none(file.sent_at),
            "figures_from": day_or_none(file.figures_from),
            "figures_to": day_or_none(file.figures_to),
            "area": None if part is None else part.area,
            "criterion": None if part is None else part.name,
            "self_score": whole.own,
            "verified_score": whole.verified,
            "difference": whole.difference,
        }


def index_score(
    sources: Sources, unit: str, year: int, on: Instant, known: Instant | None
) -> float | None:
    """The verified score of a unit's own index file of a year; None where there is none."""
    found = files(sources, unit, year, on, known, below=False)
    return next((file.verified for row, file in found if row["unit"] == unit), None)


def reads() -> tuple[Types, ...]:
    """The register of published ratings."""
    return ((RatingPublished,),)


def rank(sources: Sources, asked: Asked) -> Json:
    """Where a unit stands among its siblings of one level in a year, and from which counts.

    Figures are those of the unit and all below it that were due in the year, at T or at the
    year's end, if that is earlier. The published rating stands beside what is computed here.
    """
    year, by = year_of(asked), asked.given["by"] or MEASURES[0]
    tree = sources.query.boards.tree.at(day_of(asked.on))
    units = _beside(tree, asked.subject, among=asked.given["among"] or "siblings")
    events = sources.registers.of(reads()[0]).held(asked.on, asked.known)
    published = ratings_of(events, year.number)
    rows = [_standing(sources, asked, unit, year, published.get(unit)) for unit in units]
    keys = {"index": "index_score", "rating": "published_rank"}
    values = {row["unit"]: _value(row[keys.get(by, by)], lowest=by == "rating") for row in rows}
    places = ranks(values)
    for row in rows:
        place = places[row["unit"]]
        row |= {"rank": place, "name": tree.name(row["unit"])}
        row |= {"asked": row["unit"] == asked.subject}
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0, row["unit"]))
    return {"year": year.number, "by": by, "of": len(rows), "rows": rows}


def _beside(tree: DayTree, unit: str, among: str) -> list[str]:
    """The units beside it that stand open at its level; its children where these are asked for."""
    parent = tree.parent(unit) if unit in tree else None
    if among == "siblings" and parent is not None:
        found = [one for one in tree.children(parent) if tree.level(one) == tree.level(unit)]
    else:
        found = list(tree.children(unit)) if unit in tree else []
    return [one for one in found if not tree.closed(one)]


def _standing(
    sources: Sources, asked: Asked, unit: str, year: Year, rating: Rating | None
) -> dict[str, Any]:
    ask = Ask(on=min(asked.on, year.turn), known=asked.known, due_years=(year.number, year.number))
    counts = sources.query.figures(unit, ask).subtree.counts
    return {
        "unit": unit,
        **{name: counts[name] for name in COUNTED},
        **{name: getattr(counts, name) for name in MEASURES[:3]},
        "index_score": index_score(sources, unit, year.number, asked.on, asked.known),
        "published_rank": None if rating is None else rating.rank,
        "rating_class": None if rating is None else rating.rating_class,
    }


def _value(value: float | None, *, lowest: bool) -> float | None:
    """What ranks by the highest; of places the lowest is the best."""
    return -value if lowest and value is not None else value


ASSESSMENT = Question(
    help="Index files of a year: who sent one, its own and the verified score, the difference.",
    answer=assessment,
    columns=(
        Column("unit"),
        Column("name"),
        Column("state", "word:state"),
        Column("due_before", "day"),
        Column("sent_at", "instant"),
        Column("area", "word:area"),
        Column("self_score", "score"),
        Column("verified_score", "score"),
        Column("difference", "score"),
    ),
    parameters=(YEAR, choice_parameter("by", "Rows: by unit or by area.", ("unit", "area"))),
)

RANK = Question(
    help="Where a unit stands beside others in a year, by rate, index or published rating.",
    answer=rank,
    columns=(
        Column("rank", "count"),
        Column("unit"),
        Column("name"),
        *(Column(name, "count") for name in COUNTED),
        *(Column(name, "rate") for name in MEASURES[:3]),
        Column("index_score", "score"),
        Column("published_rank", "count"),
        Column("rating_class"),
    ),
    parameters=(
        YEAR,
        choice_parameter("by", "What ranks; default: the on-time rate.", MEASURES),
        choice_parameter("among", "Siblings of its level, or children.", ("siblings", "children")),
    ),
    reads=reads,
)
