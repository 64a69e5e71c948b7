"""A world: its units, what they owe, the order in which all of it is delivered; from one seed."""

from __future__ import annotations

import zlib
from typing import NamedTuple

from ops.tree_worlds.country import Standing
from ops.tree_worlds.desk import FIRST, Desk, Shape, shape_of
from ops.tree_worlds.duties import duties
from ops.tree_worlds.plan import Plan
from schemas.event import Event
from schemas.times import Day, Instant, midnight

AHEAD = 1
"""Days looked at before the first and after the last."""


class World(NamedTuple):
    """Everything that is told, and what the units were meant to be.

    `standing` is by day from FIRST on. `lost` are the ids of unit events that change nothing.
    `flat` are the establishments alone, of no reform. `scoped` says that a level ended in a part
    of the country. `now` is the present.
    """

    seed: int
    shape: Shape
    units: list[Event]
    duties: list[Event]
    flat: list[Event]
    standing: list[Standing]
    lost: set[bytes]
    scoped: bool
    now: Instant

    @property
    def days(self) -> list[Day]:
        """The days of the world, one before and one after."""
        return [Day(FIRST + number) for number in range(-AHEAD, self.shape.days + AHEAD)]

    @property
    def recorded(self) -> list[Instant]:
        """The instants at which something was recorded, ascending."""
        return sorted({event.recorded_at for event in (*self.units, *self.duties)})


def world(seed: int, shape: Shape | None = None) -> World:
    """The world of a seed; the same for the same seed and shape (None: that of the seed)."""
    shape = shape or shape_of(seed)
    desk = Desk(seed, shape)
    plan = Plan(desk, shape)
    plan.write()
    owed = duties(desk, shape.duties, plan.codes, plan.endings)
    now = Instant(midnight(Day(FIRST + desk.rng.randrange(shape.days))) + 43_200_000)
    return World(seed, shape, plan.told, owed, plan.flat, plan.days, plan.lost, plan.scoped, now)


def partition_of(event: Event, partitions: int) -> int:
    """The partition of an event of an obligation."""
    return zlib.crc32(event.key.encode()) % partitions


def delivered(world: World, desk: Desk) -> list[Event]:
    """All events as they arrive: in the order of recording or in any, some of them twice."""
    events = [*world.units, *world.duties]
    events += [event for event in events if desk.chance(0.15)]
    if desk.chance(0.3):
        return sorted(events, key=lambda event: event.recorded_at)
    desk.rng.shuffle(events)
    return events
