"""Obligations with a plain life, as SQL: how they stand at an instant, by one aggregate.

Plain is a life without a return, a correction, a record told twice, or a cause inside the
obligation but the one submission that an acceptance names; moved, handed over, accepted or dropped
at most once. Nothing can stand in another order then, so nothing has to be ordered.
"""

from __future__ import annotations

from typing import Any

from ops.sql.words import DECLARED, DONE, DROPPED, EFFECTS, OPEN, held, instant, midnight
from schemas.event import Effect
from schemas.limits import FACTS_PER_OBLIGATION_MAX

_E = EFFECTS
_RANKS = 16
"""More than there are effects: instant and rank are one number where they are compared."""

_LATE_OPENING, _ENTANGLED = len(Effect), len(Effect) + 1
"""Parts that a fact can play beside its effect: it opens later, it has a cause of its own."""
_BITS = 5
"""Bits in which the facts of one part are counted; all parts together are one number."""
_RECORDS_MAX = min((1 << _BITS) - 1, FACTS_PER_OBLIGATION_MAX)

_MARK = "1::UBIGINT << (hash({0}) >> {1} & 63)"
"""A set of one id as one of 64 bits: what has no bit in common with a set is not in it."""


def _marks(identifier: str, name: str, which: str = "") -> str:
    """The ids of a group as two sets: where one does not tell two ids apart the other may."""
    return ", ".join(
        f"bit_or({_MARK.format(identifier, shift)}) {which} AS {name}{number}"
        for number, shift in enumerate((0, 6))
    )


def _of(*effects: str) -> str:
    codes = ", ".join(str(_E[effect]) for effect in effects)
    return f"FILTER (WHERE part IN ({codes}))"


def _count(part: int) -> str:
    return f"(parts >> {_BITS * part} & {(1 << _BITS) - 1})"


_PART = f"""CASE WHEN effect = {_E["CORRECTS"]} THEN effect
    WHEN effect = {_E["OPENS"]} THEN if(instant <= {{on}}, effect, {_LATE_OPENING})
    WHEN instant > {{on}} OR effect IN ({_E["NOTES"]}, {_E["AMENDS"]}) THEN NULL
    WHEN effect = {_E["MOVES"]} AND due_before IS NULL THEN NULL
    WHEN effect IN ({_E["ACCEPTS"]}, {_E["RETURNS"]}) OR causation_id IS NULL THEN effect
    ELSE {_ENTANGLED} END"""
"""What a fact does to the standing at the instant; NULL where that is nothing."""

_FACTS = f"""
SELECT *, {_PART} AS part, instant * {_RANKS} + effect AS place FROM (
    SELECT coalesce(obligation, '') AS obligation, event_id, causation_id, unit, "by", kind,
        due_before, done_when, extends, to_unit, {instant()} AS instant,
        {{effect}} AS effect
    FROM {{source}} WHERE topic = 'events' AND effect IS NOT NULL)
"""

_KIND = "CASE kind WHEN 'inspection' THEN 1 WHEN 'remedy' THEN 2 ELSE 0 END"

_SUMMED = f"""
SELECT obligation, count(*) AS records, sum(1::BIGINT << ({_BITS} * part)) AS parts,
    {_marks("event_id", "ids")}, {_marks("causation_id", "causes", _of("OPENS"))},
    any_value(unit) {_of("OPENS")} AS unit, any_value(due_before) {_of("OPENS")} AS due,
    any_value({_KIND}) {_of("OPENS")} AS kind_of,
    any_value(coalesce(done_when = 'accepted', false)) {_of("OPENS")} AS is_accepted,
    min(due_before) {_of("MOVES")} AS due_moved, min(place) {_of("MOVES")} AS moved,
    any_value(extends) {_of("MOVES")} AS extends, any_value("by") {_of("MOVES", "DROPS")} AS "by",
    any_value(to_unit) {_of("HANDS_OVER")} AS to_unit, min(place) {_of("HANDS_OVER")} AS handed,
    min(place) {_of("MEETS", "ACCEPTS")} AS met, min(instant) {_of("MEETS", "ACCEPTS")} AS met_at,
    any_value(event_id) {_of("MEETS")} AS submission,
    min(place) {_of("ACCEPTS")} AS accepted, any_value(causation_id) {_of("ACCEPTS")} AS answered
FROM ({_FACTS}) GROUP BY obligation
"""

_COUNTED = f"""
SELECT *, {_count(_E["OPENS"])} AS opened, {_count(_E["MOVES"])} AS moves,
    {_count(_E["MEETS"])} AS meets, {_count(_E["ACCEPTS"])} AS accepts,
    {_count(_E["HANDS_OVER"])} AS hands_over, {_count(_E["DROPS"])} AS drops,
    {_count(_LATE_OPENING)} AS opened_later,
    {_count(_E["RETURNS"])} + {_count(_E["CORRECTS"])} + {_count(_ENTANGLED)} AS entangled
FROM (SELECT * REPLACE (coalesce(parts, 0)::BIGINT AS parts) FROM ({_SUMMED}))
"""


def _is_apart(place: str) -> str:
    """What finds it declared, and not accepted yet, is not plain; what finds it done waits."""
    return f"coalesce({place} < met OR NOT is_accepted OR accepted < {place}, met IS NULL)"


_IS_PLAIN = f"""records <= {_RECORDS_MAX} AND entangled = 0 AND opened + opened_later = 1
    AND (bit_count(ids0) = records OR bit_count(ids1) = records)
    AND (causes0 IS NULL OR causes0 & ids0 = 0 OR causes1 & ids1 = 0)
    AND accepts <= 1 AND (accepts = 0 OR meets <= 1)
    AND (answered IS NULL OR met < accepted AND answered = submission)
    AND hands_over <= 1 AND (hands_over = 0 OR moves + drops = 0 AND {_is_apart("handed")})
    AND moves + drops <= 1 AND (moves + drops = 0 OR "by" <> unit)
    AND (moves = 0 OR {_is_apart("moved")})"""

PLAINLY = f"SELECT *, coalesce({_IS_PLAIN}, false) AS is_plain FROM ({_COUNTED})"

_STOOD = """
SELECT *, CASE WHEN is_moved THEN due_moved ELSE due END AS due_now,
    CASE WHEN is_moved AND NOT extended THEN due_moved ELSE due END AS original_due
FROM (SELECT *, is_moved AND extends AND due IS NOT NULL AS extended FROM (
    SELECT *, moves = 1 AND (met IS NULL OR moved < met) AS is_moved
    FROM plainly WHERE is_plain AND opened = 1))
"""

STANDING = f"""
SELECT ower, {held("{0}")} AS bits, count(*) AS times FROM (
    SELECT CASE WHEN hands_over = 1 AND (met IS NULL OR handed < met)
            THEN coalesce(nullif(to_unit, ''), unit) ELSE unit END AS ower,
        (CASE WHEN drops = 1 THEN {DROPPED} WHEN met IS NULL THEN {OPEN}
            WHEN is_accepted AND accepted IS NULL THEN {DECLARED} ELSE {DONE} END) AS phase,
        due_now AS due, extended, NULL::INTEGER AS revise, false AS revise_open,
        CASE kind_of WHEN 1 THEN 'inspection' WHEN 2 THEN 'remedy' ELSE '' END AS kind,
        due_now IS NULL OR met_at < {midnight("due_now")} AS on_time,
        original_due IS NULL OR met_at < {midnight("original_due")} AS on_time_original
    FROM ({_STOOD}))
GROUP BY ALL
"""
"""The standings of the plain ones at an instant: ower, measures as bits, how many."""


def set_apart(connection: Any, source: str, known: int | None, on: int) -> None:
    """Make `plainly`: every obligation in `source`, whether it is plain, and what it comes to.

    The others are named in the table `names`, for the general way.
    """
    effect = "effect" if known is None else f"CASE WHEN recorded_at <= {known} THEN effect END"
    facts = PLAINLY.format(source=source, effect=effect, on=on)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE plainly AS {facts}")
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE names AS
        SELECT (row_number() OVER ())::INTEGER AS o, obligation, records
        FROM plainly WHERE NOT is_plain"""
    )
