"""Loading a programme: a document and the members of its classes become events.

Pure. Loading the same document twice gives the same event ids, so the second time says nothing
but for members and conditions that are new.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from schemas.due_text import canonical
from schemas.event import Document, Event, EventId, Opens
from schemas.events.inspection import InspectionExpected
from schemas.events.programme import (
    Item,
    ProgrammeIssued,
    ReportingRuleEstablished,
    Terms,
)
from schemas.events.report import ReportExpected
from schemas.events.task import TaskAssigned
from schemas.events.unit import UnitClassMembersSet, UnitEstablished
from schemas.jsonl import derived_id, to_object
from schemas.limits import NAME_CHARS_MAX, TEXT_CHARS_MAX
from schemas.periods import PeriodKind
from schemas.times import Day, midnight
from services.openings import CENTRE, REPORT_KINDS, Codes, Opening, duties, openings
from services.programme_document import ProgrammeDocument, ReportingRule, Task, Unit

SHOWN_PERIODS = (*PeriodKind, "once")
"""Kinds of period that a rule on the topic may name; a rule on demand names none."""

NO_ID = EventId(bytes(16))


def load(
    document: ProgrammeDocument,
    members: Mapping[str, Sequence[str]],
    *,
    source: str,
    declared: Mapping[str, Set[str]] | None = None,
    opens_from: Day | None = None,
    opens_until: Day | None = None,
    node: str | None = None,
) -> Iterator[Event]:
    """The events of a document, in the order in which they should be recorded.

    First the programme and its reporting rules, then the classes that have members, then one
    opening per obligation (see services.openings for the other arguments). `source` is the
    recording system; it is part of the ids. Raises Refused where the document has no node.
    """
    issued = programme_issued(document, source=source, node=node)
    rules = {
        rule.rule: rule
        for rule in reporting_rules(document, source=source, cause=issued.event_id, node=node)
    }
    yield issued
    yield from rules.values()
    yield from class_members(document, members, source=source, node=node)
    for opening in openings(
        document,
        members,
        declared=declared,
        opens_from=opens_from,
        opens_until=opens_until,
        node=node,
    ):
        rule = rules.get(opening.rule or "")
        cause = rule.event_id if rule else issued.event_id
        yield opened(opening, document, source=source, cause=cause)


def event_id(source: str, *parts: str) -> EventId:
    """The id of an event that a load makes: UUIDv8 of who records and what it is about."""
    raw = bytearray(
        hashlib.sha256("\x1f".join(("lienthong.load", source, *parts)).encode()).digest()
    )
    raw[6] = (raw[6] & 0x0F) | 0x80
    raw[8] = (raw[8] & 0x3F) | 0x80
    return EventId(bytes(raw[:16]))


def programme_issued(
    document: ProgrammeDocument, *, source: str, node: str | None = None
) -> ProgrammeIssued:
    """The document itself with all its rows, those that nobody owes included."""
    issuer = Codes(document, node).acting(document.issuer)
    counted = {duty.item for duty in duties(document)}
    return ProgrammeIssued(
        event_id=event_id(source, "programme.issued", document.id),
        effective_at=midnight(document.issued_on),
        effective_is_day=True,
        unit=issuer,
        by=issuer,
        source=source,
        programme=document.id,
        document=_paper(document),
        number=document.number,
        title=_cut(document.title, TEXT_CHARS_MAX),
        covers_from=document.covers_from,
        covers_to=document.covers_to,
        in_force_on=document.in_force_on,
        derives_from=_cut("; ".join(document.derives_from), NAME_CHARS_MAX) or None,
        before_is_exclusive=document.before_is_exclusive,
        date_inferred=document.issued_inferred,
        items=tuple(_item(task, task.id in counted) for task in document.tasks),
        terms=tuple(_terms(document, node)),
    )


def _terms(document: ProgrammeDocument, node: str | None) -> Iterator[Terms]:
    """Who leads each row and by when, of the rows that say anything of it."""
    codes = Codes(document, node)
    for task in document.tasks:
        if task.lead or task.coordinating or task.due_as_written or task.depends_on:
            due = task.due_as_written
            yield Terms(
                item=task.id,
                lead=tuple(_code(one, codes) for one in task.lead),
                helpers=tuple(_code(one, codes) for one in task.coordinating),
                due=_cut(due, TEXT_CHARS_MAX) if due else None,
                depends_on=task.depends_on,
            )


def _item(task: Task, counted: bool) -> Item:
    return Item(
        id=task.id,
        kind=task.kind,
        title=_cut(task.title, TEXT_CHARS_MAX),
        area=task.areas[0] if task.areas else None,
        parent=task.parent,
        counted=counted,
        inferred="*" in task.inferred or "id" in task.inferred,
    )


def reporting_rules(
    document: ProgrammeDocument, *, source: str, cause: EventId, node: str | None = None
) -> Iterator[ReportingRuleEstablished]:
    """The standing duties to report. A rule on the contents of other reports is not among them."""
    codes = Codes(document, node)
    kinds = {duty.rule.id: duty.kind for duty in duties(document) if duty.rule}
    issuer = codes.acting(document.issuer)
    for rule in document.rules:
        if rule.embedded:
            continue
        yield ReportingRuleEstablished(
            event_id=event_id(source, "reporting_rule.established", document.id, rule.id),
            causation_id=cause,
            effective_at=midnight(document.in_force_on),
            effective_is_day=True,
            unit=issuer,
            by=issuer,
            source=source,
            programme=document.id,
            document=_paper(document),
            rule=rule.id,
            title=_cut(rule.title, TEXT_CHARS_MAX),
            report_kind=kinds.get(rule.id, "report"),
            period_kinds=tuple(word for word in rule.period_words if word in SHOWN_PERIODS),
            owers=_owers(rule, codes),
            to=tuple(dict.fromkeys(codes.acting(unit) for unit in rule.to)),
            via=codes.acting(rule.via) if rule.via else None,
            due_rule=canonical(rule.due),
            valid_from=document.in_force_on,
            valid_to=document.covers_to,
        )


def _owers(rule: ReportingRule, codes: Codes) -> tuple[str, ...]:
    """Codes of units and `class:<code of the class>`; prose stays prose."""
    found = [_code(reference, codes) for reference in rule.owers]
    if rule.owers_prose:
        found.append(_cut(rule.owers_prose, NAME_CHARS_MAX))
    return tuple(found)


def _code(reference: str, codes: Codes) -> str:
    if reference.startswith("class:"):
        return f"class:{class_code(reference.removeprefix('class:'), codes)}"
    return codes.of(reference)


def class_code(class_id: str, codes: Codes) -> str:
    """The code of a class: class ids are local to a province, as unit ids are."""
    return f"{codes.node}.{class_id}"


def class_members(
    document: ProgrammeDocument,
    members: Mapping[str, Sequence[str]],
    *,
    source: str,
    node: str | None = None,
) -> Iterator[UnitClassMembersSet]:
    """Who belongs to each class of the document from the day on which it holds."""
    codes = Codes(document, node)
    for one in document.classes:
        if members.get(one.id):
            yield _with_id_of_content(
                UnitClassMembersSet(
                    event_id=NO_ID,
                    effective_at=midnight(document.in_force_on),
                    unit=codes.node,
                    by=codes.node,
                    source=source,
                    unit_class=class_code(one.id, codes),
                    members=tuple(members[one.id]),
                )
            )


def _with_id_of_content(event: UnitClassMembersSet) -> UnitClassMembersSet:
    """Other members are another event: they may be set again for the same day."""
    line = to_object(event)
    del line["event_id"]
    return replace(event, event_id=EventId(derived_id(line).bytes))


def opened(
    opening: Opening, document: ProgrammeDocument, *, source: str, cause: EventId | None = None
) -> Opens:
    """The event that opens one obligation; `cause` is the event of its rule or its programme."""
    envelope: dict[str, Any] = {
        "event_id": event_id(source, "opens", opening.obligation),
        "causation_id": cause,
        "effective_at": opening.effective_at,
        "obligation": opening.obligation,
        "unit": opening.unit,
        "by": opening.issuer,
        "source": source,
        "programme": opening.programme,
        "document": _paper(document),
        "kind": opening.kind,
        "item": opening.item,
        "area": opening.area,
        "period": str(opening.period) if opening.period else None,
        "due_before": opening.due_before,
        "done_when": opening.done_when,
        "issuer": opening.issuer,
        "title": opening.title,
    }
    if opening.kind in REPORT_KINDS:
        return ReportExpected(**envelope, to=opening.to, via=opening.via, rule=opening.rule)
    if opening.kind == "inspection":
        return InspectionExpected(**envelope, rule=opening.rule)
    return TaskAssigned(
        **envelope,
        coordinating=opening.coordinating,
        evidence=opening.evidence,
        target=_cut(opening.target, TEXT_CHARS_MAX) if opening.target else None,
    )


def named_units(
    documents: Iterable[ProgrammeDocument], established_on: Day, *, source: str
) -> Iterator[UnitEstablished]:
    """The units that the documents name, parents first, each once for all of them.

    The root comes first. Where one document knows a unit's superior and another does not, the
    known one holds; a unit without any stands under its province, or the root. Names of the other
    documents are kept as aliases.
    """
    parents: dict[str, str] = {}
    names: dict[str, dict[str, None]] = {}
    first: dict[str, Unit] = {}
    nodes: set[str] = set()
    for document in documents:
        codes = Codes(document)
        nodes.add(codes.node)
        for unit in document.units:
            code = codes.of(unit.id)
            first.setdefault(code, unit)
            shown = document.province_name if code == codes.node else unit.name
            names.setdefault(code, {}).update(dict.fromkeys((shown, unit.name, *unit.aliases)))
            if unit.parent and code != codes.node:
                parents.setdefault(code, codes.of(unit.parent))
            elif code != codes.node and unit.level != CENTRE:
                parents.setdefault(code, codes.node)
    yield established(CENTRE, "Trung ương", CENTRE, "government", None, established_on, source)
    for code in sorted(first, key=lambda code: (_depth(code, parents), code)):
        unit = first[code]
        shown, *aliases = names[code]
        yield replace(
            established(
                code,
                shown,
                unit.level,
                unit.kind,
                parents.get(code, CENTRE),
                established_on,
                source,
            ),
            aliases=tuple(aliases),
            official_code=code if code in nodes else None,
        )


def established(
    code: str,
    name: str,
    level: str,
    kind: str,
    parent: str | None,
    on: Day,
    source: str,
    official_code: str | None = None,
) -> UnitEstablished:
    """The event of one unit's beginning, at the midnight of the day, recorded by its parent."""
    return UnitEstablished(
        event_id=event_id(source, "unit.established", code),
        effective_at=midnight(on),
        unit=code,
        by=parent or code,
        source=source,
        name=name,
        level=level,
        kind=kind,
        parent=parent,
        official_code=official_code,
    )


def _depth(code: str, parents: Mapping[str, str]) -> int:
    depth = 0
    while code in parents:
        code, depth = parents[code], depth + 1
    return depth


def _paper(document: ProgrammeDocument) -> Document:
    return Document(
        number=document.number, date=None if document.issued_inferred else document.issued_on
    )


def _cut(text: str, chars_max: int) -> str:
    return text if len(text) <= chars_max else f"{text[: chars_max - 1]}…"
