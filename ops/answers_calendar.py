"""The calendar: what a unit owes in a week, a month or a period, to whom, by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from ops.http_input import DAYS_MAX
from ops.question import (
    Asked,
    Column,
    Json,
    Parameter,
    Question,
    Sources,
    choice_parameter,
    period,
    whole_parameter,
)
from ops.registers import Types
from projections import duties
from projections.ask import EVERYTHING, Ask, Chosen, Dues, within
from projections.due_changes import opening_of
from projections.duties import Sending
from schemas.event import Event, Opens
from schemas.events.programme import ReportingRuleEstablished
from schemas.periods import parse_period
from schemas.times import Day, Instant, day_of, day_or_none, parse_day
from schemas.tree import DayTree

ROWS_MAX = 200
"""Most obligations of one calendar: each is read whole from the ledger."""
OPEN = ("not_due", "due_soon", "overdue", "in_revision")
"""States in which something is still to be done by the ower, by a day."""
GONE = ("cancelled", "transferred")
WHOSE = ("own", "below")


def reads() -> tuple[Types, ...]:
    """Rules say who gets a copy."""
    return ((ReportingRuleEstablished,),)


def calendar(sources: Sources, asked: Asked) -> Json:
    """What falls due in the days asked for, what is overdue or sent back, what has no day yet."""
    lists = _lists(sources, asked, _dues(asked))
    found = {row["obligation"]: row for one in lists for row in one["obligations"]}
    owed = [row for row in found.values() if row["state"] not in GONE][:ROWS_MAX]
    rows = [_row(sources, asked, row) for row in owed]
    shared = duties.together(one for row in rows if (one := _sending(row)) is not None)
    for row in rows:
        others = shared.get(row["obligation"], ())
        row["together"] = "; ".join(str(found[other]["item"]) for other in others) or None
    rows.sort(key=lambda row: (row["due_before"] is None, row["due_before"] or "", row["ower"]))
    listed = sum(len(one["obligations"]) for one in lists)
    more = sum(one["total"] for one in lists) > listed or len(found) > ROWS_MAX
    return {"rows": rows, "more": more}


def _dues(asked: Asked) -> Dues:
    given = asked.given
    if given["period"] is not None:
        return duties.period_dues(parse_period(given["period"]))
    if given["within"]:
        return within(asked.on, given["within"])
    return duties.span_dues(given["span"] or "month", day_of(asked.on))


def _lists(sources: Sources, asked: Asked, dues: Dues) -> list[Any]:
    """Pages of obligations: due in these days; late or sent back already; without a day."""
    below = asked.given["whose"] == "below"
    ask = Ask(on=asked.on, known=asked.known)

    def page(state: str | None, chosen: Chosen = EVERYTHING) -> Json:
        return sources.query.obligations(asked.subject, ask, state, 0, ROWS_MAX, below, chosen)

    late = [page(state) for state in ("overdue", "in_revision", "no_due")]
    return [page(None, Chosen(dues=dues)), *late]


def _row(sources: Sources, asked: Asked, owed: Mapping[str, Any]) -> dict[str, Any]:
    history = sources.registers.history(owed["obligation"], asked.on, asked.known)
    opened = opening_of(history)
    day = sources.query.boards.tree.at(day_of(asked.on))
    to, via = _recipients(opened, owed)
    # What was sent back must be there again by its own day; the due has been met before.
    due = owed["revise_before"] or owed["due_before"]
    left = _left(due, asked.on) if owed["state"] in OPEN else None
    until = duties.estimate_from(owed["kind"], owed["period"], _day(due), day_of(asked.on))
    paper = None if opened is None or opened.document is None else opened.document
    return {
        "due_before": due,
        "state": owed["state"],
        "days_left": left,
        "days_overdue": owed["days_overdue"],
        "title": _title(sources, opened, owed),
        "kind": owed["kind"],
        "item": owed["item"],
        "period": owed["period"],
        "ower": owed["unit_name"],
        "ower_unit": owed["unit"],
        "to": _names(to, day),
        "to_units": list(to),
        "via": _names([via] if via else [], day),
        "via_unit": via,
        "copied": _names(_copied(sources, asked, opened), day),
        "skips": _names(_skipped(owed["unit"], to, via, day), day),
        "estimate_from": day_or_none(until),
        "programme": owed["programme"],
        "document": None if paper is None else paper.number,
        "issuer": owed["issuer"],
        "obligation": owed["obligation"],
    }


def _recipients(
    opened: Opens | None, owed: Mapping[str, Any]
) -> tuple[tuple[str, ...], str | None]:
    """Where it goes; what names nobody (a task) goes to whoever set it."""
    to = cast(tuple[str, ...], tuple(getattr(opened, "to", ())))
    return to or (str(owed["issuer"]),), getattr(opened, "via", None)


def _title(sources: Sources, opened: Event | None, owed: Mapping[str, Any]) -> str | None:
    title = getattr(opened, "title", None)
    if isinstance(title, str):
        return title
    titles = sources.query.boards.programmes.titles(owed["programme"] or "")
    return titles.get(owed["item"])


def _copied(sources: Sources, asked: Asked, opened: Event | None) -> tuple[str, ...]:
    """Who gets a copy by the rule that the obligation comes from."""
    rule = getattr(opened, "rule", None)
    if opened is None or rule is None:
        return ()
    (types,) = reads()
    told = sources.registers.of(types).of(opened.programme or "", asked.on, asked.known)
    rules = [one for one in told if isinstance(one, ReportingRuleEstablished) and one.rule == rule]
    return (rules[-1].copied or ()) if rules else ()


def _skipped(ower: str, to: tuple[str, ...], via: str | None, day: DayTree) -> Iterable[str]:
    stands = [unit for unit in to if unit in day]
    if ower not in day or not stands:
        return ()
    return duties.skipped(day.path(ower), day.path(stands[0]), via)


def _sending(row: Mapping[str, Any]) -> Sending | None:
    if row["kind"] not in duties.SHARED_KINDS or row["state"] not in OPEN or not row["due_before"]:
        return None
    due, to = parse_day(row["due_before"]), tuple(row["to_units"])
    return Sending(row["obligation"], row["ower_unit"], due, to, row["via_unit"])


def _names(codes: Iterable[str], day: DayTree) -> str | None:
    known = day.tree.units
    return "; ".join(day.name(code) if code in known else code for code in codes) or None


def _left(due: str | None, on: Instant) -> int | None:
    left = 0 if due is None else parse_day(due) - day_of(on)
    return left if left > 0 else None


def _day(text: str | None) -> Day | None:
    return None if text is None else parse_day(text)


CALENDAR = Question(
    help="What UNIT owes this month (or week, period, coming days): to whom, by when, by what.",
    answer=calendar,
    columns=(
        Column("due_before", "day"),
        Column("state", "word:state"),
        Column("days_left", "count"),
        Column("days_overdue", "count"),
        Column("title"),
        Column("period", "period"),
        Column("ower"),
        Column("to"),
        Column("via"),
        Column("copied"),
        Column("skips"),
        Column("together"),
        Column("estimate_from", "day"),
        Column("document"),
        Column("obligation"),
    ),
    parameters=(
        choice_parameter("span", "Week, month, quarter or year of the day T.", duties.SPANS),
        Parameter("period", "A period in words or figures instead: Quý II năm 2020.", period),
        whole_parameter("within", "So many days ahead instead; 0: no.", 0, DAYS_MAX, 0),
        choice_parameter("whose", "What the unit owes itself, or all below it too.", WHOSE),
    ),
    reads=reads,
)
"""Calendars (questions 13 and 18)."""
