"""Restating: which figures of days gone by an event recorded later has changed, and by how much.

Pure. What a figure was before the event is what followed from everything recorded before it, so
that the answer is one whatever the order of arrival, and can be had again at any time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from projections.facts import Fact
from projections.obligation import RevisionDays, derive
from projections.order import instant_of
from projections.steps import steps
from schemas.event import Effect
from schemas.measures import MEASURES, Step
from schemas.restatement import Restatement, Run
from schemas.times import Day, Instant, day_of, midnight
from schemas.tree import Tree

Figure = tuple[str, int]
"""A unit and the index of a measure."""
OWN, SUBTREE = "own", "subtree"


class Sides(NamedTuple):
    """The facts recorded before one, the steps that followed from them, and those with it."""

    earlier: Sequence[Fact]
    before: Sequence[Step]
    after: Sequence[Step]


def is_late(fact: Fact) -> bool:
    """Whether the fact may change figures of days that had ended when it was recorded.

    Imported history may not: what it tells was recorded, and told, by other means long ago.
    """
    if fact.imported or fact.effect == Effect.NOTES:
        return False
    if fact.effect == Effect.CORRECTS:
        return True
    return day_of(Instant(instant_of(fact))) < day_of(Instant(fact.recorded_at))


def published_until(recorded_at: int) -> Instant:
    """The end of the last day whose boards were told before something was recorded.

    What is recorded on one day has changed, by its end, no figure of units recorded that day.
    """
    return Instant(midnight(day_of(Instant(recorded_at))) - 1)


def restated(
    facts: Sequence[Fact],
    event_id: bytes,
    revision_days: RevisionDays,
    tree: Tree,
    published: Tree | None = None,
) -> list[Restatement]:
    """What one fact among the facts of its obligation has changed of the past; [] for nothing.

    `tree` is that of everything recorded up to the fact: a hand-over follows the reform of its own
    day, which has restated by itself who is counted under whom. `published` is that of
    `published_until(fact.recorded_at)`, the same unless given. Figures of units that did not stand
    in it on a day are not told: they were on no board.
    """
    published = tree if published is None else published
    fact = next((one for one in facts if one.event_id == event_id), None)
    # On its first day a home has told nobody anything, and may load very much.
    if fact is None or not is_late(fact) or not published.codes:
        return []
    told = sides(facts, fact, revision_days)
    own = runs(told.before, told.after, day_of(Instant(fact.recorded_at)))
    return list(_records(fact, own, tree, published))


def sides(facts: Sequence[Fact], fact: Fact, revision_days: RevisionDays) -> Sides:
    """Both sides of one of the facts of an obligation."""
    earlier = [one for one in facts if _recorded(one) < _recorded(fact)]
    before = steps(derive(earlier, None, revision_days)) if earlier else ()
    return Sides(earlier, before, steps(derive([*earlier, fact], None, revision_days)))


def _recorded(fact: Fact) -> tuple[int, bytes]:
    return (fact.recorded_at, fact.event_id)


def runs(
    before: Iterable[Step], after: Iterable[Step], until: Day
) -> dict[Figure, tuple[Run, ...]]:
    """By ower and measure the days before `until` whose figures differ."""
    differences: defaultdict[Figure, Counter[int]] = defaultdict(Counter)
    for told, sign in ((before, -1), (after, 1)):
        for step in told:
            differences[step.ower, step.measure][day_of(Instant(step.at))] += sign * step.sign
    found = {figure: _runs(by_day, until) for figure, by_day in differences.items()}
    return {figure: some for figure, some in found.items() if some}


def _runs(by_day: Mapping[int, int], until: Day) -> tuple[Run, ...]:
    """Changes of a difference by day -> the stretches before `until` where it is not 0."""
    days = sorted(day for day, change in by_day.items() if change and day < until)
    made: list[Run] = []
    total = 0
    for at, day in enumerate(days):
        following = days[at + 1] if at + 1 < len(days) else until
        total += by_day[day]
        if total:
            made.append(Run(Day(day), Day(following - 1), total))
    return tuple(made)


def _records(
    fact: Fact, own: Mapping[Figure, tuple[Run, ...]], tree: Tree, published: Tree
) -> Iterator[Restatement]:
    subtree: defaultdict[Figure, Counter[int]] = defaultdict(Counter)
    standing: dict[Figure, tuple[Run, ...]] = {}
    for (ower, measure), some in own.items():
        for run in some:
            for unit, first, last in _above(ower, run, tree, published):
                subtree[unit, measure][first] += run.difference
                subtree[unit, measure][last + 1] -= run.difference
                if unit == ower:
                    standing[ower, measure] = some
    above = {figure: _runs(by_day, Day(max(by_day) + 1)) for figure, by_day in subtree.items()}
    for scope, figures in ((OWN, standing), (SUBTREE, above)):
        for unit, measure in sorted(figures):
            if figures[unit, measure]:
                yield Restatement(
                    event_id=fact.event_id,
                    recorded_at=Instant(fact.recorded_at),
                    effective_at=Instant(fact.effective_at),
                    obligation=fact.obligation,
                    unit=unit,
                    scope=scope,
                    measure=MEASURES[measure],
                    runs=figures[unit, measure],
                )


def _above(ower: str, run: Run, tree: Tree, published: Tree) -> Iterator[tuple[str, Day, Day]]:
    """The units with boards that held the ower during a run, each with the days that it did."""
    days = {*tree.days, *published.days}
    cuts = sorted(day for day in days if run.first < day <= run.last)
    for first, following in zip([run.first, *cuts], [*cuts, Day(run.last + 1)], strict=True):
        day, told = tree.at(first), published.at(first)
        for unit in day.path(ower) if ower in day else ():
            if unit in told:
                yield unit, first, Day(following - 1)
