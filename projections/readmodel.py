"""The read model: state, positions and outgoing messages, committed together or not at all."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from schemas.quarantine import Quarantined
from schemas.times import Instant

LAYOUT = "1"
"""Version of the tables. A model of another layout is not opened."""
GENERATION_EPOCH_MS = 1_735_689_600_000
"""2025-01-01T00:00:00Z: generations count seconds from here, so that they fit 30 bits."""
OFFSET_BITS = 33
PAGE_BYTES = 4096


class Outgoing(NamedTuple):
    """A message to be sent after the commit. `partition` None: by the key, as Kafka does."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int | None = None


class JournalRow(NamedTuple):
    """What one commit added to one partition, as its worker wrote it."""

    seq: int
    first_offset: int
    next_offset: int
    payload: bytes


class Position(NamedTuple):
    """How far one partition is durable. `next_offset` is the first offset not yet applied."""

    topic: str
    partition: int
    topic_id: str
    next_offset: int
    owner_epoch: int
    seq: int
    flushed_seq: int
    published_seq: int


@dataclass(frozen=True, kw_only=True)
class Change:
    """What one transaction does to one partition; valid only at (`expected`, `epoch`).

    `seq` numbers the commits of a partition: the journal row and the outgoing messages of this
    commit carry it. A change that neither journals nor sends repeats the last seq.
    `sent`: outgoing messages up to this seq are acknowledged. `flushed`: journal rows up to this
    seq stand in `rows` (appended to what is stored under the id) or in `snapshots` (replacing).
    `published`: the outlet has sent the state of everything journaled up to this seq.
    """

    topic: str
    partition: int
    epoch: int
    expected: int
    next_offset: int
    seq: int
    journal: bytes | None = None
    outgoing: Sequence[Outgoing] = ()
    quarantined: Sequence[Quarantined] = ()
    sent: int = 0
    flushed: int = 0
    published: int = 0
    rows: Sequence[tuple[bytes, bytes]] = ()
    snapshots: Sequence[tuple[bytes, bytes]] = ()

    @property
    def size(self) -> int:
        """Bytes that the transaction writes for it, about: each row touches a page of its own."""
        told = sum(len(message.value or b"") for message in self.outgoing)
        noted = sum(len(value) for _, value in self.snapshots)
        return len(self.journal or b"") + told + noted + PAGE_BYTES * len(self.rows)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A partition taken over: everything its worker needs to go on where the last one ended.

    `states` are (id, everything appended under it), journal included; `journal` are the rows
    that are not flushed or not published yet, oldest first; `pending` are outgoing messages that
    may or may not have been sent, oldest first, with the seq of their commit.
    """

    position: Position
    fresh: bool
    states: Iterable[tuple[bytes, bytes]]
    snapshots: Sequence[tuple[bytes, bytes]] = ()
    journal: Sequence[JournalRow] = ()
    pending: Sequence[tuple[int, Outgoing]] = field(default=())


class PartitionLost(Exception):
    """Somebody else has taken these partitions over; nothing of the transaction was kept."""

    def __init__(self, partitions: Sequence[tuple[str, int]]) -> None:
        self.partitions = tuple(partitions)
        names = ", ".join(f"{topic}/{partition}" for topic, partition in partitions)
        super().__init__(f"{names} has another owner now; this worker gives it up")


class ModelMissing(Exception):
    """There is no read model at this place, and reading never makes one."""


class ModelUnreachable(Exception):
    """The read model's database does not answer, or does not let us in."""


class ModelUnusable(Exception):
    """The read model and the log do not belong together; going on would be guessing."""


class ReadModel(Protocol):
    """What workers and readers ask of a read model; SQLite and PostgreSQL pass one test."""

    @property
    def id(self) -> str: ...

    @property
    def generation(self) -> int: ...

    @property
    def local(self) -> bool:
        """Whether a commit waits for nothing but this process."""

    def renew(self, generation: int) -> None:
        """Take a generation above those of models that told subscribers since this one was made.

        For a model out of a backup, or one that comes to serve: versions that are told from now on
        are newer than all that was told before; frames keep their own.
        """

    def claim(self, topic: str, partition: int, topic_id: str) -> Claim:
        """Take the partition over: raise its owner epoch, return what is durable.

        Raises ModelUnusable where the stored position belongs to another topic of this name.
        """

    def commit(self, changes: Sequence[Change]) -> None:
        """Apply all changes in one transaction.

        Raises PartitionLost, with nothing changed, where a partition stands at another position
        or has another owner epoch than the change expects.
        """

    def note(
        self,
        topic: str,
        topic_id: str,
        rows: Sequence[tuple[int, bytes]],
        refused: Sequence[tuple[Quarantined, Outgoing]] = (),
    ) -> None:
        """Keep (offset, value) records of a one-partition context topic and move its position.

        Records that are known already are passed over, so that workers may all read the topic.
        Refused ones go to quarantine, once, with a message for the outbox. Raises ModelUnusable
        where the kept records belong to another topic of this name.
        """

    def pending(self, topic: str, partition: int | None = None) -> list[tuple[int, Outgoing]]:
        """(seq, message) of what was derived from a topic and may not have been sent yet.

        None: from all of its partitions.
        """

    def forget(self, topic: str, seq: int) -> None:
        """The outbox of a context topic is sent up to `seq`."""

    def noted(self, topic: str) -> list[tuple[int, bytes]]:
        """The kept records of a context topic, by offset."""

    def positions(self) -> list[Position]: ...

    def unsent(self) -> int:
        """Messages of the outbox that are not known to be acknowledged."""

    def owner_epoch(self, topic: str, partition: int) -> int: ...

    def states(self, topic: str, partition: int) -> Iterator[tuple[bytes, bytes]]:
        """(id, appended bytes) of a partition, what is still in the journal included."""

    def state(self, topic: str, partition: int, key: bytes) -> bytes:
        """The appended bytes of one id, journal included; empty where there are none."""

    def journal(self, topic: str, partition: int) -> list[JournalRow]: ...

    def snapshots(self, topic: str, partition: int) -> list[tuple[bytes, bytes]]: ...

    def snapshot_bytes(self, topic: str, partition: int, name: bytes) -> int:
        """The size of the snapshot of this name; 0 where there is none."""

    def told_of(self, topic: str, partition: int, name: bytes) -> Iterator[bytes]:
        """The snapshot of this name and then every value of the journal, as of one moment."""

    def quarantined(self, after: int = 0, limit: int = 1_000) -> list[tuple[int, Quarantined]]:
        """(number, record) pairs with a number above `after`, oldest first."""

    def quarantine_counts(self) -> dict[str, int]:
        """How many records were quarantined per reason."""

    def close(self) -> None: ...


def generation_at(now: Instant) -> int:
    """The generation of a model made at this instant: later models have larger ones."""
    return max(1, (now - GENERATION_EPOCH_MS) // 1_000)


def version_of(generation: int, offset: int) -> int:
    """The strictly growing version of what was derived up to and including `offset`."""
    return generation << OFFSET_BITS | offset + 1


_HEAD = struct.Struct(">HI")


def pack(rows: Iterable[tuple[bytes, bytes]]) -> bytes:
    """(id, bytes) pairs -> the payload of a journal row; ids of at most 65,535 bytes."""
    parts: list[bytes] = []
    for key, value in rows:
        parts += (_HEAD.pack(len(key), len(value)), key, value)
    return b"".join(parts)


def unpack(payload: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The inverse of `pack`."""
    at, end, head = 0, len(payload), _HEAD
    while at < end:
        key_size, size = head.unpack_from(payload, at)
        at += head.size
        yield payload[at : at + key_size], payload[at + key_size : at + key_size + size]
        at += key_size + size


def appended(rows: Iterable[JournalRow]) -> dict[bytes, bytes]:
    """What the rows, in their order, append under each id."""
    parts: dict[bytes, list[bytes]] = {}
    for row in rows:
        for key, value in unpack(row.payload):
            parts.setdefault(key, []).append(value)
    return {key: b"".join(values) for key, values in parts.items()}


def overlaid(
    stored: Iterable[tuple[bytes, bytes]], rest: dict[bytes, bytes]
) -> Iterator[tuple[bytes, bytes]]:
    """Replay of the journal: stored states with the unflushed rest appended, then new ids.

    A crash may fall between any two commits; the stored rows hold exactly the journal up to
    `flushed_seq`, so appending the rows after it, once, in order, gives what was in memory.
    """
    rest = dict(rest)
    for key, value in stored:
        yield key, value + rest.pop(key, b"")
    yield from rest.items()
