"""Sending what a worker tells, by Faust's own producer, in the loop that folds.

A producer with a thread of its own waits for the interpreter at every step while the loop folds:
a dozen frames took ten milliseconds. In the loop they go out between two lists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from projections.keeper import Work
from projections.readmodel import Outgoing
from projections.worker import Worker

MESSAGES_AT_ONCE = 25
"""After so many messages the loop does what else there is; they take about a millisecond."""


class Producer(Protocol):
    """What Faust's producer does for us."""

    async def send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int | None,
        timestamp: float | None,
        headers: Any,
    ) -> Awaitable[Any]:
        """Put a message into the producer; what is returned ends when it is acknowledged."""


Started = Callable[[], Awaitable[Producer]]
"""Gives a producer, started."""
Guarded = Callable[[Callable[[], Awaitable[None]]], "asyncio.Task[None]"]
"""Starts work beside; the process leaves where it fails, and the outbox holds what was not sent."""


class Sender:
    """Sends the messages of rounds.

    Frames have a producer of their own: one producer waits for the answer of a broker before it
    sends to it again, and frames would wait for what the outlets tell.
    """

    def __init__(self, frames: Started, outlets: Started, guarded: Guarded) -> None:
        self._frames, self._outlets, self._guarded = frames, outlets, guarded
        self._beside: dict[str, asyncio.Task[None]] = {}

    async def round(self, worker: Worker, work: Work) -> None:
        """Send what a round tells and wait for it, but for what outlets tell.

        That is sent beside the next rounds, in the order of the rounds.
        """
        outlets = (worker.names.boards, worker.names.obligations, worker.names.restatements)
        await self.send(self._frames, [m for m in work.outgoing if m.topic not in outlets])
        told = [message for message in work.outgoing if message.topic in outlets]
        before = self._beside.get(worker.topic)

        async def tell() -> None:
            if before is not None:
                await before
            await self.send(self._outlets, told)
            worker.sent(work)

        self._beside[worker.topic] = self._guarded(tell)

    async def all_sent(self, worker: Worker) -> None:
        """Wait for what the rounds have left to be sent."""
        if (sending := self._beside.pop(worker.topic, None)) is not None:
            await sending

    async def send(self, started: Started, messages: Sequence[Outgoing]) -> None:
        """Send all, in order; wait until all of them are acknowledged."""
        if not messages:
            return
        producer = await started()
        acknowledged = []
        for number, message in enumerate(messages, start=1):
            acknowledged.append(
                await producer.send(
                    message.topic,
                    message.key,
                    message.value,
                    message.partition,
                    None,
                    list(message.headers),
                )
            )
            if number % MESSAGES_AT_ONCE == 0:
                await asyncio.sleep(0)
        await asyncio.gather(*acknowledged)
