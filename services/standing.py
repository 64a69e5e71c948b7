"""Standing duties: what the events of programmes and classes say is owed again and again.

Pure. Rules, members of classes, declared participation and conditions met, as of any day.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from schemas.due import DueRule, Fixed, Occurrence, Undated, due_after, is_dated, occurrences
from schemas.due_text import parse_rule
from schemas.event import OBLIGATION_KINDS, Event, EventId
from schemas.events.programme import (
    ConditionMet,
    ParticipationDeclared,
    ProgrammeAmended,
    ProgrammeClosed,
    ProgrammeIssued,
    ReportingRuleEstablished,
    ReportingRuleWithdrawn,
)
from schemas.events.unit import UnitClassMembersSet
from schemas.periods import PeriodKind, parse_period
from schemas.refusal import Refused
from schemas.times import Day, day_of
from services.document_rules import is_of_old_load
from services.working_days import on_a_working_day

TYPES: tuple[type[Event], ...] = (
    ProgrammeIssued,
    ProgrammeAmended,
    ProgrammeClosed,
    ReportingRuleEstablished,
    ReportingRuleWithdrawn,
    ParticipationDeclared,
    ConditionMet,
    UnitClassMembersSet,
)
"""Everything that the calendar follows from, but for the unit tree."""
CLASS = "class:"
"""How a rule names the members of a class among its owers."""
PLANNED_AHEAD_DAYS = 366 * 6
"""A duty of a later year may be due before that year (S4:43), by at most five years."""

Stands = Callable[[str, Day], bool]
"""Whether a unit stands on a day and has not ended."""


class Ower(NamedTuple):
    """Who owes one occurrence, since when, and which event says so where it is not the rule."""

    unit: str
    opens_on: Day
    cause: EventId | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule as it stands: its words parsed, and what has ended it since."""

    event: ReportingRuleEstablished
    issued: ProgrammeIssued
    due: DueRule
    withdrawn: ReportingRuleWithdrawn | None
    dropped: ProgrammeAmended | None
    closed: ProgrammeClosed | None
    conditions: tuple[ConditionMet, ...]

    @property
    def item(self) -> str:
        """What its obligations are called by: the task that it realises, else itself."""
        return self.event.item or self.event.rule

    @property
    def kind(self) -> str:
        """The kind of its obligations; a word that is none of them is a report of some sort."""
        return self.event.report_kind if self.event.report_kind in OBLIGATION_KINDS else "report"

    @property
    def in_force_on(self) -> Day:
        """Since when it holds: never before its programme."""
        begins = self.event.valid_from
        if begins is None:
            begins = day_of(self.event.effective_at)
        return max(begins, self.issued.in_force_on or begins)

    @property
    def dated(self) -> bool:
        return is_dated(self.due)

    def occurrences(self, until: Day) -> Iterator[tuple[Occurrence, EventId | None]]:
        """Every time that it applies and opens before `until`; what it follows where an event."""
        days_off = self.issued.days_off or ()
        for one, event in self._as_worded(until):
            shifted = on_a_working_day(one, days_off) if self.issued.shifts_to_working_day else one
            yield shifted, event

    def _as_worded(self, until: Day) -> Iterator[tuple[Occurrence, EventId | None]]:
        if self.event.valid_to is not None and self.event.valid_to < self.in_force_on:
            return  # It ended before it began: it never held.
        if isinstance(self.due, Undated) and self.due.kind == "after_event":
            yield from self._after_events(self.due)
            return
        skips = self.event.skips or ()
        for one in occurrences(
            self.due,
            self.in_force_on,
            self._ends(until),
            before_is_exclusive=self.issued.before_is_exclusive,
            kinds=tuple(PeriodKind(w) for w in self.event.period_kinds if w in tuple(PeriodKind)),
        ):
            if one.opens_on < until and str(one.period).rpartition("-")[2] not in skips:
                yield one, None

    def _after_events(self, due: Undated) -> Iterator[tuple[Occurrence, EventId | None]]:
        """Owed once, from the day on which what it waits for has happened."""
        for met in self.conditions[:1]:
            happened_on = day_of(met.effective_at)
            opens_on = max(happened_on, self.in_force_on)
            yield Occurrence(None, due_after(due, happened_on), opens_on), met.event_id

    def _ends(self, until: Day) -> Day:
        """The day (exclusive) up to which its periods may begin."""
        lasts = (self.event.valid_to, self.issued.covers_to, Day(until + PLANNED_AHEAD_DAYS))
        return min(Day(last + 1) for last in lasts if last is not None)

    def ended(self, one: Occurrence) -> Event | None:
        """What ended this occurrence, begun or not; None where it is still owed.

        A dropped item is owed no longer where it was not due yet. What a closed programme had
        begun stays owed, until somebody waives it.
        """
        if self.withdrawn is not None and self._after_the_last(self.withdrawn, one):
            return self.withdrawn
        if self.dropped is not None:
            end = one.due_before or (one.period.end if one.period else None)
            if end is None or end > day_of(self.dropped.effective_at):
                return self.dropped
        if self.closed is not None and one.opens_on > day_of(self.closed.effective_at):
            return self.closed
        return None

    @staticmethod
    def _after_the_last(withdrawn: ReportingRuleWithdrawn, one: Occurrence) -> bool:
        if withdrawn.last_period is None or one.period is None:
            return one.opens_on >= day_of(withdrawn.effective_at)
        return one.period.end > parse_period(withdrawn.last_period).end


@dataclass(frozen=True)
class Members:
    """Who belongs to which class since when: by class, in order."""

    sets: dict[str, list[UnitClassMembersSet]] = field(default_factory=lambda: defaultdict(list))

    def spread(self, references: Sequence[str], programme: str, on: Day) -> tuple[str, ...]:
        """Units and classes -> units, in order, each once: of two classes it owes one duty."""
        found: dict[str, None] = {}
        for reference in references:
            if reference.startswith(CLASS):
                told = self.set_on(reference, programme, on)
                found.update(dict.fromkeys(told.members if told else ()))
            else:
                found[reference] = None
        return tuple(found)

    def set_on(self, reference: str, programme: str, on: Day) -> UnitClassMembersSet | None:
        """The last list of members of a class that holds on a day."""
        last = None
        for one in self._of(reference, programme):
            if day_of(one.effective_at) <= on:
                last = one
        return last

    def ever(self, references: Sequence[str], programme: str) -> tuple[str, ...]:
        """All who ever were among them."""
        found: dict[str, None] = {}
        for reference in references:
            if not reference.startswith(CLASS):
                found[reference] = None
            for one in self._of(reference, programme):
                found.update(dict.fromkeys(one.members))
        return tuple(found)

    def _of(self, reference: str, programme: str) -> Iterator[UnitClassMembersSet]:
        for one in self.sets.get(reference.removeprefix(CLASS), ()):
            # A class may be set for one programme alone.
            if one.programme in (None, programme):
                yield one


class Standing:
    """The facts of all programmes, laid out for asking. `facts` come in the ledger's order."""

    def __init__(self, facts: Iterable[Event], stands: Stands) -> None:
        self._stands = stands
        self.members = Members()
        self._told: dict[str, list[Event]] = defaultdict(list)
        for event in sorted(facts, key=_place):
            if isinstance(event, UnitClassMembersSet):
                self.members.sets[event.unit_class].append(event)
            elif event.programme is not None:
                self._told[event.programme].append(event)

    @property
    def programmes(self) -> tuple[str, ...]:
        return tuple(sorted(self._told))

    def rules(self, programme: str) -> tuple[Rule, ...]:
        """The rules of a programme that open something, in the order in which they were made.

        Of two with one id the first holds; one whose words mean nothing opens nothing.
        """
        told = self._told.get(programme, [])
        issued = next((one for one in told if isinstance(one, ProgrammeIssued)), None)
        if issued is None:
            return ()
        first: dict[str, ReportingRuleEstablished] = {}
        for event in told:
            if isinstance(event, ReportingRuleEstablished) and not is_of_old_load(event):
                first.setdefault(event.rule, event)
        found = (_rule(event, issued, told) for event in first.values())
        return tuple(rule for rule in found if rule is not None)

    def owers(self, rule: Rule, one: Occurrence) -> Iterator[Ower]:
        """Who owes an occurrence: the members of its opening day that stand then."""
        programme = rule.issued.programme or ""
        if rule.event.conditional:
            yield from self._willing(rule, one, programme)
            return
        for unit in self.members.spread(rule.event.owers, programme, one.opens_on):
            if self._stands(unit, one.opens_on):
                yield Ower(unit, one.opens_on)

    def _willing(self, rule: Rule, one: Occurrence, programme: str) -> Iterator[Ower]:
        """Those of them who say that the condition holds, from the day on which they say so."""
        for unit in self.members.ever(rule.event.owers, programme):
            declared = self._declared(programme, rule.item, unit, one)
            if declared is None:
                continue
            opens_on = max(one.opens_on, day_of(declared.effective_at))
            belongs = unit in self.members.spread(rule.event.owers, programme, opens_on)
            in_time = one.due_before is None or opens_on < one.due_before
            if belongs and in_time and self._stands(unit, opens_on):
                yield Ower(unit, opens_on, declared.event_id)

    def _declared(
        self, programme: str, item: str, unit: str, one: Occurrence
    ) -> ParticipationDeclared | None:
        """What the unit said last before the opening day, or first after it."""
        said = [event for event in self.declarations(programme, item) if event.unit == unit]
        before = [event for event in said if day_of(event.effective_at) <= one.opens_on]
        if before and before[-1].holds:
            return before[-1]
        later = [event for event in said if event not in before and event.holds]
        return later[0] if later else None

    def declarations(self, programme: str, item: str) -> Iterator[ParticipationDeclared]:
        """What was declared about an item, in order."""
        for event in self._told.get(programme, ()):
            if isinstance(event, ParticipationDeclared) and event.item == item:
                yield event


def _rule(
    event: ReportingRuleEstablished, issued: ProgrammeIssued, told: Sequence[Event]
) -> Rule | None:
    try:
        due = parse_rule(json.loads(event.due_rule or '{"kind":"unspecified"}'))
    except (Refused, ValueError):
        return None
    if isinstance(due, Fixed) and due.kind == "target_by":
        return None  # A target is no duty (shape 9).
    item = event.item or event.rule
    trigger = due.trigger if isinstance(due, Undated) else None
    return Rule(
        event=event,
        issued=issued,
        due=due,
        withdrawn=_first(
            one
            for one in told
            if isinstance(one, ReportingRuleWithdrawn) and one.rule == event.rule
        ),
        dropped=_first(
            one for one in told if isinstance(one, ProgrammeAmended) and item in one.items_dropped
        ),
        closed=_first(one for one in told if isinstance(one, ProgrammeClosed)),
        conditions=tuple(
            one
            for one in told
            if isinstance(one, ConditionMet)
            and (one.item == item or (one.item is None and one.condition == trigger))
        ),
    )


_E = TypeVar("_E")


def _first(found: Iterator[_E]) -> _E | None:
    return next(found, None)


def _place(event: Event) -> tuple[int, bool, int]:
    # What issues a programme comes before what else is said at that instant; sorting is stable,
    # so that what is left equal stays in the order of the ledger.
    return (event.effective_at, not isinstance(event, ProgrammeIssued), event.recorded_at)
