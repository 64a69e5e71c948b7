"""JSON Lines: the human form of the same events, read and written; one object per line.

`parse_line` and `to_line` are inverse to each other. An absent `event_id` is derived from the
line (RFC 9562 UUIDv8 over its canonical JSON), so that the same line is the same event.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import unicodedata
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from schemas import avro, limits
from schemas.checks import check
from schemas.event import Effect, Event, EventId, Sealed, event_types, id_of, wire_fields
from schemas.memo import per_class
from schemas.refusal import Reason, Refused
from schemas.times import (
    Day,
    Instant,
    OffsetMissing,
    day_of,
    format_day,
    format_instant,
    midnight,
    parse_day,
    parse_instant,
)

_E = TypeVar("_E", bound=Event)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Defaults:
    """What a line may leave out: who acts, the home's root unit, the home's source name."""

    source: str
    acting: str | None = None
    root: str | None = None


def parse_line(text: str, defaults: Defaults) -> list[Event]:
    """One line -> its events: one, or one per entry of `obligations`.

    Raises Refused with a reason, a sentence and the field; nothing of a refused line is taken.
    """
    if len(text.encode()) > limits.LINE_BYTES_MAX:
        raise Refused(Reason.TOO_LARGE, f"the line is over {limits.LINE_BYTES_MAX} bytes", "line")
    return parse_object(_json(text), defaults)


def parse_object(line: Any, defaults: Defaults) -> list[Event]:
    """The same for a line that is parsed JSON already."""
    if not isinstance(line, dict):
        raise Refused(Reason.NOT_JSON, "a line must be one JSON object", "line")
    line = _nfc(line)
    if "obligations" not in line:
        return [_event(line, defaults)]
    many = line["obligations"]
    if not isinstance(many, list) or not many or not all(isinstance(o, str) for o in many):
        raise Refused(Reason.WRONG_TYPE, "must be a list of obligation ids", "obligations")
    if len(many) > limits.OBLIGATIONS_PER_LINE_MAX:
        most = limits.OBLIGATIONS_PER_LINE_MAX
        raise Refused(Reason.TOO_LARGE, f"names {len(many)}; {most} at most", "obligations")
    if len(set(many)) != len(many):
        raise Refused(Reason.RULE, "names one obligation twice", "obligations")
    if "obligation" in line or "event_id" in line:
        raise Refused(
            Reason.EXTRA_FIELD, "a line with obligations has no obligation and no event_id", "line"
        )
    shared = {key: value for key, value in line.items() if key != "obligations"}
    shared.setdefault("correlation_id", str(derived_id(line)))
    return [_event({**shared, "obligation": one}, defaults) for one in many]


def derived_id(line: dict[str, Any]) -> UUID:
    """The UUIDv8 of a line: SHA-256 of its canonical JSON, version and variant bits set."""
    canonical = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return UUID(bytes=id_of(canonical.encode()))


def with_id_of_content(event: _E) -> _E:
    """The event with the id that follows from its content, so that telling it again says nothing,
    and other content is another event."""
    line = to_object(event)
    del line["event_id"]
    return dataclasses.replace(event, event_id=EventId(derived_id(line).bytes))


def to_object(event: Event) -> dict[str, Any]:
    """Event -> JSON object: `type`, then the fields in wire order; nulls and defaults left out."""
    out: dict[str, Any] = {"type": event.type}
    for name, write, field in _writers(type(event)):
        value = getattr(event, name)
        if name == "effective_at":
            if event.effective_is_day:
                out["effective_on"] = format_day(day_of(event.effective_at))
            else:
                out["effective_at"] = format_instant(event.effective_at)
        elif name in _ALWAYS or (name == "parent" and event.type == "unit.established.v1"):
            out[name] = None if value is None else write(value)
        elif value is not None and value != field.default:
            out[name] = write(value)
    return out


def to_line(event: Event) -> str:
    """Event -> one line of JSON Lines, without the line break."""
    return json.dumps(to_object(event), ensure_ascii=False, separators=(",", ":"))


_ALWAYS = frozenset({"event_id", "unit", "by", "source", "kind", "done_when"})
_NOT_IN_LINE = frozenset({"effective_is_day"})


def _json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except RecursionError as error:
        raise Refused(Reason.NOT_JSON, "is nested too deeply", "line") from error
    except ValueError as error:
        raise Refused(Reason.NOT_JSON, f"is not JSON: {error}", "line") from error


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("one key stands twice in an object")
    return out


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON number")


def _nfc(value: Any) -> Any:
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list):
        return [_nfc(item) for item in value]
    if isinstance(value, dict):
        return {_nfc(key): _nfc(item) for key, item in value.items()}
    return value


def _event(line: dict[str, Any], defaults: Defaults) -> Event:
    cls = event_types().get(line["type"]) if isinstance(line.get("type"), str) else None
    if cls is None:
        raise _unknown_type(line)
    readers = _readers(cls)
    given: dict[str, Any] = {}
    for key, value in line.items():
        if key in ("type", "effective_on"):
            continue
        if key not in readers:
            raise Refused(Reason.EXTRA_FIELD, f"{cls.type} has no field {key!r}", key)
        if value is not None:
            given[key] = readers[key](key, value)
    _times(line, given)
    given.setdefault("event_id", EventId(derived_id(line).bytes))
    given.setdefault("source", defaults.source)
    _by(cls, given, line, defaults)
    if cls.type == "unit.established.v1":
        if "parent" not in line:
            raise Refused(Reason.MISSING_FIELD, "name the parent; null for the root", "parent")
        given.setdefault("parent", None)
    for field in dataclasses.fields(cls):
        if field.default is dataclasses.MISSING and field.name not in given:
            raise Refused(Reason.MISSING_FIELD, f"{cls.type} needs {field.name}", field.name)
    event = cls(**given)
    check(event)
    return event


def _unknown_type(line: dict[str, Any]) -> Refused:
    if "type" not in line:
        return Refused(Reason.MISSING_FIELD, "the line names no type", "type")
    return Refused(
        Reason.UNKNOWN_TYPE,
        f"{str(line['type'])[:80]!r} is no event type; see `lienthong schemas list`",
        "type",
    )


def _times(line: dict[str, Any], given: dict[str, Any]) -> None:
    if "effective_on" in line:
        if "effective_at" in line:
            raise Refused(
                Reason.EXTRA_FIELD, "give effective_at or effective_on, not both", "effective_on"
            )
        given["effective_at"] = midnight(_day("effective_on", line["effective_on"]))
        given["effective_is_day"] = True
    elif "effective_at" not in given:
        raise Refused(
            Reason.MISSING_FIELD, "say when: effective_at or effective_on", "effective_at"
        )


def _by(cls: type[Event], given: dict[str, Any], line: dict[str, Any], defaults: Defaults) -> None:
    """Who acted, where the line leaves it out (events.md section 4, "`by` absent in JSON")."""
    if "by" in given:
        return
    if defaults.acting is not None:
        given["by"] = defaults.acting
    elif cls.effect is Effect.MEETS or cls.type == "task.progress_reported.v1":
        if "unit" in given:
            given["by"] = given["unit"]
    elif "issuer" in given:
        given["by"] = given["issuer"]
    elif defaults.root is not None:
        given["by"] = defaults.root
    elif cls.type == "unit.established.v1" and line.get("parent", "") is None:
        given["by"] = given.get("unit")
    if given.get("by") is None:
        given.pop("by", None)
        raise Refused(
            Reason.MISSING_FIELD, "say who acted (by); the home has no root unit yet", "by"
        )


Reader = Callable[[str, Any], Any]
Writer = Callable[[Any], Any]


@per_class
def _readers(cls: Any) -> dict[str, Reader]:
    hints = get_type_hints(cls, include_extras=True)
    return {
        field.name: _replacement if field.name == "replacement" else _reader(hints[field.name])
        for field in dataclasses.fields(cls)
        if field.name not in _NOT_IN_LINE
    }


@per_class
def _writers(cls: Any) -> tuple[tuple[str, Writer, dataclasses.Field[Any]], ...]:
    hints = get_type_hints(cls, include_extras=True)
    declared = {field.name: field for field in dataclasses.fields(cls)}
    return tuple(
        (
            name,
            _write_replacement if name == "replacement" else _writer(hints[name]),
            declared[name],
        )
        for name in wire_fields(cls)
        if name not in _NOT_IN_LINE
    )


def _inner(hint: Any) -> Any:
    """Strip Annotated and `| None`; free text stays a union."""
    if get_origin(hint) is Annotated:
        return _inner(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        branches = [b for b in get_args(hint) if b is not NoneType]
        return _inner(branches[0]) if len(branches) == 1 else Sealed
    return hint


def _reader(hint: Any) -> Reader:
    inner = _inner(hint)
    if inner is Instant:
        return _instant
    if inner is Day:
        return _day
    if inner is EventId:
        return _uuid
    if inner is Sealed:
        nested = _nested_reader(Sealed)
        return lambda where, value: nested(where, value) if isinstance(value, dict) else value
    if inner is bytes:
        return _bytes
    if inner is float:
        return lambda where, value: float(value) if type(value) is int else value
    if get_origin(inner) is tuple:
        return _list_reader(_reader(get_args(inner)[0]))
    if dataclasses.is_dataclass(inner) and isinstance(inner, type):
        return _nested_reader(inner)
    return lambda where, value: value


def _list_reader(inner: Reader) -> Reader:
    def read(where: str, value: Any) -> Any:
        if not isinstance(value, list):
            raise Refused(Reason.WRONG_TYPE, "must be a list", where)
        return tuple(inner(f"{where}[{i}]", item) for i, item in enumerate(value))

    return read


def _nested_reader(cls: type) -> Reader:
    def read(where: str, value: Any) -> Any:
        if not isinstance(value, dict):
            raise Refused(Reason.WRONG_TYPE, "must be an object", where)
        readers = _readers(cls)
        given = {}
        for key, item in value.items():
            if key not in readers:
                raise Refused(Reason.EXTRA_FIELD, f"has no field {key!r}", f"{where}.{key}")
            if item is not None:
                given[key] = readers[key](f"{where}.{key}", item)
        for field in dataclasses.fields(cls):
            if field.default is dataclasses.MISSING and field.name not in given:
                raise Refused(Reason.MISSING_FIELD, f"needs {field.name}", f"{where}.{field.name}")
        return cls(**given)

    return read


def _instant(where: str, value: Any) -> Instant:
    if not isinstance(value, str):
        raise Refused(Reason.WRONG_TYPE, "must be an instant in RFC 3339", where)
    try:
        return parse_instant(value)
    except OffsetMissing as error:
        raise Refused(Reason.INSTANT_WITHOUT_OFFSET, str(error), where) from error
    except (ValueError, OverflowError) as error:
        raise Refused(Reason.IMPOSSIBLE_DAY, str(error), where) from error


def _day(where: str, value: Any) -> Day:
    if not isinstance(value, str):
        raise Refused(Reason.WRONG_TYPE, "must be a day, YYYY-MM-DD", where)
    try:
        return parse_day(value)
    except ValueError as error:
        raise Refused(Reason.IMPOSSIBLE_DAY, f"{value!r} is no day: {error}", where) from error


def _uuid(where: str, value: Any) -> EventId:
    try:
        return EventId(UUID(value).bytes)
    except (ValueError, AttributeError, TypeError) as error:
        raise Refused(Reason.WRONG_TYPE, "must be a UUID", where) from error


def _bytes(where: str, value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError) as error:
        raise Refused(Reason.WRONG_TYPE, "must be base64 text", where) from error


def _replacement(where: str, value: Any) -> bytes:
    """The replacement of a correction is, in a line, the corrected event's own object."""
    if not isinstance(value, dict):
        raise Refused(Reason.WRONG_TYPE, "must be the whole corrected event, an object", where)
    return avro.encode(_event(value, Defaults(source="correction")))


def _writer(hint: Any) -> Writer:
    inner = _inner(hint)
    if inner is Instant:
        return format_instant
    if inner is Day:
        return format_day
    if inner is EventId:
        return lambda value: str(UUID(bytes=value))
    if inner is bytes:
        return _write_bytes
    if inner is Sealed or (dataclasses.is_dataclass(inner) and isinstance(inner, type)):
        return _write_nested
    if get_origin(inner) is tuple:
        item = _writer(get_args(inner)[0])
        return lambda value: [item(x) for x in value]
    return lambda value: value


def _write_bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _write_replacement(value: bytes) -> dict[str, Any]:
    return to_object(avro.decode(value))


def _write_nested(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return {
        name: write(given)
        for name, write in _nested_writers(type(value))
        if (given := getattr(value, name)) not in (None, ())
    }


@per_class
def _nested_writers(cls: Any) -> tuple[tuple[str, Writer], ...]:
    hints = get_type_hints(cls, include_extras=True)
    return tuple((f.name, _writer(hints[f.name])) for f in dataclasses.fields(cls))
