"""The live way of a world: the engine, its frames as bytes, and the boards that they feed.

Records come in batches over several partitions, frames late and some twice; now and then the boards
start again from what they kept, or a partition goes and comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ops.tree_worlds.batch import REVISION_DAYS
from ops.tree_worlds.desk import Desk
from ops.tree_worlds.world import partition_of
from projections.ask import Ask
from projections.boards import Boards
from projections.engine import Engine
from schemas import avro, frame
from schemas.board import Board
from schemas.event import Event
from schemas.frame import Frame, Version
from schemas.times import Instant, day_of, end_of_day

PARTITIONS = 3
BATCH_MAX = 24


class Delivered(NamedTuple):
    """A record as the engine reads one."""

    offset: int
    key: bytes
    value: bytes
    timestamp: int = 0


class Live:
    """One fold worker with all partitions and one board worker, in memory."""

    def __init__(self, desk: Desk, now: Instant) -> None:
        self.told: list[Event] = []
        self.engine = Engine(REVISION_DAYS.get)
        self._desk = desk
        self._now = now
        self._ends = [0] * PARTITIONS
        self._generations = [1] * PARTITIONS
        self._journal: list[dict[bytes, bytes]] = [defaultdict(bytes) for _ in range(PARTITIONS)]
        self._under_way: list[list[bytes]] = [[] for _ in range(PARTITIONS)]
        self._applied: list[bytes] = []
        for partition in range(PARTITIONS):
            self.engine.open(partition, ())
        self.boards = Boards(lambda: now, self.engine)
        self.today = Ask(on=end_of_day(day_of(now)))
        self.published: dict[str, Board] = {}
        """The boards of today as a subscriber keeps them: the last one of each unit."""

    def deliver(self, events: Iterable[Event]) -> Iterator[int]:
        """Take the events in batches; the number of events told so far after each batch."""
        rest = list(events)
        while rest:
            size = self._desk.rng.randint(1, BATCH_MAX)
            self.take(rest[:size])
            rest = rest[size:]
            yield len(self.told)

    def take(self, events: list[Event]) -> None:
        """Fold one batch, send some frames, let some of them arrive."""
        parts: dict[int, list[Delivered]] = {n: [] for n in range(PARTITIONS)}
        for event in events:
            if event.obligation is not None:
                partition = partition_of(event, PARTITIONS)
                key, value = event.key.encode(), avro.encode(event)
                parts[partition].append(Delivered(self._ends[partition], key, value))
                self._ends[partition] += 1
        for batch in self.engine.take_all([(n, some) for n, some in parts.items() if some]):
            for key, stored in batch.facts:
                self._journal[batch.partition][key] += stored
        self.tell_units(event for event in events if event.obligation is None)
        self.told += (event for event in events if event.obligation is not None)
        for partition in range(PARTITIONS):
            if self._desk.chance(0.7):
                self._send(partition)
            if self._desk.chance(0.6):
                self._arrive(partition)
        if self._desk.chance(0.3):
            self.publish()
        if self._desk.chance(0.03):
            self._start_boards_again()
        if self._desk.chance(0.1):
            self._take_over(self._desk.rng.randrange(PARTITIONS))

    def tell_units(self, events: Iterable[Event]) -> None:
        """What the boards learn of the topic `units`; its offsets are the order of telling."""
        first = len(self.told)
        self.told += events
        told = enumerate(self.told[first:], start=first)
        self.boards.tell_units((at, avro.decode(avro.encode(event))) for at, event in told)

    def settle(self) -> None:
        """Until the boards have everything that was told."""
        for partition in range(PARTITIONS):
            self._send(partition)
            self._arrive(partition)

    def publish(self) -> None:
        """Tell the boards of today that may differ since they were told last."""
        for unit in self.boards.changed():
            self.published[unit] = self.boards.board(unit, self.today, self._now)

    def apply_all(self, boards: Boards) -> None:
        """Give other boards every frame that these have had, in the same order."""
        for value in self._applied:
            boards.apply(value)

    def _version(self, partition: int) -> Version:
        return Version(
            "home", self._generations[partition], "events", partition, self._ends[partition]
        )

    def _send(self, partition: int) -> None:
        self._put(partition, self.engine.frame(partition, self._version(partition)))

    def _put(self, partition: int, frames: Iterable[Frame]) -> None:
        self._under_way[partition] += map(frame.encode, frames)

    def _arrive(self, partition: int) -> None:
        arrived, self._under_way[partition] = self._under_way[partition], []
        if self._applied and self._desk.chance(0.2):
            arrived.insert(0, self._desk.rng.choice(self._applied))
        for value in arrived:
            self.boards.apply(value)
        self._applied += arrived

    def _start_boards_again(self) -> None:
        """From the cells that were kept, and the whole topic of units."""
        kept = list(self.boards.snapshot())
        self.boards = Boards(lambda: self._now, self.engine)
        for _, made in kept:
            self.boards.apply(made())
        units = [(at, event) for at, event in enumerate(self.told) if event.obligation is None]
        self.boards.tell_units(units)

    def _take_over(self, partition: int) -> None:
        """A partition goes and comes back from its kept facts, told anew as a new generation."""
        self._send(partition)
        self._arrive(partition)
        self._generations[partition] += 1
        self.engine.open(partition, self._journal[partition].items())
        version = self._version(partition)
        self._put(partition, self.engine.whole_frame(partition, version))
        self._arrive(partition)
