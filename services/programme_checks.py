"""What a programme file must hold together: ids, references, validity, one rule for one duty.

Pure. Each refusal names the rule and the place of the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from schemas.due import Composite, DueRule, Recurring
from schemas.refusal import Reason, Refused
from schemas.times import format_day, to_date
from services.programme_document import ADJUSTMENT, ProgrammeDocument, ReportingRule


def check_document(document: ProgrammeDocument) -> None:
    """Raises Refused, with the place, for a document that contradicts itself."""
    _check_references(document)
    _check_validity(document)
    _check_overlaps(document)
    _check_adjusters(document)


def _check_references(document: ProgrammeDocument) -> None:
    units = _unique("units", [unit.id for unit in document.units])
    classes = _unique("unit_classes", [one.id for one in document.classes])
    areas = _unique("areas", [area.id for area in document.areas])
    items = _unique(
        "tasks and reporting_rules",
        [task.id for task in document.tasks] + [rule.id for rule in document.rules],
    )
    tasks = {task.id for task in document.tasks}
    _unique("inspection_rules", [one.id for one in document.inspections])
    _unique("rules beside the tasks", [one.id for one in document.provisions])
    owers = units | {f"class:{one}" for one in classes}
    _resolve(units, (document.issuer,), "document.issuer")
    for unit in document.units:
        _resolve(units | {"centre"}, (unit.parent,), f"units[{unit.id}].parent")
    for one in document.classes:
        _resolve(units, one.named_members, f"unit_classes[{one.id}].named_members")
    for area in document.areas:
        _resolve(areas, (area.parent,), f"areas[{area.id}].parent")
    for task in document.tasks:
        where = f"tasks[{task.id}]"
        _resolve(areas, task.areas, f"{where}.area")
        _resolve(owers, task.lead, f"{where}.lead")
        _resolve(owers, task.coordinating, f"{where}.coordinating")
        _resolve(tasks, (task.parent, *task.depends_on), where)
        if isinstance(task.due, Composite):
            _resolve(tasks, task.due.parts, f"{where}.due.rule.parts")
    for rule in document.rules:
        where = f"reporting_rules[{rule.id}]"
        _resolve(owers, rule.owers, f"{where}.from")
        _resolve(units, (*rule.to, rule.via), f"{where}.to")
        _resolve(items, rule.realises, f"{where}.realises_task")
    for inspection in document.inspections:
        where = f"inspection_rules[{inspection.id}]"
        _resolve(owers, inspection.inspectors, f"{where}.inspector")
        _resolve(tasks, inspection.realises, f"{where}.realises_task")
    for provision in document.provisions:
        where = f"{provision.kind}s[{provision.id}]"
        _resolve(owers, (*provision.by, *provision.to, *provision.subjects), where)
        _resolve(items, provision.rows, f"{where}.task")


def _check_validity(document: ProgrammeDocument) -> None:
    """Nothing ends before it begins: not the document, and no rule of it."""
    begins, ends = document.in_force_on, document.covers_to
    if ends < max(begins, document.covers_from):
        first = format_day(max(begins, document.covers_from))
        sentence = f"the document ends on {format_day(ends)}, before it begins on {first}"
        raise Refused(Reason.RULE, sentence, "document.covers")
    for where, rule in _dues(document):
        if isinstance(rule, Recurring):
            # A rule that names no first year begins with its document.
            if rule.ends is not None and rule.ends < to_date(begins).year:
                sentence = f"it ends with {rule.ends}, before it begins on {format_day(begins)}"
                raise Refused(Reason.RULE, sentence, where)
            if rule.starts is not None and rule.starts > to_date(ends).year:
                sentence = f"it begins in {rule.starts}, after its document ends"
                raise Refused(Reason.RULE, f"{sentence} ({format_day(ends)})", where)


def _dues(document: ProgrammeDocument) -> Iterator[tuple[str, DueRule | None]]:
    for task in document.tasks:
        yield f"tasks[{task.id}].due.rule", task.due
    for rule in document.rules:
        yield f"reporting_rules[{rule.id}].due.rule", rule.due
    for one in document.inspections:
        yield f"inspection_rules[{one.id}].frequency.rule", one.frequency
        yield f"inspection_rules[{one.id}].plan_due.rule", one.plan_due


def _check_overlaps(document: ProgrammeDocument) -> None:
    """Two rules for one duty would lay it on a unit twice, or silently with one of two dues."""
    countable = {task.id for task in document.tasks if task.countable}
    for first, second in combinations(document.rules, 2):
        shared = [one for one in second.realises if one in first.realises and one in countable]
        of_tasks = countable.intersection((*first.realises, *second.realises))
        if shared or (not of_tasks and _same_duty(first, second)):
            about = f"row {shared[0]}" if shared else f"{second.report_type} of the same units"
            sentence = f"{first.id} and {second.id} are rules for {about}; rules do not overlap"
            raise Refused(Reason.RULE, sentence, f"reporting_rules[{second.id}]")


def _same_duty(first: ReportingRule, second: ReportingRule) -> bool:
    if (first.report_type, first.to, first.to_prose) != (
        second.report_type,
        second.to,
        second.to_prose,
    ):
        return False
    periods = set(first.period_words) & set(second.period_words)
    return bool(periods and set(first.owers) & set(second.owers))


def _check_adjusters(document: ProgrammeDocument) -> None:
    """Only the issuing authority adjusts (ambiguity 32); the chair acts for the committee."""
    issuer = document.acting(document.issuer)
    for one in document.provisions:
        for unit in one.by if one.kind == ADJUSTMENT else ():
            if document.acting(unit) != issuer:
                sentence = f"{one.id} lets {unit} adjust it; only {document.issuer}, which issued"
                raise Refused(Reason.RULE, f"{sentence} it, may", f"adjustment_rules[{one.id}].by")


def _unique(where: str, ids: list[str]) -> set[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise Refused(Reason.RULE, f"the id {one!r} stands twice", where)
        seen.add(one)
    return seen


def _resolve(known: set[str], wanted: tuple[str | None, ...], where: str) -> None:
    for one in wanted:
        if one is not None and one not in known:
            raise Refused(Reason.NOT_IN_LIST, f"nothing here has the id {one!r}", where)
