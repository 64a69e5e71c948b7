"""Publishing lines: taken or refused one by one, all or nothing, safe to run twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import avro, limits
from schemas.jsonl import Defaults, to_line
from schemas.refusal import Reason
from services.ledger import Ledger
from services.publish import PUBLISH_EVENTS, LineOutcome, publish
from tests.office import Clock, at

DEFAULTS = Defaults(source="66")
SUBMITTED: dict[str, Any] = {
    "type": "report.submitted.v1",
    "obligation": "r:5.1:2012-Q2:66.so-a",
    "unit": "66.so-a",
    "effective_at": "2012-06-05T09:00:00+07:00",
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    clock = Clock(at("2012-07-01 08:00"))
    opened = Ledger.open(f"sqlite:{tmp_path / 'ledger.db'}", clock=clock, source="66")
    yield opened
    opened.close()


def line(**changed: Any) -> str:
    return json.dumps({**SUBMITTED, **changed})


def told(ledger: Ledger, *lines: str | bytes, history: bool = False) -> list[LineOutcome]:
    return list(publish(lines, ledger, DEFAULTS, history=history))


def test_a_line_is_recorded_and_told_with_its_number(ledger: Ledger) -> None:
    (outcome,) = told(ledger, line())

    assert (outcome.line_no, outcome.status.value, outcome.notification) == (1, "accepted", 1)
    assert len(outcome.event_ids) == 1


def test_publishing_twice_records_once(ledger: Ledger) -> None:
    told(ledger, line(), line(unit="66.so-b"))

    again = told(ledger, line(), line(unit="66.so-b"))

    assert [one.status.value for one in again] == ["duplicate", "duplicate"]
    assert ledger.max_notification() == 2


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{", Reason.NOT_JSON),
        (b"\xff\xfe{}", Reason.NOT_JSON),
        ("[]", Reason.NOT_JSON),
        ('{"type":"task.done.v9"}', Reason.UNKNOWN_TYPE),
        (line(effective_at=None, effective_on="2012-06-31"), Reason.EXTRA_FIELD),
        (json.dumps({k: v for k, v in SUBMITTED.items() if k != "unit"}), Reason.MISSING_FIELD),
        (line(extra=1), Reason.EXTRA_FIELD),
        (line(data_cutoff_on="2012-02-30"), Reason.IMPOSSIBLE_DAY),
        (line(effective_at="2012-06-05T09:00:00"), Reason.INSTANT_WITHOUT_OFFSET),
        (line(effective_at="2012-07-02T09:00:00+07:00"), Reason.FUTURE),
        (line(text="x" * (limits.TEXT_CHARS_MAX + 1)), Reason.TOO_LONG),
        (line(unit="66/so-a"), Reason.BAD_CODE),
        (line(unit=""), Reason.EMPTY_STRING),
    ],
)
def test_a_bad_line_is_refused_with_a_reason_and_the_rest_goes_on(
    ledger: Ledger, bad: str | bytes, reason: Reason
) -> None:
    outcomes = told(ledger, line(), bad, line(unit="66.so-b"))

    assert [one.status.value for one in outcomes] == ["accepted", "refused", "accepted"]
    assert (outcomes[1].line_no, outcomes[1].reason) == (2, reason)
    assert outcomes[1].sentence
    assert ledger.max_notification() == 2


def test_blank_lines_say_nothing_and_keep_the_count(ledger: Ledger) -> None:
    outcomes = told(ledger, "", line(), "  \n", "{")

    assert [(one.line_no, one.status.value) for one in outcomes] == [
        (2, "accepted"),
        (4, "refused"),
    ]


def test_one_document_for_several_obligations_is_one_transaction(ledger: Ledger) -> None:
    many = {k: v for k, v in SUBMITTED.items() if k != "obligation"}

    (outcome,) = told(ledger, json.dumps({**many, "obligations": ["a", "b", "c"]}))

    events = [avro.decode(one.value) for one in ledger.notifications()]
    assert [one.obligation for one in events] == ["a", "b", "c"]
    assert len({one.correlation_id for one in events}) == 1
    assert outcome.event_ids == tuple(one.event_id for one in events)


def test_a_line_of_several_obligations_is_refused_whole(ledger: Ledger) -> None:
    many = {k: v for k, v in SUBMITTED.items() if k != "obligation"}
    full = [
        line(obligation="b", effective_at=f"2012-05-01T09:{n // 60:02}:{n % 60:02}+07:00")
        for n in range(limits.FACTS_PER_OBLIGATION_MAX)
    ]
    told(ledger, *full)

    (outcome,) = told(ledger, json.dumps({**many, "obligations": ["a", "b"]}))

    assert outcome.reason is Reason.TOO_MANY_FACTS
    assert ledger.history("a") == []


def test_an_event_over_the_message_limit_is_refused(ledger: Ledger) -> None:
    words = [f"{'đ' * 90}{number:05}" for number in range(6_000)]

    (outcome,) = told(ledger, json.dumps({**SUBMITTED, "areas": words}, ensure_ascii=False))

    assert outcome.reason is Reason.TOO_LARGE


def test_the_same_id_with_other_words_is_refused_even_inside_one_file(ledger: Ledger) -> None:
    event_id = "0197e2a0-0000-8000-8000-000000000001"

    outcomes = told(ledger, line(event_id=event_id), line(event_id=event_id, unit="66.so-b"))

    assert [one.reason for one in outcomes] == [None, Reason.DUPLICATE_OTHER_CONTENT]


def test_what_the_ledger_holds_can_be_published_again_without_effect(ledger: Ledger) -> None:
    told(ledger, line(), line(unit="66.so-b"))
    lines = [to_line(avro.decode(one.value)) for one in ledger.events()]

    assert [one.status.value for one in told(ledger, *lines)] == ["duplicate", "duplicate"]
    assert [one.status.value for one in told(ledger, *lines, history=True)] == ["duplicate"] * 2


def test_history_keeps_the_lines_recording_and_refuses_disorder(ledger: Ledger) -> None:
    first = line(recorded_at="2012-06-05T10:00:00+07:00")
    earlier = line(recorded_at="2012-06-05T09:30:00+07:00", unit="66.so-b")

    outcomes = told(ledger, first, earlier, line(unit="66.so-c"), history=True)

    assert [one.reason for one in outcomes] == [None, Reason.HISTORY_ORDER, Reason.MISSING_FIELD]
    stored = avro.decode(ledger.notifications()[0].value)
    assert stored.recorded_at == at("2012-06-05 10:00")
    assert stored.imported_at == at("2012-07-01 08:00")


def test_without_history_the_ledger_sets_the_time_of_recording(ledger: Ledger) -> None:
    told(ledger, line(recorded_at="2012-06-05T10:00:00+07:00"))

    stored = avro.decode(ledger.notifications()[0].value)
    assert stored.recorded_at == at("2012-07-01 08:00")
    assert stored.imported_at is None


def test_a_file_larger_than_one_transaction_is_told_in_order(ledger: Ledger) -> None:
    count = PUBLISH_EVENTS + 5
    lines = [line(obligation=f"o{number}") for number in range(count)]
    lines[3] = "{"

    outcomes = told(ledger, *lines)

    assert [one.line_no for one in outcomes] == list(range(1, count + 1))
    assert [one.line_no for one in outcomes if one.status.value == "refused"] == [4]
    assert [n.id for n in ledger.events()] == list(range(1, count))
