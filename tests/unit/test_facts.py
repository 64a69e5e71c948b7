"""Facts: what the fold keeps of an event, and that it keeps nothing of a type's own fields."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.facts import Fact, fact_of, fact_of_value
from projections.life import What
from projections.obligation import derive
from projections.states import state
from schemas import avro
from schemas.event import EFFECT_BASES, Event, EventId, event_types
from schemas.events.ladder import RecordCorrected
from schemas.events.task import TaskAssigned
from schemas.refusal import Refused
from schemas.times import Instant
from tests.given import instant
from tests.office import assigned, declared
from tests.strategies import events_of

TYPES = sorted(event_types().values(), key=lambda cls: cls.type)


@settings(max_examples=200)
@given(st.sampled_from(TYPES).flatmap(events_of))
def test_a_fact_has_the_fields_of_the_envelope_and_of_the_effect_and_no_others(
    event: Event,
) -> None:
    fact = fact_of(event)
    base = EFFECT_BASES[event.effect]
    kept = {name for name in Fact._fields if name in base.__dataclass_fields__}

    assert fact.effect == event.effect
    assert {name: getattr(fact, name) for name in kept} == {n: getattr(event, n) for n in kept}
    for name in set(Fact._fields) - kept - {"effect", "imported", "content"}:
        assert getattr(fact, name) == Fact._field_defaults[name]


@given(st.sampled_from(TYPES).flatmap(events_of))
def test_the_fact_of_a_value_is_the_fact_of_its_event(event: Event) -> None:
    value = avro.encode(event)

    assert fact_of_value(value) == fact_of(event) == fact_of(event, value)


def test_the_target_of_a_task_is_not_the_target_of_a_correction() -> None:
    task = assigned(target="50 communes")

    assert isinstance(task, TaskAssigned)
    assert fact_of(task).target is None


def test_the_content_of_a_fact_is_the_same_whenever_it_was_recorded() -> None:
    early, late = declared(recorded_at=Instant(1)), declared(recorded_at=Instant(2))

    assert fact_of(early).content == fact_of(late).content
    assert fact_of(declared(effective_at=Instant(5))).content != fact_of(early).content


def test_bytes_that_are_no_event_are_refused() -> None:
    with pytest.raises(Refused):
        fact_of_value(b"not an event")


def corrected(replacement: Event) -> RecordCorrected:
    return RecordCorrected(
        event_id=EventId(b"c" * 16),
        recorded_at=instant("2021-02-10"),
        effective_at=instant("2021-02-10"),
        obligation=replacement.obligation,
        unit=replacement.unit,
        by="87",
        source="87",
        target=declared().event_id,
        replacement=avro.encode(replacement),
    )


def test_a_correction_puts_the_encoded_value_in_place() -> None:
    late = declared(effective_at=instant("2021-01-05"), recorded_at=instant("2021-01-05"))
    meant = declared(effective_at=instant("2020-12-30"))
    facts = [fact_of(event) for event in (assigned(), late, corrected(meant))]
    life = derive(facts)

    assert state(derive(facts[:2]), instant("2021-03-01")) == "done_late"
    assert state(life, instant("2021-03-01")) == "done_on_time"
    assert [note.what for note in life.notes] == [What.CORRECTED, What.CLAIMED_LATE]
