"""A day ends while nothing is recorded: boards, gauges, streams and topic change by themselves."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from ops.settings import python
from ops.supervisor import Part, our_parts
from schemas.board import Board, Counts
from schemas.topics import BOARDS, EVENTS, FRAMES
from tests import given, lives, story
from tests.home import WAIT_SECONDS, Home

CLOCKED = """
import sys
from pathlib import Path
from ops import wiring
wiring.now = lambda: int(Path(sys.argv[1]).read_text())
from ops import run_worker
from ops.settings import Settings
sys.exit(run_worker.run(Settings.load()))
"""
EVENING = lives.counts_of("A+4 C+2 Ce+2 N+2 No+2")
MIDNIGHT = lives.counts_of("A+4 D+4 C+2 Cd+2 O+2 N+2 Nd+2 No+2")


class Clock:
    """A clock in a file: what it shows is the present of the worker."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def set(self, text: str) -> None:
        scratch = self.file.with_suffix(".new")
        scratch.write_text(str(given.instant(text)))
        os.replace(scratch, self.file)


class Evening:
    """A home that stands at one minute to midnight of the due, and a reader of its stream."""

    def __init__(self, folder: Path, bootstrap: str, prefix: str) -> None:
        self.clock = Clock(folder / "clock")
        self.clock.set("2012-06-07 23:59")
        relay = [part for part in our_parts() if part.name == "relay"]
        command = (python(), "-c", CLOCKED, str(self.clock.file))
        self.home = Home(folder / "home", bootstrap, prefix, [*relay, Part("worker", command)])
        self.home.start()
        until_x_sent = story.quarter()[:13]
        assert self.home.publish(until_x_sent, "--history").code == 0
        self.home.wait()
        self.stream: HTTPResponse = urllib.request.urlopen(
            f"{self.home.url}/api/units/66/stream", timeout=WAIT_SECONDS
        )

    def close(self) -> None:
        self.stream.close()
        self.home.stop()

    def next_board(self) -> Counts:
        """The next board on the stream."""
        for line in self.stream:
            if line.startswith(b"data: "):
                return Counts.read(json.loads(line[6:])["subtree"])
        raise AssertionError("the stream ended")

    def told(self, counts: Counts) -> dict[str, Board]:
        """What the topic holds once unit 66 has these counts, or at the end of the wait.

        Boards reach the topic after readers have seen them: outlets give way to who asks."""
        until = time.monotonic() + WAIT_SECONDS
        while True:
            found = self.on_topic()
            if "66" in found and found["66"].subtree.counts == counts:
                return found
            if time.monotonic() > until:
                return found
            time.sleep(0.1)

    def on_topic(self) -> dict[str, Board]:
        """The newest board of each unit on the topic."""
        log, found = self.home.log(), dict[str, Board]()
        topic = BOARDS.full(self.home.settings.topic_prefix)
        for partition, (offset, end) in enumerate(log.ends(topic)):
            while offset < end:
                for record in log.read(topic, partition, offset, 1_000, 10.0):
                    board = Board.decode(record.value or b"")
                    if board.unit not in found or board.version > found[board.unit].version:
                        found[board.unit] = board
                    offset = record.offset + 1
        log.close()
        return found

    def ends(self) -> list[Any]:
        log, prefix = self.home.log(), self.home.settings.topic_prefix
        found = [log.ends(topic.full(prefix)) for topic in (EVENTS, FRAMES)]
        log.close()
        return found

    def gauge(self, name: str) -> dict[str, float]:
        """Unit -> the value of a board gauge."""
        with urllib.request.urlopen(f"{self.home.url}/metrics") as answer:
            text = answer.read().decode()
        found = re.findall(rf'^lienthong_board_{name}{{.*unit="([^"]+)".*}} (\S+)$', text, re.M)
        return {unit: float(value) for unit, value in found}

    def board(self) -> Counts:
        return Counts.read(self.home.board("66")["subtree"])


@pytest.fixture(params=["kafka", "sqlite"])
def evening(request: pytest.FixtureRequest, tmp_path: Path, topic_prefix: str) -> Iterator[Evening]:
    kafka = request.param == "kafka"
    bootstrap = request.getfixturevalue("kafka").bootstrap if kafka else ""
    made = Evening(tmp_path, bootstrap, topic_prefix)
    yield made
    made.close()


def test_at_midnight_everything_changes_without_an_event(evening: Evening) -> None:
    units = ("66", "66.so-a", "66.so-b", "66.x", "66.y")
    boards = evening.told(EVENING)
    before = {unit: board.version for unit, board in boards.items()}
    ends = evening.ends()

    assert EVENING == evening.next_board()
    assert EVENING == evening.board()
    assert (0, 0) == (evening.gauge("overdue")["66"], evening.gauge("due")["66"])
    assert EVENING == boards["66"].subtree.counts

    evening.clock.set("2012-06-08 00:00")

    assert MIDNIGHT == evening.next_board()
    assert MIDNIGHT == evening.board()
    overdue = evening.gauge("overdue")
    assert [2, 0, 1, 0, 1] == [int(overdue[unit]) for unit in units]
    assert 4 == evening.gauge("due")["66"]
    after = evening.told(MIDNIGHT)
    assert [2, 0, 1, 0, 1] == [after[unit].subtree.counts["overdue"] for unit in units]
    assert [] == [unit for unit in units if after[unit].version <= before[unit]]
    assert ends == evening.ends()
