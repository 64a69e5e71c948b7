"""Backup and restore of ledger and read model: taken while everything runs, checked when put back.

The key store is no part of a backup: who finds one must not read what was erased since.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ops import builds, wiring
from ops.home import held
from ops.keys import KeyStore, key_store
from ops.log import Log, Record, all_records
from ops.settings import BrokenEnvironment, Settings, inherited
from ops.supervisor import Supervisor, open_log
from projections.readmodel import generation_at
from schemas import avro
from schemas.events.ladder import TextsErased
from schemas.times import format_instant
from schemas.topics import EVENTS, PROGRAMMES, UNITS
from services.ledger import Ledger
from services.restoring import RestoreStopped, TakenBack, take_back

MANIFEST = "backup.json"
LEDGER = "ledger"
READ_MODEL = "readmodel"
PRIVATE = 0o700
SQLITE = "sqlite:"


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
    if first and _has_model(settings) and settings.read_model != settings.ledger:
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
    _must_be_empty(settings)
    try:
        if alone:
            with held(settings.home):
                return _put_in_place(settings, folder, found, None)
        with Supervisor(settings, parts=()) as running, closing(open_log(running.settings)) as log:
            return _put_in_place(settings, folder, found, log)
    except RestoreStopped as error:
        raise BrokenEnvironment(f"Nothing was restored: {error}.") from error


def _put_in_place(settings: Settings, folder: Path, found: Backup, log: Log | None) -> Restored:
    scratch = _laid_out(settings.ledger, folder, LEDGER)
    records = iter(()) if log is None else _sent(log, settings.topic_prefix)
    taken = take_back(scratch, records)
    if any(name.startswith(READ_MODEL) for name in found.files):
        model = _laid_out(settings.read_model, folder, READ_MODEL)
        _in_place(model, settings.read_model)
    with_model = _has_model(settings)
    if with_model:
        with closing(wiring.model_of(settings, create=True)) as opened:
            opened.renew(max(opened.generation + 1, generation_at(wiring.now())))
    # The ledger last: where one stands, all that belongs to it stands too.
    _in_place(scratch, settings.ledger)
    with key_store(settings) as keys, wiring.ledger(settings, create=False) as ledger:
        erased = 0 if keys is None else _erase_again(ledger, keys)
    return Restored(found, taken, with_model, erased)


def _erase_again(ledger: Ledger, keys: KeyStore) -> int:
    """A key store out of a backup may hold keys that were deleted since; the log names them."""
    ids: list[str] = []
    for one in ledger.events(names=(TextsErased.type,)):
        event = avro.decode(one.value)
        assert isinstance(event, TextsErased)
        ids += event.key_ids
    return keys.delete(ids) if ids else 0


def _sent(log: Log, prefix: str) -> Iterator[Record]:
    for topic in (UNITS, PROGRAMMES, EVENTS):
        name = topic.full(prefix)
        for partition, (start, end) in enumerate(log.ends(name)):
            yield from all_records(log, name, partition, start, end)


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


def _laid_out(url: str, folder: Path, name: str) -> str:
    """Copy a backup's file beside its place; its address until it is in place."""
    if not url.startswith(SQLITE):
        _postgres(
            "pg_restore", url, ["--no-owner", "--exit-on-error", str(folder / f"{name}.dump")]
        )
        return url
    place = Path(url.removeprefix(SQLITE))
    place.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    scratch = place.with_name(f"{place.name}.restoring")
    for ending in ("", "-wal", "-shm"):
        # Of a restore that was broken off.
        scratch.with_name(scratch.name + ending).unlink(missing_ok=True)
    shutil.copyfile(folder / f"{name}.sqlite", scratch)
    return f"{SQLITE}{scratch}"


def _in_place(scratch: str, url: str) -> None:
    if scratch != url:
        # Every connection to it is closed by now, so that its log of writes is empty and gone.
        Path(scratch.removeprefix(SQLITE)).rename(url.removeprefix(SQLITE))


def _must_be_empty(settings: Settings) -> None:
    if (known := settings.home / builds.STATE).exists():
        raise BrokenEnvironment(f"{known} exists; move it away before you restore.")
    for url in (settings.ledger, settings.read_model):
        place = Path(url.removeprefix(SQLITE))
        there = [place.with_name(place.name + ending) for ending in ("", "-wal", "-shm")]
        if url.startswith(SQLITE) and (found := [path for path in there if path.exists()]):
            raise BrokenEnvironment(f"{found[0]} exists; move it away before you restore.")


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


def _has_model(settings: Settings) -> bool:
    try:
        with wiring.read_model(settings):
            return True
    except BrokenEnvironment:
        return False


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
