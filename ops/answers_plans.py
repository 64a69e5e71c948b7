"""Questions about plans and programmes: what a plan lacks (5), who follows a programme (25)."""

from __future__ import annotations

from ops.question import (
    Asked,
    Column,
    Json,
    Question,
    Sources,
    text_parameter,
    whole_parameter,
)
from ops.reports_received import Report, Which, cells, name_of, reads, received, rules
from projections.cascade import AREAS, Derived, derived, gaps
from projections.programmes import Programmes
from schemas.times import Instant, day_of, day_or_none

PLAN = "plan"
"""The kind of the obligation to plan."""


def plans(sources: Sources, asked: Asked) -> Json:
    """The plans of a year that go to the unit or through it, and what those sent lack."""
    told = _programmes(sources, asked)
    year, only = str(asked.given["year"]), asked.given["programme"]
    against = asked.given["against"]
    areas = AREAS if asked.given["areas"] is None else tuple(asked.given["areas"].split(","))
    found: dict[str, Report] = {}
    for programme in [only] if only else _planning(sources, asked):
        which = Which(programme, all_states=True, kinds=(PLAN,))
        found |= {one.obligation: one for one in received(sources, asked, asked.subject, which)}
    rows = [
        {
            **cells(sources, asked, one, asked.subject),
            **_lacking(one, told, asked.on, areas, against),
        }
        for one in found.values()
        if _year(one) == year
    ]
    return {"rows": rows, "areas": list(areas)}


def _programmes(sources: Sources, asked: Asked) -> Programmes:
    told = sources.query.boards.programmes
    return told if asked.known is None else told.as_known(asked.known)


def _planning(sources: Sources, asked: Asked) -> list[str | None]:
    """The programmes with a rule by which plans go to the unit; [None] where no rule says so."""
    found = {
        one.programme
        for one in rules(sources, asked)
        if one.report_kind == PLAN and asked.subject in (*one.to, one.via, one.by)
    }
    return sorted(found, key=str) or [None]


def _year(one: Report) -> str:
    """The year planned; without a period that of its due, and without that of its opening."""
    row = one.row
    return str(row["period"] or row["due_before"] or row["opened_at"])[:4]


def _lacking(
    one: Report, told: Programmes, at: Instant, areas: tuple[str, ...], against: str | None
) -> dict[str, object]:
    plan = one.sent.submission
    if plan is None:
        return {"areas_missing": None, "budget_missing": False, "items_missing": None}
    programme = against or one.opened.programme or ""
    lacks = gaps(plan, areas, programme, told.items(programme, at))
    return {
        "areas_missing": ", ".join(lacks.areas) or None,
        "budget_missing": lacks.budget,
        "items_missing": len(lacks.items),
        "items": list(lacks.items),
    }


def followers(sources: Sources, asked: Asked) -> Json:
    """The units of the level below that programme, and what each has issued that follows it."""
    told = _programmes(sources, asked)
    issued = [one for one in told.all.values() if one.issued.effective_at <= asked.on]
    day = sources.query.boards.tree.at(day_of(asked.on))
    found = derived(issued, asked.subject)
    first = told.all.get(asked.subject)
    root = day.root if first is None or first.unit not in day else first.unit
    path = day.path(root) if root else ()
    top = next((one for one in path if day.level(one) == day.level(path[-1])), None)
    below = day.children(top) if top else ()
    units = [one for one in below if day.level(one) != day.level(top or one)]
    silent = [one for one in units if one not in {each.programme.unit for each in found}]
    rows = [_follower(one.programme.unit, one) for one in found]
    rows += [_follower(unit, None) for unit in silent]
    for row in rows:
        row["unit_name"] = name_of(sources, asked, str(row["unit"]))
    rows.sort(key=lambda row: (str(row["unit"]), str(row["programme"])))
    return {"rows": rows, "issued": len(units) - len(silent), "of": len(units)}


def _follower(unit: str, one: Derived | None) -> dict[str, object]:
    issued = None if one is None else one.programme.issued
    title = None if issued is None else issued.title
    return {
        "unit": unit,
        "programme": None if one is None else one.programme.id,
        "number": None if issued is None else issued.number,
        "title": title if isinstance(title, str) else None,
        "in_force_on": day_or_none(None if issued is None else issued.in_force_on),
        "steps": None if one is None else one.steps,
    }


PLANS = Question(
    help="The plans of a year that go to a unit: not come, lacking areas, a budget, or items.",
    answer=plans,
    columns=(
        Column("unit_name"),
        Column("title"),
        Column("state", "word:state"),
        Column("due_before", "day"),
        Column("sent_at", "instant"),
        Column("areas_missing", "words:area"),
        Column("budget_missing", "flag"),
        Column("items_missing", "count"),
        Column("obligation"),
    ),
    parameters=(
        whole_parameter("year", "The year planned.", 1990, 2100),
        text_parameter("programme", "Only plans of this programme."),
        text_parameter("against", "Whose items they take up; default: their own programme."),
        text_parameter("areas", "Areas that each plan covers, with commas; default: the six."),
    ),
    reads=reads,
)
DERIVED = Question(
    help="Which units have issued a programme that follows from this one, and which have not.",
    answer=followers,
    subject="programme",
    columns=(
        Column("unit_name"),
        Column("programme"),
        Column("number"),
        Column("title"),
        Column("in_force_on", "day"),
        Column("steps", "count"),
    ),
)
