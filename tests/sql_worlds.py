"""What the tests of the SQL engine share: facts as the relation, and both engines' counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any

from ops import duck
from ops.archive.columns import COLUMNS, REPLACED, Table
from ops.replay import Derived, Gathered, Logged, derived, gather
from ops.second import Second
from ops.sql import engine
from ops.verify import Live
from projections.facts import Fact, fact_of_value
from schemas.avro import encode
from schemas.event import Event
from schemas.refusal import Refused
from schemas.times import Instant


@contextmanager
def opened() -> Iterator[Second]:
    """A second engine that knows of no record yet."""
    with duck.opened(threads=1) as connection:
        yield Second(connection)


def log_of(events: Iterable[Event]) -> list[Logged]:
    """The events as records of a log, in this order."""
    return [
        Logged(event.topic, event.key.encode(), encode(event), f"test/{number}")
        for number, event in enumerate(events)
    ]


def told(second: Second, events: Iterable[Event]) -> Gathered:
    """Both engines are told the same events; what the plain fold needs is given back."""
    return gather(second.through(log_of(events)))


def told_apart(worlds: Iterable[Iterable[Fact]]) -> list[Fact]:
    """The facts of many worlds, each under obligations of its own, with the contents of a wire."""
    return [
        fact._replace(
            obligation=f"{number}:{fact.obligation}",
            content=sha256(repr(fact._replace(recorded_at=0)).encode()).digest()[:16],
        )
        for number, world in enumerate(worlds)
        for fact in world
    ]


def tell_facts(second: Second, facts: Iterable[Fact]) -> Gathered:
    """Both engines are told the same facts, which no event need be able to say."""
    gathered = Gathered()
    columns: list[list[Any]] = [[] for _ in COLUMNS]
    for number, fact in enumerate(facts):
        # What is refused, as too many facts are, no engine counts.
        with suppress(Refused):
            gathered._keep(fact)
        kept = {"notification": number, "topic": "events", "type": "", "bucket": 0, "value": b""}
        kept |= {"leaf": b"", "replaced": _replaced(fact)}
        for column, (name, _) in zip(columns, COLUMNS, strict=True):
            column.append(kept[name] if name in kept else getattr(fact, name))
    second.connection.execute("DROP TABLE IF EXISTS facts")
    engine.load(second.connection, Table(columns))
    return gathered


def _replaced(fact: Fact) -> dict[str, Any] | None:
    if fact.replacement is None:
        return None
    try:
        replacement = fact_of_value(fact.replacement)
    except Refused:
        return None
    return {name: getattr(replacement, name) for name in REPLACED}


def both(second: Second, gathered: Gathered, known: int | None) -> tuple[Live, Live]:
    """What SQL and what the plain fold count, as known at an instant."""
    at = None if known is None else Instant(known)
    by_fold: Derived = derived(gathered, at)
    return second.counted(at), Live(by_fold.cells, by_fold.ladder)
