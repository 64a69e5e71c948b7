"""A unit's part in the work of others: what it helps with, and for whom its own work waits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from ops.question import Asked, Column, Json, Question, Sources
from ops.registers import Types, streams_of
from projections.ask import Ask, Chosen
from projections.depending import Contribution, slack, waits_for
from projections.due_changes import opening_of
from schemas.event import Event
from schemas.events.task import TaskAmended, TaskAssigned
from schemas.times import day_of, day_or_none, parse_day

ROWS_MAX = 500
"""Most obligations of one list that these questions look at."""
Row = dict[str, Any]


def reads() -> tuple[Types, ...]:
    """Who helps with a task is said where it is assigned and where it is amended."""
    return ((TaskAssigned, TaskAmended),)


def helping(sources: Sources, asked: Asked) -> Json:
    """The tasks of others that name the unit as a helper; it owes nothing for them (domain 5)."""
    (types,) = reads()
    register = sources.registers.of(types)
    rows: list[Row] = []
    for obligation in streams_of(register.held(asked.on, asked.known)):
        told = register.of(obligation, asked.on, asked.known)
        if asked.subject not in _helpers(told):
            continue
        owed = sources.query.obligation(obligation, asked.on, asked.known)
        if owed is not None:
            rows.append(_helped(sources, asked, cast(Row, owed)))
    rows.sort(key=lambda row: (row["due_before"] is None, row["due_before"] or "", row["item"]))
    return {"rows": rows}


def _helpers(told: Iterable[Event]) -> tuple[str, ...]:
    """As last said; an amendment that names none leaves them as they were."""
    named = [one.coordinating for one in told if isinstance(one, TaskAssigned | TaskAmended)]
    return next((one for one in reversed(named) if one), ())


def _helped(sources: Sources, asked: Asked, owed: Row) -> Row:
    history = sources.registers.history(owed["obligation"], asked.on, asked.known)
    title = getattr(opening_of(history), "title", None)
    return {
        "due_before": owed["due_before"],
        "state": owed["state"],
        "days_overdue": owed["days_overdue"],
        "item": owed["item"],
        "title": title if isinstance(title, str) else None,
        "ower": owed["unit_name"],
        "programme": owed["programme"],
        "obligation": owed["obligation"],
    }


def dependencies(sources: Sources, asked: Asked) -> Json:
    """Each own duty that waits for other rows, with the days which those leave it."""
    ask = Ask(on=asked.on, known=asked.known)
    own = cast(
        list[Row],
        sources.query.obligations(asked.subject, ask, None, 0, ROWS_MAX, subtree=False)[
            "obligations"
        ],
    )
    rows = [row for owed in own for row in _waiting(sources, asked, owed)]
    return {"rows": rows}


def _waiting(sources: Sources, asked: Asked, owed: Row) -> Iterable[Row]:
    programmes = sources.query.boards.programmes
    programme = owed["programme"] or ""
    terms = programmes.terms(programme).get(owed["item"])
    if terms is None:
        return
    items = programmes.items(programme, asked.on)
    titles = programmes.titles(programme)
    due = None if owed["due_before"] is None else parse_day(owed["due_before"])
    for named, counted in waits_for(terms.depends_on, items).items():
        left = slack(due, _contributions(sources, asked, programme, counted))
        yield {
            "item": owed["item"],
            "title": titles.get(owed["item"]),
            "due_before": owed["due_before"],
            "state": owed["state"],
            "waits_for": named,
            "waits_title": titles.get(named),
            "last_due": day_or_none(left.last_due),
            "slack": left.days,
            "contributors": left.total,
            "still_open": left.open,
            "overdue": left.overdue,
            "at_risk": left.at_risk,
            "obligation": owed["obligation"],
        }


def _contributions(
    sources: Sources, asked: Asked, programme: str, items: Iterable[str]
) -> Iterable[Contribution]:
    """Whatever is owed of these rows, by whomever."""
    root = sources.query.boards.tree.at(day_of(asked.on)).root
    ask = Ask(on=asked.on, known=asked.known, programme=programme)
    for item in items if root is not None else ():
        found = sources.query.obligations(
            root or "", ask, None, 0, ROWS_MAX, chosen=Chosen(item=item)
        )
        for owed in cast(list[Row], found["obligations"]):
            due = owed["due_before"]
            yield Contribution(None if due is None else parse_day(due), owed["state"])


HELPING = Question(
    help="The tasks of others with which UNIT helps; it owes nothing for them.",
    answer=helping,
    columns=(
        Column("due_before", "day"),
        Column("state", "word:state"),
        Column("days_overdue", "count"),
        Column("item"),
        Column("title"),
        Column("ower"),
        Column("programme"),
        Column("obligation"),
    ),
    reads=reads,
)
"""Tasks where I help (domain 5)."""

DEPENDENCIES = Question(
    help="The own duties of UNIT that wait for others: how many days do these leave?",
    answer=dependencies,
    columns=(
        Column("item"),
        Column("title"),
        Column("due_before", "day"),
        Column("state", "word:state"),
        Column("waits_for"),
        Column("waits_title"),
        Column("last_due", "day"),
        Column("slack", "days"),
        Column("contributors", "count"),
        Column("still_open", "count"),
        Column("overdue", "count"),
        Column("at_risk", "flag"),
    ),
)
"""How much slack the contributors leave (question 7)."""
