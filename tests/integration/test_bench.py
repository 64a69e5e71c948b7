"""The benches run on a real Kafka and count every event; what they measure is not tested here."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from ops.bench import command, live, memory, worlds, yardsticks
from ops.kafka import KafkaLog
from ops.settings import Settings
from schemas.topics import EVENTS, TOPICS

EVENTS_TOLD = 2_000
PROVINCES = 1


@pytest.fixture
def filled(kafka_settings: Settings, kafka_log: KafkaLog) -> Settings:
    kafka_log.create(TOPICS, kafka_settings.topic_prefix)
    asked = Namespace(events=EVENTS_TOLD, provinces=PROVINCES)
    command._fill(kafka_log, kafka_settings.topic_prefix, asked)
    return kafka_settings


def test_the_live_path_counts_every_event_and_says_where_its_time_goes(filled: Settings) -> None:
    found: dict[str, Any] = asyncio.run(live.live_path(filled, EVENTS_TOLD))

    assert EVENTS_TOLD == found["counts"]["facts"]
    assert found["boards"] == found["counts"]["cells"]
    assert (0, 0) == (found["refused"], found["duplicates"])
    assert 0 < found["places"]["  decode by columns"] < found["places"]["fold, all of it"]


def test_the_bare_loop_counts_every_event(filled: Settings) -> None:
    topic = EVENTS.full(filled.topic_prefix)
    units = worlds.tree(PROVINCES)
    found = asyncio.run(yardsticks.bare_loop(filled.kafka, topic, EVENTS_TOLD, units))

    assert EVENTS_TOLD == found.events


def test_the_plain_faust_agents_count_every_event_and_leave_no_folder_behind(
    kafka_settings: Settings,
) -> None:
    found: dict[str, Any] = {}
    command.faust_figures(kafka_settings, EVENTS_TOLD, PROVINCES, found)
    figures = {name: found[name] for name in yardsticks.FAUST_AGENTS.values()}

    assert EVENTS_TOLD == figures.pop("faust_counts_only")["centre"]
    for figure in figures.values():
        assert EVENTS_TOLD // worlds.FACTS_EACH == figure["centre"]["assigned"]
        assert figures["faust"]["centre"] == figure["centre"]
    assert not list(Path.cwd().glob("*-data"))


def test_duckdb_recomputes_the_boards_of_the_whole_tree(tmp_path: Path) -> None:
    units = worlds.tree(PROVINCES)
    told = list(worlds.messages(1, [unit.code for unit in units], 100))

    assert 400 == yardsticks.duckdb_recompute(tmp_path, told, units).events


def test_memory_is_measured_with_all_that_was_folded() -> None:
    found = memory.measure(200, PROVINCES)

    assert (200, 800) == (found["obligations"], found["facts"])
    assert 0 < min(found["process_bytes"], found["peak_bytes"])
