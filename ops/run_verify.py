"""The process `run verify`: holds the read model against the plain fold, for as long as it lives.

It has the lowest priority of the machine, writes nothing but its verdict, and reads one partition
after the other.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

from ops import processes, supervisor, verification, wiring
from ops.log import LogFailed
from ops.settings import BrokenEnvironment, Settings
from ops.verification import Compared
from ops.verify_beside import Beside
from projections.readmodel import ModelMissing

NICE = 19
LATER_SECONDS = 1.0
"""How soon it looks again for a read model that is not there yet."""
SHARE = 4
"""After each partition it rests so many times as long as that took."""
REST_SECONDS_MAX = 60.0

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT. Raises BrokenEnvironment where the log does not answer."""
    stop = processes.told_to_stop()
    os.nice(NICE)
    verification.forget(settings.home)
    try:
        while not stop.is_set():
            try:
                with opened(settings) as beside:
                    rounds(settings, beside, stop)
            except ModelMissing:
                stop.wait(LATER_SECONDS)
    except LogFailed as error:
        raise BrokenEnvironment(f"Verifying stopped: {error}") from error
    finally:
        verification.forget(settings.home)
    return 0


@contextmanager
def opened(settings: Settings) -> Iterator[Beside]:
    """The read model and the log of a home, for reading. Raises ModelMissing."""
    log = supervisor.open_log(settings)
    try:
        with closing(wiring.model_of(settings, create=False)) as model:
            yield Beside(model, log, settings.topic_prefix, wiring.now)
    finally:
        log.close()


def rounds(
    settings: Settings, beside: Beside, stop: threading.Event, most: int | None = None
) -> None:
    """Round after round over all partitions (at most `most`), a verdict after each partition."""
    found: dict[int, Compared] = {}
    number = 0
    while not stop.is_set() and number != most:
        for partition in range(beside.partitions()):
            before = wiring.now()
            one = beside.compared(partition, number)
            found[partition] = one
            for difference in one.differences:
                logger.error("verify: %s", difference.sentence)
            ended = number > 0 or partition == beside.partitions() - 1
            told = verification.verdict(number + 1, [*found.values()], ended=ended)
            verification.write(settings.home, told)
            took = (wiring.now() - before) / 1000
            if stop.wait(min(SHARE * took, REST_SECONDS_MAX)):
                return
        number += 1
        stop.wait(settings.verify_seconds)
