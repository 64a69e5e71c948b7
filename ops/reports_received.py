"""The reports that go to, through or back to a unit: along reporting lines, not along the tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ops.question import Asked, Json, Sources
from ops.registers import Types
from projections.ask import Ask
from projections.due_changes import opening_of, ower_of
from projections.reporting import GONE, KINDS, OPEN, Line, Sent, line_of, sent_of
from schemas.event import Event, Opens
from schemas.events.programme import ReportingRuleEstablished
from schemas.events.report import ReportRequested
from schemas.refusal import Reason, Refused
from schemas.times import (
    day_of,
    day_or_none,
    instant_or_none,
)

MOST = 20_000
"""Most obligations that one question looks through."""
TYPES: Types = (ReportingRuleEstablished, ReportRequested)


class Report(NamedTuple):
    """One report as its recipients see it: its row on the list, its opening, what became of it."""

    row: dict[str, Any]
    opened: Opens
    line: Line
    sent: Sent
    rule: ReportingRuleEstablished | None

    @property
    def copied(self) -> tuple[str, ...]:
        """Who gets a copy by its rule."""
        return tuple(self.rule.copied or ()) if self.rule else ()

    @property
    def template_asked(self) -> str | None:
        """The version of the template that its opening asks for, or else its rule."""
        named: str | None = getattr(self.opened, "template", None)
        return named or (self.rule.template if self.rule else None)

    def role(self, unit: str) -> str | None:
        """What the unit is to it; who gets a copy owes nothing and asks for nothing."""
        copy = unit in self.copied and unit != self.row["unit"]
        return self.line.role(unit) or ("copied" if copy else None)

    @property
    def obligation(self) -> str:
        """Its id."""
        return self.opened.obligation or ""

    @property
    def state(self) -> str:
        """The code of its state."""
        return str(self.row["state"])


class Which(NamedTuple):
    """Which reports are meant; None: any. Without a period only what is still to be sent."""

    programme: str | None = None
    period: str | None = None
    item: str | None = None
    all_states: bool = False
    kinds: tuple[str, ...] = KINDS


def reads() -> tuple[Types, ...]:
    """The registers of questions about reports received."""
    return (TYPES,)


def received(sources: Sources, asked: Asked, unit: str, which: Which) -> list[Report]:
    """The reports of which the unit is a recipient, an intermediary or the issuer.

    In the order of dues. Raises Refused where more than MOST would have to be looked through.
    """
    named: dict[tuple[str | None, str], bool] = {}
    makers: list[str] = []
    for rule in rules(sources, asked):
        key = (rule.programme, rule.item or rule.rule)
        mine = unit in (*rule.to, rule.via, rule.by, *(rule.copied or ()))
        named[key] = named.get(key, False) or mine
        makers += [rule.by] if mine else []
    found: list[Report] = []
    for row in _rows(sources, asked, scope(sources, asked, unit, makers), which):
        # What no rule on the log bears is asked of its opening, one by one.
        if named.get((row["programme"], row["item"]), True):
            one = report(sources, asked, row)
            if one is not None and one.role(unit) is not None:
                found.append(one)
    return found


def rules(sources: Sources, asked: Asked) -> list[ReportingRuleEstablished]:
    """The rules of all programmes by which somebody reports."""
    told = sources.registers.of(TYPES).held(asked.on, asked.known)
    return [one for one in told if isinstance(one, ReportingRuleEstablished)]


def scope(sources: Sources, asked: Asked, unit: str, makers: Iterable[str]) -> str:
    """The unit below which the reports to a unit come from.

    To a department of the province they come from all over the province, and so they do to
    whomever a rule of the province names; `makers` are the units that made such rules.
    """
    day = sources.query.boards.tree.at(day_of(asked.on))
    if unit not in day:
        return unit
    highest = {
        next(top for top in day.path(one) if day.level(top) == day.level(one))
        for one in (unit, *makers)
        if one in day
    }
    return next(one for one in day.path(unit) if one in highest)


def _rows(sources: Sources, asked: Asked, root: str, which: Which) -> Iterator[dict[str, Any]]:
    ask = Ask(on=asked.on, known=asked.known, programme=which.programme, period=which.period)
    states = (None,) if which.period or which.all_states else OPEN
    for state in states:
        found: Any = sources.query.obligations(root, ask, state, limit=MOST)
        if found["total"] > MOST:
            sentence = f"more than {MOST} obligations; name a programme or a period"
            raise Refused(Reason.TOO_LARGE, sentence, "period")
        for row in found["obligations"]:
            meant = which.item in (None, row["item"]) and row["kind"] in which.kinds
            if meant and row["state"] not in GONE:
                yield row


def report(sources: Sources, asked: Asked, row: dict[str, Any]) -> Report | None:
    """The report of a row; None where the ledger knows of no opening."""
    history = sources.registers.history(row["obligation"], asked.on, asked.known)
    opened = opening_of(history)
    return None if opened is None else _report(sources, asked, row, opened, history)


def _report(
    sources: Sources, asked: Asked, row: dict[str, Any], opened: Opens, history: list[Event]
) -> Report:
    rule = _rule_of(sources, asked, opened)
    return Report(row, opened, line_of(opened), sent_of(history), rule)


def _rule_of(sources: Sources, asked: Asked, opened: Opens) -> ReportingRuleEstablished | None:
    """The rule that an opening names; None where it names none or nobody established it."""
    name = getattr(opened, "rule", None)
    told = sources.registers.of(TYPES).of(opened.programme or "", asked.on, asked.known)
    found = [one for one in told if isinstance(one, ReportingRuleEstablished) and one.rule == name]
    return found[0] if found else None


def one_report(sources: Sources, asked: Asked, obligation: str) -> tuple[Report, list[Event]]:
    """One report and its events. Raises Refused where nobody opened it or it is no report."""
    history = sources.registers.history(obligation, asked.on, asked.known)
    opened = opening_of(history)
    if opened is None:
        raise Refused(Reason.RULE, f"nobody opened {obligation}", "obligation")
    if opened.kind not in KINDS:
        raise Refused(
            Reason.RULE, f"{obligation} is of kind {opened.kind}, no report", "obligation"
        )
    ask = Ask(on=asked.on, known=asked.known, programme=opened.programme, period=opened.period)
    ower = ower_of(opened, history)
    owed: Any = sources.query.obligations(ower, ask, limit=MOST, subtree=False)
    rows = [row for row in owed["obligations"] if row["obligation"] == obligation]
    if not rows:
        raise Refused(Reason.RULE, f"{obligation} is not on the board yet", "obligation")
    return _report(sources, asked, rows[0], opened, history), history


def name_of(sources: Sources, asked: Asked, unit: str) -> str:
    """The name of a unit on that day; its code where nobody established it."""
    day = sources.query.boards.tree.at(day_of(asked.on))
    return day.name(unit) if unit in day.tree.units else unit


def cells(sources: Sources, asked: Asked, one: Report, unit: str) -> dict[str, object]:
    """What a unit that has to do with a report sees of it, by the keys of columns."""
    returned, submission = one.sent.returned, one.sent.submission
    to = one.line.to or (one.line.issuer,)
    title = getattr(one.opened, "title", None)
    template: str | None = getattr(submission, "template", None)
    return {
        "obligation": one.obligation,
        "unit": one.row["unit"],
        "unit_name": one.row["unit_name"],
        "kind": one.row["kind"],
        "item": one.row["item"],
        "period": one.row["period"],
        "state": one.state,
        "due_before": one.row["due_before"],
        "days_overdue": one.row["days_overdue"],
        "revise_before": one.row["revise_before"],
        "title": title if isinstance(title, str) else None,
        "role": one.role(unit),
        "to": list(to),
        "to_names": ", ".join(name_of(sources, asked, code) for code in to),
        "via": one.line.via,
        "via_name": one.line.via and name_of(sources, asked, one.line.via),
        "sent_at": instant_or_none(one.sent.at),
        "received_at": instant_or_none(one.sent.received_at),
        "reasons": ", ".join(getattr(returned, "reasons", ())) or None,
        "reminded": one.sent.reminded,
        "template": template,
        "template_asked": one.template_asked,
        "other_template": bool(
            submission and one.template_asked and template != one.template_asked
        ),
        "data_cutoff_on": day_or_none(getattr(submission, "data_cutoff_on", None)),
    }


def counted(rows: list[Json]) -> dict[str, int]:
    """How many rows are in each state."""
    states = [str(row["state"]) for row in rows]
    return {state: states.count(state) for state in dict.fromkeys(states)}
