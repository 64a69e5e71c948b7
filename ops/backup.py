"""Backup and restore of ledger and read model: taken while everything runs, checked when put back.

The key store is no part of a backup: who finds one must not read what was erased since.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ops import builds, wiring
from ops.keys import key_store
from ops.put_back import PRIVATE, SQLITE, has_model, put_back
from ops.settings import BrokenEnvironment, Settings, inherited
from schemas.times import format_instant
from services.ledger import Ledger
from services.restoring import TakenBack

MANIFEST = "backup.json"
LEDGER = "ledger"
READ_MODEL = "readmodel"


class Backup(NamedTuple):
    """What a backup holds: which ledger, up to which number, and its files with their SHA-256."""

    ledger: str
    epoch: int
    last: int
    made_at: str
    files: dict[str, str]


class Restored(NamedTuple):
    """What became of a restore. `erased`: keys deleted again because the log says so."""

    backup: Backup
    taken: TakenBack
    read_model: bool
    erased: int


def backup(settings: Settings, folder: Path, keys: Path | None = None) -> Backup:
    """Write ledger and read model, as they are now, into a new folder for its owner alone.

    `keys`: also copy the key store, to a file outside the folder. Raises BrokenEnvironment.
    """
    if keys is not None and folder.absolute() in keys.absolute().parents:
        raise BrokenEnvironment("Keys are kept apart from the backup: give a file outside of it.")
    try:
        folder.mkdir(mode=PRIVATE, parents=True)
    except FileExistsError as error:
        raise BrokenEnvironment(f"{folder} exists; give a folder that does not.") from error
    names = []
    # The read model first: whatever it has counted, the ledger then holds. A later build's names
    # its own topics, which a restored home does not read: that home makes one from the log.
    first = builds.number(settings) == builds.FIRST
    if first and has_model(settings) and settings.read_model != settings.ledger:
        names.append(_copied(settings.read_model, folder, READ_MODEL))
    names.append(_copied(settings.ledger, folder, LEDGER))
    files = {name: _sha256(folder / name) for name in names}
    with wiring.ledger(settings, create=False) as ledger:
        found = Backup(ledger.id, ledger.epoch, _last(folder, ledger), _now(), files)
    text = json.dumps(found._asdict(), indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    if keys is not None:
        with key_store(settings) as store:
            if store is not None:
                store.copy(keys)
    return found


def restore(settings: Settings, folder: Path, *, alone: bool = False) -> Restored:
    """Put a backup where no ledger is yet, take back from the topics what it lacks, then open it.

    `alone`: there are no topics any more; nothing is taken back. Raises BrokenEnvironment with
    nothing in place where the backup is damaged or the topics are not this ledger's.
    """
    found = _read(folder)
    with_model = any(name.startswith(READ_MODEL) for name in found.files)
    model = partial(_lay, folder, READ_MODEL) if with_model else None
    put = put_back(settings, partial(_lay, folder, LEDGER), model, alone=alone)
    return Restored(found, *put)


def _copied(url: str, folder: Path, name: str) -> str:
    if not url.startswith(SQLITE):
        _postgres("pg_dump", url, ["--format=custom", f"--file={folder / name}.dump"])
        return f"{name}.dump"
    source = Path(url.removeprefix(SQLITE))
    if not source.exists():
        raise BrokenEnvironment(f"There is no ledger at {source}; nothing to back up.")
    copy = folder / f"{name}.sqlite"
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as read,
        closing(sqlite3.connect(copy)) as written,
    ):
        # In one go: it holds no writer up (WAL), and in parts it would begin anew at each write.
        # Not VACUUM INTO, which numbers the rows anew: their numbers are the notifications' ids.
        read.backup(written)
    return copy.name


def _lay(folder: Path, name: str, url: str) -> None:
    """Copy one file of a backup to an address."""
    if not url.startswith(SQLITE):
        _postgres(
            "pg_restore", url, ["--no-owner", "--exit-on-error", str(folder / f"{name}.dump")]
        )
        return
    shutil.copyfile(folder / f"{name}.sqlite", url.removeprefix(SQLITE))


def _postgres(program: str, url: str, arguments: Sequence[str]) -> None:
    """Run PostgreSQL's own program on a database; the password stands in no list of processes."""
    if shutil.which(program) is None:
        raise BrokenEnvironment(
            f"{program} is not on this machine; install postgresql-client, or run it where the "
            "database is."
        )
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
    secret = {"PGPASSWORD": unquote(parts.password)} if parts.password else {}
    done = subprocess.run(
        [program, f"--dbname={bare}", *arguments],
        env=inherited() | secret,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BrokenEnvironment(f"{program} failed: {done.stderr.strip()[-300:]}")


def _last(folder: Path, ledger: Ledger) -> int:
    copy = folder / f"{LEDGER}.sqlite"
    if not copy.exists():
        return ledger.max_notification()
    with closing(sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro", uri=True)) as read:
        return int(read.execute("SELECT COALESCE(MAX(rowid), 0) FROM stored_events").fetchone()[0])


def _read(folder: Path) -> Backup:
    try:
        found = Backup(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        differing = [n for n, digest in found.files.items() if _sha256(folder / n) != digest]
    except (OSError, ValueError, TypeError) as error:
        raise BrokenEnvironment(f"{folder} is no backup that can be read: {error}.") from error
    if differing:
        raise BrokenEnvironment(
            f"{folder / differing[0]} is not what was written there; use another backup."
        )
    return found


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return format_instant(wiring.now())
