"""A year of one province as it is told: lives by character, consolidations, a small reform."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from ops.simulate import in_order_of_recording, simulate
from ops.simulate_beyond import sent_by_heir
from ops.simulate_desk import HOUR_MS, SOURCE, VERBS
from ops.year_world.characters import HABITS, Character, character_of
from ops.year_world.duties import YEARS, neighbours_of, owed, subjects_of
from schemas.event import Event, EventId, HandsOver, Meets, Opens
from schemas.events.finding import FindingTransferred
from schemas.events.report import ReportConsolidated, ReportIncluded
from schemas.events.unit import UnitEstablished, UnitMerged, UnitMoved
from schemas.times import Day, Instant, day, end_of_day, midnight
from services.document_rules import event_id

FOUND_OUT_DAYS = 31
"""Corrections recorded so long after the year still speak of it."""


class Year(NamedTuple):
    """Everything that is told of a year, in the order in which it arrives.

    `units` and `context` are the events of the tree and of the programme, `told` those of duties,
    some of them twice. `now` is when somebody looks back.
    """

    province: str
    year: int
    seed: int
    units: tuple[Event, ...]
    context: tuple[Event, ...]
    told: tuple[Event, ...]
    now: Instant

    @property
    def days(self) -> list[Day]:
        """Every day of the year."""
        first, after = day(self.year, 1, 1), day(self.year + 1, 1, 1)
        return [Day(one) for one in range(first, after)]

    @property
    def codes(self) -> tuple[str, ...]:
        """All units, superiors first."""
        return tuple(one.unit for one in self.units if isinstance(one, UnitEstablished))

    def history(self) -> list[Event]:
        """All of it as a home is told it: in the order of recording, the tree first."""
        known = [_recorded(event) for event in (*self.units, *self.context)]
        return in_order_of_recording([*known, *self.told], self.now)


class Reform(NamedTuple):
    """On one day one commune goes to another district, and one merges into its neighbour."""

    moved: UnitMoved
    merged: UnitMerged

    @property
    def at(self) -> Instant:
        """The midnight of the reform."""
        return self.merged.effective_at


def year_of(province: str, seed: int) -> Year:
    """The year of a province (one of YEARS). Raises UnitsMissing without the package of units."""
    year = YEARS[province][1]
    units, context, openings = owed(province, seed)
    now = end_of_day(Day(day(year, 12, 31) + FOUND_OUT_DAYS))
    reform = _reform(province, units, year, seed)
    merged = reform.merged.unit
    told = _lives(
        [one for one in openings if one.unit != merged or one.effective_at < reform.at],
        units,
        province,
        seed,
        now,
    )
    told = list(_handed_over(told, reform, seed))
    told += _consolidations(told, seed)
    return Year(
        province,
        year,
        seed,
        (*units, *reform),
        context,
        tuple(in_order_of_recording(told, now)),
        now,
    )


def _recorded(event: Event) -> Event:
    return replace(event, recorded_at=event.effective_at) if not event.recorded_at else event


def _lives(
    openings: Sequence[Opens],
    units: Sequence[UnitEstablished],
    province: str,
    seed: int,
    until: Instant,
) -> list[Event]:
    """The lives of all duties, each by the habits of the unit that owed it first."""
    by_character: dict[Character, list[Opens]] = defaultdict(list)
    for opening in openings:
        by_character[character_of(seed, opening.unit)].append(opening)
    subjects, neighbours = subjects_of(province, units), neighbours_of(units)
    told: list[Event] = []
    for character, theirs in by_character.items():
        told += simulate(
            theirs,
            seed=seed,
            until=until,
            habits=HABITS[character],
            subjects=subjects,
            neighbours=neighbours,
        )
    return told


# The reform


def _reform(province: str, units: Sequence[UnitEstablished], year: int, seed: int) -> Reform:
    dice = Random(f"{seed}:reform:{province}")
    at = midnight(day(year, 7, 1))
    communes = [one for one in units if one.level == "commune"]
    first, second = dice.sample(sorted({str(one.parent) for one in communes}), 2)
    moved = dice.choice([one for one in communes if one.parent == first])
    merged, into = dice.sample([one for one in communes if one.parent == second], 2)
    shared: dict[str, Any] = {
        "effective_at": at,
        "recorded_at": at,
        "by": province,
        "source": SOURCE,
    }
    return Reform(
        UnitMoved(
            event_id=event_id(SOURCE, str(seed), "moved"),
            unit=moved.unit,
            parent=second,
            **shared,
        ),
        UnitMerged(
            event_id=event_id(SOURCE, str(seed), "merged"),
            unit=merged.unit,
            into=into.unit,
            **shared,
        ),
    )


def _handed_over(told: Iterable[Event], reform: Reform, seed: int) -> Iterator[Event]:
    """What the merged commune was given before the reform goes to the one that takes it in."""
    merged, at = reform.merged, reform.at
    lives: dict[str | None, list[Event]] = defaultdict(list)
    for event in told:
        lives[event.obligation].append(event)
    for obligation, life in lives.items():
        owers = [_new_ower(e) for e in life if _gives(e) and e.effective_at < at]
        opening = next(event for event in life if isinstance(event, Opens))
        if not owers or owers[-1] != merged.unit:
            yield from life
            continue
        verbs = VERBS.get(opening.kind)
        gone = (verbs.hands_over if verbs else FindingTransferred)(
            event_id=event_id(SOURCE, str(seed), str(obligation), "merged"),
            effective_at=at,
            recorded_at=at,
            causation_id=merged.event_id,
            obligation=obligation,
            unit=merged.unit,
            by=merged.by,
            source=SOURCE,
            programme=opening.programme,
            to_unit=merged.into,
        )
        yield from sent_by_heir(life, gone)
        yield gone


def _gives(event: Event) -> bool:
    return isinstance(event, (Opens, HandsOver))


def _new_ower(event: Event) -> str:
    return event.to_unit if isinstance(event, HandsOver) else event.unit


# Consolidations


def _consolidations(told: Sequence[Event], seed: int) -> Iterator[Event]:
    """Who reports for a period names what its own report contains and what is missing in it."""
    openings = {one.obligation: one for one in told if isinstance(one, Opens)}
    sent: dict[str | None, Event] = {}
    for event in told:
        first = sent.get(event.obligation)
        if isinstance(event, Meets) and (first is None or event.recorded_at < first.recorded_at):
            sent[event.obligation] = event
    asked: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for obligation, opening in openings.items():
        if opening.kind == "report" and opening.period and obligation:
            collector = getattr(opening, "via", None) or opening.issuer
            asked[collector, opening.period].append(obligation)
    for obligation, opening in openings.items():
        theirs = asked.get((opening.unit, opening.period), [])
        own = sent.get(obligation)
        if opening.kind == "report" and own is not None:
            parts = [one for one in theirs if one != obligation]
            if parts:
                yield from _consolidated(opening, own, parts, sent, seed)


def _consolidated(
    opening: Opens, own: Event, parts: Sequence[str], sent: dict[str | None, Event], seed: int
) -> Iterator[Event]:
    at, recorded = own.effective_at, Instant(own.recorded_at + HOUR_MS)
    included = [one for one in parts if one in sent and sent[one].effective_at < at]
    together = event_id(SOURCE, str(seed), "consolidated", opening.obligation or "")
    yield ReportConsolidated(
        **_noted(together, opening.unit, opening.unit, opening.obligation, at, recorded),
        correlation_id=together,
        included=tuple(included),
        missing=tuple(one for one in parts if one not in included),
    )
    for one in included:
        told = event_id(SOURCE, str(seed), "included", one, opening.obligation or "")
        yield ReportIncluded(
            **_noted(told, sent[one].unit, opening.unit, one, at, recorded),
            correlation_id=together,
            consolidation=opening.obligation,
        )


def _noted(
    told: EventId,
    unit: str,
    by: str,
    obligation: str | None,
    at: Instant,
    recorded_at: Instant,
) -> dict[str, Any]:
    return {
        "event_id": told,
        "effective_at": at,
        "recorded_at": recorded_at,
        "obligation": obligation,
        "unit": unit,
        "by": by,
        "source": SOURCE,
    }
