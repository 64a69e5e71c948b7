"""The story of the demo: real units, the five real programmes, and a simulated history of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ops.demo_assigned import assigned
from ops.demo_deeds import deeds, filled, is_summary
from ops.simulate import begun, in_order_of_recording, simulate, subjects_of
from ops.simulate_desk import SOURCE, VERBS, Habits
from ops.units_vn import ESTABLISHED_ON, builtin_documents, members_of, vn_units
from schemas.event import Drops, Event, Meets, Opens
from schemas.events.unit import UnitEstablished
from schemas.jsonl import to_line
from schemas.times import Instant
from services.document_rules import event_id
from services.loader import load, named_units
from services.programme_document import ProgrammeDocument

SEED = 2012
"""The demo's seed, so that every demo shows the same figures."""

LIVE_SOURCE = "demo"
"""Source of what units do while the demo is watched."""


def story(
    until: Instant, *, seed: int = SEED, habits: Habits | None = None, real_units: bool = True
) -> list[Event]:
    """Everything recorded before `until`, in the order of recording, of the source `simulation`.

    To be published as history. With `real_units=False` districts and communes are left out and
    only the programme files are needed; else raises UnitsMissing where the package is not there.
    """
    documents = builtin_documents()
    units = tuple(vn_units(documents, source=SOURCE)) if real_units else _named(documents)
    context: list[Event] = [_recorded(unit) for unit in units]
    openings: list[Opens] = []
    for document in documents:
        for event in load(document, members_of(document, units), source=SOURCE):
            if isinstance(event, Opens):
                openings.append(event)
            else:
                context.append(_recorded(event))
    for event in assigned(documents, units, context) if real_units else ():
        if isinstance(event, Opens):
            openings.append(event)
        else:
            context.append(event if event.recorded_at else _recorded(event))
    # Without real units nobody sums up by hand: then its life is simulated like any other.
    summed = [one for one in openings if is_summary(one)] if real_units else []
    left = [one for one in openings if not summed or not is_summary(one)]
    lives = simulate(left, seed=seed, until=until, habits=habits, subjects=subjects_of(units))
    lives += map(begun, summed)
    told = filled(in_order_of_recording([*context, *lives], until), seed)
    by_hand = deeds(told, units, seed, until) if real_units else ()
    return in_order_of_recording([*told, *by_hand], until)


def _named(documents: Iterable[ProgrammeDocument]) -> tuple[UnitEstablished, ...]:
    return tuple(named_units(documents, ESTABLISHED_ON, source=SOURCE))


def _recorded(event: Event) -> Event:
    """Context is recorded at the instant from which it holds."""
    return replace(event, recorded_at=event.effective_at)


def lines(until: Instant, *, seed: int = SEED) -> Iterator[str]:
    """The same story as JSON Lines."""
    return (to_line(event) for event in story(until, seed=seed))


def still_owed(told: Iterable[Event]) -> list[Opens]:
    """The openings of a story that nobody has met or dropped, findings excepted, in its order."""
    owed: dict[str | None, Opens] = {}
    for event in told:
        if isinstance(event, Opens) and event.kind in VERBS:
            owed[event.obligation] = event
        elif isinstance(event, (Meets, Drops)):
            owed.pop(event.obligation, None)
    return list(owed.values())


def sent_now(opening: Opens, at: Instant) -> Event:
    """What the ower records when it does its duty while the demo is watched, at this instant."""
    return VERBS[opening.kind].meets(
        event_id=event_id(LIVE_SOURCE, opening.obligation or "", str(at)),
        effective_at=at,
        obligation=opening.obligation,
        unit=opening.unit,
        by=opening.unit,
        source=LIVE_SOURCE,
        programme=opening.programme,
    )
