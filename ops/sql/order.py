"""The order of facts as SQL: which facts hold as known at K, and at which rank each takes place.

Most obligations are ranked by one window. Those in which a fact precedes its cause or the opening
are ranked again by the paths from cause to effect.
"""

from __future__ import annotations

from typing import Any

from ops.sql.words import EFFECTS, instant
from schemas.limits import FACTS_PER_OBLIGATION_MAX

_OPENS, _ACCEPTS = EFFECTS["OPENS"], EFFECTS["ACCEPTS"]
_RETURNS, _CORRECTS = EFFECTS["RETURNS"], EFFECTS["CORRECTS"]

_PLAIN = (
    *("effective_is_day", "effective_at", "causation_id", "correlation_id", "unit", "by"),
    *("programme", "kind", "item", "area", "period", "due_before", "done_when", "issuer"),
    *("extends", "note", "revise_before", "to_unit"),
)
"""What a correction may change; when a fact was recorded stays."""

_RANKS = 16
"""More than there are effects: instant and rank are one number where they are compared."""
_LATER = (
    'o, effect, event_id, causation_id, correlation_id, "by", area, due_before, extends, note, '
    "revise_before, to_unit"
)
"""What is needed of a fact after the opening."""


_NEEDED = (
    *("notification", "topic", "effect", "event_id", "recorded_at", "content", "obligation"),
    *("target", "void", "replaced", *_PLAIN),
)
"""The columns that are read."""


def rank(connection: Any, source: str, known: int | None) -> None:
    """Rank the facts in `source` (a table, or what reads one) of every obligation that was opened.

    Makes the tables `openings` (rank 0) and `later` (the facts of ranks from 1 on): `since` when a
    fact takes place, `judged` its own instant, `until` when the next takes place. `o` is the
    obligation's number in the table `names`; what is not there is not looked at.
    """
    _hold(connection, source, known)
    _correct(connection, source)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE ordered AS
        SELECT * EXCLUDE (place, next_place, next_recorded_at, recorded_at),
            next_place = place AND next_recorded_at = recorded_at AS is_tied
        FROM (SELECT *, row_number() OVER w - 1 AS rank, lead(instant) OVER w AS until,
                lead(place) OVER w AS next_place,
                lead(recorded_at) OVER w AS next_recorded_at
            FROM (SELECT {_LATER}, recorded_at, instant, instant * {_RANKS} + effect AS place
                  FROM held)
            WINDOW w AS (PARTITION BY o ORDER BY place, recorded_at))"""
    )
    _cause(connection)
    _slow(connection)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE later AS
        SELECT r.*, c.cause_rank, c.cause_effect,
            r.causation_id IS NOT NULL AND c.cause_rank IS NULL AS is_absent
        FROM (SELECT {_LATER}, rank, until, instant AS since, instant AS judged FROM ordered
              WHERE rank > 0 AND o NOT IN (SELECT o FROM slow)
              UNION ALL
              SELECT {_LATER}, rank, until, since, judged FROM slowly WHERE rank > 0) AS r
        LEFT JOIN (SELECT * FROM caused WHERE effect IN ({_ACCEPTS}, {_RETURNS})) AS c
            USING (o, event_id)"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE openings AS
        SELECT h.*, r.since, r.until FROM held AS h JOIN (
            SELECT o, event_id, instant AS since, until FROM ordered
            WHERE rank = 0 AND o NOT IN (SELECT o FROM slow)
            UNION ALL SELECT o, event_id, since, until FROM slowly WHERE rank = 0) AS r
        USING (o, event_id) WHERE h.effect = {_OPENS}"""
    )
    connection.execute("DROP TABLE ordered")
    connection.execute("DROP TABLE held")


def set_aside(connection: Any, source: str, table: str) -> None:
    """Make `aside`: all records of the obligations in a table.

    To read few records of a source costs about what it costs to read all.
    """
    needed = ", ".join(f'f."{column}"' for column in _NEEDED)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE aside AS
        SELECT {needed} FROM {source} AS f
        SEMI JOIN {table} AS n ON coalesce(f.obligation, '') = n.obligation
        WHERE f.topic = 'events' AND f.effect IS NOT NULL"""
    )


def name(connection: Any, source: str) -> None:
    """Make `names`: the obligations in `source`, each with a number `o`."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE names AS
        SELECT (row_number() OVER ())::INTEGER AS o, * FROM (
            SELECT coalesce(obligation, '') AS obligation, count(*) AS records
            FROM {source} WHERE topic = 'events' AND effect IS NOT NULL GROUP BY ALL)"""
    )


def _hold(connection: Any, source: str, known: int | None) -> None:
    """The facts known by then. Of one id in one obligation the record made first holds."""
    columns = ", ".join(f'f."{name}"' for name in _PLAIN)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE held AS
        SELECT n.o, f.effect, f.event_id, f.recorded_at, f.content, {columns},
            {instant("f.")} AS instant
        FROM {source} AS f JOIN names AS n ON coalesce(f.obligation, '') = n.obligation
        WHERE f.topic = 'events' AND f.effect IS NOT NULL
            AND ($known IS NULL OR f.recorded_at <= $known)""",
        {"known": known},
    )
    most = connection.execute("SELECT max(records) FROM names").fetchone()[0]
    if most is not None and most > FACTS_PER_OBLIGATION_MAX:
        _leave_out(connection, source)
    # Few are told twice: the others are not ranked for it.
    connection.execute(
        """DELETE FROM held WHERE rowid IN (
            SELECT place FROM (SELECT h.rowid AS place, row_number() OVER
                    (PARTITION BY o, event_id ORDER BY recorded_at, content) AS number
                FROM held AS h SEMI JOIN (
                    SELECT o, event_id FROM held GROUP BY o, event_id HAVING count(*) > 1)
                USING (o, event_id))
            WHERE number > 1)"""
    )


def _leave_out(connection: Any, source: str) -> None:
    """Of an obligation with too many facts, the first ids to arrive count, whatever is known."""
    connection.execute(
        f"""DELETE FROM held WHERE (o, event_id) IN (
            SELECT n.o, f.event_id FROM {source} AS f
            JOIN names AS n ON coalesce(f.obligation, '') = n.obligation
            WHERE n.records > {FACTS_PER_OBLIGATION_MAX} AND f.topic = 'events'
                AND f.effect IS NOT NULL
            GROUP BY n.o, f.event_id
            QUALIFY row_number() OVER (PARTITION BY n.o ORDER BY min(f.notification))
                > {FACTS_PER_OBLIGATION_MAX})"""
    )


def _correct(connection: Any, source: str) -> None:
    """A corrected fact reads as its last correction says; a correction is no fact of its own.

    One that gives no value of the same event and obligation changes nothing.
    """
    found = connection.execute(f"SELECT 1 FROM held WHERE effect = {_CORRECTS} LIMIT 1").fetchone()
    if found is None:
        return
    values = ", ".join(f'c.replaced."{name}" AS "{name}"' for name in _PLAIN)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE last AS
        WITH correction AS (
            SELECT DISTINCT h.o, h.event_id, h.recorded_at, f.target, f.void, f.replaced,
                n.obligation
            FROM held AS h JOIN names AS n USING (o)
            JOIN {source} AS f ON f.event_id = h.event_id AND f.recorded_at = h.recorded_at
                AND f.content = h.content AND coalesce(f.obligation, '') = n.obligation
            WHERE h.effect = {_CORRECTS} AND f.effect = {_CORRECTS})
        SELECT c.o, c.target AS event_id, c.void, c.replaced, p.effect, p.recorded_at, p.content
        FROM correction AS c JOIN held AS p ON p.o = c.o AND p.event_id = c.target
        WHERE p.effect <> {_CORRECTS} AND (c.void OR c.replaced.event_id = p.event_id
            AND c.replaced.effect = p.effect
            AND coalesce(c.replaced.obligation, '') = c.obligation)
        QUALIFY row_number() OVER
            (PARTITION BY c.o, c.target ORDER BY c.recorded_at DESC, c.event_id DESC) = 1"""
    )
    connection.execute(
        f"""DELETE FROM held
        WHERE effect = {_CORRECTS} OR (o, event_id) IN (SELECT o, event_id FROM last)"""
    )
    connection.execute(
        f"""INSERT INTO held BY NAME SELECT *, {instant()} AS instant FROM (
            SELECT c.o, c.effect, c.event_id, c.recorded_at, c.content, {values}
            FROM last AS c WHERE c.void IS NOT TRUE)"""
    )


def _cause(connection: Any) -> None:
    """`caused`: what names another fact of its obligation as its cause, with the ranks of both."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE caused AS
        SELECT e.o, e.event_id, e.effect, e.rank, c.event_id AS cause, c.rank AS cause_rank,
            c.effect AS cause_effect
        FROM ordered AS e JOIN ordered AS c ON c.o = e.o AND c.event_id = e.causation_id
        WHERE e.causation_id IS NOT NULL"""
    )


def _slow(connection: Any) -> None:
    """`slowly`: the facts of obligations where the plain order puts one before its cause or the
    opening, or leaves two facts side by side.

    Whichever fact is ready and smallest comes next. In a forest that is the order of the stacks
    which hold, of the path from the first cause to the fact, what no later one exceeds.
    """
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE slow AS SELECT DISTINCT o FROM (
            SELECT o FROM ordered WHERE is_tied OR rank = 0 AND effect <> {_OPENS}
            UNION ALL SELECT o FROM caused WHERE cause_rank >= rank)"""
    )
    _link(connection)
    key = "struct_pack(a := {0}, e := {1}.effect, r := {1}.recorded_at, i := {1}.event_id)"
    at = f"(CASE WHEN p.effect = {_OPENS} THEN f.instant ELSE greatest(f.instant, p.judged) END)"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE slowly AS
        WITH RECURSIVE facts AS (
            SELECT * FROM held WHERE o IN (SELECT o FROM slow)),
        path AS (
            SELECT f.o, f.event_id, f.effect, f.instant AS judged,
                [{key.format("f.instant", "f")}] AS stack
            FROM facts AS f ANTI JOIN links USING (o, event_id)
            UNION ALL
            SELECT f.o, f.event_id, f.effect, {at},
                list_append(list_filter(p.stack, lambda x: x > {key.format(at, "f")}),
                    {key.format(at, "f")})
            FROM path AS p JOIN links AS l ON l.o = p.o AND l.cause = p.event_id
            JOIN facts AS f ON f.o = l.o AND f.event_id = l.event_id),
        placed AS (
            SELECT *, row_number() OVER (PARTITION BY o ORDER BY stack) AS place FROM path),
        opening AS (
            SELECT o, min(place) AS place FROM placed WHERE effect = {_OPENS} GROUP BY o),
        again AS (
            SELECT p.o, p.event_id, p.judged,
                row_number() OVER (PARTITION BY o ORDER BY p.place <> q.place, p.place) - 1 AS rank
            FROM placed AS p JOIN opening AS q USING (o)),
        timed AS (
            SELECT *, max(judged) OVER (PARTITION BY o ORDER BY rank) AS since FROM again)
        SELECT f.*, t.judged, t.rank, t.since,
            lead(t.since) OVER (PARTITION BY t.o ORDER BY t.rank) AS until
        FROM timed AS t JOIN facts AS f USING (o, event_id)"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE caused AS
        SELECT * FROM caused WHERE o NOT IN (SELECT o FROM slow)
        UNION ALL
        SELECT e.o, e.event_id, e.effect, e.rank, c.event_id, c.rank, c.effect
        FROM slowly AS e JOIN slowly AS c ON c.o = e.o AND c.event_id = e.causation_id"""
    )


def _link(connection: Any) -> None:
    """`links`: from effect to cause in those obligations, without what runs in a circle."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE links AS
        WITH RECURSIVE inside AS (SELECT * FROM caused WHERE o IN (SELECT o FROM slow)),
        walk AS (
            SELECT o, event_id AS start, cause AS reached FROM inside
            UNION
            SELECT w.o, w.start, i.cause FROM walk AS w
            JOIN inside AS i ON i.o = w.o AND i.event_id = w.reached)
        SELECT o, event_id, cause FROM inside
        ANTI JOIN (SELECT o, start AS event_id FROM walk WHERE start = reached) AS circular
            USING (o, event_id)"""
    )
