"""How obligations stand, as SQL: one statement a rank moves all of them on by one fact.

What finds an obligation completed and waits for a return is kept as a second set of columns,
`w_…`: how things would stand were it returned now. A return makes them the standing.
"""

from __future__ import annotations

from typing import Any

from ops.sql.words import (
    DECLARED,
    DONE,
    DROPPED,
    EFFECTS,
    OPEN,
    RETURNED,
    day_of,
    midnight,
)
from schemas.board_schema import LADDER

_E = EFFECTS
SCANNED_RANKS = 8
"""Up to this rank the facts of all ranks are looked through for those of one."""
_NOTES = ", ".join(f"'{note}'" for note in LADDER)

_STANDING = "o, since, until, ower, area, due, phase, extended, revise, revise_open, on_time, "
_STANDING += "on_time_original"

_OPENED = f"""
SELECT r.o, r.since, r.until, r.unit AS ower, r.area, r.due_before AS due, {OPEN}::TINYINT AS phase,
    false AS extended, NULL::INTEGER AS revise, false AS revise_open, true AS on_time,
    true AS on_time_original, r.due_before AS original_due, r.unit AS w_ower,
    r.due_before AS w_due, r.due_before AS w_original_due, false AS w_extended,
    false AS accepted, NULL::BIGINT AS sent, r.issuer,
    coalesce(r.done_when = 'accepted', false) AS is_accepted, d.days AS revision_days,
    false AS is_said
FROM openings AS r LEFT JOIN revision AS d ON d.programme = coalesce(r.programme, '')
"""
"""An opened obligation. `sent` is the rank of its last submission: what met it before that is old.
A submission that was no more than an acceptance is never old, for nothing accepted is returned."""

_SAYS = f"f.effect = {_E['NOTES']} AND coalesce(f.note IN ({_NOTES}), false)"

_SAID = f"""
SELECT s.*, f.rank, f.effect, f.since AS f_since, f.until AS f_until, f.judged, f.area AS f_area,
    f.due_before, f.extends, f.revise_before, nullif(f.to_unit, '') AS to_unit,
    s.phase <> {DROPPED} AS live,
    f."by" = s.ower AND f."by" IS DISTINCT FROM s.issuer AS is_owers,
    s.phase IN ({OPEN}, {RETURNED}) AS is_open,
    f.is_absent,
    coalesce(f.cause_rank < s.sent AND f.cause_effect = {_E["MEETS"]}, false) AS is_old,
    {_SAYS} AS f_is_said
FROM state AS s JOIN later AS f ON f.o = s.o WHERE f.rank = $rank
"""
"""The standing beside the fact of this rank, and what their meeting depends on."""

_DECIDED = f"""
SELECT *,
    live AND effect = {_E["AMENDS"]} AND f_area IS NOT NULL AS amends,
    live AND effect = {_E["MOVES"]} AND due_before IS NOT NULL
        AND NOT ((extends OR due IS NOT NULL) AND is_owers) AS moves,
    live AND (effect = {_E["MEETS"]} OR effect = {_E["ACCEPTS"]} AND NOT is_absent)
        AND is_open AS meets,
    live AND effect = {_E["ACCEPTS"]} AND NOT is_absent
        AND (is_open OR NOT is_old AND NOT accepted) AS accepts,
    live AND effect = {_E["RETURNS"]} AND NOT is_absent AND phase IN ({DECLARED}, {DONE})
        AND NOT accepted AND NOT is_old AS returns,
    live AND effect = {_E["RETURNS"]} AND NOT is_absent AND phase = {RETURNED}
        AND revise_before IS NOT NULL AS returns_again,
    live AND effect = {_E["HANDS_OVER"]} AS hands_over,
    live AND effect = {_E["DROPS"]} AND NOT is_owers AS drops
FROM ({_SAID})
"""
"""What the fact does, if anything."""

_IN_TIME = "revise_open OR greatest({0}, revise) IS NULL OR judged < "
_IN_TIME += midnight("greatest({0}, revise)")

_JUDGED = f"""
SELECT *,
    moves AND extends AND w_original_due IS NOT NULL AS stretches,
    {_IN_TIME.format("due")} AS in_time,
    {_IN_TIME.format("original_due")} AS in_time_original,
    returns AND revise_before IS NULL
        AND coalesce({midnight("w_due")} <= f_since, false) AS is_bare,
    phase IN ({DONE}, {DROPPED}) AND NOT returns AS waits
FROM ({_DECIDED})
"""
"""`is_bare`: returned after the due without a day; `waits`: only a return would show the change."""

_WAITING = """
SELECT * REPLACE (
    CASE WHEN hands_over THEN coalesce(to_unit, w_ower) ELSE w_ower END AS w_ower,
    CASE WHEN moves THEN due_before ELSE w_due END AS w_due,
    CASE WHEN moves AND NOT stretches THEN due_before ELSE w_original_due END AS w_original_due,
    w_extended OR stretches AS w_extended)
FROM ({0})
"""

_MOVED_ON = f"""
SELECT o, f_since AS since, f_until AS until,
    CASE WHEN waits THEN ower ELSE w_ower END AS ower,
    CASE WHEN amends THEN f_area ELSE area END AS area,
    CASE WHEN waits THEN due ELSE w_due END AS due,
    (CASE WHEN drops THEN {DROPPED}
        WHEN accepts THEN {DONE}
        WHEN meets THEN CASE WHEN is_accepted THEN {DECLARED} ELSE {DONE} END
        WHEN returns THEN {RETURNED} ELSE phase END)::TINYINT AS phase,
    CASE WHEN waits THEN extended ELSE w_extended END AS extended,
    (CASE WHEN meets THEN NULL WHEN returns_again THEN revise_before
        WHEN is_bare THEN {day_of("f_since")} + revision_days + 1
        WHEN returns THEN revise_before ELSE revise END)::INTEGER AS revise,
    CASE WHEN meets OR returns_again THEN false
        WHEN is_bare THEN revision_days IS NULL
        WHEN moves AND NOT waits THEN revise_open AND {midnight("due_before")} <= f_since
        ELSE revise_open END AS revise_open,
    on_time AND (NOT meets OR in_time) AS on_time,
    on_time_original AND (NOT meets OR in_time_original) AS on_time_original,
    CASE WHEN waits THEN original_due ELSE w_original_due END AS original_due,
    w_ower, w_due, w_original_due, w_extended,
    accepted OR accepts AS accepted,
    CASE WHEN meets THEN rank ELSE sent END AS sent,
    issuer, is_accepted, revision_days,
    live AND f_is_said AS is_said
FROM ({_WAITING.format(_JUDGED)})
"""

_DOCUMENTED = """
INSERT INTO ladder
SELECT n.obligation, f.note, coalesce(f.correlation_id, f.event_id) AS document, s.ower, s.since
FROM state AS s JOIN later AS f ON f.o = s.o AND f.rank = $rank JOIN names AS n ON n.o = s.o
WHERE s.is_said
"""


def stand(connection: Any, on: int | None) -> None:
    """Make `standings` of `openings` and `later`: how each obligation stood from when until when.

    With `on` only the standing at that instant, one row an obligation that was open by then.
    `revision` must say how many days a programme gives for a revision. Without `on` the documents
    of urging, reminder and criticism go to `ladder`.
    """
    if on is not None:
        connection.execute(f"DELETE FROM later WHERE since > {on}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE state AS {_OPENED}")
    lasting = f"SELECT {_STANDING} FROM state WHERE {_lasts(on)}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE standings AS {lasting}")
    _move_on(connection, lasting, on is None)


def _move_on(connection: Any, lasting: str, has_ladder: bool) -> None:
    """All obligations by one fact after the other, the ranks in their order."""
    ranks = connection.execute(
        f"SELECT rank, bool_or({_SAYS}) FROM later AS f GROUP BY rank ORDER BY rank"
    ).fetchall()
    for rank, is_said in ranks:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE moved AS {_MOVED_ON}", {"rank": rank})
        connection.execute("DROP TABLE state")
        connection.execute("ALTER TABLE moved RENAME TO state")
        connection.execute(f"INSERT INTO standings {lasting}")
        if is_said and has_ladder:
            connection.execute(_DOCUMENTED, {"rank": rank})
        if rank >= SCANNED_RANKS and rank & (rank - 1) == 0:
            # Few obligations have many facts: what is done with is not looked through again.
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE later AS SELECT * FROM later WHERE rank > {rank}"
            )


def _lasts(on: int | None) -> str:
    """Of several facts at one instant only what holds after the last of them counts."""
    if on is None:
        return "until IS NULL OR since < until"
    return f"since <= {on} AND (until IS NULL OR {on} < until)"
