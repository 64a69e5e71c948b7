"""Questions about inspections: who has not inspected, and what was covered (questions 6 and 16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ops.question import Asked, Column, Json, Parameter, Question, Sources, choice_parameter
from ops.question import period as read_period
from ops.registers import Types
from projections.ask import Ask, Chosen
from projections.inspecting import (
    INSPECTED_KINDS,
    INSPECTION_TYPES,
    Held,
    Intent,
    covered,
    in_year,
    inspections_held,
    intents,
)
from schemas.event import Event
from schemas.events.finding import (
    FindingAmended,
    FindingClosed,
    FindingRecorded,
    FindingTransferred,
    FindingWithdrawn,
    RemedyReported,
    RemedyRequired,
    RemedyReturned,
)
from schemas.events.report import InspectionPlanAdopted
from schemas.order_vn import place
from schemas.periods import Period, PeriodKind, parse_period, period_of
from schemas.refusal import Reason, Refused
from schemas.times import day_of, day_or_none, to_date
from schemas.tree import DayTree
from schemas.words_vn import write_period
from services.owed import owed_of

MOST = 5_000
"""Most obligations of one kind that a question reads."""
DONE = ("done_on_time", "done_late", "awaiting_acceptance")
"""States of what was held or adopted."""
GONE = ("cancelled", "transferred")
"""States of what the unit does not owe any longer."""
TOLD: Types = (
    *INSPECTION_TYPES,
    InspectionPlanAdopted,
    *(FindingRecorded, FindingAmended, FindingClosed, FindingWithdrawn, FindingTransferred),
    *(RemedyRequired, RemedyReported, RemedyReturned),
)
"""What all questions about inspections and findings read: one register, one reading."""


def reads() -> tuple[Types, ...]:
    """The registers of these questions."""
    return (TOLD,)


def of_kind(sources: Sources, asked: Asked, kind: str, period: str | None = None) -> list[Any]:
    """What the unit and all below it owe of one kind, as rows of the list, in the order of dues.

    Raises Refused where they are more than MOST.
    """
    ask = Ask(on=asked.on, known=asked.known, period=period)
    chosen = Chosen(kind=kind)
    found: Any = sources.query.obligations(asked.subject, ask, None, 0, MOST, chosen=chosen)
    if found["total"] > MOST:
        sentence = f"more than {MOST} of them; ask for a unit further down"
        raise Refused(Reason.TOO_LARGE, sentence, "unit")
    return list(found["obligations"])


def tree_of(sources: Sources, asked: Asked) -> DayTree:
    """The tree of T as known at K."""
    tree = sources.query.boards.tree
    known = tree if asked.known is None else tree.as_known(asked.known)
    return known.at(day_of(asked.on))


def name_in(day: DayTree, unit: str) -> str:
    """The unit's name; its code where no unit event names it."""
    return day.name(unit) if unit in day.tree.units else unit


# Who has not inspected (question 6)


def _of_length(kind: PeriodKind, such_as: str, text: str, where: str) -> Period:
    found = parse_period(read_period(text, where))
    if found.kind is not kind:
        raise Refused(Reason.NOT_IN_LIST, f"{text} is no {kind}; write {such_as}", where)
    return found


def _quarter(text: str, where: str) -> Period:
    return _of_length(PeriodKind.QUARTER, "Quý II năm 2020 or 2020-Q2", text, where)


def inspections_due(sources: Sources, asked: Asked) -> Json:
    """The inspections of a quarter and the plans of its year that are still owed; `all`: every one.

    One inspection by each body each quarter is owed, not one of every unit. `held` and `adopted`
    count what is done. A plan without a day is shown, never overdue, with the day of the unit's
    plan of the same year as a suggestion (ambiguity 17).
    """
    quarter: Period = asked.given["quarter"] or period_of(PeriodKind.QUARTER, day_of(asked.on))
    duties = of_kind(sources, asked, "inspection", str(quarter))
    plans = of_kind(sources, asked, "inspection_plan", str(quarter.year))
    yearly = of_kind(sources, asked, "plan", str(quarter.year))
    suggested = {row["unit"]: row["due_before"] for row in yearly}
    told = intents(sources.registers.of(TOLD).held(asked.on, asked.known))
    everything = asked.given["show"] == "all"
    kept = [
        {
            **{key: row[key] for key in ("unit", "unit_name", "kind", "period", "state")},
            **{key: row[key] for key in ("due_before", "days_overdue", "completed_at")},
            "obligation": row["obligation"],
            "planned_on": day_or_none(told.get(row["obligation"], Intent()).planned_on),
            "suggested": suggested.get(row["unit"]) if row["state"] == "no_due" else None,
        }
        for row in (*duties, *plans)
        if row["state"] not in (GONE if everything else (*GONE, *DONE))
    ]
    kept.sort(
        key=lambda row: (
            row["kind"] != "inspection",
            row["due_before"] or "9",
            place(row["unit_name"]),
        )
    )
    return {
        "rows": kept,
        "quarter": str(quarter),
        "quarter_name": write_period(quarter),
        "held": _done(duties),
        "adopted": _done(plans),
        "owed": sum(row["state"] not in GONE for row in duties),
        "plans": sum(row["state"] not in GONE for row in plans),
    }


def _done(rows: Iterable[Any]) -> int:
    return sum(row["state"] in DONE for row in rows)


INSPECTION_DUE = Question(
    help="Who has not inspected in a quarter, and whose inspection plan of the year is missing.",
    answer=inspections_due,
    columns=(
        Column("unit_name"),
        Column("kind", "word:kind"),
        Column("state", "word:state"),
        Column("due_before", "day"),
        Column("days_overdue", "count"),
        Column("suggested", "day"),
        Column("planned_on", "day"),
        Column("completed_at", "instant"),
    ),
    parameters=(
        Parameter(
            "quarter", "Quarter, e.g. Quý II năm 2020 or 2020-Q2; default: that of T.", _quarter
        ),
        choice_parameter("show", "all: also those that have; default: missing ones.", ("all",)),
    ),
    reads=reads,
)


# Coverage of a year (ambiguity 16)


def _year(text: str, where: str) -> int:
    return _of_length(PeriodKind.YEAR, "năm 2020 or 2020", text, where).year


YEAR = Parameter("year", "Year, e.g. 2007 or năm 2007; default: that of T.", _year)


def _asked_year(asked: Asked) -> int:
    given: int | None = asked.given["year"]
    return to_date(day_of(asked.on)).year if given is None else given


def _held(sources: Sources, asked: Asked, year: int) -> list[Held]:
    told = sources.registers.of(TOLD).held(asked.on, asked.known)
    return in_year(inspections_held(told), year)


def coverage(sources: Sources, asked: Asked) -> Json:
    """For each inspecting body below the unit: its duties of the year, its inspections, whom they
    reached and whom never, and what became of what they found."""
    year, day = _asked_year(asked), tree_of(sources, asked)
    held = _held(sources, asked, year)
    duties = [
        row for period in _periods(year) for row in of_kind(sources, asked, "inspection", period)
    ]
    owed = Counter(row["unit"] for row in duties if row["state"] not in GONE)
    done = Counter(row["unit"] for row in duties if row["state"] in DONE)
    plans = _plans(sources, asked, year)
    bodies = {*owed, *(one.body for one in held if _below(day, asked.subject, one.body))}
    rows = []
    for body in sorted(bodies, key=lambda code: place(name_in(day, code))):
        own = [one for one in held if one.body == body]
        subjects = plans.get(body) or _beside(day, body)
        reached = sum(one.times > 0 for one in covered(subjects, own))
        opened, closed = _findings(sources, asked, body, {one.obligation for one in own})
        rows.append(
            {
                "unit": body,
                "unit_name": name_in(day, body),
                "duties_owed": owed[body],
                "duties_done": done[body],
                "inspections": len(own),
                "unannounced": sum(one.mode == "unannounced" for one in own),
                "subjects_count": len(subjects),
                "inspected": reached,
                "never": len(subjects) - reached,
                "areas_count": len({area for one in own for area in one.areas}),
                "findings_open": opened,
                "findings_closed": closed,
            }
        )
    return {"rows": rows, "year": year}


def _periods(year: int) -> Iterator[str]:
    yield str(Period(PeriodKind.YEAR, year))
    for number in (1, 2, 3, 4):
        yield str(Period(PeriodKind.QUARTER, year, number))


def _plans(sources: Sources, asked: Asked, year: int) -> dict[str, tuple[str, ...]]:
    """Body -> whom its adopted plan of the year names, of all bodies below the unit."""
    register = sources.registers.of(TOLD)
    found: dict[str, tuple[str, ...]] = {}
    for row in of_kind(sources, asked, "inspection_plan", str(year)):
        for event in register.of(row["obligation"], asked.on, asked.known):
            if isinstance(event, InspectionPlanAdopted) and event.subjects:
                found[row["unit"]] = event.subjects
    return found


def _beside(day: DayTree, body: str) -> tuple[str, ...]:
    """Where no plan names them: the units under the body's own superior."""
    parent = day.parent(body) if body in day else None
    below = day.children(parent) if parent is not None else ()
    return tuple(one for one in below if day.kind(one) in INSPECTED_KINDS and one != body)


def _below(day: DayTree, unit: str, code: str) -> bool:
    return code == unit or (code in day and unit in day.path(code))


def _findings(sources: Sources, asked: Asked, body: str, inspections: set[str]) -> tuple[int, int]:
    """Open and closed: a finding is open until its remedy is reported, or it is closed."""
    register = sources.registers.of(TOLD)
    counts: Counter[bool] = Counter()
    for event in _recorded(register.held(asked.on, asked.known)):
        if event.issuer == body and event.inspection in inspections:
            owed = owed_of(register.of(event.key, asked.on, asked.known))
            if owed.dropped is None:
                counts[owed.done] += 1
    return counts[False], counts[True]


def _recorded(events: Iterable[Event]) -> Iterator[FindingRecorded]:
    return (event for event in events if isinstance(event, FindingRecorded))


INSPECTION_COVERAGE = Question(
    help="What each inspecting body covered in a year: duties, inspections, subjects, findings.",
    answer=coverage,
    columns=(
        Column("unit_name"),
        Column("duties_owed", "count"),
        Column("duties_done", "count"),
        Column("inspections", "count"),
        Column("unannounced", "count"),
        Column("subjects_count", "count"),
        Column("inspected", "count"),
        Column("never", "count"),
        Column("areas_count", "count"),
        Column("findings_open", "count"),
        Column("findings_closed", "count"),
    ),
    parameters=(YEAR,),
    reads=reads,
)


def subjects_covered(sources: Sources, asked: Asked) -> Json:
    """The units below: how often inspected in the year and by whom; never first.

    The unit itself is among them where somebody inspected it: its superior answers for that.
    """
    year, day = _asked_year(asked), tree_of(sources, asked)
    units = [
        code
        for code in day.subtree(asked.subject)
        if day.kind(code) in INSPECTED_KINDS and not day.closed(code)
    ]
    planned: dict[str, list[str]] = {}
    for body, subjects in _plans(sources, asked, year).items():
        for code in subjects:
            planned.setdefault(code, []).append(name_in(day, body))
    found = covered(units, _held(sources, asked, year))
    found = [one for one in found if one.times or one.unit != asked.subject]
    found.sort(key=lambda one: (one.times, place(name_in(day, one.unit))))
    rows = [
        {
            "unit": one.unit,
            "unit_name": name_in(day, one.unit),
            "inspected_times": one.times,
            "last_on": day_or_none(one.last_on),
            "bodies": "; ".join(name_in(day, body) for body in one.bodies),
            "planned_by": "; ".join(planned.get(one.unit, ())),
            "areas_named": ", ".join(one.areas),
        }
        for one in found
    ]
    return {"rows": rows, "year": year, "never": sum(one.times == 0 for one in found)}


INSPECTION_SUBJECTS = Question(
    help="Which units were inspected in a year, how often and by whom, and which never.",
    answer=subjects_covered,
    columns=(
        Column("unit_name"),
        Column("inspected_times", "count"),
        Column("last_on", "day"),
        Column("bodies"),
        Column("planned_by"),
        Column("areas_named"),
    ),
    parameters=(YEAR,),
    reads=reads,
)
