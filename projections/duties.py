"""A unit's calendar: which days are meant, what one paper meets, what must be estimated.

Days and paths are arguments; nothing here knows where they come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from projections.ask import Dues
from schemas.periods import Period, PeriodKind, parse_period, period_of
from schemas.times import Day, to_date

SPANS = ("week", "month", "quarter", "year")
"""Stretches of days that a calendar shows around the day of the question."""
SHARED_KINDS = ("report",)
"""Kinds of which one paper may meet several; a plan of five years is none of one year."""
TOLD_KINDS = ("report", "self_assessment")
"""Kinds whose paper tells of its period; a plan speaks of what comes."""
_DAYS_OF_WEEK = 7


class Sending(NamedTuple):
    """Where the paper of one obligation goes: its ower, its due, its recipients."""

    obligation: str
    ower: str
    due: Day
    to: tuple[str, ...]
    via: str | None


def span_dues(name: str, today: Day) -> Dues:
    """The dues whose last day on time lies in the week (from Monday), month … of a day."""
    if name == "week":
        monday = Day(today - to_date(today).weekday())
        return Dues(monday, Day(monday + _DAYS_OF_WEEK))
    return period_dues(period_of(PeriodKind(name), today))


def period_dues(period: Period) -> Dues:
    """The dues whose last day on time lies in a period."""
    return Dues(period.first, period.end)


def together(sendings: Iterable[Sending]) -> Mapping[str, tuple[str, ...]]:
    """Obligation -> the others that one paper can meet with it: one day, the same recipients.

    Đắk Lắk's report of the second quarter and that of six months are such (domain ambiguity 4).
    """
    groups: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for one in sendings:
        groups[one.ower, one.due, frozenset(one.to), one.via].append(one.obligation)
    return {
        name: tuple(other for other in group if other != name)
        for group in groups.values()
        for name in group
    }


def estimate_from(kind: str, period: str | None, due: Day | None, today: Day) -> Day | None:
    """From which day on there can be no figures yet when it is sent; None: it can have all.

    Reports fall due before the period they tell of has ended (domain 6.2, ambiguity 3).
    """
    if kind not in TOLD_KINDS or period is None or due is None:
        return None
    try:
        ends = parse_period(period).end
    except ValueError:
        # A published opening may bear a period of another form; of its end nothing is known.
        return None
    sent = max(due, today)
    return sent if sent < ends else None


def skipped(ower: Sequence[str], recipient: Sequence[str], via: str | None) -> tuple[str, ...]:
    """The units above the ower that a report passes by; arguments are paths from the root.

    A one-stop centre reports to the province's committee, past its district (domain 4.2).
    """
    shared = {one for one, other in zip(ower, recipient, strict=False) if one == other}
    return tuple(one for one in ower[:-1] if one not in shared and one != via)
