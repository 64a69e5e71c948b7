"""The yearly index: what units scored themselves, what was verified, and the differences.

And ranks: places by a value, where what has no value has no place (domain 7.3: null is no data).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from schemas.event import Event
from schemas.events.assessment import AssessmentVerified
from schemas.events.report import Figure, ReportSubmitted
from schemas.events.review import Rating, RatingPublished
from schemas.times import Day, Instant

DIGITS = 4
"""Digits of a score behind the point; sums of scores show no dust."""
_Key = TypeVar("_Key", bound=Hashable)


class Score(NamedTuple):
    """One area's score of the index; None where the unit or the verifier says nothing."""

    area: str | None
    name: str
    own: float | None
    verified: float | None

    @property
    def difference(self) -> float | None:
        """Verified minus own: below 0 where the unit scored itself too high."""
        return _minus(self.verified, self.own)


class IndexFile(NamedTuple):
    """One unit's index file. `sent_at` is the first sending; days are those of its figures."""

    sent_at: Instant | None
    figures_from: Day | None
    figures_to: Day | None
    scores: tuple[Score, ...]

    @property
    def own(self) -> float | None:
        """What the unit gave itself in all."""
        return _total(self.scores, [one.own for one in self.scores])

    @property
    def verified(self) -> float | None:
        """What was verified in all; None while nothing was."""
        return _total(self.scores, [one.verified for one in self.scores])

    @property
    def difference(self) -> float | None:
        """Verified minus own, in all."""
        return _minus(self.verified, self.own)


def index_file(events: Sequence[Event]) -> IndexFile:
    """The events of one self-assessment, as they hold: its last file, its last verification."""
    sent = [event for event in events if isinstance(event, ReportSubmitted)]
    verified = [event for event in events if isinstance(event, AssessmentVerified)]
    own = _by_area(sent[-1].figures if sent else ())
    checked = _by_area(verified[-1].scores if verified else ())
    keys = dict.fromkeys((*own, *checked))
    return IndexFile(
        sent[0].effective_at if sent else None,
        sent[-1].figures_from if sent else None,
        sent[-1].figures_to if sent else None,
        tuple(Score(*key, own.get(key), checked.get(key)) for key in keys),
    )


def _by_area(figures: Iterable[Figure]) -> dict[tuple[str | None, str], float]:
    return {(one.area, one.name): one.value for one in figures}


def _total(scores: Sequence[Score], values: Sequence[float | None]) -> float | None:
    """A figure of no area is the total itself; else the areas make it."""
    told = [
        (score, value) for score, value in zip(scores, values, strict=True) if value is not None
    ]
    whole = [value for score, value in told if score.area is None]
    if not told:
        return None
    return round(whole[0] if whole else sum(value for _, value in told), DIGITS)


def _minus(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else round(one - other, DIGITS)


def ranks(values: Mapping[_Key, float | None]) -> dict[_Key, int | None]:
    """The place of each, the highest value first; equal values share one, None has none.

    >>> ranks({"a": 0.5, "b": 0.9, "c": 0.9, "d": None})
    {'a': 3, 'b': 1, 'c': 1, 'd': None}
    """
    told = [value for value in values.values() if value is not None]
    return {
        key: None if value is None else 1 + sum(other > value for other in told)
        for key, value in values.items()
    }


def ratings_of(events: Iterable[Event], year: int) -> dict[str, Rating]:
    """Unit -> its published rating of the year; of several the last one holds."""
    told = [one for one in events if isinstance(one, RatingPublished) and one.year == year]
    told.sort(key=lambda one: (one.effective_at, one.recorded_at, one.event_id))
    return {rating.unit: rating for one in told for rating in one.ratings}
