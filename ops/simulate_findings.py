"""What an inspection finds, and what its subjects do about it: remedies, or silence."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from ops.simulate_desk import HOUR_MS, SOURCE, Desk, Habits
from schemas.event import Event, Opens
from schemas.events.finding import (
    FindingClosed,
    FindingRecorded,
    FindingWithdrawn,
    RemedyReported,
    RemedyRequired,
    RemedyReturned,
)
from schemas.events.inspection import InspectionConducted
from schemas.times import Day, Instant, day_of
from services.document_rules import event_id


def inspected(
    conducted: InspectionConducted,
    opening: Opens,
    subjects: Sequence[str],
    rng: Random,
    seed: int,
    habits: Habits,
) -> list[Event]:
    """The findings of one inspection and what their subjects did about them."""
    events: list[Event] = []
    number = f"kt-{opening.period or 'x'}"
    for nth in range(1, rng.randint(0, habits.findings_max) + 1):
        found = FindingRecorded(
            event_id=event_id(SOURCE, str(seed), opening.obligation or "", "finding", str(nth)),
            recorded_at=Instant(conducted.recorded_at + nth * HOUR_MS),
            effective_at=Instant(conducted.effective_at + nth * HOUR_MS // 2),
            causation_id=conducted.event_id,
            obligation=f"{opening.unit}:{number}:f{nth}",
            unit=rng.choice(subjects),
            by=opening.unit,
            source=SOURCE,
            programme=opening.programme,
            item=number,
            area="inspection",
            period=opening.period,
            due_before=_remedy_due(conducted, rng),
            issuer=opening.unit,
            finding_kind=rng.choice(("shortcoming", "delay")),
            inspection=opening.obligation,
            text="Chậm trễ trong triển khai kế hoạch",
        )
        events += [found, *_remedied(found, rng, seed, habits)]
    return events


def _remedy_due(conducted: Event, rng: Random) -> Day | None:
    """No document of the seeds names a day for remedies: half have none at first."""
    if rng.random() < 0.5:
        return None
    return Day(day_of(conducted.recorded_at) + rng.randint(20, 60))


def _remedied(found: FindingRecorded, rng: Random, seed: int, habits: Habits) -> list[Event]:
    desk = Desk(found, rng, seed)
    told_on = Day(day_of(found.recorded_at) + 1)
    if desk.chance(habits.closed_on_the_spot):
        desk.tell(FindingClosed, desk.moment(told_on), by=found.issuer)
        return desk.events
    if desk.chance(habits.withdrawn):
        desk.tell(FindingWithdrawn, desk.moment(Day(told_on + 4)), by=found.issuer)
        return desk.events
    due = found.due_before
    if due is None and desk.chance(habits.determined):
        due = Day(told_on + rng.randrange(20, 60))
        desk.tell(RemedyRequired, desk.moment(told_on), by=found.issuer, due_before=due)
    if desk.chance(habits.silent * 3):
        return desk.events
    sent_on = Day(max(told_on + 1, (due or told_on + 30) + rng.randrange(-15, 12)))
    report = desk.tell(RemedyReported, desk.moment(sent_on), by=found.unit)
    if desk.chance(habits.returned):
        back_on = Day(day_of(report.recorded_at) + 2)
        desk.tell(
            RemedyReturned,
            desk.moment(back_on),
            by=found.issuer,
            causation_id=report.event_id,
            revise_before=Day(max(back_on, due or back_on) + 10),
            reasons=("incomplete",),
        )
        report = desk.tell(RemedyReported, desk.moment(Day(back_on + 6)), by=found.unit)
    if desk.chance(habits.accepted * 2):
        closed_on = Day(day_of(report.recorded_at) + rng.randrange(1, 12))
        desk.tell(
            FindingClosed, desk.moment(closed_on), by=found.issuer, causation_id=report.event_id
        )
    return desk.events
