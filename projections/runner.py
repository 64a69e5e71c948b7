"""The plain runner: drives the workers from the log port, one step at a time. The tests' oracle."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from projections.context import Context, Log
from projections.keeper import Extent, Record
from projections.worker import Worker
from schemas.times import Instant

READ_RECORDS = 5_000
"""Most records of one read: about 70 ms of folding."""
PAUSE_SECONDS = 0.01
"""How long an idle runner waits before it looks again."""
LOOK_AROUND_SECONDS = 1.0


class Clock(Protocol):
    """Tells the present instant."""

    def __call__(self) -> Instant: ...


class PlainRunner:
    """Owns all partitions of all workers in one process: for one machine without Kafka."""

    def __init__(
        self, log: Log, workers: Sequence[Worker], clock: Clock, context: Context | None = None
    ) -> None:
        self._log = log
        self._workers = workers
        self._clock = clock
        self._context = context
        self._next: dict[tuple[str, int], int] = {}

    def open(self) -> None:
        """Read the context, claim every partition, go to our own positions.

        Raises ModelUnusable where the model and the log do not belong together.
        """
        if self._context is not None:
            self._context.load()
        for worker in self._workers:
            topic_id = self._log.topic_id(worker.topic)
            for partition, (start, end) in enumerate(self._log.ends(worker.topic)):
                offset = worker.open(partition, Extent(topic_id, start, end))
                self._next[worker.topic, partition] = offset

    def step(self) -> int:
        """One read of every partition, folded and made durable; how much was done, 0 = nothing.

        Raises RuntimeError where another worker has taken a partition over: this runner shares
        its model with nobody.
        """
        done = 0 if self._context is None else self._context.follow()
        for worker in self._workers:
            worker.turn(self._clock())
            read = self._read(worker)
            done += read + self.round(worker, idle=read == 0)
        return done

    def look_around(self) -> int:
        """Ask the log how far it reaches; the records that are not folded or told of yet."""
        for worker in self._workers:
            for partition, (_, end) in enumerate(self._log.ends(worker.topic)):
                worker.see_end(partition, end)
        context = 0 if self._context is None else self._context.behind()
        return context + sum(worker.behind() for worker in self._workers)

    def drain(self) -> None:
        """Step until everything on the log is folded, durable and sent, outlets included."""
        while self.step() or self.look_around():
            pass

    def run(self, stop: threading.Event, tick: Callable[[], None] | None = None) -> None:
        """Step until told to stop; `tick` is called after every step."""
        looked = 0.0
        while not stop.is_set():
            if time.monotonic() - looked > LOOK_AROUND_SECONDS:
                self.look_around()
                looked = time.monotonic()
            done = self.step()
            if tick is not None:
                tick()
            if not done:
                stop.wait(PAUSE_SECONDS)

    def round(self, worker: Worker, *, idle: bool) -> int:
        """Commit and send what the worker has ready; 1 where there was or still is something."""
        work = worker.prepare(idle=idle)
        if work is None:
            return int(idle and worker.goes_on)
        worker.write(work)
        worker.settle(work)
        if work.lost:
            raise RuntimeError(
                f"{work.lost[0][0]}/{work.lost[0][1]} was taken over by another worker; the plain"
                " runner owns all partitions: stop the other one"
            )
        if work.outgoing:
            self._log.append(work.outgoing)
        worker.sent(work)
        return 1

    def _read(self, worker: Worker) -> int:
        parts: list[tuple[int, Sequence[Record]]] = []
        for partition in worker.partitions():
            place = (worker.topic, partition)
            records = self._log.read(worker.topic, partition, self._next[place], READ_RECORDS)
            if records:
                self._next[place] = records[-1].offset + 1
                parts.append((partition, records))
        if not parts:
            return 0
        for partition, again in worker.take_all(parts).items():
            self._next[worker.topic, partition] = again
        return sum(len(records) for _, records in parts)
