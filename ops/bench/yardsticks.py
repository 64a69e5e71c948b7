"""The yardsticks: a bare client loop, a plain Faust agent with tables, DuckDB over Parquet.

Each has its own best settings. Only Faust's keeps anything across a crash.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import fastavro

from ops.bench.worlds import Message, Unit
from schemas import avro
from schemas.times import day_of
from schemas.topics import Topic

FETCH_BYTES = 8 * 1024 * 1024
POLL_RECORDS = 5_000
EMPTY_POLLS_MAX = 50
TODAY = 16_000
"""The day from which Faust and DuckDB see what is overdue."""
FAUST_AGENTS = {"tables": "faust", "batches": "faust_batches", "counts": "faust_counts_only"}
"""What the plain Faust agents do, and the names of their figures."""
FAUST_LEVELS = ("centre", "provinces", "districts", "communes")
FAUST_SECONDS_MAX = 30.0
FAUST_WARM = 1_000
"""Events after which the clock of a plain agent starts, at most half of all."""
FAUST_LIST = 1_000
MEASURES = ("assigned", "completed", "late", "returned", "overdue")
FAUST_SETTINGS: dict[str, Any] = {
    "store": "memory://",
    "processing_guarantee": "at_least_once",
    "producer_linger": 0.05,
    "broker_max_poll_records": 500,
    "cython_optimizations": True,
    "consumer_auto_offset_reset": "earliest",
    "topic_replication_factor": 1,
    "topic_disable_leader": True,
    "web_enabled": False,
    "autodiscover": False,
}
"""The fastest that we measured, each setting alone, in events for a second of CPU.

The linger (Faust: 0) makes 1.5 times as many, a limit of polled records (Faust: none) up to twice.
RocksDB as store, a producer in a thread and acks=0 make fewer or as many. No difference could be
seen with acks=1, other buffer and batch sizes, commits further apart, checksums unchecked,
compression. orjson and uvloop, used where installed, make a fifth more.
"""


class Finished(NamedTuple):
    """How many events in how many seconds, from the first fetched to the last counted."""

    events: int
    seconds: float


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


Row = dict[str, int]
"""Counts of one unit by measure."""


def standing(state: dict[str, Any]) -> tuple[str, ...]:
    """The measures under which an obligation counts, seen from TODAY."""
    due, done = state["due"], state["done"]
    if not state["opened"]:
        return ()
    if done is not None:
        late = due is not None and done >= due
        return ("assigned", "completed", "late") if late else ("assigned", "completed")
    returned = ("returned",) if state["returned"] else ()
    overdue = ("overdue",) if due is not None and due <= TODAY else ()
    return ("assigned", *returned, *overdue)


def follow(obligations: MutableMapping[str, Any], kind: str, event: Any) -> tuple[str, Row]:
    """Keep what must be known of the obligation; its ower, and what that changes in the counts."""
    key, event_id = event["obligation"], event["event_id"].hex()
    state = obligations.get(key)
    if state is None:
        state = {"unit": event["unit"], "due": None, "done": None, "opened": False}
        state |= {"returned": False, "seen": []}
    if event_id in state["seen"]:
        return state["unit"], {}
    before = standing(state)
    state["seen"].append(event_id)
    if kind == "expected":
        state["opened"], state["due"] = True, event["due_before"]
    elif kind == "due_extended":
        state["due"] = event["due_before"]
    elif kind == "submitted":
        state["done"], state["returned"] = day_of(event["effective_at"]), False
    elif kind == "returned":
        state["done"], state["returned"] = None, True
        state["due"] = event["revise_before"] or state["due"]
    obligations[key] = state
    changes = dict.fromkeys(standing(state), 1)
    for measure in before:
        if changes.pop(measure, 0) == 0:
            changes[measure] = -1
    return state["unit"], changes


def add(table: MutableMapping[str, Row], code: str, changes: Row) -> None:
    """Change the counts of a unit. A Faust table must be told anew of what changed within."""
    row = table[code]
    for measure, change in changes.items():
        row[measure] += change
    table[code] = row


def no_counts() -> Row:
    """The counts of a unit of which nothing was told yet."""
    return dict.fromkeys(MEASURES, 0)


class Pace:
    """Counts events; its clock starts after the first ones, which wait for a warm worker."""

    def __init__(self, warm: int) -> None:
        self.seen = self._first = 0
        self.started = self._last = 0.0
        self._warm = warm

    def count(self, events: int) -> None:
        """So many more are counted now."""
        self.seen += events
        self._last = time.perf_counter()
        if not self.started and self.seen >= self._warm:
            self._first, self.started = self.seen, self._last

    def finished(self) -> Finished:
        """What the clock shows."""
        return Finished(self.seen - self._first, self._last - self.started)


def changelogs(name: str, agent: str, partitions: int) -> Sequence[Topic]:
    """The topics of a plain agent's tables. They are to be there before it starts.

    Faust makes them too, but joins its group at once: with a topic that the broker has not told
    of yet, the table has no partition, the agent fails at its first event, and is started anew
    for ever. Ten of twelve runs stood still so.
    """
    tables = [Topic(level, 1, "unit code", compacted=True) for level in FAUST_LEVELS]
    if agent != "counts":
        tables.append(Topic("obligations", partitions, "obligation id", compacted=True))
    return [table._replace(name=f"{name}-{table.name}-changelog") for table in tables]


class PlainFaust:
    """A Faust app as Faust's guide has it: state and counts in tables, with their changelogs.

    Its agent is one of FAUST_AGENTS. `tables` answers what the product answers: completion and
    overdue of each unit at four levels. It keeps one row per obligation, in the partition of its
    events (their key is the obligation, so nothing is regrouped), and per level one table with a
    row of counts per unit. What a day's turn alone makes overdue is left out: a timer would go
    through the obligations once a day.

    A level table has one partition, and `use_partitioner` puts its changes there: the events of a
    district come from all twelve partitions, and a table that follows the event's partition would
    have twelve last values for it, and be wrong after a restart. One worker holds them all; many
    would have to send the changes on to a second topic, which costs more.
    A row per unit and level was 1.6 times as fast as an int table per measure: what an event
    costs is the changelog records, and most events change two or more measures.

    `batches` does the same with stream.take(): a unit that several events of a list change is
    written once. `counts` only counts events per unit.
    """

    def __init__(self, bootstrap: str, name: str, agent: str, units: list[Unit], folder: Path):
        import faust

        self._app = faust.App(
            name, broker=f"kafka://{bootstrap}", datadir=str(folder / name), **FAUST_SETTINGS
        )
        self._agent = agent
        self._paths = {unit.code: unit.path[::-1] for unit in units}
        self._kinds = kinds_by_head()
        self._decode = Whole()
        self._failure: Exception | None = None
        default = int if agent == "counts" else no_counts
        self._levels = [
            self._app.Table(level, default=default, partitions=1, use_partitioner=True)
            for level in FAUST_LEVELS
        ]

    async def run(self, topic: str, partitions: int, events: int) -> tuple[Finished, Any]:
        """Count `events`, or for FAUST_SECONDS_MAX; also returns the row of the root.

        Leaves the app running: its shutdown can take minutes, so the process is to be left.
        """
        pace = self._pace = Pace(min(FAUST_WARM, events // 2))
        agents = {"tables": self._each, "batches": self._lists, "counts": self._counts}
        if self._agent != "counts":
            # A list has events of many partitions: its changes go by the key.
            by_key = self._agent == "batches"
            self._obligations = self._app.Table(
                "obligations", partitions=partitions, use_partitioner=by_key
            )
        source = self._app.topic(topic, value_serializer="raw", key_serializer="raw")
        self._app.agent(source, name="count")(partial(self._watched, agents[self._agent]))
        await self._app.start()
        waited = time.perf_counter()
        while pace.seen < events and self._failure is None:
            await asyncio.sleep(0.02)
            if time.perf_counter() - (pace.started or waited) > FAUST_SECONDS_MAX:
                break
        if self._failure or not pace.started:
            why = self._failure or f"it saw only {pace.seen} events"
            raise RuntimeError(f"the plain Faust agent failed: {why!r}")
        return pace.finished(), self._levels[0][next(iter(self._paths))]

    async def _watched(self, count: Callable[[Any], Awaitable[None]], stream: Any) -> None:
        try:
            await count(stream)
        except Exception as error:
            # Faust starts a failed agent anew, for ever, and nobody hears of it.
            self._failure = error
            raise

    async def _each(self, stream: Any) -> None:
        async for value in stream:
            unit, changes = self._followed(value)
            if changes:
                for table, code in zip(self._levels, self._paths[unit], strict=False):
                    add(table, code, changes)
            self._pace.count(1)

    async def _lists(self, stream: Any) -> None:
        async for values in stream.take(FAUST_LIST, within=1):
            sums: list[Any] = [defaultdict(Counter) for _ in FAUST_LEVELS]
            for value in values:
                unit, changes = self._followed(value)
                if changes:
                    for level, code in zip(sums, self._paths[unit], strict=False):
                        level[code].update(changes)
            for table, level in zip(self._levels, sums, strict=True):
                for code, changes in level.items():
                    add(table, code, changes)
            self._pace.count(len(values))

    async def _counts(self, stream: Any) -> None:
        async for value in stream:
            path = self._paths[self._decode(value)["unit"]]
            for table, code in zip(self._levels, path, strict=False):
                table[code] += 1
            self._pace.count(1)

    def _followed(self, value: bytes) -> tuple[str, Row]:
        kind = self._kinds.get(value[: avro.HEADER_BYTES], "")
        return follow(self._obligations, kind, self._decode(value))


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
    names = kinds_by_head()
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
    database.execute(RECOMPUTE, places | {"today": TODAY}).fetchall()
    return Finished(len(told), time.perf_counter() - started)


def kinds_by_head() -> dict[bytes, str]:
    """The kinds that Faust's agent and the recompute know, by the first bytes of their values."""
    kinds = {}
    for key, name in avro.fingerprints().items():
        noun, verb, _ = name.split(".", 2) if name.count(".") >= 2 else ("", "", "")
        if noun == "report":
            kinds[avro.MARKER + key] = verb
    return kinds
