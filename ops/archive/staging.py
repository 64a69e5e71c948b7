"""Rows on their way into files: a table in bounded memory, cut by topic, month and bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ops import duck
from ops.archive import layout
from ops.archive.columns import COLUMNS, NAME, Table, relation
from ops.archive.sealing import Sealable
from ops.archive.wide import SAID, Widening
from ops.arrow import registered
from schemas.times import LOCAL_OFFSET_MS

MEMORY_MB = 512
"""Memory for sorting and writing; what is more goes to the disk."""
THREADS = 1
ANALYZED = 1_000_000_000
"""Rows of a page that are looked at to find a column's type: all."""
PAGE_ROWS = 2_000
"""Rows that are in our own memory at once when they are read back."""
_NUMBERS = {"BIGINT": "i8", "INTEGER": "i4", "UTINYINT": "u1", "BOOLEAN": "?"}
_MONTH = f"strftime(make_timestamp_ms(recorded_at + {LOCAL_OFFSET_MS}), '%Y-%m')"
PARTED_ROWS = 32_000
"""A month with fewer rows in a segment is one file: thousands of tiny ones serve nobody."""
NO_MONTH = "unread"
"""In place of the month of records that are no events."""


class Part(NamedTuple):
    """The rows of one file: its place in the segment, how many, the least and greatest number."""

    path: str
    rows: int
    first: int
    last: int


class Staging:
    """The rows of one segment, in the order in which they came."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._widening = Widening()
        columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS)
        connection.execute(f"SET GLOBAL pandas_analyze_sample = {ANALYZED}")
        connection.execute(f"CREATE TABLE {NAME} ({columns})")

    def add(self, table: Table) -> None:
        """Some more rows."""
        page = {
            name: _column(values, kind)
            for (name, kind), values in zip(COLUMNS, table.columns, strict=True)
        }
        self._connection.register("page", page)
        self._connection.execute(f"INSERT INTO {NAME} SELECT * FROM page")
        self._connection.unregister("page")

    def take(self, numbers: Sequence[int], values: Sequence[bytes]) -> None:
        """The rows of some more records."""
        wide = self._widening.widened(numbers, values)
        if len(wide.rows):
            with registered(self._connection, "page", wide.columns):
                self._connection.execute(f"INSERT INTO {NAME} SELECT {SAID} FROM page")
        rest = wide.rest()
        if rest:
            self.add(relation((numbers[at], values[at]) for at in rest))

    def sealable(self) -> Iterator[Sealable]:
        """What is sealed of every row, in the order of the numbers."""
        found = self._connection.execute(
            f"SELECT source, source_seq, leaf FROM {NAME} ORDER BY notification"
        )
        while page := found.fetchmany(PAGE_ROWS):
            yield from (Sealable(source or "", seq or 0, leaf) for source, seq, leaf in page)

    def write(
        self, folder: Path, about: Mapping[str, str], parted_rows: int = PARTED_ROWS
    ) -> Iterator[Part]:
        """Write everything as Parquet files, `about` into each, and tell of them in order.

        A month's rows of a topic are one file, from `parted_rows` on one for each bucket.
        """
        run = self._connection.execute
        run(f"""CREATE TABLE cut AS
            WITH dated AS (SELECT *, coalesce({_MONTH}, '{NO_MONTH}') AS cut_month FROM {NAME}),
            months AS (SELECT topic, cut_month, count(*) AS records FROM dated GROUP BY ALL)
            SELECT d.*, if(records < {parted_rows}, '{layout.ALL}', bucket::VARCHAR) AS cut_part
            FROM dated AS d JOIN months USING (topic, cut_month)
            ORDER BY topic, cut_month, cut_part, notification""")
        run(f"DROP TABLE {NAME}")
        found = run("""SELECT topic, cut_month, cut_part, min(rowid), max(rowid), count(*),
                       min(notification), max(notification) FROM cut
                       GROUP BY ALL ORDER BY ALL""").fetchall()
        for topic, month, part, begins, ends, *numbers in found:
            path = layout.file_of(topic, month, part)
            # What belongs into one file stands together, in its order.
            query = f"""SELECT * EXCLUDE (cut_month, cut_part) FROM cut
                        WHERE rowid BETWEEN {begins} AND {ends}"""
            copy(self._connection, query, folder / path, about)
            yield Part(path, *numbers)


@contextmanager
def staging(spill: Path) -> Iterator[Staging]:
    """A table of its own; what does not fit into memory goes to the folder `spill`."""
    with duck.opened(memory_mb=MEMORY_MB, threads=THREADS, spill=spill) as connection:
        yield Staging(connection)


def copy(connection: Any, query: str, path: Path, about: Mapping[str, str]) -> None:
    """Write what a query finds into a file as it is kept, `about` into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = ", ".join(f"{name}: {_quoted(text)}" for name, text in sorted(about.items()))
    connection.execute(f"""COPY ({query}) TO {_quoted(str(path))}
        (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{told}}})""")


def rows_of(connection: Any, path: Path) -> Iterator[tuple[Any, ...]]:
    """The rows of one file in their order. Raises ValueError where it is no file of an archive."""
    try:
        found = connection.execute(f"SELECT * FROM read_parquet({_quoted(str(path))})")
        if [column[0] for column in found.description] != [name for name, _ in COLUMNS]:
            raise ValueError("its columns are not those of the archive")
        while page := found.fetchmany(PAGE_ROWS):
            yield from page
    except duck.Error as error:
        raise ValueError("it cannot be read as Parquet") from error


def _column(values: Sequence[Any], kind: str) -> Any:
    if kind not in _NUMBERS:
        made = np.empty(len(values), object)
        made[:] = values
        return made
    if None not in values:
        return np.array(values, _NUMBERS[kind])
    plain = np.array([0 if value is None else value for value in values], _NUMBERS[kind])
    return np.ma.masked_array(plain, mask=[value is None for value in values])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
