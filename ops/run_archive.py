"""The process `run archive`: adds to the archive while a home runs, after everybody else.

A segment once a local day on which something was recorded, and whenever enough has come. It never
ends by itself: what goes wrong is said in the log and tried again, and everything else goes on.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from ops import processes, supervisor, wiring
from ops.archive.heads import Head
from ops.archive.publishing import publish
from ops.archive.reading import heads_of
from ops.archive.signing import Signer
from ops.archive.writing import ROLE, Writer
from ops.settings import BrokenEnvironment, Settings
from schemas.times import Day, Instant, day_of, parse_instant
from services.ledger import Ledger
from services.watch import RoleTaken

LOOK_SECONDS = 5.0
"""How often the process looks whether there is enough for a segment."""
AGAIN_SECONDS = 60.0
"""How long it waits where something went wrong."""
NICENESS = 19
"""Everybody else on the machine goes first."""

logger = logging.getLogger(__name__)


def is_due(behind: int, every: int, made_on: Day | None, today: Day) -> bool:
    """Whether a segment is to be written: `behind` records are not in the archive.

    `made_on` is the local day of the last head, None while there is none.
    """
    if behind == 0:
        return False
    return behind >= every or made_on is None or made_on < today


class ArchiveProcess:
    """Looks, and writes what is due; other writers may take turns with it."""

    def __init__(self, settings: Settings, ledger: Ledger, clock: Callable[[], Instant]) -> None:
        self._settings = settings
        self._ledger = ledger
        self._clock = clock
        self._published = 0

    def follow(self, stop: threading.Event) -> None:
        """Look again and again until told to stop."""
        wait_seconds = 0.0
        while not stop.wait(wait_seconds):
            wait_seconds = LOOK_SECONDS
            try:
                self.look()
            except RoleTaken:
                continue  # Somebody writes it by hand; the next look finds what is left.
            except BrokenEnvironment as error:
                logger.error("The archive or its heads wait: %s", error)
                wait_seconds = AGAIN_SECONDS
            except Exception:
                # A full disk, a ledger out of reach: the next look finds the same again.
                logger.exception("The archive could not be written; it is tried again.")
                wait_seconds = AGAIN_SECONDS

    def look(self) -> list[Head]:
        """Write what is due, and publish what is not published; the new heads.

        Raises RoleTaken and BrokenEnvironment.
        """
        made = self._write()
        heads = self._heads()
        if len(heads) > self._published:
            log = supervisor.open_log(self._settings)
            try:
                publish(heads, log, self._settings.topic_prefix)
            finally:
                log.close()
            self._published = len(heads)
        return made

    def _heads(self) -> list[Head]:
        folder = self._settings.archive
        return heads_of(folder) if folder.exists() else []

    def _write(self) -> list[Head]:
        last = next(reversed(self._heads()), None)
        made_on = day_of(parse_instant(last.made_at)) if last else None
        behind = self._ledger.max_notification() - (last.last if last else 0)
        if not is_due(behind, self._settings.archive_every, made_on, day_of(self._clock())):
            return []
        with self._ledger.lock(ROLE):
            signer = Signer.of_settings(self._settings)
            writer = Writer(self._ledger, self._settings.archive, self._clock, signer)
            made = list(writer.write())
        for head in made:
            logger.info("Archived %s: %d records, head %s", head.name, head.count, head.hash())
        return made


def run(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT."""
    os.nice(NICENESS)
    stop = processes.told_to_stop()
    with wiring.ledger(settings) as ledger:
        ArchiveProcess(settings, ledger, wiring.now).follow(stop)
    return 0
