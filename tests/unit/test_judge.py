"""The judge refuses each kind of poison for its reason, and so does the engine's fast way."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from ops.poison import Poison, poisons
from ops.simulate import generate
from projections.engine import Engine
from projections.judge import judge
from schemas import avro
from schemas.event import Event
from schemas.refusal import Refused

SOUND: Event = next(generate(3, ["u0"], 1, 1))
POISONS = list(poisons(SOUND, random.Random(1)))


def test_a_sound_record_is_taken() -> None:
    assert judge(SOUND.key.encode(), avro.encode(SOUND), "events") == SOUND


@pytest.mark.parametrize("poison", POISONS, ids=lambda p: p.reason.value)
def test_each_kind_of_poison_is_refused_for_its_reason(poison: Poison) -> None:
    with pytest.raises(Refused) as refused:
        judge(poison.key, poison.value, "events")

    assert refused.value.reason == poison.reason


def test_the_engine_refuses_the_same_records_for_the_same_reasons() -> None:
    engine = Engine()
    engine.open(0, [])
    sound = [(SOUND.key.encode(), avro.encode(SOUND))]
    pairs = [*sound, *((p.key, p.value) for p in POISONS), *sound]
    records = [
        SimpleNamespace(offset=at, timestamp=0, key=key, value=value)
        for at, (key, value) in enumerate(pairs)
    ]
    batch = engine.take(0, records)

    assert [(r.offset, reason) for r, reason, _ in batch.quarantined] == [
        (at, p.reason) for at, p in enumerate(POISONS, start=1)
    ]
    assert (len(batch.facts), batch.duplicates) == (1, 1)
