"""All facts of many obligations in their order, a turn of each at a time: the fold by columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.lives import UNOPENED, Facts, evolve, unopened
from projections.shard import Shard
from schemas.event import Effect
from schemas.times import Instant

Column = NDArray[Any]
Bools = NDArray[np.bool_]
Kept = Callable[[Column], Bools]

REPLAYED_FACTS_MAX = 64
"""Obligations with more facts than this are left to the reference when they are folded anew."""


class Ordered(NamedTuple):
    """Facts of obligations in order: by obligation, and by what comes first of each.

    `owner` is the position of the obligation that a row belongs to. `rank` says in which turn a
    row comes; `cause_here` whether its cause is a fact of its obligation. `opened`: an opening is
    among the facts; the columns cannot fold the `exotic` ones.
    """

    rows: Column
    place: Column
    owner: Column
    rank: Column
    cause_here: Bools
    top: Column
    opened: Bools
    exotic: Bools


class Turn(NamedTuple):
    """One fact of each of some obligations (`whose`), which change from `before` to `after`.

    `places` are those of the rows among the facts.
    """

    whose: Column
    rows: Column
    places: Column
    at: Column
    before: Column
    after: Column


def recorded_until(shard: Shard, known: Instant) -> Kept:
    """Says of places among facts whether these were recorded by then."""

    def kept(place: Column) -> Bools:
        found: Bools = shard.facts.data["recorded_at"][place] <= known
        return found

    return kept


def told_after(shard: Shard, numbers: Column, known: Instant) -> Bools:
    """Which of these obligations have a fact recorded after an instant."""
    owner, place = shard.chains(numbers)
    found = np.zeros(len(numbers), np.bool_)
    found[owner[shard.facts.data["recorded_at"][place] > known]] = True
    return found


def ordered(shard: Shard, numbers: Column, kept: Kept | None = None) -> Ordered:
    """The facts of obligations that are kept; see `Ordered`. `top` is the last one's place or -1.

    `kept` says it of places among the facts; None: all are.
    """
    owner, place = shard.chains(numbers)
    if kept is not None:
        some = kept(place)
        owner, place = owner[some], place[some]
    return in_order(shard, len(numbers), owner, place)


def in_order(shard: Shard, count: int, owner: Column, place: Column) -> Ordered:
    """The same of facts found before: `place` is one's place, and `owner` whose of `count`."""
    order = _order(shard, owner, place)
    owner, place = owner[order], place[order]
    rows = shard.facts.data[place]
    begin = np.searchsorted(owner, np.arange(count))
    size = np.diff(np.append(begin, len(owner)))
    top = np.full(count, -1, np.int64)
    any_ = size > 0
    top[any_] = place[(begin + size - 1)[any_]]
    exotic = size > REPLAYED_FACTS_MAX
    exotic[owner[rows["effect"] == Effect.CORRECTS]] = True
    cause_here = _causes_before(shard, rows, owner, exotic)
    opens = np.flatnonzero(rows["effect"] == Effect.OPENS)
    owners, at_first = np.unique(owner[opens], return_index=True)
    # The first opening goes before all; what is earlier takes place at it.
    rank = np.arange(len(rows)) - begin[owner] + 1
    rank[opens[at_first]] = 0
    opened = np.zeros(count, np.bool_)
    opened[owners] = True
    return Ordered(rows, place, owner, rank, cause_here, top, opened, exotic)


def _order(shard: Shard, owner: Column, place: Column) -> Column:
    """By obligation, then as order.placed; by instants first, which few facts share."""
    facts = shard.facts.data
    at = facts["at"][place]
    order = np.lexsort((at, owner))
    alike = (np.diff(owner[order]) == 0) & (np.diff(at[order]) == 0)
    tied = np.flatnonzero(np.append(alike, False) | np.append(False, alike))
    if len(tied):
        some = order[tied]
        rows = facts[["id0", "id1", "recorded_at", "effect"]][place[some]]
        keys = (rows["id1"].byteswap(), rows["id0"].byteswap(), rows["recorded_at"], rows["effect"])
        order[tied] = some[np.lexsort((*keys, at[some], owner[some]))]
    return order


def turns(
    shard: Shard, found: Ordered, standing: Column, until: Instant | None = None
) -> Iterator[Turn]:
    """Fold the facts, those later than `until` left out, into `standing`, which begins unopened.

    Obligations without an opening stay as they are; what becomes exotic on the way is marked in
    `found.exotic`, and its standing is undefined.
    """
    rounds = np.lexsort((found.owner, found.rank))
    takes = (found.opened & ~found.exotic)[found.owner[rounds]]
    if until is not None:
        takes &= found.rows["at"][rounds] <= until
    rounds = rounds[takes]
    if not len(rounds):
        return
    ranks = found.rank[rounds]
    edges = np.flatnonzero(np.append(True, ranks[1:] != ranks[:-1]))
    for turn in np.split(rounds, edges[1:]):
        whose, rows = found.owner[turn], found.rows[turn]
        before = standing[whose]
        part = before.copy()
        at = np.where(
            before["phase"] == UNOPENED, rows["at"], np.maximum(rows["at"], before["opened_at"])
        )
        answers = answers_of(shard, rows, part, found.cause_here[turn])
        facts = facts_at(shard, rows, found.place[turn], at, answers)
        odd = evolve(part, facts, shard.names, shard.lines)
        found.exotic[whose[odd]] = True
        standing[whose] = part
        yield Turn(whose, rows, found.place[turn], at, before, part)


class Stood(NamedTuple):
    """How obligations stood at an instant, and who of some owers was the last to owe each (-1)."""

    standing: Column
    ower: Column
    exotic: Bools


def stood(shard: Shard, numbers: Column, at: Instant, known: Instant | None, among: Bools) -> Stood:
    """How obligations stood at an instant as known; `among` marks the words of the owers meant."""
    found = ordered(shard, numbers, None if known is None else recorded_until(shard, known))
    standing = unopened(len(numbers))
    ower = np.full(len(numbers), -1, np.int64)
    for turn in turns(shard, found, standing, at):
        owers = turn.after["ower"]
        ower[turn.whose] = np.where(among[owers], owers, ower[turn.whose])
    return Stood(standing, ower, found.exotic)


def causes_of(shard: Shard, rows: Column) -> tuple[Column, Column, Bools]:
    """The ids that rows name as their cause, as two words, and which rows name one."""
    caused = rows["causation"] >= 0
    cause0 = np.zeros(len(rows), np.uint64)
    cause1 = np.zeros(len(rows), np.uint64)
    if caused.any():
        pooled = shard.pool.data[rows["causation"][caused]]
        cause0[caused], cause1[caused] = pooled["id0"], pooled["id1"]
    return cause0, cause1, caused


def answers_of(shard: Shard, rows: Column, standing: Column, cause_here: Bools) -> Column:
    """What each row names, as an answer to its standing; see lives.Facts."""
    cause0, cause1, caused = causes_of(shard, rows)
    found = np.where(caused, np.where(cause_here, 3, 2), 0)
    some = np.flatnonzero(caused & (standing["met"] >= 0))
    if len(some):
        met = shard.facts.data[standing["met"][some]]
        last = (met["id0"] == cause0[some]) & (met["id1"] == cause1[some])
        found[some[last]] = 1
    return found


def facts_at(shard: Shard, rows: Column, places: Column, at: Column, answers: Column) -> Facts:
    """The columns of one fact per obligation, as the fold of lives takes them."""
    party = shard.names.party_rows.data[rows["party"]]
    return Facts(
        place=places,
        effect=rows["effect"],
        at=at,
        judged_at=rows["at"],
        day=rows["day"],
        flag=rows["flag"],
        unit=party["unit"],
        by=party["by"],
        detail=rows["detail"],
        programme=party["programme"],
        partition=shard.entries.data["partition"][rows["obligation"]],
        answers=answers,
    )


def _causes_before(shard: Shard, rows: Column, owner: Column, exotic: Bools) -> Bools:
    """Which rows name a fact of their obligation; where that is not earlier, all is exotic."""
    here = np.zeros(len(rows), np.bool_)
    cause0, cause1, named = causes_of(shard, rows)
    caused = np.flatnonzero(named)
    if not len(caused):
        return here
    # Facts and what is sought among them in one order: a fact stands right before its seekers.
    both = np.concatenate([np.arange(len(rows)), caused])
    seeks = np.repeat([False, True], [len(rows), len(caused)])
    first = np.concatenate([rows["id0"], cause0[caused]])
    second = np.concatenate([rows["id1"], cause1[caused]])
    whose = owner[both]
    order = np.lexsort((seeks, second, first, whose))
    fact = np.maximum.accumulate(np.where(seeks[order], -1, np.arange(len(order))))
    at = np.flatnonzero(seeks[order] & (fact >= 0))
    seeker, met = order[at], order[fact[at]]
    same = (whose[seeker] == whose[met]) & (first[seeker] == first[met])
    same &= second[seeker] == second[met]
    row, cause = both[seeker[same]], both[met[same]]
    here[row] = True
    exotic[owner[row[cause >= row]]] = True
    return here
