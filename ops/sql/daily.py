"""Figures of many days as SQL: what a unit's subtree comes to at the end of each local day.

Only obligations that name a unit of it are worked out; a figure is the sum of all changes up to
its day, and where a unit comes or goes, it brings along or takes away what it has by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ops.sql.engine import CHANGES, derive, gather
from ops.sql.order import set_aside
from ops.sql.words import sums
from schemas.measures import MEASURES


class Stay(NamedTuple):
    """A unit stands in the subtree from one day to another, both included."""

    unit: str
    first: int
    last: int


class Flow(NamedTuple):
    """On a day so many obligations (less, where negative) come to count for the measures in a set
    of bits."""

    day: int
    bits: int
    changes: int


_OF_STAYS = "IN (SELECT unit FROM stays)"
_NEAR = f"""
SELECT DISTINCT coalesce(obligation, '') AS obligation FROM {{0}}
WHERE topic = 'events' AND effect IS NOT NULL AND (unit {_OF_STAYS} OR to_unit {_OF_STAYS}
    OR replaced.unit {_OF_STAYS} OR replaced.to_unit {_OF_STAYS})
"""
"""The obligations that any of the units may owe at any time."""

_FLOWS = f"""
WITH own AS (
    SELECT s.first, s.last, c.day, c.bits, sum(c.changes)::BIGINT AS changes
    FROM ({CHANGES}) AS c JOIN stays AS s ON s.unit = c.ower AND c.day <= s.last GROUP BY ALL)
SELECT day, bits, sum(changes)::BIGINT AS changes FROM (
    SELECT greatest(day, first) AS day, bits, changes FROM own
    UNION ALL SELECT last + 1, bits, -changes FROM own)
GROUP BY ALL HAVING sum(changes) <> 0
"""

_DAILY = f"""
WITH net AS (
    SELECT greatest(day, {{first}}) AS day, {sums("bits", "changes")} FROM (
        SELECT unnest($1::INTEGER[]) AS day, unnest($2::BIGINT[]) AS bits,
            unnest($3::BIGINT[]) AS changes)
    GROUP BY ALL)
SELECT day, {", ".join(f"(sum(coalesce({name}, 0)) OVER w)::BIGINT" for name in MEASURES)}
FROM (SELECT unnest(range({{first}}, {{last}} + 1))::INTEGER AS day) LEFT JOIN net USING (day)
WINDOW w AS (ORDER BY day) ORDER BY day
"""


def flows(
    connection: Any, stays: Sequence[Stay], known: int | None, sources: Sequence[str]
) -> list[Flow]:
    """What comes and goes on which day, as known at K; one source is worked out after the other.

    All facts of an obligation must be in one. The programmes must be known (see
    engine.know_programmes).
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE stays AS SELECT unnest($1::VARCHAR[]) AS unit, "
        "unnest($2::INTEGER[]) AS first, unnest($3::INTEGER[]) AS last",
        [list(column) for column in zip(*stays, strict=True)] or [[], [], []],
    )
    for number, source in enumerate(sources):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE near AS {_NEAR.format(source)}")
        set_aside(connection, source, "near")
        derive(connection, known, None, "aside")
        gather(connection, "flows", _FLOWS, number == 0)
    return [Flow(*row) for row in connection.execute("SELECT * FROM flows").fetchall()]


def totals(
    connection: Any, flows: Sequence[Flow], first: int, last: int
) -> list[tuple[int, tuple[int, ...]]]:
    """(day, one count a measure) for every day from the first to the last."""
    columns = [list(column) for column in zip(*flows, strict=True)] or [[], [], []]
    rows = connection.execute(_DAILY.format(first=first, last=last), columns).fetchall()
    return [(day, tuple(counts)) for day, *counts in rows]
