"""The desk of a world: dice, instants, and events written up with ids and times of recording."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple, TypeVar

from schemas.event import Event, EventId
from schemas.times import DAY_MS, Day, Instant, day, midnight

FIRST = day(2025, 6, 1)
"""The first day of every world: the days run over the end of a month and of a half-year."""
ROOT = "vn"
STRANGER = "nowhere"
"""A code that nobody ever establishes."""
MINUTE_MS = 60_000

UNITS_MIN, UNITS_MAX = 3, 30
DAYS_MIN, DAYS_MAX = 3, 60
DUTIES_MAX = 90
LARGE_EVERY = 50
"""One world in so many is as large as they get; the others are small, for they must be many."""

_E = TypeVar("_E", bound=Event)


class Shape(NamedTuple):
    """How large a world is: most units over all its days, days, obligations."""

    units: int
    days: int
    duties: int


def shape_of(seed: int) -> Shape:
    """The shape of the world of a seed, where no other is asked for."""
    rng = Random(f"tree-world:{seed}:shape")
    if rng.randrange(LARGE_EVERY) == 0:
        return Shape(UNITS_MAX, DAYS_MAX, DUTIES_MAX)
    days = rng.randint(DAYS_MIN, 12)
    return Shape(rng.randint(UNITS_MIN, 10), days, rng.randint(1, 16))


class Desk:
    """One source of dice for everything in a world."""

    def __init__(self, seed: int, shape: Shape) -> None:
        self.rng = Random(f"tree-world:{seed}:{shape}")
        self.days = shape.days

    def chance(self, part: float) -> bool:
        """True that often."""
        return self.rng.random() < part

    def day(self) -> Day:
        """A day of the world."""
        return Day(FIRST + self.rng.randrange(self.days))

    def moment(self, on: Day) -> Instant:
        """An instant of the day; crowded, so that many things happen at once."""
        return Instant(midnight(on) + self.rng.choice((0, 0, 1, 40_000_000, DAY_MS - 1)))

    def tell(
        self, cls: type[_E], unit: str, at: Instant, *, ahead: bool = False, **fields: Any
    ) -> _E:
        """One event, recorded at once, days or weeks later, or (`ahead`) before it takes effect."""
        delays = [1, MINUTE_MS, MINUTE_MS, 2 * DAY_MS, 5 * DAY_MS, 21 * DAY_MS]
        if ahead:
            delays += [-3 * DAY_MS, -10 * DAY_MS, -10 * DAY_MS]
        told: dict[str, Any] = {
            "event_id": EventId(self.rng.randbytes(16)),
            "effective_at": at,
            "recorded_at": Instant(at + self.rng.choice(delays)),
            "source": "world",
            "by": ROOT,
        }
        return cls(**told | fields, unit=unit)
