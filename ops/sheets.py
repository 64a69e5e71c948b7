"""Lists, boards and answers as sheets: headings in words, days and counts as what they are.

A sheet knows nothing of files; `ops.xlsx` writes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from ops import question_tables, tables
from ops.i18n import word, words
from ops.question import Column, Question
from schemas.periods import parse_period
from schemas.times import format_instant, parse_day, parse_instant, to_date
from schemas.words_vn import write_period

TONES: Mapping[str, str] = {
    "overdue": "bad",
    "done_late": "late",
    "due_soon": "soon",
    "in_revision": "waits",
    "awaiting_acceptance": "waits",
    "done_on_time": "good",
    "no_due": "quiet",
    "cancelled": "quiet",
    "transferred": "quiet",
}
"""State -> how it is coloured; `not_due` has no colour."""


class Toned(NamedTuple):
    """A text with a colour of TONES."""

    text: str
    tone: str


Value: TypeAlias = str | int | float | date | Toned | None


class Heading(NamedTuple):
    """What stands over a column; `kind` is text, code, count, number, rate, day or instant.

    Codes at the end of a table are for programs; paper has no room for them.
    """

    text: str
    kind: str = "text"


class Sheet(NamedTuple):
    """A title, lines above the table such as the day of the figures, and the table."""

    title: str
    about: tuple[str, ...]
    headings: tuple[Heading, ...]
    rows: Sequence[Sequence[Value]]


_LIST: tuple[tuple[str, str, str], ...] = (
    ("unit_name", "ui.unit", "text"),
    ("kind", "cut.kind", "word:kind"),
    ("item", "cut.item", "text"),
    ("period", "cut.period", "period"),
    ("due_before", "sheet.due_before", "day"),
    ("state", "ui.state", "state"),
    ("days_overdue", "sheet.days_overdue", "count"),
    ("revise_before", "sheet.revise_before", "day"),
    ("completed_at", "sheet.completed_at", "instant"),
    ("extended", "sheet.extended", "flag"),
    ("documents", "sheet.documents", "count"),
    ("area", "cut.area", "word:area"),
    ("programme", "ui.programme", "code"),
    ("issuer", "sheet.issuer", "code"),
    ("unit", "sheet.unit", "code"),
    ("obligation", "sheet.obligation", "code"),
)
"""Columns of a list of obligations: the key in its JSON, the word over it, what it holds."""


def obligations(title: str, about: Sequence[str], rows: Iterable[Any], language: str) -> Sheet:
    """A list of obligations, as `/api/units/CODE/obligations` gives its rows."""
    headings = tuple(Heading(word(key, language), _plain(kind)) for _, key, kind in _LIST)
    values = [[value(row[key], kind, language) for key, _, kind in _LIST] for row in rows]
    return Sheet(title, tuple(about), headings, values)


def board(found: Mapping[str, Any], language: str) -> Sheet:
    """A board: its unit alone, with all below, and its parts."""
    names = (*tables.COLUMNS, *tables.RATE_COLUMNS, *tables.SIDE)
    headings = [Heading(word("sheet.part", language))]
    headings += [Heading(word(f"measure.{name}", language), _measured(name)) for name in names]
    rows = [
        [part, *(value(figures[name], _measured(name), language) for name in names)]
        for part, figures in tables.board_parts(found, language)
    ]
    about = as_of(found, language)
    return Sheet(f"{found['name']} ({found['unit']})", about, tuple(headings), rows)


def answer(found: Mapping[str, Any], question: Question, title: str, language: str) -> Sheet:
    """The answer to a question; its columns say what they hold."""
    about, subject = found.get("name"), found.get(question.subject or "")
    whom = f"{about} ({subject})" if about and subject else about or subject
    headings = tuple(
        Heading(question_tables.heading(column, language), _held(column))
        for column in question.columns
    )
    rows = [
        [value(row[column.key], column.kind, language) for column in question.columns]
        for row in found["rows"]
    ]
    named = f"{title}: {whom}" if whom else title
    return Sheet(named, as_of(found, language), headings, rows)


def plain(title: str, rows: Sequence[Mapping[str, Any]]) -> Sheet:
    """Rows of plain values under their own keys; counts and days are told by their looks."""
    names = list(rows[0]) if rows else []
    kinds = [_looks([row[name] for row in rows]) for name in names]
    values = [
        [value(row[name], kind, "") for name, kind in zip(names, kinds, strict=True)]
        for row in rows
    ]
    headings = tuple(Heading(name, kind) for name, kind in zip(names, kinds, strict=True))
    return Sheet(title, (), headings, values)


def as_of(found: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """The lines that say at which T the figures stand, and as known at which K.

    Of a difference those of both states.
    """
    lines = []
    # Elsewhere `states` are counts by state.
    states = found.get("states")
    for state in states if isinstance(states, list) else [found]:
        lines.append(word("ui.as_of", language).format(at=tables.day(state["on"])))
        if state.get("known"):
            lines.append(word("ui.as_known", language).format(at=tables.day(state["known"])))
    return tuple(lines)


def as_asked(given: Mapping[str, Any], count: int, language: str) -> tuple[str, ...]:
    """The lines over a list: as of which T, as known at which K, and how long it is."""
    on, known = given.get("on"), given.get("known")
    lines = [word("ui.as_of", language).format(at=tables.day(on))] if on else []
    lines += [word("ui.as_known", language).format(at=tables.day(known))] if known else []
    lines.append(word("ui.obligations_count", language).format(count=tables.count(count, language)))
    return tuple(lines)


def value(given: Any, kind: str, language: str) -> Value:
    """A value of an answer's JSON as a cell's; `kind` is that of its column."""
    if given is None:
        return tables.NO_DATA if kind == "rate" else None
    if kind == "day":
        return to_date(parse_day(given))
    if kind == "instant":
        return _wall_clock(given)
    if kind == "flag":
        return word("ui.yes", language) if given else None
    if kind == "period":
        return _period(given, language)
    if kind.startswith("words:"):
        return question_tables.cell(given, Column("", kind), language)
    if kind in ("state", "word:state"):
        said = words(language).get(f"state.{given}", str(given))
        return Toned(said, TONES[given]) if given in TONES else said
    if kind.startswith("word:"):
        return words(language).get(f"{kind.removeprefix('word:')}.{given}", str(given))
    if isinstance(given, int | float) and _plain(kind) not in ("text", "code"):
        return given
    return str(given)


def _wall_clock(given: str) -> datetime:
    """The local time of an instant; a spreadsheet knows no offsets."""
    return datetime.fromisoformat(format_instant(parse_instant(given))).replace(tzinfo=None)


def _period(given: str, language: str) -> str:
    """As a letter writes it; a period that a unit system calls otherwise stays as it is."""
    try:
        return write_period(parse_period(given)) if language == "vi" else given
    except ValueError:
        return given


_WRITTEN: Mapping[str, str] = {
    **{kind: kind for kind in ("code", "count", "number", "rate", "day", "instant")},
    "days": "count",
    "score": "number",
}
"""Kind of a question's column -> how a sheet writes it; any other is text."""


def _held(column: Column) -> str:
    return "code" if column.key == "obligation" else _plain(column.kind)


def _plain(kind: str) -> str:
    return _WRITTEN.get(kind, "text")


def _measured(name: str) -> str:
    return "rate" if name in tables.RATE_COLUMNS else "count"


def _looks(values: Sequence[Any]) -> str:
    kept = [one for one in values if one is not None]
    if kept and all(type(one) is int for one in kept):
        return "count"
    if kept and all(type(one) in (int, float) for one in kept):
        return "number"
    return "day" if kept and all(map(_is_day, kept)) else "text"


def _is_day(one: Any) -> bool:
    if not isinstance(one, str) or len(one) != len("2012-06-08"):
        return False
    try:
        parse_day(one)
    except ValueError:
        return False
    return True
