"""The context is read whole before anything else, kept in the model, and followed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.embedded import SqliteLog
from ops.log import Outgoing
from projections.context import Context
from projections.readmodel import ModelUnusable
from projections.readmodel_sqlite import SqliteModel
from projections.worker import Names
from schemas import quarantine
from schemas.avro import encode
from schemas.event import Event
from schemas.jsonl import Defaults, parse_line
from schemas.topics import TOPICS

NAMES = Names.of("t.")


class Reader:
    """A context that remembers what it was told."""

    def __init__(self, log: SqliteLog, model: SqliteModel) -> None:
        self.told: list[tuple[int, str]] = []
        self.context = Context(log, model, NAMES, units=self._tell, programmes=self._tell)

    def _tell(self, events: object) -> None:
        assert isinstance(events, list)
        self.told += [(offset, event.unit) for offset, event in events]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    made = SqliteLog(tmp_path / "log.sqlite")
    made.create(TOPICS, "t.")
    yield made
    made.close()


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SqliteModel]:
    made = SqliteModel(tmp_path / "model.sqlite", generation=1)
    yield made
    made.close()


def unit(code: str) -> Event:
    line = (
        f'{{"type":"unit.established.v1","unit":"{code}","name":"X","level":"province",'
        f'"kind":"government","parent":"centre","effective_at":"2007-01-01T00:00:00+07:00"}}'
    )
    return parse_line(line, Defaults(source="test", root="centre"))[0]


def tell(log: SqliteLog, *values: tuple[bytes, bytes]) -> None:
    log.append([Outgoing(NAMES.units, key, value) for key, value in values])


def established(code: str) -> tuple[bytes, bytes]:
    return code.encode(), encode(unit(code))


def test_everything_is_told_at_the_start_and_what_comes_later_when_it_comes(
    log: SqliteLog, model: SqliteModel
) -> None:
    tell(log, established("a"), established("b"))
    reader = Reader(log, model)
    reader.context.load()
    tell(log, established("c"))
    reader.context.follow()

    assert reader.told == [(0, "a"), (1, "b"), (2, "c")]


def test_a_second_start_tells_the_same_once(log: SqliteLog, model: SqliteModel) -> None:
    tell(log, established("a"))
    Reader(log, model).context.load()
    tell(log, established("b"))
    second = Reader(log, model)
    second.context.load()

    assert second.told == [(0, "a"), (1, "b")]
    assert [offset for offset, _ in model.noted(NAMES.units)] == [0, 1]


def test_bytes_that_are_no_unit_event_go_to_quarantine_once_for_all_readers(
    log: SqliteLog, model: SqliteModel
) -> None:
    tell(log, established("a"), (b"x", b"poison"), (b"other", established("b")[1]))
    readers = [Reader(log, model), Reader(log, model)]
    for reader in readers:
        reader.context.load()
    told = log.read(NAMES.quarantine, 0, 0, 10)
    reasons = [quarantine.decode(record.value).reason for record in told]

    assert [reader.told for reader in readers] == [[(0, "a")], [(0, "a")]]
    assert reasons == ["not_avro", "key_mismatch"]
    assert model.quarantine_counts() == {"not_avro": 1, "key_mismatch": 1}


def test_another_topic_of_the_same_name_stops_the_reader(
    log: SqliteLog, model: SqliteModel, tmp_path: Path
) -> None:
    tell(log, established("a"))
    Reader(log, model).context.load()
    other = SqliteLog(tmp_path / "other.sqlite")
    other.create(TOPICS, "t.")
    with pytest.raises(ModelUnusable):
        Reader(other, model).context.load()
    other.close()
