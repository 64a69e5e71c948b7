"""What one unit does with one obligation, by its habits and a seed: early, late, silent, mended."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from ops.simulate_desk import DESK_OPENS_MS, HOUR_MS, REPORT, VERBS, Desk, Habits, Verbs
from schemas import avro
from schemas.event import Document, Event, Meets, Opens
from schemas.events.inspection import InspectionAnnounced
from schemas.events.ladder import CriticismIssued, RecordCorrected, ReminderIssued, UrgingSent
from schemas.events.report import ReportReceived, ReportSubmitted
from schemas.events.task import TaskProgressReported
from schemas.times import DAY_MS, Day, Instant, day_of, midnight, to_date

REMINDERS = ((1, ReminderIssued, 1), (20, ReminderIssued, 2), (60, CriticismIssued, 0))
"""Days after the due, what is issued then, and its number: S1:189."""


CRITIC = "Chủ tịch UBND"
"""Criticism is decided by a person, named by role."""


def live(opening: Opens, rng: Random, seed: int, habits: Habits, diligence: float) -> list[Event]:
    """Everything that happens to one obligation after its opening.

    `diligence` scales lateness and silence: 1 is usual, 2 twice as bad. Events come in the order
    in which they were written, which need not be that of their recording.
    """
    desk = Desk(opening, rng, seed)
    opened_on = day_of(opening.effective_at)
    due = opening.due_before
    if desk.chance(habits.cancelled):
        verbs = VERBS[opening.kind]
        at = desk.moment(Day(opened_on + rng.randrange(5, 120)))
        desk.tell(verbs.drops, at, by=opening.issuer, document=desk.paper("QĐ", day_of(at)))
        return desk.events
    if due is None:
        due = _determined(desk, opened_on, habits)
    if due is None:
        return desk.events
    due = _extended(desk, opened_on, due, habits)
    sent_on = _day_of_sending(desk, opened_on, due, habits, diligence)
    _ladder(desk, due, sent_on, habits)
    if sent_on is not None:
        _notes_before(desk, opened_on, sent_on, habits)
        _sent(desk, due, sent_on, habits)
    return desk.events


def _determined(desk: Desk, opened_on: Day, habits: Habits) -> Day | None:
    """Somebody sets a day for a duty that has none, or nobody does."""
    verbs = VERBS[desk.opening.kind]
    if verbs.determines is None or not desk.chance(habits.determined):
        return None
    at = desk.moment(Day(opened_on + desk.rng.randrange(1, 20)))
    due = Day(day_of(at) + desk.rng.randrange(15, 45))
    desk.tell(
        verbs.determines,
        at,
        by=desk.opening.issuer,
        due_before=due,
        document=desk.paper("SNV", day_of(at)),
    )
    return due


def _extended(desk: Desk, opened_on: Day, due: Day, habits: Habits) -> Day:
    verbs = VERBS[desk.opening.kind]
    if verbs.extends is None or not desk.chance(habits.extended):
        return due
    decided_on = max(opened_on, Day(due + desk.rng.randrange(-10, 15)))
    later = Day(max(due, decided_on) + desk.rng.randrange(14, 90))
    desk.tell(
        verbs.extends,
        desk.moment(decided_on),
        by=desk.opening.issuer,
        due_before=later,
        document=desk.paper("QĐ-UBND", decided_on),
        reason="Gia hạn theo đề nghị của cơ quan được giao",
    )
    return later


def _day_of_sending(
    desk: Desk, opened_on: Day, due: Day, habits: Habits, diligence: float
) -> Day | None:
    drawn = desk.rng.random()
    if drawn < habits.silent * diligence:
        return None
    if drawn < (habits.silent + habits.late) * diligence:
        return Day(due + int(desk.rng.expovariate(1 / 12)))
    earliest = Day(opened_on - habits.days_before_opening)
    if desk.chance(habits.on_the_last_day):
        return max(earliest, Day(due - 1))
    return max(earliest, Day(due - 1 - int(desk.rng.expovariate(1 / habits.days_ahead))))


def _notes_before(desk: Desk, opened_on: Day, sent_on: Day, habits: Habits) -> None:
    opening = desk.opening
    if opening.kind == "task" and sent_on - opened_on > 20 and desk.chance(habits.progressed):
        at = desk.moment(Day(opened_on + desk.rng.randrange(10, sent_on - opened_on)))
        part = round(desk.rng.uniform(0.1, 0.9), 2)
        desk.tell(TaskProgressReported, at, by=opening.unit, done_part=part)
    if opening.kind == "inspection" and sent_on - opened_on > 10:
        at = desk.moment(Day(sent_on - desk.rng.randrange(5, 10)))
        desk.tell(InspectionAnnounced, at, by=opening.unit, planned_on=sent_on)


def _ladder(desk: Desk, due: Day, sent_on: Day | None, habits: Habits) -> None:
    """Urged before the due, reminded after it, criticised when nothing helped."""
    agency = desk.opening.issuer
    opened_on = day_of(desk.opening.effective_at)
    if desk.chance(habits.urged) and due - 4 > opened_on and (sent_on is None or sent_on > due - 4):
        desk.tell(UrgingSent, desk.moment(Day(due - 4)), by=agency)
    for after, cls, nth in REMINDERS:
        on = _working_day(Day(due + after))
        if sent_on is not None and sent_on <= on:
            return
        if cls is CriticismIssued and not desk.chance(habits.criticised):
            return
        told: dict[str, Any] = {
            "by": agency,
            "correlation_id": desk.same_paper(cls.type, nth),
            "document": Document(number=f"{nth or 'PB'}/{desk.opening.item}", date=on),
        }
        if nth:
            told["nth"] = nth
        else:
            told["actor_role"] = CRITIC
        desk.tell(cls, Instant(midnight(on) + DESK_OPENS_MS), **told)


def _working_day(on: Day) -> Day:
    weekday = to_date(on).weekday()
    return Day(on + max(0, 7 - weekday)) if weekday > 4 else on


def _sent(desk: Desk, due: Day, sent_on: Day, habits: Habits) -> None:
    """Sent, perhaps received, returned, sent again, accepted, and perhaps wrongly recorded."""
    verbs = VERBS[desk.opening.kind]
    sent = _meet(desk, verbs.meets, sent_on, habits)
    _mended(desk, sent, sent_on, habits)
    last = sent
    if verbs.returns is not None and desk.chance(habits.returned):
        again = _returned(desk, verbs, sent, due, habits)
        if again is None:
            return
        last = again
    elif verbs is REPORT and desk.chance(habits.received):
        at = Instant(sent.recorded_at + HOUR_MS)
        channel = "paper" if sent.effective_is_day else "electronic"
        desk.tell(ReportReceived, at, by=desk.opening.issuer, channel=channel)
    if verbs.accepts is not None and desk.chance(habits.accepted):
        desk.tell(
            verbs.accepts,
            desk.moment(Day(day_of(last.recorded_at) + desk.rng.randrange(2, 15))),
            by=desk.opening.issuer,
            causation_id=last.event_id,
        )


def _meet(desk: Desk, cls: type[Event], on: Day, habits: Habits) -> Event:
    """Electronically at once, or on paper: known by its day, recorded days later."""
    told: dict[str, Any] = {"by": desk.opening.unit, "document": desk.paper("BC", on)}
    if cls is ReportSubmitted:
        told["data_cutoff_on"] = Day(on - 5)
    at = desk.moment(on)
    if desk.chance(habits.on_paper):
        late = desk.rng.choice((1, 1, 2, 2, 3, 5, 8))
        told |= {"effective_is_day": True, "recorded_at": Instant(at + late * DAY_MS)}
        at = midnight(on)
    return desk.tell(cls, at, **told)


def _mended(desk: Desk, sent: Event, sent_on: Day, habits: Habits) -> None:
    """The clerk typed another day, or recorded what never came; found out weeks later."""
    found_at = desk.moment(Day(day_of(sent.recorded_at) + desk.rng.randrange(3, 40)))
    if desk.chance(habits.corrected):
        truly = max(desk.opening.effective_at, Instant(sent.effective_at - 2 * DAY_MS))
        right = replace(sent, effective_at=truly)
        desk.tell(
            RecordCorrected,
            found_at,
            by=desk.opening.unit,
            target=sent.event_id,
            replacement=avro.encode(right),
            reason="Ghi nhầm ngày gửi",
        )
    elif isinstance(sent, Meets) and desk.chance(habits.voided):
        desk.tell(
            RecordCorrected,
            found_at,
            by=desk.opening.unit,
            target=sent.event_id,
            void=True,
            reason="Ghi nhầm đơn vị",
        )


def _returned(desk: Desk, verbs: Verbs, sent: Event, due: Day, habits: Habits) -> Event | None:
    """Sent back with a day for the revision; the second paper, or None where none came."""
    assert verbs.returns is not None  # asked for by the caller
    back_on = Day(day_of(sent.recorded_at) + desk.rng.randrange(1, 6))
    revise_before = Day(max(back_on, due) + desk.rng.randrange(3, 10))
    desk.tell(
        verbs.returns,
        desk.moment(back_on),
        by=desk.opening.issuer,
        causation_id=sent.event_id,
        revise_before=revise_before,
        reasons=(desk.rng.choice(("figures", "incomplete", "form")),),
    )
    if not desk.chance(habits.resent):
        return None
    slack = desk.rng.choice((-3, -2, -1, -1, 2, 6))
    return _meet(desk, verbs.meets, max(Day(back_on + 1), Day(revise_before + slack)), habits)
