"""Decodes a batch of event values into columns with numpy: the envelope first, then the effect.

No object is made per event. A row that is not `good` is not yet refused: it may be in another
framing or under an older schema, and the slow path (schemas.avro) decides. A good row is surely
allowed but for its head strings (`party`, `detail`, the obligation), which the engine checks once
per distinct value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from projections.cursor import PADDING, Bools, Ints, Words
from projections.passing import Pass, Reader, passing
from schemas.avro import HEADER_BYTES, MARKER, fields_added, fingerprints, writer_schema
from schemas.checks import DAYS_MAX
from schemas.event import Effect, Event, event_types
from schemas.limits import MESSAGE_BYTES_MAX, NAME_CHARS_MAX

NONE = -(1 << 31)
"""In a column of days: no day."""


@dataclass(frozen=True)
class Layout:
    """One event type under one of its schemas, as the hot path reads it."""

    head: int
    cls: type[Event]
    extends: bool
    tail: Pass
    added: int
    """Fields at its end that the type's first revision did not have."""


class Layouts:
    """All layouts that can be read, found by the eight bytes of their fingerprint."""

    def __init__(self) -> None:
        made = []
        for key, name in fingerprints().items():
            cls = event_types().get(name)
            if cls is None:
                continue
            made.append(
                Layout(
                    int.from_bytes(key, "little"),
                    cls,
                    bool(getattr(cls, "extends", False)),
                    passing(writer_schema(MARKER + key), cls, "imported_at"),
                    fields_added().get(key, 0),
                )
            )
        made.sort(key=lambda layout: layout.head)
        self.all = made
        self.heads: Words = np.array([layout.head for layout in made], "<u8")
        self.effects = np.array([layout.cls.effect for layout in made], np.uint8)
        self.extends = np.array([layout.extends for layout in made], np.bool_)
        self.added = np.array([layout.added for layout in made], np.int64)
        self.on_events = np.array([layout.cls.topic == "events" for layout in made], np.bool_)


@cache
def layouts() -> Layouts:
    """The layouts, made once."""
    return Layouts()


@dataclass
class Columns:
    """The rows of one batch. Places count from the beginning of each row's own value.

    `kind` is the row's index in `layouts().all`. `id0`, `id1` and the like are the 16 bytes as two
    little-endian words. `day` is due_before or revise_before, `flag` extends or void. `party` is
    the span of unit, by, source and programme; `detail` and `detail2` the spans of the effect's
    other fields; `content_at` where the bytes after recorded_at begin; `imported` the span of
    imported_at, whose end is the end of the prefix.
    """

    values: Sequence[bytes]
    good: Bools
    kind: Ints
    effect: NDArray[np.uint8]
    recorded_at: Ints
    id0: Words
    id1: Words
    effective_at: Ints
    is_day: Bools
    source_seq: Ints
    has_correlation: Bools
    correlation0: Words
    correlation1: Words
    has_causation: Bools
    causation0: Words
    causation1: Words
    day: Ints
    flag: Bools
    is_imported: Bools
    content_at: Ints
    obligation: tuple[Ints, Ints]
    party: tuple[Ints, Ints]
    detail: tuple[Ints, Ints]
    detail2: tuple[Ints, Ints]
    imported: tuple[Ints, Ints]

    def slices(self, span: tuple[Ints, Ints], rows: Ints | None = None) -> list[bytes]:
        """The bytes of a span, of all rows or of some."""
        start, stop = span
        values = self.values
        if rows is None:
            pairs = zip(values, start.tolist(), stop.tolist(), strict=True)
            return [value[a:b] for value, a, b in pairs]
        places = zip(rows.tolist(), start[rows].tolist(), stop[rows].tolist(), strict=True)
        return [values[row][a:b] for row, a, b in places]

    def hashes(self) -> NDArray[np.uint64]:
        """Content hash of every row, (n, 2) little-endian words; rows that are not good: any."""
        stops = self._content_stops()
        digests = [
            sha256(value[a:b]).digest()
            for value, a, b in zip(self.values, self.content_at.tolist(), stops, strict=True)
        ]
        for row in np.flatnonzero(self.is_imported & self.good).tolist():
            value = self.values[row]
            a, b, c = (int(x[row]) for x in (self.content_at, *self.imported))
            digests[row] = sha256(value[a:b] + b"\x00" + value[c : stops[row]]).digest()
        whole = np.frombuffer(b"".join(digests), "<u8").reshape(-1, 4)
        return whole[:, :2]

    def _content_stops(self) -> list[int]:
        """Where the content of every row ends: fields of later revisions that say nothing are no
        part of it, as in schemas.avro.content_hash."""
        stops = list(map(len, self.values))
        added = layouts().added[self.kind]
        for row in np.flatnonzero((added > 0) & self.good).tolist():
            value, stop = self.values[row], stops[row]
            for _ in range(int(added[row])):
                stop -= value[stop - 1] == 0
            stops[row] = stop
        return stops


_EMPTY = b"\x00" * (HEADER_BYTES + 16)


def decode(given: Sequence[bytes | None], trusted: Bools | None = None) -> Columns:
    """Values of records, single-object encoding -> columns.

    Of `trusted` rows only the prefix is read (through imported_at; the value may end there): the
    slow path, or an earlier reading, has found the rest in order.
    """
    values: list[bytes] = [
        value if value is not None and len(value) <= MESSAGE_BYTES_MAX else b"" for value in given
    ]
    joined = b"".join([value if len(value) > HEADER_BYTES else _EMPTY for value in values])
    size = np.fromiter(map(len, values), np.int64, len(values))
    short = size <= HEADER_BYTES
    size[short] = len(_EMPTY)
    stop = np.cumsum(size)
    first = stop - size
    cursor = Reader(joined + PADDING, first + HEADER_BYTES, stop).start()
    table = layouts()
    heads = cursor.words[first + 2]
    kind = np.searchsorted(table.heads, heads).clip(max=len(table.heads) - 1)
    marker = cursor.words[first] & np.uint64(0xFFFF)
    cursor.bad |= (table.heads[kind] != heads) | short
    cursor.bad |= marker != np.uint64(int.from_bytes(MARKER, "little"))
    return _columns(values, cursor, kind, first, trusted)


def _columns(
    values: list[bytes], cursor: Reader, kind: Ints, first: Ints, trusted: Bools | None
) -> Columns:
    table = layouts()
    recorded_at = cursor.longs()
    content_at = cursor.at - first
    id0, id1 = cursor.fixed16()
    effective_at = cursor.longs()
    is_day = cursor.booleans()
    source_seq = cursor.longs()
    has_correlation, correlation0, correlation1 = _optional16(cursor)
    has_causation, causation0, causation1 = _optional16(cursor)
    obligation = _optional_string(cursor)
    party_start = cursor.at
    for _ in range(3):
        cursor.strings()
    _optional_string(cursor)
    party_stop = cursor.at
    found = Columns(
        values, cursor.bad, kind, table.effects[kind], recorded_at, id0, id1, effective_at, is_day,
        source_seq, has_correlation, correlation0, correlation1, has_causation, causation0,
        causation1, np.full(len(values), NONE, np.int64), np.zeros(len(values), np.bool_),
        is_day, content_at, (obligation[0] - first, obligation[1] - first),
        (party_start - first, party_stop - first), (first, first), (first, first), (first, first),
    )  # fmt: skip
    _effects(cursor, found)
    found.detail = (found.detail[0] - first, found.detail[1] - first)
    found.detail2 = (found.detail2[0] - first, found.detail2[1] - first)
    actor = _imported(cursor, found)
    bad_head = cursor.bad.copy()
    found.imported = (found.imported[0] - first, found.imported[1] - first)
    if trusted is None or not trusted.all():
        cursor.texts.append(actor)
        cursor.bad |= actor[1] - actor[0] > NAME_CHARS_MAX
        _tail(cursor, found)
        cursor.bad |= cursor.at != cursor.end
        cursor.doubt_texts(first, cursor.bad)
    found.good = ~(cursor.bad if trusted is None else np.where(trusted, bad_head, cursor.bad))
    return found


def _optional16(cursor: Reader) -> tuple[Bools, Words, Words]:
    some = cursor.some()
    rows = np.flatnonzero(some & ~cursor.bad)
    if len(rows) == len(some):
        return (some, *cursor.fixed16())
    word0, word1 = np.zeros(len(some), np.uint64), np.zeros(len(some), np.uint64)
    if len(rows):
        part = cursor.part(rows)
        word0[rows], word1[rows] = part.fixed16()
        cursor.join(rows, part)
    return some, word0, word1


def _optional_string(cursor: Reader) -> tuple[Ints, Ints]:
    """Where the string stands; where it is null an empty span (an empty string is bad)."""
    some = cursor.some()
    if some.all():
        start, stop = cursor.strings()
        cursor.bad |= start == stop
        return start, stop
    start, stop = cursor.at.copy(), cursor.at.copy()
    rows = np.flatnonzero(some & ~cursor.bad)
    if len(rows):
        part = cursor.part(rows)
        a, b = part.strings()
        part.bad |= a == b
        start[rows], stop[rows] = a, b
        cursor.join(rows, part)
    return start, stop


def _optional_days(cursor: Reader) -> Ints:
    some = cursor.some()
    days = np.full(len(some), NONE, np.int64)
    rows = np.flatnonzero(some & ~cursor.bad)
    if len(rows):
        part = cursor.part(rows)
        found = part.longs()
        part.bad |= np.abs(found) > DAYS_MAX
        days[rows] = found
        cursor.join(rows, part)
    return days


def _effects(cursor: Reader, found: Columns) -> None:
    start, stop = cursor.at.copy(), cursor.at.copy()
    start2, stop2 = cursor.at.copy(), cursor.at.copy()
    for effect in (
        Effect.OPENS,
        Effect.AMENDS,
        Effect.MOVES,
        Effect.RETURNS,
        Effect.HANDS_OVER,
        Effect.NOTES,
        Effect.CORRECTS,
    ):
        rows = np.flatnonzero((found.effect == effect) & ~cursor.bad)
        if not len(rows):
            continue
        part = cursor.part(rows)
        match effect:
            case Effect.OPENS:
                part.strings()
                part.strings()
                _optional_string(part)
                _optional_string(part)
                stop[rows] = part.at
                found.day[rows] = _optional_days(part)
                start2[rows] = part.at
                part.strings()
                part.strings()
                stop2[rows] = part.at
            case Effect.MOVES:
                found.day[rows] = _optional_days(part)
                found.flag[rows] = part.booleans()
                part.bad |= found.flag[rows] != layouts().extends[found.kind[rows]]
            case Effect.RETURNS:
                found.day[rows] = _optional_days(part)
            case Effect.AMENDS:
                _optional_string(part)
                stop[rows] = part.at
            case Effect.HANDS_OVER | Effect.NOTES:
                part.strings()
                stop[rows] = part.at
            case _:
                part.skip(16)
                found.flag[rows] = part.booleans()
                has_replacement = _optional_string(part)
                part.bad |= found.flag[rows] == (has_replacement[0] < has_replacement[1])
                stop[rows] = part.at
        cursor.join(rows, part)
    found.detail, found.detail2 = (start, stop), (start2, stop2)


def _imported(cursor: Reader, found: Columns) -> tuple[Ints, Ints]:
    """Read through imported_at; returns the span of actor_role."""
    actor = _optional_string(cursor)
    _optional_longs(cursor)
    start = cursor.at.copy()
    found.is_imported = cursor.bytes[start] == 2
    _optional_longs(cursor)
    found.imported = (start, cursor.at.copy())
    return actor


def _tail(cursor: Reader, found: Columns) -> None:
    # Rows of one type are passed over together; a type costs some calls, whatever its rows.
    order = np.argsort(found.kind, kind="stable")
    kinds, begin = np.unique(found.kind[order], return_index=True)
    for number, rows in zip(kinds.tolist(), np.split(order, begin)[1:], strict=True):
        rows = np.sort(rows[~cursor.bad[rows]])
        if len(rows):
            part = cursor.part(rows)
            layouts().all[number].tail(part)
            cursor.join(rows, part)


def _optional_longs(cursor: Reader) -> None:
    rows = np.flatnonzero(cursor.some() & ~cursor.bad)
    if len(rows):
        part = cursor.part(rows)
        part.longs()
        cursor.join(rows, part)
