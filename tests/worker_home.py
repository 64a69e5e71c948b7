"""A home of workers that count: a log and a read model on disk, and a process that may die."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ops.embedded import SqliteLog
from ops.log import Outgoing
from projections.board_worker import BoardWorker
from projections.fold_worker import FoldWorker
from projections.readmodel_sqlite import SqliteModel
from projections.runner import PlainRunner
from projections.worker import Names
from schemas.times import Instant
from schemas.topics import TOPICS
from tests.counting import CountBoards, CountEngine, CountRestating, restate

PREFIX = "t."
NAMES = Names.of(PREFIX)
NOON = Instant(1_700_000_000_000)


class Crash(Exception):
    """The process died here."""


class Home:
    """A log and a read model on disk, and the process that works on them, which may die."""

    def __init__(self, folder: Path) -> None:
        self.log = SqliteLog(folder / "log.sqlite")
        self.log.create(TOPICS, PREFIX)
        self.folder = folder
        self.now = NOON
        self.crash_at: str | None = None
        self.weight = 1
        self.unit_events: list[bytes] = []
        self.start()

    def start(self) -> None:
        """A new process: nothing but the disk is remembered."""
        self.model = SqliteModel(self.folder / "model.sqlite", generation=1)
        self.engine, self.boards = CountEngine(), CountBoards()
        outlet: Any = self.engine.outlet(NAMES.obligations)
        self.engine.weight = self.weight
        self.fold = FoldWorker(
            self.model,
            NAMES,
            self.engine,
            self.engine.frames,
            outlet,
            self.engine.rules,
            restate(NAMES.restatements),
        )
        shown: Any = self.boards.outlet(NAMES.boards)
        self.restating = CountRestating(NAMES.restatements, self.unit_events)
        self.board = BoardWorker(
            self.model, NAMES, self.boards, shown, lambda: len(self.unit_events), self.restating
        )
        self.runner = PlainRunner(self, [self.fold, self.board], lambda: self.now)
        self.runner.open()

    def restart(self) -> None:
        self.model.close()
        self.crash_at = None
        self.start()

    def topic_id(self, topic: str) -> str:
        return self.log.topic_id(topic)

    def ends(self, topic: str) -> list[tuple[int, int]]:
        return self.log.ends(topic)

    def read(self, topic: str, partition: int, offset: int, limit: int, wait: float = 0.0) -> Any:
        return self.log.read(topic, partition, offset, min(limit, 7), wait)

    def append(self, messages: Sequence[Any]) -> None:
        # As while a runner sends in a thread: the next round's messages are made ahead.
        for each in (self.fold, self.board):
            each.make()
        if self.crash_at == "before send":
            raise Crash
        if self.crash_at == "inside send":
            self.log.append([Outgoing(*m) for m in messages[: len(messages) // 2]])
            raise Crash
        self.log.append([Outgoing(*m) for m in messages])
        if self.crash_at == "after send":
            raise Crash

    def tell(self, events: Sequence[tuple[str, bytes]]) -> None:
        self.log.append([Outgoing(NAMES.events, key.encode(), value) for key, value in events])

    def told(self, topic: str) -> Iterator[tuple[bytes, Any]]:
        """All records of an out-topic, partition by partition, in order."""
        for partition, (start, end) in enumerate(self.log.ends(topic)):
            for record in self.log.read(topic, partition, start, end - start):
                assert record.key is not None
                yield record.key, json.loads(record.value or b"")

    def close(self) -> None:
        self.model.close()
        self.log.close()
