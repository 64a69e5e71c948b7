"""Faust's transport, delivering a list of records per partition and starting at our positions.

The hooks of faust-streaming 0.15.3: `_to_message` with a ConsumerScheduler (one message is one
list), `seek_to_committed` (recovery after every rebalance and `getmany` after a stopped flow both
come here), `_new_offset` (what the group's commit says), `on_partitions_assigned`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import faust
from faust.serializers.codecs import Codec
from faust.transport.drivers import aiokafka
from faust.transport.utils import DefaultSchedulingStrategy
from faust.types import TP
from mode.utils.futures import stampede

FETCH_WAIT_MS = 25
"""How long the broker holds a fetch that finds nothing. A partition whose records were just taken
joins the next fetch only, and a seek waits for it too; Faust has 1,500."""


class Positions(Protocol):
    """What the transport asks of the runner; the app carries it as `positions`."""

    joined: bool
    """Set when the group has given us an assignment, be it an empty one."""

    async def seek(self, assigned: set[TP], claimable: set[TP]) -> dict[TP, int]:
        """The offsets to read the assigned partitions from; those in `claimable` may be claimed."""

    def durable(self, tp: TP) -> int | None:
        """The first offset not yet durable; None where the partition is not ours."""

    def see_end(self, tp: TP, end: int) -> None:
        """The partition reaches up to `end` now."""


class AsFetched(Codec):
    """Leaves the list of records as the consumer fetched it."""

    def _loads(self, s: Any) -> Any:
        return s

    def _dumps(self, s: Any) -> Any:
        return s


class BatchScheduler(DefaultSchedulingStrategy):
    """Hands on each partition's records of one fetch together."""

    def iterate(self, records: Mapping[TP, list[Any]]) -> Iterator[tuple[TP, Any]]:
        yield from records.items()


class PositionThread(aiokafka.AIOKafkaConsumerThread):
    """The thread of the aiokafka consumer, which heartbeats while we fold."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust has no settings for these; both are read when the consumer starts.
        consumer._isolation_level = "read_committed"
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        return consumer

    def reached(self, tp: TP) -> int | None:
        """How far the consumer has handed the partition on; None where it is not assigned.

        Read from aiokafka's state: asking the thread would wait for the fetch that it is in.
        """
        assignment = self._ensure_consumer()._subscription.subscription.assignment
        if assignment is None or tp not in assignment.tps:
            return None
        state = assignment.state_value(tp)
        return state.position if state.has_valid_position else None

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust looks for slow streams message by message; our lag is a metric of its own."""


class PositionConsumer(aiokafka.Consumer):
    """The consumer that asks the read model where to read, never the group."""

    app: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._claimable: set[TP] = set()
        self._delivered: dict[TP, int] = {}
        self._seeking = asyncio.Lock()

    def _new_consumer_thread(self) -> PositionThread:
        return PositionThread(self, loop=self.loop, beacon=self.beacon)

    def empty_up_to(self, tp: TP, offset: int) -> int:
        """How far the partition was read with no record at or after `offset`; 0: there was one."""
        if self._delivered.get(tp, 0) > offset:
            return 0
        thread: Any = self._thread
        return thread.reached(tp) or 0

    def _to_message(self, tp: TP, record: list[Any]) -> Any:
        message = super()._to_message(tp, record[-1])
        message.value = record  # type: ignore[assignment]
        self._delivered[TP(*tp)] = record[-1].offset + 1
        self.app.positions.see_end(TP(*tp), self.highwater(tp) or 0)
        return message

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        # Only a fresh assignment allows a claim: a worker that slept must not take back, by a
        # seek of its old assignment, what the group gave to another one meanwhile.
        self._claimable = {TP(*tp) for tp in assigned}
        self.app.positions.joined = True
        await super().on_partitions_assigned(assigned, generation_id)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        async with self._seeking:
            assigned = {TP(*tp) for tp in self.assignment()}
            offsets: dict[TP, int] = await self.app.positions.seek(assigned, self._claimable)
            self._claimable -= assigned
            if offsets:
                await self.seek_wait(offsets)
            return offsets

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Faust's bookkeeping of gaps is per record; the keeper does ours."""

    def _new_offset(self, tp: TP) -> int | None:
        # The group's commit mirrors the read model, for lag monitors; nobody reads it back.
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        durable: int | None = self.app.positions.durable(TP(*tp))
        return durable


class PositionTransport(aiokafka.Transport):
    """aiokafka with the consumer above."""

    Consumer = PositionConsumer


class App(faust.App):
    """Faust without its folders: nothing of ours lives in tables."""

    positions: Positions
    _outlets: Any = None

    def _create_directories(self) -> None:
        pass

    @stampede
    async def outlets_producer(self) -> Any:
        """The producer of the outlets, started; it stops with the app."""
        if self._outlets is None:
            producer = self._new_producer()
            await self.add_runtime_dependency(producer)
            await producer.maybe_start()
            self._outlets = producer
        return self._outlets


def credentials(
    protocol: str,
    *,
    ca_file: str | None = None,
    cert_file: str | None = None,
    key_file: str | None = None,
    mechanism: str = "PLAIN",
    user: str = "",
    password: str = "",
) -> Any:
    """What Faust calls credentials: `protocol` is plaintext, ssl, sasl_plaintext or sasl_ssl."""
    context = None
    if protocol.endswith("ssl"):
        context = ssl.create_default_context(cafile=ca_file)
        if cert_file:
            context.load_cert_chain(cert_file, key_file)
    if protocol.startswith("sasl"):
        return faust.SASLCredentials(
            username=user, password=password, mechanism=mechanism, ssl_context=context
        )
    return None if context is None else faust.SSLCredentials(context)
