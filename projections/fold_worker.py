"""The fold worker: events in, facts journaled, frames and the obligations outlet out."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from projections.keeper import Held, Record, Work
from projections.readmodel import (
    OFFSET_BITS,
    Change,
    Claim,
    Outgoing,
    ReadModel,
    overlaid,
    pack,
    unpack,
)
from projections.worker import Names, Pace, Worker, rows_of, unmoved
from schemas.refusal import Reason, Refused

FLUSH_ROWS = 25_000
"""Journaled rows of a partition after which they are flushed in one go (catching up)."""
FLUSH_SLICE = 2_000
"""Rows flushed at once when there is nothing or little else to do: about 50 ms of writing."""
RULES = b"rules"
"""The snapshot that names under which generation and rules the frames of a partition stand."""


class Batch(Protocol):
    """What became of the records of one partition."""

    @property
    def duplicates(self) -> int: ...
    @property
    def facts(self) -> Sequence[tuple[bytes, bytes]]: ...
    @property
    def late(self) -> Sequence[tuple[bytes, bytes]]: ...
    @property
    def quarantined(self) -> Sequence[tuple[Record, Reason, str]]: ...


class Engine(Protocol):
    """The fold of many partitions in memory."""

    def open(self, partition: int, states: Iterable[tuple[bytes, bytes]]) -> None: ...

    def close(self, partition: int) -> None: ...

    def take_all(self, parts: Sequence[tuple[int, Sequence[Record]]]) -> Sequence[Batch]: ...

    def late(self, facts: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[bytes, bytes]]:
        """Of journaled facts those that may restate the past: (obligation id, event id)."""


class Source(NamedTuple):
    """What a frame is derived from, and `offset`, the first one that is not in it."""

    generation: int
    topic_id: str
    partition: int
    offset: int


class Frames(Protocol):
    """Makes frames, as message values."""

    def __call__(self, source: Source, *, whole: bool) -> Sequence[bytes]:
        """The cells of the partition that changed since the last call, or all of them."""


Outlet = Callable[[bytes, int], Outgoing | None]
"""(obligation id, version) -> its message on the obligations topic."""
Restate = Callable[[bytes, Sequence[bytes]], Sequence[Outgoing]]
"""(obligation id, event ids of its late facts) -> messages that tell what they have restated."""


@dataclass
class _Part:
    """What is in memory of one partition beside the engine's own state.

    `facts` are of no commit yet, `committing` of the one under way; `dirty` are the obligations
    that the outlet has to tell, as of `dirty_seq` or earlier, and `made` what it tells of them.
    `late` and `late_committing` are (obligation id, event id) of late ones among the facts;
    `restating` has, for dirty obligations, the late facts that are to be told with them.
    """

    facts: list[tuple[bytes, bytes]] = field(default_factory=list)
    committing: list[tuple[bytes, bytes]] = field(default_factory=list)
    late: list[tuple[bytes, bytes]] = field(default_factory=list)
    late_committing: list[tuple[bytes, bytes]] = field(default_factory=list)
    restating: dict[bytes, list[bytes]] = field(default_factory=dict)
    journaled: deque[tuple[int, list[tuple[bytes, bytes]]]] = field(default_factory=deque)
    rows: int = 0
    flushed: int = 0
    dirty: OrderedDict[bytes, None] = field(default_factory=OrderedDict)
    dirty_seq: int = 0
    made: list[Outgoing] = field(default_factory=list)
    publishing: int = 0
    published: int = 0
    told: int = 0
    rules: str = ""
    generation: int = 0
    stored: bytes = b""

    def restate(self, late: Iterable[tuple[bytes, bytes]]) -> None:
        """These late facts are durable, and not told."""
        for key, event_id in late:
            self.restating.setdefault(key, []).append(event_id)


class FoldWorker(Worker):
    """Folds the events topic. The engine is told in order; the journal holds what it accepted."""

    in_company = True

    def __init__(
        self,
        model: ReadModel,
        names: Names,
        engine: Engine,
        frames: Frames,
        outlet: Outlet | None = None,
        rules: Callable[[], str] = str,
        restate: Restate | None = None,
    ) -> None:
        """`rules` names what the fold depends on beside the facts; when it changes, all of a
        partition is folded anew. What late facts `restate` is told with their obligations, so
        that one journal is the outbox of both."""
        super().__init__(names.events, model, names)
        self.engine = engine
        self._frames = frames
        self._outlet = outlet
        self._restate = restate
        self._rules = rules
        self._turns = 0
        self._pace = Pace()
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
                part.restate(self.engine.late(rows))
        self._parts[held.partition] = part
        part.rules, part.generation = "", self.model.generation
        for name, value in claim.snapshots:
            if name == RULES:
                part.stored = value
                generation, _, part.rules = value.decode().partition(" ")
                part.generation = int(generation)
        if claim.fresh:
            part.rules = self._rules()
        self.engine.open(held.partition, claim.states)

    def unload(self, partition: int) -> None:
        del self._parts[partition]
        self.engine.close(partition)

    def fold(self, parts: Sequence[tuple[Held, Sequence[Record]]]) -> None:
        batches = self.engine.take_all([(held.partition, records) for held, records in parts])
        for (held, _), batch in zip(parts, batches, strict=True):
            part = self._parts[held.partition]
            part.facts += batch.facts
            part.late += batch.late
            self.stats.duplicates += batch.duplicates
            for record, reason, sentence in batch.quarantined:
                self.refuse(held, record, Refused(reason, sentence))

    def change(self, held: Held, work: Work, *, idle: bool) -> Change | None:
        part = self._parts[held.partition]
        change = self.basis(held)
        if part.rules != self._rules() and not any(other.snapshots for other in work.changes):
            change = self._refolded(held, part, change or unmoved(held))
        elif change is not None and change.next_offset > change.expected:
            change = self._folded(held, part, change)
        near = self.behind() < FLUSH_SLICE
        due = 1 if idle else FLUSH_SLICE if near else FLUSH_ROWS
        # One flush a round: all partitions fill up at the same pace, and a commit must be short.
        if part.rows >= due and not any(other.rows for other in work.changes):
            limit = FLUSH_SLICE if near else part.rows
            change = self._flush(part, change or unmoved(held), limit)
        if part.published > part.told:
            change = replace(change or unmoved(held), published=part.published)
        return change

    def _folded(self, held: Held, part: _Part, change: Change, *, whole: bool = False) -> Change:
        source = Source(part.generation, held.topic_id, held.partition, change.next_offset)
        frames = [
            Outgoing(self.names.frames, f"{held.topic_id}/{held.partition}".encode(), value)
            for value in self._frames(source, whole=whole)
        ]
        facts, part.facts = part.facts, []
        part.committing = facts
        part.late, part.late_committing = [], part.late
        if facts:
            part.journaled.append((change.seq, facts))
            part.rows += len(facts)
        rules = f"{part.generation} {part.rules}".encode()
        snapshots = ((RULES, rules),) if rules != part.stored else ()
        part.stored = rules
        return replace(
            change,
            journal=pack(facts) if facts else None,
            outgoing=[*frames, *change.outgoing],
            snapshots=snapshots,
            published=change.seq if self._outlet is None else 0,
        )

    def _refolded(self, held: Held, part: _Part, change: Change) -> Change:
        """Fold all facts of the partition anew and tell all its cells under a new generation.

        Readers drop what an older generation told, so that cells which are gone are gone.
        """
        part.rules = self._rules()
        part.generation += 1
        rest = rows_of(part.facts)
        self.engine.close(held.partition)
        states = list(overlaid(self.model.states(held.topic, held.partition), dict(rest)))
        self.engine.open(held.partition, states)
        part.dirty.update((key, None) for key, _ in states)
        return self._folded(held, part, replace(change, seq=held.seq + 1), whole=True)

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
        return replace(change, rows=taken, flushed=seq)

    def write(self, work: Work) -> None:
        # Thousands of rows are joined and sorted here, where nobody waits for it.
        work.changes = [
            replace(change, rows=rows_of(change.rows)) if change.rows else change
            for change in work.changes
        ]
        super().write(work)

    def make(self) -> bool:
        if self._outlet is None or max(self.behind(), self.waiting()) >= FLUSH_SLICE:
            return False
        until = self._pace.until()
        if until is None:
            return False
        rules = self._rules()
        # Each time another partition is first, so that none waits for ever.
        self._turns += 1
        held = list(self.keeper)
        for at in range(len(held)):
            one = held[(self._turns + at) % len(held)]
            # Under other rules nothing holds until all is folded anew.
            if self._parts[one.partition].rules == rules:
                self._tell(one, self._outlet, until)
        return self._pace.goes_on and time.perf_counter() >= until

    def _tell(self, held: Held, outlet: Outlet, until: float) -> None:
        """Tell of obligations that changed, as of the last commit, until the time is up."""
        part = self._parts[held.partition]
        version = self.model.generation << OFFSET_BITS | held.seq
        # In memory these are ahead of the last commit; they are told once theirs is made.
        ahead = {key for key, _ in part.facts}
        later = []
        while part.dirty and time.perf_counter() < until:
            key, _ = part.dirty.popitem(last=False)
            if key in ahead:
                later.append(key)
                continue
            if (message := outlet(key, version)) is not None:
                part.made.append(message)
            event_ids = part.restating.pop(key, None)
            if event_ids and self._restate is not None:
                part.made += self._restate(key, event_ids)
        part.dirty.update(dict.fromkeys(later))

    def prepare(self, *, idle: bool = False) -> Work | None:
        self._pace.begin_round(idle=idle)
        self.make()
        work = super().prepare(idle=idle) or Work()
        if self._outlet is not None:
            for held in self.keeper:
                self._publish(self._parts[held.partition], held.partition, work)
        return work if work.changes or work.messages else None

    def _publish(self, part: _Part, partition: int, work: Work) -> None:
        """Send what was made; the journal is the outlet's outbox."""
        if part.publishing:
            return
        made, part.made = part.made, []
        if made:
            work.messages.setdefault(partition, []).extend(made)
            part.publishing = part.dirty_seq
            work.published[partition] = 0 if part.dirty else part.dirty_seq
        elif not part.dirty:
            part.published = max(part.published, part.dirty_seq)

    def tell_again(self, partition: int, keys: Iterable[bytes]) -> None:
        """Tell subscribers of these obligations, though nothing has happened to them."""
        held, part = self.keeper.get(partition), self._parts.get(partition)
        if held is not None and part is not None:
            part.dirty.update(dict.fromkeys(keys))
            part.dirty_seq = max(part.dirty_seq, held.seq)

    def settled(self, change: Change) -> None:
        part = self._parts[change.partition]
        part.told = max(part.told, change.published)
        part.dirty.update((key, None) for key, _ in part.committing)
        part.restate(part.late_committing)
        part.committing, part.late_committing = [], []
        if self._outlet is None:
            part.dirty.clear()
            part.restating.clear()
        part.dirty_seq = max(part.dirty_seq, change.seq)

    def caught_up(self, partition: int, seq: int) -> None:
        part = self._parts.get(partition)
        if part is not None:
            part.publishing = 0
            part.published = max(part.published, seq)
