"""Passes over the fields of many Avro rows at once and doubts every row that is not surely allowed.

Made from the writer's schema and the class's annotations. A doubted row is not yet refused: the
slow path reads it and decides. So these tests may be stricter than the contract, never laxer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from projections.cursor import Bools, Cursor, Ints
from schemas.checks import DAYS_MAX
from schemas.event import Event, OneOf, Shape
from schemas.limits import CODE_BYTES_MAX, LIST_ITEMS_MAX, NAME_CHARS_MAX, TEXT_CHARS_MAX

_CODE_BYTES = np.zeros(256, np.bool_)
_CODE_BYTES[list(b"abcdefghijklmnopqrstuvwxyz0123456789._-")] = True
_CONTROL_BYTES = np.zeros(256, np.bool_)
_CONTROL_BYTES[[*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F]] = True
_BLANK, _DOT = 0x20, 0x2E


class Reader(Cursor):
    """A cursor that gathers the texts it passes, so that they are checked once per batch."""

    texts: list[tuple[Ints, Ints]]
    codes: list[tuple[Ints, Ints]]

    def start(self) -> Reader:
        """Begin with no texts gathered; parts share the lists."""
        self.texts, self.codes = [], []
        return self

    def part(self, rows: Any) -> Reader:
        other = super().part(rows)
        other.texts, other.codes = self.texts, self.codes
        return other

    def doubt_texts(self, first: Ints, bad: Bools) -> None:
        """Mark in `bad` the rows (beginning at `first`) whose texts are not surely fine."""
        for spans, test, after in (
            (self.texts, _doubtful_text, _BLANK),
            (self.codes, _doubtful_code, _DOT),
        ):
            if not spans:
                continue
            begin = np.concatenate([a for a, _ in spans])
            size = np.concatenate([b for _, b in spans]) - begin
            some = np.flatnonzero(size)
            if not len(some):
                continue
            begin, size = begin[some], size[some] + 1
            stop = np.cumsum(size)
            # Every text with the byte after it, which becomes `after`: none runs into another.
            place = np.repeat(begin - stop + size, size) + np.arange(stop[-1])
            text = self.bytes[place]
            text[stop - 1] = after
            doubtful = test(text)
            if len(doubtful):
                bad[np.searchsorted(first, place[doubtful], side="right") - 1] = True


def _doubtful_code(text: NDArray[np.uint8]) -> Ints:
    return np.flatnonzero(~_CODE_BYTES[text])


def _doubtful_text(text: NDArray[np.uint8]) -> Ints:
    found = [np.flatnonzero(_CONTROL_BYTES[text])]
    lead = np.flatnonzero(text >= 0xC0)
    # The last byte is a blank, so a lead byte has a byte after it; the third is looked at below.
    padded = np.append(text, np.uint8(_BLANK))
    a, b, c = text[lead], text[lead + 1], padded[lead + 2]
    # Letters of Latin and Vietnamese and plain dashes and quotes are in form NFC wherever they
    # stand; everything else is looked at one by one.
    sure = (a >= 0xC2) & (a <= 0xC6)
    sure |= (a == 0xE1) & (b >= 0xB8) & (b <= 0xBB)
    sure |= (a == 0xE2) & (b == 0x80) & (c >= 0x90)
    found.append(lead[~sure])
    if len(lead) or (text >= 0x80).any():
        found.append(_not_utf8(text.tobytes()))
    return np.concatenate(found)


def _not_utf8(whole: bytes) -> Ints:
    """Where the bytes stop being UTF-8: one place in every stretch between blanks that is not."""
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        wrong = []
        at = 0
        for stretch in whole.split(b" "):
            try:
                stretch.decode("utf-8")
            except UnicodeDecodeError:
                wrong.append(at)
            at += len(stretch) + 1
        return np.array(wrong, np.int64)
    return np.empty(0, np.int64)


Pass = Callable[[Reader], None]


def passing(schema: Any, cls: type[Event], after: str) -> Pass:
    """A function that passes over all fields of the type that stand after the named one."""
    fields = schema["fields"]
    names = [f["name"] for f in fields]
    hints = get_type_hints(cls, include_extras=True)
    known: dict[str, Any] = {}
    for field in fields:
        _collect(field["type"], known)
    rest = fields[names.index(after) + 1 :]
    return _sequence([_field(f["type"], hints.get(f["name"]), known) for f in rest])


def _collect(schema: Any, known: dict[str, Any]) -> None:
    if isinstance(schema, list):
        for branch in schema:
            _collect(branch, known)
    elif isinstance(schema, dict):
        if "name" in schema:
            known[schema["name"]] = schema
        for field in schema.get("fields", ()):
            _collect(field["type"], known)
        _collect(schema.get("items"), known)


def _sequence(steps: list[Pass]) -> Pass:
    def run(cursor: Reader) -> None:
        for step in steps:
            step(cursor)

    return run


def _field(schema: Any, hint: Any, known: dict[str, Any]) -> Pass:
    if isinstance(schema, str) and schema in known:
        schema = known[schema]
    if isinstance(schema, list):
        return _union(schema, hint, known)
    kind = schema["type"] if isinstance(schema, dict) else schema
    if kind == "string":
        return _string(hint)
    if kind == "array":
        item = get_args(hint)[0] if get_origin(hint) is tuple else None
        return _array(_field(schema["items"], item, known))
    if kind == "record":
        inner = get_type_hints(hint, include_extras=True) if dataclasses.is_dataclass(hint) else {}
        return _sequence([_field(f["type"], inner.get(f["name"]), known) for f in schema["fields"]])
    if kind == "fixed":
        size = int(schema["size"])
        return lambda cursor: _skip(cursor, size)
    return _PLAIN[kind]


def _skip(cursor: Reader, size: int) -> None:
    cursor.skip(size)


def _bytes(cursor: Reader) -> None:
    cursor.strings()


def _boolean(cursor: Reader) -> None:
    cursor.booleans()


def _long(cursor: Reader) -> None:
    cursor.longs()


def _int(cursor: Reader) -> None:
    cursor.bad |= np.abs(cursor.longs()) > DAYS_MAX


_PLAIN: dict[str, Pass] = {
    "null": lambda cursor: None,
    "boolean": _boolean,
    "long": _long,
    "int": _int,
    "double": lambda cursor: _skip(cursor, 8),
    "float": lambda cursor: _skip(cursor, 4),
    "bytes": _bytes,
}


def _string(hint: Any) -> Pass:
    mark = get_args(hint)[1] if get_origin(hint) is Annotated else None
    if isinstance(mark, OneOf):
        allowed = frozenset(word.encode() for word in mark.words)
        return lambda cursor: _one_of(cursor, allowed)
    if isinstance(mark, Shape):
        is_code = mark.name == "code"
        most = CODE_BYTES_MAX if is_code else NAME_CHARS_MAX
    else:
        is_code, most = False, TEXT_CHARS_MAX

    def run(cursor: Reader) -> None:
        start, stop = cursor.strings()
        size = stop - start
        cursor.bad |= (size == 0) | (size > most)
        (cursor.codes if is_code else cursor.texts).append((start, stop))

    return run


def _one_of(cursor: Reader, allowed: frozenset[bytes]) -> None:
    start, stop = cursor.strings()
    whole = cursor.bytes
    cursor.bad |= np.fromiter(
        (
            whole[a:b].tobytes() not in allowed
            for a, b in zip(start.tolist(), stop.tolist(), strict=True)
        ),
        np.bool_,
        len(start),
    )


def _union(schema: list[Any], hint: Any, known: dict[str, Any]) -> Pass:
    branches = [hint]
    if get_origin(hint) in (Union, UnionType):
        branches = [b for b in get_args(hint) if b is not NoneType]
    hints: list[Any] = [None if s == "null" else _of(s, branches) for s in schema]
    steps = [_field(s, h, known) for s, h in zip(schema, hints, strict=True)]

    def run(cursor: Reader) -> None:
        branch = cursor.octets()
        cursor.bad |= (branch >= 2 * len(steps)) | ((branch & 1) == 1)
        for number, step in enumerate(steps):
            if schema[number] == "null":
                continue
            rows = np.flatnonzero((branch == 2 * number) & ~cursor.bad)
            if len(rows):
                part = cursor.part(rows)
                step(part)
                cursor.join(rows, part)

    return run


def _of(schema: Any, branches: list[Any]) -> Any:
    """Which of the annotated branches is this branch of the schema: a record, or the plain one."""
    is_record = not isinstance(schema, str) and schema.get("type") == "record"
    named = isinstance(schema, str) and "." in schema
    for branch in branches:
        if dataclasses.is_dataclass(branch) == (is_record or named):
            return branch
    return branches[0]


def _array(item: Pass) -> Pass:
    def run(cursor: Reader) -> None:
        rows = np.flatnonzero(~cursor.bad)
        passed = np.zeros(len(cursor.at), np.int64)
        while len(rows):
            part = cursor.part(rows)
            count = part.longs()
            # A negative count is followed by the block's size; ours never writes one.
            part.bad |= (count < 0) | (passed[rows] + count > LIST_ITEMS_MAX)
            cursor.join(rows, part)
            more = (count > 0) & ~part.bad
            rows, count = rows[more], count[more]
            passed[rows] += count
            _items(cursor, rows, count, item)
            rows = rows[~cursor.bad[rows]]

    return run


def _items(cursor: Reader, rows: Ints, count: Ints, item: Pass) -> None:
    done = 0
    while len(rows):
        part = cursor.part(rows)
        item(part)
        cursor.join(rows, part)
        done += 1
        more = (count > done) & ~part.bad
        rows, count = rows[more], count[more]
