"""The rules of a document as events: one for each standing duty, so that a calendar can open it.

Pure. Ids follow from who records and what it is about: told twice is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from schemas.due import Composite
from schemas.due_text import canonical
from schemas.event import Document, EventId, id_of
from schemas.events.programme import ReportingRuleEstablished
from schemas.limits import NAME_CHARS_MAX, TEXT_CHARS_MAX
from schemas.periods import PeriodKind
from schemas.times import midnight
from services.openings import Codes, Duty, duties
from services.programme_document import ProgrammeDocument

SHOWN_PERIODS = (*PeriodKind, "once")
"""Kinds of period that a rule on the topic may name; a rule on demand names none."""


def event_id(source: str, *parts: str) -> EventId:
    """The id of an event that a load makes: UUIDv8 of who records and what it is about."""
    return id_of("\x1f".join(("lienthong.load", source, *parts)).encode())


def rules_of(
    document: ProgrammeDocument, *, source: str, cause: EventId, node: str | None = None
) -> Iterator[ReportingRuleEstablished]:
    """The standing duties of a document: those to report first, then those that are tasks.

    One that several tasks realise (S3 R2) opens nothing itself: each of them has a rule, by its
    own id. A rule on the contents of other reports is not among them.
    """
    codes = Codes(document, node)
    duty_of = {duty.rule_id: duty for duty in duties(document)}
    for rule in document.rules:
        if rule.embedded:
            continue
        duty = duty_of.pop(rule.id, None)
        parts = Composite(parts=rule.realises) if duty is None and rule.realises else None
        yield replace(
            _rule(document, codes, rule.id, duty, source=source, cause=cause),
            title=duty.title if duty else cut(rule.title, TEXT_CHARS_MAX),
            period_kinds=tuple(word for word in rule.period_words if word in SHOWN_PERIODS),
            owers=codes_of(rule.owers, codes, rule.owers_prose),
            to=tuple(dict.fromkeys(codes.acting(unit) for unit in rule.to)),
            via=codes.acting(rule.via) if rule.via else None,
            due_rule=canonical(parts or rule.due),
        )
    for rule_id, duty in duty_of.items():
        yield _rule(document, codes, rule_id, duty, source=source, cause=cause)


def _rule(
    document: ProgrammeDocument,
    codes: Codes,
    rule_id: str,
    duty: Duty | None,
    *,
    source: str,
    cause: EventId,
) -> ReportingRuleEstablished:
    issuer = codes.acting(document.issuer)
    told: dict[str, Any] = {"title": rule_id, "report_kind": "report"}
    if duty is not None:
        told = {
            "title": duty.title,
            "report_kind": duty.kind,
            "period_kinds": duty.period_words,
            "owers": codes_of(duty.leads, codes),
            "due_rule": canonical(duty.due),
            "item": duty.item,
            "area": duty.area,
            "done_when": duty.done_when,
            "coordinating": codes_of(duty.coordinating, codes) or None,
            "evidence": duty.evidence,
            "target": duty.target,
            "conditional": duty.conditional or None,
            "skips": duty.skips or None,
        }
        if duty.rule is not None:
            told["to"] = tuple(dict.fromkeys(codes.acting(unit) for unit in duty.rule.to))
            told["via"] = codes.acting(duty.rule.via) if duty.rule.via else None
    return ReportingRuleEstablished(
        event_id=event_id(source, "rule.established", document.id, rule_id),
        causation_id=cause,
        effective_at=midnight(document.in_force_on),
        effective_is_day=True,
        unit=issuer,
        by=issuer,
        source=source,
        programme=document.id,
        document=paper_of(document),
        rule=rule_id,
        valid_from=document.in_force_on,
        valid_to=document.covers_to,
        **told,
    )


def is_of_old_load(event: ReportingRuleEstablished) -> bool:
    """Whether a load recorded it that opened its obligations, too, under ids of their tasks.

    Such a rule does not name its task; opening by it would count the same duty twice.
    """
    parts = ("reporting_rule.established", event.programme or "", event.rule)
    return event.event_id == event_id(event.source, *parts)


def codes_of(references: Sequence[str], codes: Codes, prose: str | None = None) -> tuple[str, ...]:
    """Codes of units and `class:<code of the class>`; prose stays prose."""
    found = [
        f"class:{class_code(reference.removeprefix('class:'), codes)}"
        if reference.startswith("class:")
        else codes.of(reference)
        for reference in references
    ]
    if prose:
        found.append(cut(prose, NAME_CHARS_MAX))
    return tuple(found)


def class_code(class_id: str, codes: Codes) -> str:
    """The code of a class: class ids are local to a province, as unit ids are."""
    return f"{codes.node}.{class_id}"


def paper_of(document: ProgrammeDocument) -> Document:
    """The paper that a document is, without a date that was only assumed."""
    return Document(
        number=document.number, date=None if document.issued_inferred else document.issued_on
    )


def cut(text: str, chars_max: int) -> str:
    """The text, its end marked where it is too long."""
    return text if len(text) <= chars_max else f"{text[: chars_max - 1]}…"
