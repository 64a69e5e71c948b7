"""The read model in PostgreSQL: several workers share it, each owning some partitions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import sql as names
from psycopg_pool import ConnectionPool

from projections.readmodel import LAYOUT, ModelMissing, ModelUnreachable, ModelUnusable
from projections.readmodel_sql import TABLES, Session, SqlModel

DEFAULT_SCHEMA = "lienthong"
CONNECTIONS_MAX = 16
STREAM_ROWS = 2_000
MAKING_LOCK = 0x6C69656E
"""Key of the advisory lock under which one worker makes the tables."""
TYPES = {
    "text": "TEXT",
    "int": "BIGINT",
    "blob": "BYTEA",
    "serial": "BIGSERIAL PRIMARY KEY",
    "compact": "",
}


@cache
def _numbered(sql: str) -> str:
    return sql.replace("?", "%s")


CONNECT_SECONDS_MAX = 10.0


def drop(url: str, schema: str) -> None:
    """Remove the model in `schema` with everything in it; nothing happens where there is none."""
    try:
        with psycopg.connect(url, connect_timeout=int(CONNECT_SECONDS_MAX)) as connection:
            text = names.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(names.Identifier(schema))
            connection.execute(text)
    except psycopg.OperationalError as error:
        raise ModelUnreachable(f"the read model's database cannot be used: {error}") from error


class _Session:
    """One transaction on one connection of the pool."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def run(self, sql: str, values: Sequence[object] = ()) -> psycopg.Cursor[Any]:
        return self._connection.execute(_numbered(sql).encode(), values)

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_numbered(sql).encode(), rows)

    def stream(self, sql: str, values: Sequence[object]) -> Iterator[Any]:
        with self._connection.cursor(name=f"s{uuid.uuid4().hex}") as cursor:
            cursor.itersize = STREAM_ROWS
            cursor.execute(_numbered(sql).encode(), values)
            yield from cursor


class PostgresModel(SqlModel):
    """Tables in a schema of their own; the isolation of a claim is the row lock it takes.

    A commit's compare-and-swap is an UPDATE, so it waits for a claim in progress and then finds
    the raised epoch (read committed looks at the row again).
    """

    blob = "BYTEA"
    local = False

    def __init__(
        self, url: str, *, generation: int | None = None, schema: str = DEFAULT_SCHEMA
    ) -> None:
        """Open the model in `schema`; make one of this generation where there is none.

        `generation` None only reads: raises ModelMissing where there is no model.
        """
        self._schema = schema
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            url,
            min_size=1,
            max_size=CONNECTIONS_MAX,
            kwargs={"options": f"-csearch_path={schema}"},
            open=True,
        )
        try:
            self._pool.wait(CONNECT_SECONDS_MAX)
        except psycopg.OperationalError as error:
            self._pool.close()
            raise ModelUnreachable(f"the read model's database cannot be used: {error}") from error
        try:
            if generation is not None:
                self._make(generation)
            self._read_meta()
        except BaseException:
            self._pool.close()
            raise

    def _make(self, generation: int) -> None:
        with self._pool.connection() as connection:
            # CREATE ... IF NOT EXISTS is not safe against itself: workers start together.
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (MAKING_LOCK,))
            schema = names.Identifier(self._schema)
            connection.execute(names.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
            for table in TABLES:
                connection.execute(table.format(**TYPES).encode())
            facts = {"id": uuid.uuid4().hex, "generation": str(generation), "layout": LAYOUT}
            for item in facts.items():
                connection.execute("INSERT INTO meta VALUES (%s, %s) ON CONFLICT DO NOTHING", item)

    def _read_meta(self) -> None:
        try:
            with self.reading() as session:
                meta = dict(session.run("SELECT name, value FROM meta").fetchall())
        except psycopg.errors.UndefinedTable as error:
            raise ModelMissing(
                f"the database holds no read model in schema {self._schema}; start Lienthong once"
            ) from error
        if meta.get("layout") != LAYOUT:
            raise ModelUnusable(
                f"schema {self._schema} has layout {meta.get('layout')}, this program needs"
                f" {LAYOUT}; drop it to fold again"
            )
        self.id, self.generation = meta["id"], int(meta["generation"])

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._pool.connection() as connection:
            yield _Session(connection)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._pool.connection() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            try:
                yield _Session(connection)
            finally:
                connection.rollback()
                connection.isolation_level = None

    def append(
        self, session: Session, place: tuple[str, int], rows: Sequence[tuple[bytes, bytes]]
    ) -> None:
        # Two arrays and one statement: several times faster than a statement per row.
        session.run(
            "INSERT INTO obligations (partition, id, facts, topic)"
            " SELECT ?, id, facts, ? FROM unnest(?::bytea[], ?::bytea[]) AS new (id, facts)"
            " ON CONFLICT (topic, partition, id)"
            " DO UPDATE SET facts = obligations.facts || excluded.facts",
            (place[1], place[0], [row[0] for row in rows], [row[1] for row in rows]),
        )

    def close(self) -> None:
        self._pool.close()


def set_aside(url: str, name: str, schema: str = DEFAULT_SCHEMA) -> str | None:
    """Put the model's schema, used by nobody, under another name; None where there is none."""
    aside = f"{schema}_{name}"
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT 1 FROM information_schema.schemata WHERE schema_name = %s", (schema,)
        ).fetchone()
        if found is None:
            return None
        rename = names.SQL("ALTER SCHEMA {} RENAME TO {}")
        connection.execute(rename.format(names.Identifier(schema), names.Identifier(aside)))
    return aside
