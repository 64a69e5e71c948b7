"""Loading a programme: a document and the members of its classes become events.

Pure. Loading the same document twice gives the same event ids, so the second time says nothing
but for members and conditions that are new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from schemas.event import Document, Event, EventId, Opens
from schemas.events.inspection import InspectionExpected
from schemas.events.programme import (
    Item,
    ParticipationDeclared,
    ProgrammeIssued,
    Terms,
)
from schemas.events.report import ReportExpected
from schemas.events.task import TaskAssigned
from schemas.events.unit import UnitClassMembersSet, UnitEstablished
from schemas.jsonl import with_id_of_content
from schemas.limits import NAME_CHARS_MAX, TEXT_CHARS_MAX
from schemas.times import Day, midnight
from services.document_provisions import provisions_of
from services.document_rules import class_code, codes_of, cut, event_id, paper_of, rules_of
from services.openings import (
    CENTRE,
    REPORT_KINDS,
    Codes,
    Opening,
    openings,
    plans_of_inspections,
)
from services.programme_document import ProgrammeDocument, Task, Unit

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

    First the programme and its rules, then the classes that have members and what was declared,
    then one opening per obligation (see services.openings for the other arguments). `source` is
    the recording system; it is part of the ids. Raises Refused where the document has no node.
    """
    issued = programme_issued(document, source=source, node=node)
    rules = {
        rule.rule: rule
        for rule in rules_of(document, source=source, cause=issued.event_id, node=node)
    }
    willing = {
        (event.item, event.unit): event.event_id
        for event in _participations(document, declared or {}, source=source, node=node)
    }
    yield issued
    yield from rules.values()
    yield from class_members(document, members, source=source, node=node)
    yield from _participations(document, declared or {}, source=source, node=node)
    for opening in openings(
        document,
        members,
        declared=declared,
        opens_from=opens_from,
        opens_until=opens_until,
        node=node,
    ):
        cause = willing.get((opening.item, opening.unit)) if opening.conditional else None
        rule = rules[opening.rule]
        yield opened(opening, rule.document, source=source, cause=cause or rule.event_id)


def _participations(
    document: ProgrammeDocument,
    declared: Mapping[str, Set[str]],
    *,
    source: str,
    node: str | None,
) -> Iterator[ParticipationDeclared]:
    """That units take part in what only those owe who say so, from the document's beginning on."""
    by = Codes(document, node).acting(document.issuer)
    for item in sorted(declared):
        for unit in sorted(declared[item]):
            yield ParticipationDeclared(
                event_id=event_id(source, "participation.declared", document.id, item, unit),
                effective_at=midnight(document.in_force_on),
                effective_is_day=True,
                unit=unit,
                by=by,
                source=source,
                programme=document.id,
                document=paper_of(document),
                item=item,
            )


def programme_issued(
    document: ProgrammeDocument, *, source: str, node: str | None = None
) -> ProgrammeIssued:
    """The document itself with all its rows, those that nobody owes included."""
    issuer = Codes(document, node).acting(document.issuer)
    plans = plans_of_inspections(document)
    return ProgrammeIssued(
        event_id=event_id(source, "programme.issued", document.id),
        effective_at=midnight(document.issued_on),
        effective_is_day=True,
        unit=issuer,
        by=issuer,
        source=source,
        programme=document.id,
        document=paper_of(document),
        number=document.number,
        title=cut(document.title, TEXT_CHARS_MAX),
        covers_from=document.covers_from,
        covers_to=document.covers_to,
        in_force_on=document.in_force_on,
        derives_from=cut("; ".join(document.derives_from), NAME_CHARS_MAX) or None,
        revision_days=document.revision_days,
        before_is_exclusive=document.before_is_exclusive,
        date_inferred=document.issued_inferred,
        items=tuple(_item(task, plans) for task in document.tasks),
        terms=tuple(_terms(document, node)),
        shifts_to_working_day=document.shifts_to_working_day or None,
        days_off=document.days_off or None,
        provisions=tuple(provisions_of(document, node)),
    )


def _terms(document: ProgrammeDocument, node: str | None) -> Iterator[Terms]:
    """Who leads each row and by when, of the rows that say anything of it."""
    codes = Codes(document, node)
    for task in document.tasks:
        if task.lead or task.coordinating or task.due_as_written or task.depends_on:
            due = task.due_as_written
            yield Terms(
                item=task.id,
                lead=codes_of(task.lead, codes),
                helpers=codes_of(task.coordinating, codes),
                due=cut(due, TEXT_CHARS_MAX) if due else None,
                depends_on=task.depends_on,
            )


def _item(task: Task, plans: Set[str]) -> Item:
    return Item(
        id=task.id,
        kind=task.kind,
        title=cut(task.title, TEXT_CHARS_MAX),
        area=task.areas[0] if task.areas else None,
        parent=task.parent,
        counted=task.countable or task.id in plans,
        inferred="*" in task.inferred or "id" in task.inferred,
    )


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
            # Other members are another event: they may be set again for the same day.
            yield with_id_of_content(
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


def opened(
    opening: Opening, paper: Document | None, *, source: str, cause: EventId | None = None
) -> Opens:
    """The event that opens one obligation, by this paper.

    `cause` is the event of its rule, or whoever declared to take part.
    """
    envelope: dict[str, Any] = {
        "event_id": event_id(source, "opens", opening.obligation),
        "causation_id": cause,
        "effective_at": opening.effective_at,
        "obligation": opening.obligation,
        "unit": opening.unit,
        "by": opening.issuer,
        "source": source,
        "programme": opening.programme,
        "document": paper,
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
        return ReportExpected(
            **envelope,
            to=opening.to,
            via=opening.via,
            rule=opening.rule,
            template=opening.template,
        )
    if opening.kind == "inspection":
        return InspectionExpected(**envelope, rule=opening.rule)
    return TaskAssigned(
        **envelope,
        coordinating=opening.coordinating,
        evidence=opening.evidence,
        target=opening.target,
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
