"""Inspections as their events tell them: who was inspected, by whom, when, on which areas.

What is owed and in which state is the boards' affair; coverage over the year is a measure and no
duty (domain 8, ambiguity 16).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from schemas.event import Event, Opens
from schemas.events.inspection import (
    InspectionAmended,
    InspectionAnnounced,
    InspectionCancelled,
    InspectionConcluded,
    InspectionConducted,
    InspectionExpected,
    InspectionPlanned,
)
from schemas.times import Day, day_of, to_date

INSPECTION_TYPES: tuple[type[Event], ...] = (
    InspectionExpected,
    InspectionPlanned,
    InspectionAmended,
    InspectionAnnounced,
    InspectionConducted,
    InspectionConcluded,
    InspectionCancelled,
)
"""All that tells of inspections, rare among the events of a ledger."""
INSPECTED_KINDS = ("department", "people_committee", "office", "division")
"""Kinds of units that steering committees inspect, where no plan names the subjects (S1:167)."""


class Intent(NamedTuple):
    """Whom a body said it would inspect, and on which day; None and () where it did not say."""

    subjects: tuple[str, ...] = ()
    planned_on: Day | None = None


class Held(NamedTuple):
    """One inspection that was held. `on` is its last day."""

    obligation: str
    body: str
    on: Day
    mode: str
    subjects: tuple[str, ...]
    areas: tuple[str, ...]


def intents(told: Iterable[Event]) -> dict[str, Intent]:
    """Obligation -> what was last announced, planned or planned anew. `told` is by obligation."""
    found: dict[str, Intent] = {}
    for event in told:
        if isinstance(event, InspectionPlanned | InspectionAnnounced | InspectionAmended):
            before = found.get(event.key, Intent())
            day = before.planned_on if event.planned_on is None else event.planned_on
            found[event.key] = Intent(event.subjects or before.subjects, day)
    return found


def inspections_held(told: Iterable[Event]) -> Iterator[Held]:
    """Each inspection that was held, by obligation. `told` is by obligation, each in order.

    What nobody opened counts nowhere, and what was cancelled was not held; a conclusion alone
    says that it was held (events.md section 1).
    """
    for obligation, group in groupby(told, key=lambda event: event.key):
        events = list(group)
        done = (InspectionConducted, InspectionConcluded, InspectionCancelled)
        first = next((event for event in events if isinstance(event, done)), None)
        opened = next((event for event in events if isinstance(event, Opens)), None)
        if opened is None or first is None or isinstance(first, InspectionCancelled):
            continue
        if isinstance(first, InspectionConducted):
            yield _conducted(obligation, first)
        else:
            yield _concluded(obligation, opened, first, events)


def _conducted(obligation: str, event: InspectionConducted) -> Held:
    on = event.to_on or event.from_on or day_of(event.effective_at)
    return Held(obligation, event.unit, on, event.mode, event.subjects, event.areas)


def _concluded(
    obligation: str, opened: Opens, event: InspectionConcluded, events: Sequence[Event]
) -> Held:
    subjects = intents(events).get(obligation, Intent()).subjects
    plan = opened if isinstance(opened, InspectionPlanned) else None
    mode, areas = (plan.mode, plan.areas) if plan else ("periodic", ())
    return Held(obligation, event.unit, day_of(event.effective_at), mode, subjects, areas)


def in_year(held: Iterable[Held], year: int) -> list[Held]:
    """Those whose last day lies in the year, in the order of their days."""
    return sorted(
        (one for one in held if to_date(one.on).year == year),
        key=lambda one: (one.on, one.obligation),
    )


class Covered(NamedTuple):
    """How often a unit was inspected; `last_on` None: never."""

    unit: str
    times: int
    last_on: Day | None
    bodies: tuple[str, ...]
    areas: tuple[str, ...]


def covered(units: Iterable[str], held: Sequence[Held]) -> list[Covered]:
    """Each of the units with the inspections that it was a subject of, each counted once."""
    found = []
    for unit in units:
        own = [one for one in held if unit in one.subjects]
        found.append(
            Covered(
                unit,
                len(own),
                max((one.on for one in own), default=None),
                tuple(dict.fromkeys(one.body for one in own)),
                tuple(dict.fromkeys(area for one in own for area in one.areas)),
            )
        )
    return found
