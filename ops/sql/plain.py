"""Obligations with a plain life, as SQL: how they stand at an instant, by one aggregate.

Plain is a life without a correction, a record told twice, or a cause inside the obligation but the
submission that an answer names; moved, handed over, returned, accepted or dropped at most once.
Its facts can stand in one order only, so that nothing has to be ordered.
"""

from __future__ import annotations

from typing import Any

from ops.sql.order import set_aside
from ops.sql.words import (
    DECLARED,
    DONE,
    DROPPED,
    EFFECTS,
    OPEN,
    RETURNED,
    held,
    instant,
    midnight,
)
from schemas.limits import FACTS_PER_OBLIGATION_MAX

_E = EFFECTS
_RANKS = 16
"""More than there are effects: instant and rank are one number where they are compared."""

_ACTING = ("OPENS", "MOVES", "MEETS", "ACCEPTS", "RETURNS", "HANDS_OVER", "DROPS")
_PARTS = (*_ACTING, "OPENS_LATER", "ENTANGLED")
"""The parts that a fact can play: its effect, or it opens after the instant, or is not plain."""
_BITS = 5
"""Bits in which the facts of one part are counted; all the counts together are one number."""
_MOST = (1 << _BITS) - 1
_RECORDS_MAX = min(_MOST, FACTS_PER_OBLIGATION_MAX)


def _part(name: str) -> int:
    return _PARTS.index(name)


_WHENS = " ".join(f"WHEN {_E[name]} THEN {_part(name)}" for name in _ACTING)
_PART = f"""CASE WHEN effect = {_E["CORRECTS"]} THEN {_part("ENTANGLED")}
    WHEN effect = {_E["OPENS"]} AND instant > {{on}} THEN {_part("OPENS_LATER")}
    WHEN instant > {{on}} OR effect = {_E["MOVES"]} AND due_before IS NULL THEN NULL
    WHEN effect IN ({_E["MOVES"]}, {_E["MEETS"]}, {_E["HANDS_OVER"]}, {_E["DROPS"]})
        AND causation_id IS NOT NULL THEN {_part("ENTANGLED")}
    ELSE CASE effect {_WHENS} END END"""
"""What a fact does to the standing at the instant; NULL where that is nothing."""

_FACTS = f"""
SELECT *, {_PART} AS part, instant * {_RANKS} + effect AS place FROM (
    SELECT coalesce(obligation, '') AS obligation, event_id, causation_id, unit, "by", kind,
        due_before, done_when, extends, revise_before, to_unit, {instant()} AS instant,
        {{effect}} AS effect
    FROM {{source}} WHERE topic = 'events' AND effect IS NOT NULL)
"""


def _marks(identifier: str, name: str) -> str:
    """Ids of a group as two sets of 64 bits: what has no bit in common with a set is not in it.

    Where one set does not tell two ids apart the other may.
    """
    mark = "CASE WHEN {0} IS NOT NULL THEN 1::UBIGINT << (hash({0}) >> {1} & 63) END"
    return ", ".join(
        f"bit_or({mark.format(identifier, shift)}) AS {name}{number}"
        for number, shift in enumerate((0, 6))
    )


def _of(column: str, *parts: str) -> str:
    """A column of the facts that play one of the parts, else NULL, which no aggregate sees."""
    codes = ", ".join(str(_part(name)) for name in parts)
    return f"CASE WHEN part IN ({codes}) THEN {column} END"


_INSPECTION, _REMEDY, _ACCEPTED, _NO_DUE = 1, 2, 4, 8
_OPENED_AS = f"""coalesce(due_before, 0)::BIGINT * 16 + if(due_before IS NULL, {_NO_DUE}, 0)
    + if(coalesce(done_when = 'accepted', false), {_ACCEPTED}, 0)
    + CASE kind WHEN 'inspection' THEN {_INSPECTION} WHEN 'remedy' THEN {_REMEDY} ELSE 0 END"""
"""What an opening says, as one number: every aggregate takes its time, over every record."""
_MOVED_TO = "due_before::BIGINT * 2 + if(extends, 1, 0)"
_WHOM = f"""CASE part WHEN {_part("HANDS_OVER")} THEN coalesce(to_unit, '') ELSE "by" END"""

_SUMMED = f"""
SELECT obligation, count(*) AS records, sum(1::BIGINT << ({_BITS} * part)) AS parts,
    {_marks("event_id", "ids")},
    {_marks(_of("causation_id", "OPENS"), "causes")},
    any_value({_of("unit", "OPENS")}) AS unit, any_value({_of(_OPENED_AS, "OPENS")}) AS opened_as,
    any_value({_of(_MOVED_TO, "MOVES")}) AS moved_to,
    min({_of("place", "MOVES", "HANDS_OVER")}) AS moved,
    any_value({_of(_WHOM, "MOVES", "HANDS_OVER", "DROPS")}) AS whom,
    min({_of("place", "MEETS", "ACCEPTS")}) AS met, max({_of("place", "MEETS")}) AS met_again,
    arg_min({_of("event_id", "MEETS")}, place) AS submission,
    arg_max({_of("event_id", "MEETS")}, place) AS resubmission,
    min({_of("place", "RETURNS")}) AS returned,
    any_value({_of("revise_before", "RETURNS")}) AS revise,
    any_value({_of("causation_id", "RETURNS")}) AS refused,
    min({_of("place", "ACCEPTS")}) AS accepted,
    any_value({_of("causation_id", "ACCEPTS")}) AS approved
FROM ({_FACTS}) GROUP BY obligation
"""


def _count(part: str) -> str:
    return f"(parts >> {_BITS * _part(part)} & {_MOST}) AS {part}"


_COUNTED = f"""
SELECT *, {", ".join(map(_count, _PARTS))}, opened_as & {_ACCEPTED} <> 0 AS is_accepted,
    CASE WHEN opened_as & {_NO_DUE} = 0 THEN ((opened_as & -16) // 16)::INTEGER END AS due,
    ((moved_to & -2) // 2)::INTEGER AS due_moved, moved_to & 1 = 1 AS extends
FROM (SELECT * REPLACE (CASE WHEN records <= {_RECORDS_MAX} THEN coalesce(parts, 0) ELSE 0 END
    ::BIGINT AS parts) FROM ({_SUMMED}))
"""

_IS_APART = """CASE WHEN met IS NULL OR moved < met THEN true WHEN returns = 1 THEN false
    ELSE NOT is_accepted OR coalesce(accepted < moved, false) END"""
"""It is not moved between a submission and its acceptance, nor does a move wait for a return."""

_IS_ANSWERED = """CASE WHEN returns = 0
    THEN accepts = 0 OR meets <= 1 AND (approved IS NULL OR met < accepted
        AND approved = submission)
    WHEN meets = 1 THEN accepts = 0 AND met < returned
    ELSE meets = 2 AND met < returned AND returned < met_again AND (accepts = 0
        OR met_again < accepted AND (approved IS NULL OR approved = resubmission)) END
    AND (returns = 0 OR revise IS NOT NULL AND (refused IS NULL OR refused = submission))"""
"""Answers follow the submission that they name, and a return says until when."""

_IS_PLAIN = f"""records <= {_RECORDS_MAX} AND entangled = 0 AND opens + opens_later = 1
    AND (bit_count(ids0) = records OR bit_count(ids1) = records)
    AND (causes0 IS NULL OR causes0 & ids0 = 0 OR causes1 & ids1 = 0)
    AND accepts <= 1 AND returns <= 1 AND ({_IS_ANSWERED})
    AND CASE WHEN hands_over > 0 THEN hands_over = 1 AND moves + drops = 0 AND {_IS_APART}
        WHEN moves > 0 THEN moves = 1 AND drops = 0 AND whom <> unit AND {_IS_APART}
        ELSE drops = 0 OR drops = 1 AND whom <> unit END"""

_STOOD = f"""
SELECT *, CASE WHEN is_moved THEN due_moved ELSE due END AS due_now,
    CASE WHEN is_moved AND NOT extended THEN due_moved ELSE due END AS original_due
FROM (SELECT *, is_moved AND extends AND due IS NOT NULL AS extended FROM (
    SELECT *, moves = 1 AND (met IS NULL OR moved < met) AS is_moved,
        coalesce({_IS_PLAIN}, false) AS is_plain
    FROM ({_COUNTED})))
WHERE opens = 1 OR NOT is_plain
"""


def _in_time(due: str) -> str:
    met_at, met_again_at = (f"({place} & -{_RANKS}) // {_RANKS}" for place in ("met", "met_again"))
    return f"""({due} IS NULL OR {met_at} < {midnight(due)}) AND (returns = 0 OR meets = 1
        OR {met_again_at} < {midnight(f"greatest({due}, revise)")})"""


_STANDING = f"""
SELECT obligation, records, is_plain,
    CASE WHEN hands_over = 1 AND (met IS NULL OR moved < met)
        THEN coalesce(nullif(whom, ''), unit) ELSE unit END AS ower,
    (CASE WHEN drops = 1 THEN {DROPPED} WHEN met IS NULL THEN {OPEN}
        WHEN returns = 1 AND meets = 1 THEN {RETURNED}
        WHEN is_accepted AND accepted IS NULL THEN {DECLARED} ELSE {DONE} END) AS phase,
    due_now AS due, extended, revise, false AS revise_open,
    CASE opened_as & 3 WHEN {_INSPECTION} THEN 'inspection' WHEN {_REMEDY} THEN 'remedy' ELSE ''
        END AS kind,
    {_in_time("due_now")} AS on_time, {_in_time("original_due")} AS on_time_original
FROM ({_STOOD})
"""

_PLAINLY = f"""
SELECT CASE WHEN NOT is_plain THEN obligation END AS obligation,
    CASE WHEN NOT is_plain THEN records END AS records, CASE WHEN is_plain THEN ower END AS ower,
    CASE WHEN is_plain THEN {held("{on}")} END AS bits, count(*) AS times
FROM ({_STANDING}) GROUP BY ALL
"""

STANDING = "SELECT ower, bits, times FROM plainly WHERE obligation IS NULL"
"""The plain ones at the instant: ower, measures as bits, how many stand so."""


def set_apart(connection: Any, source: str, known: int | None, on: int) -> None:
    """Make `plainly`: how the plain obligations in `source` stand, and the names of the others.

    For the general way these are in `names`, and their records in `aside`.
    """
    effect = "effect" if known is None else f"CASE WHEN recorded_at <= {known} THEN effect END"
    facts = _PLAINLY.format(source=source, effect=effect, on=on)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE plainly AS {facts}")
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE names AS
        SELECT (row_number() OVER ())::INTEGER AS o, obligation, records
        FROM plainly WHERE obligation IS NOT NULL"""
    )
    set_aside(connection, source, "names")
