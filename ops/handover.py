"""The hand-over as a process: whatever ended units still have open is handed over by itself.

It looks after every change of the tree, of the day and of the facts, so that a reform moves what
is open on its day, and a report that is returned later when it is returned.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from ops.position import pause
from projections.engine import Engine
from projections.query import Query
from schemas.refusal import Refused
from schemas.times import Day, Instant, day_of, parse_day, parse_instant
from services.handover import HandOver, Handover, Open, Plan, plan
from services.ledger import Conflict, Ledger

HANDOVER_PAGE = 200
"""Most obligations that are handed over in one transaction, and derived without a pause."""
LOOK_SECONDS = 1.0
"""How soon after a change the process looks again, at the earliest."""
LOOK_SECONDS_MAX = 60.0
"""How soon at the latest, where looking takes long."""
LOOK_SHARE = 20
"""Looking holds up the folding for at most one part in so many of the time."""
BEHIND_MAX = 10_000
"""With more records to fold than this, what is open is not known well enough to look."""
MOVED, NOBODY, REFUSED, UNMOVED = "moved", "nobody", "refused", "unmoved"
LEFT = (NOBODY, REFUSED, UNMOVED)
"""Why something stays where it is: nobody receives it, the ledger refused, or had nothing open."""

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Figures:
    """For the metrics: handed over since the start, and what the last whole look left, by reason.

    `unmoved` may be what was handed over a moment ago and is not folded yet.
    """

    moved: int = 0
    left: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(LEFT, 0))


def opened(row: Mapping[str, Any]) -> Open:
    """An obligation as the read side tells it."""
    due: str | None = row["due_before"]
    return Open(
        obligation=row["obligation"],
        unit=row["unit"],
        kind=row["kind"],
        programme=row["programme"],
        due_before=None if due is None else parse_day(due),
        since=parse_instant(row["since"]),
    )


def record(ledger: Ledger, handovers: Sequence[Handover], by: str) -> list[str]:
    """Record a page of a plan; of each what became of it: MOVED, REFUSED or UNMOVED.

    What the ledger has already, or never had, is unmoved. One that it refuses holds up no other.
    `by` has it carried out.
    """
    try:
        events = ledger.execute(HandOver(by=by, handovers=tuple(handovers)))
    except Refused as refused:
        if len(handovers) > 1:
            return [became for one in handovers for became in record(ledger, [one], by)]
        logger.warning("%s stays: %s", handovers[0].open.obligation, refused)
        return [REFUSED]
    moved = {event.obligation for event in events}
    return [MOVED if one.open.obligation in moved else UNMOVED for one in handovers]


def pages(handovers: Iterable[Handover]) -> Iterator[list[Handover]]:
    """What is recorded together."""
    rest = iter(handovers)
    while page := list(islice(rest, HANDOVER_PAGE)):
        yield page


class HandoverProcess:
    """Hands over what its own process holds; several workers each do it for their partitions."""

    def __init__(
        self,
        query: Query,
        engine: Engine,
        ledger: Ledger,
        clock: Callable[[], Instant],
        behind: Callable[[], int],
    ) -> None:
        """`behind`: how many records are on the log and not folded yet."""
        self._query = query
        self._engine = engine
        self._ledger = ledger
        self._clock = clock
        self._behind = behind
        self._seen: tuple[int, Day, int] | None = None
        # What stays, as the last whole look found: the ledger would say the same again.
        self._stays: dict[tuple[str, Instant], str] = {}
        self.figures = Figures()

    async def follow(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop."""
        wait_seconds = LOOK_SECONDS
        while not await pause(stop, wait_seconds):
            try:
                held_up = await self.look(stop)
                wait_seconds = min(max(LOOK_SECONDS, LOOK_SHARE * held_up), LOOK_SECONDS_MAX)
            except Conflict as error:
                logger.warning("The hand-over begins again: %s.", error)
            except Exception:
                # The ledger may be out of reach for a while; the next look finds the same again.
                logger.exception("The hand-over could not be recorded; it is tried again.")

    async def look(self, stop: asyncio.Event) -> float:
        """Hand over all that is there; how many seconds that held up the folding.

        Nothing is looked for where nothing has changed since the last look.
        """
        now = self._state()
        if now == self._seen or self._behind() > BEHIND_MAX:
            return 0.0
        if self._seen is None or self._seen[:2] != now[:2]:
            self._stays = {}
        stays: dict[tuple[str, Instant], str] = {}
        held_up, nobody, after = 0.0, 0, -1
        while not stop.is_set():
            began = time.perf_counter()
            page: Any = self._query.handover(after, HANDOVER_PAGE)
            planned = self._planned(page["obligations"])
            held_up += time.perf_counter() - began
            nobody += len(planned.nobody)
            stays |= await self._handed_over(planned.handovers)
            if page["next"] is None:
                self._seen, self._stays = now, stays
                self.figures.left = _left(nobody, stays)
                break
            after = page["next"]
            await asyncio.sleep(0)
        return held_up

    def _planned(self, rows: Iterable[Mapping[str, Any]]) -> Plan:
        return plan(self._query.boards.tree, day_of(self._clock()), map(opened, rows))

    async def _handed_over(self, handovers: Sequence[Handover]) -> dict[tuple[str, Instant], str]:
        """Record what is not known to stay; what stays, and why."""
        keys = [(one.open.obligation, one.open.since) for one in handovers]
        became = {key: self._stays[key] for key in keys if key in self._stays}
        fresh = [one for one, key in zip(handovers, keys, strict=True) if key not in became]
        if fresh:
            by = self._query.boards.tree.at(day_of(self._clock())).root or fresh[0].legs[0].by
            told = await asyncio.to_thread(record, self._ledger, fresh, by)
            self.figures.moved += told.count(MOVED)
            for one, what in zip(fresh, told, strict=True):
                became[one.open.obligation, one.open.since] = what
        return {key: what for key, what in became.items() if what != MOVED}

    def _state(self) -> tuple[int, Day, int]:
        tree = self._query.boards.tree
        return (tree.version, day_of(self._clock()), self._engine.revision())


def _left(nobody: int, stays: Mapping[tuple[str, Instant], str]) -> dict[str, int]:
    return {**dict.fromkeys(LEFT, 0), **Counter(stays.values()), NOBODY: nobody}
