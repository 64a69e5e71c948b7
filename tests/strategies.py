"""Hypothesis strategies made from the register: any event of any type, valid by the contract."""

from __future__ import annotations

import dataclasses
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from schemas.event import Event, EventId, OneOf, Sealed, Shape
from schemas.times import Day, Instant, midnight

codes = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)
words = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=20).map(
    lambda text: __import__("unicodedata").normalize("NFC", text)
)
days = st.integers(10_000, 25_000).map(Day)
instants = st.integers(10_000 * 86_400_000, 25_000 * 86_400_000).map(Instant)
event_ids = st.binary(min_size=16, max_size=16).map(EventId)

_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: words,
    bool: st.booleans(),
    int: st.integers(0, 1000),
    float: st.floats(-1e6, 1e6),
    bytes: st.binary(max_size=40),
    Instant: instants,
    Day: days,
    EventId: event_ids,
}


def of(hint: Any) -> st.SearchStrategy[Any]:
    """A strategy for one annotation of an event's field."""
    if get_origin(hint) is Annotated:
        mark = get_args(hint)[1]
        if isinstance(mark, OneOf):
            return st.sampled_from(mark.words)
        return codes if isinstance(mark, Shape) and mark.name == "code" else words
    if get_origin(hint) in (Union, UnionType):
        branches = [b for b in get_args(hint) if b is not Sealed]
        return st.one_of([st.none() if b is NoneType else of(b) for b in branches])
    if get_origin(hint) is tuple:
        return st.lists(of(get_args(hint)[0]), max_size=3).map(tuple)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint, include_extras=True)
        return st.builds(hint, **{f.name: of(hints[f.name]) for f in dataclasses.fields(hint)})
    return _PLAIN[hint]


def events_of(cls: type[Event]) -> st.SearchStrategy[Event]:
    """Valid events of one type."""
    hints = get_type_hints(cls, include_extras=True)
    made: dict[str, st.SearchStrategy[Any]] = {}
    for field in dataclasses.fields(cls):
        if not field.metadata.get("const"):
            made[field.name] = of(hints[field.name])
    made["obligation"] = words if cls.topic == "events" else st.none()
    if cls.topic == "programmes":
        made["programme"] = codes
    if cls.topic == "units":
        made["effective_at"] = days.map(midnight)
    if cls.type == "unit.established.v1":
        made["parent"] = codes.map("up.".__add__)
        made["unit"] = codes.map("u.".__add__)
    if cls.type == "record.corrected.v1":
        made["void"], made["replacement"] = st.just(True), st.none()
    made["effective_is_day"] = st.just(False)
    return st.builds(cls, **made)
