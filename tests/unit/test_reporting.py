"""What became of a report, and where it stands towards a consolidation: pure folds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from projections.reporting import line_of, place_of, sent_of
from schemas.event import Event
from schemas.events.ladder import ReminderIssued
from schemas.events.report import (
    ReportAccepted,
    ReportConsolidated,
    ReportReceived,
    ReportReturned,
)
from tests.office import at, expected, id_of, submitted

Q2 = "r:5.1:2012-Q2:66.so-a"
INTAKE = "66.so-noi-vu"
FIRST = submitted(Q2)
SECOND = replace(FIRST, event_id=id_of("again"), effective_at=at("2012-06-13 09:00"))


def said(cls: type[Event], when: str, **fields: Any) -> Event:
    known = {"obligation": Q2, "unit": "66.so-a", "by": INTAKE, "source": "66"}
    named = {"event_id": id_of(f"{cls.__name__} {when}"), "effective_at": at(when)}
    return cls(**{**known, **named, **fields})


def test_a_report_sent_again_has_to_be_received_again() -> None:
    received = said(ReportReceived, "2012-06-06", causation_id=FIRST.event_id)
    returned = said(ReportReturned, "2012-06-11", causation_id=FIRST.event_id)
    once = sent_of([expected(Q2), FIRST, received, returned])
    again = sent_of([expected(Q2), FIRST, received, returned, SECOND])

    assert (at("2012-06-06"), returned) == (once.received_at, once.returned)
    assert (at("2012-06-13 09:00"), None, None) == (again.at, again.received_at, again.returned)


def test_an_answer_to_an_earlier_sending_is_none_to_the_later_one() -> None:
    late = said(ReportReceived, "2012-06-14", causation_id=FIRST.event_id)

    assert sent_of([expected(Q2), FIRST, SECOND, late]).received_at is None


def test_paper_that_nobody_recorded_came_when_it_was_accepted() -> None:
    assert at("2012-06-20") == sent_of([expected(Q2), said(ReportAccepted, "2012-06-20")]).at


def test_one_document_of_reminding_counts_once() -> None:
    paper = {"correlation_id": id_of("document")}
    twice = [said(ReminderIssued, when, **paper) for when in ("2012-06-09", "2012-06-10")]

    assert 1 == sent_of([expected(Q2), *twice]).reminded
    assert 2 == sent_of([*twice, said(ReminderIssued, "2012-06-20")]).reminded


def test_a_unit_is_recipient_intermediary_or_issuer_of_a_line_or_nothing() -> None:
    line = line_of(expected(Q2, to=("66",), via="66.vp"))

    assert ["recipient", "through", "issuer", None] == [
        line.role(unit) for unit in ("66", "66.vp", INTAKE, "66.x")
    ]


ISSUED = ReportConsolidated(
    event_id=id_of("issued"),
    effective_at=at("2012-06-18"),
    unit=INTAKE,
    by=INTAKE,
    source="66",
    obligation="own",
    included=("in",),
    missing=("out",),
)


@pytest.mark.parametrize(
    ("obligation", "state", "sent", "issued", "place"),
    [
        ("in", "done_on_time", "2012-06-05", None, "ready"),
        ("in", "in_revision", "2012-06-05", None, "returned"),
        ("in", "overdue", None, None, "missing"),
        ("in", "in_revision", "2012-06-05", ISSUED, "included"),
        ("out", "overdue", None, ISSUED, "missing"),
        ("out", "done_late", "2012-06-20", ISSUED, "late"),
        ("other", "done_late", "2012-06-20", ISSUED, "late"),
        ("other", "done_late", "2012-06-10", ISSUED, "unnamed"),
    ],
)
def test_the_place_of_a_part_follows_what_was_issued(
    obligation: str, state: str, sent: str | None, issued: ReportConsolidated | None, place: str
) -> None:
    assert place == place_of(obligation, state, at(sent) if sent else None, issued)
