"""Up to which recorded event everything is applied: the position token on every board."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ops.log import Log
from projections.parts import Parts
from projections.worker import Worker
from services.ledger import Ledger

LOOK_SECONDS = 0.5
PAUSE_SECONDS = 0.02

Ends = Sequence[tuple[int, int]]


class Applied:
    """Follows relay and workers. The token is `ledger-id:number`, '' while it cannot be told.

    It never claims too much: the relay's position is read first, then where the topics end, and
    the token moves when everything up to there is durable and rolled up.
    """

    def __init__(self, ledger: Ledger, log: Log, parts: Parts) -> None:
        self._ledger = ledger
        self._log = log
        self._parts = parts
        self._token = ""

    def __call__(self) -> str:
        """The token now."""
        return self._token

    async def follow(self, stop: asyncio.Event) -> None:
        """Keep the token true until told to stop."""
        last = -1
        while not stop.is_set():
            number = await asyncio.to_thread(self._ledger.relay_position)
            if number != last and await self._reached(stop):
                self._token = f"{self._ledger.id}:{number}"
                last = number
            await pause(stop, LOOK_SECONDS)

    async def _reached(self, stop: asyncio.Event) -> bool:
        parts = self._parts
        context = {
            topic: await asyncio.to_thread(self._log.ends, topic)
            for topic in parts.context.positions()
        }
        while any(at < context[topic][0][1] for topic, at in parts.context.positions().items()):
            if await pause(stop, PAUSE_SECONDS):
                return False
        for worker in (parts.fold, parts.board):
            ends = await asyncio.to_thread(self._log.ends, worker.topic)
            while not _durable(worker, ends):
                if await pause(stop, PAUSE_SECONDS):
                    return False
            while worker.waiting() or parts.model.unsent():
                if await pause(stop, PAUSE_SECONDS):
                    return False
        return True


def _durable(worker: Worker, ends: Ends) -> bool:
    """Whether all partitions are ours and durable up to these ends."""
    reached = [worker.durable(number) for number in range(len(ends))]
    pairs = zip(reached, ends, strict=True)
    return all(at is not None and at >= end for at, (_, end) in pairs)


async def pause(stop: asyncio.Event, seconds: float) -> bool:
    """Wait a little; True when it is time to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
