"""The archive of a home that runs: written beside everything else, its heads on the topic."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from ops.archive.heads import Head
from ops.archive.reading import records_of
from ops.broker import Broker
from ops.log import all_records
from ops.supervisor import our_parts
from schemas.topics import HEADS
from tests import story
from tests.archived import faults
from tests.home import WAIT_SECONDS, Home


def heads_on_topic(home: Home) -> list[Head]:
    log = home.log()
    try:
        topic = HEADS.full(home.settings.topic_prefix)
        ((start, end),) = log.ends(topic)
        return [Head.read(one.value or b"") for one in all_records(log, topic, 0, start, end)]
    finally:
        log.close()


def until_archived(home: Home, number: int) -> list[Head]:
    """The heads on the topic, once they cover this number."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not (heads := heads_on_topic(home)) or heads[-1].last < number:
        assert time.monotonic() < deadline, heads
        time.sleep(0.1)
    return heads


@pytest.mark.parametrize("with_kafka", [False, True], ids=["sqlite", "kafka"])
def test_a_running_home_archives_and_tells_its_heads(
    tmp_path: Path, topic_prefix: str, with_kafka: bool, request: pytest.FixtureRequest
) -> None:
    kafka: Broker | None = request.getfixturevalue("kafka") if with_kafka else None
    home = Home(
        tmp_path / "home", kafka.bootstrap if kafka else "", topic_prefix, our_parts("archive")
    )
    home.settings = replace(home.settings, archive_every=10)
    home.start()
    try:
        home.wait_for_server()
        assert home.publish(story.quarter(), "--history").code == 0
        heads = until_archived(home, 18)
        by_hand = home("archive", "write")
    finally:
        home.stop()
    held = home("archive", "verify", "--head", heads[-1].hash())

    assert "0 records written in 0 segments" in by_hand.out
    assert (0, "") == (held.code, held.err)
    assert f"vouches for everything up to head {len(heads)} at number 18." in held.out
    assert list(range(1, 19)) == [one.notification for one in records_of(home.settings.archive)]
    assert [] == faults(home.settings.archive)
