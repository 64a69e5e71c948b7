"""Registers: whole events of a few types, as of T and known at K."""

from __future__ import annotations

import dataclasses

from projections.register import Register, without_texts
from schemas import avro
from schemas.event import Event, EventId
from schemas.events.ladder import RecordCorrected
from schemas.events.report import ReportSubmitted
from schemas.times import Instant
from tests.office import at, expected, id_of, submitted

FOREVER = at("2100-01-01")


def sent(name: str, on: str, recorded: str, **more: object) -> ReportSubmitted:
    given = {"event_id": id_of(name), "effective_at": at(on), "recorded_at": at(recorded)}
    return dataclasses.replace(submitted(), **given | more)  # type: ignore[arg-type]


def corrected(target: Event, recorded: str, value: Event | None = None) -> RecordCorrected:
    return RecordCorrected(
        event_id=id_of(f"correction {recorded}"),
        effective_at=at(recorded),
        recorded_at=at(recorded),
        obligation=target.obligation,
        unit=target.unit,
        by=target.by,
        source=target.source,
        target=target.event_id,
        void=value is None,
        replacement=None if value is None else avro.encode(value),
    )


def register_of(*events: Event) -> Register:
    register = Register([ReportSubmitted])
    for number, event in enumerate(events, start=1):
        register.tell(number, event)
    return register


def held(register: Register, on: Instant, known: Instant | None = None) -> list[EventId]:
    return [event.event_id for event in register.held(on, known)]


EARLY = sent("early", "2012-06-01", "2012-06-03")
LATE = sent("late", "2012-07-01", "2012-07-01")


def test_it_holds_what_had_happened_by_then_as_known_by_then() -> None:
    register = register_of(LATE, EARLY)

    assert [EARLY.event_id, LATE.event_id] == held(register, FOREVER)
    assert [EARLY.event_id] == held(register, at("2012-06-02"))
    assert [] == held(register, FOREVER, at("2012-06-02"))


def test_what_is_told_twice_or_is_of_another_type_is_no_second_line() -> None:
    register = register_of(EARLY, expected(), EARLY)
    register.tell(2, LATE)

    assert [EARLY.event_id] == held(register, FOREVER)
    assert 3 == register.position


def test_a_record_taken_back_is_gone_from_when_that_was_recorded() -> None:
    register = register_of(EARLY, corrected(EARLY, "2012-08-01"))

    assert [] == held(register, FOREVER)
    assert [EARLY.event_id] == held(register, FOREVER, at("2012-07-01"))


def test_a_corrected_record_reads_as_corrected_and_keeps_when_it_was_recorded() -> None:
    right = dataclasses.replace(EARLY, effective_at=at("2012-06-02"))
    register = register_of(EARLY, corrected(EARLY, "2012-08-01", right))
    (event,) = register.held(FOREVER, None)

    assert (at("2012-06-02"), EARLY.recorded_at) == (event.effective_at, event.recorded_at)
    assert [] == held(register, at("2012-06-01"))


def test_a_correction_with_another_event_in_it_changes_nothing() -> None:
    register = register_of(EARLY, corrected(EARLY, "2012-08-01", LATE))

    assert [EARLY.event_id] == held(register, at("2012-06-01"))


def test_a_register_keeps_no_texts() -> None:
    told = sent("told", "2012-06-01", "2012-06-01", text="Báo cáo dài")

    assert None is without_texts(told).text  # type: ignore[attr-defined]
    assert dataclasses.replace(told, text=None) == without_texts(told)
