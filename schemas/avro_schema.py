"""From event classes to Avro schemas and back: what each annotation is on the wire."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from schemas.event import Event, EventId, Sealed, wire_fields
from schemas.memo import per_class
from schemas.times import Day, Instant

NAMESPACE = "vn.lienthong.event"
EVENT_ID_TYPE = "vn.lienthong.EventId"
_T = TypeVar("_T")


def event_schema(cls: type[Event]) -> dict[str, Any]:
    """The Avro record schema of an event type, fields in wire order, nulls default null."""
    return _record(cls, f"{NAMESPACE}.{cls.type}", wire_fields(cls))


def head_schema(cls: type[Event]) -> dict[str, Any]:
    """The part of the record that ends before `imported_at`."""
    names = wire_fields(cls)
    cut = names[: names.index("imported_at")]
    return _record(cls, f"{NAMESPACE}.head.{cls.type}", cut)


def _record(cls: type, name: str, names: tuple[str, ...]) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    declared = {f.name: f for f in dataclasses.fields(cls)}
    seen: set[str] = set()
    out = []
    for field_name in names:
        entry: dict[str, Any] = {"name": field_name, "type": _type(hints[field_name], seen)}
        if isinstance(entry["type"], list) and entry["type"][0] == "null":
            entry["default"] = None
        elif isinstance(entry["type"], dict) and entry["type"].get("type") == "array":
            entry["default"] = []
        elif isinstance(declared[field_name].default, bool | str) and field_name not in seen:
            entry["default"] = declared[field_name].default
        out.append(entry)
    doc = " ".join((cls.__doc__ or "").split())
    return {"type": "record", "name": name, "doc": doc, "fields": out}


_PLAIN: dict[Any, Any] = {
    str: "string",
    bool: "boolean",
    int: "long",
    float: "double",
    bytes: "bytes",
    Instant: "long",
    Day: "int",
}


def _type(hint: Any, seen: set[str]) -> Any:
    if get_origin(hint) is Annotated:
        return _type(get_args(hint)[0], seen)
    if hint is EventId:
        if EVENT_ID_TYPE in seen:
            return EVENT_ID_TYPE
        seen.add(EVENT_ID_TYPE)
        return {"type": "fixed", "name": EVENT_ID_TYPE, "size": 16}
    if hint in _PLAIN:
        return _PLAIN[hint]
    if get_origin(hint) in (Union, UnionType):
        branches = sorted(get_args(hint), key=lambda branch: branch is not NoneType)
        return ["null" if b is NoneType else _type(b, seen) for b in branches]
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(get_args(hint)[0], seen)}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        name = f"vn.lienthong.{hint.__name__}"
        if name in seen:
            return name
        seen.add(name)
        nested = _record(hint, name, tuple(f.name for f in dataclasses.fields(hint)))
        return _share(nested, seen)
    raise TypeError(f"{hint!r} has no Avro type; see CONTRIBUTING, adding an event")


def _share(nested: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    """Inside one schema a named type is written out once; later uses are its name."""

    def walk(node: Any) -> Any:
        if isinstance(node, dict) and node.get("type") in ("fixed", "record"):
            if node["name"] in seen and node is not nested:
                return node["name"]
            seen.add(node["name"])
        if isinstance(node, dict):
            return {key: walk(value) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(value) for value in node]
        return node

    return walk(nested)  # type: ignore[no-any-return]  # walk of a dict is a dict


@per_class
def _fields(cls: Any) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(cls))


@per_class
def _makers(cls: Any) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """The fields whose plain value must be made into something: nested records and lists."""
    out = []
    for name, hint in get_type_hints(cls).items():
        if name not in _fields(cls):
            continue
        maker = _maker(hint)
        if maker is not None:
            out.append((name, maker))
    return tuple(out)


def _maker(hint: Any) -> Callable[[Any], Any] | None:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return lambda value: rebuild(hint, value) if isinstance(value, dict) else value
    if get_origin(hint) is tuple:
        inner = _maker(get_args(hint)[0])
        return (lambda value: tuple(map(inner, value))) if inner else tuple
    if get_origin(hint) in (Union, UnionType):
        makers = [m for m in map(_maker, get_args(hint)) if m is not None]
        if makers:
            return makers[0]
    return None


def rebuild(cls: type[_T], fields: dict[str, Any]) -> _T:
    """Dict of plain values -> dataclass. Raises TypeError for fields that the class lacks."""
    for name, make in _makers(cls):
        if fields.get(name) is not None:
            fields[name] = make(fields[name])
    return cls(**fields)


__all__ = ["NAMESPACE", "Sealed", "event_schema", "head_schema", "rebuild"]
