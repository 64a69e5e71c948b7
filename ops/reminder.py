"""The reminder as a process: on working days at 08:00 the system reminds of what was missed.

It does so for the standing agency that a duty names, once; repeating it is a person's decision.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ops.handover import BEHIND_MAX
from ops.holidays import holidays
from ops.position import pause
from ops.settings import Settings
from projections.ask import Ask
from projections.query import Query
from schemas.event import Opens
from schemas.refusal import Refused
from schemas.times import Day, Instant, day_of, parse_instant
from services.ledger import Conflict, Ledger
from services.reminding import Missed, RemindOfMissed, agency_of, is_time, reminders, time_of
from services.working_days import is_working

LOOK_SECONDS = 60.0
"""How often the process looks whether it is time."""
PAGE = 200
"""Overdue duties that are read at once, without a pause for others."""
OFF, ALL = "off", "all"

logger = logging.getLogger(__name__)


def missed(row: Mapping[str, Any], today: Day) -> Missed:
    """An overdue obligation as the read side tells it today."""
    reminded: str | None = row["reminded_at"]
    return Missed(
        obligation=row["obligation"],
        unit=row["unit"],
        since=Day(today - row["days_overdue"] + 1),
        reminded=None if reminded is None else parse_instant(reminded),
    )


def planned(
    rows: Iterable[Mapping[str, Any]],
    ledger: Ledger,
    now: Instant,
    off: Collection[Day],
    *,
    everything: bool,
) -> list[RemindOfMissed]:
    """The reminders of today about what is overdue now; a document for each agency and ower.

    None before the hour at which reminders go out.
    """
    today = day_of(now)
    if now < time_of(today):
        return []
    told = (missed(row, today) for row in rows)
    due = [one for one in told if is_time(one, today, off)]
    return reminders(_with_agency(due, ledger, everything=everything), today)


def _with_agency(
    due: Iterable[Missed], ledger: Ledger, *, everything: bool
) -> Iterator[tuple[Missed, str]]:
    for one in due:
        opened = next((e for e in ledger.history(one.obligation) if isinstance(e, Opens)), None)
        agency = opened and agency_of(opened, everything=everything)
        if agency:
            yield one, agency


def record(ledger: Ledger, commands: Sequence[RemindOfMissed]) -> int:
    """Record reminders; how many duties they name. One that is refused holds up no other."""
    count = 0
    for command in commands:
        try:
            count += len(ledger.execute(command))
        except Refused as refused:
            logger.warning("%s is not reminded: %s", command.unit, refused)
    return count


def reminder_of(
    settings: Settings,
    query: Query,
    ledger: Ledger,
    clock: Callable[[], Instant],
    behind: Callable[[], int],
) -> ReminderProcess:
    """The process as an installation is set. Raises BrokenEnvironment for bad holidays."""
    return ReminderProcess(query, ledger, clock, behind, holidays(settings), settings.remind)


class ReminderProcess:
    """Reminds of what its own process holds; parts of one document by several workers are one."""

    def __init__(
        self,
        query: Query,
        ledger: Ledger,
        clock: Callable[[], Instant],
        behind: Callable[[], int],
        off: Collection[Day] = (),
        mode: str = "standing",
    ) -> None:
        """`behind`: how many records are on the log and not folded yet; `off`: holidays."""
        self._query = query
        self._ledger = ledger
        self._clock = clock
        self._behind = behind
        self._off = off
        self._mode = mode
        self._looked: Day | None = None
        self.reminded = 0
        """Duties of which the system reminded since the start, for the metrics."""

    async def follow(self, stop: asyncio.Event) -> None:
        """Look again and again until told to stop."""
        while self._mode != OFF and not await pause(stop, LOOK_SECONDS):
            try:
                await self.look()
            except Conflict as error:
                logger.warning("The reminders of today begin again: %s.", error)
            except Exception:
                # The ledger may be out of reach for a while; the next look finds the same again.
                logger.exception("Reminders could not be recorded; it is tried again.")

    async def look(self) -> int:
        """Remind of all that it is time for; how many duties were named. Once a day."""
        now = self._clock()
        today = day_of(now)
        working = is_working(today, self._off) and now >= time_of(today)
        if not working or today == self._looked or self._behind() > BEHIND_MAX:
            return 0
        rows = [row async for row in self._overdue(now)]
        count = await asyncio.to_thread(self._remind, rows, now)
        self._looked = today
        self.reminded += count
        return count

    def _remind(self, rows: Sequence[Mapping[str, Any]], now: Instant) -> int:
        everything = self._mode == ALL
        commands = planned(rows, self._ledger, now, self._off, everything=everything)
        return record(self._ledger, commands)

    async def _overdue(self, now: Instant) -> Any:
        """What is overdue anywhere, page by page, with room for others between."""
        root = self._query.boards.tree.at(day_of(now)).root
        offset = 0
        while root is not None:
            page: Any = self._query.obligations(root, Ask(), "overdue", offset, PAGE)
            for row in page["obligations"]:
                yield row
            offset += PAGE
            if offset >= page["total"]:
                return
            await asyncio.sleep(0)
