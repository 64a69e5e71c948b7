"""The SQL that both read models share; the databases differ in types, locks and bulk writes."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from projections.readmodel import (
    Change,
    Claim,
    JournalRow,
    ModelUnusable,
    Outgoing,
    PartitionLost,
    Position,
    appended,
    overlaid,
    unpack,
)
from schemas.quarantine import Quarantined

TABLES = (
    "CREATE TABLE IF NOT EXISTS meta (name {text} PRIMARY KEY, value {text} NOT NULL)",
    "CREATE TABLE IF NOT EXISTS positions (topic {text}, partition {int}, topic_id {text} NOT NULL,"
    " next_offset {int} NOT NULL, owner_epoch {int} NOT NULL, seq {int} NOT NULL,"
    " flushed_seq {int} NOT NULL, published_seq {int} NOT NULL, PRIMARY KEY (topic, partition))",
    "CREATE TABLE IF NOT EXISTS journal (topic {text}, partition {int}, seq {int},"
    " first_offset {int} NOT NULL, next_offset {int} NOT NULL, payload {blob} NOT NULL,"
    " PRIMARY KEY (topic, partition, seq))",
    "CREATE TABLE IF NOT EXISTS obligations (partition {int}, id {blob}, facts {blob} NOT NULL,"
    " topic {text}, PRIMARY KEY (topic, partition, id)){compact}",
    "CREATE TABLE IF NOT EXISTS snapshots (topic {text}, partition {int}, name {blob},"
    " value {blob} NOT NULL, PRIMARY KEY (topic, partition, name))",
    "CREATE TABLE IF NOT EXISTS outbox (topic {text}, partition {int}, seq {int}, number {int},"
    " to_topic {text} NOT NULL, to_partition {int}, key {blob}, value {blob}, headers {text},"
    " PRIMARY KEY (topic, partition, seq, number))",
    "CREATE TABLE IF NOT EXISTS quarantine (number {serial}, at {int}, reason {text},"
    " sentence {text}, topic {text}, topic_id {text}, partition {int}, record_offset {int},"
    " sha256 {blob}, size {int}, original {blob})",
    "CREATE TABLE IF NOT EXISTS context (topic {text}, record_offset {int}, value {blob} NOT NULL,"
    " PRIMARY KEY (topic, record_offset))",
)

_POSITION = (
    "SELECT topic, partition, topic_id, next_offset, owner_epoch, seq, flushed_seq, published_seq"
    " FROM positions"
)
_QUARANTINE = (
    "at, reason, sentence, topic, topic_id, partition, record_offset, sha256, size, original"
)

_SNAPSHOT = "FROM snapshots WHERE topic = ? AND partition = ? AND name = ?"


class Cursor(Protocol):
    """The part of a DB-API cursor that is used."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


class Session(Protocol):
    """One transaction: it sees one state, and what it writes is kept whole or not at all."""

    def run(self, sql: str, values: Sequence[object] = ()) -> Cursor: ...

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None: ...

    def stream(self, sql: str, values: Sequence[object]) -> Iterator[Any]:
        """The rows of a large result, a part at a time."""


class SqlModel(ABC):
    """A read model in a database. Writes are serial; reads may come from other threads."""

    id: str
    generation: int
    blob: str
    local: bool
    """The name of the byte string type."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Session]:
        """A write transaction: committed at the end, undone by an exception."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Session]:
        """A read transaction; several may be open at once."""

    def renew(self, generation: int) -> None:
        """Take a later generation: what it tells from now on is newer than all told before."""
        with self.writing() as session:
            session.run("UPDATE meta SET value = ? WHERE name = 'generation'", (str(generation),))
        self.generation = generation

    def claim(self, topic: str, partition: int, topic_id: str) -> Claim:
        with self.writing() as session:
            fresh = self._enter(session, topic, partition, topic_id)
            session.run(
                "UPDATE positions SET owner_epoch = owner_epoch + 1"
                " WHERE topic = ? AND partition = ?",
                (topic, partition),
            )
            position = _position(session, topic, partition)
            pending = _pending(session, topic, partition)
        return Claim(
            position=position,
            fresh=fresh,
            states=self.states(topic, partition),
            snapshots=self.snapshots(topic, partition),
            journal=self.journal(topic, partition),
            pending=pending,
        )

    def _enter(self, session: Session, topic: str, partition: int, topic_id: str) -> bool:
        """Make the position if there is none (True); stop where it belongs to another topic."""
        made = session.run(
            "INSERT INTO positions VALUES (?, ?, ?, 0, 0, 0, 0, 0)"
            " ON CONFLICT (topic, partition) DO NOTHING",
            (topic, partition, topic_id),
        )
        known = _position(session, topic, partition).topic_id
        if known != topic_id:
            raise ModelUnusable(
                f"{topic}/{partition}: the position belongs to topic id {known}, the broker has"
                f" {topic_id}; the topic was made anew: refill it from the ledger, or remove the"
                " read model to fold again"
            )
        return made.rowcount == 1

    def _refuse(self, session: Session, records: Sequence[Quarantined]) -> None:
        session.run_many(
            f"INSERT INTO quarantine ({_QUARANTINE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            list(records),
        )

    def commit(self, changes: Sequence[Change]) -> None:
        with self.writing() as session:
            lost = [(c.topic, c.partition) for c in changes if not _swap(session, c)]
            if lost:
                raise PartitionLost(lost)
            for change in changes:
                self._write(session, change)

    def _write(self, session: Session, change: Change) -> None:
        place = (change.topic, change.partition)
        if change.journal is not None:
            session.run(
                "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)",
                (*place, change.seq, change.expected, change.next_offset, change.journal),
            )
        if change.outgoing:
            _send_later(session, ((place, change.seq, message) for message in change.outgoing))
        if change.quarantined:
            self._refuse(session, change.quarantined)
        if change.sent:
            session.run(
                "DELETE FROM outbox WHERE topic = ? AND partition = ? AND seq <= ?",
                (*place, change.sent),
            )
        if change.rows:
            self.append(session, place, change.rows)
        for name, value in change.snapshots:
            session.run(
                "INSERT INTO snapshots VALUES (?, ?, ?, ?)"
                " ON CONFLICT (topic, partition, name) DO UPDATE SET value = excluded.value",
                (*place, name, value),
            )
        if change.flushed or change.published:
            session.run(
                "DELETE FROM journal WHERE topic = ? AND partition = ? AND seq <= (SELECT"
                " CASE WHEN flushed_seq < published_seq THEN flushed_seq ELSE published_seq END"
                " FROM positions WHERE topic = ? AND partition = ?)",
                (*place, *place),
            )

    def append(
        self, session: Session, place: tuple[str, int], rows: Sequence[tuple[bytes, bytes]]
    ) -> None:
        """Append bytes under each id of a partition; every id at most once in `rows`."""
        topic, partition = place
        session.run_many(
            "INSERT INTO obligations (partition, id, facts, topic) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (topic, partition, id) DO UPDATE"
            f" SET facts = CAST(obligations.facts || excluded.facts AS {self.blob})",
            [(partition, key, value, topic) for key, value in rows],
        )

    def note(
        self,
        topic: str,
        topic_id: str,
        rows: Sequence[tuple[int, bytes]],
        refused: Sequence[tuple[Quarantined, Outgoing]] = (),
    ) -> None:
        offsets = [offset for offset, _ in rows] + [record.offset for record, _ in refused]
        with self.writing() as session:
            self._enter(session, topic, 0, topic_id)
            # The row lock of this read makes workers that read the same records take turns.
            session.run(
                "UPDATE positions SET seq = seq WHERE topic = ? AND partition = 0", (topic,)
            )
            position = _position(session, topic, 0)
            session.run_many(
                "INSERT INTO context VALUES (?, ?, ?)",
                [(topic, *row) for row in rows if row[0] >= position.next_offset],
            )
            fresh = [item for item in refused if item[0].offset >= position.next_offset]
            self._refuse(session, [record for record, _ in fresh])
            _send_later(session, (((topic, 0), row.offset, message) for row, message in fresh))
            end = max(offsets, default=-1) + 1
            session.run(
                "UPDATE positions SET next_offset = ?"
                " WHERE topic = ? AND partition = 0 AND next_offset < ?",
                (end, topic, end),
            )

    def pending(self, topic: str, partition: int | None = None) -> list[tuple[int, Outgoing]]:
        with self.reading() as session:
            return _pending(session, topic, partition)

    def forget(self, topic: str, seq: int) -> None:
        with self.writing() as session:
            session.run(
                "DELETE FROM outbox WHERE topic = ? AND partition = 0 AND seq <= ?", (topic, seq)
            )

    def noted(self, topic: str) -> list[tuple[int, bytes]]:
        with self.reading() as session:
            rows = session.run(
                "SELECT record_offset, value FROM context WHERE topic = ? ORDER BY record_offset",
                (topic,),
            ).fetchall()
        return [(row[0], bytes(row[1])) for row in rows]

    def positions(self) -> list[Position]:
        with self.reading() as session:
            rows = session.run(f"{_POSITION} ORDER BY topic, partition").fetchall()
        return [Position(*row) for row in rows]

    def unsent(self) -> int:
        with self.reading() as session:
            return int(session.run("SELECT count(*) FROM outbox").fetchone()[0])

    def owner_epoch(self, topic: str, partition: int) -> int:
        with self.reading() as session:
            row = session.run(
                "SELECT owner_epoch FROM positions WHERE topic = ? AND partition = ?",
                (topic, partition),
            ).fetchone()
        return 0 if row is None else int(row[0])

    def states(self, topic: str, partition: int) -> Iterator[tuple[bytes, bytes]]:
        # Rows and journal come from one view: a flush in between would be seen twice or never.
        with self.reading() as session:
            rest = _unflushed(session, topic, partition)
            stored = session.stream(
                "SELECT id, facts FROM obligations WHERE topic = ? AND partition = ?",
                (topic, partition),
            )
            yield from overlaid(((bytes(row[0]), bytes(row[1])) for row in stored), rest)

    def state(self, topic: str, partition: int, key: bytes) -> bytes:
        with self.reading() as session:
            row = session.run(
                "SELECT facts FROM obligations WHERE topic = ? AND partition = ? AND id = ?",
                (topic, partition, key),
            ).fetchone()
            rest = _unflushed(session, topic, partition)
        return (b"" if row is None else bytes(row[0])) + rest.get(key, b"")

    def journal(self, topic: str, partition: int) -> list[JournalRow]:
        with self.reading() as session:
            rows = session.run(
                "SELECT seq, first_offset, next_offset, payload FROM journal"
                " WHERE topic = ? AND partition = ? ORDER BY seq",
                (topic, partition),
            ).fetchall()
        return list(map(_journal_row, rows))

    def snapshots(self, topic: str, partition: int) -> list[tuple[bytes, bytes]]:
        with self.reading() as session:
            rows = session.run(
                "SELECT name, value FROM snapshots WHERE topic = ? AND partition = ? ORDER BY name",
                (topic, partition),
            ).fetchall()
        return [(bytes(row[0]), bytes(row[1])) for row in rows]

    def snapshot_bytes(self, topic: str, partition: int, name: bytes) -> int:
        with self.reading() as session:
            row = session.run(f"SELECT length(value) {_SNAPSHOT}", (topic, partition, name))
            return sum(int(size) for (size,) in row.fetchall())

    def told_of(self, topic: str, partition: int, name: bytes) -> Iterator[bytes]:
        # Both from one view: a new snapshot replaces a part of the journal.
        with self.reading() as session:
            found = session.run(f"SELECT value {_SNAPSHOT}", (topic, partition, name)).fetchall()
            yield from (bytes(value) for (value,) in found)
            journal = session.stream(
                "SELECT payload FROM journal WHERE topic = ? AND partition = ? ORDER BY seq",
                (topic, partition),
            )
            for (payload,) in journal:
                yield from (value for _, value in unpack(bytes(payload)))

    def quarantined(self, after: int = 0, limit: int = 1_000) -> list[tuple[int, Quarantined]]:
        with self.reading() as session:
            rows = session.run(
                f"SELECT number, {_QUARANTINE} FROM quarantine WHERE number > ?"
                " ORDER BY number LIMIT ?",
                (after, limit),
            ).fetchall()
        return [(row[0], Quarantined(*map(_plain, row[1:]))) for row in rows]

    def quarantine_counts(self) -> dict[str, int]:
        with self.reading() as session:
            rows = session.run("SELECT reason, count(*) FROM quarantine GROUP BY reason").fetchall()
        return {row[0]: int(row[1]) for row in rows}


def _position(session: Session, topic: str, partition: int) -> Position:
    sql = f"{_POSITION} WHERE topic = ? AND partition = ?"
    return Position(*session.run(sql, (topic, partition)).fetchone())


def _swap(session: Session, change: Change) -> bool:
    """Move the position on, if it still stands where this worker left it."""
    cursor = session.run(
        "UPDATE positions SET next_offset = ?, seq = ?,"
        " flushed_seq = CASE WHEN flushed_seq < ? THEN ? ELSE flushed_seq END,"
        " published_seq = CASE WHEN published_seq < ? THEN ? ELSE published_seq END"
        " WHERE topic = ? AND partition = ? AND next_offset = ? AND owner_epoch = ?",
        (change.next_offset, change.seq)
        + (change.flushed,) * 2
        + (change.published,) * 2
        + (change.topic, change.partition, change.expected, change.epoch),
    )
    return cursor.rowcount == 1


def _unflushed(session: Session, topic: str, partition: int) -> dict[bytes, bytes]:
    rows = session.run(
        "SELECT j.seq, j.first_offset, j.next_offset, j.payload FROM journal j"
        " JOIN positions p ON p.topic = j.topic AND p.partition = j.partition"
        " WHERE j.topic = ? AND j.partition = ? AND j.seq > p.flushed_seq ORDER BY j.seq",
        (topic, partition),
    ).fetchall()
    return appended(map(_journal_row, rows))


def _journal_row(row: Any) -> JournalRow:
    seq, first_offset, next_offset, payload = row
    return JournalRow(seq, first_offset, next_offset, bytes(payload))


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value


def _send_later(session: Session, rows: Iterable[tuple[tuple[str, int], int, Outgoing]]) -> None:
    """Put messages, each with the place and the seq it was derived from, into the outbox."""
    values = [
        (*place, seq, n, m.topic, m.partition, m.key, m.value, _headers(m))
        for n, (place, seq, m) in enumerate(rows)
    ]
    session.run_many("INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)


def _pending(
    session: Session, topic: str, partition: int | None = None
) -> list[tuple[int, Outgoing]]:
    where, values = "topic = ?", [topic] if partition is None else [topic, partition]
    if partition is not None:
        where += " AND partition = ?"
    rows = session.run(
        "SELECT seq, to_topic, key, value, headers, to_partition FROM outbox"
        f" WHERE {where} ORDER BY partition, seq, number",
        values,
    ).fetchall()
    return [(row[0], _outgoing(row)) for row in rows]


def _headers(message: Outgoing) -> str:
    return json.dumps([[name, value.hex()] for name, value in message.headers])


def _outgoing(row: Any) -> Outgoing:
    _, topic, key, value, headers, partition = map(_plain, row)
    pairs = tuple((name, bytes.fromhex(text)) for name, text in json.loads(headers))
    return Outgoing(topic, key, value, pairs, partition)
