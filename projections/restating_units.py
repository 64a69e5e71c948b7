"""Restating by the tree: subtree figures of days gone by that unit events recorded later change.

Pure. The figures carried from one superior to another are the units' own as they are known now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.restating import SUBTREE, published_until
from schemas.measures import MEASURES
from schemas.restatement import Restatement, Run
from schemas.times import Day, Instant, day_of
from schemas.tree import DayTree, Tree
from schemas.unit_facts import ENACTED, ESTABLISHED, RENAMED, UnitFact

DAYS_MAX = 400
"""Most days that are compared for unit events, the last ones: further back nothing is told."""
UNIT_DAYS_MAX = 400_000
"""Most own figures that are looked up for it, about a second: of many units fewer days are told."""

Ints = NDArray[np.int64]
Own = Callable[[Sequence[str], Iterable[int]], Iterable[NDArray[np.int64]]]
"""(units, days) -> by day their own figures at its end, one row each, measures in wire order."""
Place = tuple[int, str, int]
"""Which of the facts, whose figure, which measure."""


class _Carried(NamedTuple):
    """Which own figures each upper unit has gained (+1) or lost (-1) on a stretch of days.

    `uppers` are (which of the facts it was, the unit); `upper` and `member` are places.
    """

    members: Sequence[str]
    uppers: Sequence[tuple[int, str]]
    upper: Ints
    member: Ints
    sign: Ints


def is_late_unit(fact: UnitFact) -> bool:
    """Whether a unit event may change under whom figures of days gone by were counted.

    A reform does, not its parts.
    """
    if fact.imported or fact.what in (ESTABLISHED, RENAMED):
        return False
    if fact.reform is not None and fact.what != ENACTED:
        return False
    return fact.day < day_of(Instant(fact.recorded_at))


def restated_units(facts: Sequence[UnitFact], tree: Tree, own: Own) -> list[Restatement]:
    """What late facts of the tree, told together, have changed beside all recorded before them.

    A figure is told because of the fact that names the unit that stands elsewhere now, else of the
    last one. Only units that stood in the tree of published_until are told of: others were on no
    board.
    """
    facts = sorted(filter(is_late_unit, facts), key=_recorded)
    if not facts:
        return []
    before, after = _trees(facts, tree)
    known = published_until(facts[0].recorded_at)
    published = before.as_known(known) if before.recorded_after(known) else before
    if not any(fact.unit in published.units for fact in facts):
        return []
    until = day_of(Instant(facts[0].recorded_at))
    first = Day(max(min(fact.day for fact in facts), until - DAYS_MAX))
    cuts = {day for one in (before, after) for day in one.days if first < day < until}
    stretches = list(pairwise([first, *sorted(cuts), until]))
    because = _because(facts, tree)
    plan: list[tuple[_Carried, range]] = []
    left = UNIT_DAYS_MAX
    # The last days first: they are told whatever there is to do.
    for begin, end in reversed(stretches):
        carried = _carried(because, before.at(Day(begin)), after.at(Day(begin)), published)
        if carried is not None:
            days = range(max(begin, end - left // len(carried.members)), end)
            left -= len(days) * len(carried.members)
            plan.append((carried, days))
    runs: dict[Place, list[Run]] = {}
    for carried, days in reversed(plan):
        _add(runs, carried, days, own)
    return list(_records(facts, runs))


def _recorded(fact: UnitFact) -> tuple[int, bytes]:
    return (fact.recorded_at, fact.event_id)


def _trees(facts: Sequence[UnitFact], tree: Tree) -> tuple[Tree, Tree]:
    """The tree of what was recorded before the facts, and of that and the facts."""
    last = _recorded(facts[-1])
    later = {one.event_id for one in tree.facts if _recorded(one) > last}
    ours = {fact.event_id for fact in facts}
    return tree.without(later | ours), tree.without(later) if later else tree


def _because(facts: Sequence[UnitFact], tree: Tree) -> defaultdict[str, int]:
    """Unit -> which of the facts names it; the last one for who is named by none."""
    found: defaultdict[str, int] = defaultdict(lambda: len(facts) - 1)
    for number, fact in enumerate(facts):
        parts = [one for one in tree.facts if one.reform == fact.reform] if fact.reform else []
        for one in (*parts, fact):
            found.update(dict.fromkeys((one.unit, *one.successors), number))
    return found


def _carried(
    because: Mapping[str, int], before: DayTree, after: DayTree, published: Tree
) -> _Carried | None:
    """What moved between two trees of one day; None for nothing."""
    told = published.at(before.day)
    roots = {**_moved(before, after), **_moved(after, before)}
    members = sorted(roots)
    pairs = [
        ((because[roots[member]], upper), number, sign)
        for number, member in enumerate(members)
        for upper, sign in _signs(_path(before, member), _path(after, member))
        if upper in told
    ]
    if not pairs:
        return None
    uppers = sorted({upper for upper, _, _ in pairs})
    place = {upper: number for number, upper in enumerate(uppers)}
    return _Carried(
        members,
        uppers,
        np.array([place[upper] for upper, _, _ in pairs]),
        np.array([number for _, number, _ in pairs]),
        np.array([sign for _, _, sign in pairs]),
    )


def _moved(one: DayTree, other: DayTree) -> dict[str, str]:
    """Who stands below a unit that stands elsewhere in the other tree -> the nearest such unit."""
    found: dict[str, str] = {}
    # Parents come before their children, so that the nearest one is entered last.
    for unit in one.preorder:
        if unit not in other or one.parent(unit) != other.parent(unit):
            found.update(dict.fromkeys(one.subtree(unit), unit))
    return found


def _path(tree: DayTree, unit: str) -> frozenset[str]:
    return frozenset(tree.path(unit)) if unit in tree else frozenset()


def _signs(before: frozenset[str], after: frozenset[str]) -> Iterator[tuple[str, int]]:
    yield from ((upper, -1) for upper in before - after)
    yield from ((upper, 1) for upper in after - before)


def _add(runs: dict[Place, list[Run]], carried: _Carried, days: range, own: Own) -> None:
    """Enter the differences of the days after those entered; a run goes on where it is the same."""
    shape = (len(carried.uppers), len(MEASURES))
    told = np.zeros((*shape, len(days)), np.int32)
    sign = carried.sign[:, None]
    for at, figures in enumerate(own(carried.members, days)):
        differences = np.zeros(shape, np.int64)
        np.add.at(differences, carried.upper, sign * figures[carried.member])
        told[:, :, at] = differences
    for number, measure, first, last, difference in _stretches(told):
        place = (*carried.uppers[number], measure)
        run = Run(Day(days[first]), Day(days[last]), difference)
        some = runs.setdefault(place, [])
        if some and some[-1].last == run.first - 1 and some[-1].difference == difference:
            some[-1] = some[-1]._replace(last=run.last)
        else:
            some.append(run)


def _stretches(told: NDArray[np.int32]) -> Iterator[tuple[int, int, int, int, int]]:
    """(row, column, first, last, value) of what is not 0 and stays the same along the last axis."""
    begins = np.ones(told.shape, np.bool_)
    begins[:, :, 1:] = told[:, :, 1:] != told[:, :, :-1]
    ends = np.ones(told.shape, np.bool_)
    ends[:, :, :-1] = begins[:, :, 1:]
    rows, columns, first = np.nonzero(begins & (told != 0))
    last = np.nonzero(ends & (told != 0))[2]
    values = told[rows, columns, first]
    yield from zip(*(a.tolist() for a in (rows, columns, first, last, values)), strict=True)


def _records(facts: Sequence[UnitFact], runs: dict[Place, list[Run]]) -> Iterator[Restatement]:
    for place in sorted(runs):
        fact, unit, measure = facts[place[0]], place[1], place[2]
        yield Restatement(
            event_id=fact.event_id,
            recorded_at=Instant(fact.recorded_at),
            effective_at=Instant(fact.effective_at),
            obligation=None,
            unit=unit,
            scope=SUBTREE,
            measure=MEASURES[measure],
            runs=tuple(runs[place]),
        )
