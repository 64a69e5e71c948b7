"""Reminders that the system issues for the standing agency: whom, of what, when. Never more.

One ower gets one document a day from one agency, however many duties it names. Criticism is a
person's decision: nothing here can issue it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.event import Event, Opens, id_of
from schemas.events.ladder import ReminderIssued
from schemas.times import Day, Instant, midnight
from services import ladder
from services.command import Command, Seen
from services.ladder import SYSTEM_ROLE, Remind
from services.owed import Owed, owed_of
from services.working_days import first_working_day, is_working

HOUR_MS = 3_600_000
REMIND_AT_MS = 8 * HOUR_MS
"""Reminders go out at 08:00."""
MISSED_DAYS_MAX = 31
"""What has been overdue for longer is left to a person: a system that begins, or was away for a
year, sends no heap of old reminders."""


class Missed(NamedTuple):
    """A duty that is overdue. `since` is the first day on which it was; `reminded` the last time.

    A return with a day of its own begins anew: then `since` is that day.
    """

    obligation: str
    unit: str
    since: Day
    reminded: Instant | None


def time_of(day: Day) -> Instant:
    """When reminders of a day go out."""
    return Instant(midnight(day) + REMIND_AT_MS)


def is_time(one: Missed, today: Day, holidays: Collection[Day] = ()) -> bool:
    """Whether the system reminds of it today: on the first working day, or a later one soon after.

    Once: whoever was reminded since it was missed is reminded again by a person only.
    """
    if not is_working(today, holidays) or today - one.since > MISSED_DAYS_MAX:
        return False
    again = one.reminded is not None and one.reminded >= midnight(one.since)
    return not again and first_working_day(one.since, holidays) <= today


def agency_of(opened: Opens, *, everything: bool) -> str | None:
    """For whom the system reminds: the standing agency that the duty names, if any.

    With `everything` who issued the duty, where it names none.
    """
    via: str | None = getattr(opened, "via", None)
    return via or (opened.issuer if everything else None)


@dataclass(frozen=True, kw_only=True)
class RemindOfMissed(Command):
    """The system reminds one ower, for the agency `by`, of what it has missed: one document.

    What was sent, cancelled, handed over or reminded of meanwhile is left out.
    """

    unit: str
    obligations: tuple[str, ...]

    def streams(self, seen: Seen) -> Sequence[str]:
        return self.obligations

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        at = self.at(now)
        # Whoever records a part of it names the same document, so that it is counted once.
        one_document = id_of(f"reminder {self.by} {self.unit} {at}".encode())
        remind = Remind(
            by=self.by,
            obligations=self.obligations,
            effective_at=at,
            actor_role=SYSTEM_ROLE,
            correlation_id=one_document,
        )
        return [
            event
            for obligation in dict.fromkeys(self.obligations)
            if _still_missed(owed := owed_of(seen[obligation]), self, at)
            for event in ladder.decide(owed, obligation, remind, now)
        ]


def _still_missed(owed: Owed, command: RemindOfMissed, at: Instant) -> bool:
    """By the ledger, which may know more by now than what the plan was made from."""
    if owed.opening is None or owed.dropped is not None or owed.done or owed.due_before is None:
        return False
    revise = owed.returned.revise_before if owed.returned else None
    since = midnight(max(owed.due_before, revise or owed.due_before))
    ower = owed.ower_at(at)
    reminded = any(
        isinstance(note, ReminderIssued) and note.effective_at >= since for note in owed.notes
    )
    return since <= at and ower == command.unit != command.by and not reminded


def reminders(missed: Iterable[tuple[Missed, str]], today: Day) -> list[RemindOfMissed]:
    """The documents of a day for (duty, agency) pairs: one for each agency and ower."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one, agency in missed:
        # Nobody presses itself.
        if agency != one.unit:
            found[agency, one.unit].append(one.obligation)
    return [
        RemindOfMissed(
            by=agency, unit=unit, obligations=tuple(sorted(named)), effective_at=time_of(today)
        )
        for (agency, unit), named in sorted(found.items())
    ]
