"""Leaving: how a worker process ends when it cannot go on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import traceback
from typing import NoReturn

from projections.readmodel import ModelUnusable, PartitionLost

EXIT_BROKEN = 3
EXIT_SURPRISE = 70
EXIT_LOST = 75
LEAVE_SECONDS_MAX = 7.0
"""After a signal the process is gone at the latest by then, whatever its loop is busy with."""


def fatal(error: BaseException) -> NoReturn:
    """Leave at once, without Faust's shutdown: nothing counts that is not durable.

    Told in one sentence are a model that does not fit its log (exit 3) and partitions that only
    we may own but another worker has (exit 75); anything else with its traceback (exit 70).
    """
    if isinstance(error, (ModelUnusable, PartitionLost)):
        print(f"lienthong: {error}", file=sys.stderr)
        leave(EXIT_BROKEN if isinstance(error, ModelUnusable) else EXIT_LOST)
    traceback.print_exception(error, file=sys.stderr)
    leave(EXIT_SURPRISE)


def leave(code: int) -> NoReturn:
    """End the process now, whatever else runs in it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGINT and SIGTERM set the event of the running loop, and end the process soon after.

    Where the loop is busy for longer, say while it opens partitions, the process ends without it:
    nothing counts that is not durable.
    """
    loop = asyncio.get_running_loop()

    def told(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stop.set)
        last = threading.Timer(LEAVE_SECONDS_MAX, leave, (0,))
        last.daemon = True
        last.start()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, told)
