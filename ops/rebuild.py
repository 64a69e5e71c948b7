"""Rebuild without downtime: a second read model is built from the log while the first one serves.

start: the home's supervisor runs a second worker, for a build with a number of its own.
diff: both are compared at equal positions. switch: readers change over to the new build, the old
one follows beside it. back: the other way round. cancel: the build beside is removed.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ops import builds, home, rebuild_diff, supervisor, wiring
from ops.builds import Builds
from ops.log import GroupInUse, Log
from ops.rebuild_diff import Compared
from ops.settings import BrokenEnvironment, Settings
from projections.readmodel import Position
from projections.readmodel_postgres import drop
from schemas.refusal import Reason, Refused
from schemas.times import Instant
from schemas.topics import EVENTS, FRAMES

BEHIND_MAX = 5_000
"""Records that a build may be behind when readers change over to it: it folds them in a moment."""
CATCH_UP_SECONDS_MAX = 60.0
SWITCH_SECONDS_MAX = 10.0
"""A build that does not answer by then does not get the readers."""
STOP_SECONDS_MAX = 30.0
START_SECONDS_MAX = 3.0
"""Without a supervisor that starts its worker, somebody runs it with LIENTHONG_BUILD by hand."""
LOOK_SECONDS = 0.01


class Reached(NamedTuple):
    """How far one build is."""

    number: int
    serves: bool
    applied: int
    """Records of the topic of events that it has folded."""
    recorded: int
    """Records of that topic."""

    @property
    def behind(self) -> int:
        """Records that it has not folded yet."""
        return max(0, self.recorded - self.applied)


def start(settings: Settings) -> int:
    """Begin a new build beside the one that serves; its number.

    Raises Refused where there is one beside already, BrokenEnvironment where nothing runs.
    """
    known = builds.of(settings.home)
    if known.beside:
        raise Refused(
            Reason.RULE,
            f"build {known.beside} is beside the one that serves; "
            "first `lienthong rebuild cancel` it",
            "start",
        )
    number = known.last + 1
    made = replace(settings, build=number)
    with closing(supervisor.open_log(settings)) as log:
        log.create([builds.frames(made)], settings.topic_prefix)
    builds.folder(made).mkdir(parents=True)
    builds.keep(settings.home, Builds(known.serving, number, number))
    # Its worker is under way then, so that a `cancel` that comes at once finds it.
    until = time.monotonic() + START_SECONDS_MAX
    while home.unused(builds.folder(made)) and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    return number


def status(settings: Settings) -> list[Reached]:
    """How far the build that serves is, and the one beside it."""
    known = builds.of(settings.home)
    topic = EVENTS.full(settings.topic_prefix)
    with closing(supervisor.open_log(settings)) as log:
        recorded = sum(end for _, end in log.ends(topic))
    numbers = [number for number in (known.serving, known.beside) if number]
    return [
        Reached(number, number == known.serving, _applied(settings, number, topic), recorded)
        for number in numbers
    ]


def diff(settings: Settings, seconds: float, clock: Callable[[], Instant]) -> Compared:
    """Compare the build that serves with the one beside it, and write down how much differs.

    Raises Refused where there is none, BrokenEnvironment where it is not ready within `seconds`.
    """
    known = _two(settings, "diff")
    found = rebuild_diff.compared(settings, known.serving, known.beside, seconds, clock)
    builds.keep(settings.home, known._replace(differing=found.differing))
    return found


def switch(settings: Settings, *, accepted: bool = False) -> float:
    """Let the build beside serve; the seconds until all readers are answered from it.

    Raises Refused where they were not compared, or differ and that is not `accepted`; raises
    BrokenEnvironment where the new one does not answer: then the old one goes on serving.
    """
    known = _two(settings, "switch")
    if known.beside < known.serving:
        text = f"build {known.beside} is the older one; `lienthong rebuild back` returns to it"
        raise Refused(Reason.RULE, text, "switch")
    if known.differing is None:
        text = "the builds were not compared yet; first `lienthong rebuild diff`"
        raise Refused(Reason.RULE, text, "switch")
    if known.differing and not accepted:
        text = f"{known.differing} figures differ; look at them, then switch --accept-differences"
        raise Refused(Reason.RULE, text, "switch")
    return _change_over(settings, known)


def back(settings: Settings) -> float:
    """Let the old build serve again, while it is kept; the seconds until it answers.

    Raises Refused where no older build is kept, BrokenEnvironment as `switch` does.
    """
    known = _two(settings, "back")
    if known.beside > known.serving:
        text = f"build {known.beside} is newer than the one that serves; it was not switched to"
        raise Refused(Reason.RULE, text, "back")
    return _change_over(settings, known)


def cancel(settings: Settings) -> int:
    """Stop and remove the build beside: process, files, topic and group; its number.

    Raises Refused where there is none, BrokenEnvironment where its process does not end.
    """
    known = _two(settings, "cancel")
    gone = replace(settings, build=known.beside)
    builds.keep(settings.home, Builds(known.serving, builds.NONE, known.last))
    until = time.monotonic() + STOP_SECONDS_MAX
    while not home.unused(builds.folder(gone)):
        if time.monotonic() > until:
            raise BrokenEnvironment(f"The worker of build {gone.build} does not end; stop it.")
        time.sleep(LOOK_SECONDS)
    _remove(gone)
    return gone.build


def _remove(gone: Settings) -> None:
    address = builds.address(gone)
    if address.startswith("sqlite:"):
        path = address.removeprefix("sqlite:")
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
    else:
        drop(address, builds.schema(gone))
    # The first build's topic is part of the contract, so it stays, for whoever mirrors it.
    frames = builds.frames(gone)
    topics = [] if frames == FRAMES else [frames.full(gone.topic_prefix)]
    with closing(supervisor.open_log(gone)) as log:
        log.remove(topics, [])
        _forget_group(log, builds.group(gone))
    supervisor.worker_log(gone).unlink(missing_ok=True)
    shutil.rmtree(builds.folder(gone))


def _forget_group(log: Log, group: str) -> None:
    """A lone worker is a member for one session longer than it lives: that is how it comes back."""
    until = time.monotonic() + STOP_SECONDS_MAX
    while True:
        try:
            return log.remove([], [group])
        except GroupInUse:
            if time.monotonic() > until:
                raise
        time.sleep(LOOK_SECONDS)


def _change_over(settings: Settings, known: Builds) -> float:
    _wait_for(settings, known.beside)
    changed = Builds(known.beside, known.serving, known.last)
    started = time.monotonic()
    builds.keep(settings.home, changed)
    left = builds.folder(replace(settings, build=known.serving)) / builds.LISTENS
    while (at := builds.answering(settings.home)) != changed.serving or left.exists():
        if time.monotonic() - started > SWITCH_SECONDS_MAX:
            if at == changed.serving:
                break
            builds.keep(settings.home, known)
            raise BrokenEnvironment(
                f"Build {changed.serving} did not answer; build {known.serving} goes on serving."
            )
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - started


def _wait_for(settings: Settings, number: int) -> None:
    """Readers must not get figures that are old."""
    until = time.monotonic() + CATCH_UP_SECONDS_MAX
    while any(one.number == number and one.behind > BEHIND_MAX for one in status(settings)):
        if time.monotonic() > until:
            raise BrokenEnvironment(f"Build {number} has not caught up; see `rebuild status`.")
        time.sleep(LOOK_SECONDS)


def _two(settings: Settings, where: str) -> Builds:
    known = builds.of(settings.home)
    if not known.beside:
        text = "there is no build beside the one that serves; `lienthong rebuild start` begins one"
        raise Refused(Reason.RULE, text, where)
    return known


def _applied(settings: Settings, number: int, topic: str) -> int:
    try:
        with wiring.read_model(replace(settings, build=number)) as model:
            return sum(_next(model.positions(), topic))
    except BrokenEnvironment:
        # Its worker has not made it yet.
        return 0


def _next(positions: list[Position], topic: str) -> list[int]:
    return [one.next_offset for one in positions if one.topic == topic]
