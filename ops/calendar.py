"""The calendar as a process: day after day it opens ahead what the rules say is owed.

One for each ledger, wherever a worker runs. It looks when it starts, when a local day has begun,
and when a programme, a class or the tree has changed. Looking twice records nothing twice.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from typing import TypeVar

from ops.position import pause
from schemas import avro
from schemas.event import Drops, Event, Opens, event_types
from schemas.times import Day, Instant, day_of
from schemas.topics import PROGRAMMES, UNITS
from schemas.tree import Tree
from schemas.unit_facts import UnitFact, unit_fact
from services import calendar, calendar_answers
from services.batch import Status
from services.ledger import Ledger
from services.standing import TYPES, Standing
from services.watch import RoleTaken

OPEN_PAGE = 500
"""Most obligations that are looked at and recorded in one transaction."""
LOOK_SECONDS = 1.0
"""How soon after a change the process looks again, at the earliest."""
LOOK_SECONDS_MAX = 600.0
"""How soon at the latest, where looking takes long."""
LOOK_SHARE = 10
"""Looking takes at most one part in so many of the time, and rests as long as each page took."""
ROLE = "calendar"
"""The role that one process holds in a ledger."""
OPENED, DETERMINED, DROPPED, REFUSED = "opened", "determined", "dropped", "refused"
WHAT = (OPENED, DETERMINED, DROPPED, REFUSED)
"""What may become of an answer: recorded, by its effect, or refused by the ledger."""

logger = logging.getLogger(__name__)


@cache
def _context_names() -> frozenset[str]:
    """Names of what bears on units or programmes."""
    topics = (UNITS.name, PROGRAMMES.name)
    return frozenset(name for name, cls in event_types().items() if cls.topic in topics)


@cache
def _opening_names() -> frozenset[str]:
    """Names of what opens an obligation."""
    return frozenset(name for name, cls in event_types().items() if issubclass(cls, Opens))


class Facts:
    """What the calendar follows from, read from the ledger as it grows."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._context: dict[bytes, Event] = {}
        self._units: list[tuple[int, UnitFact]] = []
        self._position = 0
        self._tree: Tree | None = None
        self.changes = 0
        """Grows with everything that may change what is owed."""

    def follow(self) -> None:
        """Read what was recorded since. Most of a ledger is about obligations: never read."""
        end = self._ledger.max_notification()
        for one in self._ledger.events(self._position, _context_names()):
            self._position = one.id
            event = avro.decode(one.value)
            if isinstance(event, TYPES):
                self._context.setdefault(event.event_id, event)
                self.changes += 1
            fact = unit_fact(event) if event.topic == UNITS.name else None
            if fact is not None:
                self._units.append((one.id, fact))
                self._tree = None
                self.changes += 1
        self._position = max(self._position, end)

    def standing(self) -> Standing:
        """The rules, classes and units as they are known now."""
        if self._tree is None:
            self._tree = Tree.of(self._units)
        at = cache(self._tree.at)

        def stands(unit: str, day: Day) -> bool:
            return unit in at(day) and not at(day).closed(unit)

        return Standing(self._context.values(), stands)


@dataclass(frozen=True)
class Look:
    """One look at the rules: up to which day, and what it would record, page by page."""

    ledger: Ledger
    standing: Standing
    now: Instant
    until: Day
    since: Day | None = None

    def pages(self) -> Iterator[list[Event]]:
        """All that it would record."""
        return chain(self.drops(), self.openings())

    def openings(self) -> Iterator[list[Event]]:
        """What is owed and not opened yet, and days for what was opened without one."""
        for page in _pages(calendar.openings(self.standing, self.until, self.since)):
            opened = self.ledger.known([one.opening.obligation for one in page], _opening_names())
            # What is open and gets no day is as it should be: most of what is ever planned.
            rest = [one for one in page if one.settles or one.opening.obligation not in opened]
            found = self._histories([one.opening.obligation for one in rest])
            source = self.ledger.source
            answers = (
                calendar_answers.opening(one, found[one.opening.obligation], source) for one in rest
            )
            yield [event for event in answers if event is not None]

    def drops(self) -> Iterator[list[Event]]:
        """What was opened and is owed no longer."""
        for page in _pages(calendar.unowed(self.standing, day_of(self.now), self.until)):
            found = self._histories([one.obligation for one in page])
            source = self.ledger.source
            answers = (
                calendar_answers.dropping(one, found[one.obligation], self.now, source)
                for one in page
            )
            yield [event for event in answers if event is not None]

    def _histories(self, obligations: Sequence[str]) -> dict[str, list[Event]]:
        known = self.ledger.known(obligations)
        return {one: self.ledger.history(one) if one in known else [] for one in obligations}


_T = TypeVar("_T")


def _pages(found: Iterator[_T]) -> Iterator[list[_T]]:
    """What is looked at and recorded together."""
    while page := list(islice(found, OPEN_PAGE)):
        yield page


def what(event: Event) -> str:
    """What an answer is: OPENED, DETERMINED or DROPPED."""
    if isinstance(event, Opens):
        return OPENED
    return DROPPED if isinstance(event, Drops) else DETERMINED


def record(ledger: Ledger, events: Sequence[Event]) -> Counter[str]:
    """Record a page; what became of it. One that the ledger refuses holds up no other."""
    became: Counter[str] = Counter()
    for event, outcome in zip(events, ledger.record(events), strict=True):
        if outcome.status is Status.ACCEPTED:
            became[what(event)] += 1
        elif outcome.status is Status.REFUSED:
            became[REFUSED] += 1
            logger.warning("%s is not opened: %s", event.obligation, outcome.sentence)
    return became


class CalendarProcess:
    """Opens what the rules say, `ahead_days` before it begins, for the units that stand then."""

    def __init__(self, ledger: Ledger, clock: Callable[[], Instant], ahead_days: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._ahead_days = ahead_days
        self._facts = Facts(ledger)
        self._seen: tuple[int, Day] | None = None
        self.counts: Counter[str] = Counter(dict.fromkeys(WHAT, 0))

    async def follow(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop, while no other process of the ledger does."""
        while not await pause(stop, LOOK_SECONDS):
            try:
                with self._ledger.lock(ROLE):
                    wait_seconds = LOOK_SECONDS
                    while not await pause(stop, wait_seconds):
                        began = time.perf_counter()
                        await asyncio.to_thread(self.look, stop.is_set, time.sleep)
                        took = time.perf_counter() - began
                        wait_seconds = min(max(LOOK_SECONDS, LOOK_SHARE * took), LOOK_SECONDS_MAX)
            except RoleTaken:
                continue  # Another worker does it; it may stop one day.
            except Exception:
                # The ledger may be out of reach for a while; the next look finds the same again.
                logger.exception("The calendar could not be opened; it is tried again.")

    def look(
        self,
        stopped: Callable[[], bool] = lambda: False,
        rest: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """Record whatever is missing; nothing where nothing has changed since the last look.

        `rest` is called after each page with the seconds that it took: others go first.
        """
        self._facts.follow()
        now = self._clock()
        state = (self._facts.changes, day_of(now))
        if state == self._seen:
            return
        until = Day(day_of(now) + self._ahead_days + 1)
        same_rules = self._seen is not None and self._seen[0] == state[0]
        # A new day alone opens only what comes within reach with it.
        since = Day(self._seen[1] + self._ahead_days + 1) if self._seen and same_rules else None
        look = Look(self._ledger, self._facts.standing(), now, until, since)
        # A new day alone takes nothing back: what leaves on a day is known since it was recorded.
        began = time.perf_counter()
        for page in look.openings() if same_rules else look.pages():
            if stopped():
                return
            if page:
                self.counts.update(record(self._ledger, page))
            rest(time.perf_counter() - began)
            began = time.perf_counter()
        self._seen = state
