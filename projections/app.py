"""The Faust app: assignment, rebalance and fetching are Faust's; state and positions are ours."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from aiokafka.errors import IllegalStateError
from faust.serializers.codecs import register
from faust.types import TP
from yarl import URL

from projections.arrivals import Arrivals
from projections.context import Context, Log
from projections.group import Group as Group
from projections.keeper import Extent, Work
from projections.leaving import EXIT_LOST, fatal, leave
from projections.readmodel import ModelUnusable
from projections.sending import Sender
from projections.transport import App, AsFetched, BatchScheduler, PositionTransport
from projections.transport import credentials as credentials
from projections.worker import Worker
from schemas.times import Instant

CODEC = "lienthong-as-fetched"
GATHER_SECONDS = 0.005
"""When caught up, a commit waits this long for company."""
COMPANY_SECONDS = 0.015
"""When caught up, records wait this long to be folded together with those that come next."""
IDLE_SECONDS = 0.05
CALM_SECONDS = 0.3
"""After this long without records and requests there is time for all that outlets have to tell."""
NEAR = 2_000
"""Records on the log with which we still count as caught up."""
FETCH_BYTES = 2 * 1024 * 1024
"""Of one partition at once: about 10,000 events, which fold for about 0.1 s."""
BATCH_BYTES, DELIVERY_SECONDS_MAX = 512 * 1024, 120.0
WAITING_EVENTS_MAX = 200_000
"""Folding pauses while this many events are not durable yet."""
ARRIVED_MAX = 20_000
"""Fetching pauses while this many records of a topic wait to be folded."""
TURNS, SWITCH_SECONDS = 8, 0.0005
QUIET_SECONDS, EMPTY_LOOKS = 2.0, 4
"""After this long without records a log's end is looked at, so often, a second apart."""
JOIN_SECONDS_MAX = 45.0
STOP_SECONDS_MAX = 5.0
LOST_SECONDS_MAX = 30.0
"""A partition that was lost but is still assigned to us this long: start anew and rejoin."""
CONTEXT_WAIT_SECONDS = 0.5
Beside = Callable[[asyncio.Event], Awaitable[None]]
"""Something that runs in the same loop until the event is set, such as the HTTP server."""

_log = logging.getLogger(__name__)


class FaustRunner:
    """Runs workers under one consumer group, in the running loop. Partitions come and go.

    `partitions` says how many partitions each topic must have. Nothing survives a surprise: the
    process leaves at once, the stored positions bring it back, a supervisor starts it again.
    """

    def __init__(
        self,
        group: Group,
        workers: Sequence[Worker],
        log: Log,
        clock: Callable[[], Instant],
        partitions: Mapping[str, int],
        context: Context | None = None,
    ) -> None:
        self.ready = False
        """Whether partitions were assigned and opened since the start."""
        self.joined = False
        self._group = group
        self._workers = {worker.topic: worker for worker in workers}
        self._log = log
        self._clock = clock
        self._partitions = partitions
        self._context = context
        self._told = {worker.topic: asyncio.Event() for worker in workers}
        self._arrivals = {worker.topic: Arrivals[Any]() for worker in workers}
        self._arrived = {worker.topic: asyncio.Event() for worker in workers}
        self._arrived_at = 0.0
        self._asked_at = 0.0
        self._empty: dict[TP, tuple[tuple[int, int], int]] = {}
        self._room = asyncio.Event()
        self._durable = asyncio.Event()
        self._lost: dict[TP, float] = {}
        self._stopping = asyncio.Event()
        for worker in workers:
            worker.alone = group.instance is not None

    @property
    def whole(self) -> bool:
        """Whether this process holds every partition, so that its boards show everything."""
        return all(
            len(worker.partitions()) == self._partitions[topic]
            for topic, worker in self._workers.items()
        )

    async def run(self, stop: asyncio.Event, beside: Sequence[Beside] = ()) -> None:
        """Run until `stop` is set; then everything folded is made durable and sent.

        Leaves the process (exit 3) where the model and the log do not belong together."""
        try:
            await asyncio.to_thread(self._check_partitions)
            if self._context is not None:
                await asyncio.to_thread(self._context.load)
        except ModelUnusable as error:
            fatal(error)
        # The threads that fetch and send wait for the interpreter while we fold.
        sys.setswitchinterval(SWITCH_SECONDS)
        app = self._make_app()
        sender = Sender(app.maybe_start_producer, app.outlets_producer, self._guarded)
        workers = self._workers.values()
        tasks = [self._guarded(partial(self._commit_loop, sender, w)) for w in workers]
        folding = [self._guarded(partial(self._fold_loop, app, w)) for w in workers]
        tasks += [self._guarded(partial(each, self._stopping)) for each in beside]
        if self._context is not None:
            tasks.append(self._guarded(self._follow))
        starting = self._guarded(app.start)
        watch = self._guarded(partial(self._watch, app, starting))
        await stop.wait()
        self._stopping.set()
        for task in (watch, *folding):
            task.cancel()
        try:
            async with asyncio.timeout(STOP_SECONDS_MAX):
                await asyncio.gather(starting, *tasks)
                await app.stop()
        except TimeoutError:
            # Faust's shutdown can wait for streams for minutes.
            _log.warning("stopped after %s s without waiting for Faust", STOP_SECONDS_MAX)
            leave(0)

    async def seek(self, assigned: set[TP], claimable: set[TP]) -> dict[TP, int]:
        """Open what is newly ours, close what is not any more; the offsets to read from."""
        try:
            await asyncio.to_thread(self._check_partitions)
            for worker in self._workers.values():
                for number in worker.partitions():
                    if TP(worker.topic, number) not in assigned:
                        worker.close(number)
            offsets: dict[TP, int] = {}
            for topic, worker in self._workers.items():
                numbers = sorted(tp.partition for tp in assigned if tp.topic == topic)
                offsets |= await self._open(worker, numbers, claimable)
        except Exception as error:  # whatever it is, Faust would go on without the partition
            fatal(error)
        self._lost = {tp: at for tp, at in self._lost.items() if tp not in offsets}
        self.ready = True
        return offsets

    async def _open(
        self, worker: Worker, numbers: Sequence[int], claimable: set[TP]
    ) -> dict[TP, int]:
        if not numbers:
            return {}
        topic_id = await asyncio.to_thread(self._log.topic_id, worker.topic)
        ends = await asyncio.to_thread(self._log.ends, worker.topic)
        offsets: dict[TP, int] = {}
        for number in numbers:
            tp = TP(worker.topic, number)
            if tp in claimable:
                offsets[tp] = worker.open(number, Extent(topic_id, *ends[number]))
            elif (folded := worker.folded(number)) is not None:
                offsets[tp] = folded
            await asyncio.sleep(0)
        return offsets

    def durable(self, tp: TP) -> int | None:
        """What the group is told: the first offset that is not durable yet."""
        worker = self._workers.get(tp.topic)
        return None if worker is None else worker.durable(tp.partition)

    def asked(self) -> None:
        """Somebody asks for a board: outlets take no more of the loop than when there is work."""
        self._asked_at = time.monotonic()

    def see_end(self, tp: TP, end: int) -> None:
        """The partition reaches up to `end` now."""
        self._workers[tp.topic].see_end(tp.partition, end)

    def _make_app(self) -> App:
        group = self._group
        register(CODEC, AsFetched())
        app = App(
            group.id,
            broker=f"kafka://{group.bootstrap.replace(',', ';kafka://')}",
            broker_credentials=group.credentials,
            consumer_group_instance_id=group.instance,
            broker_max_poll_records=group.poll_records,
            consumer_max_fetch_size=FETCH_BYTES,
            broker_session_timeout=group.session_seconds,
            broker_heartbeat_interval=group.session_seconds / 4,
            # A member that sleeps holds up the others this long; Faust's default is a minute.
            broker_rebalance_timeout=group.session_seconds * 2,
            ConsumerScheduler=BatchScheduler,
            consumer_auto_offset_reset="earliest",
            producer_max_request_size=group.request_bytes,
            producer_max_batch_size=BATCH_BYTES,
            producer_request_timeout=DELIVERY_SECONDS_MAX,
            stream_wait_empty=False,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            autodiscover=False,
            store="memory://",
        )
        app.transport = PositionTransport(
            [URL(f"kafka://{a}") for a in group.bootstrap.split(",")], app
        )
        app.positions = self
        for worker in self._workers.values():
            topic = app.topic(worker.topic, value_serializer=CODEC, key_serializer="raw")
            app.agent(topic, name=f"{worker.topic}-batches")(partial(self._consume, worker))
        return app

    async def _consume(self, worker: Worker, stream: Any) -> None:
        async for event in stream.noack().events():
            await self._take(worker, event)

    async def _take(self, worker: Worker, event: Any) -> None:
        """Let one list of records wait for the fold; when too many wait, Faust waits too."""
        topic = worker.topic
        self._arrivals[topic].put(event.message.tp.partition, event.value)
        self._arrived_at = time.monotonic()
        self._arrived[topic].set()
        while self._arrivals[topic].size > ARRIVED_MAX and not self._stopping.is_set():
            self._room.clear()
            await self._room.wait()
        event.ack()

    async def _fold_loop(self, app: Any, worker: Worker) -> None:
        arrivals, arrived = self._arrivals[worker.topic], self._arrived[worker.topic]
        while not self._stopping.is_set():
            await arrived.wait()
            arrived.clear()
            if worker.in_company and arrivals.size < NEAR:
                await asyncio.sleep(COMPANY_SECONDS)
            while (some := arrivals.take(self._group.take_records)) and not self._stopping.is_set():
                again = worker.take_all(some)
                self._told[worker.topic].set()
                if again:
                    await self._seek_again(
                        app, {TP(worker.topic, number): at for number, at in again.items()}
                    )
                # Commits, Faust and the HTTP server get their turns between two lists: a frame
                # passes through several tasks before the board worker has it.
                self._room.set()
                for _ in range(TURNS):
                    await asyncio.sleep(0)
                while worker.waiting() > WAITING_EVENTS_MAX and not self._stopping.is_set():
                    self._durable.clear()
                    await self._durable.wait()

    async def _seek_again(self, app: Any, offsets: dict[TP, int]) -> None:
        try:
            await app.consumer.seek_wait(offsets)
        except IllegalStateError:
            _log.info("%s: taken away before they were read again", sorted(offsets))

    async def _commit_loop(self, sender: Sender, worker: Worker) -> None:
        told = self._told[worker.topic]
        last = 0.0
        while not self._stopping.is_set():
            try:
                await asyncio.wait_for(told.wait(), IDLE_SECONDS)
            except TimeoutError:
                quiet = time.monotonic() - max(self._arrived_at, self._asked_at) > CALM_SECONDS
                idle = quiet and worker.waiting() == 0 and worker.behind() == 0
            else:
                idle = False
                told.clear()
                pause = GATHER_SECONDS
                if worker.behind() > NEAR:
                    pause = max(pause, last + self._group.commit_seconds - time.monotonic())
                await asyncio.sleep(pause)
            worker.turn(self._clock())
            last = time.monotonic()
            await self._round(sender, worker, idle=idle)
        await self._round(sender, worker, idle=False)
        await sender.all_sent(worker)

    async def _round(self, sender: Sender, worker: Worker, *, idle: bool) -> None:
        """Commit and send while folding goes on."""
        work = worker.prepare(idle=idle)
        if work is None:
            return
        if worker.small(work):
            worker.write(work)
        else:
            await asyncio.to_thread(worker.write, work)
        worker.settle(work)
        self._durable.set()
        self._note_lost(work)
        await sender.round(worker, work)
        while worker.make() and not self._told[worker.topic].is_set():
            # A request passes through several tasks before it is answered.
            for _ in range(TURNS):
                await asyncio.sleep(0)

    def _note_lost(self, work: Work) -> None:
        for topic, number in work.lost:
            _log.warning("%s/%s has another owner now; given up", topic, number)
            self._lost.setdefault(TP(topic, number), time.monotonic())

    async def _follow(self) -> None:
        assert self._context is not None
        while not self._stopping.is_set():
            found = await asyncio.to_thread(self._context.read, CONTEXT_WAIT_SECONDS)
            self._context.tell(found)

    async def _watch(self, app: Any, starting: asyncio.Task[None]) -> None:
        """Leave where Faust has crashed, or where the group counts on us for a lost partition."""
        # aiokafka can wait for ever for a coordinator that was not there at its first question,
        # as on a broker that is just making its first group.
        asyncio.get_running_loop().call_later(JOIN_SECONDS_MAX, self._check_joined)
        await asyncio.wait({starting})
        while True:
            await asyncio.sleep(1)
            if app.crashed:
                fatal(app._crash_reason or RuntimeError("Faust has crashed"))
            assigned = {TP(*tp) for tp in app.consumer.assignment()}
            self._lost = {tp: at for tp, at in self._lost.items() if tp in assigned}
            overdue = time.monotonic() - LOST_SECONDS_MAX
            if any(at < overdue for at in self._lost.values()):
                _log.error("a lost partition is still assigned to us; leaving to join anew")
                leave(EXIT_LOST)
            for worker in self._workers.values():
                await self._pass_over_holes(app, worker)

    async def _pass_over_holes(self, app: Any, worker: Worker) -> None:
        """Where the log ends with offsets that hold nothing (marks of transactions), go past."""
        topic = worker.topic
        if time.monotonic() - self._arrived_at < QUIET_SECONDS or self._arrivals[topic].size:
            return
        again: dict[TP, int] = {}
        for number in worker.behind_in():
            tp = TP(topic, number)
            folded = worker.folded(number) or 0
            seen = (folded, app.consumer.empty_up_to(tp, folded))
            before, times = self._empty.get(tp, (seen, 0))
            self._empty[tp] = (seen, times + 1 if seen == before else 1)
            # Several looks: what a thread has just fetched may be on its way to us.
            if seen[1] > folded and self._empty[tp][1] >= EMPTY_LOOKS:
                del self._empty[tp]
                offset = worker.pass_over(number, seen[1])
                if offset is not None:
                    again[tp] = offset
        if again:
            await self._seek_again(app, again)

    def _check_joined(self) -> None:
        if not self.joined and not self._stopping.is_set():
            _log.error("no assignment after %s s; leaving to join anew", JOIN_SECONDS_MAX)
            leave(EXIT_LOST)

    def _check_partitions(self) -> None:
        for topic, wanted in self._partitions.items():
            found = len(self._log.ends(topic))
            if found != wanted:
                raise ModelUnusable(
                    f"topic {topic} has {found} partitions but must have {wanted}; obligations"
                    " would be folded in two places: make the topic anew and refill it"
                )

    def _guarded(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        async def guard() -> None:
            try:
                await work()
            except Exception as error:
                fatal(error)

        return asyncio.create_task(guard())
