"""The log in one SQLite file: the same contract as Kafka's, for machines without Java or Maven."""

from __future__ import annotations

import sqlite3
import struct
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ops.log import (
    Headers,
    LogFailed,
    NoSuchPartition,
    NoSuchTopic,
    Outgoing,
    OutOfRange,
    Record,
    RecordTooLarge,
    partition_sentence,
)
from schemas.topics import Topic, partition_of

BUSY_SECONDS = 30.0
LOOK_AGAIN_SECONDS = 0.01
_LENGTH = struct.Struct(">I")

_TABLES = """
CREATE TABLE IF NOT EXISTS log (cluster_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS topics (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, id TEXT NOT NULL,
    bytes_max INTEGER NOT NULL, compacted INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ends (
    topic INTEGER NOT NULL, part INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY (topic, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    topic INTEGER NOT NULL, part INTEGER NOT NULL, at INTEGER NOT NULL, stamp INTEGER NOT NULL,
    key BLOB, value BLOB, headers BLOB NOT NULL,
    PRIMARY KEY (topic, part, at)) WITHOUT ROWID;
"""

_COMPACT = """
DELETE FROM records WHERE topic = ? AND EXISTS (
    SELECT 1 FROM latest WHERE latest.key = records.key
    AND latest.part = records.part AND latest.at > records.at)
"""


class _Known(NamedTuple):
    number: int
    bytes_max: int
    partitions: int


class SqliteLog:
    """A log of many processes in one WAL file. Fulfils ops.log.Log.

    Compacted topics are compacted when `create` is called, that is, at every start.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._topics: dict[str, _Known] = {}
        self._db = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        # FULL: an appended record is promised to be durable, as with acks=all.
        self._db.execute("PRAGMA synchronous = FULL")
        with self._writing() as db:
            for statement in filter(str.strip, _TABLES.split(";")):
                db.execute(statement)
            if db.execute("SELECT count(*) FROM log").fetchone()[0] == 0:
                db.execute("INSERT INTO log VALUES (?)", (uuid.uuid4().hex,))

    def cluster_id(self) -> str:
        """The id of this file, made with it."""
        with self._reading() as db:
            return str(db.execute("SELECT cluster_id FROM log").fetchone()[0])

    def topic_id(self, topic: str) -> str:
        """The random id that the topic got when it was created."""
        with self._reading() as db:
            number = self._known(topic).number
            return str(
                db.execute("SELECT id FROM topics WHERE number = ?", (number,)).fetchone()[0]
            )

    def ends(self, topic: str) -> list[tuple[int, int]]:
        """Start and end offset of each partition; nothing is ever cut off at the start."""
        with self._reading() as db:
            found = db.execute(
                "SELECT next FROM ends WHERE topic = ? ORDER BY part",
                (self._known(topic).number,),
            )
            return [(0, int(row[0])) for row in found]

    def read(
        self,
        topic: str,
        partition: int,
        offset: int,
        limit: int,
        wait_seconds: float = 0.0,
        end: int | None = None,
    ) -> list[Record]:
        """Records from the offset on; looks again every 10 ms while it waits."""
        # What stands before the end of a file is there at once.
        deadline = time.monotonic() + (wait_seconds if end is None else 0.0)
        while True:
            with self._reading():
                found = self._select(topic, partition, offset, limit)
            left = deadline - time.monotonic()
            if found or left <= 0:
                return found
            time.sleep(min(LOOK_AGAIN_SECONDS, left))

    def append(self, messages: Sequence[Outgoing]) -> None:
        """All records in one transaction: all or none."""
        if not messages:
            return
        stamp = time.time_ns() // 1_000_000
        with self._writing() as db:
            nexts: dict[tuple[int, int], int] = {}
            rows = []
            for message in messages:
                known = self._known(message.topic)
                headers = _pack(message.headers)
                size = len(message.key or b"") + len(message.value or b"") + len(headers)
                if size > known.bytes_max:
                    raise RecordTooLarge(message.topic, size)
                place = (known.number, _partition(message, known))
                at = nexts[place] if place in nexts else self._next(*place)
                nexts[place] = at + 1
                rows.append((*place, at, stamp, message.key, message.value, headers))
            db.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            db.executemany(
                "UPDATE ends SET next = ? WHERE topic = ? AND part = ?",
                [(at, *place) for place, at in nexts.items()],
            )

    def create(self, topics: Sequence[Topic], prefix: str) -> None:
        """Create what is missing, and compact what is to be compacted."""
        with self._writing() as db:
            for topic in topics:
                added = db.execute(
                    "INSERT INTO topics (name, id, bytes_max, compacted) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (name) DO NOTHING",
                    (topic.full(prefix), uuid.uuid4().hex, topic.bytes_max, topic.compacted),
                )
                number = self._known(topic.full(prefix), fresh=True).number
                if added.rowcount:
                    places = [(number, part) for part in range(topic.partitions)]
                    db.executemany("INSERT INTO ends VALUES (?, ?, 0)", places)
                elif topic.compacted:
                    self._compact(number)
        self._topics.clear()

    def remove(self, topics: Sequence[str], groups: Sequence[str]) -> None:
        """Delete the topics with their records; there are no groups here."""
        with self._writing() as db:
            for topic in topics:
                found = db.execute("SELECT number FROM topics WHERE name = ?", (topic,)).fetchone()
                if found is not None:
                    for of in ("records WHERE topic", "ends WHERE topic", "topics WHERE number"):
                        db.execute(f"DELETE FROM {of} = ?", found)
        self._topics.clear()

    def differences(self, topics: Sequence[Topic], prefix: str) -> list[str]:
        """What is missing or has another number of partitions."""
        said = []
        for topic in topics:
            try:
                found = len(self.ends(topic.full(prefix)))
            except NoSuchTopic as missing:
                said.append(str(missing))
                continue
            if found != topic.partitions:
                said.append(partition_sentence(topic.full(prefix), found, topic.partitions))
        return said

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _select(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        number = self._known(topic).number
        end = self._next(number, partition, topic)
        if not 0 <= offset <= end:
            raise OutOfRange(topic, partition, offset)
        found = self._db.execute(
            "SELECT at, stamp, key, value, headers FROM records"
            " WHERE topic = ? AND part = ? AND at >= ? ORDER BY at LIMIT ?",
            (number, partition, offset, limit),
        )
        return [
            Record(topic, partition, at, stamp, key, value, _unpack(headers))
            for at, stamp, key, value, headers in found
        ]

    def _next(self, number: int, partition: int, topic: str = "") -> int:
        row = self._db.execute(
            "SELECT next FROM ends WHERE topic = ? AND part = ?", (number, partition)
        ).fetchone()
        if row is None:
            raise NoSuchPartition(topic, partition)
        return int(row[0])

    def _known(self, topic: str, *, fresh: bool = False) -> _Known:
        if fresh or topic not in self._topics:
            row = self._db.execute(
                "SELECT number, bytes_max, (SELECT count(*) FROM ends WHERE topic = number)"
                " FROM topics WHERE name = ?",
                (topic,),
            ).fetchone()
            if row is None:
                raise NoSuchTopic(topic)
            self._topics[topic] = _Known(*row)
        return self._topics[topic]

    def _compact(self, number: int) -> None:
        self._db.execute(
            "CREATE TEMP TABLE latest AS SELECT part, key, max(at) AS at FROM records"
            " WHERE topic = ? GROUP BY part, key",
            (number,),
        )
        self._db.execute("CREATE INDEX temp.latest_key ON latest (key, part)")
        self._db.execute(_COMPACT, (number,))
        self._db.execute("DROP TABLE latest")

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent look at the file."""
        with self._transaction("BEGIN") as db:
            yield db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._transaction("BEGIN IMMEDIATE") as db:
            yield db

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._db.execute(begin)
                try:
                    yield self._db
                except BaseException:
                    self._db.execute("ROLLBACK")
                    self._topics.clear()
                    raise
                self._db.execute("COMMIT")
            except sqlite3.Error as error:
                raise LogFailed(f"The log {self._path} cannot be used: {error}.") from error


def _partition(message: Outgoing, known: _Known) -> int:
    if message.partition is not None:
        if not 0 <= message.partition < known.partitions:
            raise NoSuchPartition(message.topic, message.partition)
        return message.partition
    if message.key is None:
        # Kafka spreads such records as it likes, so readers must not rest on anything.
        return uuid.uuid4().int % known.partitions
    return partition_of(message.key, known.partitions)


def _pack(headers: Headers) -> bytes:
    parts = [part for name, value in headers for part in (name.encode(), value)]
    return b"".join(_LENGTH.pack(len(part)) + part for part in parts)


def _unpack(packed: bytes) -> list[tuple[str, bytes]]:
    parts, at = [], 0
    while at < len(packed):
        (length,) = _LENGTH.unpack_from(packed, at)
        parts.append(packed[at + 4 : at + 4 + length])
        at += 4 + length
    return [(name.decode(), value) for name, value in zip(parts[::2], parts[1::2], strict=True)]
