"""Words of the SQL engine: what events.md calls by name, as SQL expressions over columns."""

from __future__ import annotations

from schemas import measures
from schemas.event import Effect
from schemas.measures import MEASURES
from schemas.times import DAY_MS, LOCAL_OFFSET_MS

OPEN, DECLARED, DONE, RETURNED, DROPPED = range(5)
"""Where an obligation stands: `phase` in the tables."""

EFFECTS = {effect.name: effect.value for effect in Effect}


def midnight(day: str) -> str:
    """The instant at which a local day begins."""
    return f"({day}::BIGINT * {DAY_MS} - {LOCAL_OFFSET_MS})"


def day_of(instant: str) -> str:
    """The local day of an instant, also of one before 1970."""
    return f"floor(({instant} + {LOCAL_OFFSET_MS}) / {DAY_MS}.0)::INTEGER"


def instant(table: str = "") -> str:
    """When a fact says it happened; one known by its day stands at the day's beginning."""
    at = f"{table}effective_at"
    return f"CASE WHEN {table}effective_is_day THEN {midnight(day_of(at))} ELSE {at} END"


def month(due: str) -> str:
    """The local month of the last day on time."""
    return f"strftime(DATE '1970-01-01' + ({due} - 1), '%Y-%m')"


def bit(measure: int) -> int:
    """The measure in a set of measures."""
    return 1 << measure


def held(at: str) -> str:
    """The measures that count a standing at an instant, as a set of bits (domain 7.3)."""
    done = f"phase = {DONE}"
    passed = f"{midnight('due')} <= {at}"
    revising = (
        f"phase = {DECLARED} OR phase = {RETURNED} AND "
        f"CASE WHEN revise IS NULL THEN revise_open ELSE {at} < {midnight('revise')} END"
    )
    completed = " | ".join(
        (
            f"{bit(measures.COMPLETED)}",
            _if(passed, bit(measures.COMPLETED_OF_DUE), bit(measures.COMPLETED_EARLY)),
            _if("on_time", bit(measures.ON_TIME), bit(measures.LATE)),
            _if(f"on_time AND {passed}", bit(measures.ON_TIME_OF_DUE)),
            _if("on_time_original", bit(measures.ON_TIME_ORIGINAL_DUE)),
        )
    )
    with_due = " | ".join(
        (
            f"{bit(measures.ASSIGNED)}",
            _if("extended", bit(measures.EXTENDED)),
            _if(passed, bit(measures.DUE)),
            f"CASE WHEN {done} THEN {completed} WHEN NOT {passed} THEN 0 "
            f"WHEN {revising} THEN {bit(measures.IN_REVISION)} ELSE {bit(measures.OVERDUE)} END",
        )
    )
    without_due = f"{bit(measures.NO_DUE)} | {_if(done, bit(measures.NO_DUE_DONE))}"
    by_kind = " | ".join(
        (
            _if(f"kind = 'inspection' AND {done}", bit(measures.INSPECTIONS_CONDUCTED)),
            _if(f"kind = 'remedy' AND {done}", bit(measures.FINDINGS_CLOSED)),
            _if(f"kind = 'remedy' AND NOT {done}", bit(measures.FINDINGS_OPEN)),
        )
    )
    return (
        f"(CASE WHEN phase = {DROPPED} THEN {bit(measures.CANCELLED)} "
        f"WHEN due IS NULL THEN {by_kind} | {without_due} "
        f"ELSE {by_kind} | {with_due} END)"
    )


def _if(condition: str, yes: int, no: int = 0) -> str:
    return f"(CASE WHEN {condition} THEN {yes} ELSE {no} END)"


def sums(bits: str, times: str) -> str:
    """One column a measure: how often it is in the sets, each counted so many times."""
    return ", ".join(
        f"coalesce(sum({times}) FILTER (WHERE {bits} & {bit(index)} <> 0), 0)::BIGINT AS {name}"
        for index, name in enumerate(MEASURES)
    )
