"""One contract for the log, whatever carries it: Apache Kafka, or a file of SQLite."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops.embedded import SqliteLog
from ops.kafka import KafkaLog
from ops.log import (
    Log,
    NoSuchPartition,
    NoSuchTopic,
    Outgoing,
    OutOfRange,
    Record,
    RecordTooLarge,
)
from ops.settings import Settings
from schemas.topics import TOPICS, Topic, partition_of

ONE = Topic("one", 1, "any")
FOUR = Topic("four", 4, "any")
NEWEST = Topic("newest", 2, "any", compacted=True)
SMALL = Topic("small", 1, "any", bytes_max=10_000)
MINE = (ONE, FOUR, NEWEST, SMALL)

Opener = Callable[[], Log]


@pytest.fixture(params=["sqlite", "kafka"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens the same log again and again, as several processes would."""
    opened: list[Log] = []

    def open_log() -> Log:
        if request.param == "kafka":
            settings: Settings = request.getfixturevalue("kafka_settings")
            opened.append(KafkaLog.of(settings))
        else:
            opened.append(SqliteLog(tmp_path / "log.sqlite"))
        return opened[-1]

    yield open_log
    for log in opened:
        log.close()


@pytest.fixture
def log(opener: Opener, topic_prefix: str) -> Log:
    made = opener()
    made.create(MINE, topic_prefix)
    return made


def read_all(log: Log, topic: str, partition: int = 0, offset: int = 0) -> list[Record]:
    """Everything from the offset to the present end."""
    records: list[Record] = []
    end = log.ends(topic)[partition][1]
    while offset < end:
        page = log.read(topic, partition, offset, 1_000, wait_seconds=10)
        assert page, f"{topic}/{partition} ends at {end}, but nothing comes from {offset}"
        records += page
        offset = page[-1].offset + 1
    return records


def values(records: list[Record]) -> list[bytes | None]:
    return [record.value for record in records]


def test_what_was_appended_is_read_back_whole(log: Log, topic_prefix: str) -> None:
    topic = ONE.full(topic_prefix)
    before = time.time_ns() // 1_000_000
    headers = [("ce_type", b"task.assigned.v1"), ("empty", b""), ("ce_type", "liên thông".encode())]

    log.append([Outgoing(topic, b"key", b"value", headers), Outgoing(topic, b"key", None)])
    first, second = read_all(log, topic)

    assert (topic, 0, 0, b"key", b"value") == (*first[:3], first.key, first.value)
    assert headers == list(first.headers)
    assert before <= first.timestamp <= time.time_ns() // 1_000_000
    assert (1, None, []) == (second.offset, second.value, list(second.headers))


def test_records_of_a_partition_keep_their_order_over_many_calls(
    log: Log, topic_prefix: str
) -> None:
    topic = ONE.full(topic_prefix)
    sent = [b"%d" % number for number in range(2_500)]
    for start in range(0, len(sent), 500):
        log.append([Outgoing(topic, None, value) for value in sent[start : start + 500]])

    records = read_all(log, topic)

    assert sent == values(records)
    assert list(range(2_500)) == [record.offset for record in records]
    assert [(0, 2_500)] == log.ends(topic)


def test_a_key_goes_to_the_partition_that_kafkas_own_hash_gives(
    log: Log, topic_prefix: str
) -> None:
    topic = FOUR.full(topic_prefix)
    keys = [f"programme-{n}:{n}.a:66.sở-nội-vụ".encode() for n in range(200)] + [b"\x80\xff", b"a"]
    log.append([Outgoing(topic, key, b"-") for key in keys])

    found = {
        record.key: partition
        for partition in range(FOUR.partitions)
        for record in read_all(log, topic, partition)
    }

    assert {key: partition_of(key, FOUR.partitions) for key in keys} == found


def test_a_named_partition_wins_over_the_key(log: Log, topic_prefix: str) -> None:
    topic = FOUR.full(topic_prefix)
    log.append([Outgoing(topic, b"same", b"%d" % p, partition=p) for p in range(FOUR.partitions)])

    assert [[b"0"], [b"1"], [b"2"], [b"3"]] == [
        values(read_all(log, topic, partition)) for partition in range(FOUR.partitions)
    ]


def test_reading_starts_anywhere_stops_at_the_limit_and_jumps_back(
    log: Log, topic_prefix: str
) -> None:
    topic = ONE.full(topic_prefix)
    log.append([Outgoing(topic, None, b"%d" % number) for number in range(10)])

    assert [b"4", b"5", b"6"] == values(log.read(topic, 0, 4, 3, wait_seconds=10))
    assert [b"7", b"8", b"9"] == values(log.read(topic, 0, 7, 30, wait_seconds=10))
    assert [b"0"] == values(log.read(topic, 0, 0, 1, wait_seconds=10))
    assert [b"9"] == values(log.read(topic, 0, 9, 5, wait_seconds=10))


def test_nothing_new_is_an_empty_list_after_the_wait(log: Log, topic_prefix: str) -> None:
    started = time.monotonic()
    found = log.read(ONE.full(topic_prefix), 0, 0, 10, wait_seconds=0.3)

    assert [] == found
    assert 0.25 <= time.monotonic() - started < 3


def test_nothing_behind_a_known_end_is_waited_for(log: Log, topic_prefix: str) -> None:
    topic = ONE.full(topic_prefix)
    log.append([Outgoing(topic, b"k", bytes([n])) for n in range(3)])
    started = time.monotonic()
    there = log.read(topic, 0, 1, 10, 10.0, end=3)
    beyond = log.read(topic, 0, 3, 10, 10.0, end=3)

    assert values(there) == [b"\x01", b"\x02"]
    assert beyond == []
    assert time.monotonic() - started < 8


def test_a_waiting_reader_gets_what_another_appends(
    log: Log, opener: Opener, topic_prefix: str
) -> None:
    topic = ONE.full(topic_prefix)
    other = opener()
    other.ends(topic)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(log.read, topic, 0, 0, 10, 30.0)
        time.sleep(0.2)
        other.append([Outgoing(topic, b"k", b"news")])

        assert [b"news"] == values(waiting.result(timeout=30))


def test_partitions_are_read_at_once_by_several_threads(log: Log, topic_prefix: str) -> None:
    topic = FOUR.full(topic_prefix)
    log.append([Outgoing(topic, None, b"%d" % n, partition=n % 4) for n in range(400)])
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda partition: read_all(log, topic, partition), range(4)))

    assert [100] * 4 == [len(records) for records in found]


def test_an_offset_outside_the_log_is_refused(log: Log, topic_prefix: str) -> None:
    topic = ONE.full(topic_prefix)
    log.append([Outgoing(topic, None, b"-")])

    assert [] == log.read(topic, 0, 1, 10)
    with pytest.raises(OutOfRange, match=r"Offset 5 of .*one/0 is outside the log"):
        log.read(topic, 0, 5, 10, wait_seconds=10)


def test_an_unknown_topic_is_said_plainly(log: Log, topic_prefix: str) -> None:
    name = topic_prefix + "nowhere"
    for ask in (log.topic_id, log.ends, lambda topic: log.read(topic, 0, 0, 1)):
        with pytest.raises(NoSuchTopic, match=f"Topic {name} does not exist"):
            ask(name)
    with pytest.raises(NoSuchTopic):
        log.append([Outgoing(name, b"k", b"v")])


def test_an_unknown_partition_is_said_plainly(log: Log, topic_prefix: str) -> None:
    with pytest.raises(NoSuchPartition, match="has no partition 9"):
        log.read(ONE.full(topic_prefix), 9, 0, 1)


def test_a_record_over_the_topics_limit_is_refused_and_smaller_ones_still_go(
    log: Log, topic_prefix: str
) -> None:
    topic = SMALL.full(topic_prefix)
    with pytest.raises(RecordTooLarge, match=r"over the limit of topic .*small"):
        log.append([Outgoing(topic, b"k", bytes(20_000))])
    log.append([Outgoing(topic, b"k", b"fits")])

    assert [b"fits"] == values(read_all(log, topic))


def test_ids_stay_and_differ(log: Log, opener: Opener, topic_prefix: str) -> None:
    one, four = ONE.full(topic_prefix), FOUR.full(topic_prefix)
    again = opener()

    assert (log.cluster_id(), log.topic_id(one)) == (again.cluster_id(), again.topic_id(one))
    assert log.topic_id(one) != log.topic_id(four)
    assert len(log.topic_id(one)) >= 22


def test_creating_again_changes_nothing(log: Log, opener: Opener, topic_prefix: str) -> None:
    topic = NEWEST.full(topic_prefix)
    log.append([Outgoing(topic, b"k", b"%d" % number) for number in range(5)])
    identity, ends = log.topic_id(topic), log.ends(topic)
    again = opener()
    again.create(MINE, topic_prefix)

    assert (identity, ends) == (again.topic_id(topic), again.ends(topic))
    assert b"4" == read_all(again, topic, partition_of(b"k", NEWEST.partitions))[-1].value


def test_removed_topics_and_groups_are_gone_and_a_topic_made_anew_is_empty(
    log: Log, opener: Opener, topic_prefix: str
) -> None:
    name = topic_prefix + ONE.name
    log.append([Outgoing(name, b"k", b"v")])
    before = log.topic_id(name)

    log.remove([name, topic_prefix + "never-made"], [topic_prefix + "no-group"])

    other = opener()
    with pytest.raises(NoSuchTopic):
        other.ends(name)
    other.create([ONE], topic_prefix)
    assert [(0, 0)] == other.ends(name)
    assert before != other.topic_id(name)


def test_topics_that_are_as_they_should_be_differ_in_nothing(log: Log, topic_prefix: str) -> None:
    log.create(TOPICS, topic_prefix)

    assert [] == log.differences([*MINE, *TOPICS], topic_prefix)


def test_missing_topics_and_wrong_partition_counts_are_named(log: Log, topic_prefix: str) -> None:
    wanted = [FOUR._replace(partitions=12), Topic("absent", 1, "any")]

    wrong, missing = log.differences(wanted, topic_prefix)

    assert wrong.startswith(f"Topic {topic_prefix}four has 4 partitions but must have 12;")
    assert f"Topic {topic_prefix}absent does not exist; `lienthong up` creates it." == missing


def test_kafka_also_tells_of_a_small_limit_and_another_policy(
    kafka_log: KafkaLog, topic_prefix: str
) -> None:
    kafka_log.create([SMALL], topic_prefix)

    assert [
        f"Topic {topic_prefix}small takes messages up to 10000 bytes but needs 50000; "
        "raise its max.message.bytes to 50000.",
        f"Topic {topic_prefix}small has cleanup.policy delete but must have compact.",
    ] == kafka_log.differences([SMALL._replace(bytes_max=50_000, compacted=True)], topic_prefix)


def test_the_file_keeps_only_the_newest_of_each_key_of_a_compacted_topic(
    tmp_path: Path,
) -> None:
    log = SqliteLog(tmp_path / "log.sqlite")
    log.create(MINE, "")
    log.append([Outgoing("newest", b"ab"[n % 2 : n % 2 + 1], b"%d" % n, (), 0) for n in range(6)])
    log.append([Outgoing("one", b"k", b"0"), Outgoing("one", b"k", b"1")])
    log.create(MINE, "")
    kept, untouched = values(read_all(log, "newest")), values(read_all(log, "one"))
    log.close()

    assert [b"4", b"5"] == kept
    assert [b"0", b"1"] == untouched
