"""Questions of members of a steering committee: how their areas and units stand (question 12)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ops.answers_ladder import DUTY
from ops.question import Asked, Column, Json, Question, Sources, text_parameter
from ops.registers import Types
from projections.ask import Ask
from projections.beside import answers_for, head_of
from projections.groupings import JOINT, Oversight
from projections.listing import LIVES_MAX
from schemas.board import Counts, Row
from schemas.events.committee import CommitteeReconstituted
from schemas.times import day_of, format_day
from schemas.tree import DayTree

MEASURES = ("assigned", "due", "completed", "in_revision", "overdue", "on_time", "late")
ATTENTION = ("overdue", "in_revision", "due_soon")
"""States that a member should look at, the gravest first."""


def reads() -> tuple[Types, ...]:
    """The register of committees."""
    return ((CommitteeReconstituted,),)


def members(sources: Sources, asked: Asked) -> Json:
    """Who answers for what of the unit and all below it, and how that stands; and committees.

    What several answer for together counts with each of them, so members do not add up.
    """
    day = _day(sources, asked)
    ask = Ask(on=asked.on, known=asked.known, by="oversight", everything=True)
    groups = sources.query.figures(asked.subject, ask).rows
    rows = [_member(one, day, groups) for one in _held(sources, asked, day)]
    return {"rows": rows, "committees": list(_committees(sources, asked, day))}


def _day(sources: Sources, asked: Asked) -> DayTree:
    tree = sources.query.boards.tree
    tree = tree if asked.known is None else tree.as_known(asked.known)
    return tree.at(day_of(asked.on))


def _held(sources: Sources, asked: Asked, day: DayTree) -> list[Oversight]:
    """The assignments of units that stand above or below the one asked about."""
    held = sources.query.boards.groupings.oversight(asked.on, asked.known)
    return [one for one in held if one.unit in day and _near(day, one.unit, asked.subject)]


def _near(day: DayTree, unit: str, subject: str) -> bool:
    if subject not in day:
        return False
    return subject in day.path(unit) or head_of(day, unit) in day.path(subject)


def _member(one: Oversight, day: DayTree, groups: Sequence[Row]) -> Json:
    key = f"{one.unit}/{one.member}"
    mine = [row for row in groups if key in (row.key or "").split(JOINT)]
    counts = Counts.total(row.figures.counts for row in mine)
    return {
        "member": one.member,
        "unit": one.unit,
        "name": day.name(one.unit),
        "areas": ", ".join(one.areas),
        "units": ", ".join(day.name(code) if code in day else code for code in one.units),
        **{name: counts[name] for name in MEASURES},
    }


def _committees(sources: Sources, asked: Asked, day: DayTree) -> Iterator[Json]:
    """The committees of the unit and below it as last constituted."""
    (types,) = reads()
    held: dict[str, CommitteeReconstituted] = {}
    for event in sources.registers.of(types).held(asked.on, asked.known):
        if isinstance(event, CommitteeReconstituted):
            held[event.unit] = event
    for unit, event in held.items():
        if unit in day and asked.subject in day.path(unit):
            yield {
                "unit": unit,
                "name": day.name(unit),
                "head": event.head,
                "standing": event.standing,
                "members": list(event.members),
                "since": format_day(day_of(event.effective_at)),
            }


def duties(sources: Sources, asked: Asked) -> Json:
    """What a member should look at: overdue, sent back or due soon, of what it answers for."""
    day = _day(sources, asked)
    mine = [one for one in _held(sources, asked, day) if one.member == asked.given["member"]]
    return {"member": asked.given["member"], "rows": list(_duties(sources, asked, day, mine))}


def _duties(
    sources: Sources, asked: Asked, day: DayTree, mine: list[Oversight]
) -> Iterator[dict[str, Any]]:
    ask = Ask(on=asked.on, known=asked.known)
    for state in ATTENTION if mine else ():
        found: Any = sources.query.obligations(asked.subject, ask, state=state, limit=LIVES_MAX)
        for row in found["obligations"]:
            if any(answers_for(day, one, row["unit"], row["area"]) for one in mine):
                yield {"name": row["unit_name"], **row}


OVERSIGHT = Question(
    help="Who answers for which areas and units, and how what they answer for stands.",
    answer=members,
    columns=(
        Column("member"),
        Column("name"),
        Column("areas"),
        Column("units"),
        Column("assigned", "count"),
        Column("due", "count"),
        Column("completed", "count"),
        Column("in_revision", "count"),
        Column("overdue", "count"),
        Column("on_time", "count"),
        Column("late", "count"),
    ),
    reads=reads,
)
DUTIES = Question(
    help="What of a member's areas and units is overdue, sent back or due soon.",
    answer=duties,
    columns=(
        Column("state", "word:state"),
        *DUTY,
    ),
    parameters=(text_parameter("member", "The member, by role, as assigned.", required=True),),
)
