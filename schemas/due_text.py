"""Due rules read from a programme file or from canonical JSON, and written back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from schemas.due import (
    FIXED_KINDS,
    GRANULARITIES,
    POSITIONS,
    UNDATED_KINDS,
    Composite,
    DueRule,
    Fixed,
    FixedKind,
    Granularity,
    InForce,
    Position,
    Recurring,
    Undated,
    UndatedKind,
    due_in,
)
from schemas.mapping import Row
from schemas.periods import YEAR_MAX, YEAR_MIN, PeriodKind, parse_period, period_of
from schemas.refusal import Reason, Refused
from schemas.times import Day, format_day

OTHER_KINDS = ("recurring", "composite", "effective_rule")
ONLY = ("H1", "H2", "Q1", "Q2", "Q3", "Q4")
SHIFT_DAYS_MAX = 3_660
"""Most days between an event and the due that it brings."""


def parse_rule(value: object, where: str = "rule") -> DueRule:
    """A mapping of the programme format (or of canonical JSON) -> rule.

    Raises Refused, with the place, for unknown kinds and fields and for days that contradict the
    words of the rule.
    """
    row = Row(value, where)
    kind = row.word_in("kind", (*FIXED_KINDS, *UNDATED_KINDS, *OTHER_KINDS))
    inferred = frozenset(("*",) if row.flag("inferred") else row.texts("inferred_fields"))
    row.skip("inferred_fields")
    rule: DueRule
    if kind in FIXED_KINDS:
        rule = _read_fixed(row, cast(FixedKind, kind), inferred)
    elif kind in UNDATED_KINDS:
        rule = _read_undated(row, cast(UndatedKind, kind), inferred)
    elif kind == "recurring":
        rule = _read_recurring(row, inferred)
    elif kind == "composite":
        rule = Composite(parts=row.texts("parts"))
    else:
        rule = InForce(
            effective_on=row.day("effective_on"),
            as_written=row.text_or_none("as_written"),
            inferred=inferred,
        )
    row.done()
    return rule


def _read_fixed(row: Row, kind: FixedKind, inferred: frozenset[str]) -> Fixed:
    granularity = row.text_or_none("granularity")
    if granularity is not None:
        row.word_in("granularity", GRANULARITIES)
    emphasis = row.row_or_none("emphasis")
    rule = Fixed(
        kind=kind,
        due_before=row.day("due_before"),
        granularity=cast(Granularity | None, granularity),
        since=row.day_or_none("from"),
        trigger=row.text_or_none("trigger"),
        after=row.text_or_none("after"),
        emphasis=emphasis.text("as_written") if emphasis else None,
        inferred=inferred,
    )
    _check_window(rule, row.place("due_before"))
    return rule


def _check_window(rule: Fixed, where: str) -> None:
    """A due "within May" that is not 1 June is a slip of the pen."""
    if rule.since is not None and rule.since >= rule.due_before:
        raise Refused(Reason.RULE, "the due lies before the window of work", where)
    if rule.granularity is None:
        return
    unit = PeriodKind(rule.granularity.removesuffix("s"))
    last_day = Day(rule.due_before - 1)
    if period_of(unit, last_day).end != rule.due_before:
        raise Refused(
            Reason.RULE, f"{format_day(rule.due_before)} is not the day after a {unit}", where
        )
    several = rule.granularity.endswith("s")
    if rule.since is not None and not several and period_of(unit, last_day).first != rule.since:
        raise Refused(Reason.RULE, f"the window is not one {unit}", where)


def _read_recurring(row: Row, inferred: frozenset[str]) -> Recurring:
    kinds = tuple(PeriodKind)
    period = PeriodKind(row.word_in("period", kinds)) if row.has("period") else None
    row.skip("period")
    due = row.row("due")
    position = cast(Position, due.word_in("position", POSITIONS))
    rule = Recurring(
        period=period,
        position=position,
        before_day=due.integer_or_none("before_day", 1, 31),
        before_month=due.integer_or_none("before_month", 1, 12),
        year_offset=due.integer_or_none("year_offset", -5, 5) or 0,
        quarter=due.integer_or_none("quarter", 1, 4),
        only=row.word_in("only", ONLY) if row.has("only") else None,
        starts=row.integer_or_none("starts", YEAR_MIN, YEAR_MAX - 1),
        ends=row.integer_or_none("ends", YEAR_MIN, YEAR_MAX - 1),
        fallback=due.text_or_none("fallback"),
        inferred=inferred,
    )
    due.done()
    if rule.starts and rule.ends and rule.ends < rule.starts:
        raise Refused(Reason.RULE, "the last year lies before the first", row.place("ends"))
    _check_position(rule, due)
    _check_example(rule, row)
    return rule


def _check_position(rule: Recurring, due: Row) -> None:
    if rule.position != "unspecified" and rule.period is None:
        raise Refused(Reason.MISSING_FIELD, "a day in each period needs a period", due.where)
    if rule.position in ("last_month_of_period", "month_day") and rule.before_day is None:
        raise Refused(Reason.MISSING_FIELD, "the field is missing", due.place("before_day"))
    if rule.position == "month_day" and rule.before_month is None:
        raise Refused(Reason.MISSING_FIELD, "the field is missing", due.place("before_month"))
    if rule.position == "within_quarter" and rule.quarter is None:
        raise Refused(Reason.MISSING_FIELD, "the field is missing", due.place("quarter"))


def _check_example(rule: Recurring, row: Row) -> None:
    """A document that works one date out itself (S4:43) must agree with the rule."""
    example = row.row_or_none("example")
    if example is None:
        return
    try:
        period = parse_period(str(example.raw("period")))
    except ValueError as error:
        raise Refused(Reason.WRONG_TYPE, str(error), example.place("period")) from error
    if due_in(rule, period) != example.day("due_before"):
        raise Refused(Reason.RULE, "the example is not what the rule gives", example.where)


def _read_undated(row: Row, kind: UndatedKind, inferred: frozenset[str]) -> Undated:
    return Undated(
        kind=kind,
        trigger=row.text_or_none("trigger"),
        offset_days=row.integer_or_none("offset_days", -SHIFT_DAYS_MAX, SHIFT_DAYS_MAX),
        reference=row.text_or_none("reference"),
        fallback_due_before=row.day_or_none("fallback_due_before"),
        inferred=inferred,
    )


def to_mapping(rule: DueRule) -> dict[str, object]:
    """The mapping that parse_rule reads back, with days as text and nothing that is absent."""
    shown: dict[str, object]
    match rule:
        case Fixed():
            shown = {
                "kind": rule.kind,
                "granularity": rule.granularity,
                "from": rule.since,
                "due_before": rule.due_before,
                "trigger": rule.trigger,
                "after": rule.after,
                "emphasis": {"as_written": rule.emphasis} if rule.emphasis else None,
            }
        case Recurring():
            due = {
                "position": rule.position,
                "before_day": rule.before_day,
                "before_month": rule.before_month,
                "year_offset": rule.year_offset or None,
                "quarter": rule.quarter,
                "fallback": rule.fallback,
            }
            shown = {
                "kind": "recurring",
                "period": rule.period,
                "due": {name: value for name, value in due.items() if value is not None},
                "only": rule.only,
                "starts": rule.starts,
                "ends": rule.ends,
            }
        case Undated():
            shown = {
                "kind": rule.kind,
                "trigger": rule.trigger,
                "offset_days": rule.offset_days,
                "reference": rule.reference,
                "fallback_due_before": rule.fallback_due_before,
            }
        case Composite():
            return {"kind": "composite", "parts": list(rule.parts)}
        case InForce():
            shown = {
                "kind": "effective_rule",
                "as_written": rule.as_written,
                "effective_on": rule.effective_on,
            }
    for name in ("from", "due_before", "fallback_due_before", "effective_on"):
        if isinstance(found := shown.get(name), int):
            shown[name] = format_day(Day(found))
    marks = _marks(rule.inferred)
    return {name: value for name, value in {**shown, **marks}.items() if value is not None}


def _marks(inferred: frozenset[str]) -> Mapping[str, object]:
    if "*" in inferred:
        return {"inferred": True}
    return {"inferred_fields": sorted(inferred)} if inferred else {}


def canonical(rule: DueRule) -> str:
    """The rule as one line of JSON, keys sorted: what `reporting_rule.established` carries."""
    return json.dumps(to_mapping(rule), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
