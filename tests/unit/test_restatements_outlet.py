"""The restatements outlet behind the real fold: nothing is lost, whenever the process dies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ops import readside
from ops.embedded import SqliteLog
from ops.log import Outgoing
from ops.settings import Settings
from projections.readmodel_sqlite import SqliteModel
from projections.runner import PlainRunner
from schemas import avro, restatement
from schemas.event import EventId
from schemas.jsonl import Defaults, parse_line
from schemas.restatement import Restatement
from schemas.times import as_of
from schemas.topics import EVENTS, RESTATEMENTS, TOPICS
from tests import story

NOW = as_of("2012-07-10")
LATE = [
    story.report("66.x", "report.submitted.v1", "2012-06-07 23:30", "2012-06-28 09:00"),
    story.report("66.y", "report.submitted.v1", "2012-06-20 10:00", "2012-07-03 09:00"),
]
MOVED = story.line(
    "unit.moved.v1", "66.x", "2012-06-12 00:00", "2012-07-03 09:00", by="centre", parent="centre"
)


class Died(Exception):
    """The process died before it had sent anything."""


class Home:
    """The workers of one home over a log and a read model on disk; the process may die."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings.load({}, home=folder, log="sqlite", source="66")
        self.prefix = self.settings.topic_prefix
        self.log = SqliteLog(folder / "log.sqlite")
        self.log.create(TOPICS, self.prefix)
        self.file = folder / "model.sqlite"
        self.dies = False
        self.start()

    def start(self) -> None:
        self.model = SqliteModel(self.file, generation=1)
        side = readside.live(self.settings, self.log, self.model, lambda: NOW)
        self.runner = PlainRunner(self, side.parts.workers, lambda: NOW, side.parts.context)
        self.runner.open()
        self.query = side.query
        self.causes = side.parts.restatements.counts

    def restart(self) -> None:
        self.model.close()
        self.start()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.log, name)

    def append(self, messages: Sequence[Any]) -> None:
        if self.dies and any(one.topic == self.prefix + RESTATEMENTS.name for one in messages):
            raise Died
        self.log.append([Outgoing(*one) for one in messages])

    def tell(self, *lines: str) -> list[EventId]:
        """Put lines on their topics as the relay does, and fold them."""
        events = [one for line in lines for one in parse_line(line, Defaults(source="66"))]
        self.log.append(
            [
                Outgoing(self.prefix + one.topic, one.key.encode(), avro.encode(one))
                for one in events
            ]
        )
        self.runner.drain()
        return [one.event_id for one in events]

    def told(self) -> list[Restatement]:
        end = self.log.ends(self.prefix + RESTATEMENTS.name)[0][1]
        records = self.log.read(self.prefix + RESTATEMENTS.name, 0, 0, end) if end else []
        return [restatement.decode(one.value or b"") for one in records]

    def close(self) -> None:
        self.model.close()
        self.log.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path)
    made.tell(*story.established(), story.expected("66.x"), story.expected("66.y"))
    yield made
    made.close()


def test_each_late_fact_is_told_once_with_what_readers_are_told(home: Home) -> None:
    ids = home.tell(*LATE)
    told = home.told()
    home.restart()
    home.runner.drain()
    listed = home.query.restatements(limit=500)["restatements"]
    assert isinstance(listed, list)

    assert {one.event_id for one in told} == set(ids)
    assert len(told) == len({(o.event_id, o.unit, o.scope, o.measure) for o in told})
    assert home.told() == told
    assert sorted(map(_plain, listed)) == sorted(_plain(one.to_json()) for one in told)


def test_what_is_told_is_counted_by_its_cause(home: Home) -> None:
    assert set(home.causes().values()) == {0}

    [sent] = home.tell(LATE[0])
    late = len(home.told())
    back = story.report(
        "66.x",
        "record.corrected.v1",
        "2012-06-29 09:00",
        target=str(UUID(bytes=sent)),
        void=True,
    )
    home.tell(back)
    corrected = len(home.told()) - late
    home.tell(MOVED)
    by_units = len(home.told()) - late - corrected

    assert home.causes() == {
        "late_fact": late,
        "correction": corrected,
        "unit_event": by_units,
    }
    assert min(late, corrected, by_units) > 0


def _plain(row: dict[str, Any]) -> str:
    return repr(sorted((key, value) for key, value in row.items() if key != "unit_name"))


@pytest.mark.parametrize("lines", [LATE, [MOVED]], ids=["facts", "a move"])
def test_a_process_that_dies_before_sending_tells_the_same_bytes_later(
    home: Home, tmp_path: Path, lines: list[str]
) -> None:
    (tmp_path / "other").mkdir()
    whole = Home(tmp_path / "other")
    whole.tell(*story.established(), story.expected("66.x"), story.expected("66.y"), *lines)
    home.dies = True
    with pytest.raises(Died):
        home.tell(*lines)
    for _ in range(2):
        home.restart()
        with pytest.raises(Died):
            home.runner.drain()
    nothing = home.told()
    home.dies = False
    home.restart()
    home.runner.drain()
    told, wanted = home.told(), whole.told()
    whole.close()

    assert nothing == []
    assert wanted
    assert sorted(told) == sorted(wanted)


def test_what_was_told_is_not_told_again_when_the_read_model_is_flushed(home: Home) -> None:
    home.tell(*LATE)
    told = home.told()
    home.tell(*(story.report("66.x", "reminder.issued.v1", f"2012-07-0{n} 10:00") for n in "456"))
    events = home.prefix + EVENTS.name
    journaled = sum(len(home.model.journal(events, number)) for number in range(EVENTS.partitions))
    home.restart()
    home.runner.drain()

    assert journaled == 0
    assert home.told() == told
