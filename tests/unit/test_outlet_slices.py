"""Outlets make short slices ahead of the commit that sends them: nothing is lost or out of date."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from projections import board_worker, worker
from projections.readmodel import Outgoing
from projections.worker import Pace, Worker
from tests.counting import value_of
from tests.worker_home import NAMES, Home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    yield made
    made.close()


def taken(home: Home, events: Sequence[tuple[str, bytes]]) -> None:
    """Fold events without committing them."""
    before = {p: end for p, (_, end) in enumerate(home.log.ends(NAMES.events))}
    home.tell(events)
    for partition, start in before.items():
        records = home.log.read(NAMES.events, partition, start, 100)
        if records:
            home.fold.take(partition, records)


def round_of(one: Worker) -> list[Outgoing]:
    """One round of a worker without sending; what it would send."""
    work = one.prepare(idle=True)
    if work is None:
        return []
    one.write(work)
    one.settle(work)
    one.sent(work)
    return work.outgoing


def committed(home: Home) -> list[tuple[bytes, Any]]:
    """One round of the fold; the obligations that it would tell."""
    told = [m for m in round_of(home.fold) if m.topic == NAMES.obligations]
    return [(m.key or b"", json.loads(m.value or b"")) for m in told]


def counted(home: Home, events: Sequence[tuple[str, bytes]]) -> None:
    """Fold and commit events, and give their frames to the boards."""
    taken(home, events)
    home.log.append([m for m in round_of(home.fold) if m.topic == NAMES.frames])
    for partition in home.board.partitions():
        start = home.board.folded(partition) or 0
        if records := home.log.read(NAMES.frames, partition, start, 100):
            home.board.take(partition, records)


def test_an_outlet_makes_short_slices_and_leaves_nothing_out(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(1_000_000))
    tick = worker.SLICE_SECONDS / 3.5
    monkeypatch.setattr(worker.time, "perf_counter", lambda: next(ticks) * tick)
    keys = [f"i{n}:u0" for n in range(400)]
    taken(home, [(key, value_of(1)) for key in keys])
    told = committed(home)
    more = 0
    while home.fold.make():
        more += 1
    again = committed(home)
    rest = [one for _ in range(200) for one in committed(home)]

    assert told == []
    assert 4 < more < worker.SLICES_IDLE
    assert more * 2 < len(again) < len(keys)
    assert sorted(key.decode() for key, _ in again + rest) == sorted(keys)


def test_what_is_told_stands_at_its_version_though_more_was_folded_meanwhile(home: Home) -> None:
    taken(home, [("i0:u0", value_of(1)), ("i1:u1", value_of(1))])
    committed(home)
    taken(home, [("i0:u0", value_of(2))])
    home.fold.make()
    taken(home, [("i1:u1", value_of(2))])
    first, second, third = (dict(committed(home)) for _ in range(3))

    assert first.keys() == {b"i1:u1"}
    assert first[b"i1:u1"][1] == 1
    assert second.keys() == {b"i0:u0", b"i1:u1"}
    assert [second[key][1] for key in sorted(second)] == [2, 2]
    assert second[b"i1:u1"][0] > first[b"i1:u1"][0]
    assert third == {}


@pytest.fixture
def short_slices(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice of the boards' outlet makes some boards ready, or tells one."""
    ticks = iter(range(1_000_000))
    tick = board_worker.SLICE_SECONDS / 1.5
    monkeypatch.setattr(worker.time, "perf_counter", lambda: next(ticks) * tick)


def boards_told(home: Home, rounds: int) -> list[tuple[bytes, int]]:
    """(unit, count) of the boards that some rounds would tell; their versions grow."""
    found: list[tuple[bytes, int]] = []
    versions: dict[bytes, int] = {}
    for message in chain(*(round_of(home.board) for _ in range(rounds))):
        version, count = json.loads(message.value or b"")
        key = message.key or b""
        assert version > versions.get(key, 0)
        versions[key] = version
        found.append((key, count))
    return found


@pytest.mark.usefixtures("short_slices")
def test_a_board_that_changes_while_it_is_ready_is_told_again(home: Home) -> None:
    counted(home, [("i0:u0", value_of(1)), ("i1:u1", value_of(1))])
    assert boards_told(home, 1) == []
    counted(home, [("i1:u1", value_of(2))])

    assert sorted(boards_told(home, 20)) == [(b"u0", 1), (b"u1", 1), (b"u1", 2)]


@pytest.mark.usefixtures("short_slices")
def test_where_all_boards_change_what_was_ready_is_told_as_it_is_now(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_worker, "MANY", 1)
    counted(home, [("i0:u0", value_of(1)), ("i1:u1", value_of(1))])
    assert boards_told(home, 1) == []
    counted(home, [("i1:u1", value_of(2))])

    assert sorted(boards_told(home, 20)) == [(b"u0", 1), (b"u1", 2)]


@pytest.mark.parametrize(
    ("apart", "seconds"), [(0.06, 0.012), (1.0, worker.SLICE_MANY_SECONDS_MAX)]
)
def test_where_many_wait_a_round_has_one_slice_a_fifth_of_the_time_since_the_last(
    monkeypatch: pytest.MonkeyPatch, apart: float, seconds: float
) -> None:
    at = [100.0]
    monkeypatch.setattr(worker.time, "perf_counter", lambda: at[0])
    pace = Pace(0.0005)
    pace.begin_round(idle=False)
    at[0] += apart
    pace.begin_round(idle=False, many=True)

    assert pace.until() == pytest.approx(at[0] + seconds)
    assert pace.until() is None
