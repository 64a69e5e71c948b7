"""Where things lie in the folder of an archive, and how they come to lie there for good."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SEGMENTS = "segments"
HEADS = "heads.jsonl"
MANIFEST = "manifest.json"
SCHEMAS = "schemas"
WRITING = ".writing"
"""A segment that is being made; whatever is found here at a start is nothing and is removed."""
ALL = "all"
VERDICT = "verdict.json"
"""What the last check said; no part of what is sealed."""
KNOWN = frozenset({SEGMENTS, HEADS, WRITING, VERDICT})


def segment(folder: Path, name: str) -> Path:
    """The folder of a segment."""
    return folder / SEGMENTS / name


def file_of(topic: str, month: str, part: object) -> str:
    """The place of a file in its segment; `part` is a bucket, or ALL of a month with few rows."""
    return f"{topic}/{month}/{part}.parquet"


@contextmanager
def held(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold an existing archive: `alone` while a segment joins it, together with others to look."""
    with (folder / HEADS).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def lines_of(folder: Path) -> tuple[list[bytes], bytes]:
    """The lines of `heads.jsonl`, and what follows the last end of a line (nothing, if whole)."""
    path = folder / HEADS
    *lines, rest = path.read_bytes().split(b"\n") if path.exists() else [b""]
    return lines, rest


def make_durable(path: Path) -> None:
    """Make a file, or everything in a folder with the names in it, survive a loss of power."""
    for root, _, names in os.walk(path):
        for name in names:
            _sync(Path(root) / name)
        _sync(Path(root))
    _sync(path)


def append_line(folder: Path, line: bytes) -> None:
    """Add a line to `heads.jsonl` for good."""
    with (folder / HEADS).open("ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    _sync(folder)


def cut_to(folder: Path, size: int) -> None:
    """Cut `heads.jsonl` to its first bytes: the rest was never a line."""
    with (folder / HEADS).open("r+b") as file:
        file.truncate(size)
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
