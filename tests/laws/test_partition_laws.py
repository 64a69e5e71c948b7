"""Laws of partitions in one engine: each is as if it were alone, whichever come and go."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.engine import Engine
from projections.facts import fact_of_value
from schemas.frame import Version
from tests.laws.test_engine_laws import REVISION_DAYS, Board, reference
from tests.worlds_of_events import OBLIGATIONS, Record, events, record

PARTITIONS = (0, 5, 127)


def partition_of(made: Record) -> int:
    return PARTITIONS[OBLIGATIONS.index((made.key or b"").decode())]


class Together:
    """One engine with all partitions, what it journaled and what its frames told."""

    def __init__(self) -> None:
        self.engine = Engine(revision_days=REVISION_DAYS.get)
        self.journal: dict[int, dict[bytes, bytes]] = {}
        self.boards = {partition: Board() for partition in PARTITIONS}
        for partition in PARTITIONS:
            self.journal[partition] = {}
            self.engine.open(partition, ())

    def take(self, records: list[Record], *, told: bool) -> None:
        parts = [(p, [r for r in records if partition_of(r) == p]) for p in self.engine_has()]
        for batch in self.engine.take_all(parts):
            kept = self.journal[batch.partition]
            for key, stored in batch.facts:
                kept[key] = kept.get(key, b"") + stored
        if told:
            self.tell()

    def engine_has(self) -> list[int]:
        return self.engine.partitions()

    def tell(self) -> None:
        for partition in self.engine_has():
            version = Version("home", 1, "topic", partition, 7)
            for frame in self.engine.frame(partition, version):
                self.boards[partition].apply(frame)
            self.engine.told(version)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_partitions_folded_together_tell_what_each_tells_alone(data: st.DataObject) -> None:
    world = data.draw(st.permutations(data.draw(events())))
    records = [record(offset, event) for offset, event in enumerate(world)]
    both = Together()
    for start in range(0, len(records), 4):
        both.take(records[start : start + 4], told=data.draw(st.booleans()))
    both.tell()

    for partition, board in both.boards.items():
        own = [fact_of_value(r.value or b"") for r in records if partition_of(r) == partition]
        assert reference(own) == board.told()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_partition_that_goes_and_comes_back_leaves_the_others_as_they_were(
    data: st.DataObject,
) -> None:
    world: list[Any] = data.draw(st.permutations(data.draw(events())))
    records = [record(offset, event) for offset, event in enumerate(world)]
    half = len(records) // 2
    both = Together()
    both.take(records[:half], told=data.draw(st.booleans()))
    gone = data.draw(st.sets(st.sampled_from(PARTITIONS), min_size=1))
    for partition in gone:
        both.engine.close(partition)
    stay = [r for r in records[half:] if partition_of(r) not in gone]
    both.take(stay, told=data.draw(st.booleans()))
    for partition in gone:
        both.engine.open(partition, both.journal[partition].items())
        for frame in both.engine.whole_frame(partition, Version("home", 1, "t", partition, 1)):
            both.boards[partition].apply(frame)
    both.take([r for r in records[half:] if partition_of(r) in gone], told=False)
    both.tell()

    facts = [fact_of_value(r.value or b"") for r in records]
    alone = Engine(revision_days=REVISION_DAYS.get)
    alone.open(0, ())
    alone.take(0, records)
    assert sorted(alone.obligations()) == sorted(both.engine.obligations())
    for name in alone.obligations():
        assert alone.life(name) == both.engine.life(name)
    for partition, board in both.boards.items():
        own = [f for r, f in zip(records, facts, strict=True) if partition_of(r) == partition]
        assert reference(own) == board.told()
    whole = alone.counts()
    assert whole["obligations"] == both.engine.counts()["obligations"]
    assert whole["facts"] == both.engine.counts()["facts"]
