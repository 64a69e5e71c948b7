"""Watching a ledger: waiting until more is recorded, and holding a role that only one may hold."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psycopg

from services.store import EVENTS_TABLE, PostgresStore, SQLiteStore

POLL_SECONDS = 0.01
"""How often a waiting reader looks into an SQLite ledger: one indexed read of 20 µs."""


class RoleTaken(Exception):
    """Another process does this work for the same ledger already."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"another process is the {role} of this ledger already; stop it first, "
            "or leave the work to it"
        )


class FileWatch:
    """Waiting on an SQLite ledger by looking; roles are locks on files beside it."""

    def __init__(self, store: SQLiteStore) -> None:
        self._store = store

    def wait(self, after: int, seconds: float) -> bool:
        """True as soon as a notification id is greater than `after`; False after `seconds`."""
        until = time.monotonic() + seconds
        while (self._store.recorder.max_notification_id() or 0) <= after:
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(POLL_SECONDS, left))
        return True

    @contextmanager
    def role(self, name: str) -> Iterator[None]:
        """Hold a role until the block ends; the lock dies with the process. Raises RoleTaken."""
        path = Path(f"{self._store.path}.{name}.lock")
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RoleTaken(name) from error
            yield

    def close(self) -> None:
        """Nothing is held between calls."""


class ServerWatch:
    """Waiting on PostgreSQL by LISTEN; roles are advisory locks of a connection of their own."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._listening: psycopg.Connection | None = None

    def wait(self, after: int, seconds: float) -> bool:
        """True as soon as a notification id is greater than `after`; False after `seconds`."""
        if self._listening is None:
            self._listening = psycopg.connect(self._store.url, autocommit=True)
            # The library's recorder notifies this channel in the transaction that inserts.
            self._listening.execute(f"LISTEN {EVENTS_TABLE}")
        until = time.monotonic() + seconds
        while (self._store.recorder.max_notification_id() or 0) <= after:
            left = until - time.monotonic()
            if left <= 0:
                return False
            for _ in self._listening.notifies(timeout=left, stop_after=1):
                pass
        return True

    @contextmanager
    def role(self, name: str) -> Iterator[None]:
        """Hold a role until the block ends; the lock dies with the connection. Raises RoleTaken."""
        number = int.from_bytes(sha256(f"lienthong {name}".encode()).digest()[:8], signed=True)
        with psycopg.connect(self._store.url, autocommit=True) as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
            if row is None or not row[0]:
                raise RoleTaken(name)
            yield

    def close(self) -> None:
        if self._listening is not None:
            self._listening.close()


def watch_of(store: SQLiteStore | PostgresStore) -> FileWatch | ServerWatch:
    """The way of waiting that fits the store."""
    return FileWatch(store) if isinstance(store, SQLiteStore) else ServerWatch(store)
