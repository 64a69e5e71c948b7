"""A worker process of its own, to be killed: Faust around the counting engine and boards.

Argument: JSON with bootstrap, prefix, group, model (path or postgresql URL), schema, and `die`:
where the process kills itself, as {"at": place, "after": how many times it passes first}.
Places: fold (inside a batch), commit (before the transaction), send (between commit and send),
sent (after the send), seek (inside a rebalance).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ops.kafka import KafkaLog
from ops.log import Outgoing
from projections.app import FaustRunner, Group, stop_on_signals
from projections.board_worker import BoardWorker
from projections.fold_worker import FoldWorker
from projections.keeper import Record, Work
from projections.readmodel import ReadModel
from projections.readmodel_postgres import PostgresModel
from projections.readmodel_sqlite import SqliteModel
from projections.worker import Names
from schemas.times import Instant
from schemas.topics import EVENTS, FRAMES
from tests.counting import CountBatch, CountBoards, CountEngine


class Death:
    """Kills the process at the n-th passing of a place."""

    def __init__(self, at: str | None, after: int) -> None:
        self.at, self.left = at, after

    def passing(self, place: str) -> None:
        if place == self.at:
            self.left -= 1
            if self.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)


class DyingLog(KafkaLog):
    death: Death

    def append(self, messages: Sequence[Any]) -> None:
        self.death.passing("send")
        super().append([Outgoing(*message) for message in messages])
        self.death.passing("sent")

    def ends(self, topic: str) -> list[tuple[int, int]]:
        self.death.passing("seek")
        return super().ends(topic)


class DyingEngine(CountEngine):
    death: Death

    def take(self, partition: int, records: Sequence[Record]) -> CountBatch:
        half = super().take(partition, records[: len(records) // 2])
        self.death.passing("fold")
        rest = super().take(partition, records[len(records) // 2 :])
        return CountBatch(*(a + b for a, b in zip(half, rest, strict=True)))


class DyingFold(FoldWorker):
    death: Death

    def write(self, work: Work) -> None:
        self.death.passing("commit")
        super().write(work)


def open_model(spec: dict[str, Any], generation: int | None = 1) -> ReadModel:
    if spec["model"].startswith("postgresql"):
        return PostgresModel(spec["model"], generation=generation, schema=spec["schema"])
    return SqliteModel(Path(spec["model"]), generation=generation)


def now() -> Instant:
    return Instant(time.time_ns() // 1_000_000)


async def main(spec: dict[str, Any]) -> None:
    names = Names.of(spec["prefix"])
    death = Death(**spec.get("die") or {"at": None, "after": 0})
    log = DyingLog({"bootstrap_servers": [spec["bootstrap"]]})
    model = open_model(spec)
    engine, boards = DyingEngine(), CountBoards()
    outlet: Any = boards.outlet(names.boards)
    fold = DyingFold(model, names, engine, engine.frames)
    log.death = engine.death = fold.death = death
    board = BoardWorker(model, names, boards, outlet)
    runner = FaustRunner(
        Group(
            id=spec["group"], bootstrap=spec["bootstrap"], session_seconds=6.0, commit_seconds=0.1
        ),
        [fold, board],
        log,
        now,
        {names.events: EVENTS.partitions, names.frames: FRAMES.partitions},
    )
    stop = asyncio.Event()
    stop_on_signals(stop)
    await runner.run(stop)
    model.close()
    log.close()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
