"""What the contract asks of an event beyond its types: shapes, lists, lengths, times."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from schemas import limits
from schemas.event import Effect, Event, EventId, OneOf, Sealed, Shape
from schemas.memo import per_class
from schemas.refusal import Reason, Refused
from schemas.times import Instant, day_of, midnight

_CODE = re.compile(r"[a-z0-9._-]{1,64}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
NOT_IN_FUTURE = frozenset(
    {Effect.MEETS, Effect.ACCEPTS, Effect.RETURNS, Effect.NOTES, Effect.DROPS}
)
_INT32 = 2**31
_INT64 = 2**63
DAYS_MAX = 100 * 366 * 24
"""Days further than about 2,400 years from 1970 are typing errors; dates end at year 9999."""


def check(event: Event) -> None:
    """Raise Refused at the first thing that the contract does not allow in this event."""
    for name, test in _tests(type(event)):
        test(name, getattr(event, name))
    _check_place(event)


def check_future(event: Event, recorded_at: Instant) -> None:
    """Raise Refused where a fact claims to be later than its recording (events.md section 2)."""
    if event.effect in NOT_IN_FUTURE:
        ahead = event.effective_at - recorded_at
        if ahead > limits.FUTURE_TOLERANCE_MS:
            raise Refused(
                Reason.FUTURE,
                f"{event.type} lies {ahead // 1000} s after its recording; "
                "record it when it has happened, or set the clock right",
                "effective_at",
            )


def _check_place(event: Event) -> None:
    if event.topic == "events" and not event.obligation:
        raise _missing("obligation", f"{event.type} names no obligation")
    if event.topic != "events" and event.obligation is not None:
        raise Refused(
            Reason.EXTRA_FIELD, f"{event.type} bears on no obligation; leave it out", "obligation"
        )
    if event.topic == "programmes" and not event.programme:
        raise _missing("programme", f"{event.type} names no programme")
    if event.topic == "units" and event.effective_at != midnight(day_of(event.effective_at)):
        raise Refused(
            Reason.NOT_LOCAL_MIDNIGHT,
            f"{event.type} must take effect at a local midnight (00:00 +07:00)",
            "effective_at",
        )
    if event.type == "unit.established.v1":
        _check_root(event)
    if event.type == "record.corrected.v1":
        _check_correction(event)


def _check_root(event: Any) -> None:
    if event.parent is None and event.level != "centre":
        raise Refused(Reason.RULE, "only the root has no parent, and its level is centre", "parent")
    if event.parent == event.unit:
        raise Refused(Reason.RULE, "a unit cannot stand under itself", "parent")


def _check_correction(event: Any) -> None:
    if event.void == (event.replacement is not None):
        raise Refused(
            Reason.RULE,
            "a correction either voids the record or carries its whole corrected value",
            "replacement",
        )


def _missing(where: str, sentence: str) -> Refused:
    return Refused(Reason.MISSING_FIELD, sentence, where)


Test = Callable[[str, Any], None]


@per_class
def _tests(cls: Any) -> tuple[tuple[str, Test], ...]:
    hints = get_type_hints(cls, include_extras=True)
    out = []
    for field in dataclasses.fields(cls):
        out.append((field.name, _test(hints[field.name])))
        if field.metadata.get("const"):
            out.append((field.name, _equals(field.default)))
    return tuple(out)


def _equals(value: Any) -> Test:
    def test(where: str, given: Any) -> None:
        if given != value:
            raise Refused(Reason.NOT_IN_LIST, f"must be {value!r} in this type", where)

    return test


def _test(hint: Any) -> Test:
    if get_origin(hint) is Annotated:
        base, mark = get_args(hint)[0], get_args(hint)[1]
        return _word_of(mark) if isinstance(mark, OneOf) else _shape(mark, base)
    if get_origin(hint) in (Union, UnionType):
        return _union(hint)
    if get_origin(hint) is tuple:
        return _list(_test(get_args(hint)[0]))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _nested
    return _plain(hint)


def _union(hint: Any) -> Test:
    branches = get_args(hint)
    optional = NoneType in branches
    if Sealed in branches:
        return lambda where, value: None if value is None and optional else _text(where, value)
    inner = _test(next(b for b in branches if b is not NoneType))
    return lambda where, value: None if value is None else inner(where, value)


def _list(inner: Test) -> Test:
    def test(where: str, value: Any) -> None:
        if not isinstance(value, tuple):
            raise Refused(Reason.WRONG_TYPE, "must be a list", where)
        if len(value) > limits.LIST_ITEMS_MAX:
            raise Refused(
                Reason.TOO_LARGE, f"has {len(value)} items; {limits.LIST_ITEMS_MAX} at most", where
            )
        for number, item in enumerate(value):
            inner(f"{where}[{number}]", item)

    return test


def _nested(where: str, value: Any) -> None:
    for name, test in _tests(type(value)):
        test(f"{where}.{name}", getattr(value, name))


def _plain(hint: Any) -> Test:
    base = getattr(hint, "__supertype__", hint)
    bound = _INT32 if getattr(hint, "__name__", "") == "Day" else _INT64

    def test(where: str, value: Any) -> None:
        kind = (int, float) if base is float else base
        if not isinstance(value, kind) or (base is not bool and isinstance(value, bool)):
            raise Refused(Reason.WRONG_TYPE, f"must be a {base.__name__}", where)
        if base is int and not -bound <= value < bound:
            raise Refused(Reason.WRONG_TYPE, "is out of range", where)
        if bound == _INT32 and base is int and abs(value) > DAYS_MAX:
            raise Refused(Reason.IMPOSSIBLE_DAY, "is no day that a calendar has", where)
        if base is str:
            _string(where, value, limits.MESSAGE_BYTES_MAX)
        if hint is EventId and isinstance(value, bytes) and len(value) != 16:
            raise Refused(Reason.WRONG_TYPE, "must be 16 bytes (a UUID)", where)

    return test


def _word_of(mark: OneOf) -> Test:
    def test(where: str, value: Any) -> None:
        if value not in mark.words:
            words = ", ".join(mark.words)
            raise Refused(Reason.NOT_IN_LIST, f"{value!r} is not one of: {words}", where)

    return test


def _shape(mark: Shape, _base: Any) -> Test:
    return {"code": _code, "obligation": _obligation, "word": _word}[mark.name]


def _code(where: str, value: Any) -> None:
    if not isinstance(value, str):
        raise Refused(Reason.WRONG_TYPE, "must be a string", where)
    if not value:
        raise Refused(Reason.EMPTY_STRING, "is empty; leave the field out instead", where)
    if not _CODE.match(value):
        raise Refused(
            Reason.BAD_CODE,
            f"{value[:80]!r} is no code; use 1 to {limits.CODE_BYTES_MAX} of a-z 0-9 . _ -",
            where,
        )


def _obligation(where: str, value: Any) -> None:
    _string(where, value, limits.OBLIGATION_BYTES_MAX)
    size = len(value.encode())
    if size > limits.OBLIGATION_BYTES_MAX:
        raise Refused(
            Reason.TOO_LONG, f"is {size} bytes; {limits.OBLIGATION_BYTES_MAX} at most", where
        )


def _word(where: str, value: Any) -> None:
    _string(where, value, limits.NAME_CHARS_MAX)


def _text(where: str, value: Any) -> None:
    if isinstance(value, Sealed):
        _nested(where, value)
    else:
        _string(where, value, limits.TEXT_CHARS_MAX)


def _string(where: str, value: Any, chars_max: int) -> None:
    if not isinstance(value, str):
        raise Refused(Reason.WRONG_TYPE, "must be a string", where)
    if not value:
        raise Refused(Reason.EMPTY_STRING, "is empty; leave the field out instead", where)
    if len(value) > chars_max:
        raise Refused(Reason.TOO_LONG, f"is {len(value)} characters; {chars_max} at most", where)
    if not unicodedata.is_normalized("NFC", value):
        raise Refused(Reason.NOT_NFC, "is not in Unicode form NFC; normalise it", where)
    if _CONTROL.search(value):
        raise Refused(Reason.BAD_CODE, "holds control characters; take them out", where)
