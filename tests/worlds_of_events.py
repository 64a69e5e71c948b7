"""Small worlds of events for the engine's laws: few obligations, crowded instants, all effects."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from schemas import avro
from schemas.event import Event, EventId, event_types
from schemas.times import Day, Instant, midnight

OWERS = ("66.a", "66.b", "66.c")
ISSUER = "66.snv"
BASE = 15_430
OBLIGATIONS = ("p:5.1:2012-Q2:66.a", "p:5.1:2012-Q2:66.b", "p:9:66.c")

_MADE = {
    "report.expected.v1": 4,
    "finding.recorded.v1": 1,
    "inspection.expected.v1": 1,
    "task.assigned.v1": 2,
    "report.due_extended.v1": 2,
    "report.due_determined.v1": 1,
    "report.submitted.v1": 6,
    "report.accepted.v1": 2,
    "report.returned.v1": 4,
    "task.transferred.v1": 2,
    "task.cancelled.v1": 1,
    "task.amended.v1": 1,
    "reminder.issued.v1": 2,
    "report.received.v1": 1,
    "record.corrected.v1": 1,
}
TYPES = tuple(
    name for name, weight in _MADE.items() for _ in range(weight) if name in event_types()
)


class Record(NamedTuple):
    """A record as the engine reads one."""

    offset: int
    key: bytes | None
    value: bytes | None
    timestamp: int = 0


@st.composite
def event(draw: Callable[..., Any], earlier: list[Event], tame: bool) -> Event:
    """One event; `tame` ones come in order and follow the common ways."""
    cls = event_types()[draw(st.sampled_from(TYPES))]
    obligation = draw(st.sampled_from(OBLIGATIONS))
    same = [e for e in earlier if e.obligation == obligation]
    day = draw(st.integers(0, 12))
    at = Instant(midnight(Day(BASE + day)) + draw(st.sampled_from((0, 0, 1, 40_000_000))))
    if tame and same:
        at = Instant(max(at, same[-1].effective_at))
    fields: dict[str, Any] = {
        "event_id": EventId(draw(st.binary(min_size=16, max_size=16))),
        "effective_at": at,
        "effective_is_day": draw(st.sampled_from((False, False, True))),
        "recorded_at": Instant(at + draw(st.sampled_from((0, 1, 5 * 86_400_000)))),
        "obligation": obligation,
        "unit": draw(st.sampled_from(OWERS)),
        "by": draw(st.sampled_from((ISSUER, ISSUER, OWERS[0]))),
        "source": "s",
        "programme": draw(st.sampled_from(("p", "p", None))),
        "correlation_id": draw(st.sampled_from((None, EventId(b"c" * 16)))),
    }
    ids = [e.event_id for e in same[-3:]]
    if ids:
        fields["causation_id"] = draw(st.sampled_from((None, None, ids[-1], *ids)))
    elif draw(st.integers(0, 9)) == 0:
        fields["causation_id"] = EventId(b"x" * 16)
    own = {f.name for f in dataclasses.fields(cls)}
    some_day = st.sampled_from([None, *(Day(BASE + d) for d in range(1, 14))])
    choices: dict[str, Any] = {
        "item": st.sampled_from(("5.1", "9")),
        "area": st.sampled_from((None, "reporting", "review")),
        "period": st.sampled_from((None, "2012-Q2")),
        "due_before": some_day,
        "done_when": st.sampled_from(("sent", "sent", "accepted")),
        "issuer": st.just(ISSUER),
        "finding_kind": st.just("delay"),
        "revise_before": some_day,
        "to_unit": st.sampled_from(OWERS),
    }
    fields |= {name: draw(made) for name, made in choices.items() if name in own}
    if cls.type == "record.corrected.v1":
        target = draw(st.sampled_from(same)) if same else None
        fields["target"] = target.event_id if target else EventId(b"y" * 16)
        fields["void"] = target is None or draw(st.booleans())
        if target is not None and not fields["void"]:
            moved = Instant(target.effective_at + draw(st.sampled_from((-86_400_000, 86_400_000))))
            new = dataclasses.replace(target, effective_at=moved)
            fields["replacement"] = avro.encode(new)
    return cls(**fields)


@st.composite
def events(draw: Callable[..., Any], most: int = 14) -> list[Event]:
    """A world's events; some ids are used twice with another content."""
    made: list[Event] = []
    tame = draw(st.booleans())
    for _ in range(draw(st.integers(1, most))):
        made.append(draw(event(made, tame)))
    if draw(st.integers(0, 4)) == 0:
        first = draw(st.sampled_from(made))
        recorded = Instant(first.recorded_at + draw(st.sampled_from((-5, 0, 5))))
        by = draw(st.sampled_from((first.by, "66.other")))
        made.append(dataclasses.replace(first, recorded_at=recorded, by=by))
    return made


def record(offset: int, made: Event) -> Record:
    """The event's record on its topic."""
    return Record(offset, made.key.encode(), avro.encode(made))


def cuts(draw: Callable[..., Any], count: int) -> list[int]:
    """Where to cut a sequence into batches."""
    return sorted(draw(st.lists(st.integers(0, count), max_size=4)))
