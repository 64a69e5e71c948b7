"""Reading an archive: its heads, its files, and its records in the order of the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ops import duck
from ops.archive import layout
from ops.archive.heads import Head
from ops.archive.manifest import Manifest
from ops.settings import BrokenEnvironment

PAGE_ROWS = 5_000
"""Records that are in memory at once."""


class Recorded(NamedTuple):
    """One record of a ledger: its number and its bytes."""

    notification: int
    value: bytes


def heads_of(folder: Path) -> list[Head]:
    """All heads in their order, as they say themselves: nothing is checked.

    Raises BrokenEnvironment where there is no archive, or one that cannot be read.
    """
    if not (folder / layout.HEADS).is_file():
        raise BrokenEnvironment(
            f"There is no archive in {folder}; `lienthong archive write` makes one."
        )
    try:
        return [Head.read(line) for line in layout.lines_of(folder)[0]]
    except ValueError as error:
        raise BrokenEnvironment(
            f"The heads in {folder} cannot be read: {error}; `lienthong archive verify` says more."
        ) from error


def manifest_of(folder: Path, head: Head) -> Manifest:
    """The manifest of a segment, as it says itself. Raises BrokenEnvironment."""
    path = layout.segment(folder, head.name) / layout.MANIFEST
    try:
        return Manifest.read(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BrokenEnvironment(
            f"{path} cannot be read; `lienthong archive verify` says more."
        ) from error


def files_of(folder: Path, head: Head) -> list[Path]:
    """The files of a segment that hold rows of the relation `facts`."""
    place = layout.segment(folder, head.name)
    return [place / one.path for one in manifest_of(folder, head).files if one.rows]


def records_of(folder: Path, heads: Iterable[Head] | None = None) -> Iterator[Recorded]:
    """Every record of the archive, in the order in which it may be read: segment by segment.

    `heads` are those of the segments that are meant (None: all). Raises BrokenEnvironment.
    """
    for head in heads_of(folder) if heads is None else heads:
        yield from _records(folder, head, "", [])


def records_on(folder: Path, heads: Iterable[Head], topic: str) -> Iterator[Recorded]:
    """The records of a topic, in the order of `records_of`. Raises BrokenEnvironment."""
    for head in heads:
        yield from _records(folder, head, "WHERE topic = ?", [topic])


def records_about(
    folder: Path, heads: Iterable[Head], obligations: Sequence[str]
) -> Iterator[Recorded]:
    """The records of some obligations, corrections among them, in the order of `records_of`.

    Raises BrokenEnvironment.
    """
    which = "WHERE effect IS NOT NULL AND obligation IN (SELECT unnest(?::VARCHAR[]))"
    for head in heads:
        yield from _records(folder, head, which, [list(obligations)])


def _records(folder: Path, head: Head, which: str, given: list[Any]) -> Iterator[Recorded]:
    paths = [str(path) for path in files_of(folder, head)]
    query = f"SELECT notification, value FROM read_parquet(?) {which} ORDER BY notification"
    try:
        with duck.opened(spill=None) as connection:
            found = connection.execute(query, [paths, *given])
            while page := found.fetchmany(PAGE_ROWS):
                yield from (Recorded(number, value) for number, value in page)
    except duck.Error as error:
        raise BrokenEnvironment(
            f"Segment {head.name} in {folder} cannot be read whole; "
            "`lienthong archive verify` says which file."
        ) from error


def last_record(folder: Path, head: Head) -> tuple[int, bytes]:
    """The greatest number in a segment, and the leaf of that record. Raises BrokenEnvironment."""
    with_rows = [one for one in manifest_of(folder, head).files if one.rows]
    newest = max(with_rows, key=lambda one: one.last)
    path = layout.segment(folder, head.name) / newest.path
    try:
        with duck.opened(threads=1) as connection:
            (row,) = connection.execute(
                "SELECT notification, leaf FROM read_parquet(?) WHERE notification = ?",
                [str(path), newest.last],
            ).fetchall()
    except (duck.Error, ValueError) as error:
        raise BrokenEnvironment(
            f"{path} cannot be read; `lienthong archive verify` says more."
        ) from error
    return int(row[0]), bytes(row[1])
