"""Openings: a programme document spread over the members of its classes and its periods.

Pure. One duty is one obligation: a reporting rule that states the same duty as a countable task
adds nothing (domain 5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from schemas.due import (
    DueRule,
    Occurrence,
    Recurring,
    Undated,
    is_dated,
    is_duty,
    occurrences,
)
from schemas.event import Text
from schemas.limits import OBLIGATION_BYTES_MAX, TEXT_CHARS_MAX
from schemas.periods import Period, PeriodKind
from schemas.refusal import Reason, Refused
from schemas.times import Day, Instant, midnight
from services.programme_document import ProgrammeDocument, ReportingRule, Task
from services.working_days import on_a_working_day

PROVINCE_NODES = {"bac-kan": "06", "lang-son": "20", "dak-lak": "66", "dong-thap": "87"}
"""Code of the province's node by the province id of the programme files."""

CENTRE = "centre"
"""Code of the root; units of the centre are `centre.<id>`, once for all files."""

REPLACED = {"half_year": "Q2", "year": "Q4"}
"""The quarter whose report a longer one replaces, where the province says so; by default none."""

REPORT_KINDS = frozenset({"report", "plan", "self_assessment", "inspection_plan"})
"""Kinds of obligation that are done when something is sent."""


@dataclass(frozen=True, kw_only=True)
class Duty:
    """What a row of the document lays on its leads, before periods and members are known.

    `leads` and `coordinating` are references of the file, `periods` the kinds of period of a rule
    whose due has none of its own, `rule` the reporting rule that says where a report goes.
    `rule_id` names the standing rule that opens it: that reporting rule where it states this one
    duty and no other, else the row itself. `skips` are parts of a year, such as Q2. `accepted`:
    its programme says that it is done when whoever gets it is content.
    """

    rule_id: str
    item: str
    kind: str
    title: str
    area: str | None
    leads: tuple[str, ...]
    coordinating: tuple[str, ...]
    due: DueRule
    periods: tuple[PeriodKind, ...]
    rule: ReportingRule | None
    conditional: bool
    evidence: str | None
    target: str | None
    skips: tuple[str, ...]
    inferred: frozenset[str]
    accepted: bool = False

    @property
    def done_when(self) -> str:
        """What meets it: by default that it was sent, or declared done by who leads it."""
        if self.accepted:
            return "accepted"
        return "sent" if self.kind in REPORT_KINDS else "declared"

    @property
    def period_words(self) -> tuple[str, ...]:
        """The kinds of its periods; `once` where it is owed a single time."""
        if isinstance(self.due, Recurring) and self.due.period is not None:
            return (self.due.period,)
        return self.periods or ("once",)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One obligation at its beginning. `unit` is the ower, `effective_at` the midnight it opens."""

    obligation: str
    unit: str
    programme: str
    item: str
    kind: str
    title: Text
    area: str | None
    period: Period | None
    due_before: Day | None
    done_when: str
    issuer: str
    effective_at: Instant
    coordinating: tuple[str, ...]
    to: tuple[str, ...]
    via: str | None
    rule: str
    template: str | None = None
    evidence: Text | None
    target: Text | None
    conditional: bool
    inferred: frozenset[str]


class Codes:
    """Codes of the units that a document names; ids are local to its province.

    The committee of the province (`ubnd-tinh`) is the province's node.
    """

    def __init__(self, document: ProgrammeDocument, node: str | None = None) -> None:
        found = node or PROVINCE_NODES.get(document.province_id)
        if found is None:
            raise Refused(
                Reason.BAD_CODE,
                f"the province {document.province_id!r} has no node yet; say its code",
                "province.id",
            )
        self.node = found
        self._document = document
        self._units = {unit.id: unit for unit in document.units}

    def of(self, unit_id: str) -> str:
        """The code of a unit id of the file."""
        if unit_id == CENTRE:
            return CENTRE
        if unit_id == "ubnd-tinh":
            return self.node
        unit = self._units[unit_id]
        return f"{CENTRE if unit.level == 'centre' else self.node}.{unit_id}"

    def acting(self, unit_id: str) -> str:
        """The code of the unit that acts: a chair signs for the committee that it heads."""
        return self.of(self._document.acting(unit_id))


def duties(document: ProgrammeDocument) -> tuple[Duty, ...]:
    """Everything in the document that opens obligations, in the document's order."""
    countable = {task.id for task in document.tasks if task.countable}
    by_task = {one: rule for rule in document.rules for one in rule.realises}
    plans = plans_of_inspections(document)
    of_tasks = [
        _of_task(task, by_task.get(task.id), countable)
        for task in document.tasks
        if task.countable or task.id in plans or _binds_by_a_fact(task)
    ]
    of_rules = [
        _of_rule(rule, document)
        for rule in document.rules
        if rule.owers and not rule.embedded and countable.isdisjoint(rule.realises)
        if is_duty(rule.due) or _awaits_its_day(rule)
    ]
    return tuple(_as_agreed(document, duty) for duty in (*of_tasks, *of_rules))


def plans_of_inspections(document: ProgrammeDocument) -> frozenset[str]:
    """The rows that ask for a plan of inspections in each period, with or without a day.

    Without a day (S4:51) the plan is expected and shown, and late only once somebody sets a day.
    """
    asked = {
        row
        for one in document.inspections
        if isinstance(one.plan_due, Recurring) and one.plan_due.period is not None
        for row in one.realises
    }
    rows = (task for task in document.tasks if task.id in asked and task.lead)
    return frozenset(row.id for row in rows if obligation_kind(row) == "inspection_plan")


def _binds_by_a_fact(task: Task) -> bool:
    """Counted nowhere until somebody says of a unit that it has what the row is about (S4 2.3)."""
    by_fact = task.condition is not None and task.condition.mode == "opt_in_by_fact"
    return by_fact and bool(task.lead) and is_duty(task.due)


def _as_agreed(document: ProgrammeDocument, duty: Duty) -> Duty:
    """The province may say that a longer report replaces the last quarter in it (S4:54).

    It may also say which kinds of duty are done only when they were accepted.
    """
    duty = replace(duty, accepted=duty.kind in document.accepted_kinds)
    if PeriodKind.QUARTER not in duty.period_words or duty.kind != "report":
        return duty
    return replace(duty, skips=tuple(REPLACED[one] for one in document.replaces))


def _awaits_its_day(rule: ReportingRule) -> bool:
    """A report with periods and no day: expected, shown, late only once somebody sets a day.

    A rule "by other rules" (shape 20) is not among them: those rules will open the duty.
    """
    if isinstance(rule.due, Recurring):
        return rule.due.period is not None and not is_dated(rule.due)
    return isinstance(rule.due, Undated) and rule.due.kind == "unspecified" and bool(rule.periods)


def _of_task(task: Task, rule: ReportingRule | None, countable: Set[str]) -> Duty:
    alone = rule is not None and (
        countable & set(rule.realises) == {task.id}
        and (rule.owers, rule.due) == (task.lead, task.due)
    )
    return Duty(
        rule_id=rule.id if rule is not None and alone else task.id,
        item=task.id,
        kind=obligation_kind(task, rule),
        title=_short(task.title),
        area=task.areas[0] if task.areas else None,
        leads=task.lead,
        coordinating=task.coordinating,
        due=task.due,
        periods=(),
        rule=rule,
        conditional=task.condition is not None,
        evidence=task.evidence,
        target=_short(task.target) if task.target else None,
        skips=(),
        inferred=task.inferred | _due_marks(task.due),
    )


def _of_rule(rule: ReportingRule, document: ProgrammeDocument) -> Duty:
    areas = [task.areas[0] for task in document.tasks if task.id in rule.realises and task.areas]
    return Duty(
        rule_id=rule.id,
        item=rule.id,
        kind="self_assessment" if rule.report_type == "self_assessment" else "report",
        title=_short(rule.title),
        area=areas[0] if areas else None,
        leads=rule.owers,
        coordinating=(),
        due=rule.due,
        periods=rule.periods,
        rule=rule,
        conditional=False,
        evidence=None,
        target=None,
        skips=(),
        inferred=rule.inferred | _due_marks(rule.due),
    )


def obligation_kind(task: Task, rule: ReportingRule | None = None) -> str:
    """The kind of obligation that a row makes; `rule` is the reporting rule of the same duty."""
    match task.kind:
        case "report" if rule is not None and rule.report_type == "self_assessment":
            return "self_assessment"
        case "plan" if "inspection" in task.areas:
            return "inspection_plan"
        case "report" | "plan" | "inspection":
            return task.kind
        case _:
            return "task"


def _due_marks(due: DueRule) -> frozenset[str]:
    return frozenset({"due"}) if getattr(due, "inferred", None) else frozenset()


def _short(text: str) -> str:
    return text if len(text) <= TEXT_CHARS_MAX else f"{text[: TEXT_CHARS_MAX - 1]}…"


def openings(
    document: ProgrammeDocument,
    members: Mapping[str, Sequence[str]],
    *,
    declared: Mapping[str, Set[str]] | None = None,
    opens_from: Day | None = None,
    opens_until: Day | None = None,
    node: str | None = None,
) -> Iterator[Opening]:
    """The obligations of a document, by duty, period and ower.

    `members` maps a class id to the codes of its units; a class without members owes nothing.
    `declared` maps an item to the units that say its condition holds: others do not owe a
    conditional item. Only obligations that open in [opens_from, opens_until) are yielded; without
    bounds, those of the document's whole life. `node` is the code of the province's unit where
    PROVINCE_NODES has none. Raises Refused where an id would be too long.
    """
    codes = Codes(document, node)
    holds = declared or {}
    for duty in duties(document):
        owers = _spread(duty.leads, members, codes)
        if duty.conditional:
            owers = tuple(ower for ower in owers if ower in holds.get(duty.item, frozenset()))
        helpers = _spread(duty.coordinating, members, codes)
        for period, due_before, opens_on in _occurrences(document, duty):
            if opens_from is not None and opens_on < opens_from:
                continue
            if opens_until is not None and opens_on >= opens_until:
                continue
            if str(period).rpartition("-")[2] in duty.skips:
                continue
            for ower in owers:
                yield _open(document, codes, duty, ower, helpers, period, due_before, opens_on)


def _occurrences(document: ProgrammeDocument, duty: Duty) -> Iterator[Occurrence]:
    for one in occurrences(
        duty.due,
        document.in_force_on,
        Day(document.covers_to + 1),
        before_is_exclusive=document.before_is_exclusive,
        kinds=duty.periods,
    ):
        shifts = document.shifts_to_working_day
        yield on_a_working_day(one, document.days_off) if shifts else one


def _spread(
    references: Sequence[str], members: Mapping[str, Sequence[str]], codes: Codes
) -> tuple[str, ...]:
    """References -> codes, in order, each once: a unit of two classes owes one obligation."""
    found: dict[str, None] = {}
    for reference in references:
        if reference.startswith("class:"):
            found.update(dict.fromkeys(members.get(reference.removeprefix("class:"), ())))
        else:
            found[codes.of(reference)] = None
    return tuple(found)


def _open(
    document: ProgrammeDocument,
    codes: Codes,
    duty: Duty,
    ower: str,
    helpers: tuple[str, ...],
    period: Period | None,
    due_before: Day | None,
    opens_on: Day,
) -> Opening:
    rule = duty.rule
    return Opening(
        obligation=obligation_id(document.id, duty.item, period, ower),
        unit=ower,
        programme=document.id,
        item=duty.item,
        kind=duty.kind,
        title=duty.title,
        area=duty.area,
        period=period,
        due_before=due_before,
        done_when=duty.done_when,
        issuer=codes.acting(document.issuer),
        effective_at=midnight(opens_on),
        coordinating=tuple(helper for helper in helpers if helper != ower),
        to=tuple(dict.fromkeys(codes.acting(unit) for unit in rule.to)) if rule else (),
        via=codes.acting(rule.via) if rule and rule.via else None,
        rule=duty.rule_id,
        evidence=duty.evidence,
        target=duty.target,
        conditional=duty.conditional,
        inferred=duty.inferred,
    )


def obligation_id(programme: str, item: str, period: Period | None, ower: str) -> str:
    """`<programme>:<item>[:<period>]:<ower at opening>`; nothing is ever read out of it again."""
    parts = [programme, item, *([str(period)] if period else []), ower]
    found = ":".join(parts)
    if len(found.encode()) > OBLIGATION_BYTES_MAX:
        raise Refused(
            Reason.TOO_LONG, f"the obligation id {found!r} is over {OBLIGATION_BYTES_MAX} bytes"
        )
    return found
