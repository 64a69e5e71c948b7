"""Questions about petitions: the quarter's figures, and where one of them is (32 and 21)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from ops.question import (
    Asked,
    Column,
    Json,
    Parameter,
    Question,
    Sources,
    choice_parameter,
)
from ops.registers import Types
from ops.reports_received import name_of
from projections.petitions import COUNTED, Deed, Petition, counted, petition_of
from projections.states import state_of
from schemas.event import Event, event_types
from schemas.periods import Period, PeriodKind, period_of
from schemas.refusal import Reason, Refused
from schemas.times import (
    Instant,
    day_of,
    day_or_none,
    format_day,
    format_instant,
    midnight,
)
from schemas.words_vn import read_period

NOUN = "petition."
"""How the names of their events begin."""


def reads() -> tuple[Types, ...]:
    """The register of these questions."""
    return (tuple(cls for name, cls in event_types().items() if name.startswith(NOUN)),)


def _period(text: str, where: str) -> Period:
    try:
        return read_period(text)
    except ValueError as error:
        raise Refused(Reason.IMPOSSIBLE_DAY, str(error), where) from error


def petitions(sources: Sources, asked: Asked) -> Json:
    """What the unit and all below it received, passed on and settled in a period.

    `total` is the sum of the rows; figures end at T where the period goes on.
    """
    period = asked.given["period"] or period_of(PeriodKind.QUARTER, day_of(asked.on))
    by = asked.given["by"] or "area"
    until = min(asked.on, Instant(midnight(period.end) - 1))
    day = sources.query.boards.tree.at(day_of(asked.on))
    units = day.subtree(asked.subject) if asked.subject in day else (asked.subject,)
    found = counted(_held(sources, asked), frozenset(units), midnight(period.first), until, by)
    rows = [
        {**_figures(key, by, found[key]), "unit_name": name_of(sources, asked, key)}
        if by == "unit"
        else {**_figures(key, by, found[key]), "unit_name": None}
        for key in sorted(found)
    ]
    total = {name: sum(row[name] for row in rows) for name in COUNTED}
    return {
        "period": str(period),
        "until": format_day(day_of(until)),
        "by": by,
        "rows": rows,
        "total": total,
    }


def _held(sources: Sources, asked: Asked) -> list[Petition]:
    # A register gives one petition after the other.
    held = sources.registers.of(reads()[0]).held(asked.on, asked.known)
    found = (petition_of(tuple(events)) for _, events in groupby(held, key=lambda one: one.key))
    return [one for one in found if one is not None]


def _figures(key: str, by: str, counts: Mapping[str, int]) -> dict[str, Any]:
    head = {"area": key or None, "unit": None} if by == "area" else {"area": None, "unit": key}
    return {**head, **{name: counts[name] for name in COUNTED}}


def where(sources: Sources, asked: Asked) -> Json:
    """The way of one petition, who holds it, and its state. Raises Refused where there is none."""
    history = sources.registers.history(asked.subject, asked.on, asked.known)
    petition = petition_of(tuple(history))
    standing = None if petition is None else petition.life.standing_at(asked.on)
    if petition is None or standing is None:
        sentence = f"{asked.subject} is no petition that was received by then"
        raise Refused(Reason.RULE, sentence, "obligation")
    events = {event.event_id: event for event in history}
    rows = [
        _step(sources, asked, deed, events[deed.event_id])  # type: ignore[index]
        for deed in petition.deeds
    ]
    return {
        "holder": standing.ower,
        "holder_name": name_of(sources, asked, standing.ower),
        "area": standing.area,
        "state": state_of(standing, asked.on),
        "due_before": day_or_none(standing.due),
        "rows": rows,
    }


def _step(sources: Sources, asked: Asked, deed: Deed, event: Event) -> dict[str, Any]:
    reason = getattr(event, "reason", None)
    return {
        "at": format_instant(deed.at),
        "deed": deed.what,
        "unit": deed.unit,
        "unit_name": name_of(sources, asked, deed.unit),
        "to_unit": deed.to_unit,
        "to_name": None if deed.to_unit is None else name_of(sources, asked, deed.to_unit),
        "document": None if event.document is None else event.document.number,
        "outcome": getattr(event, "outcome", None),
        "reason": reason if isinstance(reason, str) else None,
    }


PERIOD = Parameter("period", "2012-Q2, 2012-06, 2012-H1 or 2012; default: T's quarter.", _period)

PETITIONS = Question(
    help="Petitions received, passed on and settled in a period, by area or unit (report R5).",
    answer=petitions,
    columns=(
        Column("area", "word:area"),
        Column("unit_name"),
        *(Column(name, "count") for name in COUNTED),
    ),
    parameters=(PERIOD, choice_parameter("by", "Rows: by area or by unit.", ("area", "unit"))),
    reads=reads,
)

WHERE = Question(
    help="Where a petition is now, and by what way it came there.",
    answer=where,
    columns=(
        Column("at", "instant"),
        Column("deed", "word:petition"),
        Column("unit_name"),
        Column("to_name"),
        Column("document"),
        Column("outcome", "word:outcome"),
        Column("reason"),
    ),
    totals=(Column("holder_name"), Column("state", "word:state"), Column("due_before", "day")),
    subject="obligation",
)
