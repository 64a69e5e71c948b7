"""Restating by the tree: subtree figures of days gone by that a unit event recorded later changes.

Pure. The figures carried from one superior to another are the units' own as they are known now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.restating import SUBTREE, published_until
from schemas.measures import MEASURES
from schemas.restatement import Restatement, Run
from schemas.times import Day, Instant, day_of
from schemas.tree import DayTree, Tree
from schemas.unit_facts import ESTABLISHED, RENAMED, UnitFact

DAYS_MAX = 400
"""Most days that are compared for one event, the last ones: further back nothing is told."""

Ints = NDArray[np.int64]
Own = Callable[[Sequence[str], Day], NDArray[np.int64]]
"""(units, day) -> their own figures at the day's end, one row per unit, measures in wire order."""


class _Carried(NamedTuple):
    """Which own figures each upper unit has gained (+1) or lost (-1) on a stretch of days."""

    members: Sequence[str]
    uppers: Sequence[str]
    upper: Ints
    member: Ints
    sign: Ints


def is_late_unit(fact: UnitFact) -> bool:
    """Whether a unit event may change whom others' figures were counted under, on days gone by."""
    if fact.imported or fact.what in (ESTABLISHED, RENAMED):
        return False
    return fact.day < day_of(Instant(fact.recorded_at))


def restated_units(fact: UnitFact, tree: Tree, own: Own) -> list[Restatement]:
    """What one fact of the tree has changed of the past, beside all that was recorded before it.

    Only units that stood in the tree of published_until are told of: others were on no board.
    """
    if not is_late_unit(fact):
        return []
    before, after = _trees(fact, tree)
    published = tree.as_known(published_until(fact.recorded_at))
    until = day_of(Instant(fact.recorded_at))
    first = max(fact.day, until - DAYS_MAX)
    cuts = {day for one in (before, after) for day in one.days if first < day < until}
    stretches = [first, *sorted(cuts), until]
    runs: dict[tuple[str, int], list[Run]] = {}
    for begin, end in pairwise(stretches):
        carried = _carried(before.at(Day(begin)), after.at(Day(begin)), published)
        if carried is not None:
            for day in range(begin, end):
                _add(runs, carried, Day(day), own)
    return [
        Restatement(
            event_id=fact.event_id,
            recorded_at=Instant(fact.recorded_at),
            effective_at=Instant(fact.effective_at),
            obligation=None,
            unit=unit,
            scope=SUBTREE,
            measure=MEASURES[measure],
            runs=tuple(runs[unit, measure]),
        )
        for unit, measure in sorted(runs)
    ]


def _trees(fact: UnitFact, tree: Tree) -> tuple[Tree, Tree]:
    """The tree of what was recorded before the fact, and of that and the fact."""
    place = (fact.recorded_at, fact.event_id)
    later = {one.event_id for one in tree.facts if (one.recorded_at, one.event_id) > place}
    return tree.without({*later, fact.event_id}), tree.without(later)


def _carried(before: DayTree, after: DayTree, published: Tree) -> _Carried | None:
    """What moved between two trees of one day; None for nothing."""
    told = published.at(before.day)
    members = sorted({*_moved(before, after), *_moved(after, before)})
    pairs = [
        (upper, number, sign)
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


def _moved(one: DayTree, other: DayTree) -> Iterator[str]:
    """The units below those that stand elsewhere in the other tree, with them."""
    for unit in one.preorder:
        if unit not in other or one.parent(unit) != other.parent(unit):
            yield from one.subtree(unit)


def _path(tree: DayTree, unit: str) -> frozenset[str]:
    return frozenset(tree.path(unit)) if unit in tree else frozenset()


def _signs(before: frozenset[str], after: frozenset[str]) -> Iterator[tuple[str, int]]:
    yield from ((upper, -1) for upper in before - after)
    yield from ((upper, 1) for upper in after - before)


def _add(runs: dict[tuple[str, int], list[Run]], carried: _Carried, day: Day, own: Own) -> None:
    """Enter the differences of one day; a run goes on where its difference stays."""
    figures = own(carried.members, day)
    differences = np.zeros((len(carried.uppers), figures.shape[1]), np.int64)
    np.add.at(differences, carried.upper, carried.sign[:, None] * figures[carried.member])
    for number, measure in zip(*np.nonzero(differences), strict=True):
        told = runs.setdefault((carried.uppers[number], int(measure)), [])
        difference = int(differences[number, measure])
        if told and told[-1].last == day - 1 and told[-1].difference == difference:
            told[-1] = told[-1]._replace(last=day)
        else:
            told.append(Run(day, day, difference))
