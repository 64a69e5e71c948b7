"""The context: units and programmes, read whole before anything is folded, then followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from projections.judge import judge
from projections.readmodel import ModelUnusable, Outgoing, ReadModel
from projections.stats import Stats
from projections.worker import Names, quarantine_message
from schemas import avro
from schemas.event import Event
from schemas.quarantine import Place, Quarantined, quarantined
from schemas.refusal import Refused
from schemas.times import Instant

READ_RECORDS = 2_000
"""Most records of one read."""

Told = Callable[[Sequence[tuple[int, Event]]], None]
"""Called with (offset, event) pairs in the order of the topic."""


class Record(Protocol):
    """A record of the log port."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Log(Protocol):
    """The part of the log port that reading needs."""

    def topic_id(self, topic: str) -> str: ...

    def ends(self, topic: str) -> list[tuple[int, int]]: ...

    def read(
        self, topic: str, partition: int, offset: int, limit: int, wait_seconds: float = 0.0
    ) -> Sequence[Record]: ...

    def append(self, messages: Sequence[Any]) -> None: ...


@dataclass
class _Topic:
    """One context topic: who is told of it, and how far it is read."""

    full: str
    short: str
    told: Told
    topic_id: str = ""
    next_offset: int = 0
    end: int = 0


@dataclass
class Read:
    """What one read of one topic gave: events to tell, rows to keep, records refused."""

    told: Told
    count: int
    events: list[tuple[int, Event]] = field(default_factory=list)
    rows: list[tuple[int, bytes]] = field(default_factory=list)
    refused: list[tuple[Quarantined, Outgoing]] = field(default_factory=list)


class Context:
    """Follows both context topics without a consumer group, keeping what it reads in the model.

    Kept records let a reader of the model alone build the tree. Not for several threads at once;
    `told` is called on the thread that calls `load`, `follow` or `tell`.
    """

    def __init__(
        self, log: Log, model: ReadModel, names: Names, *, units: Told, programmes: Told
    ) -> None:
        self.stats = Stats()
        self._log = log
        self._model = model
        self._names = names
        self._topics = [
            _Topic(names.units, "units", units),
            _Topic(names.programmes, "programmes", programmes),
        ]

    def load(self) -> None:
        """Tell everything that is on the topics now. Raises ModelUnusable as a claim does."""
        stored = {position.topic: position for position in self._model.positions()}
        for topic in self._topics:
            topic.topic_id = self._log.topic_id(topic.full)
            start, topic.end = self._log.ends(topic.full)[0]
            known = stored.get(topic.full)
            position = 0 if known is None else known.next_offset
            if known is not None and known.topic_id != topic.topic_id:
                raise ModelUnusable(
                    f"{topic.full}: kept records belong to topic id {known.topic_id}, the broker"
                    f" has {topic.topic_id}; remove the read model to read the topic again"
                )
            if not start <= position <= topic.end:
                raise ModelUnusable(
                    f"{topic.full}: our position {position} is outside the log"
                    f" ({start} to {topic.end}); refill the topic from the ledger"
                )
            kept = self._model.noted(topic.full)
            topic.told([(offset, avro.decode(value)) for offset, value in kept])
            topic.next_offset = position
            self._send(topic)
        while self.follow() or any(t.next_offset < t.end for t in self._topics):
            pass

    def follow(self, wait_seconds: float = 0.0) -> int:
        """Read on once in each topic and tell of it; the number of records read."""
        return self.tell(self.read(wait_seconds))

    def read(self, wait_seconds: float = 0.0) -> list[Read]:
        """Read on once in each topic and keep it; may run in a thread. Waits at the first only."""
        found: list[Read] = []
        for topic in self._topics:
            wait = 0.0 if found else wait_seconds / len(self._topics)
            records = self._log.read(topic.full, 0, topic.next_offset, READ_RECORDS, wait)
            if records:
                found.append(self._keep(topic, records))
        return found

    def tell(self, found: Sequence[Read]) -> int:
        """Tell of what `read` gave, on the thread of those who are told; how many records."""
        for read in found:
            if read.events:
                read.told(read.events)
        return sum(read.count for read in found)

    def behind(self) -> int:
        """Ask the log how far both topics reach; the records that are not told of yet."""
        for topic in self._topics:
            topic.end = max(topic.end, self._log.ends(topic.full)[0][1])
        return sum(topic.end - topic.next_offset for topic in self._topics)

    def positions(self) -> dict[str, int]:
        """Per full topic name the first offset not yet read."""
        return {topic.full: topic.next_offset for topic in self._topics}

    def _keep(self, topic: _Topic, records: Sequence[Record]) -> Read:
        read = Read(topic.told, len(records))
        for record in records:
            self._judge(topic, record, read)
        self._model.note(topic.full, topic.topic_id, read.rows, read.refused)
        topic.next_offset = records[-1].offset + 1
        topic.end = max(topic.end, topic.next_offset)
        self.stats.events += len(records)
        if read.refused:
            self._send(topic)
        return read

    def _judge(self, topic: _Topic, record: Record, read: Read) -> None:
        try:
            event = judge(record.key, record.value, topic.short)
        except Refused as refused:
            place = Place(topic.full, topic.topic_id, 0, record.offset)
            at = Instant(record.timestamp)
            row = quarantined(refused, place, record.value, at)
            read.refused.append((row, quarantine_message(self._names.quarantine, row)))
            self.stats.refused(refused.reason.value)
        else:
            assert record.value is not None
            read.events.append((record.offset, event))
            read.rows.append((record.offset, record.value))

    def _send(self, topic: _Topic) -> None:
        pending = self._model.pending(topic.full)
        if pending:
            self._log.append([message for _, message in pending])
            self._model.forget(topic.full, pending[-1][0])
            self.stats.sent += len(pending)
