"""Events of the year's review: ratings, surveys, commendations, conferences (S1:169, S2:171)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from schemas.event import Code, Context, OneOf, Text, Word, event
from schemas.events.report import Figure
from schemas.times import Day

CONFERENCE_KINDS = ("conference", "workshop")


@dataclass(frozen=True, kw_only=True)
class Rating:
    """Where one unit stands in a published rating; `rank` counts from 1."""

    unit: Code
    rating_class: Word
    rank: int | None = None
    score: float | None = None


@event("rating.published.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class RatingPublished(Context):
    """`unit` published how the units it rates stand for a year (row 43; S2:171)."""

    year: int
    ratings: tuple[Rating, ...] = ()


@event("survey.recorded.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class SurveyRecorded(Context):
    """How content people are with `unit`, by a survey (row 44; S0:96, S2:171).

    `sample` is the number of answers, `result` is in `measured_unit`.
    """

    survey: Word
    subject: Word | None = None
    sample: int
    result: float
    measured_unit: Word | None = None


@event("commendation.proposed.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class CommendationProposed(Context):
    """`unit` proposes a commendation (row 45; S3:94, 117). `subject` None: persons, by number.

    `figures` are the year's figures as they stood on the day of the proposal; they stay so.
    """

    year: int
    form: Word
    subject: Code | None = None
    persons: int | None = None
    figures: tuple[Figure, ...] = ()


@event("commendation.awarded.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class CommendationAwarded(Context):
    """The commendation was awarded (row 45); the proposal is its cause."""

    year: int
    form: Word
    subject: Code | None = None
    persons: int | None = None


@event("conference.held.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ConferenceHeld(Context):
    """`unit` held a conference or workshop (row 46; S0:50, S1:173, S3:96)."""

    conference_kind: Annotated[str, OneOf(CONFERENCE_KINDS)]
    subject: Text
    held_on: Day
