"""The home of an installation: made once, used by one server at a time, asked by everyone else."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from ops.settings import BrokenEnvironment

LOCK = "lock"
RUNNING = "running.json"
PRIVATE = 0o700
PATIENCE_SECONDS = 0.5


class Running(NamedTuple):
    """What a server that runs on a home tells about itself."""

    pid: int
    http: str
    log: str
    """`kafka` or `sqlite`."""
    kafka: str
    """HOST:PORT of the broker in use; '' where there is none."""
    broker: str
    """The broker in words, with its version."""


@contextmanager
def held(home: Path, what: str = "Home") -> Iterator[None]:
    """Hold the home for a server's whole life; made where it does not exist, for its owner alone.

    The kernel lets go of it when the process dies, however it dies. Raises BrokenEnvironment
    where another server holds it.
    """
    try:
        home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        file = (home / LOCK).open("a+")
    except OSError as error:
        raise BrokenEnvironment(f"{what} {home} cannot be used: {error.strerror}.") from error
    with file:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not _locked(file, fcntl.LOCK_EX):
            # Somebody who only asks (running(), below) holds it for an instant.
            if time.monotonic() < deadline:
                time.sleep(0.02)
                continue
            raise BrokenEnvironment(
                f"{what} {home} is in use by process {_owner(file)}; stop that one first, "
                "or give another home with --home."
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Use a folder of the home together with others; made where it does not exist."""
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as file:
        while not _locked(file, fcntl.LOCK_SH):
            # Somebody who only asks (unused(), below) holds it for an instant.
            time.sleep(0.02)
        yield


def unused(folder: Path) -> bool:
    """Whether nobody uses the folder. Creates nothing."""
    with suppress(FileNotFoundError), (folder / LOCK).open() as file:
        return _locked(file, fcntl.LOCK_EX)
    return True


def tell(home: Path, running: Running) -> None:
    """Write down what runs, whole or not at all."""
    scratch = home / f"{RUNNING}.new"
    scratch.write_text(json.dumps(running._asdict()), encoding="utf-8")
    os.replace(scratch, home / RUNNING)


def forget(home: Path) -> None:
    """Nothing runs any more."""
    (home / RUNNING).unlink(missing_ok=True)


def running(home: Path) -> Running | None:
    """The server that holds this home and is up, None where there is none. Creates nothing."""
    with suppress(OSError, ValueError, TypeError), (home / LOCK).open() as file:
        if _locked(file, fcntl.LOCK_SH):
            return None
        return Running(**json.loads((home / RUNNING).read_text(encoding="utf-8")))
    return None


def _locked(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _owner(file: IO[str]) -> str:
    file.seek(0)
    return file.read().strip() or "unknown"
