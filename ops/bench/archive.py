"""Replay of a big archive to the boards of every unit for one day, beside polars on the same files.

Polars does something simpler: the last fact of every obligation by then, and how many of each kind
every unit has. It knows no due, no revision, no cause, no correction and no tree.
"""

from __future__ import annotations

import multiprocessing
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from ops import duck
from ops.archive.columns import BUCKETS
from ops.archive.reading import heads_of
from ops.archive.relations import Relations
from ops.bench.archive_made import PROCESSES
from ops.second import places
from ops.settings import BrokenEnvironment
from ops.sql import engine
from schemas import measures
from schemas.avro import decode
from schemas.event import Effect
from schemas.times import Instant, day_of, end_of_day
from schemas.topics import EVENTS, PROGRAMMES, UNITS
from schemas.tree import DayTree, Tree
from schemas.unit_facts import unit_fact

MEMORY_MB = 3_400
"""For all that counts at once, so that with Python it stays below 4 GB; what is more goes to the
disk."""
MIB = 1024

SECONDS_MAX = 3_600.0
"""No piece takes longer: fifty million events are many."""
ALONE, EACH_CORE, POLARS = "archive_by_one", "archive_by_cores", "archive_polars"
"""Names of figures: one process with two threads, a process and a bucket for each core, polars."""

Figures = dict[tuple[str, str], tuple[int, ...]]
"""(unit, group) -> one count a measure, as ops.sql.engine.boards gives them."""


class Counted(NamedTuple):
    """Figures, in how many seconds of the clock and of CPU, and the most memory that took."""

    figures: Figures
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def pieces(
    place: Path, seed: int, events: int, provinces: int
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is measured of the archive in a folder, which is made where it is not there.

    Name of the figures, the child that finds them, what it is given.
    """
    given = {"folder": str(place)}
    if not place.exists():
        yield "archive_made", "archive_made", {**given, "seed": seed, "events": events,
                                               "provinces": provinces}  # fmt: skip
    yield ALONE, "archive", {**given, "processes": 1}
    yield EACH_CORE, "archive", {**given, "processes": PROCESSES}
    yield POLARS, "archive_polars", given


def targets(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the issue asks of a replay, as the fields of a target; first that the three agree.

    Raises RuntimeError where they do not.
    """
    told = {name: found[name]["opened"] for name in (ALONE, EACH_CORE, POLARS)}
    if len(set(told.values())) > 1:
        raise RuntimeError(f"the obligations of the archive are counted differently: {told}")
    rates = {name: found[name]["events"] / found[name]["seconds"] for name in told}
    most = max(found[name]["peak_bytes"] for name in (ALONE, EACH_CORE)) / 1_000_000
    yield {"name": "archive -> boards of all units, a process for each core, events/s",
           "value": rates[EACH_CORE], "bound": 1_000_000, "at_least": True}  # fmt: skip
    yield {"name": "the same / polars finding last states only", "unit": "x",
           "value": rates[EACH_CORE] / rates[POLARS], "bound": 0.1, "at_least": True}  # fmt: skip
    yield {"name": "most memory of that replay", "unit": "MB",
           "value": most, "bound": 4_000, "at_least": False}  # fmt: skip


def replay(folder: str, processes: int) -> dict[str, Any]:
    """Count by SQL: by one process with a thread a core, or by `processes` that take a bucket each.

    The day is that of the last record. Together they have MEMORY_MB.
    """
    place = Path(folder)
    started = time.perf_counter()
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        threads, memory = duck.THREADS // processes, MEMORY_MB // processes
        parts = [range(first, BUCKETS, processes) for first in range(processes)]
        asked = [pool.submit(counted, place, list(part), threads, memory) for part in parts]
        found = [one.result() for one in asked]
    seconds = time.perf_counter() - started
    figures = summed(one.figures for one in found)
    events = sum(head.count for head in heads_of(place))
    cpu = sum(one.cpu_seconds for one in found)
    return {
        "events": events,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "per_cpu_second": round(events / cpu),
        "peak_bytes": sum(one.peak_bytes for one in found),
        "boards": len({unit for unit, _ in figures}),
        "opened": opened_of(figures),
    }


def counted(folder: Path, buckets: Sequence[int], threads: int, memory_mb: int) -> Counted:
    """What some buckets say about the boards of all units at the end of the last day."""
    started, used = time.perf_counter(), time.process_time()
    heads = heads_of(folder)
    relations = Relations(folder, heads)
    with (
        tempfile.TemporaryDirectory(prefix="lienthong-bench-") as spill,
        duck.opened(memory_mb=memory_mb, threads=threads, spill=Path(spill)) as connection,
    ):
        on = last_day(connection, relations)
        engine.know_programmes(connection, None, relations.topic(PROGRAMMES.name))
        engine.set_paths(connection, places(tree_of(connection, relations, on)))
        sources = [relations.bucket(bucket) for bucket in buckets]
        figures = engine.boards(connection, on, None, sources)
    return Counted(
        figures,
        time.perf_counter() - started,
        time.process_time() - used,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MIB,
    )


def last_day(connection: Any, relations: Relations) -> Instant:
    """The end of the day of the last record."""
    query = f"SELECT max(recorded_at) FROM {relations.latest(EVENTS.name)}"
    (last,) = connection.execute(query).fetchone()
    return end_of_day(day_of(Instant(last)))


def tree_of(connection: Any, relations: Relations, on: Instant) -> DayTree:
    """The units of an archive as they stand on a day."""
    query = f"SELECT value FROM {relations.topic(UNITS.name)} ORDER BY notification"
    values = (value for (value,) in connection.execute(query).fetchall())
    facts = ((at, unit_fact(decode(value))) for at, value in enumerate(values))
    tree = Tree.of(((at, fact) for at, fact in facts if fact is not None), None)
    return tree.at(day_of(on))


def summed(parts: Iterable[Figures]) -> Figures:
    """The figures of all buckets: counts are added."""
    made: Figures = {}
    for part in parts:
        for key, counts in part.items():
            before = made.get(key)
            made[key] = (
                counts
                if before is None
                else tuple(a + b for a, b in zip(before, counts, strict=True))
            )
    return made


def opened_of(figures: Figures) -> int:
    """How many obligations the board of the root knows, whatever became of them."""
    counts = figures["centre", "subtree"]
    return sum(counts[at] for at in (measures.ASSIGNED, measures.CANCELLED, measures.NO_DUE))


def polars_states(folder: str, on: int | None = None) -> dict[str, Any]:
    """The yardstick, on the same files, with its own best settings, bucket by bucket.

    Raises BrokenEnvironment where polars is not installed.
    """
    try:
        import polars as pl
    except ImportError as error:
        raise BrokenEnvironment(
            "Polars is not installed; it is a yardstick of the bench only: `pip install polars`."
        ) from error
    place = Path(folder)
    heads = heads_of(place)
    relations = Relations(place, heads)
    with duck.opened(threads=1) as connection:
        until = last_day(connection, relations) if on is None else on
    started, used = time.perf_counter(), time.process_time()
    counts: Counter[tuple[str, int]] = Counter()
    opened = 0
    for bucket in range(BUCKETS):
        facts = (
            pl.scan_parquet(relations.files(bucket))
            .filter(pl.col("bucket") == bucket, pl.col("effective_at") <= until)
            .select("obligation", "unit", "effect", "effective_at", "recorded_at")
            .sort("obligation", "effective_at", "effect", "recorded_at")
        )
        last = facts.group_by("obligation", maintain_order=True).agg(
            pl.col("unit").last(),
            pl.col("effect").last(),
            (pl.col("effect") == Effect.OPENS.value).any().alias("is_opened"),
        )
        states = last.filter("is_opened").group_by("unit", "effect").len().collect()
        for unit, effect, times in states.iter_rows():
            counts[unit, effect] += times
            opened += times
    cpu = time.process_time() - used
    events = sum(head.count for head in heads)
    return {
        "events": events,
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(cpu, 2),
        "per_cpu_second": round(events / cpu),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * MIB,
        "units": len({unit for unit, _ in counts}),
        "opened": opened,
    }
