"""Reads a programme file: YAML in, typed document out, or a refusal that names the place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from schemas.due import DueRule, InForce
from schemas.due_text import parse_rule
from schemas.events.unit import LEVELS, UNIT_KINDS
from schemas.mapping import Row
from schemas.periods import PeriodKind
from schemas.refusal import Reason, Refused
from schemas.times import Day, day
from services.openings import REPORT_KINDS
from services.programme_checks import check_document
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
from services.programme_provisions import read_provisions, references

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
    row.skip("source", "objectives")
    document = _read_document(row)
    row.done()
    check_document(document)
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
        provisions=tuple(read_provisions(row)),
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
    owers, owers_prose = references(row.texts("from"))
    to, to_prose = references(row.texts("to"))
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
    frequency, often = _how_often(row, "frequency")
    plan_due, planned = _how_often(row, "plan_due")
    inspectors, prose = references(row.texts("inspector"))
    inspection = InspectionRule(
        id=row.text("id"),
        title=row.text_or_none("text_vi"),
        contents=row.text_or_none("content_en"),
        inspectors=inspectors,
        inspectors_prose=prose,
        subjects=row.texts("subjects"),
        frequency=frequency,
        frequency_as_written=often,
        plan_due=plan_due,
        plan_due_as_written=planned,
        realises=row.texts("realises_task"),
        seed_lines=row.integers("seed_lines"),
        inferred=_inferred(row),
    )
    row.skip("organised_by", "modes", "findings", "follow_up", "note")
    row.skip("subject_note", "inferred_fields")
    row.done()
    return inspection


def _how_often(row: Row, name: str) -> tuple[DueRule | None, str | None]:
    """A rule and its words, or a word alone such as "once"."""
    value = row.raw(name)
    if value is None or isinstance(value, str):
        return None, value
    told = Row(value, row.place(name))
    return parse_rule(told.raw("rule"), told.place("rule")), told.text_or_none("as_written")
