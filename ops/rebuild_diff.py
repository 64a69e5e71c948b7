"""Two builds of the read model compared, number by number, at equal positions of the log.

What is compared is what each build keeps of the frames that its own program made, so that a
program that counts otherwise shows. The build that serves is only looked at; the one beside is
held, and led on to exactly where the other was looked at.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ops import build_log, builds, supervisor, wiring
from ops.build_log import Asked, Ends
from ops.settings import BrokenEnvironment, Settings
from ops.verify import Check, Differences, Sides, live_is_replay, summed
from ops.verify_beside import whole
from projections.ask import Ask
from projections.boards import Boards
from projections.readmodel import Position, ReadModel, unpack
from schemas import avro, frame
from schemas.measures import MEASURES
from schemas.times import Instant, day_of
from schemas.topics import PROGRAMMES, UNITS

SIDES = Sides("in the build that serves", "in the one beside it")
ATTEMPTS_MAX = 3
"""How often it is compared anew where something differs: what is told may have been half there."""
LOOK_SECONDS = 0.05


class Compared(NamedTuple):
    """What two builds showed at one position of the log."""

    checks: Sequence[Check]
    events: int
    """How many records of the topic of events both had folded."""

    @property
    def differing(self) -> int:
        """How much differs, over all checks."""
        return sum(check.differing for check in self.checks)


class Looked:
    """The frames that a model keeps, as they were at one look.

    The journal is read first: what is carried over from it meanwhile is then in both.
    """

    def __init__(self, model: ReadModel, topic: str) -> None:
        self._model = model
        journal = model.journal(topic, 0)
        told = [value for name, value in model.snapshots(topic, 0) if b"/" in name]
        told += [value for row in journal for _, value in unpack(row.payload)]
        self.frames = [*whole(frame.decode(value) for value in told)]

    def ends(self) -> dict[int, int]:
        """By partition of the topic of events the offset up to which these frames tell."""
        newest: dict[int, tuple[int, int]] = {}
        for told in (one.version for one in self.frames):
            newest[told.partition] = max(newest.get(told.partition, (0, 0)), told.rank)
        return {partition: offset for partition, (_, offset) in newest.items()}


def compared(
    settings: Settings, ours: int, other: int, seconds: float, clock: Callable[[], Instant]
) -> Compared:
    """Compare what serves (`ours`) with what is beside (`other`), waiting for it `seconds`.

    Raises BrokenEnvironment where it does not come to stand still by then.
    """
    attempt = 1
    while True:
        found = _once(settings, ours, other, seconds, clock)
        if not found.differing or attempt == ATTEMPTS_MAX:
            return found
        attempt += 1


def _once(
    settings: Settings, ours: int, other: int, seconds: float, clock: Callable[[], Instant]
) -> Compared:
    folder = builds.folder(replace(settings, build=other))
    until = time.monotonic() + seconds
    with (
        wiring.read_model(replace(settings, build=ours)) as serving,
        wiring.read_model(replace(settings, build=other)) as beside,
    ):
        with _released(folder):
            reached = _stand_still(folder, {}, until, clock)
            _wait_for(serving, replace(settings, build=ours), reached, until)
            looked = Looked(serving, builds.names(replace(settings, build=ours)).frames)
            ends = looked.ends()
            at = _stand_still(folder, ends, until, clock)
            # What serves may have got no frame for records that change nothing.
            behind = {number: end for number, end in ends.items() if at.get(number, 0) < end}
            if behind:
                raise BrokenEnvironment(f"The build beside stopped before {behind}; compare again.")
            if any(end > max(reached[number], ends.get(number, 0)) for number, end in at.items()):
                raise BrokenEnvironment("The build beside was let go meanwhile; compare again.")
            built = Looked(beside, builds.names(replace(settings, build=other)).frames)
        # Comparing takes long; the build has gone on meanwhile.
        checks = _checks(settings, serving, looked, built, clock())
    return Compared(checks, sum(at.values()))


def _checks(
    settings: Settings, model: ReadModel, looked: Looked, built: Looked, now: Instant
) -> list[Check]:
    name = "cells of every ower, slice and day"
    figures = live_is_replay(summed(looked.frames), summed(built.frames), name, SIDES)
    sides = [_boards(settings, model, one, now) for one in (looked, built)]
    return [figures, _boards_check(sides[0], sides[1], now)]


def _boards(settings: Settings, model: ReadModel, looked: Looked, now: Instant) -> Boards:
    """The boards that these frames make, with the units and programmes of what serves."""
    boards = Boards(lambda: now)
    prefix = settings.topic_prefix
    for topic, told in ((PROGRAMMES, boards.tell_programmes), (UNITS, boards.tell_units)):
        kept = model.noted(topic.full(prefix))
        told([(offset, avro.decode(value)) for offset, value in kept])
    for one in looked.frames:
        boards.apply_frame(one)
    return boards


def _boards_check(ours: Boards, theirs: Boards, now: Instant) -> Check:
    """The board of every unit that stands now: all of its subtree, measure by measure."""
    found = Differences()
    units = ours.tree.at(day_of(now)).preorder
    for unit in units:
        pair = [_subtree(boards, unit, now) for boards in (ours, theirs)]
        for measure, one, other in zip(MEASURES, *pair, strict=True):
            if one != other:
                found.add(f"{unit}: {measure} is {one} {SIDES[0]}, {other} {SIDES[1]}")
    return found.check("boards of every unit", len(units))


def _subtree(boards: Boards, unit: str, now: Instant) -> tuple[int, ...]:
    return tuple(boards.board(unit, Ask(on=now, everything=True), now).subtree.counts.values)


def _stand_still(folder: Path, ends: Ends, until: float, clock: Callable[[], Instant]) -> Ends:
    """Have the build beside stand still at these ends, or where it is beyond them."""
    token = uuid.uuid4().hex
    over = Instant(clock() + build_log.HOLD_MS_MAX)
    build_log.hold(folder, Asked(token, over, ends))
    while (found := build_log.held(folder, token)) is None:
        if time.monotonic() > until:
            raise BrokenEnvironment(
                "The build beside did not come to stand still; see `lienthong rebuild status`."
            )
        time.sleep(LOOK_SECONDS)
    return found


def _wait_for(model: ReadModel, settings: Settings, reached: Ends, until: float) -> None:
    """Wait until a model has passed what was reached, and what it tells of that is rolled up.

    Each commit names what it tells: that must be sent, and then be durable as the boards take it.
    """
    names = builds.names(settings)
    for number, end in reached.items():
        at = _passed(model, names.events, number, end, until)
        while any(seq <= at.seq for seq, _ in model.pending(names.events, number)):
            _pause(until)
    with closing(supervisor.open_log(settings)) as log:
        ends = [end for _, end in log.ends(names.frames)]
    for number, end in enumerate(ends):
        _passed(model, names.frames, number, end, until)


def _passed(model: ReadModel, topic: str, partition: int, end: int, until: float) -> Position:
    """The position of a partition, once it has passed this end."""
    while True:
        for at in model.positions():
            if (at.topic, at.partition) == (topic, partition) and at.next_offset >= end:
                return at
        _pause(until)


def _pause(until: float) -> None:
    if time.monotonic() > until:
        raise BrokenEnvironment("What serves is behind the build beside it; compare later.")
    time.sleep(LOOK_SECONDS)


@contextmanager
def _released(folder: Path) -> Iterator[None]:
    """Let the build go on afterwards, whatever happens."""
    try:
        yield
    finally:
        build_log.release(folder)
