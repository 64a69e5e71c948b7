"""Reads a programme file: YAML in, typed document out, or a refusal that names the place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from schemas.due import Composite, DueRule, InForce
from schemas.due_text import parse_rule
from schemas.events.unit import LEVELS, UNIT_KINDS
from schemas.mapping import Row
from schemas.periods import PeriodKind
from schemas.refusal import Reason, Refused
from schemas.times import Day, day
from services.openings import REPORT_KINDS
from services.programme_document import (
    Area,
    Condition,
    InspectionRule,
    ProgrammeDocument,
    ReportingRule,
    Task,
    Unit,
    UnitClass,
)

SCHEMA = "cchc-programme/1"
PROGRAMME_BYTES_MAX = 2_000_000
"""Largest programme file that is looked at."""

TASK_KINDS = (
    "deliverable",
    "report",
    "plan",
    "inspection",
    "responsibility",
    "content",
    "content_rule",
    "solution",
    "method",
    "container",
    "deadline_clause",
)
LEAD_MODES = ("single", "each", "co_lead")
CONDITION_MODES = ("opt_in_by_unit", "opt_in_by_fact")
REPLACING = ("half_year", "year")
OPENED_KINDS = ("task", "inspection", *sorted(REPORT_KINDS))
REVISION_DAYS_MAX = 366
CLASS_LEVELS = (*LEVELS, "any", "mixed", "none")
CLASS_KINDS = (*UNIT_KINDS, "any", "person", "oversight", "public")
PERIOD_WORDS = (*PeriodKind, "once", "on_demand", "on_event", "half_year_and_year")

ISSUED_ASSUMED = {"lang-son-review-2001-2010": day(2010, 5, 1)}
"""Days for documents whose date is not on the paper: S0 must precede May 2010, its first work."""

_REFERENCE = re.compile(r"(class:)?[a-z0-9-]+\Z", re.ASCII)


class _Loader(yaml.SafeLoader):
    """Plain data only, and no key twice: of two, YAML would silently drop the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node. Raises ValueError where a key stands twice."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                raise ValueError(f"{key!r} stands twice in the mapping at line {line}")
        return super().construct_mapping(node, deep)


def builtin_programmes() -> tuple[Path, ...]:
    """The files of the programmes that the product ships."""
    return tuple(sorted((Path(__file__).parent / "programmes").glob("*.yaml")))


def read_programme(path: Path) -> ProgrammeDocument:
    """The document of one file. Raises Refused with the file and the place in it."""
    if path.stat().st_size > PROGRAMME_BYTES_MAX:
        raise Refused(
            Reason.TOO_LARGE, f"the file is larger than {PROGRAMME_BYTES_MAX} bytes", path.name
        )
    try:
        return parse_programme(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Refused(Reason.WRONG_TYPE, "the file is not UTF-8 text", path.name) from error
    except Refused as refused:
        raise refused.at(path.name) from refused


def parse_programme(text: str) -> ProgrammeDocument:
    """The document of one YAML text. Raises Refused with the place."""
    try:
        loaded = yaml.load(text, _Loader)  # a SafeLoader
    except (yaml.YAMLError, ValueError) as error:  # impossible dates raise ValueError
        first = str(error).splitlines()[0]
        raise Refused(Reason.WRONG_TYPE, f"this is not YAML: {first}") from error
    except RecursionError as error:
        raise Refused(Reason.WRONG_TYPE, "this YAML is nested too deeply") from error
    row = Row(loaded, "")
    row.word_in("schema", (SCHEMA,))
    row.skip("source", "objectives", "assessment_rules", "petition_rules")
    row.skip("adjustment_rules", "it_items")
    document = _read_document(row)
    row.done()
    _check_references(document)
    return document


def _read_document(row: Row) -> ProgrammeDocument:
    province, conventions, head = row.row("province"), row.row("conventions"), row.row("document")
    programme_id = row.text("id")
    issued_on = head.day_or_none("issued_on")
    assumed = issued_on is None
    if issued_on is None:
        issued_on = ISSUED_ASSUMED.get(programme_id)
    if issued_on is None:
        raise Refused(Reason.MISSING_FIELD, "the field is missing", head.place("issued_on"))
    in_force = head.row_or_none("effective_rule")
    covers = head.row("covers")
    conventions.skip("time_zone", "inferred")
    document = ProgrammeDocument(
        id=programme_id,
        province_id=province.text("id"),
        province_name=province.text("name_vi"),
        before_is_exclusive=conventions.flag("before_is_exclusive", True),
        replaces=_listed(conventions, "replaces", REPLACING),
        accepted_kinds=_listed(conventions, "done_when_accepted", OPENED_KINDS),
        revision_days=conventions.integer_or_none("revision_days", 1, REVISION_DAYS_MAX),
        shifts_to_working_day=conventions.flag("shifts_to_working_day"),
        days_off=conventions.days("days_off"),
        number=head.text("number"),
        kind=head.text("kind"),
        title=head.text("title_vi"),
        issuer=head.text("issuer"),
        issued_on=issued_on,
        issued_inferred=assumed,
        in_force_on=_in_force_on(in_force) if in_force else issued_on,
        covers_from=covers.day("from"),
        covers_to=covers.day("to"),
        derives_from=head.texts("derives_from"),
        units=tuple(_read_unit(one) for one in row.rows("units")),
        classes=tuple(_read_class(one) for one in row.rows("unit_classes")),
        areas=tuple(_read_area(one) for one in row.rows("areas")),
        tasks=tuple(_read_task(one) for one in row.rows("tasks")),
        rules=tuple(_read_rule(one) for one in row.rows("reporting_rules")),
        inspections=tuple(_read_inspection(one) for one in row.rows("inspection_rules")),
        inferred=_inferred(head) | (frozenset({"issued_on"}) if assumed else frozenset()),
    )
    conventions.done()
    return document


def _listed(row: Row, name: str, words: Sequence[str]) -> tuple[str, ...]:
    found = row.texts(name)
    for one in found:
        if one not in words:
            allowed = ", ".join(words)
            raise Refused(Reason.NOT_IN_LIST, f"{one!r} is none of {allowed}", row.place(name))
    return found


def _in_force_on(row: Row) -> Day:
    rule = parse_rule(
        {
            "kind": "effective_rule",
            "as_written": row.raw("as_written"),
            "effective_on": row.raw("effective_on"),
            "inferred": row.raw("inferred"),
        },
        row.where,
    )
    assert isinstance(rule, InForce)  # parse_rule gives the class of the kind
    return rule.effective_on


def _inferred(row: Row) -> frozenset[str]:
    return frozenset(("*",) if row.flag("inferred") else row.texts("inferred_fields"))


def _read_unit(row: Row) -> Unit:
    unit = Unit(
        id=row.text("id"),
        name=row.text("name_vi"),
        level=row.word_in("level", LEVELS),
        kind=row.word_in("kind", UNIT_KINDS),
        parent=row.text_or_none("parent"),
        aliases=row.texts("aliases_vi"),
        roles=row.texts("roles"),
        inferred=_inferred(row),
    )
    row.skip("name_en", "note", "seed_lines", "inferred_fields")
    row.done()
    return unit


def _read_class(row: Row) -> UnitClass:
    unit_class = UnitClass(
        id=row.text("id"),
        name=row.text("name_vi"),
        level=row.word_in("level", CLASS_LEVELS),
        member_kind=row.word_in("member_kind", CLASS_KINDS),
        named_members=row.texts("named_members"),
        inferred=_inferred(row),
    )
    row.skip("name_en", "aliases_vi", "membership", "note", "seed_lines", "inferred_fields")
    row.done()
    return unit_class


def _read_area(row: Row) -> Area:
    area = Area(
        id=row.text("id"),
        name=row.text_or_none("name_vi") or row.text("name_en"),
        parent=row.text_or_none("parent"),
        inferred=row.flag("inferred"),
    )
    row.skip("name_en", "number", "seed_lines")
    row.done()
    return area


def _read_due(row: Row) -> tuple[DueRule, str | None, frozenset[str]]:
    due = row.row("due")
    rule = parse_rule(due.raw("rule"), due.place("rule"))
    marks = frozenset({"due"}) if due.flag("inferred") else frozenset()
    as_written = due.text_or_none("as_written")
    due.skip("seed_line", "note")
    due.done()
    return rule, as_written, marks


def _read_task(row: Row) -> Task:
    rule, as_written, marks = _read_due(row)
    target, condition = row.row_or_none("target"), row.row_or_none("conditional")
    task = Task(
        id=row.text("id"),
        title=row.text("title_vi"),
        kind=row.word_in("kind", TASK_KINDS),
        areas=row.texts("area"),
        parent=row.text_or_none("parent"),
        lead=row.texts("lead"),
        lead_mode=row.word_in("lead_mode", LEAD_MODES) if row.has("lead_mode") else None,
        coordinating=row.texts("coordinating"),
        due=rule,
        due_as_written=as_written,
        countable=row.flag("countable"),
        condition=_read_condition(condition) if condition else None,
        evidence=row.text_or_none("completion_evidence"),
        target=f"{target.text('measure_en')}: {target.raw('value')}" if target else None,
        depends_on=row.texts("depends_on"),
        note=row.text_or_none("note"),
        seed_lines=row.integers("seed_lines"),
        inferred=_inferred(row) | marks,
    )
    row.skip("title_en", "text_vi", "number_in_seed", "applies_to", "inferred_fields")
    row.done()
    if task.countable and not task.lead:
        raise Refused(Reason.RULE, "a countable row needs a lead", row.place("lead"))
    return task


def _read_condition(row: Row) -> Condition:
    mode = row.word_in("mode", CONDITION_MODES)
    return Condition(
        mode="opt_in_by_unit" if mode == "opt_in_by_unit" else "opt_in_by_fact",
        as_written=row.text("as_written"),
    )


def _read_rule(row: Row) -> ReportingRule:
    due, as_written, marks = _read_due(row)
    words = _listed(row, "period", PERIOD_WORDS)
    owers, owers_prose = _references(row.texts("from"))
    to, to_prose = _references(row.texts("to"))
    rule = ReportingRule(
        id=row.text("id"),
        title=row.text_or_none("text_vi") or row.text("name_en"),
        report_type=row.text("report_type"),
        periods=tuple(PeriodKind(word) for word in words if word in tuple(PeriodKind)),
        period_words=words,
        owers=owers,
        owers_prose=owers_prose,
        to=to,
        to_prose=to_prose,
        via=row.text_or_none("via"),
        due=due,
        due_as_written=as_written,
        realises=row.texts("realises_task"),
        contents=row.text_or_none("contents_en"),
        seed_lines=row.integers("seed_lines"),
        inferred=_inferred(row) | marks,
    )
    row.skip("name_en", "number_in_seed", "from_level", "applies_to_period", "assisted_by")
    row.skip("directed_by", "covers", "consequence_if_missing", "note", "inferred_fields")
    row.done()
    return rule


def _read_inspection(row: Row) -> InspectionRule:
    frequency = row.raw("frequency")  # a rule, or a word such as "once"
    inspection = InspectionRule(
        id=row.text("id"),
        inspectors=_references(row.texts("inspector"))[0],
        subjects=row.texts("subjects"),
        frequency=_rule_or_none(frequency, row.place("frequency")),
        plan_due=_rule_or_none(row.raw("plan_due"), row.place("plan_due")),
        realises=row.texts("realises_task"),
        seed_lines=row.integers("seed_lines"),
        inferred=_inferred(row),
    )
    row.skip("organised_by", "modes", "content_en", "findings", "follow_up", "text_vi", "note")
    row.skip("subject_note", "inferred_fields")
    row.done()
    return inspection


def _rule_or_none(value: object, where: str) -> DueRule | None:
    if value is None or isinstance(value, str):
        return None
    return parse_rule(Row(value, where).raw("rule"), f"{where}.rule")


def _references(texts: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Texts -> (ids and `class:` ids, prose): "the lead of each task 3.1-3.14" is no unit."""
    prose = [text for text in texts if not _REFERENCE.match(text)]
    return tuple(text for text in texts if _REFERENCE.match(text)), "; ".join(prose) or None


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
