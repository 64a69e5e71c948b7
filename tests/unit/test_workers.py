"""The workers on the log port: whatever the order of crashes, every record counts exactly once."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections import board_worker, fold_worker
from projections.keeper import Extent
from projections.readmodel import ModelUnusable, PartitionLost
from schemas.times import Day, day_of, midnight
from tests.counting import is_late, ower_of, value_of
from tests.worker_home import NAMES, NOON, Crash, Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


KEYS = [f"i{item}:u{ower}" for item in range(4) for ower in range(3)]
EVENT = st.tuples(st.sampled_from(KEYS), st.integers(0, 60).map(value_of))
BAD = st.tuples(st.sampled_from(KEYS), st.just(b"poison"))
CRASHES = ("now", "before send", "inside send", "after send")
ITEM = st.one_of(
    st.lists(st.one_of(EVENT, EVENT, EVENT, BAD), max_size=25), st.sampled_from(CRASHES)
)


@settings(max_examples=60, deadline=None)
@given(plan=st.lists(ITEM, max_size=10), journal=st.sampled_from([1, 100, 1_000_000]))
def test_any_crash_anywhere_gives_the_counts_of_the_distinct_events(
    plan: list[Any], journal: int
) -> None:
    expected: dict[str, set[bytes]] = {}
    poisoned = 0
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(board_worker, "JOURNAL_BYTES_MAX", journal)
        home = Home(Path(folder))
        for item in plan:
            if isinstance(item, list):
                home.tell(item)
                for key, value in item:
                    expected.setdefault(key, set()).add(value)
                poisoned += sum(value == b"poison" for _, value in item)
            elif item == "now":
                home.runner.step()
                home.restart()
            else:
                home.crash_at = item
                try:
                    home.runner.step()
                except Crash:
                    home.restart()
                home.crash_at = None
        home.runner.drain()
        counts = Counter[str]()
        for key, values in expected.items():
            counts[ower_of(key.encode())] += len(values - {b"poison"})
        found = home.boards.totals()
        last = dict(home.told(NAMES.boards))
        obligations = dict(home.told(NAMES.obligations))
        restated = {(key, fact) for _, (key, fact) in home.told(NAMES.restatements)}
        quarantined = home.model.quarantine_counts()
        home.restart()
        again = home.boards.totals()
        home.close()

    assert found == {ower: count for ower, count in counts.items() if count}
    assert again == found
    assert {unit.decode(): body[1] for unit, body in last.items()} == found
    assert {key.decode(): body[1] for key, body in obligations.items()} == {
        key: size for key, values in expected.items() if (size := len(values - {b"poison"}))
    }
    assert quarantined == ({"not_avro": poisoned} if poisoned else {})
    assert restated == {
        (key, value[1:].hex())
        for key, values in expected.items()
        for value in values - {b"poison"}
        if is_late(value[1:])
    }


@settings(max_examples=25, deadline=None)
@given(plan=st.lists(ITEM, max_size=10))
def test_versions_of_every_key_grow_strictly_and_what_is_newest_stands_last(
    plan: list[Any],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        for item in plan:
            if isinstance(item, list):
                home.tell(item)
                home.runner.step()
            else:
                home.restart()
        home.runner.drain()
        told = list(home.told(NAMES.boards))
        home.close()
    newest: dict[bytes, Any] = {}
    for unit, body in told:
        if unit not in newest or body[0] > newest[unit][0]:
            newest[unit] = body
        else:
            assert body[0] < newest[unit][0] or body == newest[unit]

    assert dict(told) == newest


def test_what_a_late_fact_restates_is_told_once_while_nothing_dies(home: Home) -> None:
    for first in (0, 10, 20):
        home.tell([("i0:u0", value_of(n)) for n in range(first, first + 10)])
        home.runner.drain()
        home.restart()
        home.runner.drain()
    home.tell([("i0:u0", value_of(n)) for n in range(30)])
    home.runner.drain()
    told = [fact for _, (_, fact) in home.told(NAMES.restatements)]

    assert told == [value_of(n)[1:].hex() for n in range(0, 30, 5)]


def test_what_a_late_fact_restates_is_told_though_the_process_dies_before_it_is_sent(
    home: Home,
) -> None:
    home.tell([("i0:u0", value_of(5)), ("i0:u0", value_of(6))])
    home.crash_at = "before send"
    for _ in range(3):
        with pytest.raises(Crash):
            home.runner.drain()
        home.restart()
        home.crash_at = "before send"
    before = list(home.told(NAMES.restatements))
    home.crash_at = None
    home.runner.drain()

    assert before == []
    assert [fact for _, (_, fact) in home.told(NAMES.restatements)] == [value_of(5)[1:].hex()]


@pytest.mark.parametrize("crash", CRASHES)
def test_what_unit_events_restate_is_told_whenever_the_process_dies(home: Home, crash: str) -> None:
    home.unit_events.append(b"a")
    home.crash_at = crash
    with suppress(Crash):
        home.runner.step()
    home.unit_events.append(b"b")
    home.restart()
    home.runner.drain()
    home.restart()
    home.runner.drain()
    told = Counter(event for _, (event,) in home.told(NAMES.restatements))

    assert told.keys() == {b"a".hex(), b"b".hex()}
    assert told[b"b".hex()] == 1
    assert sorted(home.restating.remembered) == [b"a", b"b"]


def test_unit_events_from_before_the_read_model_restate_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.unit_events.append(b"a")
    home.restart()
    (tmp_path / "model.sqlite").unlink()
    home.unit_events.append(b"b")
    home.start()
    home.runner.drain()
    before = list(home.told(NAMES.restatements))
    home.unit_events.append(b"c")
    home.runner.drain()
    told = [event for _, (event,) in home.told(NAMES.restatements)]
    home.close()

    assert before == []
    assert told == [b"c".hex()]


def test_flushing_keeps_what_the_journal_said(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_worker, "FLUSH_SLICE", 5)
    for start in range(0, 300, 50):
        home.tell([(KEYS[n % 12], value_of(n)) for n in range(start, start + 50)])
        home.runner.step()
    before = home.fold.stats.flushes
    home.restart()
    home.runner.drain()

    assert before > 0
    assert home.boards.totals() == {"u0": 100, "u1": 100, "u2": 100}
    assert sum(len(home.model.journal(NAMES.events, p)) for p in range(12)) == 0


def test_when_the_rules_change_everything_is_folded_anew(home: Home) -> None:
    home.tell([(key, value_of(n)) for n, key in enumerate(KEYS)])
    home.runner.drain()
    home.engine.weight = 2
    home.tell([("i0:u0", value_of(100))])
    home.runner.drain()
    meanwhile = home.boards.totals()
    home.weight = 3
    home.restart()
    home.runner.drain()
    commits = home.fold.stats.commits
    home.restart()
    home.runner.drain()

    assert meanwhile == {"u0": 10, "u1": 8, "u2": 8}
    assert home.boards.totals() == {"u0": 15, "u1": 12, "u2": 12}
    assert (commits > 0, home.fold.stats.commits) == (True, 0)


def test_a_snapshot_of_the_boards_stands_for_the_frames_before_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_worker, "JOURNAL_BYTES_MAX", 100)
    for start in range(0, 60, 10):
        home.tell([(KEYS[n % 12], value_of(n)) for n in range(start, start + 10)])
        home.runner.drain()
    kept = len(home.model.journal(NAMES.frames, 0))
    home.restart()

    assert kept <= 1
    assert home.boards.totals() == {"u0": 20, "u1": 20, "u2": 20}


def test_boards_that_nobody_was_told_of_are_told_though_a_snapshot_holds_their_cells(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.tell([("i0:u0", value_of(1))])
    home.runner.drain()
    with monkeypatch.context() as busy:
        busy.setattr(board_worker, "JOURNAL_BYTES_MAX", 1)
        busy.setattr(board_worker.BoardWorker, "make", lambda _: False)
        # So many that what each partition tells last is of u2, and the snapshots are newer.
        for ower, items in (("u0", 1), ("u1", 1), ("u2", 60)):
            for item in range(items):
                home.tell([(f"i{item}:{ower}", value_of(2))])
                home.runner.step()
    home.restart()
    home.runner.drain()

    told = {unit.decode(): body[1] for unit, body in home.told(NAMES.boards)}
    assert told == home.boards.totals() == {"u0": 2, "u1": 1, "u2": 60}


def test_a_second_claim_makes_the_first_worker_give_its_partition_up(home: Home) -> None:
    home.tell([("i0:u0", value_of(1))])
    partition = next(p for p, (_, end) in enumerate(home.log.ends(NAMES.events)) if end)
    late = home.fold
    late.take(partition, home.log.read(NAMES.events, partition, 0, 10))
    home.model.claim(NAMES.events, partition, home.log.topic_id(NAMES.events))
    work = late.prepare()
    assert work is not None
    late.write(work)
    late.settle(work)

    assert work.lost == ((NAMES.events, partition),)
    assert late.folded(partition) is None
    assert work.outgoing == []
    assert home.model.states(NAMES.events, partition) is not None
    assert dict(home.model.states(NAMES.events, partition)) == {}


def test_a_worker_that_is_alone_gives_up_where_somebody_took_its_place(home: Home) -> None:
    home.tell([("i0:u0", value_of(1))])
    home.runner.drain()
    home.fold.alone = True
    home.tell([("i0:u0", value_of(2))])
    partition = next(p for p, (_, end) in enumerate(home.log.ends(NAMES.events)) if end)
    topic_id = home.log.topic_id(NAMES.events)
    held = home.fold.open(partition, Extent(topic_id, 0, 1))
    claim = home.model.claim(NAMES.events, partition, topic_id)

    assert held == 1
    with pytest.raises(PartitionLost, match="has another owner now"):
        home.fold.open(partition, Extent(topic_id, 0, 2))
    with pytest.raises(PartitionLost):
        home.runner.step()
    assert home.model.owner_epoch(NAMES.events, partition) == claim.position.owner_epoch


def test_a_partition_that_nobody_took_meanwhile_is_kept_in_memory(home: Home) -> None:
    home.tell([("i0:u0", value_of(1))])
    home.runner.drain()
    topic_id = home.log.topic_id(NAMES.events)
    partition = next(p for p, (_, end) in enumerate(home.log.ends(NAMES.events)) if end)
    state = home.engine.parts[partition]

    assert home.fold.open(partition, Extent(topic_id, 0, 1)) == 1
    assert home.engine.parts[partition] is state


def test_a_hole_is_read_once_more_and_then_counted_as_vanished(home: Home) -> None:
    home.tell([("i0:u0", value_of(n)) for n in range(10)])
    partition = next(p for p, (_, end) in enumerate(home.log.ends(NAMES.events)) if end)
    records = home.log.read(NAMES.events, partition, 0, 10)
    with_gap = [*records[:3], *records[5:]]

    first = home.fold.take(partition, with_gap)
    second = home.fold.take(partition, with_gap[3:])

    assert (first, second) == (3, None)
    assert home.fold.folded(partition) == 10
    assert (home.fold.stats.holes, home.fold.stats.vanished) == (1, 2)


def test_a_hole_that_a_second_read_fills_is_no_loss(home: Home) -> None:
    home.tell([("i0:u0", value_of(n)) for n in range(10)])
    partition = next(p for p, (_, end) in enumerate(home.log.ends(NAMES.events)) if end)
    records = home.log.read(NAMES.events, partition, 0, 10)

    assert home.fold.take(partition, records[4:]) == 0
    assert home.fold.take(partition, records) is None
    assert home.fold.take(partition, records[:2]) is None
    assert (home.fold.stats.holes, home.fold.stats.vanished) == (1, 0)
    assert home.fold.stats.skipped == 2


def test_nothing_at_the_end_of_the_log_is_read_once_more_and_then_passed_over(home: Home) -> None:
    home.tell([("i0:u0", value_of(1))])
    home.runner.drain()
    partition = next(p for p, (_, end) in enumerate(home.log.ends(NAMES.events)) if end)
    said = [home.fold.pass_over(partition, offset) for offset in (1, 3, 3)]
    home.runner.round(home.fold, idle=True)

    assert said == [None, 1, None]
    assert (home.fold.stats.holes, home.fold.stats.vanished) == (1, 2)
    assert home.fold.durable(partition) == 3


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        (Extent("other", 0, 100), "made anew"),
        (Extent("", 0, 3), "behind the log's end 3"),
        (Extent("", 8, 100), "the log begins at 8"),
    ],
)
def test_a_log_that_is_not_ours_stops_the_worker(home: Home, extent: Extent, words: str) -> None:
    home.tell([("i0:u0", value_of(n)) for n in range(5)])
    home.runner.drain()
    partition = next(p for p, (_, end) in enumerate(home.log.ends(NAMES.events)) if end)
    topic_id = extent.topic_id or home.log.topic_id(NAMES.events)
    home.fold.close(partition)

    with pytest.raises(ModelUnusable, match=words):
        home.fold.open(partition, extent._replace(topic_id=topic_id))


def test_midnight_publishes_boards_without_any_event(home: Home) -> None:
    home.tell([("i0:u0", value_of(1)), ("i0:u1", value_of(2))])
    home.runner.drain()
    before = len(list(home.told(NAMES.boards)))
    home.boards.steps = {"u1": Day(day_of(NOON) + 1)}
    home.now = midnight(Day(day_of(NOON) + 1))
    home.runner.drain()
    after = list(home.told(NAMES.boards))[before:]

    assert [unit for unit, _ in after] == [b"u1"]


def test_a_midnight_that_passed_while_nobody_ran_is_made_up_for(home: Home) -> None:
    home.tell([("i0:u0", value_of(1))])
    home.runner.drain()
    before = len(list(home.told(NAMES.boards)))
    home.model.close()
    home.now = midnight(Day(day_of(NOON) + 3))
    home.start()
    home.boards.steps = {"u0": Day(day_of(NOON) + 2)}
    home.runner.drain()

    assert len(list(home.told(NAMES.boards))) == before + 1
