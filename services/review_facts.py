"""The year's review of a programme: ratings, surveys, commendations, conferences.

They open nothing and count nowhere; what they say of a unit stands beside its figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, assert_never, cast

from schemas.event import Event, Text
from schemas.events.report import Figure
from schemas.events.review import (
    CommendationAwarded,
    CommendationProposed,
    ConferenceHeld,
    Rating,
    RatingPublished,
    SurveyRecorded,
)
from schemas.times import Day, Instant
from services import rules
from services.command import OnProgramme, Seen, broken, named
from services.programme import programme_of

PERCENT = ("percent", "%")
_E = TypeVar("_E", bound=Event)


@dataclass(frozen=True, kw_only=True)
class _OnReview(OnProgramme):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        facts = seen[f"programme:{self.programme}"]
        if programme_of(facts).issued is None:
            raise broken(f"{self.programme} was not issued", "programme")
        return decide(facts, cast("ReviewCommand", self), now)


@dataclass(frozen=True, kw_only=True)
class PublishRating(_OnReview):
    """`by` publishes how the units that it rates stand for a year; what it published last holds."""

    year: int
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, kw_only=True)
class RecordSurvey(_OnReview):
    """A survey says how content people are with `unit`; `sample` is the number of answers."""

    unit: str
    survey: str
    sample: int
    result: float
    subject: str | None = None
    measured_unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProposeCommendation(_OnReview):
    """`by` proposes a unit (`subject`), or a number of persons, who are never named.

    `figures` are the year's figures that stand behind it; they are kept as they are.
    """

    year: int
    form: str
    subject: str | None = None
    persons: int | None = None
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AwardCommendation(_OnReview):
    """`by`, the committee whose chairman signs, awards what was proposed, by a document."""

    year: int
    form: str
    subject: str | None = None
    persons: int | None = None


@dataclass(frozen=True, kw_only=True)
class HoldConference(_OnReview):
    """`by` held a conference or a workshop."""

    conference_kind: str
    subject: Text
    held_on: Day


ReviewCommand: TypeAlias = (
    PublishRating | RecordSurvey | ProposeCommendation | AwardCommendation | HoldConference
)


def decide(facts: Sequence[Event], command: ReviewCommand, now: Instant) -> list[Event]:
    """The event that follows, or [] where all is so already. Raises Refused by a rule."""
    fields = {**command.envelope(now), "unit": command.by, "programme": command.programme}
    match command:
        case PublishRating():
            return _rated(facts, command, fields)
        case RecordSurvey():
            return _surveyed(facts, command, fields)
        case ProposeCommendation():
            return _proposed(facts, command, fields)
        case AwardCommendation():
            return _awarded(facts, command, fields)
        case HoldConference():
            held = {"subject": command.subject, "held_on": command.held_on}
            fields |= {"conference_kind": command.conference_kind, **held}
            return _unless_told(facts, ConferenceHeld(**fields))
        case _:
            assert_never(command)


def _rated(facts: Sequence[Event], command: PublishRating, fields: dict[str, Any]) -> list[Event]:
    event = RatingPublished(**fields, year=command.year, ratings=command.ratings)
    if not command.ratings:
        raise broken("a rating names the units that are rated", "ratings")
    if len({one.unit for one in command.ratings}) != len(command.ratings):
        raise broken("a unit is rated once", "ratings")
    if any(one.rank is not None and one.rank < 1 for one in command.ratings):
        raise broken("ranks are counted from 1", "ratings")
    before = [one for one in _of(facts, RatingPublished) if one.year == command.year]
    mine = [one for one in before if one.by == command.by]
    if mine and mine[-1].ratings == command.ratings:
        return []
    if mine and command.document in (None, mine[-1].document):
        raise broken("a rating published anew is another document; name its number", "document")
    return [named(event)]


def _surveyed(facts: Sequence[Event], command: RecordSurvey, fields: dict[str, Any]) -> list[Event]:
    if command.sample < 1:
        raise broken("a survey has at least one answer", "sample")
    if command.measured_unit in PERCENT and not 0 <= command.result <= 100:
        raise broken("a result in percent lies from 0 to 100", "result")
    fields |= {"unit": command.unit, "survey": command.survey, "subject": command.subject}
    fields |= {"sample": command.sample, "result": command.result}
    return _unless_told(facts, SurveyRecorded(**fields, measured_unit=command.measured_unit))


def _proposed(
    facts: Sequence[Event], command: ProposeCommendation, fields: dict[str, Any]
) -> list[Event]:
    _one_of_both(command)
    if command.subject is not None and not command.figures:
        raise broken("a unit is proposed on its year's figures; name them", "figures")
    for earlier in _of(facts, CommendationProposed):
        if _same_merit(earlier, command) and earlier.by == command.by:
            if earlier.figures == command.figures:
                return []
            raise broken("it was proposed already on other figures, which stay", "figures")
    event = CommendationProposed(**fields, **_merit(command), figures=command.figures)
    return [named(event)]


def _awarded(
    facts: Sequence[Event], command: AwardCommendation, fields: dict[str, Any]
) -> list[Event]:
    _one_of_both(command)
    proposals = [one for one in _of(facts, CommendationProposed) if _same_merit(one, command)]
    if not proposals:
        raise broken("nobody proposed it; a commendation is awarded on a proposal", "subject")
    if any(_same_merit(one, command) for one in _of(facts, CommendationAwarded)):
        return []
    if command.by in (command.subject, proposals[-1].by):
        raise broken(f"{command.by} proposed it or is proposed; another one awards it", "by")
    if command.document is None:
        raise broken("a commendation is a document; name its number", "document")
    fields["causation_id"] = proposals[-1].event_id
    return [named(CommendationAwarded(**fields, **_merit(command)))]


def _merit(command: ProposeCommendation | AwardCommendation) -> dict[str, Any]:
    return {name: getattr(command, name) for name in ("year", "form", "subject", "persons")}


def _same_merit(event: Event, command: ProposeCommendation | AwardCommendation) -> bool:
    return all(getattr(event, name) == value for name, value in _merit(command).items())


def _one_of_both(command: ProposeCommendation | AwardCommendation) -> None:
    if (command.subject is None) == (command.persons is None):
        raise broken("name the unit, or the number of persons; no person is named", "subject")
    if command.persons is not None and command.persons < 1:
        raise broken("the number of persons is at least 1", "persons")


def _unless_told(facts: Sequence[Event], event: Event) -> list[Event]:
    told = any(rules.same_words(one, event) for one in _of(facts, type(event)))
    return [] if told else [named(event)]


def _of(facts: Iterable[Event], cls: type[_E]) -> list[_E]:
    return [one for one in facts if isinstance(one, cls)]
