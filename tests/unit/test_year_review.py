"""What may be decided about the index, ratings, surveys and commendations."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.event import Document, Event
from schemas.events.programme import ProgrammeIssued
from schemas.events.report import Figure
from schemas.events.review import Rating
from services.assessment import VerifyAssessment
from services.command import Command
from services.review_facts import (
    AwardCommendation,
    HoldConference,
    ProposeCommendation,
    PublishRating,
    RecordSurvey,
)
from tests.given_when_then import Office, fields
from tests.office import at, day, expected, id_of, submitted

OBLIGATION, SNV, PROGRAMME = "r:3.1:2012:66.so-a", "66.so-noi-vu", "dak-lak-guidance-2012"
FIGURES = (Figure(name="reports_due", value=4.0), Figure(name="reports_on_time", value=4.0))
PAPER = Document(number="9/QĐ-UBND")


def file() -> list[Event]:
    terms = {"kind": "self_assessment", "period": "2012"}
    return [expected(OBLIGATION, **terms), submitted(OBLIGATION)]


def verify(by: str = SNV, *values: float) -> VerifyAssessment:
    scores = tuple(
        Figure(area=f"a{place}", name="score", value=value)
        for place, value in enumerate(values or (9.0, 7.5))
    )
    return VerifyAssessment(obligation=OBLIGATION, by=by, scores=scores)


def test_a_verification_accepts_the_file_that_it_answers_and_knows_its_year() -> None:
    (event,) = Office(*file()).when(verify())

    assert fields(event, "type", "causation_id", "year") == (
        *("assessment.verified.v1", submitted(OBLIGATION).event_id, 2012),
    )


def test_verifying_twice_says_nothing_and_other_scores_are_a_correction() -> None:
    office = Office(*file())
    office.when(verify())

    assert [] == office.when(verify())
    assert "correct that record" in office.refuses(verify(SNV, 8.0))


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (verify("66.x"), "only 66.so-noi-vu may verify it"),
        (verify(SNV, -1.0), "a score is 0 or more"),
        (VerifyAssessment(obligation=OBLIGATION, by=SNV, scores=()), "name the scores"),
        (
            VerifyAssessment(obligation=OBLIGATION, by=SNV, scores=FIGURES[:1] * 2),
            "each area of the index is scored once",
        ),
    ],
)
def test_a_verification_is_refused_with_its_rule(command: Command, rule: str) -> None:
    assert rule in Office(*file()).refuses(command)


def test_what_was_not_sent_is_not_verified_and_a_report_is_no_index_file() -> None:
    assert "after it was sent" in Office(file()[0]).refuses(verify())
    assert "no self-assessment" in Office(expected(OBLIGATION)).refuses(verify())


def office(*commands: Command) -> Office:
    issued = ProgrammeIssued(
        event_id=id_of("issued"),
        effective_at=at("2012-03-01"),
        unit="66",
        by="66",
        source="66",
        programme=PROGRAMME,
        number="1/HD",
        title="Hướng dẫn",
    )
    made = Office(issued)
    for command in commands:
        made.when(command)
    return made


def rate(*ratings: Rating, **more: Any) -> PublishRating:
    given = {"programme": PROGRAMME, "by": "66", "year": 2012}
    return PublishRating(**{**given, "ratings": ratings, **more})


def propose(by: str = "66.so-a", **more: Any) -> ProposeCommendation:
    given = {"programme": PROGRAMME, "year": 2012, "form": "bang-khen", "subject": "66.so-a"}
    return ProposeCommendation(**{**given, "by": by, "figures": FIGURES, **more})


def award(by: str = "66", **more: Any) -> AwardCommendation:
    given = {"programme": PROGRAMME, "year": 2012, "form": "bang-khen", "subject": "66.so-a"}
    return AwardCommendation(**{**given, "by": by, "document": PAPER, **more})


def survey(**more: Any) -> RecordSurvey:
    given = {"programme": PROGRAMME, "by": SNV, "unit": "66.x", "survey": "hai-long-2012"}
    told = {"sample": 300, "result": 81.5, "measured_unit": "percent"}
    return RecordSurvey(**{**given, **told, **more})


GOOD, FAIR = Rating(unit="66.x", rating_class="A", rank=1), Rating(unit="66.y", rating_class="B")
CONFERENCE = HoldConference(
    programme=PROGRAMME,
    by="66",
    conference_kind="workshop",
    subject="Cơ chế một cửa",
    held_on=day("2012-05-05"),
)


@pytest.mark.parametrize("command", [rate(GOOD, FAIR), propose(), survey(), CONFERENCE])
def test_the_same_told_twice_says_nothing_the_second_time(command: Command) -> None:
    held = office()

    assert (1, 0) == (len(held.when(command)), len(held.when(command, now="2020-06-03 08:00")))


def test_an_award_follows_the_proposal_that_caused_it() -> None:
    held = office(propose())
    (proposal,) = held.when(propose(form="giay-khen"))
    (event,) = held.when(award(form="giay-khen"))

    assert proposal.event_id == event.causation_id
    assert [] == held.when(award(form="giay-khen"))


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (rate(), "names the units"),
        (rate(GOOD, GOOD), "rated once"),
        (rate(Rating(unit="66.x", rating_class="A", rank=0)), "counted from 1"),
        (rate(FAIR), "is another document"),
        (survey(sample=0), "at least one answer"),
        (survey(result=101.0), "from 0 to 100"),
        (propose(persons=3), "no person is named"),
        (propose(subject=None), "no person is named"),
        (propose(subject=None, persons=0), "at least 1"),
        (propose(subject="66.x", figures=()), "on its year's figures"),
        (propose(figures=FIGURES[:1]), "which stay"),
        (award(form="huan-chuong"), "nobody proposed it"),
        (award(by="66.so-a"), "another one awards it"),
        (award(document=None), "is a document"),
        (rate(GOOD, programme="other"), "other was not issued"),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, rule: str) -> None:
    assert rule in office(rate(GOOD), propose()).refuses(command)


def test_a_rating_published_anew_by_another_document_holds() -> None:
    assert ["rating.published.v1"] == office(rate(GOOD)).says(rate(FAIR, document=PAPER))
