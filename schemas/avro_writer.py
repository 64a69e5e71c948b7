"""Bodies of records written fast, by a writer that is made from their schema once.

For records that are written by the million and repeat the same few words. The bytes are those of
schemas.avro: fastavro asks at each value anew which type of its union it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from schemas.avro import varint

WORDS_KEPT = 5_000
"""Most values of one type whose bytes are kept ready."""

Write = Callable[[Any], bytes]

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
    writes = [_write(field["type"]) for field in schema["fields"]]

    def write(values: Sequence[Any]) -> bytes:
        return b"".join([one(value) for one, value in zip(writes, values, strict=True)])

    return write


def _write(kind: Any) -> Write:
    if isinstance(kind, list):
        if len(kind) != 2 or kind[0] != "null":
            raise KeyError(f"no union but that with null is written: {kind}")
        return _OR_NULL[kind[1]]
    if isinstance(kind, dict):
        return _array(writer(kind["items"]))
    return _PLAIN[kind]


def _array(item: Write) -> Write:
    def write(items: Sequence[Any]) -> bytes:
        if not items:
            return _NULL
        return varint(len(items)) + b"".join(map(item, items)) + _NULL

    return write
