"""Log and read model belong together: holes are read once more, a topic made anew stops us."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from confluent_kafka import Producer
from kafka.admin import KafkaAdminClient

from ops.kafka import KafkaLog, client_options
from ops.replay import from_log, gather
from ops.settings import Settings, inherited
from ops.soak import Soak, events
from schemas.topics import EVENTS, TOPICS


@pytest.fixture
def soak(kafka_settings: Settings, kafka_log: KafkaLog) -> Iterator[Soak]:
    made = Soak(kafka_settings, kafka_log)
    yield made
    made.close()


def transactional(settings: Settings) -> Producer:
    producer = Producer(
        {
            "bootstrap.servers": settings.kafka,
            "transactional.id": settings.topic_prefix,
            "partitioner": "murmur2_random",
        }
    )
    producer.init_transactions(30)
    return producer


def test_what_a_transaction_aborts_is_never_counted_and_its_marks_are_holes(soak: Soak) -> None:
    topic = EVENTS.full(soak.settings.topic_prefix)
    producer = transactional(soak.settings)
    messages = events(soak.rng, 600)
    for number in range(3):
        producer.begin_transaction()
        for message in messages[number::3]:
            producer.produce(topic, message.value, message.key)
        # What is not on the log yet would be dropped by the abort, without asking the broker.
        producer.flush(30)
        if number == 1:
            producer.abort_transaction(30)
        else:
            producer.commit_transaction(30)
    worker = soak.start()
    # Each partition ends with the mark of a transaction: an offset that holds nothing.
    soak.wait()
    soak.tell(events(soak.rng, 400))
    soak.wait()
    code = soak.stop(worker)
    found = [check for check in soak.checks() if not check.holds]

    assert code == 0
    assert found == []


def started_and_left(settings: Settings) -> tuple[int, str]:
    """A worker that should leave by itself: its exit code and last words."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.soak_worker", '{"at": null, "after": 0}'],
        env=inherited() | settings.environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr.strip().splitlines()[-1]


def test_a_replay_does_not_wait_where_the_last_offsets_hold_nothing(
    soak: Soak, kafka_log: KafkaLog
) -> None:
    prefix = soak.settings.topic_prefix
    producer = transactional(soak.settings)
    messages = events(soak.rng, 600)
    for end in (producer.commit_transaction, producer.abort_transaction):
        producer.begin_transaction()
        for message in messages:
            producer.produce(EVENTS.full(prefix), message.value, message.key)
        # What is not on the log yet would be dropped by the abort, without asking the broker; and
        # the broker begins the second transaction only when all marks of the first are written.
        producer.flush(30)
        end(30)
    started = time.monotonic()
    gathered = gather(from_log(kafka_log, prefix))

    assert gathered.records == len(messages)
    # Each of the twelve partitions was waited for ten seconds.
    assert time.monotonic() - started < 10


def test_a_topic_made_anew_stops_the_worker_with_one_sentence(soak: Soak) -> None:
    prefix = soak.settings.topic_prefix
    soak.tell(events(soak.rng, 400))
    worker = soak.start()
    soak.wait()
    soak.stop(worker)
    admin = KafkaAdminClient(**client_options(soak.settings))
    admin.delete_topics([EVENTS.full(prefix)])
    admin.close()
    log = KafkaLog.of(soak.settings)
    log.create(TOPICS, prefix)
    log.close()
    code, words = started_and_left(soak.settings)

    assert code == 3
    assert words.startswith(f"lienthong: {prefix}events/")
    assert "the topic was made anew" in words


def test_another_number_of_partitions_stops_the_worker_before_it_folds(
    kafka_settings: Settings, kafka_log: KafkaLog
) -> None:
    topics = [EVENTS._replace(partitions=5), *(t for t in TOPICS if t != EVENTS)]
    kafka_log.create(topics, kafka_settings.topic_prefix)
    code, words = started_and_left(replace(kafka_settings))

    assert code == 3
    assert "has 5 partitions but must have 12" in words
