"""The fold worker: events in, facts journaled, frames and the obligations outlet out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol
from uuid import UUID

from projections.keeper import Held, Record, Work
from projections.readmodel import Change, Claim, Outgoing, ReadModel, pack, unpack, version_of
from projections.worker import Names, Worker, rows_of, unmoved
from schemas.quarantine import Place, quarantined
from schemas.refusal import Reason, Refused
from schemas.times import Instant

FLUSH_ROWS = 25_000
"""Journaled rows of a partition after which they are flushed in one go (catching up)."""
FLUSH_SLICE = 2_000
"""Rows flushed at once when there is nothing or little else to do: about 50 ms."""
UNKNOWN_OFFSET = -1
"""Where the offset of a quarantined fact is not known any more."""
OUTLET_SLICE_SECONDS = 0.01
"""How long obligations are published at once, so that folding is never held up for long."""


class Batch(Protocol):
    """What became of the records of one `take`."""

    @property
    def duplicates(self) -> int: ...
    @property
    def facts(self) -> Sequence[tuple[bytes, bytes]]: ...
    @property
    def quarantined(self) -> Sequence[tuple[Record, Reason, str]]: ...
    @property
    def displaced(self) -> Sequence[Displaced]: ...


class Engine(Protocol):
    """The fold of many partitions in memory."""

    def open(self, partition: int, states: Iterable[tuple[bytes, bytes]]) -> None: ...

    def close(self, partition: int) -> None: ...

    def take(self, partition: int, records: Sequence[Record]) -> Batch: ...


class Displaced(Protocol):
    """A fact taken earlier that gave way to another content of its event id."""

    @property
    def obligation(self) -> bytes: ...
    @property
    def event_id(self) -> bytes: ...
    @property
    def content(self) -> bytes: ...


class Source(NamedTuple):
    """What a frame is derived from, and `offset`, the first one that is not in it."""

    generation: int
    topic_id: str
    partition: int
    offset: int


Frames = Callable[[Source], Sequence[bytes]]
"""The frames with all cells of the partition changed since the last call, as message values."""
Outlet = Callable[[bytes, int], Outgoing | None]
"""(obligation id, version) -> its message on the obligations topic."""


@dataclass
class _Part:
    """What is in memory of one partition beside the engine's own state."""

    facts: list[tuple[bytes, bytes]] = field(default_factory=list)
    journaled: deque[tuple[int, list[tuple[bytes, bytes]]]] = field(default_factory=deque)
    rows: int = 0
    flushed: int = 0
    dirty: dict[bytes, None] = field(default_factory=dict)
    dirty_seq: int = 0
    publishing: int = 0
    published: int = 0
    told: int = 0


class FoldWorker(Worker):
    """Folds the events topic. The engine is told in order; the journal holds what it accepted."""

    def __init__(
        self,
        model: ReadModel,
        names: Names,
        engine: Engine,
        frames: Frames,
        outlet: Outlet | None = None,
    ) -> None:
        super().__init__(names.events, model, names)
        self.engine = engine
        self._frames = frames
        self._outlet = outlet
        self._parts: dict[int, _Part] = {}

    def load(self, held: Held, claim: Claim) -> None:
        at = claim.position
        part = _Part(flushed=at.flushed_seq, published=at.published_seq, told=at.published_seq)
        part.dirty_seq = at.seq
        for row in claim.journal:
            rows = list(unpack(row.payload))
            if row.seq > at.flushed_seq:
                part.journaled.append((row.seq, rows))
                part.rows += len(rows)
            if row.seq > at.published_seq:
                part.dirty.update((key, None) for key, _ in rows)
        self._parts[held.partition] = part
        self.engine.open(held.partition, claim.states)

    def unload(self, partition: int) -> None:
        del self._parts[partition]
        self.engine.close(partition)

    def fold(self, held: Held, records: Sequence[Record]) -> None:
        batch = self.engine.take(held.partition, records)
        self._parts[held.partition].facts += batch.facts
        self.stats.duplicates += batch.duplicates
        for record, reason, sentence in batch.quarantined:
            self.refuse(held, record, Refused(reason, sentence))
        for gone in batch.displaced:
            self._displace(held, gone, records[-1])

    def _displace(self, held: Held, gone: Displaced, record: Record) -> None:
        """Quarantine a fact whose record is no longer at hand: the ledger still has it."""
        refused = Refused(
            Reason.DUPLICATE_OTHER_CONTENT,
            f"event {UUID(bytes=gone.event_id)} of {gone.obligation.decode()} was taken, and gave"
            " way to another content of its id that was recorded earlier",
        )
        place = Place(held.topic, held.topic_id, held.partition, UNKNOWN_OFFSET)
        row = quarantined(refused, place, None, Instant(record.timestamp))
        self.quarantine(held, row._replace(sha256=gone.content))

    def change(self, held: Held, work: Work, *, idle: bool) -> Change | None:
        part = self._parts[held.partition]
        change = self.basis(held)
        if change is not None and change.next_offset > change.expected:
            change = self._folded(held, part, change)
        near = self.behind() < FLUSH_SLICE
        due = 1 if idle else FLUSH_SLICE if near else FLUSH_ROWS
        # One flush a round: all partitions fill up at the same pace, and a commit must be short.
        if part.rows >= due and not any(other.rows for other in work.changes):
            limit = FLUSH_SLICE if near else part.rows
            change = self._flush(part, change or unmoved(held), limit)
        if near:
            self._publish(held, part, work)
        if part.published > part.told:
            change = replace(change or unmoved(held), published=part.published)
        return change

    def _folded(self, held: Held, part: _Part, change: Change) -> Change:
        source = Source(self.model.generation, held.topic_id, held.partition, change.next_offset)
        frames = [
            Outgoing(self.names.frames, f"{held.topic_id}/{held.partition}".encode(), value)
            for value in self._frames(source)
        ]
        facts, part.facts = part.facts, []
        if facts:
            part.journaled.append((change.seq, facts))
            part.rows += len(facts)
        return replace(
            change,
            journal=pack(facts) if facts else None,
            outgoing=[*frames, *change.outgoing],
            published=change.seq if self._outlet is None else 0,
        )

    def _flush(self, part: _Part, change: Change, limit: int) -> Change:
        """Move the oldest journaled rows, about `limit` of them, to their obligations."""
        taken: list[tuple[bytes, bytes]] = []
        seq = part.flushed
        # The row of this very change is not durable yet; it may go along, they commit together.
        while part.journaled and (not taken or len(taken) < limit):
            seq, rows = part.journaled.popleft()
            taken += rows
        part.rows -= len(taken)
        part.flushed = seq
        self.stats.flushes += 1
        self.stats.flushed_rows += len(taken)
        return replace(change, rows=rows_of(taken), flushed=seq)

    def _publish(self, held: Held, part: _Part, work: Work) -> None:
        """Add a slice of the obligations that changed; the journal is the outlet's outbox."""
        if self._outlet is None or part.publishing:
            return
        if not part.dirty:
            part.published = max(part.published, part.dirty_seq)
            return
        version = version_of(self.model.generation, held.folded - 1)
        made: list[Outgoing] = []
        until = time.perf_counter() + OUTLET_SLICE_SECONDS
        while part.dirty and time.perf_counter() < until:
            key, _ = part.dirty.popitem()
            if (message := self._outlet(key, version)) is not None:
                made.append(message)
        work.messages.setdefault(held.partition, []).extend(made)
        part.publishing = part.dirty_seq
        work.published[held.partition] = 0 if part.dirty else part.dirty_seq

    def settled(self, change: Change) -> None:
        part = self._parts[change.partition]
        part.told = max(part.told, change.published)
        if change.journal is not None:
            part.dirty.update((key, None) for key, _ in unpack(change.journal))
        if self._outlet is None:
            part.dirty.clear()
        part.dirty_seq = max(part.dirty_seq, change.seq)

    def caught_up(self, partition: int, seq: int) -> None:
        part = self._parts.get(partition)
        if part is not None:
            part.publishing = 0
            part.published = max(part.published, seq)
