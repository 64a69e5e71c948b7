"""The store: stored events and what must never disagree with them, in one transaction.

The recorders are the library's own. Around its insert, inside the same transaction and under the
same lock, stand the event ids, the counters of the sources, the inbox positions and the refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.sqlite import (
    SQLiteApplicationRecorder,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteDatastore,
)
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL

from schemas import avro
from schemas.event import Event

LOOKUP_CHUNK = 400
"""Values in one IN list."""
LOCK_WAIT_SECONDS = 60
"""How long a writer waits for another writer of the same ledger."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS ledger_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS event_ids"
    " (event_id {bytes} PRIMARY KEY, content {bytes} NOT NULL) {compact}",
    "CREATE TABLE IF NOT EXISTS sources"
    " (source TEXT PRIMARY KEY, seq BIGINT NOT NULL, recorded_at BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS inbox_positions (topic TEXT, partition INTEGER,"
    " topic_id TEXT NOT NULL, next_offset BIGINT NOT NULL, PRIMARY KEY (topic, partition))",
    "CREATE TABLE IF NOT EXISTS refusals (id BIGINT PRIMARY KEY, at BIGINT NOT NULL,"
    " reason TEXT NOT NULL, value {bytes} NOT NULL)",
)
EVENTS_TABLE = "stored_events"
PLANNED = f"{EVENTS_TABLE} {{}} WHERE topic = 'inspection.planned.v1'"
PLANNED_INDEX = (
    f"CREATE INDEX IF NOT EXISTS planned_inspections ON {PLANNED.format('(originator_id)')}"
)
"""The few streams that may hold an unannounced inspection are found without reading the ledger."""


@dataclass(frozen=True)
class Recorded:
    """An event at its place in one stream. `value` is its bytes where they are known already."""

    originator_id: str
    originator_version: int
    event: Event
    value: bytes | None = None


class AvroMapper(Mapper[str]):
    """The stored event is the Kafka message, byte for byte, under our own name of its type."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        event = domain_event.event
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=event.type,
            state=domain_event.value or avro.encode(event),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        return Recorded(
            originator_id=str(stored_event.originator_id),
            originator_version=stored_event.originator_version,
            event=avro.decode(stored_event.state),
            value=stored_event.state,
        )


MAPPER = AvroMapper(JSONTranscoder())


class Counter(NamedTuple):
    """What a source has used: its last number and its last `recorded_at` (ms UTC)."""

    seq: int
    recorded_at: int


class Tables:
    """The tables as seen by one transaction. `?` marks become those of the driver."""

    def __init__(
        self, cursor: Any, mark: str, insert: Callable[[Sequence[StoredEvent]], Sequence[int]]
    ) -> None:
        self._cursor = cursor
        self._mark = mark
        self._insert = insert

    def insert_events(self, events: Sequence[Recorded]) -> Sequence[int]:
        """Store events at their places; their notification ids in the same order."""
        return self._insert([MAPPER.to_stored_event(event) for event in events])

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        """Rows of a query; columns by name."""
        self._cursor.execute(sql.replace("?", self._mark), tuple(args))
        return list(self._cursor.fetchall())

    def run(self, sql: str, args: Sequence[Any] = ()) -> None:
        self._cursor.execute(sql.replace("?", self._mark), tuple(args))

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self._cursor.executemany(sql.replace("?", self._mark), rows)

    def lookup(self, sql: str, values: Sequence[Any], more: Sequence[Any] = ()) -> list[Any]:
        """Rows of a query whose text has `{marks}` in an IN list, over all values by chunks.

        `more`: the values of the marks that come after it.
        """
        found: list[Any] = []
        for at in range(0, len(values), LOOKUP_CHUNK):
            chunk = values[at : at + LOOKUP_CHUNK]
            found += self.rows(sql.format(marks=",".join("?" * len(chunk))), [*chunk, *more])
        return found

    def contents(self, event_ids: Sequence[bytes]) -> dict[bytes, bytes]:
        """Known event id -> hash of what was claimed under it."""
        sql = "SELECT event_id, content FROM event_ids WHERE event_id IN ({marks})"
        return {
            bytes(r["event_id"]): bytes(r["content"]) for r in self.lookup(sql, list(event_ids))
        }

    def add_contents(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        self.many("INSERT INTO event_ids (event_id, content) VALUES (?, ?)", rows)

    def heads(self, streams: Sequence[str], names: Collection[str] = ()) -> dict[str, int]:
        """Stream -> version of its last event (of these types); streams without are left out."""
        only = f" AND topic IN ({','.join('?' * len(names))})" if names else ""
        sql = (
            f"SELECT originator_id, MAX(originator_version) AS head FROM {EVENTS_TABLE}"
            f" WHERE originator_id IN ({{marks}}){only} GROUP BY originator_id"
        )
        rows = self.lookup(sql, list(streams), list(names))
        return {r["originator_id"]: int(r["head"]) for r in rows}

    def counters(self, sources: Sequence[str]) -> dict[str, Counter]:
        sql = "SELECT source, seq, recorded_at FROM sources WHERE source IN ({marks})"
        rows = self.lookup(sql, list(sources))
        return {r["source"]: Counter(int(r["seq"]), int(r["recorded_at"])) for r in rows}

    def set_counters(self, counters: dict[str, Counter]) -> None:
        self.many(
            "INSERT INTO sources (source, seq, recorded_at) VALUES (?, ?, ?) ON CONFLICT (source)"
            " DO UPDATE SET seq = excluded.seq, recorded_at = excluded.recorded_at",
            [(source, *counter) for source, counter in counters.items()],
        )

    def planned(self) -> list[str]:
        """Streams in which an inspection was planned."""
        sql = f"SELECT DISTINCT originator_id FROM {PLANNED.format('')}"
        return [str(r["originator_id"]) for r in self.rows(sql)]

    def meta(self, name: str) -> str | None:
        found = self.rows("SELECT value FROM ledger_meta WHERE name = ?", (name,))
        return str(found[0]["value"]) if found else None

    def set_meta(self, **values: str) -> None:
        self.many(
            "INSERT INTO ledger_meta (name, value) VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET value = excluded.value",
            list(values.items()),
        )

    def inbox(self) -> list[tuple[str, int, str, int]]:
        """(topic, partition, topic id, next offset) of every inbox partition read so far."""
        rows = self.rows("SELECT topic, partition, topic_id, next_offset FROM inbox_positions")
        return [
            (r["topic"], int(r["partition"]), r["topic_id"], int(r["next_offset"])) for r in rows
        ]

    def forget_inbox(self) -> None:
        """Forget how far the inbox was read: the next intake begins at its first record."""
        self.run("DELETE FROM inbox_positions")

    def set_inbox(self, rows: Sequence[tuple[str, int, str, int]]) -> None:
        self.many(
            "INSERT INTO inbox_positions (topic, partition, topic_id, next_offset)"
            " VALUES (?, ?, ?, ?) ON CONFLICT (topic, partition)"
            " DO UPDATE SET topic_id = excluded.topic_id, next_offset = excluded.next_offset",
            rows,
        )

    def last_refusal(self) -> int:
        return int(self.rows("SELECT COALESCE(MAX(id), 0) AS last FROM refusals")[0]["last"])

    def add_refusals(self, rows: Sequence[tuple[int, int, str, bytes]]) -> None:
        """Rows (id, at, reason, value of the quarantine record)."""
        self.many("INSERT INTO refusals (id, at, reason, value) VALUES (?, ?, ?, ?)", rows)


class Store(Protocol):
    """What the ledger needs of a database. Two implementations, one contract test."""

    recorder: Any
    """The library's application recorder: select_events, select_notifications and so on."""
    number: str
    """The column of the notification ids."""

    def exists(self) -> bool:
        """Whether a ledger was made here."""

    def create(self) -> None:
        """Make the tables where they are not there yet."""

    def writing(self) -> AbstractContextManager[Tables]:
        """A write transaction that excludes every other writer from its first statement on."""

    def reading(self) -> AbstractContextManager[Tables]:
        """A read transaction."""

    def close(self) -> None: ...


def _no_insert(_: Sequence[StoredEvent]) -> Sequence[int]:
    raise RuntimeError("a read transaction inserts nothing")


class _FullSyncPool(SQLiteConnectionPool):
    def _create_connection(self) -> SQLiteConnection:
        connection = super()._create_connection()
        # What was acknowledged survives a power cut: FULL also syncs the log at each commit.
        connection.cursor().execute("PRAGMA synchronous=FULL")
        return connection


class SQLiteStore:
    """A ledger in one SQLite file (WAL, synchronous FULL); row ids are the notification ids."""

    number = "rowid"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._datastore = SQLiteDatastore(
            str(path), lock_timeout=LOCK_WAIT_SECONDS, originator_id_type="text"
        )
        self._datastore.pool.close()
        self._datastore.pool = _FullSyncPool(
            db_name=str(path), lock_timeout=LOCK_WAIT_SECONDS, pool_timeout=LOCK_WAIT_SECONDS
        )
        self.recorder = SQLiteApplicationRecorder(self._datastore, EVENTS_TABLE)

    def exists(self) -> bool:
        if not self.path.exists():
            return False
        with self.reading() as tables:
            sql = "SELECT name FROM sqlite_master WHERE name = 'ledger_meta'"
            return bool(tables.rows(sql))

    def create(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.recorder.create_table()
        with self.writing() as tables:
            for statement in (*TABLES, PLANNED_INDEX):
                tables.run(statement.format(bytes="BLOB", compact="WITHOUT ROWID"))

    @contextmanager
    def writing(self) -> Iterator[Tables]:
        with self._datastore.get_connection(commit=True) as connection:
            cursor = connection.cursor()
            # IMMEDIATE: a transaction that reads first and writes later would otherwise fail
            # with a stale snapshot when another process wrote in between.
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield Tables(cursor, "?", lambda events: self._insert(cursor, events))
                connection.commit()
            except BaseException:
                # Whatever it was, an interrupt too: the next writer must find no open transaction.
                connection.rollback()
                raise

    def _insert(self, cursor: Any, events: Sequence[StoredEvent]) -> Sequence[int]:
        return self.recorder._insert_events(cursor, events) or ()

    @contextmanager
    def reading(self) -> Iterator[Tables]:
        with self._datastore.transaction(commit=False) as cursor:
            yield Tables(cursor, "?", _no_insert)

    def close(self) -> None:
        self._datastore.close()


class PostgresStore:
    """A ledger in a PostgreSQL schema; writers lock the events table, so ids appear in order."""

    number = "notification_id"

    def __init__(self, url: str) -> None:
        self.url = url
        known = {key: str(value) for key, value in conninfo_to_dict(url).items()}
        self._datastore = PostgresDatastore(
            dbname=known.pop("dbname", "lienthong"),
            host=known.pop("host", "localhost"),
            port=known.pop("port", "5432"),
            user=known.pop("user", "lienthong"),
            password=known.pop("password", ""),
            pool_size=1,
            max_overflow=9,
            lock_timeout=LOCK_WAIT_SECONDS,
            originator_id_type="text",
        )
        # TLS and the rest of the address are not among the library's arguments.
        if isinstance(self._datastore.pool.kwargs, dict):
            self._datastore.pool.kwargs.update(known)
        self.recorder = PostgresApplicationRecorder(self._datastore, events_table_name=EVENTS_TABLE)

    def exists(self) -> bool:
        return self._has("ledger_meta")

    def _has(self, name: str) -> bool:
        with self.reading() as tables:
            return bool(tables.rows("SELECT to_regclass(?) AS name", (name,))[0]["name"])

    def create(self) -> None:
        statements: Sequence[str] = (*TABLES, PLANNED_INDEX)
        if self.exists():
            self._datastore.register_type_adapters()
            # Making it waits for every writer, so it is made where it is missing only.
            statements = () if self._has("planned_inspections") else (PLANNED_INDEX,)
        else:
            self.recorder.create_table()
        with self._datastore.transaction(commit=True) as cursor:
            for statement in statements:
                cursor.execute(SQL(statement.format(bytes="BYTEA", compact="")))

    @contextmanager
    def writing(self) -> Iterator[Tables]:
        with self._datastore.transaction(commit=True) as cursor:
            self.recorder._lock_table(cursor)
            # A sequence keeps the numbers of transactions that were rolled back. Under the lock
            # nobody else draws from it, so it is set back and the ids have no gaps.
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('stored_events', 'notification_id'),"
                " COALESCE(MAX(notification_id), 0) + 1, false) FROM stored_events"
            )
            yield Tables(cursor, "%s", lambda events: self._insert(cursor, events))

    def _insert(self, cursor: Any, events: Sequence[StoredEvent]) -> Sequence[int]:
        if not events:
            return ()
        self.recorder._insert_stored_events(cursor, events)
        return self.recorder._fetch_ids_after_insert_events(cursor, events) or ()

    @contextmanager
    def reading(self) -> Iterator[Tables]:
        with self._datastore.transaction(commit=False) as cursor:
            yield Tables(cursor, "%s", _no_insert)

    def close(self) -> None:
        self._datastore.close()


def store_of(url: str) -> SQLiteStore | PostgresStore:
    """`sqlite:PATH` or `postgresql://...` -> its store. Raises ValueError for other forms."""
    if url.startswith("sqlite:"):
        return SQLiteStore(Path(url.removeprefix("sqlite:")))
    if url.startswith(("postgresql://", "postgres://")):
        return PostgresStore(url)
    raise ValueError(f"{url!r} is no ledger; write sqlite:PATH or postgresql://user@host/name")
