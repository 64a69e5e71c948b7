"""Bodies of records written fast, by a writer that is made from their schema once.

For records that are written by the million and repeat the same few words. The bytes are those of
fastavro, which asks at each value anew which type of its union it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import attrgetter
from struct import Struct
from typing import Any

from schemas.varint import varint

WORDS_KEPT = 5_000
"""Most values of one type whose bytes are kept ready."""

Write = Callable[[Any], bytes]
Values = Callable[[Any], Sequence[Any]]
"""A record -> its values in the order of the schema's fields."""

_NULL = b"\x00"
_SECOND = b"\x02"
"""Of a union with null the other type."""


@lru_cache(WORDS_KEPT)
def _text(text: str) -> bytes:
    raw = text.encode()
    return varint(len(raw)) + raw


@lru_cache(WORDS_KEPT)
def _text_or_null(text: str | None) -> bytes:
    return _NULL if text is None else _SECOND + _text(text)


@lru_cache(WORDS_KEPT)
def _number(number: int) -> bytes:
    return varint(number)


@lru_cache(WORDS_KEPT)
def _number_or_null(number: int | None) -> bytes:
    return _NULL if number is None else _SECOND + varint(number)


def _bytes(raw: bytes) -> bytes:
    return varint(len(raw)) + raw


def _bool(value: bool) -> bytes:
    return b"\x01" if value else b"\x00"


def _bool_or_null(value: bool | None) -> bytes:
    return _NULL if value is None else _SECOND + _bool(value)


_PLAIN: dict[str, Write] = {
    "string": _text,
    "int": _number,
    "long": _number,
    "boolean": _bool,
    "bytes": _bytes,
    "double": Struct("<d").pack,
}
_OR_NULL: dict[str, Write] = {
    "string": _text_or_null,
    "int": _number_or_null,
    "long": _number_or_null,
    "boolean": _bool_or_null,
}


def writer(schema: dict[str, Any]) -> Write:
    """What writes the body of a record from its values, in the order of the schema's fields.

    Raises KeyError for a schema with types that no such record has had yet.
    """
    return _Writers(_in_order).record(schema)


def parts_writer(fields: Sequence[dict[str, Any]], lengths: Iterable[int]) -> list[Write]:
    """Writers of the parts of one body, each of so many of these fields, from attributes.

    Nested records are read by their attributes, too.
    """
    made, parts, at = _Writers(_attributes), [], 0
    for length in lengths:
        parts.append(made.fields(fields[at : at + length]))
        at += length
    return parts


def _in_order(_: Sequence[str]) -> Values:
    return _itself


def _itself(values: Any) -> Any:
    return values


def _attributes(names: Sequence[str]) -> Values:
    if len(names) != 1:
        return attrgetter(*names)
    one = attrgetter(names[0])
    return lambda record: (one(record),)


class _Writers:
    """The writers of one schema; a type is spelled out once and named afterwards."""

    def __init__(self, values: Callable[[Sequence[str]], Values]) -> None:
        self._values = values
        self._named: dict[str, Write] = {}

    def record(self, schema: dict[str, Any]) -> Write:
        return self.fields(schema["fields"])

    def fields(self, fields: Sequence[dict[str, Any]]) -> Write:
        writes = [self._write(field["type"]) for field in fields]
        values = self._values([field["name"] for field in fields])

        def write(record: Any) -> bytes:
            return b"".join([one(value) for one, value in zip(writes, values(record), strict=True)])

        return write

    def _write(self, kind: Any) -> Write:
        if isinstance(kind, list):
            return self._union(kind)
        if isinstance(kind, str):
            return self._named[kind] if kind in self._named else _PLAIN[kind]
        if kind["type"] == "array":
            return _array(self._write(kind["items"]))
        made = _fixed(kind["size"]) if kind["type"] == "fixed" else self.record(kind)
        self._named[kind["name"]] = made
        return made

    def _union(self, kinds: list[Any]) -> Write:
        plain = kinds[1] if len(kinds) == 2 and kinds[0] == "null" else None
        if isinstance(plain, str) and plain in _OR_NULL:
            return _OR_NULL[plain]
        writes = [None if one == "null" else self._write(one) for one in kinds]
        null = varint(writes.index(None)) if None in writes else b""
        text = varint(kinds.index("string")) if "string" in kinds else b""
        others = [at for at, one in enumerate(kinds) if one not in ("null", "string")]
        if len(others) > 1:
            raise KeyError(f"which of these a value is cannot be seen: {kinds}")
        other = writes[others[0]] if others else None
        mark = varint(others[0]) if others else b""

        def write(value: Any) -> bytes:
            if value is None and null:
                return null
            if text and isinstance(value, str):
                return text + _text(value)
            if other is None:
                raise TypeError(f"{value!r} is none of {kinds}")
            return mark + other(value)

        return write


def _fixed(size: int) -> Write:
    def write(raw: bytes) -> bytes:
        if len(raw) != size:
            raise ValueError(f"{raw.hex()} has {len(raw)} bytes, not {size}")
        return raw

    return write


def _array(item: Write) -> Write:
    def write(items: Sequence[Any]) -> bytes:
        if not items:
            return _NULL
        return varint(len(items)) + b"".join(map(item, items)) + _NULL

    return write
