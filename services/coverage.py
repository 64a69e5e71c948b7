"""What becomes of every rule of a programme file: the duties that it opens, or why it opens none.

Pure. Nothing is left out: each countable row and each rule has a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.due import Composite, DueRule, Recurring, Undated
from schemas.periods import Period
from schemas.times import Day
from services.document_provisions import INSPECTION, time_of, title_of
from services.openings import Duty, Opening, duties, openings
from services.programme_document import (
    ADJUSTMENT,
    InspectionRule,
    ProgrammeDocument,
    Provision,
    ReportingRule,
    Task,
)
from services.programme_provisions import ASSESSMENT, PETITION
from services.standing import CLASS

NODE = "province"
"""The code of the made-up province for which openings are worked out."""
TASK, REPORT = "task", "reporting_rule"
KINDS = (TASK, REPORT, INSPECTION, ASSESSMENT, PETITION, ADJUSTMENT)
"""What has a line here, in the order of the lines."""
PROVISION = "provision"
"""Why a rule opens nothing: it says how something is done, and what it is about opens by rows."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What one row or rule opens for each of its owers: how many, the first for which period.

    `leads` are references of the file; `conditional`: only for those that declare to take part.
    """

    item: str
    kind: str
    leads: tuple[str, ...]
    each: int
    period: Period | None
    due_before: Day | None
    conditional: bool


@dataclass(frozen=True, kw_only=True)
class Covered:
    """A row or rule, its words, and what it opens. `why` is a reason where it opens nothing."""

    id: str
    kind: str
    sort: str | None
    title: str
    due: str | None
    opens: tuple[Opened, ...]
    why: str | None
    lines: tuple[int, ...]
    inferred: frozenset[str]


def covered(document: ProgrammeDocument) -> Iterator[Covered]:
    """Every row that is owed or binds by a condition, and every rule, by kind and in order."""
    opened = dict(_opened(document))
    for task in document.tasks:
        if task.countable or task.id in opened:
            yield _task(task, opened[task.id])
    for rule in document.rules:
        found = [opened[one] for one in (rule.id, *rule.realises) if one in opened]
        yield _rule(rule, tuple(found))
    for one in document.inspections:
        yield _inspection(document, one, opened)
    for kind in (ASSESSMENT, PETITION, ADJUSTMENT):
        for provision in document.provisions:
            if provision.kind == kind:
                yield _provision(document, provision, opened)


def _opened(document: ProgrammeDocument) -> Iterator[tuple[str, Opened]]:
    members = {one.id: (f"{NODE}.{one.id}",) for one in document.classes}
    everyone = frozenset(f"{NODE}.{one.id}" for one in document.classes)
    found: dict[str, list[Opening]] = {}
    of_duty = {duty.item: duty for duty in duties(document)}
    declared = dict.fromkeys(of_duty, everyone)
    for opening in openings(document, members, declared=declared, node=NODE):
        found.setdefault(opening.item, []).append(opening)
    for item, all_of_it in found.items():
        yield item, _of_duty(of_duty[item], all_of_it)


def _of_duty(duty: Duty, all_of_it: list[Opening]) -> Opened:
    of_one = [one for one in all_of_it if one.unit == all_of_it[0].unit]
    first = of_one[0]
    return Opened(
        item=duty.item,
        kind=duty.kind,
        leads=tuple(lead.removeprefix(CLASS) for lead in duty.leads),
        each=len(of_one),
        period=first.period,
        due_before=first.due_before,
        conditional=duty.conditional,
    )


def _guessed(due: DueRule | None) -> frozenset[str]:
    """What of a due is not on the paper: `due` the day itself, `due.ends` its last year, …"""
    marks: frozenset[str] = getattr(due, "inferred", frozenset())
    return frozenset("due" if one == "*" else f"due.{one.removeprefix('due.')}" for one in marks)


def _task(task: Task, opened: Opened) -> Covered:
    return Covered(
        id=task.id,
        kind=TASK,
        sort=task.kind,
        title=task.title,
        due=task.due_as_written,
        opens=(opened,),
        why=None,
        lines=task.seed_lines,
        inferred=task.inferred | _guessed(task.due),
    )


def _rule(rule: ReportingRule, opens: tuple[Opened, ...]) -> Covered:
    return Covered(
        id=rule.id,
        kind=REPORT,
        sort=rule.report_type,
        title=rule.title,
        due=rule.due_as_written,
        opens=opens,
        why=None if opens else _why_no_report(rule),
        lines=rule.seed_lines,
        inferred=rule.inferred | _guessed(rule.due),
    )


def _why_no_report(rule: ReportingRule) -> str:
    if rule.embedded:
        return "embedded"
    return rule.due.kind if isinstance(rule.due, Undated) else "no_period"


def _inspection(
    document: ProgrammeDocument, one: InspectionRule, opened: dict[str, Opened]
) -> Covered:
    opens = tuple(opened[row] for row in one.realises if row in opened)
    return Covered(
        id=one.id,
        kind=INSPECTION,
        sort=None,
        title=title_of(document, one),
        due=time_of(one),
        opens=opens,
        why=None if opens else _why_no_inspection(one),
        lines=one.seed_lines,
        inferred=one.inferred | _guessed(one.frequency) | _guessed(one.plan_due),
    )


def _why_no_inspection(one: InspectionRule) -> str:
    """An inspection needs a body and a period; without them it is planned when it is decided."""
    if not one.inspectors:
        return "no_inspector"
    if isinstance(one.frequency, Recurring | Composite) or one.frequency is None:
        return "no_period"
    return one.frequency.kind if isinstance(one.frequency, Undated) else "no_period"


def _provision(document: ProgrammeDocument, one: Provision, opened: dict[str, Opened]) -> Covered:
    opens = tuple(_of_the_same_lines(document, one, opened))
    return Covered(
        id=one.id,
        kind=one.kind,
        sort=one.sort,
        title=one.title,
        due=None,
        opens=opens,
        why=None if opens else PROVISION,
        lines=one.seed_lines,
        inferred=one.inferred,
    )


def _of_the_same_lines(
    document: ProgrammeDocument, one: Provision, opened: dict[str, Opened]
) -> Iterator[Opened]:
    """The index file that an assessment rule asks for, the report that a petition rule asks for."""
    lines = set(one.seed_lines)
    for row in document.tasks:
        found = opened.get(row.id)
        assessed = one.kind == ASSESSMENT and found and found.kind == "self_assessment"
        if found and assessed and lines.intersection(row.seed_lines):
            yield found
    for rule in document.rules:
        found = opened.get(rule.id)
        of_petitions = one.kind == PETITION and rule.report_type.endswith("petitions")
        if found and of_petitions and lines.intersection(rule.seed_lines):
            yield found
