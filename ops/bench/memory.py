"""Memory of a worker's state: one million obligations of four facts, with boards and indexes."""

from __future__ import annotations

import gc
import resource
import time
from pathlib import Path
from typing import Any, NamedTuple

from ops.allocator import keep_large_blocks_apart
from ops.bench.worlds import FACTS_EACH, Unit, established, messages, paged, tree
from projections.boards import Boards
from projections.engine import Engine
from schemas.frame import Version
from schemas.times import Instant
from schemas.topics import EVENTS, partition_of

BATCH = 20_000
"""Events between two frames: about half a second of catching up."""
BLOCK = 4_000


class Record(NamedTuple):
    """A record as a runner hands it over."""

    offset: int
    timestamp: int
    key: bytes
    value: bytes


def resident_bytes() -> int:
    """Memory of this process that is in use now."""
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096


def measure(obligations: int, provinces: int) -> dict[str, Any]:
    """Fold so many obligations into engine and boards; the memory that took, in bytes."""
    keep_large_blocks_apart()
    units = tree(provinces)
    engine, boards = empty(units, Instant(1_500_000_000_000))
    gc.collect()
    before = resident_bytes()
    started = time.process_time()
    fold(engine, boards, units, obligations)
    seconds = time.process_time() - started
    gc.collect()
    with_boards = resident_bytes()
    del boards
    gc.collect()
    return {
        "obligations": obligations,
        "facts": obligations * FACTS_EACH,
        "bytes": with_boards - before,
        "engine_bytes": resident_bytes() - before,
        "process_bytes": with_boards,
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "cpu_seconds": round(seconds, 1),
        **engine.counts(),
    }


def empty(units: list[Unit], now: Instant, engine: Engine | None = None) -> tuple[Engine, Boards]:
    """An engine with every partition open, and boards of these units that are asked at `now`.

    `engine`: this one, and the boards ask it what was known earlier.
    """
    boards = Boards(lambda: now, engine)
    engine = engine or Engine()
    boards.tell_units(list(enumerate(established(units))))
    for partition in range(EVENTS.partitions):
        engine.open(partition, ())
    return engine, boards


def fold(engine: Engine, boards: Boards, units: list[Unit], obligations: int) -> None:
    """Fold so many obligations of four facts each, with a frame after each batch."""
    offsets = [0] * EVENTS.partitions
    told = messages(1, [unit.code for unit in units], obligations, block=BLOCK)
    for page in paged(told, BATCH):
        records: list[list[Record]] = [[] for _ in offsets]
        for message in page:
            partition = partition_of(message.key, EVENTS.partitions)
            records[partition].append(Record(offsets[partition], 0, *message))
            offsets[partition] += 1
        for partition, some in enumerate(records):
            engine.take(partition, some)
            version = Version("bench", 1, "topic", partition, offsets[partition])
            for frame in engine.frame(partition, version):
                boards.apply_frame(frame)
            engine.told(version)
