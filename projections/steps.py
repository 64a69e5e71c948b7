"""Steps in time: every measure is 0 or 1 for one obligation at one instant; steps are its changes.

A day's figure is the sum of the steps up to it. A changed fact set is "- old list + new list".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from projections.life import Life, Phase, Standing
from schemas import measures
from schemas.measures import MEASURES, Slice, Step
from schemas.times import Day, Instant, midnight, to_date

ASSIGNED = 1 << measures.ASSIGNED
DUE = 1 << measures.DUE
COMPLETED = 1 << measures.COMPLETED
COMPLETED_OF_DUE = 1 << measures.COMPLETED_OF_DUE
COMPLETED_EARLY = 1 << measures.COMPLETED_EARLY
IN_REVISION = 1 << measures.IN_REVISION
OVERDUE = 1 << measures.OVERDUE
ON_TIME = 1 << measures.ON_TIME
ON_TIME_OF_DUE = 1 << measures.ON_TIME_OF_DUE
ON_TIME_ORIGINAL_DUE = 1 << measures.ON_TIME_ORIGINAL_DUE
LATE = 1 << measures.LATE
EXTENDED = 1 << measures.EXTENDED
CANCELLED = 1 << measures.CANCELLED
NO_DUE = 1 << measures.NO_DUE
NO_DUE_DONE = 1 << measures.NO_DUE_DONE
INSPECTIONS_CONDUCTED = 1 << measures.INSPECTIONS_CONDUCTED
FINDINGS_OPEN = 1 << measures.FINDINGS_OPEN
FINDINGS_CLOSED = 1 << measures.FINDINGS_CLOSED


def held_measures(kind: str | None, standing: Standing, at: int) -> int:
    """The measures that count this obligation at an instant, as a set of bits 1 << measure."""
    if standing.phase is Phase.DROPPED:
        return CANCELLED
    done = standing.phase is Phase.DONE
    bits = _by_kind(kind, done)
    if standing.due is None:
        return bits | NO_DUE | (NO_DUE_DONE if done else 0)
    bits |= ASSIGNED
    if standing.extended:
        bits |= EXTENDED
    due = standing.due_passed(at)
    if done:
        bits |= COMPLETED | (COMPLETED_OF_DUE if due else COMPLETED_EARLY)
        if standing.on_time:
            bits |= ON_TIME | (ON_TIME_OF_DUE if due else 0)
        else:
            bits |= LATE
        if standing.on_time_original:
            bits |= ON_TIME_ORIGINAL_DUE
    if not due:
        return bits
    if done:
        return bits | DUE
    if standing.phase is Phase.DECLARED or standing.in_revision(at):
        return bits | DUE | IN_REVISION
    return bits | DUE | OVERDUE


def _by_kind(kind: str | None, done: bool) -> int:
    if kind == "inspection":
        return INSPECTIONS_CONDUCTED if done else 0
    if kind == "remedy":
        return FINDINGS_CLOSED if done else FINDINGS_OPEN
    return 0


@lru_cache(maxsize=100_000)
def due_month(due_before: int | None) -> str | None:
    """The local month of the last day on time: what is due within June counts in June.

    >>> due_month(15_522)  # before 1 July 2012
    '2012-06'
    """
    return None if due_before is None else to_date(Day(due_before - 1)).isoformat()[:7]


def slice_of(life: Life, standing: Standing) -> Slice:
    """The cuts under which the obligation is counted while things stand like this."""
    opening = life.opening
    if opening is None:
        raise ValueError("an obligation without opening is counted nowhere")
    return interned(
        opening.kind or "",
        standing.area,
        opening.programme,
        opening.item or "",
        opening.period,
        due_month(standing.due),
    )


@lru_cache(maxsize=100_000)
def interned(
    kind: str,
    area: str | None,
    programme: str | None,
    item: str,
    period: str | None,
    month: str | None,
) -> Slice:
    """One object for all equal slices: there are far fewer of them than obligations."""
    return Slice(kind, area, programme, item, period, month)


def steps(life: Life) -> tuple[Step, ...]:
    """Every change of every count, in order of instants; at one instant what is left comes first.

    The sum of the signs up to T, by (ower, slice, measure), is what `held_measures` says at T.
    `content` never comes from obligations.
    """
    if life.opening is None:
        return ()
    kind = life.opening.kind
    found: list[Step] = []
    before = life.turns[0].standing
    ower, bits = before.ower, 0
    cut = now_cut = slice_of(life, before)
    for at, standing in critical(life):
        if standing is not before:
            now_cut = slice_of(life, standing)
            before = standing
        now = held_measures(kind, standing, at)
        if bits and (standing.ower != ower or now_cut != cut):
            found += [Step(at, ower, cut, i, -1) for i in _indexes(bits)]
            bits = 0
        if now != bits:
            gone, come = _indexes(bits & ~now), _indexes(now & ~bits)
            found += [Step(at, standing.ower, now_cut, i, -1) for i in gone]
            found += [Step(at, standing.ower, now_cut, i, 1) for i in come]
        ower, cut, bits = standing.ower, now_cut, now
    return tuple(found)


def critical(life: Life) -> Iterator[tuple[Instant, Standing]]:
    """The instants at which a measure can change, each once, with how things stand then."""
    turns = life.turns
    for index, (at, _, standing) in enumerate(turns):
        until = turns[index + 1].at if index + 1 < len(turns) else None
        if at == until:
            continue
        yield Instant(at), standing
        days = {day for day in (standing.due, standing.revise) if day is not None}
        for day in sorted(days):
            instant = midnight(Day(day))
            if instant > at and (until is None or instant < until):
                yield instant, standing


@lru_cache(maxsize=4096)
def _indexes(bits: int) -> tuple[int, ...]:
    return tuple(index for index in range(len(MEASURES)) if bits >> index & 1)
