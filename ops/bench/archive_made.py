"""The bench's archive as files: segment after segment, each by one of some processes.

Layout, columns, hashes and heads are those that `archive write` makes; `archive verify` holds it.
"""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ops.archive import layout
from ops.archive.columns import COLUMNS, bucket_of, relation, row
from ops.archive.heads import NO_HEAD, Head, Source
from ops.archive.merkle import chained, root_of
from ops.archive.sealing import NO_CHAIN
from ops.archive.staging import Staging, staging
from ops.archive.writing import SEGMENT_RECORDS, fill
from ops.arrow import Column, fixed, fixed_texts, numbers, truths
from ops.bench.archive_story import Facts, Slot, told
from ops.bench.archive_values import SOURCE, Bytes, Group, World, grouped, values_of
from ops.bench.worlds import PROGRAMME, established
from schemas import avro
from schemas.event import EventId
from schemas.events.programme import ProgrammeIssued
from schemas.times import Instant, day, format_instant, midnight

PROCESSES = 2
ISSUED_AT = midnight(day(2011, 12, 1))
REVISION_DAYS = 10
CONTENT_BYTES = 16
LEAF_BYTES = 32


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

    def add(rows: Staging) -> None:
        rows.add(table)

    leaves = b"".join(table.columns[-1])
    return _written(folder, seed, 1, leaves, {value[2:10] for _, value in values}, add)


def write(folder: str, seed: int, provinces: int, first: int, facts: Facts) -> Made:
    """Write a segment of facts, numbered from `first` on."""
    world = world_of(seed, provinces)
    leaves = np.empty((len(facts), LEAF_BYTES), np.uint8)
    schemas: set[bytes] = set()

    def add(rows: Staging) -> None:
        for places, group in grouped(world, facts, first):
            columns, said, key = rows_of(group)
            leaves[places] = columns["leaf"].buffers[0]
            schemas.add(key)
            rows.insert(columns, said)

    return _written(folder, seed, first, leaves, schemas, add)


def _written(
    folder: str, seed: int, first: int, leaves: Any, schemas: set[bytes], add: Any
) -> Made:
    spill = Path(folder) / layout.WRITING / str(first)
    spill.mkdir(parents=True)
    with staging(spill) as rows:
        add(rows)
        joined = bytes(leaves)
        last = first + len(joined) // LEAF_BYTES - 1
        name = f"{first}-{last}"
        place = layout.segment(Path(folder), name)
        place.mkdir()
        manifest = fill(place, name, _ledger(seed), rows, schemas)
    shutil.rmtree(spill, ignore_errors=True)
    cells = (joined[at : at + LEAF_BYTES] for at in range(0, len(joined), LEAF_BYTES))
    return Made(first, last, root_of(cells).hex(), manifest, joined)


def rows_of(group: Group) -> tuple[dict[str, Column], str, bytes]:
    """A group as columns, what the relation's columns are in terms of them, its fingerprint.

    What does not differ within a group is said once, as the row of its first value has it.
    """
    cells, content_at = values_of(group)
    columns = _columns(group, cells, content_at)
    first = cells[0, 1:].tobytes()
    said = {
        name: cell
        for (name, _), cell in zip(COLUMNS, row(int(group.numbers[0]), first), strict=True)
    }
    replaced = "NULL"
    if said["replaced"] is not None:
        own = {name: name for name in ("obligation", "unit", "by")}
        own |= {name: f"r_{name}" for name in ("effective_at", "effective_is_day", "recorded_at")}
        own["event_id"] = "target"
        cells_of = (
            f'"{name}" := ' + (f'"{own[name]}"' if name in own else _literal(value))
            for name, value in said["replaced"].items()
        )
        replaced = f"struct_pack({', '.join(cells_of)})"
    made = [
        f'"{name}"' if name in columns else replaced if name == "replaced" else _literal(said[name])
        for name, _ in COLUMNS
    ]
    return columns, ", ".join(made), first[2 : avro.HEADER_BYTES]


def _literal(value: Any) -> str:
    if value is None or isinstance(value, bool | int):
        return "NULL" if value is None else str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _columns(group: Group, cells: Bytes, content_at: int) -> dict[str, Column]:
    facts, slot = group.facts, group.slot
    leaves, contents = _hashes(cells, content_at)
    columns = {
        "notification": numbers(group.numbers),
        "source_seq": numbers(group.numbers),
        "recorded_at": numbers(facts["recorded_at"]),
        "effective_at": numbers(facts["effective_at"]),
        "effective_is_day": truths(facts["is_day"] & (slot is Slot.SUBMITTED)),
        "event_id": fixed(group.ids),
        "obligation": fixed_texts(group.obligation),
        "unit": fixed_texts(group.unit),
        "by": fixed_texts(group.by),
        "content": fixed(contents),
        "bucket": numbers(_buckets(group.obligation)),
        "value": fixed(cells[:, 1:]),
        "leaf": fixed(leaves),
    }
    if group.cause is not None:
        columns["causation_id"] = fixed(group.cause)
    if group.target is not None:
        columns["target"] = fixed(group.target)
    match slot:
        case Slot.OPENED:
            names = ("item", "area", "period", "issuer")
            columns |= {name: fixed_texts(getattr(group, name)) for name in names}
            columns["due_before"] = numbers(facts["day"])
        case Slot.EXTENDED:
            columns["due_before"] = numbers(facts["day"])
        case Slot.RETURNED:
            columns["revise_before"] = numbers(facts["day"])
        case Slot.TRANSFERRED:
            columns["to_unit"] = fixed_texts(group.to_unit)
        case Slot.CORRECTED:
            columns["r_effective_at"] = numbers(facts["truly"])
            columns["r_recorded_at"] = numbers(facts["sent_at"])
            columns["r_effective_is_day"] = truths(facts["is_day"])
    return columns


def _buckets(obligations: Bytes) -> Any:
    width = obligations.shape[1]
    joined = obligations.tobytes().decode()
    texts = (joined[at : at + width] for at in range(0, len(joined), width))
    return np.fromiter(map(bucket_of, texts), np.uint8, len(obligations))


def _hashes(cells: Bytes, content_at: int) -> tuple[Bytes, Bytes]:
    """Leaf and content hash of every value (see schemas.avro.content_hash)."""
    rows, width = cells.shape
    joined = cells.tobytes()
    key = joined[3 : 1 + avro.HEADER_BYTES]
    # Nothing is imported, and what later revisions added says nothing.
    until = width - avro.fields_added().get(key, 0)
    leaves, contents = [], []
    for at in range(0, rows * width, width):
        leaves.append(sha256(joined[at : at + width]).digest())
        contents.append(sha256(joined[at + content_at : at + until]).digest()[:CONTENT_BYTES])
    return tuple(
        np.frombuffer(b"".join(found), np.uint8).reshape(rows, -1) for found in (leaves, contents)
    )  # type: ignore[return-value]
