"""The bench's archive as files: segment after segment, each by one of some processes.

Layout, columns, hashes and heads are those that `archive write` makes; `archive verify` holds it.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ops import duck
from ops.archive import layout
from ops.archive.columns import relation
from ops.archive.heads import NO_HEAD, Head, Source
from ops.archive.merkle import chained, root_of
from ops.archive.sealing import NO_CHAIN
from ops.archive.staging import Part, copy, staging
from ops.archive.writing import SEGMENT_RECORDS, Parts, fill
from ops.arrow import registered
from ops.bench.archive_rows import LEAF_BYTES, Rows
from ops.bench.archive_story import Facts, told
from ops.bench.archive_values import SOURCE, World
from ops.bench.worlds import PROGRAMME, established
from schemas import avro
from schemas.event import EventId
from schemas.events.programme import ProgrammeIssued
from schemas.times import Instant, day, format_instant, midnight
from schemas.topics import EVENTS

PROCESSES = 2
ISSUED_AT = midnight(day(2011, 12, 1))
REVISION_DAYS = 10
MEMORY_MB = 512
"""Of DuckDB in each process, beside the columns."""


@cache
def world_of(seed: int, provinces: int) -> World:
    """The world of a seed, made once in a process."""
    return World(seed, provinces)


def beginning(world: World) -> list[bytes]:
    """The values before all facts: the units, and the programme."""
    issued = ProgrammeIssued(
        event_id=EventId(b"programme".ljust(16, b"\x00")),
        effective_at=ISSUED_AT,
        recorded_at=ISSUED_AT,
        unit="centre",
        by="centre",
        source=SOURCE,
        programme=PROGRAMME,
        number="88/KH-BCĐ",
        title="Kế hoạch cải cách hành chính",
        revision_days=REVISION_DAYS,
    )
    return [avro.encode(event) for event in (*established(world.units), issued)]


class Made(NamedTuple):
    """A segment that was written: its numbers, its root and manifest, the leaves in their order."""

    first: int
    last: int
    root: str
    manifest: str
    leaves: bytes


def make(
    folder: str, seed: int, events: int, provinces: int, segment: int = SEGMENT_RECORDS
) -> dict[str, Any]:
    """Write an archive of so many facts into an empty folder, behind what they need.

    `segment`: records after which one ends. Memory is the greatest of this process and of each of
    the others, together.
    """
    started = time.perf_counter()
    place = Path(folder)
    (place / layout.SEGMENTS).mkdir(parents=True)
    head: Head | None = None
    # Processes that begin anew: a copy of this one would have DuckDB's threads without their locks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        for made in _segments(pool, place, seed, events, provinces, segment):
            head = _sealed(seed, made, head)
            layout.append_line(place, head.line())
    files = [path for path in place.rglob("*") if path.is_file()]
    own, others = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {
        "events": events,
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(sum(x.ru_utime + x.ru_stime for x in (own, others)), 1),
        "peak_bytes": (own.ru_maxrss + PROCESSES * others.ru_maxrss) * 1024,
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
        "head": head.hash() if head else NO_HEAD,
    }


def _segments(
    pool: ProcessPoolExecutor, place: Path, seed: int, events: int, provinces: int, segment: int
) -> Iterator[Made]:
    """The segments in their order; no more are under way than processes can take."""
    shared = (str(place), seed, provinces)
    under_way: deque[Future[Made]] = deque([pool.submit(begin, *shared)])
    first = len(world_of(seed, provinces).units) + 2
    for facts in _cut(told(seed, events), segment):
        under_way.append(pool.submit(write, *shared, first, facts))
        first += len(facts)
        if len(under_way) > PROCESSES:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


def _cut(pages: Iterable[Facts], size: int) -> Iterator[Facts]:
    """The facts in pieces of one size; the last one may be shorter."""
    held: list[Facts] = []
    for page in pages:
        held.append(page)
        while sum(map(len, held)) >= size:
            whole = np.concatenate(held)
            yield whole[:size]
            held = [whole[size:]]
    rest = np.concatenate(held) if held else None
    if rest is not None and len(rest):
        yield rest


def _sealed(seed: int, made: Made, before: Head | None) -> Head:
    source = before.sources[SOURCE] if before else None
    chain = bytes.fromhex(source.chain) if source else NO_CHAIN
    for at in range(0, len(made.leaves), LEAF_BYTES):
        chain = chained(chain, made.leaves[at : at + LEAF_BYTES])
    # What stands before the facts has no number of its source.
    seq = made.last if before else 0
    return Head(
        number=before.number + 1 if before else 1,
        ledger=_ledger(seed),
        epoch=0,
        first=made.first,
        last=made.last,
        count=made.last - made.first + 1,
        root=made.root,
        manifest=made.manifest,
        sources={SOURCE: Source(seq=seq, chain=chain.hex())},
        previous=before.hash() if before else NO_HEAD,
        made_at=format_instant(Instant(ISSUED_AT)),
    )


def _ledger(seed: int) -> str:
    return f"bench-{seed}"


def begin(folder: str, seed: int, provinces: int) -> Made:
    """Write the first segment: units and programme."""
    values = list(enumerate(beginning(world_of(seed, provinces)), start=1))
    table = relation(values)
    schemas = {value[2 : avro.HEADER_BYTES] for _, value in values}

    def parts(place: Path, about: dict[str, str]) -> Iterator[Part]:
        with staging(place / "spill") as rows:
            rows.add(table)
            yield from rows.write(place, about)

    return _written(folder, seed, 1, b"".join(table.columns[-1]), schemas, parts)


def write(folder: str, seed: int, provinces: int, first: int, facts: Facts) -> Made:
    """Write a segment of facts, numbered from `first` on."""
    made = Rows(world_of(seed, provinces), facts, first)

    def parts(place: Path, about: dict[str, str]) -> Iterator[Part]:
        with duck.opened(memory_mb=MEMORY_MB, threads=1) as connection:
            for month, part, rows in made.files():
                path = layout.file_of(EVENTS.name, month, part)
                columns, said = made.columns(rows)
                with registered(connection, "page", columns):
                    copy(connection, f"SELECT {said} FROM page", place / path, about)
                yield Part(path, len(rows), first + int(rows[0]), first + int(rows[-1]))

    return _written(folder, seed, first, made.leaves.tobytes(), made.schemas, parts)


def _written(
    folder: str, seed: int, first: int, leaves: bytes, schemas: set[bytes], parts: Parts
) -> Made:
    last = first + len(leaves) // LEAF_BYTES - 1
    name = f"{first}-{last}"
    place = layout.segment(Path(folder), name)
    place.mkdir()
    manifest = fill(place, name, _ledger(seed), parts, schemas)
    cells = (leaves[at : at + LEAF_BYTES] for at in range(0, len(leaves), LEAF_BYTES))
    return Made(first, last, root_of(cells).hex(), manifest, leaves)
