"""Workers in processes of their own, on a real Kafka, killed and stopped: every count is right."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.broker import Broker
from ops.kafka import KafkaLog
from ops.log import Outgoing
from projections.readmodel import ModelMissing, ReadModel, unpack
from projections.worker import Names
from schemas.topics import TOPICS
from tests.counting import CountBoards, ower_of, value_of
from tests.faust_child import open_model

KEYS = [f"i{item}:u{ower}" for item in range(40) for ower in range(7)]
ROOT = Path(__file__).resolve().parents[2]


class World:
    """Topics of its own, a read model, and any number of worker processes."""

    def __init__(self, bootstrap: str, log: KafkaLog, prefix: str, model: str) -> None:
        log.create(TOPICS, prefix)
        self.log, self.names = log, Names.of(prefix)
        self.spec = {
            "bootstrap": bootstrap,
            "prefix": prefix,
            "group": prefix,
            "model": model,
            "schema": prefix.strip("."),
        }
        self.children: list[subprocess.Popen[bytes]] = []
        self.expected: Counter[str] = Counter()
        self.poisoned = 0
        self.rng = random.Random(7)

    def start(self, at: str | None = None, after: int = 0) -> subprocess.Popen[bytes]:
        """One more worker; with `at` it kills itself there."""
        spec = self.spec | {"die": {"at": at, "after": after}}
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.faust_child", json.dumps(spec)], cwd=ROOT
        )
        self.children.append(child)
        return child

    def tell(self, count: int, *, poison: int = 0) -> None:
        """Send `count` new events, some twice, shuffled, and bytes that are no events."""
        first = self.expected.total()
        events = [(self.rng.choice(KEYS), value_of(first + n)) for n in range(count)]
        self.expected.update(ower_of(key.encode()) for key, _ in events)
        sent = events + self.rng.sample(events, count // 10)
        sent += [(self.rng.choice(KEYS), b"poison") for _ in range(poison)]
        self.poisoned += poison
        self.rng.shuffle(sent)
        self.log.append([Outgoing(self.names.events, key.encode(), value) for key, value in sent])

    def wait(self, seconds: float = 90.0) -> None:
        """Until everything on the log is durable, frames included, and the boards are told."""
        deadline = time.monotonic() + seconds
        while not (self.caught_up() and self.boards_told() == dict(self.expected)):
            assert time.monotonic() < deadline, f"not caught up after {seconds} s"
            time.sleep(0.1)

    def caught_up(self) -> bool:
        try:
            with opened(self.spec) as model:
                found = {(p.topic, p.partition): p.next_offset for p in model.positions()}
                if model.unsent():
                    return False
        except ModelMissing:
            return False
        return all(
            found.get((topic, partition), 0) == end
            for topic in (self.names.events, self.names.frames)
            for partition, (_, end) in enumerate(self.log.ends(topic))
        )

    def check(self) -> None:
        """The figures of the model's obligations and of its boards, and the quarantine."""
        with opened(self.spec) as model:
            own: Counter[str] = Counter()
            for partition in range(12):
                for key, facts in model.states(self.names.events, partition):
                    numbers = [facts[at : at + 8] for at in range(0, len(facts), 8)]
                    assert len(set(numbers)) == len(numbers)
                    own[ower_of(key)] += len(numbers)
            boards = CountBoards()
            for name, value in model.snapshots(self.names.frames, 0):
                if name not in (b"day", b"context"):
                    boards.apply(value)
            for row in model.journal(self.names.frames, 0):
                for _, value in unpack(row.payload):
                    boards.apply(value)
            quarantined = model.quarantine_counts()
        assert own == self.expected
        assert boards.totals() == dict(self.expected)
        assert quarantined == ({"not_avro": self.poisoned} if self.poisoned else {})
        assert self.boards_told() == dict(self.expected)

    def boards_told(self) -> dict[str, int]:
        """The newest board of each unit on the topic."""
        newest: dict[str, tuple[int, int]] = {}
        for key, (version, count) in self.told(self.names.boards):
            newest[key.decode()] = max(newest.get(key.decode(), (0, 0)), (version, count))
        return {unit: count for unit, (_, count) in newest.items()}

    def told(self, topic: str) -> Iterator[tuple[bytes, Any]]:
        """All records of an out-topic, partition by partition, in order."""
        for partition, (at, end) in enumerate(self.log.ends(topic)):
            while at < end:
                for record in self.log.read(topic, partition, at, 1_000, 1.0):
                    assert record.key is not None
                    yield record.key, json.loads(record.value or b"")
                    at = record.offset + 1

    def close(self) -> None:
        for child in self.children:
            if child.poll() is None:
                child.send_signal(signal.SIGCONT)
                child.kill()
            child.wait()


class opened:
    """The read model, for reading, for the length of a block."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.model: ReadModel = open_model(spec, generation=None)

    def __enter__(self) -> ReadModel:
        return self.model

    def __exit__(self, *_: object) -> None:
        self.model.close()


MakeWorld = Callable[..., World]


@pytest.fixture
def world_of(
    kafka: Broker, kafka_log: KafkaLog, topic_prefix: str, tmp_path: Path
) -> Iterator[MakeWorld]:
    made: list[World] = []

    def make(model: str = "") -> World:
        path = model or str(tmp_path / "model.sqlite")
        made.append(World(kafka.bootstrap, kafka_log, topic_prefix, path))
        return made[-1]

    yield make
    for world in made:
        world.close()


def stopped(child: subprocess.Popen[bytes], seconds: float = 8.0) -> int:
    """SIGTERM, and the exit code; it may take seconds, not minutes."""
    child.terminate()
    return child.wait(seconds)


def test_shuffled_and_doubled_events_are_counted_once_and_sigterm_stops_cleanly(
    world_of: MakeWorld,
) -> None:
    world = world_of()
    world.tell(5_000, poison=5)
    child = world.start()
    world.wait()
    code = stopped(child)

    assert code == 0
    world.check()


def test_killed_anywhere_the_counts_are_right(world_of: MakeWorld) -> None:
    world = world_of()
    places = ["fold", "send", "sent", "seek", "commit", None]
    for round_, place in enumerate(places):
        world.tell(1_500, poison=2)
        child = world.start(place, world.rng.randint(0, 2) if place != "seek" else 3)
        if place is None:
            time.sleep(world.rng.uniform(4, 6))
            child.kill()
        assert child.wait(60) == -signal.SIGKILL, f"round {round_} at {place}"
    world.tell(500)
    child = world.start()
    world.wait()

    assert stopped(child) == 0
    world.check()


def test_two_workers_share_the_partitions_one_is_killed_another_joins(
    world_of: MakeWorld, postgres: str
) -> None:
    world = world_of(postgres)
    first, second = world.start(), world.start()
    for _ in range(4):
        world.tell(1_000)
        time.sleep(1)
    first.kill()
    world.tell(1_000)
    third = world.start()
    world.tell(1_000)
    world.wait()

    assert [stopped(second), stopped(third)] == [0, 0]
    world.check()


def test_a_paused_worker_that_wakes_up_late_gives_its_partitions_up(
    world_of: MakeWorld, postgres: str
) -> None:
    world = world_of(postgres)
    sleeper = world.start()
    world.tell(2_000)
    world.wait()
    os.kill(sleeper.pid, signal.SIGSTOP)
    world.tell(2_000)
    other = world.start()
    world.wait()
    os.kill(sleeper.pid, signal.SIGCONT)
    for _ in range(5):
        world.tell(1_000)
        time.sleep(1)
    world.wait()

    assert [stopped(other), stopped(sleeper)] == [0, 0]
    world.check()
