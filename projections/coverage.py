"""Which items of a programme units have taken up in their plans and tasks (domain 4.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from projections.cascade import UNOWED
from schemas.event import Event
from schemas.events.programme import Item, ProgrammeAmended, ProgrammeIssued
from schemas.events.report import ReportSubmitted
from schemas.events.task import TaskAssigned, TaskCancelled


class Taken(NamedTuple):
    """What a unit's plan or task says that it follows from."""

    unit: str
    item: str


def items_of(events: Iterable[Event]) -> dict[str, Item]:
    """The items of one programme that units take up, by its events in their order."""
    held: dict[str, Item] = {}
    for event in events:
        if isinstance(event, ProgrammeIssued):
            # The first holds; what it lists stands before what amendments set.
            held = {item.id: item for item in event.items} | held
        elif isinstance(event, ProgrammeAmended):
            held = {key: item for key, item in held.items() if key not in event.items_dropped}
            held |= {item.id: item for item in event.items_set}
    return {key: item for key, item in held.items() if item.kind not in UNOWED}


def taken(events: Iterable[Event], programme: str, items: Iterable[str]) -> set[Taken]:
    """Which of these items units follow; an item is named by its id, with or without the programme.

    A bare id means an item of the programme to which the plan or task itself belongs, or of the
    one that it follows; so that a bare id counts for each programme that has it.
    """
    told = list(events)
    dropped = {one.obligation for one in told if isinstance(one, TaskCancelled)}
    names = {name: item for item in items for name in (item, f"{programme}:{item}")}
    return {
        Taken(one.unit, names[name])
        for one in told
        if one.obligation not in dropped
        for name in _follows(one)
        if name in names
    }


def _follows(event: Event) -> tuple[str, ...]:
    match event:
        case TaskAssigned():
            return () if event.derived_from is None else (event.derived_from,)
        case ReportSubmitted():
            return event.derived_from
        case _:
            return ()
