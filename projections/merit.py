"""Rewards: the year's figures behind a proposal, as they stood, and whether they still do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.event import Event, EventId
from schemas.events.report import Figure
from schemas.events.review import CommendationAwarded, CommendationProposed

NAMING = ("unit", "year")
"""What a year's figures say besides figures."""
GROUPS = ("tasks", "reports")
"""The duties of a year, by group."""


class Merit(NamedTuple):
    """A proposal, and the award that it led to, if any."""

    proposed: CommendationProposed
    awarded: CommendationAwarded | None


def frozen(figures: Mapping[str, Any]) -> tuple[Figure, ...]:
    """A year's figures as a proposal keeps them; what is not known is left out.

    >>> frozen({"unit": "66.x", "tasks": {"due": 2}, "reminded": 1, "index_score": None})
    (Figure(area=None, name='tasks_due', value=2.0), Figure(area=None, name='reminded', value=1.0))
    """
    flat: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}_{part}": count for part, count in value.items()}
        elif name not in NAMING:
            flat[name] = value
    return tuple(
        Figure(name=name, value=float(value)) for name, value in flat.items() if value is not None
    )


def changed(then: Sequence[Figure], now: Sequence[Figure]) -> dict[str, tuple[Any, Any]]:
    """Name -> the figure then and now, where they differ; None where it was or is not known."""
    before, after = ({one.name: one.value for one in figures} for figures in (then, now))
    names = dict.fromkeys((*before, *after))
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def qualifies(figures: Mapping[str, Any], on_time_percent: int) -> bool:
    """Whether a unit may be put forward on its figures of a year. A person decides.

    It had something to do, nothing is overdue or was criticised, no finding is open, and enough
    of what was due was done on time. No programme says where the limit is (domain 12).
    """
    due, on_time, overdue = (
        sum(figures[group][name] for group in GROUPS) for name in ("due", "on_time", "overdue")
    )
    spotless = not (overdue or figures["criticised"] or figures["findings_open"])
    return bool(due and spotless and on_time * 100 >= due * on_time_percent)


def merits(events: Iterable[Event], year: int) -> list[Merit]:
    """The proposals of a year with their awards, in order."""
    told = list(events)
    awards: dict[EventId | None, CommendationAwarded] = {}
    for one in told:
        if isinstance(one, CommendationAwarded):
            awards.setdefault(one.causation_id, one)
    return [
        Merit(one, awards.get(one.event_id))
        for one in told
        if isinstance(one, CommendationProposed) and one.year == year
    ]
