"""A unit's figures of a year from a history alone, as projections.year_figures counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from projections.facts import lone_fact
from projections.index import index_file
from projections.ladder_documents import papers, tally
from projections.obligation import derive
from projections.states import state_of
from projections.year_figures import KINDS
from projections.years import Year
from schemas.event import Event, Opens
from schemas.times import day_of

STATES = {
    "on_time": "done_on_time",
    "late": "done_late",
    "in_revision": "in_revision",
    "overdue": "overdue",
}
"""A figure of a year, and the state that makes it."""


def year_of_unit(histories: Iterable[Sequence[Event]], unit: str, year: Year) -> dict[str, Any]:
    """What the unit owed in a year and what became of it, by the histories of its duties.

    For duties that nobody hands over, returns without a day or finds anything in.
    """
    states = {group: Counter[str]() for group in KINDS}
    notes: list[Event] = []
    score: float | None = None
    for history in histories:
        opened = next(event for event in history if isinstance(event, Opens))
        notes += [one for one in history if year.first <= one.effective_at <= year.last]
        standing = derive(lone_fact(event) for event in history).standing_at(year.turn)
        if opened.kind == "self_assessment" and opened.period == str(year.number):
            score = index_file(history).verified
        if standing is None or standing.due is None or not standing.due_passed(year.turn):
            continue
        # What had to be done by 31 December is due until the first instant after it.
        if standing.due - 1 >= day_of(year.first):
            group = next(name for name, kinds in KINDS.items() if opened.kind in kinds)
            states[group][state_of(standing, year.turn)] += 1
    return {
        "unit": unit,
        "year": year.number,
        **{group: _duties(found) for group, found in states.items()},
        **tally(papers(notes))._asdict(),
        "findings_open": 0,
        "findings_closed": 0,
        "index_score": score,
    }


def _duties(found: Counter[str]) -> dict[str, int]:
    counts = {name: found[state] for name, state in STATES.items()}
    return {"due": sum(counts.values()), **counts}
