"""Laws of the petitions' figures: every row adds up, whatever was told, in whatever order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from projections.petitions import COUNTED, counted, petition_of
from schemas.event import Event, EventId
from schemas.events.petition import (
    PetitionEscalated,
    PetitionReceived,
    PetitionSettled,
    PetitionTransferred,
    PetitionWithdrawn,
)
from schemas.times import DAY_MS, Instant
from tests.office import id_of

UNITS, AREAS = ("66", "66.x", "66.y"), ("procedures", "personnel")
INTO, OUT = COUNTED[:3], COUNTED[3:]
PASSING = (PetitionTransferred, PetitionEscalated)
days = st.integers(1, 60)
deeds = st.tuples(
    st.sampled_from((*PASSING, PetitionSettled, PetitionWithdrawn)), days, st.sampled_from(UNITS)
)


@st.composite
def petitions(draw: st.DrawFn) -> list[tuple[Event, ...]]:
    """A few petitions, each received on some day, and what was told of it besides."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        unit, area = draw(st.sampled_from(UNITS)), draw(st.sampled_from(AREAS))
        own = {"obligation": f"{unit}:{number}", "unit": unit, "by": unit, "source": "66"}
        at, name = Instant(draw(days) * DAY_MS), id_of(f"{number}")
        opening = {"item": str(number), "area": area, "done_when": "declared", "issuer": unit}
        told: list[Event] = [
            PetitionReceived(event_id=name, effective_at=at, **own, **opening)  # type: ignore[arg-type]
        ]
        told += [deed(own, number, place, *one) for place, one in enumerate(draw(st.lists(deeds)))]
        found.append(tuple(draw(st.permutations(told))))
    return found


def deed(own: dict[str, Any], number: int, place: int, cls: Any, day: int, unit: str) -> Event:
    more: dict[str, Any] = {"to_unit": unit} if cls in PASSING else {}
    more |= {"outcome": "other"} if cls is PetitionSettled else {}
    name: EventId = id_of(f"{number} {place}")
    event: Event = cls(event_id=name, effective_at=Instant(day * DAY_MS), **own, **more)
    return event


@given(petitions(), days, days, st.sets(st.sampled_from(UNITS), min_size=1))
def test_what_came_in_went_out_or_is_open_in_every_row_and_period(
    told: list[tuple[Event, ...]], one: int, other: int, units: set[str]
) -> None:
    since, until = Instant(min(one, other) * DAY_MS), Instant(max(one, other) * DAY_MS)
    known = [found for events in told if (found := petition_of(events)) is not None]
    totals = set()
    for by in ("area", "unit"):
        rows = counted(known, units, since, until, by)
        for counts in rows.values():
            assert sum(counts[name] for name in INTO) == sum(counts[name] for name in OUT)
        totals.add(tuple(sum(counts[name] for counts in rows.values()) for name in COUNTED))

    assert len(totals) == 1
