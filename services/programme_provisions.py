"""Reads what a programme file lays down beside its rows: assessment, petitions, adjustment, IT.

Pure. None of it opens an obligation; all of it goes into the document, for none may be lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemas.mapping import Row
from schemas.refusal import Reason, Refused
from services.programme_document import ADJUSTMENT, Provision

ASSESSMENT, PETITION, IT_ITEM = "assessment_rule", "petition_rule", "it_item"

_REFERENCE = re.compile(r"(class:)?[a-z0-9-]+\Z", re.ASCII)


def references(texts: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """Texts -> (ids and `class:` ids, prose): "the lead of each task 3.1-3.14" is no unit."""
    prose = [text for text in texts if not _REFERENCE.match(text)]
    return tuple(text for text in texts if _REFERENCE.match(text)), "; ".join(prose) or None


def read_provisions(document: Row) -> Iterator[Provision]:
    """Every provision of a file, in its order. Raises Refused with the place."""
    for kind in (ASSESSMENT, PETITION, ADJUSTMENT):
        for row in document.rows(f"{kind}s"):
            yield _read_provision(row, kind)
    titles = _titles(document)
    for row in document.rows(f"{IT_ITEM}s"):
        yield _read_it_item(row, titles)


def _read_provision(row: Row, kind: str) -> Provision:
    subjects, prose = references(row.texts("subjects"))
    provision = Provision(
        id=row.text("id"),
        kind=kind,
        sort=row.text_or_none("kind"),
        title=row.text_or_none("text_vi") or row.text("rule_en"),
        by=row.texts("by"),
        to=row.texts("to"),
        subjects=subjects,
        subjects_prose=prose,
        rows=row.texts("realises_task"),
        seed_lines=row.integers("seed_lines"),
        inferred=frozenset(row.texts("inferred_fields")),
    )
    row.skip("rule_en", "measures", "note")
    row.done()
    return provision


def _read_it_item(row: Row, titles: dict[str, str]) -> Provision:
    """A mark on something that stands elsewhere in the file: a row, a unit or an objective."""
    about = [name for name in ("task", "unit", "objective") if row.has(name)]
    if len(about) != 1:
        raise Refused(Reason.RULE, "it names one task, unit or objective", row.where)
    named = row.text(about[0])
    note = row.text_or_none("note_en")
    provision = Provision(
        id=f"it:{named}",
        kind=IT_ITEM,
        sort=None,
        title=titles.get(named) or note or named,
        by=(),
        to=(),
        subjects=(named,) if about[0] == "unit" else (),
        subjects_prose=None,
        rows=(named,) if about[0] == "task" else (),
        seed_lines=row.integers("seed_lines"),
        # The file marks them; the document has no such list.
        inferred=frozenset({"id"}),
    )
    row.done()
    return provision


def _titles(document: Row) -> dict[str, str]:
    """What the rows, units and objectives of the file are called, by their ids."""
    named = (("tasks", "title_vi"), ("units", "name_vi"), ("objectives", "text_vi"))
    return {
        row.text("id"): row.text(title)
        for rows, title in named
        for row in document.rows(rows)
        if row.has("id") and row.has(title)
    }
