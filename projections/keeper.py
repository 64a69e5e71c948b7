"""The keeper: which partitions are ours, how far they are folded, how far they are durable."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from projections.readmodel import (
    Change,
    Claim,
    ModelUnusable,
    Outgoing,
    PartitionLost,
    ReadModel,
)
from projections.stats import Lag, Stats
from schemas.times import Instant


class Record(Protocol):
    """A record as a runner hands it over. `timestamp` in ms UTC."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Extent(NamedTuple):
    """What the log says of a partition when it is opened: topic id, start and end offset."""

    topic_id: str
    start: int
    end: int


class Admitted(NamedTuple):
    """The records to fold now, and the offset to go on reading from where that is not the next."""

    records: Sequence[Record]
    seek: int | None = None


@dataclass(kw_only=True)
class Held:
    """One partition in our hands.

    `folded` and `durable` are the first offsets not yet in memory and not yet in the model;
    `seq` the last commit; `pending` what an earlier owner may not have sent.
    """

    topic: str
    partition: int
    topic_id: str
    epoch: int
    folded: int
    durable: int
    seq: int
    end: int
    acked: int = 0
    cleaned: int = 0
    timestamp: int = 0
    reread: tuple[int, int] | None = None
    pending: list[tuple[int, Outgoing]] = field(default_factory=list)


@dataclass(kw_only=True)
class Work:
    """One round of a worker: changes to commit, then messages to send, then what that settles."""

    changes: list[Change] = field(default_factory=list)
    messages: dict[int, list[Outgoing]] = field(default_factory=dict)
    """Per partition, in order: what is to be sent once its change is durable."""
    acks: dict[int, int] = field(default_factory=dict)
    """Per partition the seq up to which the outbox is sent with these messages."""
    published: dict[int, int] = field(default_factory=dict)
    """Per partition the seq up to which the outlet has caught up with these messages."""
    lost: tuple[tuple[str, int], ...] = ()
    seconds: float = 0.0

    @property
    def outgoing(self) -> list[Outgoing]:
        """All messages, in the order of each partition."""
        return [message for messages in self.messages.values() for message in messages]

    @property
    def size(self) -> int:
        """Bytes to be written, about."""
        return sum(change.size for change in self.changes)


class Keeper:
    """Ownership and positions of one topic's partitions. Not for several threads, but `write`."""

    def __init__(self, topic: str, model: ReadModel, stats: Stats) -> None:
        self.topic = topic
        self.model = model
        self.stats = stats
        self._held: dict[int, Held] = {}

    def __iter__(self) -> Iterator[Held]:
        return iter(list(self._held.values()))

    def get(self, partition: int) -> Held | None:
        """The partition, if it is ours."""
        return self._held.get(partition)

    def claim(self, partition: int, extent: Extent, *, late_start: bool = False) -> Claim:
        """Take a partition over. Raises ModelUnusable where its position is not in the log.

        `late_start` lets a position that was never used begin at the log's start, wherever that
        is; otherwise a log that has lost its beginning stops us.
        """
        claim = self.model.claim(self.topic, partition, extent.topic_id)
        at = claim.position
        offset = at.next_offset
        if late_start and offset == 0 and at.seq == 0:
            offset = extent.start
        place = f"{self.topic}/{partition}"
        if offset > extent.end:
            raise ModelUnusable(
                f"{place}: our position {offset} lies behind the log's end {extent.end}; the log"
                " has lost records: restore the topic from the ledger"
            )
        if offset < extent.start:
            raise ModelUnusable(
                f"{place}: the log begins at {extent.start}, we need {offset}; retention has"
                " removed what was not yet folded: refill the topic from the ledger"
            )
        self._held[partition] = Held(
            topic=self.topic,
            partition=partition,
            topic_id=extent.topic_id,
            epoch=at.owner_epoch,
            folded=offset,
            durable=at.next_offset,
            seq=at.seq,
            end=extent.end,
            pending=list(claim.pending),
        )
        return claim

    def taken_over(self, partition: int) -> list[tuple[str, int]]:
        """The partition, where it is ours in memory and somebody else has claimed it since."""
        held = self._held.get(partition)
        if held is None or self.model.owner_epoch(self.topic, partition) == held.epoch:
            return []
        return [(self.topic, partition)]

    def still_ours(self, partition: int, topic_id: str) -> bool:
        """Whether nobody has taken the partition over since we claimed it."""
        held = self._held.get(partition)
        if held is None or held.topic_id != topic_id:
            return False
        return self.model.owner_epoch(self.topic, partition) == held.epoch

    def release(self, partition: int) -> None:
        """Forget the partition; what was not durable is folded again by its next owner."""
        self._held.pop(partition, None)

    def admit(self, partition: int, records: Sequence[Record]) -> Admitted:
        """Let through what follows our position without a gap.

        Records below our position are passed over. Where offsets are missing, what stands before
        the gap is folded and the gap is read once more; still missing, it is counted `vanished`.
        """
        held = self._held.get(partition)
        if held is None:
            self.stats.foreign += len(records)
            return Admitted(())
        if records and records[0].offset < held.folded:
            fresh = [record for record in records if record.offset >= held.folded]
            self.stats.skipped += len(records) - len(fresh)
            records = fresh
        if not records:
            return Admitted(())
        first = records[0].offset
        if first > held.folded:
            if held.reread != (held.folded, first):
                return Admitted((), self._reread(held, first))
            self.stats.vanished += first - held.folded
        whole = _before_gap(records)
        held.folded = whole[-1].offset + 1
        held.timestamp = whole[-1].timestamp
        held.end = max(held.end, held.folded)
        if len(whole) < len(records):
            return Admitted(whole, self._reread(held, records[len(whole)].offset))
        return Admitted(whole)

    def pass_over(self, partition: int, offset: int) -> int | None:
        """The log was read up to `offset` without any record after our position.

        Returns the offset to read once more from; None where that was done, or nothing is missing.
        """
        held = self._held.get(partition)
        if held is None or offset <= held.folded:
            return None
        if held.reread != (held.folded, offset):
            return self._reread(held, offset)
        self.stats.vanished += offset - held.folded
        held.folded = offset
        return None

    def _reread(self, held: Held, first: int) -> int:
        held.reread = (held.folded, first)
        self.stats.holes += 1
        return held.folded

    def write(self, work: Work) -> None:
        """Commit the changes, without those of partitions that are lost. May run in a thread."""
        started = time.perf_counter()
        while work.changes:
            try:
                self.model.commit(work.changes)
                break
            except PartitionLost as lost:
                gone = set(lost.partitions)
                work.lost += lost.partitions
                work.changes = [c for c in work.changes if (c.topic, c.partition) not in gone]
        work.seconds = time.perf_counter() - started

    def settle(self, work: Work) -> None:
        """Enter what `write` has made durable."""
        for topic, partition in work.lost:
            if topic == self.topic:
                work.messages.pop(partition, None)
                work.acks.pop(partition, None)
                work.published.pop(partition, None)
                self.stats.lost += 1
        for change in work.changes:
            held = self._held.get(change.partition)
            if held is not None and held.epoch == change.epoch:
                held.durable, held.seq = change.next_offset, change.seq
                held.cleaned = max(held.cleaned, change.sent)
        if work.changes:
            self.stats.committed(work.seconds)

    def sent(self, work: Work) -> None:
        """Enter that all messages of the work are acknowledged."""
        self.stats.sent += len(work.outgoing)
        for partition, seq in work.acks.items():
            held = self._held.get(partition)
            if held is not None:
                held.acked = max(held.acked, seq)
                held.pending = [item for item in held.pending if item[0] > seq]

    def lags(self, now: Instant) -> list[Lag]:
        """How far each partition is behind; seconds since the last folded record was written."""
        return [_lag(held, now) for held in self]


def _lag(held: Held, now: Instant) -> Lag:
    events = max(0, held.end - held.folded)
    waits = events and held.timestamp
    seconds = max(0, now - held.timestamp) / 1_000 if waits else 0.0
    return Lag(held.topic, held.partition, events, seconds)


def _before_gap(records: Sequence[Record]) -> Sequence[Record]:
    first = records[0].offset
    if records[-1].offset - first + 1 == len(records):
        return records
    gap = next(at for at, record in enumerate(records) if record.offset != first + at)
    return records[:gap]
