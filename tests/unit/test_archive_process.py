"""The archive of a running home: when a segment is due, and what the topic `heads` is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ops.archive import layout
from ops.archive.publishing import publish
from ops.archive.reading import heads_of
from ops.log import all_records
from ops.run_archive import ArchiveProcess, is_due
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import our_parts
from schemas.times import Day
from schemas.topics import HEADS
from tests.archived import faults, lives, tell, tell_story, write
from tests.office import Clock, at
from tests.small_home import SmallHome

TODAY = Day(20_000)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path)
    tell_story(made.ledger)
    yield made
    made.close()


def on_topic(home: SmallHome) -> list[bytes | None]:
    topic = HEADS.full(home.settings.topic_prefix)
    ((start, end),) = home.log.ends(topic)
    return [record.value for record in all_records(home.log, topic, 0, start, end)]


@pytest.mark.parametrize(
    ("behind", "made_on", "due"),
    [
        (0, None, False),
        (1, None, True),
        (0, Day(TODAY - 1), False),
        (1, Day(TODAY - 1), True),
        (99, TODAY, False),
        (100, TODAY, True),
    ],
)
def test_a_segment_is_due_once_a_day_or_when_enough_has_come(
    behind: int, made_on: Day | None, due: bool
) -> None:
    assert due == is_due(behind, 100, made_on, TODAY)


def test_the_process_writes_and_publishes_day_after_day(home: SmallHome) -> None:
    settings = replace(home.settings, archive_every=1_000)
    clock = Clock(at("2026-07-01 08:00"))
    process = ArchiveProcess(settings, home.ledger, clock)
    first = process.look()
    tell(home.ledger, lives(1))
    same_day = process.look()
    clock.set("2026-07-02 00:00")
    second = process.look()

    assert [["1-18"], [], ["19-42"]] == [[h.name for h in one] for one in (first, same_day, second)]
    assert [head.line() for head in (*first, *second)] == on_topic(home)
    assert [] == faults(settings.archive)


def test_a_head_is_published_once_whoever_starts_again(home: SmallHome) -> None:
    prefix = home.settings.topic_prefix
    write(home.ledger, home.settings.archive, each=9)
    heads = heads_of(home.settings.archive)

    assert 1 == publish(heads[:1], home.log, prefix)
    assert 1 == publish(heads, home.log, prefix)
    assert 0 == publish(heads, home.log, prefix)
    assert [head.line() for head in heads] == on_topic(home)


def test_an_archive_that_was_cut_shows_against_the_topic(home: SmallHome) -> None:
    write(home.ledger, home.settings.archive, each=9)
    heads = heads_of(home.settings.archive)
    publish(heads, home.log, home.settings.topic_prefix)

    with pytest.raises(BrokenEnvironment, match=f"head 2 .* does not have it.*{heads[1].hash()}"):
        publish(heads[:1], home.log, home.settings.topic_prefix)


def test_a_home_runs_the_process_only_where_it_is_switched_on() -> None:
    assert ["relay", "worker"] == [part.name for part in our_parts()]
    assert ["relay", "worker", "archive"] == [part.name for part in our_parts("archive")]
    assert 0 == Settings.load({}).archive_every


def test_the_topic_holds_whole_heads_that_anybody_can_hash(home: SmallHome) -> None:
    write(home.ledger, home.settings.archive)
    publish(heads_of(home.settings.archive), home.log, home.settings.topic_prefix)
    (line,) = on_topic(home)

    assert line is not None
    assert home.ledger.id == json.loads(line)["ledger"]
    assert line + b"\n" == (home.settings.archive / layout.HEADS).read_bytes()
