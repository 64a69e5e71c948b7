"""Live boards: what a subscriber sees when facts come, when a day ends, when nothing happens."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import pytest

from ops.http_input import BadRequest
from ops.http_service import Ask, Json, UnknownUnit
from ops.http_stream import Hub
from ops.reached import Reached
from schemas.times import Instant
from tests import given
from tests.board_world import Owed, Unit, World

UNITS = (
    Unit("centre", "Trung ương", "centre", "government", None),
    Unit("66.so-x", "Sở X", "province", "department", "centre"),
)
PATIENCE_SECONDS = 5.0


class Desk:
    """A world with one open report due on 8 June, and a hub over it."""

    def __init__(self, at: str, **limits: float) -> None:
        self.now = given.instant(at)
        self.world = World(UNITS, [Owed("q2", [given.opens()])], self.clock)
        self.reached = Reached()
        self.hub = Hub(self.world, self.clock, self.reached, **limits)

    def clock(self) -> Instant:
        return self.now

    def listen(self, code: str = "centre") -> AsyncIterator[str]:
        return self.hub.stream(code, self.hub.enter(code))


async def next_board(stream: AsyncIterator[str]) -> dict[str, object]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        async for text in stream:
            if "event: board" in text:
                return json.loads(text.split("data: ", 1)[1])
    raise AssertionError("the stream ended")


def overdue(board: dict[str, object]) -> int:
    return board["subtree"]["overdue"]


def test_a_reader_gets_the_board_at_once_and_again_when_a_fact_comes() -> None:
    async def run() -> list[int]:
        desk = Desk("2012-06-09")
        stream = desk.listen()
        before = await next_board(stream)
        desk.world.add(Owed("q2", [given.opens(), given.met("2012-06-08 10:00")]))
        after = await next_board(stream)
        return [overdue(before), overdue(after)]

    assert asyncio.run(run()) == [1, 0]


def test_midnight_changes_the_board_without_any_event() -> None:
    async def run() -> list[int]:
        desk = Desk("2012-06-07 23:59")
        stream = desk.listen()
        before = await next_board(stream)
        desk.now = given.instant("2012-06-08 00:00")
        after = await next_board(stream)
        return [overdue(before), overdue(after)]

    assert asyncio.run(run()) == [0, 1]


def test_a_change_elsewhere_is_not_sent() -> None:
    async def run() -> str:
        desk = Desk("2012-06-09", keepalive_seconds=0.2)
        stream = desk.listen("66.so-x")
        await next_board(stream)
        desk.world.add(Owed("other", [given.opens(unit="centre")]))
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await anext(stream)

    assert asyncio.run(run()) == ": still here\n\n"


def test_the_place_of_a_reader_who_left_is_free_again() -> None:
    async def run() -> list[int]:
        desk = Desk("2012-06-09", subscribers_max=1)
        stream = desk.listen()
        await next_board(stream)
        open_ = desk.hub.subscribers
        await stream.aclose()
        return [open_, desk.hub.subscribers]

    assert asyncio.run(run()) == [1, 0]


def test_one_reader_too_many_is_asked_to_come_later() -> None:
    async def run() -> int:
        desk = Desk("2012-06-09", subscribers_max=1)
        desk.listen()
        with pytest.raises(BadRequest) as refused:
            desk.listen()

        assert refused.value.status == 503
        return desk.reached.counts()["SUBSCRIBERS_MAX"]

    assert asyncio.run(run()) == 1


def test_a_stream_of_an_unknown_unit_takes_no_place() -> None:
    async def run() -> int:
        desk = Desk("2012-06-09")
        with pytest.raises(UnknownUnit):
            desk.listen("99")
        return desk.hub.subscribers

    assert asyncio.run(run()) == 0


def test_many_readers_leave_the_loop_to_others() -> None:
    class Slow(World):
        def board(self, code: str, ask: Ask) -> Json:
            time.sleep(0.01)
            return super().board(code, ask)

    async def run() -> float:
        desk = Desk("2012-06-09")
        units = [Unit(f"u{n}", f"U{n}", "commune", "people_committee", None) for n in range(20)]
        desk.world = Slow(units, [], desk.clock)
        desk.hub = Hub(desk.world, desk.clock, desk.reached)
        streams = [desk.listen(unit.code) for unit in units]
        started, cpu = time.monotonic(), time.thread_time()
        # A change between the readers' places and their boards: all are asked for anew.
        desk.world.version += 1
        await asyncio.gather(*map(next_board, streams))
        return (time.thread_time() - cpu + 20 * 0.01) / (time.monotonic() - started)

    assert asyncio.run(run()) < 0.5
