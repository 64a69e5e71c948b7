"""The port to the log: what the rest needs of Kafka, so that a file can stand in for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from ops.settings import BrokenEnvironment
from schemas.topics import Topic

READ_PAGE = 1_000
"""Records of a partition that are read whole, a page at a time."""
READ_SECONDS_MAX = 10.0
"""How long a page is waited for before the log is said not to answer."""

Headers = Sequence[tuple[str, bytes]]


class Record(NamedTuple):
    """One record as read. `timestamp` is the producer's, in ms UTC; `topic` is the full name."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers


class Outgoing(NamedTuple):
    """One record to append. Without a partition the key decides, by Kafka's murmur2."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    partition: int | None = None


class LogFailed(BrokenEnvironment):
    """The log could not do what was asked; `str()` says what and where."""


class NoSuchTopic(LogFailed):
    """A topic that does not exist on this log."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"Topic {topic} does not exist; `lienthong up` creates it.")


class NoSuchPartition(LogFailed):
    """A partition that its topic does not have."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(f"Topic {topic} has no partition {partition}.")


class OutOfRange(LogFailed):
    """An offset before the log's start or after its end: somebody's position is not this log's."""

    def __init__(self, topic: str, partition: int, offset: int) -> None:
        super().__init__(f"Offset {offset} of {topic}/{partition} is outside the log.")


class GroupInUse(LogFailed):
    """A consumer group of which the broker still takes somebody for a member."""

    def __init__(self, group: str) -> None:
        super().__init__(f"The consumer group {group} still has members; stop them first.")


class RecordTooLarge(LogFailed):
    """A record over its topic's limit."""

    def __init__(self, topic: str, size: int) -> None:
        super().__init__(f"A record of {size} bytes is over the limit of topic {topic}.")


class Log(Protocol):
    """An ordered, partitioned, durable log. All names are full names, prefix included.

    Every call may raise LogFailed; NoSuchTopic and NoSuchPartition where the place is unknown.
    Threads may share one log.
    """

    def cluster_id(self) -> str:
        """The id of the whole log, made when it was."""
        ...

    def topic_id(self, topic: str) -> str:
        """The id of this topic, made when it was created: a topic made anew has another one."""
        ...

    def ends(self, topic: str) -> list[tuple[int, int]]:
        """Per partition: the first offset kept and the offset that the next record will get."""
        ...

    def read(
        self,
        topic: str,
        partition: int,
        offset: int,
        limit: int,
        wait_seconds: float = 0.0,
        end: int | None = None,
    ) -> list[Record]:
        """At most `limit` records from `offset` on, committed ones only; offsets may have gaps.

        Waits up to `wait_seconds` for the first one. A call that need not wait may return fewer
        records than there are, even none, where they are still under way. Raises OutOfRange.

        With an `end` nothing behind it is waited for, and no records mean that nothing stands
        before it; LogFailed says that this could not be found out within `wait_seconds`.
        """
        ...

    def append(self, messages: Sequence[Outgoing]) -> None:
        """Append in order; returns when every record is durable. Raises RecordTooLarge.

        After an error some of the records may be there: append again from the first one.
        """
        ...

    def create(self, topics: Sequence[Topic], prefix: str) -> None:
        """Create those of the topics that do not exist."""
        ...

    def remove(self, topics: Sequence[str], groups: Sequence[str]) -> None:
        """Delete topics with all of their records, and consumer groups; missing ones are gone.

        Raises GroupInUse where somebody is a member.
        """
        ...

    def differences(self, topics: Sequence[Topic], prefix: str) -> list[str]:
        """One sentence for each thing in which the topics differ from what they should be."""
        ...

    def close(self) -> None:
        """Let go of everything; further calls are errors."""
        ...


class Readable(Protocol):
    """What `all_records` needs of a log."""

    def read(
        self,
        topic: str,
        partition: int,
        offset: int,
        limit: int,
        wait_seconds: float = 0.0,
        end: int | None = None,
    ) -> Sequence[Record]: ...


def all_records(
    log: Readable, topic: str, partition: int, start: int, end: int
) -> Iterator[Record]:
    """All records of a partition from `start` to before `end`, whatever offsets hold nothing."""
    offset = start
    while offset < end:
        page = log.read(topic, partition, offset, READ_PAGE, READ_SECONDS_MAX, end)
        if not page:
            return
        yield from (record for record in page if record.offset < end)
        offset = page[-1].offset + 1


def partition_sentence(name: str, found: int, wanted: int) -> str:
    """What is said of a topic with another number of partitions."""
    return (
        f"Topic {name} has {found} partitions but must have {wanted}; partition counts are part "
        "of the contract, so use another LIENTHONG_TOPIC_PREFIX or make the topic anew."
    )


def limit_sentence(name: str, found: int, wanted: int) -> str:
    """What is said of a topic whose message limit is too small."""
    return (
        f"Topic {name} takes messages up to {found} bytes but needs {wanted}; "
        f"raise its max.message.bytes to {wanted}."
    )
