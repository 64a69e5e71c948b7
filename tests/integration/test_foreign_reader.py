"""A client not ours: confluent-kafka, fastavro and the committed schemas alone; and kcat."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fastavro
import pytest
from confluent_kafka import Consumer, TopicPartition
from fastavro.schema import fingerprint, to_parsing_canonical_form

from ops.broker import Broker
from schemas import avro, topics
from tests import lives, story
from tests.home import Home, events

AVSC = Path(__file__).resolve().parents[2] / "schemas" / "avro"
READ_SECONDS = 60.0
STILL_SECONDS = 2.0
"""Outlets give way to readers, never for as long as this: a topic that stood still is told."""
HEAD = 10
"""C3 01 and the eight bytes of the fingerprint."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TODAY = "%Y-%m-%d"
Newest = dict[str, dict[str, Any]]
TOLD = events([*story.quarter(), *lives.lines_of(recorded=False), *lives.moved()])


@pytest.fixture(scope="module")
def home(kafka: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("foreign"), kafka.bootstrap, "foreign.")
    made.start()
    try:
        made.wait_for_server()
        made.send(map(avro.encode, TOLD))
        made.take_in()
        wait_until_told(made)
        yield made
    finally:
        made.stop()


def wait_until_told(home: Home) -> None:
    """Boards reach the topics after the answers of the command line have them."""
    log, until = home.log(), time.monotonic() + READ_SECONDS
    names = [
        topic.full(home.settings.topic_prefix) for topic in (topics.BOARDS, topics.OBLIGATIONS)
    ]
    ends: list[Any] = []
    while ends != (now := [log.ends(name) for name in names]) and time.monotonic() < until:
        ends = now
        time.sleep(STILL_SECONDS)
    log.close()


@pytest.fixture(scope="module")
def schemas() -> dict[bytes, Any]:
    """Fingerprint as on the wire -> schema, from the committed files and nothing else."""
    found = {}
    for path in AVSC.glob("*.avsc"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        text = fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO")
        found[bytes.fromhex(text)] = fastavro.parse_schema(schema)
    return found


def read(home: Home, topic: str) -> list[tuple[bytes | None, bytes | None]]:
    """Every record of a topic, by a client with settings of its own."""
    consumer = Consumer(
        {
            "bootstrap.servers": home.settings.kafka,
            "group.id": f"stranger-{time.monotonic_ns()}",
            "enable.auto.commit": False,
        }
    )
    name = f"{home.settings.topic_prefix}{topic}"
    try:
        partitions = consumer.list_topics(name, timeout=READ_SECONDS).topics[name].partitions
        ends = {}
        for number in partitions:
            place = TopicPartition(name, number, 0)
            ends[number] = consumer.get_watermark_offsets(place, timeout=READ_SECONDS)[1]
        consumer.assign([TopicPartition(name, number, 0) for number in partitions])
        found, until = [], time.monotonic() + READ_SECONDS
        while len(found) < sum(ends.values()) and time.monotonic() < until:
            for message in consumer.consume(500, timeout=1.0):
                assert message.error() is None
                found.append((message.key(), message.value()))
        return found
    finally:
        consumer.close()


def newest(home: Home, topic: str, schemas: dict[bytes, Any]) -> Newest:
    """Key -> its record of the highest version: what is not newer is ignored."""
    found: Newest = {}
    for key, value in read(home, topic):
        assert key is not None
        assert value is not None, "no tombstones"
        assert value[:2] == b"\xc3\x01"
        schema = schemas[value[2:HEAD]]
        record = fastavro.schemaless_reader(io.BytesIO(value[HEAD:]), schema, None)
        assert isinstance(record, dict)
        kept = found.get(key.decode())
        if kept is None or record["version"] > kept["version"]:
            found[key.decode()] = record
    return found


def test_the_newest_board_of_every_unit_is_the_board_of_the_command_line(
    home: Home, schemas: dict[bytes, Any]
) -> None:
    boards = newest(home, "boards", schemas)
    own_making = ("on", "version", "position", "positions")

    assert {one.unit for one in TOLD if one.topic == "units"} == set(boards)
    for unit, board in boards.items():
        told = home.board(unit)
        assert {k: v for k, v in told.items() if k not in own_making} == {
            k: v for k, v in _json(board).items() if k not in own_making
        }


def _json(board: dict[str, Any]) -> dict[str, Any]:
    """The JSON leaves out columns that a group has not; the record holds null."""
    columns = ("due_this_year", "carried_over")

    def plain(group: dict[str, Any]) -> dict[str, Any]:
        return {k: v for k, v in group.items() if k not in columns or v is not None}

    groups = {name: plain(board[name]) for name in ("own", "subtree")}
    for cut in ("by_level", "by_unit_kind"):
        groups[cut] = {key: plain(group) for key, group in board[cut].items()}
    return board | groups


def test_the_newest_obligations_are_those_that_the_command_line_lists(
    home: Home, schemas: dict[bytes, Any]
) -> None:
    states = newest(home, "obligations", schemas)
    listed = home.asked("obligations", "centre")["obligations"]

    assert {one["obligation"] for one in listed} == set(states)
    for one in listed:
        state = states[one["obligation"]]
        due = state["due_before"]
        told = None if due is None else (EPOCH + timedelta(days=due)).strftime(TODAY)
        assert (one["unit"], one["kind"], one["item"], one["due_before"]) == (
            state["unit"],
            state["kind"],
            state["item"],
            told,
        )


@pytest.mark.parametrize("topic", ["boards", "obligations"])
def test_kcat_lists_keys_and_offsets(home: Home, topic: str) -> None:
    kcat = shutil.which("kcat")
    if kcat is None:
        pytest.skip("kcat is not installed; apt-get install kcat")
    name = f"{home.settings.topic_prefix}{topic}"
    options = ["-C", "-b", home.settings.kafka, "-t", name, "-e", "-q", "-f", "%p %o %k\\n"]
    done = subprocess.run([kcat, *options], capture_output=True, text=True, timeout=READ_SECONDS)
    lines = [re.fullmatch(r"(\d+) (\d+) (\S+)", line) for line in done.stdout.splitlines()]

    assert (0, "") == (done.returncode, done.stderr)
    assert None not in lines
    keys = {match[3] for match in lines if match is not None}
    assert {key.decode() for key, _ in read(home, topic) if key is not None} == keys
