"""Programmes that follow from others, and plans measured against what they must cover."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from projections.programmes import Programme
from schemas.derivation import plain_text
from schemas.events.programme import Item
from schemas.events.report import InspectionPlanAdopted, ReportSubmitted

AREAS = (
    "institutions",
    "procedures",
    "organisation",
    "personnel",
    "finance",
    "modernisation",
)
"""The six areas that every unit's plan covers (S4:39)."""
BUDGET = "budget"
"""The name of the figure with which a plan says what it expects to cost (S4:37)."""
UNOWED = ("container", "content_rule", "deadline_clause")
"""Kinds of items that no plan can take up: headings, and rules about the plans themselves."""


class Derived(NamedTuple):
    """A programme that follows from another one, in so many steps."""

    programme: Programme
    steps: int


def derived(programmes: Collection[Programme], ancestor: str) -> list[Derived]:
    """The programmes that name the ancestor, or name one that does.

    The ancestor is the id of a programme, or the number of a document that nobody issued here.
    """
    found: dict[str, Derived] = {}
    names, steps = _names(programmes, {ancestor}), 1
    while names:
        more = [
            Derived(one, steps)
            for one in programmes
            if one.id not in found and one.id != ancestor and _follows(one, names)
        ]
        found |= {one.programme.id: one for one in more}
        names, steps = _names(programmes, {one.programme.id for one in more}), steps + 1
    return sorted(found.values(), key=lambda one: (one.steps, one.programme.id))


def _names(programmes: Iterable[Programme], ids: set[str]) -> set[str]:
    """The ids and the numbers of these programmes, plain."""
    numbers = {one.issued.number for one in programmes if one.id in ids}
    return {plain_text(name) for name in ids | numbers}


def _follows(programme: Programme, names: set[str]) -> bool:
    # It is written by people: "QĐ 323/QĐ-UBND 13/02/2012; Letter 84/SNV-CCHC". A bare number in
    # it is a day or a line, so that only what has a stroke is the number of a document.
    parts = [part.strip() for part in plain_text(programme.issued.derives_from or "").split(";")]
    words = {word.strip("(),.") for part in parts for word in part.split()}
    return bool(names & {*parts, *(word for word in words if "/" in word)})


class Gaps(NamedTuple):
    """What a plan lacks: areas, a budget, items of the programme that it must take up."""

    areas: tuple[str, ...]
    budget: bool
    items: tuple[str, ...]


def gaps(
    plan: ReportSubmitted | InspectionPlanAdopted,
    areas: Iterable[str],
    programme: str,
    items: Iterable[Item],
) -> Gaps:
    """What the plan lacks of these areas and of these items of this programme."""
    wanted = tuple(areas)
    taken = set(getattr(plan, "derived_from", ()))
    budgets = [one for one in getattr(plan, "figures", ()) if one.name == BUDGET]
    return Gaps(
        tuple(area for area in wanted if area not in plan.areas),
        not budgets,
        tuple(
            item.id
            for item in items
            if item.area in wanted
            and item.kind not in UNOWED
            and not taken & {item.id, f"{programme}:{item.id}"}
        ),
    )
