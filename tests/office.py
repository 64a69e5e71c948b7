"""The write side's small real things for tests: a clock that is set, a log in memory, events."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schemas import topics
from schemas.event import Event, EventId
from schemas.events.report import ReportExpected, ReportSubmitted
from schemas.events.task import TaskAssigned, TaskCompletionDeclared
from schemas.events.unit import UnitEstablished
from schemas.times import Day, Instant, midnight, parse_day, parse_instant
from services.log import Headers, Outgoing

OBLIGATION = "dong-thap-review-2011-2020:9:87.so-noi-vu"


def at(text: str) -> Instant:
    """`2020-01-21` or `2020-01-21 09:30`, local -> instant."""
    if len(text) == 10:
        return midnight(parse_day(text))
    return parse_instant(f"{text.replace(' ', 'T')}+07:00")


def day(text: str) -> Day:
    return parse_day(text)


def id_of(text: str) -> EventId:
    """An event id that a test can name."""
    return EventId(hashlib.sha256(text.encode()).digest()[:16])


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: Instant

    def __call__(self) -> Instant:
        return self.now

    def set(self, text: str) -> None:
        self.now = at(text)


class Crash(Exception):
    """The process died here."""


class Kept(NamedTuple):
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass
class MemoryLog:
    """An ordered, partitioned log in memory. `crashes` says where the sender dies.

    Each append takes the next item of `crashes`: None goes well, 0 dies before anything is kept,
    n dies after n records, -1 dies after all of them were kept but before the answer.
    """

    crashes: list[int | None] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    kept: dict[tuple[str, int], list[Kept]] = field(default_factory=dict)
    prefix: str = topics.DEFAULT_PREFIX

    def topic_id(self, topic: str) -> str:
        return self.ids.setdefault(topic, f"{topic}-1")

    def make_anew(self, topic: str) -> None:
        self.ids[topic] = f"{topic}-2"
        for key in [key for key in self.kept if key[0] == topic]:
            del self.kept[key]

    def ends(self, topic: str) -> list[tuple[int, int]]:
        return [(0, len(self._partition(topic, p))) for p in range(self._partitions(topic))]

    def read(
        self, topic: str, partition: int, offset: int, limit: int, wait_seconds: float = 0.0
    ) -> list[Kept]:
        return self._partition(topic, partition)[offset : offset + limit]

    def append(self, messages: Sequence[Any]) -> None:
        crash = self.crashes.pop(0) if self.crashes else None
        kept = messages if crash is None or crash < 0 else messages[:crash]
        for one in kept:
            self._keep(one)
        if crash is not None:
            raise Crash

    def all(self, name: str) -> list[Kept]:
        """Everything on a topic, partition by partition."""
        topic = self.prefix + name
        found = [self._partition(topic, p) for p in range(self._partitions(topic))]
        return [record for partition in found for record in partition]

    def _keep(self, one: Outgoing) -> None:
        count = self._partitions(one.topic)
        partition = one.partition
        if partition is None:
            partition = topics.partition_of(one.key or b"", count)
        into = self._partition(one.topic, partition)
        into.append(Kept(one.topic, partition, len(into), 0, one.key, one.value, list(one.headers)))

    def _partition(self, topic: str, partition: int) -> list[Kept]:
        return self.kept.setdefault((topic, partition), [])

    def _partitions(self, topic: str) -> int:
        name = topic.removeprefix(self.prefix)
        return next(one.partitions for one in topics.TOPICS if one.name == name)


def assigned(obligation: str = OBLIGATION, **fields: Any) -> TaskAssigned:
    given: dict[str, Any] = {
        "event_id": id_of(f"assigned {obligation}"),
        "effective_at": at("2020-01-21"),
        "obligation": obligation,
        "unit": "87.so-noi-vu",
        "by": "87",
        "issuer": "87",
        "source": "87",
        "item": "9",
        "due_before": day("2021-01-01"),
    }
    return TaskAssigned(**{**given, **fields})


def declared(obligation: str = OBLIGATION, **fields: Any) -> TaskCompletionDeclared:
    given: dict[str, Any] = {
        "event_id": id_of(f"declared {obligation}"),
        "effective_at": at("2020-06-01 09:00"),
        "obligation": obligation,
        "unit": "87.so-noi-vu",
        "by": "87.so-noi-vu",
        "source": "87",
    }
    return TaskCompletionDeclared(**{**given, **fields})


def expected(obligation: str = "r:5.1:2012-Q2:66.so-a", **fields: Any) -> ReportExpected:
    given: dict[str, Any] = {
        "event_id": id_of(f"expected {obligation}"),
        "effective_at": at("2012-04-01"),
        "obligation": obligation,
        "unit": "66.so-a",
        "by": "66.so-noi-vu",
        "issuer": "66.so-noi-vu",
        "source": "66",
        "item": "5.1",
        "period": "2012-Q2",
        "due_before": day("2012-06-08"),
    }
    return ReportExpected(**{**given, **fields})


def submitted(obligation: str = "r:5.1:2012-Q2:66.so-a", **fields: Any) -> ReportSubmitted:
    given: dict[str, Any] = {
        "event_id": id_of(f"submitted {obligation}"),
        "effective_at": at("2012-06-05 09:00"),
        "obligation": obligation,
        "unit": "66.so-a",
        "by": "66.so-a",
        "source": "66",
    }
    return ReportSubmitted(**{**given, **fields})


def established(unit: str = "87", parent: str | None = "centre", **fields: Any) -> UnitEstablished:
    given: dict[str, Any] = {
        "event_id": id_of(f"established {unit}"),
        "effective_at": at("2012-01-01"),
        "unit": unit,
        "by": parent or unit,
        "source": "centre",
        "name": unit,
        "level": "province" if parent else "centre",
        "kind": "people_committee" if parent else "government",
        "parent": parent,
    }
    return UnitEstablished(**{**given, **fields})


def names(events: Iterable[Event]) -> list[str]:
    """The types of events, in order."""
    return [event.type for event in events]
