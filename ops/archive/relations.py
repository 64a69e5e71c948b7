"""The archive as relations for SQL: its files read as they lie, one bucket after the other.

All facts of an obligation are in one bucket, so that nothing needs to be sorted or held whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ops.archive import layout
from ops.archive.columns import BUCKETS, COLUMNS
from ops.archive.heads import Head
from ops.archive.reading import manifest_of
from ops.archive.staging import NO_MONTH
from schemas.topics import EVENTS


class Relations:
    """The segments of an archive that some heads seal. Raises BrokenEnvironment where a manifest
    cannot be read; nothing is checked."""

    def __init__(self, folder: Path, heads: Sequence[Head]) -> None:
        self._files: dict[str, list[Path]] = {}
        for head in heads:
            for one in manifest_of(folder, head).files:
                if one.rows:
                    topic = one.path.split("/")[0]
                    path = layout.segment(folder, head.name) / one.path
                    self._files.setdefault(topic, []).append(path)

    def topic(self, topic: str) -> str:
        """All rows of a topic."""
        return _read(self._files.get(topic, []))

    def latest(self, topic: str) -> str:
        """The rows of a topic's last month of recording; those that are no events left out."""
        files = self._files.get(topic, [])
        last = max((path.parent.name for path in files if path.parent.name != NO_MONTH), default="")
        return _read([path for path in files if path.parent.name == last])

    def bucket(self, bucket: int) -> str:
        """The rows of the topic of events that fall into one bucket."""
        paths = self.files(bucket)
        return _read(paths, f"WHERE bucket = {bucket}")

    def buckets(self) -> list[str]:
        """Each bucket: together all rows of the topic of events, once."""
        return [self.bucket(number) for number in range(BUCKETS)]

    def files(self, bucket: int) -> list[Path]:
        """The files in which rows of a bucket may stand, among them those that are not divided."""
        stems = (str(bucket), layout.ALL)
        return [path for path in self._files.get(EVENTS.name, []) if path.stem in stems]


def _read(paths: Sequence[Path], which: str = "") -> str:
    if not paths:
        columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in COLUMNS)
        return f"(SELECT {columns} WHERE false)"
    named = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return f"(SELECT * FROM read_parquet([{named}]) {which})"
