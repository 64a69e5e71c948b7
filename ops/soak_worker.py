"""A worker that kills itself at a given place: run by ops.soak, never in production.

Argument: JSON {"at": place, "after": how often the place is passed first}. Settings come from the
environment. The places: fold (a batch is in memory only), commit (before the transaction), send
(between commit and send), sent (after the send), seek (inside a rebalance).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from ops import wiring
from ops.kafka import KafkaLog
from ops.settings import Settings
from projections.app import FaustRunner, Group
from projections.leaving import stop_on_signals
from projections.parts import make_parts
from projections.sending import Sender
from projections.worker import Names
from schemas.topics import EVENTS, FRAMES

SESSION_SECONDS = 6.0
"""The shortest that brokers allow by default: a killed worker is missed this long."""
COMMIT_SECONDS = 0.1
TAKE_RECORDS = 200
"""Few, so that there are many places to die at inside of what was fetched."""


class Death:
    """Kills the process at the n-th passing of a place."""

    def __init__(self, at: str | None, after: int) -> None:
        self.at, self.left = at, after

    def passing(self, place: str) -> None:
        """One more passing."""
        if place == self.at:
            self.left -= 1
            if self.left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def before(self, owner: Any, method: str, place: str) -> None:
        """Pass the place before each call of the method."""
        call: Callable[..., Any] = getattr(owner, method)

        def passed(*args: Any, **named: Any) -> Any:
            self.passing(place)
            return call(*args, **named)

        setattr(owner, method, passed)

    def about(self, owner: type, method: str, before: str, after: str) -> None:
        """Pass one place before and one after each call of the asynchronous method."""
        call: Callable[..., Any] = getattr(owner, method)

        async def passed(*args: Any, **named: Any) -> Any:
            self.passing(before)
            found = await call(*args, **named)
            self.passing(after)
            return found

        setattr(owner, method, passed)

    def after(self, owner: Any, method: str, place: str) -> None:
        """Pass the place after each call of the method."""
        call: Callable[..., Any] = getattr(owner, method)

        def passed(*args: Any, **named: Any) -> Any:
            found = call(*args, **named)
            self.passing(place)
            return found

        setattr(owner, method, passed)


async def work(settings: Settings, death: Death) -> None:
    """A worker as in production, but for the death that goes about in it."""
    names = Names.of(settings.topic_prefix)
    log = KafkaLog.of(settings)
    model = wiring.model_of(settings, create=True)
    parts = make_parts(model, log, names, wiring.now, log.cluster_id())
    death.after(parts.engine, "take_all", "fold")
    death.before(parts.fold, "write", "commit")
    group = Group(
        id=settings.group,
        bootstrap=settings.kafka,
        instance="soak" if settings.read_model.startswith("sqlite:") else None,
        session_seconds=SESSION_SECONDS,
        commit_seconds=COMMIT_SECONDS,
        take_records=TAKE_RECORDS,
    )
    partitions = {names.events: EVENTS.partitions, names.frames: FRAMES.partitions}
    runner = FaustRunner(group, parts.workers, log, wiring.now, partitions, parts.context)
    death.before(runner, "seek", "seek")
    death.about(Sender, "send", "send", "sent")
    stop = asyncio.Event()
    stop_on_signals(stop)
    await runner.run(stop)
    model.close()
    log.close()


if __name__ == "__main__":
    asyncio.run(work(Settings.load(), Death(**json.loads(sys.argv[1]))))
