"""Reads and writes reform files: YAML in, typed document out, or a refusal that names the place."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

from schemas.event import Document
from schemas.events.unit import LEVELS, UNIT_KINDS
from schemas.mapping import Row
from schemas.refusal import Reason, Refused
from schemas.times import format_day
from services.reform_document import (
    LISTS,
    Dissolution,
    Entry,
    Establishment,
    LevelEnd,
    Merger,
    Move,
    ReformDocument,
    Renaming,
    Split,
)

REFORM_BYTES_MAX = 16_000_000
"""Largest reform file that is looked at; the whole country's of 2025 is a tenth of it."""
DEPTH_MAX = 20
"""Deepest nesting of a file that is looked at; a reform has four levels."""

_T = TypeVar("_T")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Plain data only, and no key twice: of two, YAML would silently drop the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node. Raises ValueError where a key stands twice."""
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(set(keys)) != len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            line = node.start_mark.line + 1
            raise ValueError(f"{twice!r} stands twice in the mapping at line {line}")
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def read_reform(path: Path) -> ReformDocument:
    """The document of one file. Raises Refused with the file and the place in it."""
    try:
        if path.stat().st_size > REFORM_BYTES_MAX:
            raise Refused(Reason.TOO_LARGE, f"the file is larger than {REFORM_BYTES_MAX} bytes")
        return parse_reform(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Refused(Reason.WRONG_TYPE, "the file is not UTF-8 text", path.name) from error
    except Refused as refused:
        raise refused.at(path.name) from refused


def parse_reform(text: str) -> ReformDocument:
    """The document of one YAML text. Raises Refused with the place."""
    try:
        _check_depth(text)
        loaded = yaml.load(text, _Loader)  # a SafeLoader
    except (yaml.YAMLError, ValueError) as error:  # impossible dates raise ValueError
        first = " ".join(str(error).split())[:200]
        raise Refused(Reason.WRONG_TYPE, f"this is not YAML: {first}") from error
    row = Row(loaded, "")
    document = ReformDocument(
        reform=row.text("reform"),
        by=row.text("by"),
        effective_on=row.day("effective_on"),
        document=_paper(row.row_or_none("document")),
        establish=_entries(row, "establish", _establishment),
        rename=_entries(row, "rename", _renaming),
        move=_entries(row, "move", _move),
        merge=_entries(row, "merge", _merger),
        split=_entries(row, "split", _split),
        dissolve=_entries(row, "dissolve", _dissolution),
        end_levels=_entries(row, "end_levels", _level_end),
    )
    row.done()
    if not len(document):
        raise Refused(Reason.RULE, f"the file changes nothing; give one of {', '.join(LISTS)}")
    return document


def _check_depth(text: str) -> None:
    """The fast loader would end the process at some depth, so it is looked at beforehand."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > DEPTH_MAX:
            raise Refused(Reason.WRONG_TYPE, "this YAML is nested too deeply")


def _entries(row: Row, name: str, read: Callable[[Row], _T]) -> tuple[_T, ...]:
    found = []
    for one in row.rows(name):
        found.append(read(one))
        one.done()
    return tuple(found)


def _paper(row: Row | None) -> Document | None:
    if row is None:
        return None
    paper = Document(
        number=row.text("number"),
        date=row.day_or_none("date"),
        signed_by=row.text_or_none("signed_by"),
    )
    row.done()
    return paper


def _establishment(row: Row) -> Establishment:
    return Establishment(
        unit=row.text("unit"),
        name=row.text("name"),
        level=row.word_in("level", LEVELS),
        kind=row.word_in("kind", UNIT_KINDS),
        parent=row.text("parent"),
        aliases=row.texts("aliases"),
        official_code=row.text_or_none("official_code"),
    )


def _renaming(row: Row) -> Renaming:
    return Renaming(
        unit=row.text("unit"),
        name=row.text("name"),
        aliases=row.texts("aliases"),
        official_code=row.text_or_none("official_code"),
        reason=row.text_or_none("reason"),
    )


def _move(row: Row) -> Move:
    reason = row.text_or_none("reason")
    return Move(unit=row.text("unit"), parent=row.text("parent"), reason=reason)


def _merger(row: Row) -> Merger:
    reason = row.text_or_none("reason")
    return Merger(unit=row.text("unit"), into=row.text("into"), reason=reason)


def _split(row: Row) -> Split:
    return Split(
        unit=row.text("unit"),
        into=row.texts("into"),
        inferred=row.flag("inferred"),
        reason=row.text_or_none("reason"),
    )


def _dissolution(row: Row) -> Dissolution:
    return Dissolution(
        unit=row.text("unit"),
        successors=row.texts("successors"),
        inferred=row.flag("inferred"),
        reason=row.text_or_none("reason"),
    )


def _level_end(row: Row) -> LevelEnd:
    reason = row.text_or_none("reason")
    return LevelEnd(unit=row.text("unit"), level=row.word_in("level", LEVELS), reason=reason)


def to_yaml(document: ReformDocument, notes: Mapping[str, str] | None = None) -> Iterator[str]:
    """The lines of a document's file, one entry a line; `notes` are comments by unit."""
    yield f"reform: {_quoted(document.reform)}"
    yield f"by: {_quoted(document.by)}"
    yield f"effective_on: {format_day(document.effective_on)}"
    if document.document is not None:
        yield f"document: {_paper_in_braces(document.document)}"
    for name in LISTS:
        entries: tuple[Entry, ...] = getattr(document, name)
        if entries:
            yield f"{name}:"
        for entry in entries:
            note = (notes or {}).get(entry.unit)
            yield f"- {_in_braces(entry)}" + (f"  # {' '.join(note.split())}" if note else "")


def _in_braces(entry: Any) -> str:
    said = []
    for field in dataclasses.fields(entry):
        value = getattr(entry, field.name)
        if value != field.default:
            said.append(f"{field.name}: {_quoted(value)}")
    return "{" + ", ".join(said) + "}"


def _paper_in_braces(paper: Document) -> str:
    said = [f"number: {_quoted(paper.number)}"]
    if paper.date is not None:
        said.append(f"date: {format_day(paper.date)}")
    if paper.signed_by is not None:
        said.append(f"signed_by: {_quoted(paper.signed_by)}")
    return "{" + ", ".join(said) + "}"


def _quoted(value: Any) -> str:
    """A YAML value on one line: JSON is YAML, and a code such as 06 must not become a number."""
    return json.dumps(value, ensure_ascii=False)
