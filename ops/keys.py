"""The key store: the keys of free texts, in a file of its own that is no part of the log.

Who has the ledger, the topics, the archive or their backups, but not this file, reads no text that
was recorded while erasure was switched on. A key that is deleted is gone from the file's pages.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from ops.settings import BrokenEnvironment, Settings
from services.sealing import SECRET_BYTES, TextKey

PRIVATE = 0o600
BUSY_SECONDS = 30.0
TABLE = (
    "CREATE TABLE IF NOT EXISTS keys"
    " (key_id TEXT PRIMARY KEY, obligation TEXT NOT NULL UNIQUE, secret BLOB NOT NULL)"
)


class KeyStore:
    """The keys in one SQLite file, for its owner alone. Threads may share it."""

    def __init__(self, path: Path, *, making: bool) -> None:
        """`making`: obligations without a key get one. Raises BrokenEnvironment."""
        self.path = path
        self._making = making
        self._lock = threading.Lock()
        try:
            # Made before SQLite does, so that it is never open to others, not even at first.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, PRIVATE))
            self._connection = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA secure_delete = ON")
            # A key is durable before any text that it seals: text without key is erased text.
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute(TABLE)
        except (OSError, sqlite3.Error) as error:
            raise BrokenEnvironment(f"The key store {path} cannot be used: {error}.") from error
        if path.stat().st_mode & 0o077:
            raise BrokenEnvironment(
                f"The key store {path} can be read by others; say `chmod 600 {path}`."
            )

    def of(self, obligations: Sequence[str]) -> Mapping[str, TextKey]:
        """The keys of obligations, made where there is none if this store is `making`."""
        wanted = list(dict.fromkeys(obligations))
        found = {one: key for one in wanted if (key := self._key(one)) is not None}
        lacking = [one for one in wanted if one not in found] if self._making else []
        if lacking:
            with self._writing():
                rows = [
                    (uuid.uuid4().hex, one, secrets.token_bytes(SECRET_BYTES)) for one in lacking
                ]
                # Another process may have made one just now: its key holds.
                self._connection.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", rows)
            found |= {one: key for one in lacking if (key := self._key(one)) is not None}
        return found

    def secret(self, key_id: str) -> bytes | None:
        """The secret of a key; None where it is not here. Never remembered: it may be deleted."""
        rows = self._rows("SELECT secret FROM keys WHERE key_id = ?", key_id)
        return bytes(rows[0][0]) if rows else None

    def ids(self, obligation: str) -> list[str]:
        """The names of the keys of an obligation."""
        rows = self._rows("SELECT key_id FROM keys WHERE obligation = ?", obligation)
        return [str(row[0]) for row in rows]

    def delete(self, key_ids: Sequence[str]) -> int:
        """Delete keys for ever, from the file's pages too; how many were there."""
        with self._writing():
            marks = ",".join("?" * len(key_ids))
            done = self._connection.execute(
                f"DELETE FROM keys WHERE key_id IN ({marks})", list(key_ids)
            )
        return int(done.rowcount)

    def count(self) -> int:
        """How many keys there are."""
        return int(self._rows("SELECT COUNT(*) FROM keys")[0][0])

    def copy(self, path: Path) -> None:
        """Write a copy of the store, for its owner alone. Raises BrokenEnvironment where one is."""
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE))
        except OSError as error:
            raise BrokenEnvironment(f"{path} cannot be written: {error.strerror}.") from error
        with self._lock, closing(sqlite3.connect(path)) as copy:
            self._connection.backup(copy)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _key(self, obligation: str) -> TextKey | None:
        rows = self._rows("SELECT key_id, secret FROM keys WHERE obligation = ?", obligation)
        return TextKey(str(rows[0][0]), bytes(rows[0][1])) if rows else None

    def _rows(self, sql: str, *values: str) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


@contextmanager
def key_store(settings: Settings) -> Iterator[KeyStore | None]:
    """The home's key store, open; None where erasure is off and there never was a key.

    Once there is a key, texts of its obligation are sealed for good: the same fact told again must
    be the same bytes.
    """
    making = settings.erasure == "on"
    if not making and not settings.keys.exists():
        yield None
        return
    with closing(KeyStore(settings.keys, making=making)) as store:
        yield store
