"""The process `run relay`: takes in the inbox and carries the ledger's log to the topics."""

from __future__ import annotations

import logging
import threading
import time

from ops import processes, supervisor, wiring
from ops.log import LogFailed
from ops.settings import BrokenEnvironment, Settings
from services.intake import Intake, IntakeStopped
from services.relay import Relay, RelayStopped

IDLE_SECONDS = 0.2
"""How long the relay waits for something recorded before it looks at the inbox again."""
INBOX_IDLE_SECONDS = 0.05
LOOK_AGAIN_SECONDS = 30.0
"""How often the relay makes sure that it alone writes its topics; a copied home is found so."""

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT. Raises BrokenEnvironment where relay or intake must stop."""
    stop = processes.told_to_stop()
    failed: list[BaseException] = []
    intake = threading.Thread(target=_taking_in, args=(settings, stop, failed), name="intake")
    intake.start()
    try:
        _relaying(settings, stop)
    finally:
        stop.set()
        intake.join()
    if failed:
        raise BrokenEnvironment(f"The intake stopped: {failed[0]}")
    return 0


def _relaying(settings: Settings, stop: threading.Event) -> None:
    log = supervisor.open_log(settings)
    try:
        with wiring.ledger(settings) as ledger, ledger.lock("relay"):
            relay = Relay(ledger, log, prefix=settings.topic_prefix)
            looked = time.monotonic()
            while not stop.is_set():
                if relay.step() == 0:
                    ledger.wait(relay.position, IDLE_SECONDS)
                if time.monotonic() - looked > LOOK_AGAIN_SECONDS:
                    _look_again(relay)
                    looked = time.monotonic()
    except (RelayStopped, LogFailed) as error:
        raise BrokenEnvironment(f"The relay stopped: {error}") from error
    finally:
        log.close()


def _look_again(relay: Relay) -> None:
    try:
        relay.look_again()
    except LogFailed as error:
        # A log that is away is no copied home; should it stay away, the next record says so.
        logger.warning("The topics could not be looked at: %s", error)


def _taking_in(settings: Settings, stop: threading.Event, failed: list[BaseException]) -> None:
    """The inbox has a thread and clients of its own: a slow inbox never holds up the relay."""
    try:
        log = supervisor.open_log(settings)
        try:
            with wiring.ledger(settings) as ledger, ledger.lock("intake"):
                intake = Intake(ledger, log, clock=wiring.now, prefix=settings.topic_prefix)
                while not stop.is_set():
                    if intake.step().records == 0:
                        stop.wait(INBOX_IDLE_SECONDS)
        finally:
            log.close()
    except (IntakeStopped, LogFailed) as error:
        logger.error("%s", error)
        failed.append(error)
        stop.set()
