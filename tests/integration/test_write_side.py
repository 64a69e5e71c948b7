"""Inbox, ledger and topics together, on a real log: each fact once, in order, through kills."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.embedded import SqliteLog
from ops.kafka import KafkaLog
from ops.log import Log, Outgoing, Record
from ops.settings import Settings
from schemas import avro, quarantine
from schemas.cloudevents import ledger_mark
from schemas.times import Instant
from schemas.topics import EVENTS, INBOX, PROGRAMMES, QUARANTINE, TOPICS, UNITS, Topic, partition_of
from services.intake import Intake
from services.ledger import Ledger
from services.relay import Relay, RelayStopped
from tests.office import assigned, declared, established, id_of

KILLS = 6
SECONDS_MAX = 120.0
WORK = """
import sys
from pathlib import Path
from ops.embedded import SqliteLog
from ops.wiring import now
from services.intake import Intake
from services.ledger import Ledger
from services.relay import Relay

ledger = Ledger.open(sys.argv[1], clock=now, source="87")
log = SqliteLog(Path(sys.argv[2]))
intake = Intake(ledger, log, clock=now)
relay = Relay(ledger, log)
while True:
    print(intake.step().records + relay.step(), flush=True)
"""


def now() -> Instant:
    return Instant(time.time_ns() // 1_000_000)


@pytest.fixture(params=["sqlite", "kafka"])
def log(request: pytest.FixtureRequest, tmp_path: Path, topic_prefix: str) -> Iterator[Log]:
    opened: Log
    if request.param == "kafka":
        settings: Settings = request.getfixturevalue("kafka_settings")
        opened = KafkaLog.of(settings)
    else:
        opened = SqliteLog(tmp_path / "log.sqlite")
    opened.create(TOPICS, topic_prefix)
    yield opened
    opened.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:{tmp_path / 'ledger.db'}", clock=now, source="87")
    yield opened
    opened.close()


def everything(log: Log, topic: Topic, prefix: str) -> list[Record]:
    """All records of a topic, partition by partition."""
    found: list[Record] = []
    for partition, (offset, end) in enumerate(log.ends(topic.full(prefix))):
        while offset < end:
            page = log.read(topic.full(prefix), partition, offset, 1_000, wait_seconds=10.0)
            assert page
            found += page
            offset = page[-1].offset + 1
    return found


def run_until_quiet(intake: Intake, relay: Relay, expected: int) -> None:
    """Until `expected` records of the inbox were taken and everything was sent."""
    taken, until = 0, time.monotonic() + SECONDS_MAX
    while taken < expected and time.monotonic() < until:
        taken += intake.step().records
    while relay.step():
        pass
    assert taken == expected


def test_what_is_put_into_the_inbox_comes_out_on_its_topic_in_order(
    log: Log, ledger: Ledger, topic_prefix: str
) -> None:
    facts = [one for n in range(40) for one in (assigned(f"o{n}"), declared(f"o{n}"))]
    units = [established(f"87.{n}", "87") for n in range(20)]
    values = [avro.encode(one) for one in (*facts, *units)]
    inbox = INBOX.full(topic_prefix)
    log.append([Outgoing(inbox, value[20:28], value) for value in values])

    run_until_quiet(
        Intake(ledger, log, clock=now, prefix=topic_prefix),
        Relay(ledger, log, prefix=topic_prefix),
        len(values),
    )

    sent = everything(log, EVENTS, topic_prefix)
    context = everything(log, UNITS, topic_prefix) + everything(log, PROGRAMMES, topic_prefix)
    bare = [avro.with_recorded_at(one.value or b"", Instant(0)) for one in (*sent, *context)]
    assert sorted(bare) == sorted(values)
    assert all(one.partition == partition_of(one.key or b"", EVENTS.partitions) for one in sent)
    for partition in range(EVENTS.partitions):
        marks = [ledger_mark(one.headers) for one in sent if one.partition == partition]
        numbers = [mark.notification for mark in marks if mark is not None]
        assert len(numbers) == len(marks)
        assert numbers == sorted(set(numbers))


def test_poison_is_set_aside_and_the_stream_never_stops(
    log: Log, ledger: Ledger, topic_prefix: str
) -> None:
    rng = random.Random(7)
    good = [avro.encode(assigned(f"o{n}", event_id=id_of(f"{n}"))) for n in range(1_500)]
    poison: list[bytes | None] = [None, b"", b"poison", good[0][:-2], good[1] + b"!", b"\x00" * 9]
    poison.append(avro.encode(assigned("other", event_id=id_of("0"))))
    everything_sent: list[bytes | None] = [good[0], *poison, *good[1:]]
    log.append(
        [
            Outgoing(INBOX.full(topic_prefix), b"any", value, (), 0 if n <= 7 else rng.randrange(6))
            for n, value in enumerate(everything_sent)
        ]
    )

    run_until_quiet(
        Intake(ledger, log, clock=now, prefix=topic_prefix),
        Relay(ledger, log, prefix=topic_prefix),
        len(everything_sent),
    )

    held = [quarantine.decode(one.value) for one in everything(log, QUARANTINE, topic_prefix)]
    assert [one.original for one in held] == poison
    assert [one.offset for one in held] == list(range(1, 8))
    assert len(everything(log, EVENTS, topic_prefix)) == len(good)


def test_a_second_home_on_the_same_topics_stops_before_it_writes(
    log: Log, ledger: Ledger, topic_prefix: str, tmp_path: Path
) -> None:
    ledger.record([assigned()])
    assert Relay(ledger, log, prefix=topic_prefix).step() == 1
    other = Ledger.open(f"sqlite:{tmp_path / 'other.db'}", clock=now, source="66")
    other.record([declared()])

    with pytest.raises(RelayStopped, match="two homes need two topic prefixes"):
        Relay(other, log, prefix=topic_prefix).step()
    assert len(everything(log, EVENTS, topic_prefix)) == 1
    other.close()


def test_killed_again_and_again_nothing_is_skipped_and_nothing_is_recorded_twice(
    tmp_path: Path,
) -> None:
    path, url = tmp_path / "log.sqlite", f"sqlite:{tmp_path / 'ledger.db'}"
    log = SqliteLog(path)
    log.create(TOPICS, "lienthong.")
    values = [
        avro.encode(one) for n in range(4_000) for one in (assigned(f"o{n}"), declared(f"o{n}"))
    ]
    log.append([Outgoing(INBOX.full("lienthong."), None, value, (), 0) for value in values])
    rng = random.Random(3)

    for turn in range(KILLS + 1):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORK, url, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert worker.stdout is not None
        for done in worker.stdout:
            if turn < KILLS and rng.random() < 0.3:
                break
            if turn == KILLS and int(done) == 0:
                break
        worker.kill()
        worker.stdout.close()
        worker.wait()

    ledger = Ledger.open(url, clock=now, source="87", create=False)
    assert ledger.max_notification() == len(values)
    sent = everything(log, EVENTS, "lienthong.")
    first_of = {one.value: one for one in reversed(sent)}
    assert sorted(first_of) == sorted(one.value for one in ledger.events())
    for partition in range(EVENTS.partitions):
        marks = [ledger_mark(one.headers) for one in sent if one.partition == partition]
        numbers = list(dict.fromkeys(mark.notification for mark in marks if mark is not None))
        assert numbers == sorted(numbers)
    ledger.close()
    log.close()
