"""Petitions: what was done with them, by whom and in which area, from the lives of each.

The report of S1 R5 and the way of one petition (questions 32 and 21). Each row of figures keeps
carried + received + taken over = transferred + escalated + settled + withdrawn + open.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from projections.facts import lone_fact
from projections.life import Life, Phase, Standing, Turn
from projections.obligation import derive
from schemas.event import Event, EventId
from schemas.events.petition import PetitionEscalated, PetitionReceived
from schemas.times import Instant

DEEDS = ("received", "transferred", "escalated", "settled", "withdrawn")
"""What a unit does with a petition; who gets one that was passed on takes it over."""
COUNTED = ("carried", "received", "taken_over", *DEEDS[1:], "open")
"""The counts of a row, in the order of the report."""

ENDED = {Phase.DONE: "settled", Phase.DROPPED: "withdrawn"}
"""How a petition ends; until then it is open."""
LIVES_KEPT = 20_000
"""So many petitions are derived once, and again when something is told of them."""


class Deed(NamedTuple):
    """One thing done: by whom, in which area; `to_unit` where it was passed on."""

    event_id: bytes
    at: Instant
    what: str
    unit: str
    area: str | None
    to_unit: str | None


class Petition(NamedTuple):
    """One petition: how things stand with it when, and what was done."""

    life: Life
    deeds: tuple[Deed, ...]


@lru_cache(maxsize=LIVES_KEPT)
def petition_of(events: tuple[Event, ...]) -> Petition | None:
    """The events of one obligation, as they hold; None where it is no petition."""
    if not any(isinstance(event, PetitionReceived) for event in events):
        return None
    by_id = {event.event_id: event for event in events}
    life = derive(lone_fact(event) for event in events)
    deeds: list[Deed] = []
    before: Standing | None = None
    for turn in life.turns:
        what = _what(before, turn, by_id)
        if what is not None:
            holder = turn.standing.ower if before is None else before.ower
            to_unit = turn.standing.ower if turn.standing.ower != holder else None
            at, area = Instant(turn.at), turn.standing.area
            deeds.append(Deed(turn.event_id, at, what, holder, area, to_unit))
        before = turn.standing
    return Petition(life, tuple(deeds))


def _what(before: Standing | None, turn: Turn, by_id: Mapping[EventId, Event]) -> str | None:
    now = turn.standing
    if before is None:
        return "received"
    if now.ower != before.ower:
        up = isinstance(by_id[EventId(turn.event_id)], PetitionEscalated)
        return "escalated" if up else "transferred"
    # What was settled and is taken back later stays settled in the quarter's report.
    return None if before.phase in ENDED else ENDED.get(now.phase)


def counted(
    petitions: Iterable[Petition],
    units: Collection[str],
    since: Instant,
    until: Instant,
    by: str = "area",
) -> dict[str, Counter[str]]:
    """Area or unit -> its counts in [since, until], of what these units did and hold."""
    found: dict[str, Counter[str]] = {}

    def count(unit: str, area: str | None, what: str) -> None:
        if unit in units:
            found.setdefault(unit if by == "unit" else area or "", Counter())[what] += 1

    for petition in petitions:
        for deed in petition.deeds:
            if since <= deed.at <= until:
                count(deed.unit, deed.area, deed.what)
                if deed.to_unit is not None:
                    count(deed.to_unit, deed.area, "taken_over")
        for at, what in ((Instant(since - 1), "carried"), (until, "open")):
            standing = petition.life.standing_at(at)
            if standing is not None and standing.phase not in ENDED:
                count(standing.ower, standing.area, what)
    return found
