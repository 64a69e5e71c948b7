"""The calendar: which obligations the standing rules open by a day, and which they drop again.

Pure. Rules open nothing by themselves; the daily process answers them with what is planned here.
Planned twice is the same: ids follow from rule, period and ower (events.md section 1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from schemas.due import Occurrence
from schemas.event import Event, EventId
from schemas.times import Day, midnight
from services.openings import REPORT_KINDS, Opening, obligation_id
from services.standing import Ower, Rule, Standing

AHEAD_DAYS = 45
"""How many days before its opening day an obligation is opened, where no setting says otherwise."""


class Planned(NamedTuple):
    """An obligation that is owed; `settles`: a day for one that was opened without any."""

    opening: Opening
    rule: Rule
    cause: EventId
    settles: bool = False


class Unowed(NamedTuple):
    """An obligation that is owed no longer, if it was opened; `cause` None: its unit has ended.

    `begun_too`: also where its opening day has passed.
    """

    obligation: str
    rule: Rule
    cause: Event | None
    begun_too: bool


def openings(standing: Standing, until: Day, since: Day | None = None) -> Iterator[Planned]:
    """What is owed by the rules and opens in [since, until), each obligation once.

    Of two rules for one duty the dated one gives the due, else the earlier one opens it.
    """
    for rules in _by_item(standing):
        yield from _of_item(standing, rules, until, since)


def _by_item(standing: Standing) -> Iterator[list[Rule]]:
    """The rules of each duty, in their order: a later one may give a day to an earlier one's."""
    for programme in standing.programmes:
        by_item: dict[str, list[Rule]] = defaultdict(list)
        for rule in standing.rules(programme):
            by_item[rule.item].append(rule)
        yield from by_item.values()


def _of_item(
    standing: Standing, rules: list[Rule], until: Day, since: Day | None
) -> Iterator[Planned]:
    found = (one for rule in rules for one in _of_rule(standing, rule, until, since))
    return found if len(rules) == 1 else _each_once(found)


def _each_once(found: Iterator[Planned]) -> Iterator[Planned]:
    kept: dict[str, Planned] = {}
    for one in found:
        obligation = one.opening.obligation
        earlier = kept.setdefault(obligation, one)
        if earlier.rule.dated != one.rule.dated:
            kept[obligation] = (one if one.rule.dated else earlier)._replace(settles=True)
    yield from kept.values()


def _of_rule(standing: Standing, rule: Rule, until: Day, since: Day | None) -> Iterator[Planned]:
    for one, event in rule.occurrences(until):
        if rule.ended(one) is not None:
            continue
        for ower in standing.owers(rule, one):
            if ower.opens_on < until and (since is None or ower.opens_on >= since):
                cause = ower.cause or event or rule.event.event_id
                opening = _opening(standing, rule, one, ower)
                yield Planned(opening, rule, cause, settles=event is not None)


def _opening(standing: Standing, rule: Rule, one: Occurrence, ower: Ower) -> Opening:
    event, programme = rule.event, rule.issued.programme or ""
    helpers = standing.members.spread(event.coordinating or (), programme, ower.opens_on)
    return Opening(
        obligation=obligation_id(programme, rule.item, one.period, ower.unit),
        unit=ower.unit,
        programme=programme,
        item=rule.item,
        kind=rule.kind,
        title=event.title,
        area=event.area,
        period=one.period,
        due_before=one.due_before,
        done_when=event.done_when or ("sent" if rule.kind in REPORT_KINDS else "declared"),
        issuer=event.unit,
        effective_at=midnight(ower.opens_on),
        coordinating=tuple(helper for helper in helpers if helper != ower.unit),
        to=event.to,
        via=event.via,
        rule=event.rule,
        template=event.template,
        evidence=event.evidence,
        target=event.target,
        conditional=bool(event.conditional),
        inferred=frozenset(),
    )


def unowed(standing: Standing, today: Day, until: Day) -> Iterator[Unowed]:
    """What may have been opened and is owed no longer, among all that opens before `until`.

    What a withdrawal, an amendment or a closing ends, begun or not; and of what has not begun
    today yet, that of units which will not be among the owers on its opening day.
    """
    for rules in _by_item(standing):
        # Where one rule follows another, what the first had opened may be owed by the second.
        several = len(rules) > 1
        planned = _of_item(standing, rules, until, None) if several else iter(())
        owed = {one.opening.obligation for one in planned}
        for rule in rules:
            for one in _ended_of(standing, rule, today, until):
                if one.obligation not in owed:
                    yield one


def _ended_of(standing: Standing, rule: Rule, today: Day, until: Day) -> Iterator[Unowed]:
    programme = rule.issued.programme or ""
    if rule.event.conditional:
        said = standing.declarations(programme, rule.item)
        ever: Iterable[str] = dict.fromkeys(one.unit for one in said)
    else:
        ever = standing.members.ever(rule.event.owers, programme)
    for one, _ in rule.occurrences(until):
        ended = rule.ended(one)
        if ended is None and one.opens_on <= today and not rule.event.conditional:
            continue  # Who owes it was fixed when it opened.
        owes = set() if ended else {ower.unit for ower in standing.owers(rule, one)}
        for unit in ever:
            cause = ended or _left(standing, rule, one, unit)
            # The duty of a unit that is named itself goes to its successor when it ends.
            if unit not in owes and (cause is not None or unit not in rule.event.owers):
                obligation = obligation_id(programme, rule.item, one.period, unit)
                yield Unowed(obligation, rule, cause, begun_too=ended is not None)


def _left(standing: Standing, rule: Rule, one: Occurrence, unit: str) -> Event | None:
    """What says that a unit is not among the owers; None where the unit itself has ended."""
    programme = rule.issued.programme or ""
    for said in standing.declarations(programme, rule.item):
        if said.unit == unit and not said.holds:
            return said
    for reference in rule.event.owers:
        members = standing.members.set_on(reference, programme, one.opens_on)
        if members is not None and unit not in members.members:
            return members
    return None
