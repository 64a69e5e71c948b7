"""What the demo's offices do by hand with what was sent: scores, consolidations, petitions, awards.

Everything is decided by the write side's commands on what was recorded by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from ops.demo_assigned import ONLINE, QUALITY
from ops.demo_desk import Desks, at_noon
from ops.demo_merit import year_of_unit
from ops.demo_petitions import petitions
from ops.simulate_desk import HOUR_MS
from projections.cascade import AREAS, BUDGET
from projections.index import index_file
from projections.merit import frozen, qualifies
from projections.years import Year
from schemas import avro
from schemas.event import Document, Event, Opens
from schemas.events.ladder import RecordCorrected
from schemas.events.report import Figure, ReportAccepted, ReportSubmitted
from schemas.events.review import Rating
from schemas.events.task import TaskAssigned
from schemas.events.unit import UnitEstablished
from schemas.times import Day, Instant, day, day_of
from services.assessment import VerifyAssessment
from services.owed import owed_of
from services.report import ConsolidateReports, SubmitReport
from services.review_facts import (
    AwardCommendation,
    ProposeCommendation,
    PublishRating,
    RecordSurvey,
)
from services.task import ReportTaskProgress

GUIDANCE, PROVINCE, AGENCY = "dak-lak-guidance-2012", "66", "66.so-noi-vu"
WEIGHTS = (
    *(("steering", 15.0), ("institutions", 15.0), ("procedures", 15.0), ("organisation", 10.0)),
    *(("personnel", 20.0), ("finance", 10.0), ("modernisation", 15.0)),
)
"""The most that an area of the index can score; together 100."""
SCORE = "score"
VERIFIED_YEARS = (2012, 2013, 2014, 2015)
RATED_YEARS = (2012, 2013)
CLASSES = ((82.0, "Tốt"), (78.0, "Khá"), (0.0, "Trung bình"))
"""Least verified score of each class of a rating."""
MERIT = "bang-khen"
SUMS = ("R4", "R9")
"""Items under which the province's reports are made of others'."""


def filled(told: Iterable[Event], seed: int) -> list[Event]:
    """The same history with what plans and index files say; verifying takes accepting's place."""
    kinds = {one.obligation: one.kind for one in told if isinstance(one, Opens)}
    return [
        _filled(event, kinds.get(event.obligation, ""), seed)
        for event in told
        if not (isinstance(event, ReportAccepted) and _is_index(kinds.get(event.obligation)))
    ]


def _is_index(kind: str | None) -> bool:
    return kind == "self_assessment"


def _filled(event: Event, kind: str, seed: int) -> Event:
    if event.programme != GUIDANCE:
        return event
    if isinstance(event, RecordCorrected) and event.replacement is not None:
        # A correction replaces the whole record, so that it says the same otherwise.
        right = _filled(avro.decode(event.replacement), kind, seed)
        return replace(event, replacement=avro.encode(right))
    if not isinstance(event, ReportSubmitted):
        return event
    rng = Random(f"{seed}:said:{event.obligation}")
    if kind == "plan":
        areas = tuple(area for area in AREAS if rng.random() < 0.92)
        taken = (f"dak-lak-2011-2020:{nth}" for nth, area in enumerate(AREAS, 1) if area in areas)
        cost = (Figure(name=BUDGET, value=float(rng.randrange(40, 900))),)
        with_budget = cost if rng.random() < 0.85 else ()
        return replace(event, areas=areas, derived_from=tuple(taken), figures=with_budget)
    if _is_index(kind):
        scores = tuple(
            Figure(area=area, name=SCORE, value=round(most * rng.uniform(0.72, 0.97) * 2) / 2)
            for area, most in WEIGHTS
        )
        return replace(event, figures=scores)
    return event


def deeds(
    told: Sequence[Event], units: Sequence[UnitEstablished], seed: int, until: Instant
) -> list[Event]:
    """What is decided by hand on this history, in the order in which it is decided."""
    desks = Desks(told)
    opened = [event for event in told if isinstance(event, Opens)]
    rng = Random(f"{seed}:desks")
    _measured(desks, opened, rng)
    _consolidated(desks, opened, until)
    _verified(desks, opened, rng)
    _rated(desks, units, rng)
    _rewarded(desks, opened, units)
    petitions(desks, units, seed)
    return desks.decided


def _measured(desks: Desks, opened: Iterable[Opens], rng: Random) -> None:
    """Each quarter's end the numbers that were reached, for all but a silent few."""
    for one in opened:
        if not isinstance(one, TaskAssigned) or one.item not in (QUALITY, ONLINE):
            continue
        reached, wanted = 0.0, one.target_value or 0.0
        for on in (day(2018, 3, 30), day(2018, 6, 29), day(2018, 9, 28), day(2018, 12, 14)):
            reached = min(wanted, reached + round(wanted * rng.uniform(0.1, 0.35)))
            owed = owed_of(desks.history(one.obligation or "", at_noon(on)))
            if rng.random() < 0.2 or owed.done or owed.dropped:
                continue
            desks.decide(
                ReportTaskProgress(
                    by=one.unit,
                    obligation=one.obligation or "",
                    measured=reached,
                    measured_unit=one.target_unit,
                ),
                at_noon(on),
            )


def is_summary(one: Opens) -> bool:
    """Whether it is the standing agency's report made of others', which has no day of its own."""
    return (one.programme, one.item) == (GUIDANCE, SUMS[0])


def _consolidated(desks: Desks, opened: Sequence[Opens], until: Instant) -> None:
    """A week after a report was due the standing agency sums up what has come, and sends it on."""
    for whole in filter(is_summary, opened):
        parts = [one for one in opened if _part_of(one, whole)]
        dues = [one.due_before for one in parts if one.due_before is not None]
        if not dues:
            continue
        at = at_noon(Day(max(dues) + 6))
        if at >= until:
            continue
        there = _there(desks, parts, at)
        key = whole.obligation or ""
        desks.decide(
            ConsolidateReports(
                by=AGENCY,
                obligation=key,
                included=tuple(one for one, done in there.items() if done),
                missing=tuple(one for one, done in there.items() if not done),
            ),
            at,
        )
        desks.decide(SubmitReport(by=AGENCY, obligations=(key,)), Instant(at + HOUR_MS))


def _there(desks: Desks, parts: Iterable[Opens], at: Instant) -> dict[str, bool]:
    """Obligation -> whether its report was there at an instant; waived ones are not asked for."""
    found: dict[str, bool] = {}
    for one in parts:
        owed = owed_of(desks.history(one.obligation or "", at))
        if owed.opening is not None and owed.dropped is None:
            found[one.obligation or ""] = owed.done
    return found


def _part_of(one: Opens, whole: Opens) -> bool:
    same = (one.programme, one.period) == (whole.programme, whole.period)
    return same and one.item not in SUMS and one.kind == "report"


def _verified(desks: Desks, opened: Iterable[Opens], rng: Random) -> None:
    """The standing agency checks the index files of others, weeks after they came."""
    for one in opened:
        if not _is_index(one.kind) or one.programme != GUIDANCE or one.unit == AGENCY:
            continue
        year = int(one.period or 0)
        history = desks.history(one.obligation or "")
        if year not in VERIFIED_YEARS or not owed_of(history).done:
            continue
        last = max(event.recorded_at for event in history)
        on = max(day(year, 12, 10), Day(day_of(last) + 5))
        own = index_file(desks.held(one.obligation or "", at_noon(on))).scores
        scores = tuple(
            Figure(area=each.area, name=each.name, value=max(0.0, (each.own or 0.0) - cut))
            for each, cut in zip(own, _cuts(rng, len(own)), strict=True)
        )
        if scores:
            desks.decide(
                VerifyAssessment(
                    by=AGENCY, obligation=one.obligation or "", scores=scores, year=year
                ),
                at_noon(on),
            )


def _cuts(rng: Random, count: int) -> list[float]:
    """What verifying takes away of each area, in halves of a point; mostly nothing."""
    return [rng.choice((0.0, 0.0, 0.0, 0.5, 0.5, 1.0, 2.0)) for _ in range(count)]


def _rated(desks: Desks, units: Iterable[UnitEstablished], rng: Random) -> None:
    """The province publishes the districts' places by their verified scores; surveys are held."""
    districts = [one for one in units if (one.parent, one.level) == (PROVINCE, "district")]
    for year in RATED_YEARS:
        on, scores = day(year + 1, 2, 28), dict[str, float]()
        for one in districts:
            file = f"{GUIDANCE}:3.1:{year}:{one.unit}"
            score = index_file(desks.held(file, at_noon(on))).verified
            if score is not None:
                scores[one.unit] = score
        ordered = sorted(scores, key=lambda unit: (-scores[unit], unit))
        ratings = tuple(
            Rating(
                unit=unit,
                rating_class=next(name for least, name in CLASSES if scores[unit] >= least),
                rank=1 + sum(score > scores[unit] for score in scores.values()),
                score=scores[unit],
            )
            for unit in ordered
        )
        desks.decide(
            PublishRating(
                by=PROVINCE,
                programme=GUIDANCE,
                year=year,
                ratings=ratings,
                document=Document(number=f"{400 + year - 2012}/QĐ-UBND", date=on),
            ),
            at_noon(on),
        )
        for unit in ordered[:4]:
            desks.decide(
                RecordSurvey(
                    by=AGENCY,
                    programme=GUIDANCE,
                    unit=unit,
                    survey=f"Hài lòng của người dân {year}",
                    sample=rng.randrange(200, 600, 10),
                    result=round(rng.uniform(68, 93), 1),
                    measured_unit="percent",
                ),
                at_noon(day(year, 11, 20)),
            )


def _held(desks: Desks, opened: Iterable[Opens], unit: str, at: Instant) -> Iterator[list[Event]]:
    """The histories of what a unit owed by then."""
    for one in opened:
        if one.unit == unit and one.recorded_at <= at:
            yield desks.held(one.obligation or "", at)


def _rewarded(desks: Desks, opened: Iterable[Opens], units: Iterable[UnitEstablished]) -> None:
    """For each rated year the units with spotless figures are proposed; most are awarded."""
    districts = [one.unit for one in units if (one.parent, one.level) == (PROVINCE, "district")]
    for year in RATED_YEARS:
        at = at_noon(day(year + 1, 3, 5))
        found = [
            (one, year_of_unit(_held(desks, opened, one, at), one, Year(year))) for one in districts
        ]
        worthy = [(unit, figures) for unit, figures in found if qualifies(figures, 80)][:4]
        for nth, (unit, figures) in enumerate(worthy):
            fields: dict[str, Any] = {
                "programme": GUIDANCE,
                "year": year,
                "form": MERIT,
                "subject": unit,
            }
            paper = Document(number=f"{60 + nth}/TTr-SNV", date=day_of(at))
            desks.decide(
                ProposeCommendation(by=AGENCY, figures=frozen(figures), document=paper, **fields),
                at,
            )
            if nth < 3:
                on = day(year + 1, 3, 28)
                paper = Document(number=f"{700 + nth}/QĐ-UBND", date=on)
                desks.decide(AwardCommendation(by=PROVINCE, document=paper, **fields), at_noon(on))
