"""What stands in one file of the archive, looked at by columns: as strict as row by row.

Of every record that is surely an allowed event the whole row is made again by columns and held
against the file by SQL. A row that differs in anything, or is in doubt, is judged the plain way
(ops.archive.contents), and so is a whole file that is not of the usual form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops import duck
from ops.archive import layout
from ops.archive.columns import BUCKETS, COLUMNS
from ops.archive.contents import Contents, compare, judge, plain_contents_of
from ops.archive.manifest import Sealed
from ops.archive.staging import PAGE_ROWS
from ops.archive.wide import SAID, Wide, Widening
from ops.arrow import numbers, registered
from schemas import avro
from schemas.times import LOCAL_OFFSET_MS
from schemas.topics import EVENTS

ROWS, BYTES = 50_000, 32_000_000
"""Rows that are looked at together, and bytes of their values, at most a page of rows more."""
LEAST = 200
"""Rows from which on looking by columns takes less time than row by row."""
WIDE_PART = 0.5
"""A file of which less can be made by columns is read the plain way."""
_UNLIKE = " OR ".join(f'f."{name}" IS DISTINCT FROM w."{name}"' for name, _ in COLUMNS)

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class _Page(NamedTuple):
    """Some rows of a file, in their order: what is sealed of them, and their values."""

    first: int
    numbers: list[int]
    sources: list[str | None]
    seqs: list[int | None]
    leaves: list[bytes]
    values: list[bytes]


class Reader:
    """Reads the files of an archive with one connection, which is opened when it is first needed.

    What it learned of the words in one file serves the next.
    """

    def __init__(self, connection: Callable[[], Any], least: int = LEAST) -> None:
        """`least`: files with fewer rows are read the plain way."""
        self._connection = connection
        self._least = least
        self._widening = Widening()
        self._names: dict[str, str] = {}

    def contents_of(self, folder: Path, sealed: Sealed, schemas: Collection[bytes]) -> Contents:
        """The rows of a file whose bytes are as sealed; `schemas` are fingerprints beside it."""
        if sealed.rows >= self._least:
            made = self._wide_contents_of(folder, sealed, schemas)
            if made is not None:
                return made
        return plain_contents_of(self._connection(), folder, sealed, schemas)

    def _wide_contents_of(
        self, folder: Path, sealed: Sealed, schemas: Collection[bytes]
    ) -> Contents | None:
        """None where the file is to be read the plain way."""
        connection, made = self._connection(), Contents()
        quoted = str(folder / sealed.path).replace("'", "''")
        file = f"(SELECT * FROM read_parquet('{quoted}', file_row_number = true))"
        try:
            if not _is_usual(connection, file):
                return None
            for page in _pages(connection.cursor(), file):
                wide = self._widening.widened(page.numbers, page.values)
                if len(wide.rows) < len(page.values) * WIDE_PART:
                    return None
                before = made.numbers[-1] if made.numbers else 0
                self._take(made, page)
                doubtful = _others(page, wide, before, sealed.path, schemas)
                doubtful |= _unlike(connection, file, page, wide)
                for place, row in _rows(connection, file, doubtful):
                    behind = made.numbers[place - 1] if place else 0
                    judge(made, row, place, behind, sealed.path, schemas)
        except (duck.Error, OverflowError, TypeError, ValueError):
            # The plain way says what is wrong, and where.
            return None
        compare(made, sealed)
        return made

    def _take(self, made: Contents, page: _Page) -> None:
        made.numbers.extend(page.numbers)
        made.seqs.extend(seq or 0 for seq in page.seqs)
        names = self._names
        made.sources += [names.setdefault(name or "", name or "") for name in page.sources]
        made.leaves += page.leaves


@cache
def _usual() -> list[tuple[str, str]]:
    """Names and types of the columns of a file, as DuckDB describes them."""
    columns = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in COLUMNS)
    with duck.opened(threads=1) as connection:
        found = connection.execute(f"DESCRIBE SELECT {columns}").fetchall()
    return [(name, kind) for name, kind, *_ in found]


def _is_usual(connection: Any, file: str) -> bool:
    found = connection.execute(f"DESCRIBE SELECT * EXCLUDE file_row_number FROM {file}").fetchall()
    return [(name, kind) for name, kind, *_ in found] == _usual()


def _pages(connection: Any, file: str) -> Iterator[_Page]:
    """A file in pages. Raises TypeError where a number, a leaf or a value is missing."""
    found = connection.execute(f"SELECT notification, source, source_seq, leaf, value FROM {file}")
    first, held, size = 0, [], 0
    while some := found.fetchmany(PAGE_ROWS):
        held += some
        size += sum(len(value) for *_, value in some)
        if len(held) >= ROWS or size >= BYTES:
            yield _page(first, held)
            first, held, size = first + len(held), [], 0
    if held:
        yield _page(first, held)


def _page(first: int, held: list[tuple[Any, ...]]) -> _Page:
    made = _Page(first, *map(list, zip(*held, strict=True)))
    if None in made.numbers or None in made.leaves:
        raise TypeError("a row lacks what every row has")
    return made


def _others(
    page: _Page, wide: Wide, before: int, path: str, schemas: Collection[bytes]
) -> set[int]:
    """Places of rows that were not made by columns, stand out of order, name a schema that is not
    in the segment, or belong into another file."""
    found = set(wide.rest())
    numbers = np.array([before, *page.numbers], np.int64)
    found.update(np.flatnonzero(numbers[1:] <= numbers[:-1]).tolist())
    keys = [value[2 : avro.HEADER_BYTES] for value in page.values]
    found.update(at for at, key in enumerate(keys) if key not in schemas)
    found.update(wide.rows[~_belongs(wide, path)].tolist())
    return {page.first + at for at in found}


def _belongs(wide: Wide, path: str) -> NDArray[np.bool_]:
    """Which of the rows that were made by columns surely belong into the file at a place."""
    for part in {layout.ALL, *map(str, range(BUCKETS))}:
        month = path.removeprefix(f"{EVENTS.name}/").removesuffix(f"/{part}.parquet")
        if path == layout.file_of(EVENTS.name, month, part) and _MONTH.fullmatch(month):
            break
    else:
        return np.zeros(len(wide.rows), np.bool_)
    (recorded_at,), (bucket,) = (wide.columns[name].buffers for name in ("recorded_at", "bucket"))
    months = (recorded_at + LOCAL_OFFSET_MS).astype("M8[ms]").astype("M8[M]")
    belongs: NDArray[np.bool_] = months == np.datetime64(month, "M")
    return belongs if part == layout.ALL else belongs & (bucket == int(part))


def _unlike(connection: Any, file: str, page: _Page, wide: Wide) -> set[int]:
    """Places of rows of the file that are not what was made of their values."""
    columns = {**wide.columns, "place": numbers(page.first + wide.rows)}
    last = page.first + len(page.values) - 1
    with registered(connection, "made", columns):
        found = connection.execute(
            f"""SELECT place FROM (SELECT {SAID}, place FROM made) AS w LEFT JOIN
                (FROM {file} WHERE file_row_number BETWEEN {page.first} AND {last}) AS f
                ON f.file_row_number = w.place WHERE {_UNLIKE}"""
        ).fetchall()
    return {place for (place,) in found}


def _rows(
    connection: Any, file: str, places: Collection[int]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Some rows of a file with their places, in their order."""
    if not places:
        return
    wanted = np.array(sorted(places), np.int64)
    with registered(connection, "doubted", {"place": numbers(wanted)}):
        found = connection.execute(
            f"SELECT * EXCLUDE file_row_number, file_row_number FROM {file} "
            "WHERE file_row_number IN (SELECT place FROM doubted) ORDER BY file_row_number"
        )
        while some := found.fetchmany(PAGE_ROWS):
            yield from ((place, tuple(row)) for *row, place in some)
