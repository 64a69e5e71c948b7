"""A standing rule of a programme: made, withdrawn; who takes part, and what it waited for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never, cast

from schemas.due import DueRule, Recurring, is_dated
from schemas.due_text import parse_rule
from schemas.event import OBLIGATION_KINDS, Event, Text
from schemas.events.programme import (
    ConditionMet,
    ParticipationDeclared,
    ReportingRuleEstablished,
    ReportingRuleWithdrawn,
)
from schemas.periods import PeriodKind, parse_period
from schemas.times import Day, Instant, day_of, format_day
from services import rules
from services.command import OnProgramme, Seen, broken, named
from services.openings import REPORT_KINDS
from services.programme import Programme, by_its_issuer, in_force, programme_of
from services.unit_state import Units, needs

RULE_KINDS = tuple(
    kind for kind in OBLIGATION_KINDS if kind not in ("remedy", "petition_settlement")
)
"""What a rule may open: a remedy follows from a finding, a settlement from a petition."""
PERIOD_WORDS = (*PeriodKind, "once")


@dataclass(frozen=True, kw_only=True)
class _OnRules(OnProgramme):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        programme = programme_of(seen[f"programme:{self.programme}"])
        return decide(programme, cast("RuleCommand", self), now)


@dataclass(frozen=True, kw_only=True)
class EstablishReportingRule(_OnRules):
    """Units, or the members of classes (`class:CODE`), owe something in each period, or once.

    `due_rule` is JSON as in a programme file; without one a period has no day until a dated rule
    of the same item gives one. Its obligations are opened ahead by the calendar.
    """

    rule: str
    title: Text
    report_kind: str = "report"
    period_kinds: tuple[str, ...] = ()
    owers: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    via: str | None = None
    due_rule: str | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    template: str | None = None
    item: str | None = None
    area: str | None = None
    copied: tuple[str, ...] = ()
    done_when: str | None = None
    coordinating: tuple[str, ...] = ()
    evidence: Text | None = None
    target: Text | None = None
    conditional: bool = False
    skips: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WithdrawReportingRule(_OnRules):
    """The issuer ends a rule; `last_period` is the last one still owed, e.g. 2012-Q2."""

    rule: str
    last_period: str | None = None
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class DeclareParticipation(_OnRules):
    """A unit, or a superior for it, says that a condition holds and it takes part in an item."""

    item: str
    unit: str | None = None
    holds: bool = True

    def streams(self, seen: Seen) -> Sequence[str]:
        return (f"programme:{self.programme}", *needs([self.unit or self.by], seen))

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        programme = programme_of(seen[f"programme:{self.programme}"])
        issued = in_force(programme, self.programme)
        unit = self.unit or self.by
        if self.by not in (unit, issued.unit, *Units(seen, self.at(now)).above(unit)):
            raise broken(f"only {unit} or a superior of it may say whether it takes part", "by")
        return _participation(programme, self, unit, now)


@dataclass(frozen=True, kw_only=True)
class MeetCondition(_OnRules):
    """Something outside happened for which a due waits; any unit may record it."""

    condition: str
    item: str | None = None
    text: Text | None = None


RuleCommand: TypeAlias = EstablishReportingRule | WithdrawReportingRule | MeetCondition


def decide(programme: Programme, command: RuleCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    fields = {**command.envelope(now), "unit": command.by, "programme": command.programme}
    if isinstance(command, MeetCondition):
        in_force(programme, command.programme)
        return _met(programme, command, fields)
    by_its_issuer(programme, command.programme, command.by)
    match command:
        case EstablishReportingRule():
            return _established(programme, command, fields)
        case WithdrawReportingRule():
            return _withdrawn(programme, command, fields)
        case _:
            assert_never(command)


def _established(
    programme: Programme, command: EstablishReportingRule, fields: dict[str, Any]
) -> list[Event]:
    by_kind = "sent" if command.report_kind in REPORT_KINDS else "declared"
    event = ReportingRuleEstablished(
        **fields,
        rule=command.rule,
        title=command.title,
        report_kind=command.report_kind,
        period_kinds=command.period_kinds,
        owers=command.owers,
        to=command.to,
        via=command.via,
        due_rule=command.due_rule,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
        template=command.template,
        item=command.item,
        area=command.area,
        copied=command.copied or None,
        done_when=command.done_when or by_kind,
        coordinating=command.coordinating or None,
        evidence=command.evidence,
        target=command.target,
        conditional=command.conditional or None,
        skips=command.skips or None,
    )
    for earlier in programme.rules:
        if earlier.rule == command.rule:
            if rules.same_words(earlier, event):
                return []
            raise broken(f"rule {command.rule} stands already; a new rule has a new id", "rule")
    _check_words(event)
    gone = {one.rule for one in programme.withdrawn}
    for earlier in programme.rules:
        if earlier.rule not in gone:
            _check_overlap(earlier, event)
    return [named(event)]


def _check_words(event: ReportingRuleEstablished) -> None:
    """A rule whose words could open nothing, or the wrong thing, is refused when it is made."""
    if event.report_kind not in RULE_KINDS:
        raise broken(f"a rule opens one of {', '.join(RULE_KINDS)}", "report_kind")
    for word in event.period_kinds:
        if word not in PERIOD_WORDS:
            raise broken(f"a period is one of {', '.join(PERIOD_WORDS)}", "period_kinds")
    if not event.owers:
        raise broken("a rule says who owes it: units, or class:CODE", "owers")
    since = event.valid_from
    if since is not None and event.valid_to is not None and event.valid_to < since:
        raise broken(
            f"a rule ends after it begins; {format_day(event.valid_to)} lies before "
            f"{format_day(since)}",
            "valid_to",
        )
    due = _due_of(event)
    of_due = due.period if isinstance(due, Recurring) else None
    if of_due is not None and event.period_kinds and of_due not in event.period_kinds:
        raise broken(f"the due is one of each {of_due}, the period is another", "period_kinds")


def _due_of(event: ReportingRuleEstablished) -> DueRule | None:
    """Raises Refused, with the place, for a rule that cannot be read."""
    if event.due_rule is None:
        return None
    try:
        value = json.loads(event.due_rule)
    except ValueError as error:
        raise broken(f"the due rule is no JSON: {error}", "due_rule") from error
    return parse_rule(value, "due_rule")


def _check_overlap(earlier: ReportingRuleEstablished, event: ReportingRuleEstablished) -> None:
    """Two rules would lay one duty on a unit twice, with two dues.

    A dated rule may come beside one without a day: it gives that one's periods their day (S1:185).
    """
    if (earlier.item or earlier.rule) != (event.item or event.rule):
        return
    if not set(earlier.owers) & set(event.owers):
        return
    kinds = set(earlier.period_kinds), set(event.period_kinds)
    if all(kinds) and not kinds[0] & kinds[1]:
        return
    if not _has_a_day(earlier) and _has_a_day(event):
        return
    first, second = sorted((_validity(earlier), _validity(event)))
    if second[0] <= first[1]:
        raise broken(
            f"rules of one duty do not overlap; {earlier.rule} holds for "
            f"{event.item or event.rule}: withdraw it, or let this one begin later",
            "valid_from",
        )


def _has_a_day(event: ReportingRuleEstablished) -> bool:
    due = _due_of(event)
    return due is not None and is_dated(due)


def _validity(event: ReportingRuleEstablished) -> tuple[int, float]:
    since = day_of(event.effective_at) if event.valid_from is None else event.valid_from
    return since, float("inf") if event.valid_to is None else event.valid_to


def _withdrawn(
    programme: Programme, command: WithdrawReportingRule, fields: dict[str, Any]
) -> list[Event]:
    event = ReportingRuleWithdrawn(
        **fields, rule=command.rule, last_period=command.last_period, reason=command.reason
    )
    if command.rule not in [one.rule for one in programme.rules]:
        raise broken(f"{command.programme} has no rule {command.rule}", "rule")
    if command.last_period is not None:
        try:
            parse_period(command.last_period)
        except ValueError as error:
            raise broken(str(error), "last_period") from error
    for earlier in programme.withdrawn:
        if earlier.rule == command.rule:
            if rules.same_words(earlier, event):
                return []
            raise broken(f"rule {command.rule} is withdrawn already", "rule")
    return [named(event)]


def _participation(
    programme: Programme, command: DeclareParticipation, unit: str, now: Instant
) -> list[Event]:
    binding = [one.item or one.rule for one in programme.rules if one.conditional]
    if command.item not in binding:
        raise broken(f"{command.item} binds whoever its rule names; nobody opts in", "item")
    said = [
        one.holds
        for one in programme.said
        if isinstance(one, ParticipationDeclared) and (one.item, one.unit) == (command.item, unit)
    ]
    if (said[-1] if said else False) == command.holds:
        return []
    event = ParticipationDeclared(
        **command.envelope(now),
        unit=unit,
        programme=command.programme,
        item=command.item,
        holds=command.holds,
    )
    return [named(event)]


def _met(programme: Programme, command: MeetCondition, fields: dict[str, Any]) -> list[Event]:
    event = ConditionMet(
        **fields, condition=command.condition, item=command.item, text=command.text
    )
    known = [one for one in programme.said if isinstance(one, ConditionMet)]
    if (command.condition, command.item) in [(one.condition, one.item) for one in known]:
        return []
    return [named(event)]
