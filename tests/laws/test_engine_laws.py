"""Laws of the engine: whatever the order, repeats and cuts, it says what the reference says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.engine import Engine
from projections.facts import Fact, fact_of_value
from projections.obligation import derive
from projections.steps import steps
from schemas import avro
from schemas.event import EventId
from schemas.events.ladder import RecordCorrected
from schemas.events.report import ReportExpected, ReportSubmitted
from schemas.frame import Frame, LadderEntry, Version
from schemas.frame import decode as decode_frame
from schemas.frame import encode as encode_frame
from schemas.measures import MEASURES
from schemas.refusal import Reason
from schemas.times import Instant, day_of
from tests.worlds_of_events import Record, events, record

SHARED = HealthCheck.function_scoped_fixture
VERSION = Version("home", 1, "topic", 0, 7)
SENT = ReportSubmitted(
    event_id=EventId(b"e" * 16),
    effective_at=Instant(1_339_000_000_000),
    recorded_at=Instant(1_339_000_000_001),
    obligation="p:1:66.a",
    unit="66.a",
    by="66.a",
    source="s",
)
REVISION_DAYS = {"p": 3, None: None}

Cell = tuple[str, Any, int, str]


def reference(facts: Iterable[Fact]) -> tuple[dict[Cell, int], set[LadderEntry]]:
    """Cells and ladder of all lives, by the reference."""
    by_obligation: dict[str, list[Fact]] = {}
    for fact in facts:
        by_obligation.setdefault(fact.obligation or "", []).append(fact)
    cells: Counter[Cell] = Counter()
    ladder = set()
    for own in by_obligation.values():
        life = derive(own, None, REVISION_DAYS.get)
        for step in steps(life):
            cells[(step.ower, step.slice, day_of(step.at), MEASURES[step.measure])] += step.sign
        ladder |= {
            LadderEntry(d.note, d.document, d.ower, day_of(Instant(d.at))) for d in life.ladder
        }
    return {cell: count for cell, count in cells.items() if count}, ladder


class Board:
    """Keeps the last absolute value of every cell, as a reader of frames does."""

    def __init__(self) -> None:
        self.cells: dict[Cell, int] = {}
        self.ladder: set[LadderEntry] = set()

    def apply(self, frame: Frame) -> None:
        frame = decode_frame(encode_frame(frame))
        rows = zip(frame.ower, frame.cut, frame.day, frame.counts, strict=True)
        for ower, cut, day, counts in rows:
            for measure, count in zip(MEASURES, counts.tolist(), strict=True):
                cell = (frame.units[ower], frame.slices[cut], int(day), measure)
                self.cells[cell] = count
        for entry in frame.ladder:
            if entry.held:
                self.ladder.add(entry)
            else:
                self.ladder.discard(entry._replace(held=True))

    def told(self) -> tuple[dict[Cell, int], set[LadderEntry]]:
        return {cell: count for cell, count in self.cells.items() if count}, self.ladder


def new_engine() -> Engine:
    engine = Engine(revision_days=REVISION_DAYS.get)
    engine.open(0, ())
    return engine


def run(engine: Engine, board: Board, records: list[Record], cuts: list[int]) -> list[Any]:
    """Take the records in the given batches; returns what each batch said."""
    batches = []
    for start, stop in zip([0, *cuts], [*cuts, len(records)], strict=True):
        batches.append(engine.take(0, records[start:stop]))
        for frame in engine.frame(0, VERSION):
            board.apply(frame)
    return batches


@pytest.fixture(params=[1, 48], ids=["in tables", "in chains"], autouse=True)
def crowd(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids of an obligation's facts are found in a table where there are many facts."""
    monkeypatch.setattr("projections.folding.CROWD", request.param)


@settings(max_examples=200, deadline=None, suppress_health_check=[SHARED])
@given(st.data())
def test_frames_say_what_the_reference_says(data: st.DataObject) -> None:
    world = data.draw(events())
    delivered = data.draw(st.permutations(world)) + data.draw(
        st.lists(st.sampled_from(world), max_size=3)
    )
    if data.draw(st.booleans()):
        delivered = world
    records = [record(offset, event) for offset, event in enumerate(delivered)]
    cuts = sorted(data.draw(st.lists(st.integers(0, len(records)), max_size=4)))
    engine, board = new_engine(), Board()
    run(engine, board, records, cuts)

    facts = [fact_of_value(r.value or b"") for r in records]
    assert reference(facts) == board.told()


@settings(max_examples=60, deadline=None, suppress_health_check=[SHARED])
@given(events(), st.randoms(use_true_random=False))
def test_an_engine_opened_from_its_journal_is_the_same_engine(
    world: list[Any], random: Any
) -> None:
    random.shuffle(world)
    records = [record(offset, event) for offset, event in enumerate(world)]
    half = len(records) // 2
    engine = new_engine()
    journal: dict[bytes, bytes] = {}
    for batch in run(engine, Board(), records[:half], [half // 2]):
        for key, stored in batch.facts:
            journal[key] = journal.get(key, b"") + stored
    reopened = Engine(revision_days=REVISION_DAYS.get)
    reopened.open(0, journal.items())
    board = Board()
    for frame in reopened.whole_frame(0, VERSION):
        board.apply(frame)
    run(reopened, board, records[half:], [])

    facts = [fact_of_value(r.value or b"") for r in records]
    assert reference(facts) == board.told()


@settings(max_examples=60, deadline=None, suppress_health_check=[SHARED])
@given(events())
def test_facts_kept_are_the_facts_given(world: list[Any]) -> None:
    engine = new_engine()
    records = [record(offset, event) for offset, event in enumerate(world)]
    run(engine, Board(), records, [])
    given_facts: dict[tuple[str, bytes], Fact] = {}
    for fact in map(fact_of_value, [r.value or b"" for r in records]):
        key = (fact.obligation or "", fact.event_id)
        held = given_facts.get(key)
        new = (fact.recorded_at, fact.content)
        if held is None or new < (held.recorded_at, held.content):
            given_facts[key] = fact
    kept = {
        (name, fact.event_id): fact for name in engine.obligations() for fact in engine.facts(name)
    }

    assert given_facts == kept


@settings(max_examples=60, deadline=None, suppress_health_check=[SHARED])
@given(events(), st.data())
def test_everything_twice_is_all_duplicates_or_the_same_clash(
    world: list[Any], data: st.DataObject
) -> None:
    engine, board = new_engine(), Board()
    records = [record(offset, event) for offset, event in enumerate(world)]
    run(engine, board, records, [])
    before = board.told()
    (batch,) = run(engine, board, records, [])
    reasons = {reason for _, reason, _ in batch.quarantined}

    assert before == board.told()
    assert not batch.facts
    assert reasons <= {Reason.DUPLICATE_OTHER_CONTENT}
    assert len(records) == batch.duplicates + len(batch.quarantined)


@settings(max_examples=60, deadline=None, suppress_health_check=[SHARED])
@given(events(), st.data())
def test_questions_are_answered_as_the_lives_answer_them(
    world: list[Any], data: st.DataObject
) -> None:
    engine = new_engine()
    run(engine, Board(), [record(offset, event) for offset, event in enumerate(world)], [])
    known = data.draw(st.sampled_from(world)).recorded_at
    at = Instant(data.draw(st.sampled_from(world)).effective_at + data.draw(st.integers(-1, 1)))
    lives = {name: engine.life(name) for name in engine.obligations()}
    after = {
        (step.at, step.ower, step.slice, step.measure, step.sign)
        for life in lives.values()
        for step in (steps(life) if life else ())
        if step.at > at and day_of(Instant(step.at)) == day_of(at)
    }
    owed: dict[str, set[str]] = {}
    for name, life in lives.items():
        for _, ower in life.owers if life else ():
            owed.setdefault(ower, set()).add(name)
    late = {name for name in lives for fact in engine.facts(name) if fact.recorded_at > known}

    assert late == set(engine.recorded_after(known))
    assert after == {tuple(step) for step in engine.steps_after(at)}
    for ower, names in owed.items():
        assert names <= set(engine.obligations_of(ower))


def test_counts_of_an_empty_engine_are_zero() -> None:
    assert {"partitions", "obligations", "facts", "cells"} == set(Engine().counts())
    assert not any(Engine().counts().values())


def test_facts_of_an_obligation_that_nobody_opened_wait() -> None:
    engine = new_engine()
    key, value = b"p:1:66.a", avro.encode(SENT)
    engine.take(0, [Record(0, key, value)])

    assert 1 == engine.waiting()
    assert [("p:1:66.a", 1)] == engine.unopened(10)


def test_an_empty_batch_changes_nothing() -> None:
    engine = new_engine()
    batch = engine.take(0, [])

    assert (0, []) == (batch.events, batch.facts)
    assert [] == engine.frame(0, VERSION)
    assert np.int64(0) == engine.counts()["cells"]


def test_an_opening_taken_back_by_mistake_counts_again_from_when_that_is_corrected() -> None:
    opened = ReportExpected(
        **{field: getattr(SENT, field) for field in ("obligation", "unit", "by", "source")},
        event_id=EventId(b"o" * 16),
        effective_at=Instant(SENT.effective_at - 1),
        recorded_at=SENT.recorded_at,
        item="1",
        issuer="66",
    )
    corrections = [
        RecordCorrected(
            **{field: getattr(SENT, field) for field in ("obligation", "unit", "by", "source")},
            event_id=EventId(bytes([number]) * 16),
            effective_at=SENT.effective_at,
            recorded_at=Instant(SENT.recorded_at + number),
            target=opened.event_id,
            void=replacement is None,
            replacement=replacement,
        )
        for number, replacement in enumerate((None, avro.encode(opened)), 1)
    ]
    records = [record(at, event) for at, event in enumerate((opened, SENT, *corrections))]
    engine, board = new_engine(), Board()
    run(engine, board, records, [1, 2, 3])

    facts = [fact_of_value(r.value or b"") for r in records]
    assert reference(facts) == board.told()
    assert board.told()[0]
