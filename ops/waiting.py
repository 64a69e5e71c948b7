"""Waiting until the projections have applied everything that is recorded so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from ops import builds, home, supervisor, wiring
from ops.log import Log, LogFailed
from ops.server import Server
from ops.settings import BrokenEnvironment, Settings
from projections.readmodel import ReadModel
from schemas.topics import EVENTS, PROGRAMMES, UNITS

LOOK_SECONDS = 0.05


class Progress(NamedTuple):
    """How far a wait is: `done` of `total` records, and what is being waited for."""

    done: int
    total: int
    what: str


Told = Callable[[Progress], None]


def wait(settings: Settings, seconds: float, told: Told = lambda progress: None) -> bool:
    """True when everything recorded before the call is relayed, folded, sent and rolled up.

    False when the time is up. Raises BrokenEnvironment where nothing runs.
    """
    until = time.monotonic() + seconds
    with wiring.ledger(settings, create=False) as ledger:
        upto = ledger.max_notification()
        while (at := ledger.relay_position()) < upto:
            told(Progress(at, upto, "relay"))
            if not _pause(until):
                return False
    log = supervisor.open_log(settings)
    try:
        return _followed(settings, log, until, told) and _listening(settings, until)
    except LogFailed as error:
        raise BrokenEnvironment(str(error)) from error
    finally:
        log.close()


def _listening(settings: Settings, until: float) -> bool:
    """The server answers; its port may open a moment after its worker has begun to fold."""
    found = home.running(settings.home)
    while found is not None and not Server(found.http).answers():
        if not _pause(until):
            return False
    return True


def _followed(settings: Settings, log: Log, until: float, told: Told) -> bool:
    for topics in ((UNITS, PROGRAMMES, EVENTS), (builds.frames(settings),)):
        ends = {name: log.ends(name) for name in (t.full(settings.topic_prefix) for t in topics)}
        while True:
            left, total = _left(settings, ends)
            told(Progress(total - left, total, topics[-1].name))
            if left == 0:
                break
            if not _pause(until):
                return False
    return True


def _left(settings: Settings, ends: dict[str, list[tuple[int, int]]]) -> tuple[int, int]:
    """Records not applied yet, messages not sent yet among them; and all records."""
    total = sum(end for partitions in ends.values() for _, end in partitions)
    try:
        with wiring.read_model(settings) as model:
            return _behind(model, ends), total
    except BrokenEnvironment:
        return total + 1, total + 1


def _behind(model: ReadModel, ends: dict[str, list[tuple[int, int]]]) -> int:
    reached = {(p.topic, p.partition): p.next_offset for p in model.positions()}
    left = sum(
        max(0, end - reached.get((topic, number), 0))
        for topic, partitions in ends.items()
        for number, (_, end) in enumerate(partitions)
    )
    return left + sum(len(model.pending(topic)) for topic in ends)


def _pause(until: float) -> bool:
    time.sleep(LOOK_SECONDS)
    return time.monotonic() < until
