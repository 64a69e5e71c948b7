"""Workers in processes of their own, on a real Kafka, killed, stopped, paused: all counts right."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from ops.kafka import KafkaLog
from ops.settings import Settings
from ops.soak import Message, Soak, events, with_poison
from projections.leaving import EXIT_LOST

MakeSoak = Callable[..., Soak]
Worker = subprocess.Popen[bytes]


@pytest.fixture
def soak_of(kafka_settings: Settings, kafka_log: KafkaLog) -> Iterator[MakeSoak]:
    made: list[Soak] = []

    def make(read_model: str = "") -> Soak:
        settings = kafka_settings
        if read_model:
            settings = replace(settings, read_model=read_model)
        made.append(Soak(settings, kafka_log))
        return made[-1]

    yield make
    for soak in made:
        soak.close()


def wrong(soak: Soak) -> list[str]:
    """What the checks found, as sentences; and that they compared something."""
    checks = soak.checks()
    assert all(check.compared for check in checks[:3])
    return [f"{c.name}: {c.differing}: {c.differences[:3]}" for c in checks if not c.holds]


def parts(messages: list[Message], count: int) -> list[list[Message]]:
    return [messages[number::count] for number in range(count)]


def test_shuffled_and_doubled_events_with_poison_are_counted_once_and_sigterm_stops_cleanly(
    soak_of: MakeSoak,
) -> None:
    soak = soak_of()
    soak.tell(with_poison(events(soak.rng, 6_000), soak.rng, 100))
    worker = soak.start()
    soak.wait()

    assert soak.stop(worker) == 0
    assert wrong(soak) == []
    assert soak.poisoned.total() > 50


def test_killed_anywhere_every_count_is_right(soak_of: MakeSoak) -> None:
    soak = soak_of()
    places = ["fold", "send", "sent", "seek", "commit", None]
    slices = parts(with_poison(events(soak.rng, 9_000), soak.rng, 500), len(places) + 1)
    for place, messages in zip(places, slices[1:], strict=True):
        soak.tell(messages)
        worker = soak.start(place, 0 if place == "seek" else soak.rng.randint(0, 2))
        if place is None:
            time.sleep(soak.rng.uniform(3, 6))
            worker.kill()
        assert worker.wait(60) == -signal.SIGKILL
    soak.tell(slices[0])
    worker = soak.start()
    soak.wait()

    assert soak.stop(worker) == 0
    assert wrong(soak) == []


def test_two_workers_share_the_partitions_one_is_killed_another_joins(
    soak_of: MakeSoak, postgres: str
) -> None:
    soak = soak_of(postgres)
    slices = parts(events(soak.rng, 9_000), 6)
    first, second = soak.start(), soak.start()
    for messages in slices[:4]:
        soak.tell(messages)
        time.sleep(1)
    first.kill()
    soak.tell(slices[4])
    third = soak.start()
    soak.tell(slices[5])
    soak.wait()

    assert [soak.stop(second), soak.stop(third)] == [0, 0]
    assert wrong(soak) == []


def overtaken(soak: Soak, slices: list[list[Message]]) -> tuple[Worker, Worker]:
    """A worker that slept while another one came, and that other; both awake under traffic."""
    sleeper = soak.start()
    soak.tell(slices[0])
    soak.wait()
    os.kill(sleeper.pid, signal.SIGSTOP)
    soak.tell(slices[1])
    other = soak.start()
    soak.wait()
    os.kill(sleeper.pid, signal.SIGCONT)
    for messages in slices[2:]:
        soak.tell(messages)
        time.sleep(1)
    return sleeper, other


def test_a_paused_worker_that_wakes_up_late_gives_its_partitions_up(
    soak_of: MakeSoak, postgres: str
) -> None:
    soak = soak_of(postgres)
    sleeper, other = overtaken(soak, parts(events(soak.rng, 9_000), 6))
    soak.wait()

    assert [soak.stop(other), soak.stop(sleeper)] == [0, 0]
    assert wrong(soak) == []


def test_the_only_worker_wakes_up_late_and_leaves_to_the_one_in_its_place(
    soak_of: MakeSoak,
) -> None:
    # On SQLite a worker bears the name of its home, and whoever bears it has the partitions.
    soak = soak_of()
    sleeper, other = overtaken(soak, parts(events(soak.rng, 6_000), 4))

    assert sleeper.wait(60) == EXIT_LOST
    soak.wait()
    assert soak.stop(other) == 0
    assert wrong(soak) == []
