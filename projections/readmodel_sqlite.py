"""The read model in one SQLite file: a single writing process, any number of readers."""

from __future__ import annotations

import sqlite3
import threading
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from projections.readmodel import LAYOUT, ModelMissing, ModelUnusable
from projections.readmodel_sql import TABLES, Session, SqlModel

BUSY_SECONDS = 30.0
CHECKPOINT_SECONDS = 2.0
"""While something is written, the log of writes is carried over this often, beside the commits."""
CHECKPOINT_TRIES = 8
"""Commits that come meanwhile leave a rest; a log that is carried over whole begins anew."""
TYPES = {
    "text": "TEXT",
    "int": "INTEGER",
    "blob": "BLOB",
    "serial": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "compact": " WITHOUT ROWID",
}


class _Session:
    """One transaction on one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def run(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(sql, values)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(sql, rows)

    def stream(self, sql: str, values: Sequence[object]) -> Iterator[Any]:
        return self._connection.execute(sql, values)


class SqliteModel(SqlModel):
    """WAL, synchronous NORMAL: a power cut may cost the last commits, never tear one.

    Lost commits are read again from the log, since the position is lost with them.
    """

    blob = "BLOB"
    local = True

    def __init__(self, path: Path, *, generation: int | None = None) -> None:
        """Open the model at `path`; make one of this generation where there is none.

        `generation` None only reads: raises ModelMissing where there is no model.
        """
        if generation is None and not path.is_file():
            raise ModelMissing(f"there is no read model at {path}; start Lienthong once")
        self._path = path
        self._writes = threading.Lock()
        self._free: list[sqlite3.Connection] = []
        self._reads = threading.Lock()
        self._closed = False
        self._checkpoint: threading.Thread | None = None
        self._checkpointed_at = time.monotonic()
        self._writer: sqlite3.Connection | None = None
        if generation is not None:
            self._writer = self._make(generation)
        with self.reading() as session:
            self._read_meta(session)

    def _make(self, generation: int) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        writer = self._connect("rwc")
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA synchronous = NORMAL")
        # A checkpoint per 16 MB: the default of 4 MB copies pages too often while catching up.
        writer.execute("PRAGMA wal_autocheckpoint = 4000")
        writer.execute("PRAGMA cache_size = -65536")
        writer.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            writer.execute(table.format(**TYPES))
        facts = {"id": uuid.uuid4().hex, "generation": str(generation), "layout": LAYOUT}
        writer.executemany("INSERT OR IGNORE INTO meta VALUES (?, ?)", facts.items())
        writer.execute("COMMIT")
        return writer

    def _read_meta(self, session: Session) -> None:
        try:
            meta = dict(session.run("SELECT name, value FROM meta").fetchall())
        except sqlite3.DatabaseError as error:
            raise ModelMissing(f"{self._path} holds no read model: {error}") from error
        if meta.get("layout") != LAYOUT:
            raise ModelUnusable(
                f"{self._path} has layout {meta.get('layout')}, this program needs {LAYOUT};"
                " remove it to fold again"
            )
        self.id, self.generation = meta["id"], int(meta["generation"])

    def _connect(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )

    @contextmanager
    def writing(self) -> Iterator[Session]:
        if self._writer is None:
            raise ModelUnusable(f"{self._path} was opened for reading")
        with self._writes:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield _Session(self._writer)
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")
            self._carry_over()

    def _carry_over(self) -> None:
        """Begin a checkpoint in a thread: within a commit it would hold that up for 50 ms."""
        if time.monotonic() - self._checkpointed_at < CHECKPOINT_SECONDS:
            return
        if self._checkpoint is None or not self._checkpoint.is_alive():
            self._checkpointed_at = time.monotonic()
            self._checkpoint = threading.Thread(target=self._carried_over, name="checkpoint")
            self._checkpoint.start()

    def _carried_over(self) -> None:
        with closing(self._connect("rw")) as connection:
            for _ in range(CHECKPOINT_TRIES):
                asked = connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                _, frames, carried = asked.fetchone()
                if frames == carried:
                    return

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._reads:
            connection = self._free.pop() if self._free else self._connect("ro")
        connection.execute("BEGIN")
        try:
            yield _Session(connection)
        finally:
            connection.execute("ROLLBACK")
            with self._reads:
                if self._closed:
                    connection.close()
                else:
                    self._free.append(connection)

    def close(self) -> None:
        with self._reads:
            self._closed = True
            for connection in self._free:
                connection.close()
            self._free.clear()
        if self._writer is not None:
            with self._writes:
                if self._checkpoint is not None:
                    self._checkpoint.join()
                self._writer.close()


def set_aside(path: Path, name: str) -> Path | None:
    """Put the model's file, used by nobody, under another name beside it; None if there is none.

    What its log of writes holds goes along: it stands under the name that belongs to the file.
    """
    if not path.exists():
        return None
    aside = path.with_name(f"{path.name}.{name}")
    for ending in ("-wal", "-shm", ""):
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside
