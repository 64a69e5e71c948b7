"""The supervisor: starts, starts again, gives up at a limit, stops all, leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ops import home, processes
from ops.broker import Broker
from ops.home import Running
from ops.kafka import KafkaLog
from ops.log import LogFailed
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import EARLY_ENDS_MAX, Part, Supervisor

STEADY = """
import os, signal, sys, time
open(sys.argv[1], "a").write(f"{os.getpid()} {os.environ['LIENTHONG_LOG']}\\n")
time.sleep(600)
"""
FALLING = "import sys; print('no ground', flush=True); sys.exit(7)"
PARENT = """
import sys, time
from pathlib import Path
from ops.processes import interruptible
from ops.settings import Settings
from ops.supervisor import Part, Supervisor
settings = Settings.load({}, home=Path(sys.argv[1]), log="sqlite", port=0)
part = Part("steady", (sys.executable, "-c", sys.argv[2], sys.argv[3]))
with interruptible(), Supervisor(settings, parts=[part]) as running:
    print("up", flush=True)
    running.wait()
"""


def until(true: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load({}, home=tmp_path / "home", log="sqlite", port=0)


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """Where a steady part writes its process id at each start."""
    path = tmp_path / "notes"
    path.touch()
    return path


def steady(notes: Path, name: str = "steady") -> Part:
    return Part(name, (sys.executable, "-c", STEADY, str(notes)))


def pids(notes: Path) -> list[int]:
    return [int(line.split()[0]) for line in notes.read_text().splitlines()]


def test_parts_run_inside_the_block_and_are_gone_after_it(settings: Settings, notes: Path) -> None:
    with Supervisor(settings, parts=[steady(notes, "one"), steady(notes, "two")]) as running:
        assert until(lambda: len(pids(notes)) == 2)
        told = home.running(settings.home)

    assert (
        Running(
            pid=os.getpid(),
            http=f"http://127.0.0.1:{running.settings.port}",
            log="sqlite",
            kafka="",
            broker="the log in SQLite, no Kafka is running.",
        )
        == told
    )
    assert [False, False] == [processes.alive(pid) for pid in pids(notes)]
    assert home.running(settings.home) is None


def test_a_part_that_is_killed_comes_back(settings: Settings, notes: Path) -> None:
    with Supervisor(settings, parts=[steady(notes)], quiet=True):
        assert until(lambda: len(pids(notes)) == 1)
        os.kill(pids(notes)[0], signal.SIGKILL)

        assert until(lambda: len(pids(notes)) == 2)
        assert processes.alive(pids(notes)[1])


def test_a_part_that_cannot_start_ends_all_with_a_sentence(
    settings: Settings, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.supervisor.BACKOFF_SECONDS", 0.001)
    falling = Part("falling", (sys.executable, "-c", FALLING))
    with Supervisor(settings, parts=[steady(notes), falling], quiet=True) as running:
        with pytest.raises(
            BrokenEnvironment,
            match=f"Process falling ended {EARLY_ENDS_MAX} times right after its start, "
            r"the last time with code 7; its words are in .*falling\.log\.",
        ):
            running.wait(60)

        assert not processes.alive(pids(notes)[0])
    words = (settings.home / "logs" / "falling.log").read_text()
    assert ["no ground"] * EARLY_ENDS_MAX == words.splitlines()


def test_a_home_has_one_server(settings: Settings, notes: Path) -> None:
    with (
        Supervisor(settings, parts=[]),
        pytest.raises(
            BrokenEnvironment,
            match=f"Home .* is in use by process {os.getpid()}; stop that one first",
        ),
    ):
        Supervisor(settings, parts=[steady(notes)]).__enter__()

    assert [] == pids(notes)


def test_a_port_in_use_is_said_before_anything_starts(settings: Settings, notes: Path) -> None:
    with Supervisor(settings, parts=[]) as first:
        port = first.settings.port
        with socket.create_server(("127.0.0.1", port)):
            other = Settings.load(
                {}, home=settings.home.with_name("other"), log="sqlite", port=port
            )
            with pytest.raises(BrokenEnvironment, match=f"Port {port} on 127.0.0.1 cannot be used"):
                Supervisor(other, parts=[steady(notes)]).__enter__()

    assert [] == pids(notes)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_a_supervisor_that_is_ended(
    tmp_path: Path, notes: Path, number: signal.Signals
) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "home"), STEADY, str(notes)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout is not None
    with parent.stdout:
        assert b"up\n" == parent.stdout.readline()
    assert until(lambda: len(pids(notes)) == 1)
    parent.send_signal(number)
    parent.wait(30)

    assert until(lambda: not processes.alive(pids(notes)[0]))
    assert home.running(tmp_path / "home") is None
    # Only who was not asked leaves word behind, and it is not believed.
    left = (tmp_path / "home" / "running.json").exists()
    assert (number == signal.SIGKILL) == left


def answers(settings: Settings, address: str) -> str:
    """The id of the topic of events at this address; '' while nobody answers there."""
    log = KafkaLog.of(settings, address)
    try:
        return log.topic_id("lienthong.events")
    except LogFailed:
        return ""
    finally:
        log.close()


def test_with_kafka_the_parts_are_told_where_it_is_and_it_comes_back(
    kafka: Broker, tmp_path: Path, notes: Path
) -> None:
    settings = Settings.load({}, home=tmp_path / "home", port=0)
    with Supervisor(settings, parts=[steady(notes)]) as running:
        told = home.running(settings.home)
        assert told is not None
        assert told.broker.startswith("Apache Kafka 4.1.1 (KRaft) at 127.0.0.1:")
        assert ("kafka", running.settings.kafka) == (told.log, told.kafka)
        assert until(lambda: notes.read_text().endswith(" kafka\n"))
        log = KafkaLog.of(settings, told.kafka)
        before = log.topic_id("lienthong.events")
        log.close()

        killed = running.broker_pid
        os.kill(killed, signal.SIGKILL)

        assert until(lambda: running.broker_pid != killed)
        assert until(lambda: answers(settings, told.kafka) == before)


def test_asking_for_a_home_creates_nothing(tmp_path: Path) -> None:
    assert home.running(tmp_path / "nowhere") is None
    assert not (tmp_path / "nowhere").exists()


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = Settings.load({}, home=tmp_path / "file" / "home", log="sqlite", port=0)

    with pytest.raises(BrokenEnvironment, match="cannot be used: Not a directory"):
        Supervisor(settings, parts=[]).__enter__()
