"""The live path in one process: Kafka to durable boards, and where its time goes."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ops import wiring
from ops.kafka import KafkaLog
from ops.settings import Settings
from projections import admission, engine, folding
from projections.app import FaustRunner, Group
from projections.parts import Parts, make_parts
from projections.worker import Names, Worker
from schemas.topics import EVENTS, FRAMES

LOOK_SECONDS = 0.01
FOLD = "fold, all of it"
START_SECONDS_MAX = 60.0


class Stopwatch:
    """Seconds of CPU spent in named places, added up; places may lie inside each other."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.began: dict[str, float] = {}
        """When (time.perf_counter) each place was entered first."""

    def over(self, owner: Any, method: str, place: str) -> None:
        """Time every call of the method."""
        call: Callable[..., Any] = getattr(owner, method)
        seconds = self.seconds

        def timed(*args: Any, **named: Any) -> Any:
            self.began.setdefault(place, time.perf_counter())
            started = time.thread_time()
            try:
                return call(*args, **named)
            finally:
                seconds[place] += time.thread_time() - started

        setattr(owner, method, timed)


def timed_places(parts: Parts) -> Stopwatch:
    """A stopwatch over the places of the live path."""
    watch = Stopwatch()
    watch.over(parts.fold, "take_all", FOLD)
    watch.over(admission, "decode", "  decode by columns")
    watch.over(admission.Admission, "admit", "  decode, judge, hash, number")
    watch.over(folding.Folder, "enter", "  find duplicates, fold")
    watch.over(folding.Folder, "finish", "  cells and indexes")
    watch.over(admission.Admitted, "stored", "  facts for the journal")
    watch.over(engine.Engine, "frame", "frames")
    watch.over(parts.fold, "prepare", "prepare commits, frames included")
    watch.over(parts.fold, "write", "commit of facts (thread)")
    watch.over(parts.board, "take_all", "boards")
    watch.over(parts.board, "prepare", "prepare boards")
    watch.over(parts.board, "write", "commit of boards (thread)")
    return watch


async def live_path(settings: Settings, events: int) -> dict[str, Any]:
    """Fold everything on the topic; returns seconds from the first fetch to all durable.

    Frames are produced, consumed again and rolled up in the same process; the clock stops when
    facts, positions and frames are durable and the boards stand.
    """
    names = Names.of(settings.topic_prefix)
    log = KafkaLog.of(settings)
    model = wiring.model_of(settings, create=True)
    parts = make_parts(model, log, names, wiring.now, log.cluster_id())
    watch = timed_places(parts)
    group = Group(
        id=f"{settings.topic_prefix}{settings.group}",
        bootstrap=settings.kafka,
        commit_seconds=settings.commit_interval_ms / 1000,
    )
    runner = FaustRunner(
        group,
        parts.workers,
        log,
        wiring.now,
        {names.events: EVENTS.partitions, names.frames: FRAMES.partitions},
        parts.context,
    )
    stop = asyncio.Event()
    found: dict[str, Any] = {}

    async def watched(_: asyncio.Event) -> None:
        found.update(await _until_durable(parts, log, names, events, watch))
        stop.set()

    await runner.run(stop, [watched])
    found["boards"] = len(parts.boards.sources)
    found["places"] = {place: round(spent, 3) for place, spent in watch.seconds.items()}
    found["counts"] = parts.engine.counts()
    found["batches"] = parts.fold.stats.batches
    found["commits"] = parts.fold.stats.commits
    found["duplicates"] = parts.fold.stats.duplicates
    found["refused"] = parts.fold.stats.refusals.total()
    model.close()
    log.close()
    return found


async def _until_durable(
    parts: Parts, log: KafkaLog, names: Names, events: int, watch: Stopwatch
) -> dict[str, float]:
    began = time.perf_counter()
    while FOLD not in watch.began:
        if time.perf_counter() - began > START_SECONDS_MAX:
            raise TimeoutError("the worker was given no partition")
        await asyncio.sleep(0)
    # The first list is folded by now; its seconds count.
    started, cpu = watch.began[FOLD], time.process_time()
    folded = 0.0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if not folded and parts.fold.stats.events >= events:
            folded = time.perf_counter() - started
        if _durable(parts.fold) >= events and not parts.fold.waiting():
            break
    facts = time.perf_counter() - started
    while parts.model.unsent():
        await asyncio.sleep(LOOK_SECONDS)
    ends = await asyncio.to_thread(log.ends, names.frames)
    while _durable(parts.board) < sum(end for _, end in ends):
        await asyncio.sleep(LOOK_SECONDS)
        if not parts.fold.waiting():
            ends = await asyncio.to_thread(log.ends, names.frames)
    return {
        "joining_seconds": round(started - began, 3),
        "folded_seconds": round(folded, 3),
        "facts_durable_seconds": round(facts, 3),
        "seconds": round(time.perf_counter() - started, 3),
        "cpu_seconds": round(time.process_time() - cpu, 3),
    }


def _durable(worker: Worker) -> int:
    return sum(worker.durable(number) or 0 for number in worker.partitions())


def settings_of(home: Path, bootstrap: str, prefix: str) -> Settings:
    """Settings of a live run: defaults, in a home and under names of its own."""
    loaded = Settings.load({}, home=home, kafka=bootstrap, topic_prefix=prefix, group="bench")
    return replace(loaded, log="kafka")
