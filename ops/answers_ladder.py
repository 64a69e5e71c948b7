"""Questions about the ladder: its documents of a year, what is overdue, whom to criticise.

Questions 2, 3 and 30 of the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ops.question import Asked, Column, Json, Question, Sources, whole_parameter
from ops.registers import Types
from projections.ask import Ask
from projections.ladder_documents import TYPES, Paper, papers, tally
from projections.listing import LIVES_MAX
from projections.view import view_of
from projections.years import FIRST, LAST, Year
from schemas.times import Instant, day_of, format_instant, to_date

REMINDERS = 1
"""After so many reminders a unit may be put forward for criticism, unless one says otherwise."""
Row = Mapping[str, Any]


def reads() -> tuple[Types, ...]:
    """The register of the ladder."""
    return (TYPES,)


def year_of(asked: Asked) -> Year:
    """The year that is asked about; without one that of T."""
    given: int | None = asked.given["year"]
    return Year(to_date(day_of(asked.on)).year if given is None else given)


def documents(sources: Sources, asked: Asked) -> Json:
    """The documents of a year that press the unit or units below it, and how many there are."""
    year = year_of(asked)
    found = _papers(sources, asked, year)
    units = sorted({unit for paper in found for unit in paper.units})
    name = _names(sources, asked)
    return {
        "year": year.number,
        "rows": [_document(paper, name) for paper in found],
        **tally(found)._asdict(),
        "units": [
            {"unit": unit, "name": name(unit)}
            | tally(paper for paper in found if unit in paper.units)._asdict()
            for unit in units
        ],
    }


def _names(sources: Sources, asked: Asked) -> Callable[[str], str]:
    """How a unit is called at T; its code where nobody established it."""
    day = sources.query.boards.tree.at(day_of(asked.on))
    return lambda unit: day.name(unit) if unit in day.tree.units else unit


def _papers(sources: Sources, asked: Asked, year: Year) -> list[Paper]:
    """The documents issued in the year by T that bear on the unit or those below it, as known."""
    ask = Ask(on=asked.on, known=asked.known)
    tree = sources.query.boards.tree
    tree = tree if asked.known is None else tree.as_known(asked.known)
    below = view_of(tree, asked.subject, ask, sources.query.now()).codes()
    (types,) = reads()
    held = sources.registers.of(types).held(min(asked.on, year.last), asked.known)
    found = papers(event for event in held if event.unit in below)
    return [paper for paper in found if paper.at >= year.first]


def _document(paper: Paper, name: Callable[[str], str]) -> Json:
    return {
        "at": format_instant(paper.at),
        "note": paper.note,
        "document": paper.number,
        "by": paper.by,
        "by_name": name(paper.by),
        "role": paper.role,
        "units": list(paper.units),
        "pressed": ", ".join(map(name, paper.units)),
        "named": len(paper.named),
        "obligations": [one.obligation for one in paper.named],
        "id": paper.id.hex(),
    }


def overdue(sources: Sources, asked: Asked) -> Json:
    """What is overdue at T, for how many days, how often it was reminded: the longest first."""
    return {"rows": list(_overdue(sources, asked, asked.on))}


def _overdue(sources: Sources, asked: Asked, on: Instant) -> Iterator[Row]:
    ask = Ask(on=on, known=asked.known)
    # Nothing is left out silently: where there are more, the list itself refuses.
    found: Any = sources.query.owed(asked.subject, ask, state="overdue", limit=LIVES_MAX)
    for row in sorted(found["obligations"], key=_longest_first):
        yield {"name": row["unit_name"], **row}


def _longest_first(row: Row) -> tuple[int, str]:
    return (-int(row["days_overdue"]), str(row["obligation"]))


def candidates(sources: Sources, asked: Asked) -> Json:
    """What is still overdue at T, or at the year's end, after enough reminders in that year.

    Nobody is criticised by that: a person decides, and issues a document.
    """
    year = year_of(asked)
    on = min(asked.on, year.turn)
    counts = _reminders(_papers(sources, replace(asked, on=on), year))
    least: int = asked.given["reminders"]
    rows = [
        {**row, "reminded": counts[row["obligation"]]}
        for row in _overdue(sources, asked, on)
        if counts.get(row["obligation"], 0) >= least
    ]
    units = dict.fromkeys(row["unit"] for row in rows)
    return {"year": year.number, "reminders": least, "rows": rows, "units": sorted(units)}


def _reminders(found: Iterable[Paper]) -> dict[str, int]:
    """How many reminders name each obligation."""
    counts: dict[str, int] = {}
    for paper in found:
        if paper.note == "reminded":
            for one in paper.named:
                counts[one.obligation] = counts.get(one.obligation, 0) + 1
    return counts


YEAR = replace(
    whole_parameter("year", "The calendar year; default: that of T.", FIRST, LAST), required=False
)
DUTY = (
    Column("unit"),
    Column("name"),
    Column("obligation"),
    Column("item"),
    Column("period", "period"),
    Column("due_before", "day"),
    Column("days_overdue", "count"),
    Column("reminded", "count"),
)
"""A duty that was missed or may be, and how often its ower was reminded."""
_PRESSED = (*DUTY, Column("reminded_at", "instant"), Column("criticised", "count"))
LADDER = Question(
    help="Documents of a year that urged, reminded or criticised a unit and those below it.",
    answer=documents,
    columns=(
        Column("at", "instant"),
        Column("note", "word:measure"),
        Column("document"),
        Column("by_name"),
        Column("role", "word:role"),
        Column("pressed"),
        Column("named", "count"),
    ),
    parameters=(YEAR,),
    reads=reads,
)
OVERDUE = Question(
    help="What is overdue, by how many days, and how often its ower was reminded of it.",
    answer=overdue,
    columns=_PRESSED,
)
CANDIDATES = Question(
    help="What is still overdue after reminders of the year: whom a person may criticise.",
    answer=candidates,
    columns=_PRESSED,
    parameters=(
        YEAR,
        whole_parameter("reminders", "At least so many in the year; default: 1.", 1, 99, REMINDERS),
    ),
    reads=reads,
)
