"""The log as the write side sees it: what is read from the inbox and appended to the topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]


class Record(Protocol):
    """One record as read. `topic` is the full name, `timestamp` in ms UTC."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


class Outgoing(NamedTuple):
    """One record to append; without a partition the key decides, by Kafka's murmur2."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


class Log(Protocol):
    """Ordered, partitioned, durable. Names are full names, prefix included."""

    def topic_id(self, topic: str) -> str:
        """The id that the topic got when it was made; a topic made anew has another."""
        ...

    def ends(self, topic: str) -> list[tuple[int, int]]:
        """(first offset kept, next offset) of each partition."""
        ...

    def read(
        self, topic: str, partition: int, offset: int, limit: int, wait_seconds: float = 0.0
    ) -> Sequence[Record]:
        """At most `limit` records from an offset on; offsets may have gaps."""
        ...

    def append(self, messages: Sequence[Any]) -> None:
        """Append `Outgoing`s in order; returns when all are durable."""
        ...
