"""Workers: a partition's records in, changes of the read model and outgoing messages out."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from projections.keeper import Extent, Held, Keeper, Record, Work
from projections.readmodel import Change, Claim, Outgoing, PartitionLost, ReadModel
from projections.stats import Lag, Stats
from schemas import quarantine
from schemas.quarantine import Place, Quarantined
from schemas.refusal import Refused
from schemas.times import Instant

SLICE_SECONDS = 0.001
"""An outlet makes messages this long in one go: a request that comes meanwhile waits for it."""
MANY_SHARE, SLICE_MANY_SECONDS_MAX = 0.2, 0.015
"""Where far more than usual is to be told (all boards, after a reform) a round has one slice, that
share of the time since the round before: while records come, no time is left for a second one."""
SLICES, SLICES_IDLE = 3, 40
"""Slices of one round while there is other work, and when there is none."""
SMALL_BYTES = 256 * 1024
"""A commit of a local read model up to this size is written at once: about a millisecond."""
OUTLET_PAUSE_SECONDS = 0.05
"""While there is other work, rounds with slices begin this far apart."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Full topic names, as the broker has them."""

    events: str = "lienthong.events"
    units: str = "lienthong.units"
    programmes: str = "lienthong.programmes"
    frames: str = "lienthong.frames"
    boards: str = "lienthong.boards"
    obligations: str = "lienthong.obligations"
    restatements: str = "lienthong.restatements"
    quarantine: str = "lienthong.quarantine"

    @classmethod
    def of(cls, prefix: str) -> Names:
        """The names under a prefix."""
        return cls(**{name: prefix + name for name in cls.__dataclass_fields__})


class Worker(ABC):
    """One consumer, whoever runs it. All calls but `write` belong to the folding thread.

    The round: `take` records, `prepare` a Work, `write` it (any thread, while folding goes on),
    `settle` it, send `work.outgoing`, and when all of them are acknowledged `sent`. Works are
    prepared, written and settled one at a time; `sent` may come later, in their order. A crash
    anywhere leaves either nothing of the round, or a pending outbox that the next claim returns.
    After `settle` a runner may `make` messages of the next round meanwhile.
    """

    late_start = False
    """Whether a position that was never used may begin after offset 0."""
    in_company = False
    """Whether a few records cost nearly as much as some hundred, of any partitions."""

    def __init__(self, topic: str, model: ReadModel, names: Names) -> None:
        self.topic = topic
        self.model = model
        self.names = names
        self.stats = Stats()
        self.keeper = Keeper(topic, model, self.stats)
        self.alone = False
        """Whether nobody else may own our partitions: whoever finds that somebody does gives up."""
        self._refused: dict[int, list[Quarantined]] = {}

    def open(self, partition: int, extent: Extent) -> int:
        """Own the partition and return the offset to read from.

        What is in memory is kept where nobody owned it in between. Raises ModelUnusable, and
        PartitionLost where we are `alone` and somebody did: he took our place while we slept.
        """
        self._stay_alone(self.keeper.taken_over(partition))
        if self.keeper.still_ours(partition, extent.topic_id):
            held = self.keeper.get(partition)
            assert held is not None
            held.end = max(held.end, extent.end)
            return held.folded
        self.close(partition)
        claim = self.keeper.claim(partition, extent, late_start=self.late_start)
        held = self.keeper.get(partition)
        assert held is not None
        self._refused[partition] = []
        self.load(held, claim)
        return held.folded

    def close(self, partition: int) -> None:
        """Give the partition up; what is not durable is folded again by its next owner."""
        if self.keeper.get(partition) is not None:
            self.unload(partition)
            self._refused.pop(partition, None)
        self.keeper.release(partition)

    def partitions(self) -> list[int]:
        """The partitions that are ours."""
        return [held.partition for held in self.keeper]

    def folded(self, partition: int) -> int | None:
        """The first offset not yet folded; None where the partition is not ours."""
        held = self.keeper.get(partition)
        return None if held is None else held.folded

    def durable(self, partition: int) -> int | None:
        """The first offset not yet durable; None where the partition is not ours."""
        held = self.keeper.get(partition)
        return None if held is None else held.durable

    def take(self, partition: int, records: Sequence[Record]) -> int | None:
        """Fold records of one partition; returns the offset to read again from, if any."""
        return self.take_all([(partition, records)]).get(partition)

    def take_all(self, parts: Sequence[tuple[int, Sequence[Record]]]) -> dict[int, int]:
        """Fold records of several partitions, each named once.

        Returns the offsets to read again from, by partition, where there are any.
        """
        again: dict[int, int] = {}
        follow: list[tuple[Held, Sequence[Record]]] = []
        for partition, records in parts:
            admitted = self.keeper.admit(partition, records)
            if admitted.seek is not None:
                again[partition] = admitted.seek
            if admitted.records:
                held = self.keeper.get(partition)
                assert held is not None
                follow.append((held, admitted.records))
        if follow:
            started = time.perf_counter()
            self.fold(follow)
            self.stats.fold_seconds += time.perf_counter() - started
            self.stats.events += sum(len(records) for _, records in follow)
            self.stats.batches += 1
        return again

    def turn(self, now: Instant) -> None:  # noqa: B027  (time changes nothing but boards)
        """It is `now`."""

    def see_end(self, partition: int, end: int) -> None:
        """The log of this partition reaches up to `end` now."""
        held = self.keeper.get(partition)
        if held is not None:
            held.end = max(held.end, end)

    def lags(self, now: Instant) -> list[Lag]:
        """How far each of our partitions is behind."""
        return self.keeper.lags(now)

    def waiting(self) -> int:
        """Events that are folded but not durable yet."""
        return sum(held.folded - held.durable for held in self.keeper)

    def behind(self) -> int:
        """Events that are on the log but not folded yet."""
        return sum(max(0, held.end - held.folded) for held in self.keeper)

    def behind_in(self) -> list[int]:
        """The partitions with records on the log that are not folded yet."""
        return [held.partition for held in self.keeper if held.end > held.folded]

    def pass_over(self, partition: int, offset: int) -> int | None:
        """Nothing stands from our position up to `offset`: what keeper.pass_over says to do."""
        return self.keeper.pass_over(partition, offset)

    def prepare(self, *, idle: bool = False) -> Work | None:
        """What is to be committed and sent now, or None. `idle`: nothing else is to be done."""
        work = Work()
        for held in self.keeper:
            if held.pending:
                work.messages[held.partition] = [message for _, message in held.pending]
                work.acks[held.partition] = held.pending[-1][0]
            change = self.change(held, work, idle=idle)
            if change is None:
                continue
            work.changes.append(change)
            if change.outgoing:
                work.messages.setdefault(held.partition, []).extend(change.outgoing)
                work.acks[held.partition] = change.seq
        return work if work.changes or work.messages else None

    def make(self) -> bool:
        """Make messages of an outlet for the next `prepare`, a few milliseconds long.

        Whether to call it again in this round, once everybody else had a turn.
        """
        return False

    def small(self, work: Work) -> bool:
        """Whether writing takes less time than a thread that writes waits for the fold."""
        return self.model.local and work.size <= SMALL_BYTES

    @property
    def goes_on(self) -> bool:
        """Whether an outlet has begun something that the next idle round goes on with."""
        return False

    def write(self, work: Work) -> None:
        """Make the work's changes durable; those of lost partitions are dropped."""
        self.keeper.write(work)

    def settle(self, work: Work) -> None:
        """Enter what is durable now, give up what is lost; then send `work.outgoing`.

        Raises PartitionLost where we are `alone` and something is lost.
        """
        self._stay_alone(work.lost)
        self.keeper.settle(work)
        for topic, partition in work.lost:
            if topic == self.topic:
                self.close(partition)
        for change in work.changes:
            if self.keeper.get(change.partition) is not None:
                self.settled(change)

    def sent(self, work: Work) -> None:
        """All messages of the work are acknowledged."""
        self.keeper.sent(work)
        for partition, seq in work.published.items():
            self.caught_up(partition, seq)

    def _stay_alone(self, lost: Sequence[tuple[str, int]]) -> None:
        if lost and self.alone:
            raise PartitionLost(lost)

    def basis(self, held: Held) -> Change | None:
        """The part of a change that all workers share, or None where nothing happened."""
        cleaning = held.acked if held.acked > held.cleaned else 0
        if held.folded == held.durable and not cleaning:
            return None
        refused = self._refused[held.partition]
        self._refused[held.partition] = []
        return Change(
            topic=held.topic,
            partition=held.partition,
            epoch=held.epoch,
            expected=held.durable,
            next_offset=held.folded,
            seq=held.seq + (held.folded > held.durable),
            quarantined=refused,
            outgoing=[quarantine_message(self.names.quarantine, record) for record in refused],
            sent=cleaning,
        )

    def refuse(self, held: Held, record: Record, refused: Refused) -> None:
        """Put a record of ours into quarantine with the next commit."""
        place = Place(held.topic, held.topic_id, held.partition, record.offset)
        at = Instant(record.timestamp)
        self.quarantine(held, quarantine.quarantined(refused, place, record.value, at))

    def quarantine(self, held: Held, row: Quarantined) -> None:
        """Put something into quarantine with the next commit."""
        self._refused[held.partition].append(row)
        self.stats.refused(row.reason)

    @abstractmethod
    def load(self, held: Held, claim: Claim) -> None:
        """Take the durable state of a claimed partition into memory."""

    @abstractmethod
    def unload(self, partition: int) -> None:
        """Drop the partition's state from memory."""

    @abstractmethod
    def fold(self, parts: Sequence[tuple[Held, Sequence[Record]]]) -> None:
        """Apply records, which follow each other without a gap in each partition."""

    @abstractmethod
    def change(self, held: Held, work: Work, *, idle: bool) -> Change | None:
        """What is to be committed for the partition; may add messages of an outlet to `work`."""

    @abstractmethod
    def settled(self, change: Change) -> None:
        """The change is durable."""

    @abstractmethod
    def caught_up(self, partition: int, seq: int) -> None:
        """The outlet has sent what was journaled up to `seq`."""


class Pace:
    """How long an outlet may hold up the fold: a few slices now and then, many when all is quiet.

    A message is never cut short, so a slice lasts up to one message longer.
    """

    def __init__(self, slice_seconds: float = SLICE_SECONDS) -> None:
        self._usual = self._seconds = slice_seconds
        self._last = 0.0
        self._left = 0

    def begin_round(self, *, idle: bool, many: bool = False) -> None:
        """A round begins; `idle`: nothing else is to be done; `many`: far more than usual waits."""
        now = time.perf_counter()
        self._left = 0
        if idle or now - self._last >= OUTLET_PAUSE_SECONDS:
            pressed = many and not idle
            share = min((now - self._last) * MANY_SHARE, SLICE_MANY_SECONDS_MAX)
            self._seconds = share if pressed else self._usual
            self._last = now
            self._left = SLICES_IDLE if idle else 1 if pressed else SLICES

    def until(self) -> float | None:
        """When (time.perf_counter) the next slice ends; None where there is none in this round."""
        if not self._left:
            return None
        self._left -= 1
        return time.perf_counter() + self._seconds

    @property
    def goes_on(self) -> bool:
        """Whether this round has another slice."""
        return self._left > 0


def quarantine_message(topic: str, record: Quarantined) -> Outgoing:
    """The message that tells of a refused record."""
    return Outgoing(topic, record.place.encode(), quarantine.encode(record))


def unmoved(held: Held) -> Change:
    """A change that leaves the position where it is."""
    return Change(
        topic=held.topic,
        partition=held.partition,
        epoch=held.epoch,
        expected=held.durable,
        next_offset=held.durable,
        seq=held.seq,
    )


def rows_of(payload: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """(id, bytes) pairs with the bytes of one id joined, by id: the tables like sorted writes."""
    joined: dict[bytes, list[bytes]] = {}
    for key, value in payload:
        joined.setdefault(key, []).append(value)
    return [(key, b"".join(joined[key])) for key in sorted(joined)]
