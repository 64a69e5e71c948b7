"""The yardsticks: a bare client loop, a plain Faust agent with tables, DuckDB over Parquet.

Each one only counts, and keeps nothing across a crash; each has its own best settings.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import fastavro

from ops.bench.worlds import Message, Unit
from schemas import avro

FETCH_BYTES = 8 * 1024 * 1024
POLL_RECORDS = 5_000
LEVELS_COUNTED = 4
FAUST_SECONDS_MAX = 30.0
FAUST_START_SECONDS_MAX = 30.0
FAUST_WARM = 100
"""Events after which the clock of the plain agent starts."""
EMPTY_POLLS_MAX = 50


class Finished(NamedTuple):
    """How many events in how many seconds, from the first fetched to the last counted."""

    events: int
    seconds: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds if self.seconds else 0.0


class Whole:
    """Decodes whole records with fastavro, the schema found by its fingerprint."""

    def __init__(self) -> None:
        self._schemas: dict[bytes, Any] = {}

    def __call__(self, value: bytes) -> Any:
        head = value[: avro.HEADER_BYTES]
        schema = self._schemas.get(head)
        if schema is None:
            schema = self._schemas[head] = avro.writer_schema(value)
        body = io.BytesIO(value)
        body.seek(avro.HEADER_BYTES)
        return fastavro.schemaless_reader(body, schema, None)


async def bare_loop(bootstrap: str, topic: str, events: int, units: list[Unit]) -> Finished:
    """aiokafka + fastavro + dict: decode whole records, remember ids, count at four levels."""
    from aiokafka import AIOKafkaConsumer, TopicPartition

    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_bytes=8 * FETCH_BYTES,
        isolation_level="read_committed",
    )
    await consumer.start()
    try:
        partitions = sorted(await _partitions(consumer, topic))
        consumer.assign([TopicPartition(topic, number) for number in partitions])
        await consumer.seek_to_beginning()
        paths = {unit.code: unit.path for unit in units}
        return await _count(consumer, events, paths)
    finally:
        await consumer.stop()


async def _partitions(consumer: Any, topic: str) -> set[int]:
    await consumer._client.force_metadata_update()
    consumer._client.add_topic(topic)
    await consumer._client.force_metadata_update()
    return set(consumer.partitions_for_topic(topic))


async def _count(consumer: Any, events: int, paths: dict[str, tuple[str, ...]]) -> Finished:
    decode = Whole()
    last: dict[str, bytes] = {}
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    seen, started, empty = 0, 0.0, 0
    while seen < events and empty < EMPTY_POLLS_MAX:
        fetched = await consumer.getmany(timeout_ms=200, max_records=POLL_RECORDS)
        empty = 0 if fetched else empty + 1
        started = started or (time.perf_counter() if fetched else 0.0)
        for records in fetched.values():
            for record in records:
                event = decode(record.value)
                last[event["obligation"]] = event["event_id"]
                kind = event.get("kind", "")
                for code in paths[event["unit"]]:
                    counts[code, kind] += 1
            seen += len(records)
    return Finished(seen, time.perf_counter() - started)


async def plain_faust(
    bootstrap: str, topic: str, events: int, partitions: int, units: list[Unit], name: str
) -> Finished:
    """One agent per event, one table per level, in memory with changelogs, as Faust's guide has it.

    Ends after `events` or FAUST_SECONDS_MAX, whichever comes first. Leaves the app running:
    its shutdown can take minutes, so the process is to be left.
    """
    import faust

    app = faust.App(
        name,
        broker=f"kafka://{bootstrap}",
        store="memory://",
        web_enabled=False,
        topic_partitions=partitions,
        topic_replication_factor=1,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=POLL_RECORDS,
        stream_buffer_maxsize=4 * POLL_RECORDS,
    )
    source = app.topic(topic, value_serializer="raw", key_serializer="raw", partitions=partitions)
    names = ("communes", "districts", "provinces", "centre")
    tables = [app.Table(name, default=int, partitions=partitions) for name in names]
    paths = {unit.code: unit.path for unit in units}
    decode = Whole()
    seen, started = 0, 0.0

    @app.agent(source)
    async def count(stream: Any) -> None:
        nonlocal seen, started
        async for value in stream:
            event = decode(value)
            for table, code in zip(tables, reversed(paths[event["unit"]]), strict=False):
                table[code] += 1
            seen += 1
            if seen == FAUST_WARM:
                # The first ones still wait for tables and topics to be made.
                started = time.perf_counter()

    await app.start()
    waited = time.perf_counter()
    while time.perf_counter() - waited < FAUST_START_SECONDS_MAX + FAUST_SECONDS_MAX:
        await asyncio.sleep(0.05)
        if seen >= events or (started and time.perf_counter() - started > FAUST_SECONDS_MAX):
            break
    if not started:
        raise TimeoutError(f"the plain Faust agent saw only {seen} events")
    return Finished(seen - FAUST_WARM, time.perf_counter() - started)


RECOMPUTE = """
with lives as (
    select obligation, any_value(unit) filter (where kind = 'expected') as unit,
        arg_max(due, effective_at) filter (where due is not null) as due,
        max(effective_at) filter (where kind = 'submitted') as sent_at,
        max(effective_at) filter (where kind = 'returned') as returned_at
    from read_parquet($events) group by obligation
), counted as (
    select unit, count(*) as assigned,
        count(*) filter (where sent_at is not null
            and (returned_at is null or sent_at > returned_at)) as completed,
        count(*) filter (where due < $today) as due,
        count(*) filter (where due < $today and sent_at is null) as overdue
    from lives group by unit
)
select tree.above, sum(assigned), sum(completed), sum(due), sum(overdue)
from counted join read_parquet($tree) as tree using (unit) group by tree.above
"""
"""A batch that keeps nothing and knows few of the rules: the bound of what a recompute costs."""


def duckdb_recompute(folder: Path, told: list[Message], units: list[Unit]) -> Finished:
    """Write the events to Parquet (not timed), then recompute all boards of four levels from it."""
    import duckdb

    decode = Whole()
    names = {head: kind for kind, head in _heads().items()}
    database = duckdb.connect()
    database.execute(
        "create table events (obligation varchar, unit varchar, effective_at bigint, "
        "kind varchar, due integer)"
    )
    rows = folder / "events.csv"
    with rows.open("w", encoding="utf-8") as file:
        for message in told:
            event = decode(message.value)
            kind = names.get(message.value[: avro.HEADER_BYTES], "other")
            due = event.get("due_before")
            file.write(
                f"{event['obligation']},{event['unit']},{event['effective_at']},{kind},"
                f"{'' if due is None else due}\n"
            )
    tree = folder / "tree.csv"
    tree.write_text(
        "".join(f"{unit.code},{above}\n" for unit in units for above in unit.path),
        encoding="utf-8",
    )
    places = {"events": str(folder / "events.parquet"), "tree": str(folder / "tree.parquet")}
    columns = (
        "{'obligation': 'VARCHAR', 'unit': 'VARCHAR', 'effective_at': 'BIGINT', "
        "'kind': 'VARCHAR', 'due': 'INTEGER'}"
    )
    database.execute(
        f"copy (select * from read_csv('{rows}', header=false, columns={columns})) "
        f"to '{places['events']}' (format parquet)"
    )
    database.execute(
        f"copy (select * from read_csv('{tree}', header=false, "
        "columns={'unit': 'VARCHAR', 'above': 'VARCHAR'})) "
        f"to '{places['tree']}' (format parquet)"
    )
    started = time.perf_counter()
    database.execute(RECOMPUTE, places | {"today": 16_000}).fetchall()
    return Finished(len(told), time.perf_counter() - started)


def _heads() -> dict[str, bytes]:
    """The first bytes of a value of each kind that the recompute knows."""
    found: Counter[str] = Counter(avro.fingerprints().values())
    heads = {}
    for key, name in avro.fingerprints().items():
        noun, verb, _ = name.split(".", 2) if name.count(".") >= 2 else ("", "", "")
        if noun == "report" and found[name] == 1:
            heads[verb] = avro.MARKER + key
    return heads
