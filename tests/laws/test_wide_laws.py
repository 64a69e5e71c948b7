"""Laws of the archive's fast ways: many at once is the same as one by one, whatever comes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops import duck
from ops.archive.checking import verify
from ops.archive.columns import COLUMNS, row
from ops.archive.contents import Contents, plain_contents_of
from ops.archive.contents_wide import Reader
from ops.archive.manifest import Sealed, sealed
from ops.archive.reading import heads_of, records_of
from ops.archive.wide import SAID, Widening
from ops.arrow import registered
from ops.bench.archive_made import make
from schemas import avro
from schemas.event import event_types
from schemas.limits import MESSAGE_BYTES_MAX
from schemas.times import DAY_MS, Instant
from tests.archived import lives
from tests.office import assigned, declared
from tests.strategies import events_of

TYPES = sorted(event_types().values(), key=lambda cls: cls.type)
ON_OBLIGATIONS = [cls for cls in TYPES if cls.topic == "events"]


@pytest.fixture(scope="module")
def connection() -> Iterator[Any]:
    with duck.opened(threads=1) as opened:
        yield opened


def widened(connection: Any, values: Sequence[bytes]) -> dict[int, tuple[Any, ...]]:
    """Place -> row, of those that are made by columns."""
    numbers = list(range(7, 7 + len(values)))
    wide = Widening().widened(numbers, values)
    with registered(connection, "page", wide.columns):
        made = connection.execute(f"SELECT {SAID} FROM page").fetchall()
    assert sorted([*wide.rows.tolist(), *wide.rest()]) == list(range(len(values)))
    return dict(zip(wide.rows.tolist(), made, strict=True))


def plain(values: Iterable[bytes]) -> Iterator[tuple[Any, ...]]:
    return (row(number, value) for number, value in enumerate(values, start=7))


def same(connection: Any, values: Sequence[bytes]) -> int:
    """Hold the two ways against each other; how many were made by columns."""
    made = widened(connection, values)
    for place, wanted in enumerate(plain(values)):
        assert made.get(place, wanted) == wanted
    return len(made)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TYPES).flatmap(events_of), min_size=1, max_size=12))
def test_any_events_have_the_same_rows_by_columns_as_one_by_one(
    connection: Any, events: list[Any]
) -> None:
    same(connection, [avro.encode(event) for event in events])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(ON_OBLIGATIONS).flatmap(events_of), max_size=6), st.randoms())
def test_damaged_and_foreign_bytes_have_the_same_rows(
    connection: Any, events: list[Any], rng: Random
) -> None:
    values = [avro.encode(event) for event in (*events, *lives(1, 2))]
    spoilt = []
    for value in values:
        at = rng.randrange(len(value))
        turned = value[:at] + bytes([value[at] ^ 1 << rng.randrange(8)]) + value[at + 1 :]
        spoilt += [turned, value[:at], value + b"\x00", b"", value[:at] + value]

    same(connection, spoilt)


def test_what_is_refused_unknown_or_too_large_is_left_to_the_plain_way(connection: Any) -> None:
    fine = avro.encode(assigned())
    ahead = dataclasses.replace(declared(), recorded_at=Instant(declared().effective_at - DAY_MS))
    values = [
        fine,
        avro.encode(ahead),
        fine[:2] + b"unknown!" + fine[avro.HEADER_BYTES :],
        fine + bytes(MESSAGE_BYTES_MAX),
        avro.encode(dataclasses.replace(assigned(), obligation="một việc")),
        avro.encode(dataclasses.replace(assigned(), unit="KHÔNG")),
    ]

    assert 1 == same(connection, values)


def test_most_of_what_a_ledger_holds_is_made_by_columns(connection: Any, archive: Path) -> None:
    values = [one.value for one in records_of(archive)][-1_000:]

    assert same(connection, values) > 900


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wide") / "archive"
    make(str(folder), 3, 1_200, 1)
    return folder


SPOILT = {
    "BIGINT": "{0} + 1",
    "INTEGER": "coalesce({0}, 0) + 1",
    "UTINYINT": "CASE WHEN {0} = 3 THEN NULL ELSE 3 END",
    "BOOLEAN": "NOT {0}",
    "VARCHAR": "coalesce({0}, '') || 'x'",
    "BLOB": "coalesce({0}, ''::BLOB) || '\\x00'::BLOB",
}
CHANGES = [
    *((name, SPOILT[kind].format(f'"{name}"')) for name, kind in COLUMNS if kind in SPOILT),
    *((name, "NULL") for name, _ in COLUMNS),
    ("value", "'no event'::BLOB"),
    ("replaced", "struct_pack(event_id := 'x'::BLOB)"),
    ("notification", "3"),
    ("recorded_at", "9223372036854775807"),
]


@pytest.mark.parametrize(("column", "change"), CHANGES)
def test_a_changed_cell_is_found_by_columns_as_it_is_one_by_one(
    archive: Path, tmp_path: Path, column: str, change: str
) -> None:
    changed = f"TRY_CAST(({change}) AS {dict(COLUMNS)[column]})"
    found = looked_at(
        archive,
        tmp_path,
        f"""SELECT * EXCLUDE number REPLACE (
                CASE WHEN number IN (2, 20, 21) THEN {changed} ELSE "{column}" END AS "{column}")
            FROM (SELECT *, row_number() OVER () AS number FROM held)""",
    )

    assert found.faults or change == "NULL"


@pytest.mark.parametrize(
    "query",
    [
        "FROM held",
        "FROM held ORDER BY notification DESC",
        "FROM held UNION ALL FROM held",
        "SELECT * REPLACE (notification::INTEGER AS notification) FROM held",
        "SELECT * REPLACE (source_seq::VARCHAR AS source_seq) FROM held",
        "SELECT * EXCLUDE leaf FROM held",
        "SELECT *, 1 AS more FROM held",
        "FROM held WHERE false",
    ],
)
def test_a_file_in_another_order_or_form_is_found_alike(
    archive: Path, tmp_path: Path, query: str
) -> None:
    looked_at(archive, tmp_path, query)


def test_rows_in_the_wrong_file_are_found_alike(archive: Path, tmp_path: Path) -> None:
    for path in (
        "events/2012-02/all.parquet",
        "events/2012-01/3.parquet",
        "units/2012-01/all.parquet",
    ):
        assert looked_at(archive, tmp_path, "FROM held", path).faults


def test_a_value_under_a_schema_that_is_not_beside_it_is_found(
    archive: Path, tmp_path: Path
) -> None:
    found = looked_at(archive, tmp_path, "FROM held", schemas=0)

    assert "the schema of its value is not in the segment" in found.faults[0]


def looked_at(
    archive: Path,
    tmp_path: Path,
    query: str,
    path: str = "events/2012-01/all.parquet",
    schemas: int | None = None,
) -> Contents:
    """What both ways say of the rows of a file after a query changed them: the same."""
    source = next(archive.glob("segments/*/events/2012-01/all.parquet"))
    place = tmp_path / path
    place.parent.mkdir(parents=True, exist_ok=True)
    with duck.opened(threads=1) as connection:
        connection.execute(f"CREATE TABLE held AS FROM read_parquet('{source}')")
        connection.execute(f"COPY ({query}) TO '{place}' (FORMAT parquet)")
        keys = connection.execute("SELECT DISTINCT value[3:10] FROM held").fetchall()
        beside = {key for (key,) in keys[:schemas]}
        about = as_sealed(connection, tmp_path, path)
        one_by_one = plain_contents_of(connection, tmp_path, about, beside)
        by_columns = Reader(lambda: connection, 0).contents_of(tmp_path, about, beside)
    assert by_columns == one_by_one
    return by_columns


def as_sealed(connection: Any, folder: Path, path: str) -> Sealed:
    counted = "SELECT count(*), min(notification), max(notification)"
    found = connection.execute(f"{counted} FROM read_parquet('{folder / path}')").fetchall()
    return sealed(folder, path, *(int(number or 0) for number in found[0]))


def test_the_whole_archive_is_found_in_order(archive: Path) -> None:
    assert [] == verify(archive).faults
    assert sum(head.count for head in heads_of(archive)) == verify(archive).records
