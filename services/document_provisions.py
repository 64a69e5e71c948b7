"""What a document lays down beside its rows, as `programme.issued` carries it: none may be lost.

Pure. Rules of inspection stand among them, too: their duties are opened by the rows they realise.
"""

from __future__ import annotations

from collections.abc import Iterator

from schemas.events.programme import Provision
from schemas.limits import TEXT_CHARS_MAX
from services.document_rules import codes_of, cut
from services.openings import Codes
from services.programme_document import InspectionRule, ProgrammeDocument
from services.programme_document import Provision as Written
from services.programme_provisions import references

INSPECTION = "inspection_rule"


def provisions_of(document: ProgrammeDocument, node: str | None = None) -> Iterator[Provision]:
    """Each rule on inspection, assessment, petitions, adjustment and IT, in that order."""
    codes = Codes(document, node)
    for inspection in document.inspections:
        yield _inspection(document, inspection, codes)
    for one in document.provisions:
        yield _written(one, codes)


def title_of(document: ProgrammeDocument, one: InspectionRule) -> str:
    """Its own words, else those of the row that it realises, else what the file says of it."""
    titles = (task.title for task in document.tasks if task.id in one.realises)
    return one.title or next(titles, None) or one.contents or one.id


def time_of(one: InspectionRule) -> str | None:
    """How often is inspected and when the plan for it is due, as written."""
    said = (one.frequency_as_written, one.plan_due_as_written)
    return "; ".join(text for text in said if text) or None


def _inspection(document: ProgrammeDocument, one: InspectionRule, codes: Codes) -> Provision:
    due = time_of(one)
    return Provision(
        id=one.id,
        kind=INSPECTION,
        title=cut(title_of(document, one), TEXT_CHARS_MAX),
        by=codes_of(one.inspectors, codes, one.inspectors_prose),
        subjects=_subjects(one.subjects, codes),
        rows=one.realises,
        due=cut(due, TEXT_CHARS_MAX) if due else None,
        lines=one.seed_lines,
        inferred=tuple(sorted(one.inferred)),
    )


def _written(one: Written, codes: Codes) -> Provision:
    return Provision(
        id=one.id,
        kind=one.kind,
        sort=one.sort,
        title=cut(one.title, TEXT_CHARS_MAX),
        by=tuple(codes.acting(unit) for unit in one.by),
        to=codes_of(one.to, codes),
        subjects=codes_of(one.subjects, codes, one.subjects_prose),
        rows=one.rows,
        lines=one.seed_lines,
        inferred=tuple(sorted(one.inferred)),
    )


def _subjects(texts: tuple[str, ...], codes: Codes) -> tuple[str, ...]:
    found, prose = references(texts)
    return codes_of(found, codes, prose)
