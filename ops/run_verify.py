"""The process `run verify`: holds the read model against the plain fold, for as long as it lives.

It has the lowest priority of the machine, writes nothing but its verdict, and reads one partition
after the other.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from ops import builds, processes, supervisor, verification, wiring
from ops.settings import BrokenEnvironment, Settings
from ops.verification import Compared
from ops.verify_beside import Beside
from projections.readmodel import ModelMissing, ModelUnreachable, ModelUnusable

NICE = 19
LATER_SECONDS = 1.0
"""How soon it looks again for a read model that is not there yet."""
AGAIN_SECONDS = 10.0
"""How long it waits where log or read model do not answer."""
EVERY_SECONDS = 60
"""Between two rounds where LIENTHONG_VERIFY_SECONDS does not say it: it was started by itself."""
SHARE = 4
"""After each partition it rests so many times as long as that took."""
REST_SECONDS_MAX = 60.0

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT. What goes wrong is said in the log and tried again."""
    stop = processes.told_to_stop()
    os.nice(NICE)
    verification.forget(settings.home)
    wait_seconds = 0.0
    try:
        while not stop.wait(wait_seconds):
            wait_seconds = _verify(settings, stop)
    finally:
        verification.forget(settings.home)
    return 0


def _verify(settings: Settings, stop: threading.Event) -> float:
    """Verify the build that serves for as long as it does; the seconds to wait before the next."""
    named = builds.named(settings)

    def serves() -> bool:
        return builds.number(settings) == named.build

    try:
        with opened(named) as beside:
            rounds(named, beside, stop, serves=serves)
    except ModelMissing:
        return LATER_SECONDS
    except (BrokenEnvironment, ModelUnreachable, ModelUnusable) as error:
        logger.error("Verifying waits: %s", error)
        return AGAIN_SECONDS
    except Exception:
        # A build that was switched from may be removed under us, and a database may go away.
        if serves():
            logger.exception("Verifying failed; it is tried again.")
            return AGAIN_SECONDS
    return 0.0


@contextmanager
def opened(settings: Settings) -> Iterator[Beside]:
    """The read model and the log of a home, for reading. Raises ModelMissing."""
    log = supervisor.open_log(settings)
    try:
        with closing(wiring.model_of(settings, create=False)) as model:
            yield Beside(model, log, builds.names(settings), wiring.now)
    finally:
        log.close()


def rounds(
    settings: Settings,
    beside: Beside,
    stop: threading.Event,
    most: int | None = None,
    serves: Callable[[], bool] = lambda: True,
) -> None:
    """Round after round over all partitions (at most `most`), a verdict after each partition.

    Returns when told to stop, and when the build that is compared `serves` no more.
    """
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
            if _rested(stop, min(SHARE * took, REST_SECONDS_MAX), serves):
                return
        number += 1
        if number != most and _rested(stop, settings.verify_seconds or EVERY_SECONDS, serves):
            return


def _rested(stop: threading.Event, seconds: float, serves: Callable[[], bool]) -> bool:
    """Rest so long; True where it is time to leave."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if stop.wait(min(left, LATER_SECONDS)) or not serves():
            return True
    return stop.is_set() or not serves()
