"""Reading a mapping from outside (YAML, JSON) field by field: typed, placed, nothing left over."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from reprlib import repr as short
from typing import TypeVar

from schemas.refusal import Reason, Refused
from schemas.times import Day, from_date, parse_day

_T = TypeVar("_T")


class Row:
    """A mapping and the place where it stands, such as `tasks[III.3.6].due.rule`.

    Every reader takes a field by its name and raises Refused, with the place, where the value is
    of another type. A field that is absent or null reads as None (or as the empty tuple).
    """

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise Refused(Reason.WRONG_TYPE, "a mapping of named fields was expected", where)
        self._fields: dict[str, object] = value
        self._read: set[str] = set()
        self.where = where

    def place(self, name: str) -> str:
        """The place of a field."""
        return f"{self.where}.{name}" if self.where else name

    def raw(self, name: str) -> object:
        """The value as it stands, None where absent."""
        self._read.add(name)
        return self._fields.get(name)

    def has(self, name: str) -> bool:
        """Whether the field stands here with a value."""
        return self._fields.get(name) is not None

    def text(self, name: str) -> str:
        """A text that must be there; NFC, never empty."""
        return self._needed(name, self.text_or_none(name))

    def text_or_none(self, name: str) -> str | None:
        """A text or None; NFC, never empty."""
        value = self.raw(name)
        return None if value is None else _text(value, self.place(name))

    def word_in(self, name: str, allowed: Sequence[str]) -> str:
        """A text that must be one of the allowed words."""
        value = self.text(name)
        if value not in allowed:
            raise Refused(
                Reason.NOT_IN_LIST,
                f"{short(value)} is none of {', '.join(allowed)}",
                self.place(name),
            )
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """A whole number within [low, high] that must be there."""
        return self._needed(name, self.integer_or_none(name, low, high))

    def integer_or_none(self, name: str, low: int, high: int) -> int | None:
        """A whole number within [low, high] or None."""
        value = self.raw(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused(
                Reason.WRONG_TYPE, f"{short(value)} is not a whole number", self.place(name)
            )
        if not low <= value <= high:
            raise Refused(
                Reason.RULE, f"{value} does not lie between {low} and {high}", self.place(name)
            )
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """true or false; the default where absent."""
        value = self.raw(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise Refused(
                Reason.WRONG_TYPE, f"{short(value)} is not true or false", self.place(name)
            )
        return value

    def day(self, name: str) -> Day:
        """A day that must be there."""
        return self._needed(name, self.day_or_none(name))

    def days(self, name: str) -> tuple[Day, ...]:
        """A list of days, none where the field is absent."""
        found = self.raw(name)
        if found is None:
            return ()
        where = self.place(name)
        listed = enumerate(_list(found, where))
        return tuple(Row({"day": one}, f"{where}[{at}]").day("day") for at, one in listed)

    def day_or_none(self, name: str) -> Day | None:
        """A day (a YAML date or `YYYY-MM-DD`) or None."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            return from_date(value)
        if not isinstance(value, str):
            raise Refused(
                Reason.WRONG_TYPE,
                f"{short(value)} is not a day; write YYYY-MM-DD",
                self.place(name),
            )
        try:
            return parse_day(value)
        except ValueError as error:
            raise Refused(Reason.IMPOSSIBLE_DAY, str(error), self.place(name)) from error

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one; absent is empty."""
        value = self.raw(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return (_text(value, self.place(name)),)
        return tuple(
            _text(one, f"{self.place(name)}[{index}]")
            for index, one in enumerate(_list(value, self.place(name)))
        )

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers; absent is empty."""
        value = self.raw(name)
        if value is None:
            return ()
        numbers = _list(value, self.place(name))
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in numbers):
            raise Refused(
                Reason.WRONG_TYPE, "a list of whole numbers was expected", self.place(name)
            )
        return tuple(one for one in numbers if isinstance(one, int))

    def row(self, name: str) -> Row:
        """A mapping that must be there."""
        return self._needed(name, self.row_or_none(name))

    def row_or_none(self, name: str) -> Row | None:
        """A mapping or None."""
        value = self.raw(name)
        return None if value is None else Row(value, self.place(name))

    def rows(self, name: str) -> tuple[Row, ...]:
        """A list of mappings, each placed by its `id` where it has one; absent is empty."""
        value = self.raw(name)
        if value is None:
            return ()
        return tuple(
            Row(one, f"{self.place(name)}[{_label(one, index)}]")
            for index, one in enumerate(_list(value, self.place(name)))
        )

    def skip(self, *names: str) -> None:
        """These fields may stand here and are not looked at."""
        self._read.update(names)

    def done(self) -> None:
        """Every field was read, or is named as one that nobody knows."""
        unknown = [name for name in self._fields if name not in self._read]
        if unknown:
            raise Refused(
                Reason.EXTRA_FIELD,
                f"the field {unknown[0]!r} is not known here; remove or correct it",
                self.where,
            )

    def _needed(self, name: str, value: _T | None) -> _T:
        if value is None:
            raise Refused(Reason.MISSING_FIELD, "the field is missing", self.place(name))
        return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise Refused(Reason.WRONG_TYPE, f"{short(value)} is not a text; put it in quotes", where)
    text = unicodedata.normalize("NFC", value).strip()
    if not text:
        raise Refused(Reason.EMPTY_STRING, "the text is empty; leave the field out instead", where)
    return text


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise Refused(Reason.WRONG_TYPE, "a list was expected", where)
    return value


def _label(value: object, index: int) -> str:
    if isinstance(value, dict) and isinstance(value.get("id"), str):
        return str(value["id"])
    return str(index)
