"""Reports between those who ask for them and those who take them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.event import Event, Text
from schemas.events.report import ReportAmended, ReportReceived, ReportRequested
from schemas.events.unit import UnitClassMembersSet
from schemas.times import Day, Instant, day_of, format_day
from services import rules
from services.command import Command, OnObligation, Seen, broken, named
from services.openings import obligation_id
from services.owed import in_place, owed_of
from services.report import REPORT_KINDS, correlated

CLASS = "class:"
"""Before the code of a class of units, where units are named."""


@dataclass(frozen=True, kw_only=True)
class ReceiveReport(OnObligation):
    """The intake has in hand what was sent; it says nothing about its contents."""

    channel: str | None = None

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        owed = owed_of(seen[self.obligation])
        opened = rules.opening(owed, self.obligation, REPORT_KINDS, "report")
        rules.recipient_only(opened, self, "receive")
        sent = owed.submission
        if sent is None:
            raise broken(
                "nothing was sent that could be received; a report on paper is recorded as sent, "
                "with its day, before it is received",
                "obligation",
            )
        fields = rules.about(self, owed, opened, now) | {"causation_id": sent.event_id}
        # Days are compared: of paper one knows no hour.
        if day_of(self.at(now)) < day_of(sent.effective_at):
            sent_on = format_day(day_of(sent.effective_at))
            raise broken(f"it was sent on {sent_on} and not received before", "effective_at")
        notes = [one for one in owed.notes if isinstance(one, ReportReceived)]
        if any(one.causation_id == sent.event_id for one in notes):
            return []
        return [named(ReportReceived(**fields, channel=self.channel))]


@dataclass(frozen=True, kw_only=True)
class AmendReport(OnObligation):
    """The issuer describes anew what the report must hold."""

    area: str | None = None
    title: Text | None = None
    reason: Text | None = None

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        owed = owed_of(seen[self.obligation])
        opened = rules.opening(owed, self.obligation, REPORT_KINDS, "report")
        rules.issuer_only(opened, self, "amend")
        if self.area is None and self.title is None:
            raise broken("an amendment says what is different: its area or its title", "title")
        fields = rules.about(self, owed, opened, now)
        fields |= {"area": self.area, "title": self.title, "reason": self.reason}
        return rules.amend(owed, ReportAmended(**fields))


@dataclass(frozen=True, kw_only=True)
class RequestFromAll(Command):
    """A superior asks several units, or all members of a class, for one report each.

    `owers` are codes and `class:<code of the class>` of a class that `classes_of` has set (absent:
    `by`). Who belongs to it at that instant owes it, and whoever joins later does not.
    """

    item: str
    owers: tuple[str, ...]
    classes_of: str | None = None
    programme: str | None = None
    area: str | None = None
    due_before: Day | None = None
    title: Text | None = None
    to: tuple[str, ...] = ()
    via: str | None = None
    contents: Text | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        keeper = f"unit:{self.classes_of or self.by}"
        if not any(one.startswith(CLASS) for one in self.owers):
            return [self._obligation(unit) for unit in self.owers]
        if keeper not in seen:
            return [keeper]
        # Whom a class holds may hang on the instant: all that it ever held are looked at.
        found = [one for event in _of_classes(seen[keeper]) for one in event.members]
        return [keeper, *map(self._obligation, dict.fromkeys((*self._units(), *found)))]

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        classes = _classes(seen.get(f"unit:{self.classes_of or self.by}", ()), self.at(now))
        owers = dict.fromkeys(self._units())
        for name in (one.removeprefix(CLASS) for one in self.owers if one.startswith(CLASS)):
            if not classes.get(name):
                raise broken(f"the class {name} has no members on that day", "owers")
            owers |= dict.fromkeys(classes[name])
        events: list[Event] = []
        for unit in owers:
            obligation = self._obligation(unit)
            events += rules.open_once(owed_of(seen[obligation]), self._asked(obligation, unit, now))
        return correlated(events)

    def _units(self) -> list[str]:
        return [one for one in self.owers if not one.startswith(CLASS)]

    def _obligation(self, unit: str) -> str:
        return obligation_id(self.programme or self.by, self.item, None, unit)

    def _asked(self, obligation: str, unit: str, now: Instant) -> ReportRequested:
        fields: dict[str, Any] = {
            **self.envelope(now),
            "obligation": obligation,
            "unit": unit,
            "programme": self.programme,
            "item": self.item,
            "area": self.area,
            "due_before": self.due_before,
            "issuer": self.by,
            "title": self.title,
            "to": self.to,
            "via": self.via,
        }
        return ReportRequested(**fields, contents=self.contents)


def _of_classes(events: Sequence[Event]) -> list[UnitClassMembersSet]:
    return [one for one in in_place(events) if isinstance(one, UnitClassMembersSet)]


def _classes(events: Sequence[Event], at: Instant) -> dict[str, tuple[str, ...]]:
    """Who belongs to each class at an instant; what was set last holds."""
    told = [one for one in _of_classes(events) if one.effective_at <= at]
    return {one.unit_class: one.members for one in told}
