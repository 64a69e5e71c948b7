"""A programme's rows: what is in it, who leads each, by when, and what has come of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ops.catalogue import class_name
from ops.question import (
    Asked,
    Column,
    Json,
    Question,
    Sources,
    choice_parameter,
    text_parameter,
)
from projections.ask import Ask
from projections.programmes import Programmes
from schemas.board import Counts
from schemas.event import Text
from schemas.events.programme import Item, Provision, Terms
from schemas.limits import NAME_CHARS_MAX
from schemas.refusal import Reason, Refused
from schemas.times import day_of
from schemas.tree import DayTree

LACKS = ("lead", "date")
UNASSIGNED, NO_DATE = "unassigned", "no_date"
"""Stand for a lead and a date that the document does not name; they have words."""
CONTAINER = "container"
"""A heading: its rows have leads and dates, it has none."""
_CLASS = "class:"
_NOTHING = Terms(item=".")


def programme_items(sources: Sources, asked: Asked) -> Json:
    """The rows in the document's order, with what is owed for each by now."""
    programmes = _known(sources, asked)
    held = programmes.all.get(asked.subject)
    if held is None:
        sentence = f"no programme {asked.subject[:80]} was issued; `programme load` loads one"
        raise Refused(Reason.NOT_IN_LIST, sentence, "programme")
    owed = _owed(sources, asked)
    terms = programmes.terms(asked.subject)
    day = sources.query.boards.tree.at(day_of(asked.on))
    rows = [
        _row(item, terms.get(item.id, _NOTHING), owed.get(item.id), day)
        for item in programmes.items(asked.subject, asked.on)
        if asked.given["area"] in (None, item.area)
    ]
    rows = [row for row in rows if _lacks(row, asked.given["without"])]
    if not any(asked.given.values()):
        rows += [_provision(one, day) for one in programmes.provisions(asked.subject)]
    return {"name": held.name, "rows": rows}


def _known(sources: Sources, asked: Asked) -> Programmes:
    programmes = sources.query.boards.programmes
    return programmes if asked.known is None else programmes.as_known(asked.known)


def _owed(sources: Sources, asked: Asked) -> Mapping[str, Counts]:
    """Item -> the figures of what is owed for it in the whole country."""
    root = sources.query.boards.tree.at(day_of(asked.on)).root
    if root is None:
        return {}
    programme = asked.subject[:NAME_CHARS_MAX]
    ask = Ask(on=asked.on, known=asked.known, by="item", programme=programme, everything=True)
    return {row.key: row.figures.counts for row in sources.query.figures(root, ask).rows if row.key}


def _row(item: Item, terms: Terms, owed: Counts | None, day: DayTree) -> dict[str, Any]:
    obligations = owed["assigned"] + owed["no_due"] if owed else 0
    lead = "; ".join(_names(terms.lead, day))
    return {
        "item": item.id,
        "item_kind": item.kind,
        "title": _readable(item.title),
        "area": item.area,
        "parent": item.parent,
        "lead": lead or UNASSIGNED,
        "helpers": "; ".join(_names(terms.helpers, day)) or None,
        "due_text": _readable(terms.due) or NO_DATE,
        "depends_on": "; ".join(terms.depends_on) or None,
        "counted": item.counted,
        "inferred": item.inferred,
        "about": [],
        "subjects": [],
        "lines": [],
        "obligations": obligations,
        "overdue": owed["overdue"] if owed else 0,
    }


def _provision(one: Provision, day: DayTree) -> dict[str, Any]:
    """What the document says beside its rows, in the same columns; nobody owes it."""
    title = _readable(one.title)
    cited = f"{title} [{', '.join(map(str, one.lines))}]" if title and one.lines else title
    return {
        "item": one.id,
        "item_kind": one.kind,
        "title": cited,
        "area": None,
        "parent": None,
        "lead": "; ".join(_names(one.by, day)) or None,
        "helpers": None,
        "subjects": list(_names(one.subjects, day)),
        "due_text": _readable(one.due),
        "depends_on": None,
        "about": list(one.rows),
        "counted": False,
        "inferred": bool(one.inferred),
        "lines": list(one.lines),
        "obligations": 0,
        "overdue": 0,
    }


def _lacks(row: Mapping[str, Any], what: str | None) -> bool:
    """Headings lack nothing; a row that is owed has been given to somebody since."""
    if what is None:
        return True
    if row["item_kind"] == CONTAINER or row["obligations"]:
        return False
    return bool(row["lead"] == UNASSIGNED if what == "lead" else row["due_text"] == NO_DATE)


def _names(codes: Iterable[str], day: DayTree) -> Iterable[str]:
    """Names of units, and of classes as the documents that we ship call them."""
    for code in codes:
        known = not code.startswith(_CLASS) and code in day.tree.units
        yield day.name(code) if known else class_name(code.removeprefix(_CLASS))


def _readable(text: Text | None) -> str | None:
    return text if isinstance(text, str) else None


SHOWN = Question(
    help="The rows of PROGRAMME: what, who leads, by when; --without lead|date: what lacks it. "
    "Then its rules on inspection, assessment, petitions, adjustment, with [lines of the paper].",
    answer=programme_items,
    columns=(
        Column("item"),
        Column("item_kind", "word:item_kind"),
        Column("title"),
        Column("area", "word:area"),
        Column("lead", "word:lead"),
        Column("helpers"),
        Column("due_text", "word:due"),
        Column("depends_on"),
        Column("counted", "flag"),
        Column("inferred", "flag"),
        Column("obligations", "count"),
        Column("overdue", "count"),
    ),
    subject="programme",
    parameters=(
        text_parameter("area", "Only this area."),
        choice_parameter("without", "Only rows that name no lead, or no date.", LACKS),
    ),
)
"""What a programme asks, and of whom nobody has asked it yet (question 9)."""
