"""The SQL engine: the relation `facts` -> steps, cells and boards, as known at K.

Tables that it leaves in its connection: `standings` (how each obligation stood when), `openings`,
`names` and `ladder`; the rest are views over them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ops.archive.columns import COLUMNS, NAME, Table
from ops.sql.order import name, rank
from ops.sql.plain import STANDING, set_apart
from ops.sql.standing import stand
from ops.sql.words import day_of, held, midnight, month, sums
from schemas.avro import decode
from schemas.events.programme import (
    ProgrammeAmended,
    ProgrammeClosed,
    ProgrammeIssued,
    ReportingRuleEstablished,
)
from schemas.measures import MEASURES

_LARGE = ("openings", "later", "state", "standings")
"""The tables that hold a row for each obligation or fact of a source."""

SLICE = "kind, area, programme, item, period, due_month"
"""The cuts of domain 7.3, in the order of schemas.measures.Slice."""
_OF_PROGRAMMES = tuple(
    cls.type
    for cls in (ProgrammeIssued, ReportingRuleEstablished, ProgrammeAmended, ProgrammeClosed)
)


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


def know_programmes(connection: Any, known: int | None = None, source: str = NAME) -> None:
    """Work out from `source`, as known at K, how many days each programme gives for a revision.

    Of several events that issue one programme the first holds, and of one id the first recorded.
    """
    types = ", ".join(f"'{name}'" for name in _OF_PROGRAMMES)
    found = connection.execute(
        f"""WITH once AS (
            SELECT * FROM {source}
            WHERE topic = 'programmes' AND effect IS NOT NULL AND type IN ({types})
                AND ($known IS NULL OR recorded_at <= $known)
            QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY recorded_at, content) = 1)
        SELECT value FROM once WHERE type = '{ProgrammeIssued.type}'
        QUALIFY row_number() OVER (PARTITION BY coalesce(programme, '')
            ORDER BY effective_at, recorded_at, event_id) = 1""",
        {"known": known},
    ).fetchall()
    connection.execute("CREATE OR REPLACE TEMP TABLE revision (programme VARCHAR, days INTEGER)")
    for (value,) in found:
        issued = decode(value)
        if isinstance(issued, ProgrammeIssued) and issued.revision_days is not None:
            row = [issued.programme or "", issued.revision_days]
            connection.execute("INSERT INTO revision VALUES (?, ?)", row)


def derive(
    connection: Any, known: int | None = None, on: int | None = None, source: str = NAME
) -> None:
    """Work out how every obligation in `source` (a table, or what reads one) stood, as known at K.

    With `on` only how it stood at that instant, which takes a fraction of the time: the plain ones
    are counted in `plainly` (see ops.sql.plain), and the tables here are of the others. The
    programmes must be known (see know_programmes).
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE ladder "
        "(obligation VARCHAR, note VARCHAR, document BLOB, ower VARCHAR, since BIGINT)"
    )
    for table in _LARGE:
        # Else what the source before left would stand beside what this one makes.
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    if on is None:
        name(connection, source)
    else:
        set_apart(connection, source, known, on)
    rank(connection, source if on is None else "aside", known)
    stand(connection, on)


_OPENED = """
SELECT s.*, coalesce(p.kind, '') AS kind, p.programme, coalesce(p.item, '') AS item, p.period
FROM standings AS s JOIN openings AS p USING (o)
"""

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

_CUT = f"kind, area, programme, item, period, {month('due')} AS due_month"

STEPS = f"""
SELECT n.obligation, ower, {SLICE}, since AS "at", measure, sum(sign)::INTEGER AS sign FROM (
    SELECT o, ower, {_CUT}, since, sign, bits, unnest(range({len(MEASURES)}))::INTEGER AS measure
    FROM ({_EDGES}))
JOIN names AS n USING (o)
WHERE bits & (1 << measure) <> 0
GROUP BY ALL HAVING sum(sign) <> 0
"""
"""Steps in time: obligation, ower, the cuts, at (ms UTC), measure (its index), sign."""

CHANGES = f"""
SELECT ower, area, programme, item, period, kind, due, {day_of("since")} AS day, bits,
    sum(sign)::BIGINT AS changes
FROM ({_EDGES}) GROUP BY ALL HAVING sum(sign) <> 0
"""
"""Net changes of local days: ower, the cuts (`due` in place of its month), day, bits, changes."""
_CELLS = f"""
SELECT ower, {SLICE}, day, {sums("bits", "changes")} FROM (
    SELECT ower, {_CUT}, day, bits, changes FROM changes)
GROUP BY ower, {SLICE}, day ORDER BY ower, {SLICE}, day
"""
_STANDING_AT = f"""
SELECT ower, {held("{0}")} AS bits, count(*) AS times FROM ({_OPENED})
WHERE since <= {{0}} AND (until IS NULL OR {{0}} < until) GROUP BY ALL
"""
_TOTALS = ", ".join(f"sum({name})::BIGINT AS {name}" for name in MEASURES)
_BOARDS = f"""
WITH own AS (SELECT ower, {sums("bits", "times")} FROM standing GROUP BY ower)
SELECT p.ancestor AS unit, g.name AS "group", {_TOTALS}
FROM own AS o JOIN paths AS p ON p.unit = o.ower,
    LATERAL (SELECT unnest([CASE WHEN p.unit = p.ancestor THEN 'own' END, 'subtree',
        'level.' || p.level, 'kind.' || p.kind]) AS name) AS g
WHERE g.name IS NOT NULL GROUP BY ALL
"""


def cells(
    connection: Any, known: int | None = None, sources: Sequence[str] = (NAME,)
) -> list[tuple[Any, ...]]:
    """The net changes of every local day: ower, the cuts, day, then the change of each measure.

    The sources are worked out one after the other, so that memory is for the largest of them; all
    facts of an obligation must be in one. Leaves the ladder of the last in the table `ladder`.
    """
    for number, source in enumerate(sources):
        derive(connection, known, None, source)
        gather(connection, "changes", CHANGES, number == 0)
    found: list[tuple[Any, ...]] = connection.execute(_CELLS).fetchall()
    return found


def boards(
    connection: Any, on: int, known: int | None = None, sources: Sequence[str] = (NAME,)
) -> dict[tuple[str, str], tuple[int, ...]]:
    """(unit, group) -> one count a measure at an instant, for every unit in `paths` (set_paths).

    Groups are own, subtree, level.… and kind.…; those of which nothing is counted are not there.
    """
    for number, source in enumerate(sources):
        derive(connection, known, on, source)
        gather(connection, "standing", _STANDING_AT.format(on), number == 0)
        gather(connection, "standing", STANDING, False)
    return _rolled_up(connection)


def boards_of_derived(connection: Any, on: int) -> dict[tuple[str, str], tuple[int, ...]]:
    """As `boards`, of what was derived last, which must have been of all instants and one source.

    Many days of one K take little longer than one.
    """
    gather(connection, "standing", _STANDING_AT.format(on), True)
    return _rolled_up(connection)


def _rolled_up(connection: Any) -> dict[tuple[str, str], tuple[int, ...]]:
    rows = connection.execute(_BOARDS).fetchall()
    return {(unit, group): tuple(counts) for unit, group, *counts in rows}


def gather(connection: Any, table: str, query: str, first: bool) -> None:
    """Put what a query finds into a table, which the first query makes anew."""
    made = f"CREATE OR REPLACE TEMP TABLE {table} AS" if first else f"INSERT INTO {table}"
    connection.execute(f"{made} {query}")


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
