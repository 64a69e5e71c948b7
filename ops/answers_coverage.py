"""The question which items of a programme no unit's plan or task takes up (domain 4.3)."""

from __future__ import annotations

from typing import Any

from ops.question import Asked, Column, Json, Question, Sources, choice_parameter
from ops.registers import Types
from projections.coverage import items_of, taken
from schemas.events.programme import Item, ProgrammeAmended, ProgrammeIssued
from schemas.events.report import ReportSubmitted
from schemas.events.task import TaskAssigned, TaskCancelled
from schemas.refusal import Reason, Refused
from schemas.times import day_of

PROGRAMMES: Types = (ProgrammeIssued, ProgrammeAmended)
FOLLOWING: Types = (TaskAssigned, TaskCancelled, ReportSubmitted)


def reads() -> tuple[Types, ...]:
    """The registers of this question."""
    return PROGRAMMES, FOLLOWING


def coverage(sources: Sources, asked: Asked) -> Json:
    """Each item of the programme with the units that took it up, those without any first.

    With `by=unit` each unit that took up something, with the items that it left out.
    """
    by = asked.given["by"] or "item"
    issued = sources.registers.of(PROGRAMMES).of(asked.subject, asked.on, asked.known)
    items = items_of(issued)
    if not issued:
        raise Refused(Reason.RULE, f"{asked.subject} was not issued by then", "programme")
    held = sources.registers.of(FOLLOWING).held(asked.on, asked.known)
    found = taken(held, asked.subject, items)
    units = sorted({one.unit for one in found})
    if by == "unit":
        day = sources.query.boards.tree.at(day_of(asked.on))
        names = {unit: day.name(unit) if unit in day.tree.units else unit for unit in units}
        rows = [
            _of_unit(unit, names[unit], {one.item for one in found if one.unit == unit}, items)
            for unit in units
        ]
    else:
        rows = [
            _of_item(item, sorted({one.unit for one in found if one.item == key}))
            for key, item in items.items()
        ]
        rows.sort(key=lambda row: bool(row["taken_up"]))
    uncovered = len(items.keys() - {one.item for one in found})
    return {"by": by, "items": len(items), "uncovered": uncovered, "rows": rows}


def _of_item(item: Item, units: list[str]) -> dict[str, Any]:
    title = item.title if isinstance(item.title, str) else None
    about = {"item": item.id, "title": title, "area": item.area, "unit": None, "name": None}
    return {**about, "taken_up": len(units), "left_out": None, "units": units}


def _of_unit(unit: str, name: str, has: set[str], items: dict[str, Item]) -> dict[str, Any]:
    lacking = [key for key in items if key not in has]
    about = {"item": None, "title": None, "area": None, "unit": unit, "name": name}
    return {**about, "taken_up": len(has), "left_out": len(lacking), "items": lacking}


COVERAGE = Question(
    help="Which items of a programme no unit's plan or task takes up, by item or by unit.",
    answer=coverage,
    subject="programme",
    columns=(
        Column("item"),
        Column("title"),
        Column("area", "word:area"),
        Column("unit"),
        Column("name"),
        Column("taken_up", "count"),
        Column("left_out", "count"),
    ),
    parameters=(choice_parameter("by", "Rows: by item or by unit.", ("item", "unit")),),
    reads=reads,
)
