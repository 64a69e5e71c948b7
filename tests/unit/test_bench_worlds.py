"""The benches' messages are what the contract makes of the same events."""

from __future__ import annotations

from collections import Counter

from ops.bench.command import Target
from ops.bench.latency import quantile
from ops.bench.worlds import established, messages, paged, tree
from projections.engine import Engine
from projections.judge import judge
from schemas import avro
from tests.worlds_of_events import Record

UNITS = tree(2)


def test_messages_are_encoded_as_the_contract_encodes_them() -> None:
    made = list(messages(5, [unit.code for unit in UNITS], 200))
    types: Counter[str] = Counter()
    for message in made:
        event = judge(message.key, message.value, "events")
        types[event.type] += 1
        assert avro.encode(event) == message.value

    assert 800 == len(made)
    assert 5 == len(types)


def test_the_tree_has_four_levels_and_every_unit_its_path() -> None:
    assert 1 + 2 + 20 + 200 == len(UNITS)
    assert {"centre": 1, "province": 2, "district": 3, "commune": 4} == {
        unit.level: len(unit.path) for unit in UNITS
    }
    assert [unit.code for unit in UNITS] == [event.unit for event in established(UNITS)]


def test_the_engine_takes_every_message() -> None:
    engine = Engine()
    engine.open(0, ())
    made = messages(5, [unit.code for unit in UNITS], 100, block=30)
    records = [Record(offset, *message) for offset, message in enumerate(made)]
    batch = engine.take(0, records)

    assert (400, [], 0) == (len(batch.facts), batch.quarantined, batch.duplicates)


def test_pages_are_full_but_the_last() -> None:
    assert [[1, 2], [3]] == list(paged([1, 2, 3], 2))


def test_quantiles_are_values_that_were_measured() -> None:
    assert (50.0, 99.0) == (
        quantile([float(n) for n in range(100)], 0.5),
        quantile([float(n) for n in range(100)], 0.99),
    )


def test_a_target_says_whether_it_is_reached() -> None:
    target = Target(name="live / bare", value=0.7, bound=0.6, at_least=True, unit="x")

    assert target.reached
    assert "0.7 x    >= 0.6  reached" in target.line()
