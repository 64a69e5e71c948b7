"""The simulation: what units do with their obligations, the same for the same seed.

`simulate` gives the history of real openings, to be published with `--history`; `generate` gives
plain random worlds of any size, for benches. Nothing here looks at the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import merge
from random import Random
from typing import Any

from ops.simulate_beyond import beyond
from ops.simulate_desk import SOURCE, Habits
from ops.simulate_findings import inspected
from ops.simulate_lives import live
from schemas.event import Event, EventId, Opens
from schemas.events.inspection import InspectionConducted
from schemas.events.report import (
    ReportDueExtended,
    ReportExpected,
    ReportReceived,
    ReportReturned,
    ReportSubmitted,
)
from schemas.events.unit import UnitEstablished
from schemas.times import DAY_MS, Day, Instant, day, day_of

OPENING_DELAY_MS = 5 * 60_000
"""The daily process opens an obligation minutes after the midnight on which it begins."""

BENCH_FIRST_DAY = day(2012, 1, 1)

BLOCK = 1_000
"""Obligations that a generated world lets live side by side."""


def simulate(
    openings: Iterable[Opens],
    *,
    seed: int,
    until: Instant,
    habits: Habits | None = None,
    subjects: Mapping[str, Sequence[str]] | None = None,
    neighbours: Mapping[str, Sequence[str]] | None = None,
) -> list[Event]:
    """The openings and everything that units do with them, in the order of recording.

    Only what is recorded before `until` is there. `subjects` maps an inspecting unit to the units
    that it may inspect; without them an inspection finds nothing; `neighbours` maps a unit to
    those that may be given its duties. An event that is delivered twice is there twice. All events
    are of the source `simulation`, so that their `recorded_at` never decreases within it. The life
    of an obligation depends on the seed and its id alone: more openings do not change the lives of
    the others.
    """
    usual = habits or Habits()
    may_inspect, beside = subjects or {}, neighbours or {}
    told: list[Event] = []
    for opening in openings:
        rng = Random(f"{seed}:{opening.obligation}")
        told.append(begun(opening))
        life = live(opening, rng, seed, usual, _diligence(seed, opening.unit))
        told += beyond(opening, life, seed, usual, beside.get(opening.unit, ()))
        others = may_inspect.get(opening.unit)
        for event in life:
            if isinstance(event, InspectionConducted) and others:
                told += inspected(event, opening, others, rng, seed, usual)
    return in_order_of_recording(told, until)


def begun(opening: Opens) -> Opens:
    """The opening as the daily process records it."""
    at = Instant(opening.effective_at + OPENING_DELAY_MS)
    return replace(opening, source=SOURCE, recorded_at=at)


def in_order_of_recording(events: Iterable[Event], until: Instant) -> list[Event]:
    """What was recorded before an instant, sorted; equal instants keep the order given."""
    return sorted(
        (event for event in events if event.recorded_at < until),
        key=lambda event: event.recorded_at,
    )


def _diligence(seed: int, unit: str) -> float:
    """How much worse than usual a unit is: most near 1, a few three times as bad."""
    return min(3.0, Random(f"{seed}:diligence:{unit}").lognormvariate(-0.1, 0.6))


def subjects_of(units: Iterable[UnitEstablished]) -> dict[str, tuple[str, ...]]:
    """Inspecting committee -> the other units beside it, under the same superior (S1:167)."""
    below: dict[str, list[UnitEstablished]] = {}
    committees: list[UnitEstablished] = []
    for unit in units:
        if unit.parent is not None:
            below.setdefault(unit.parent, []).append(unit)
        if unit.kind == "steering_committee":
            committees.append(unit)
    inspectable = ("department", "people_committee", "office")
    return {
        committee.unit: tuple(
            unit.unit for unit in below.get(committee.parent or "", ()) if unit.kind in inspectable
        )
        for committee in committees
    }


def generate(
    seed: int,
    owers: Sequence[str],
    obligations: int,
    facts_each: int = 4,
    *,
    first_day: Day = BENCH_FIRST_DAY,
    days: int = 3_650,
    source: str = "bench",
) -> Iterator[Event]:
    """A plain random world: this many obligations of report kind with this many facts each.

    The facts of an obligation come in the order of recording, those of up to BLOCK obligations
    interleaved. Openings fall on `days` days from `first_day` on. Fast and dull on purpose: use
    `simulate` for lives that mean something.
    """
    rng = Random(seed)
    for start in range(0, obligations, BLOCK):
        lives = [
            _plain_life(rng, seed, number, owers, facts_each, first_day, days, source)
            for number in range(start, min(start + BLOCK, obligations))
        ]
        yield from merge(*lives, key=lambda event: event.recorded_at)


def _plain_life(
    rng: Random,
    seed: int,
    number: int,
    owers: Sequence[str],
    facts_each: int,
    first_day: Day,
    days: int,
    source: str,
) -> list[Event]:
    ower = owers[rng.randrange(len(owers))]
    at = (first_day + rng.randrange(days)) * DAY_MS - 7 * 3_600_000
    due = Day(day_of(Instant(at)) + rng.randrange(10, 120))
    obligation = f"bench:{seed}:{number}:{ower}"
    shared: dict[str, Any] = {
        "obligation": obligation,
        "unit": ower,
        "source": source,
        "programme": "bench",
    }
    events: list[Event] = [
        ReportExpected(
            **shared,
            event_id=_bench_id(seed, number, 0),
            recorded_at=Instant(at + 1),
            effective_at=Instant(at),
            by=owers[0],
            kind="report",
            item=f"i{number % 20}",
            area=f"a{number % 6}",
            period=None,
            due_before=due,
            issuer=owers[0],
        )
    ]
    submitted: EventId | None = None
    stride_ms = 160 * DAY_MS // max(1, facts_each - 1)
    for nth in range(1, facts_each):
        at += rng.randrange(1, stride_ms)
        facts: dict[str, Any] = {
            **shared,
            "event_id": _bench_id(seed, number, nth),
            "effective_at": Instant(at),
            "recorded_at": Instant(at + rng.randrange(1, 3_600_000)),
        }
        event = _plain_fact(rng.random(), facts, ower, owers[0], due, submitted)
        if isinstance(event, ReportSubmitted):
            submitted = event.event_id
        elif isinstance(event, ReportReturned):
            submitted = None
        events.append(event)
        at = event.recorded_at
    return events


def _plain_fact(
    drawn: float,
    facts: dict[str, Any],
    ower: str,
    issuer: str,
    due: Day,
    submitted: EventId | None,
) -> Event:
    """Sent, sent back, given more time, or received: by a number drawn from [0, 1)."""
    on = day_of(facts["effective_at"])
    if submitted is None and drawn < 0.7:
        return ReportSubmitted(**facts, by=ower)
    if submitted is not None and drawn < 0.4:
        revise_before = Day(max(on, due) + 10)
        return ReportReturned(
            **facts, by=issuer, causation_id=submitted, revise_before=revise_before
        )
    if drawn < 0.8:
        return ReportDueExtended(**facts, by=issuer, due_before=Day(max(due, on) + 30))
    return ReportReceived(**facts, by=issuer)


def _bench_id(seed: int, number: int, nth: int) -> EventId:
    """A UUIDv8 that counts, for speed: seed, obligation, fact."""
    return EventId(
        (seed & 0xFFFFFFFFFFFF).to_bytes(6, "big")
        + (0x8000 | (nth & 0xFFF)).to_bytes(2, "big")
        + (0x8000000000000000 | number).to_bytes(8, "big")
    )
