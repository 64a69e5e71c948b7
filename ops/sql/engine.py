"""The SQL engine: the relation `facts` -> steps, cells and boards, as known at K.

Tables that it leaves in its connection: `standings` (how each obligation stood when), `openings`,
`names` and `ladder`; the rest are views over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ops.archive.columns import BUCKETS, COLUMNS, NAME, Table
from ops.sql.order import rank
from ops.sql.standing import stand
from ops.sql.words import bit, day_of, held, midnight, month, sums
from schemas.measures import MEASURES

SLICE = "kind, area, programme, item, period, due_month"
"""The cuts of domain 7.3, in the order of schemas.measures.Slice."""

_OPENING = "o, kind, programme, item, period"


class Place(NamedTuple):
    """A unit that stands on a day, and one unit above it, which may be itself."""

    unit: str
    ancestor: str
    level: str
    kind: str


def load(connection: Any, table: Table) -> None:
    """Append rows to the table `facts` of a connection, made where it is not there."""
    columns = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS)
    connection.execute(f"CREATE TABLE IF NOT EXISTS {NAME} ({columns})")
    lists = ", ".join(f"unnest(${at}::{kind}[])" for at, (_, kind) in enumerate(COLUMNS, 1))
    connection.execute(f"INSERT INTO {NAME} SELECT {lists}", list(table.columns))


def set_revision_days(connection: Any, days: Iterable[tuple[str, int]]) -> None:
    """Say how many days programmes give for a revision where nobody names a day."""
    connection.execute("CREATE OR REPLACE TEMP TABLE revision (programme VARCHAR, days INTEGER)")
    for programme, count in days:
        connection.execute("INSERT INTO revision VALUES (?, ?)", [programme, count])


def derive(
    connection: Any, known: int | None = None, on: int | None = None, source: str = NAME
) -> None:
    """Work out how every obligation in `source` (a table, or what reads one) stood, as known at K.

    With `on` only how it stood at that instant, which is several times as fast.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ladder "
        "(obligation VARCHAR, note VARCHAR, document BLOB, ower VARCHAR, since BIGINT)"
    )
    _derive(connection, known, on, source)


def _derive(connection: Any, known: int | None, on: int | None, source: str) -> None:
    rank(connection, source, known)
    stand(connection, on)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE openings AS "
        f"SELECT {_OPENING.replace('kind', 'coalesce(kind, %s) AS kind' % repr(''))} "
        "FROM ranked WHERE rank = 0"
    )
    connection.execute("DROP TABLE ranked")


_OPENED = "SELECT * FROM standings JOIN openings USING (o)"

_PIECES = f"""
WITH split AS (
    SELECT *, CASE WHEN d <> v THEN greatest(d, v) END AS second, least(d, v) AS first FROM (
        SELECT *, CASE WHEN {midnight("due")} > since AND {midnight("due")} < {{0}}
                THEN {midnight("due")} END AS d,
            CASE WHEN {midnight("revise")} > since AND {midnight("revise")} < {{0}}
                THEN {midnight("revise")} END AS v
        FROM ({_OPENED})))
SELECT *, {held("since")} AS bits FROM (
    SELECT * REPLACE (coalesce(first, until) AS until) FROM split
    UNION ALL
    SELECT * REPLACE (first AS since, coalesce(second, until) AS until) FROM split
    WHERE first IS NOT NULL
    UNION ALL
    SELECT * REPLACE (second AS since) FROM split WHERE second IS NOT NULL)
""".format("coalesce(until, 9223372036854775807)")
"""A standing in pieces: between its beginning, its due and its day of revision nothing changes."""

_EDGES = f"""
SELECT o, ower, area, programme, item, period, kind, due, since, bits, 1 AS sign FROM ({_PIECES})
UNION ALL
SELECT o, ower, area, programme, item, period, kind, due, until, bits, -1 FROM ({_PIECES})
WHERE until IS NOT NULL
"""

_CUT = f"kind, area, programme, coalesce(item, '') AS item, period, {month('due')} AS due_month"

STEPS = f"""
SELECT n.obligation, ower, {SLICE}, since AS "at", measure, sum(sign)::INTEGER AS sign FROM (
    SELECT o, ower, {_CUT}, since, sign, bits, unnest(range({len(MEASURES)}))::INTEGER AS measure
    FROM ({_EDGES}))
JOIN names AS n USING (o)
WHERE bits & (1 << measure) <> 0
GROUP BY ALL HAVING sum(sign) <> 0
"""
"""Steps in time: obligation, ower, the cuts, at (ms UTC), measure (its index), sign."""

CELLS = f"""
SELECT ower, {SLICE}, day, {sums("bits", "changes")} FROM (
    SELECT ower, {_CUT}, day, bits, changes FROM (
        SELECT ower, area, programme, item, period, kind, due, {day_of("since")} AS day, bits,
            sum(sign) AS changes
        FROM ({_EDGES}) GROUP BY ALL HAVING sum(sign) <> 0))
GROUP BY ower, {SLICE}, day
"""
"""The net changes of every local day: ower, the cuts, day, then a column a measure."""


def own_at(at: int) -> str:
    """Own figures at an instant: ower, the cuts, then a column a measure."""
    return f"""
    SELECT ower, {SLICE}, {sums("bits", "times")} FROM (
        SELECT ower, {_CUT}, bits, times FROM (
            SELECT ower, area, programme, item, period, kind, due, {held(str(at))} AS bits,
                count(*) AS times
            FROM ({_OPENED}) WHERE since <= {at} AND (until IS NULL OR {at} < until)
            GROUP BY ALL))
    GROUP BY ower, {SLICE}
    """


def boards_at(at: int) -> str:
    """Figures of every unit in `paths`: unit, group (own, subtree, level.…, kind.…), measures."""
    return f"""
    WITH told AS (
        SELECT ower, {held(str(at))} AS bits, count(*) AS times FROM ({_OPENED})
        WHERE since <= {at} AND (until IS NULL OR {at} < until) GROUP BY ALL),
    own AS (SELECT ower, {sums("bits", "times")} FROM told GROUP BY ower)
    {_GROUPED}
    """


_TOTALS = ", ".join(f"sum({name})::BIGINT AS {name}" for name in MEASURES)
_GROUPED = f"""
SELECT p.ancestor AS unit, g.name AS "group", {_TOTALS}
FROM own AS o JOIN paths AS p ON p.unit = o.ower,
    LATERAL (SELECT unnest([CASE WHEN p.unit = p.ancestor THEN 'own' END, 'subtree',
        'level.' || p.level, 'kind.' || p.kind]) AS name) AS g
WHERE g.name IS NOT NULL GROUP BY ALL
"""


def set_paths(connection: Any, places: Sequence[Place]) -> None:
    """Say which units stand under which on the day of the boards."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE paths "
        "(unit VARCHAR, ancestor VARCHAR, level VARCHAR, kind VARCHAR)"
    )
    if places:
        columns = [list(column) for column in zip(*places, strict=True)]
        connection.execute(
            "INSERT INTO paths SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), "
            "unnest($3::VARCHAR[]), unnest($4::VARCHAR[])",
            columns,
        )
