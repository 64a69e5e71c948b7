"""Refolding: what obligations add to the counts with all their facts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.life import Life, Phase
from projections.lives import (
    NO_CHANGES,
    STANDING,
    UNOPENED,
    Changes,
    Facts,
    changes,
    evolve,
    local_days,
    unopened,
)
from projections.shard import Shard
from projections.steps import steps
from schemas.event import Effect
from schemas.frame import LadderEntry
from schemas.measures import Slice
from schemas.times import Instant, day_of

Column = NDArray[Any]
Bools = NDArray[np.bool_]

FEW = 16
"""So few obligations are folded anew by the reference: numpy's calls would cost more than it."""
REPLAYED_FACTS_MAX = 64
"""Obligations with more facts than this are left to the reference when they are folded anew."""


class Lived(NamedTuple):
    """Lives: what they add (both by obligation), how they stand, which fact is last in order."""

    changes: list[Changes]
    ladder: list[tuple[int, LadderEntry]]
    standing: Column
    top: Column
    exotic: Bools


def refold(shard: Shard, numbers: Column) -> Lived:
    """What obligations add to the counts with all their facts, and how they stand then."""
    made = replay(shard, numbers) if len(numbers) > FEW else _left_to_reference(numbers)
    for row in np.flatnonzero(made.exotic).tolist():
        number = int(numbers[row])
        life = shard.life(number)
        made.changes.append(_reference_changes(shard, number, life))
        made.ladder.extend(
            (number, LadderEntry(d.note, d.document, d.ower, day_of(Instant(d.at))))
            for d in life.ladder
        )
        made.standing[row] = _reference_standing(shard, life)
        shard.owe_all(number, [ower for _, ower in life.owers])
    return made


def _left_to_reference(numbers: Column) -> Lived:
    size = len(numbers)
    return Lived([], [], unopened(size), np.full(size, -1, np.int64), np.ones(size, np.bool_))


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


def ladder_of(
    shard: Shard, rows: Column, standing: Column, at: Column
) -> list[tuple[int, LadderEntry]]:
    """The ladder entries among rows: (row, entry)."""
    notes = np.flatnonzero(
        (rows["effect"] == Effect.NOTES)
        & (standing["phase"] != UNOPENED)
        & (standing["phase"] != Phase.DROPPED)
    )
    details = shard.names.detail_rows.data[rows["detail"][notes]]
    some = np.flatnonzero(details["special"])
    notes, details = notes[some], details[some]
    if not len(notes):
        return []
    words = shard.names.words
    columns = (notes, details["word"], standing["ower"][notes], local_days(at[notes]))
    return [
        (row, LadderEntry(words[note] or "", document, words[ower] or "", day))
        for row, note, ower, day, document in zip(
            *(c.tolist() for c in columns), shard.documents(rows[notes]), strict=True
        )
    ]


def replay(shard: Shard, numbers: Column) -> Lived:
    """Fold all facts of obligations, in their order, by columns; `exotic` ones add nothing."""
    owner, place = shard.chains(numbers)
    rows = shard.facts.data[place]
    order = np.lexsort(
        (
            rows["id1"].byteswap(),
            rows["id0"].byteswap(),
            rows["recorded_at"],
            rows["effect"],
            rows["at"],
            owner,
        )
    )
    owner, place, rows = owner[order], place[order], rows[order]
    begin = np.searchsorted(owner, np.arange(len(numbers)))
    size = np.diff(np.append(begin, len(owner)))
    standing = unopened(len(numbers))
    top = np.full(len(numbers), -1, np.int64)
    some = size > 0
    top[some] = place[(begin + size - 1)[some]]
    exotic = size > REPLAYED_FACTS_MAX
    exotic[owner[rows["effect"] == Effect.CORRECTS]] = True
    cause_here = _causes_before(shard, rows, owner, exotic)
    opens = np.flatnonzero(rows["effect"] == Effect.OPENS)
    owners, at_first = np.unique(owner[opens], return_index=True)
    first = opens[at_first]
    # The first opening goes before all; what is earlier takes place at it.
    rank = np.arange(len(rows)) - begin[owner] + 1
    rank[first] = 0
    unset = np.ones(len(numbers), np.bool_)
    unset[owners] = False
    rounds = np.lexsort((owner, rank))
    rounds = rounds[~(unset | exotic)[owner[rounds]]]
    made = Lived([], [], standing, top, exotic)
    if len(rounds):
        _rounds(shard, numbers, made, rows, place, owner, rank, cause_here, rounds)
    kept = ~exotic
    made.changes[:] = [_kept(change, numbers, kept) for change in made.changes]
    return made


def _kept(change: Changes, numbers: Column, kept: Bools) -> Changes:
    """The changes of the kept ones; owners were positions and become obligations."""
    some = change.of(np.flatnonzero(kept[change.owner]))
    return some._replace(owner=numbers[some.owner])


def _causes_before(shard: Shard, rows: Column, owner: Column, exotic: Bools) -> Bools:
    """Which rows name a fact of their obligation; where that is not earlier, all is exotic."""
    here = np.zeros(len(rows), np.bool_)
    caused = np.flatnonzero(rows["causation"] >= 0)
    if not len(caused):
        return here
    pooled = shard.pool.data[rows["causation"][caused]]
    index = np.lexsort((rows["id1"], rows["id0"], owner))
    keys = rows[["id0", "id1"]][index]
    at_owner = owner[index]
    for row, cause in zip(caused.tolist(), pooled, strict=True):
        a, b = np.searchsorted(at_owner, [owner[row], owner[row] + 1])
        same = (keys["id0"][a:b] == cause["id0"]) & (keys["id1"][a:b] == cause["id1"])
        found = index[a:b][same]
        if len(found):
            here[row] = True
            if found[0] >= row:
                exotic[owner[row]] = True
    return here


def _rounds(
    shard: Shard,
    numbers: Column,
    made: Lived,
    rows: Column,
    place: Column,
    owner: Column,
    rank: Column,
    cause_here: Bools,
    rounds: Column,
) -> None:
    ladders: list[tuple[int, LadderEntry]] = []
    ranks = rank[rounds]
    edges = np.flatnonzero(np.append(True, ranks[1:] != ranks[:-1]))
    for turn in np.split(rounds, edges[1:]):
        whose = owner[turn]
        part = made.standing[whose]
        before = part.copy()
        these = rows[turn]
        at = np.where(
            before["phase"] == UNOPENED, these["at"], np.maximum(these["at"], before["opened_at"])
        )
        answers = answers_of(shard, these, part, cause_here[turn])
        facts = facts_at(shard, these, place[turn], at, answers)
        odd = evolve(part, facts, shard.names, shard.lines)
        made.exotic[whose[odd]] = True
        made.standing[whose] = part
        made.changes.extend(changes(whose, before, part, at, shard.lines))
        noted = ladder_of(shard, these, before, at)
        ladders += [(int(whose[row]), entry) for row, entry in noted]
    kept = ((int(numbers[one]), entry) for one, entry in ladders if not made.exotic[one])
    made.ladder.extend(kept)


def _reference_changes(shard: Shard, number: int, life: Life) -> Changes:
    """The changes of one life, as the reference steps through it."""
    found = steps(life)
    if not found:
        return NO_CHANGES
    lines: dict[tuple[str, Slice], int] = {}
    line = np.array([lines.setdefault((s.ower, s.slice), len(lines)) for s in found])
    measure = np.array([step.measure for step in found], np.uint32)
    bit = np.uint32(1) << measure
    up = np.array([step.sign > 0 for step in found])
    return Changes(
        np.full(len(found), number, np.int64),
        shard.lines.of_slices(list(lines), int(shard.entries.data["partition"][number]))[line],
        local_days(np.array([step.at for step in found], np.int64)),
        np.where(up, bit, np.uint32(0)),
        np.where(up, np.uint32(0), bit),
    )


def _reference_standing(shard: Shard, life: Life) -> Any:
    """As much of a reference life as the engine's lists need: phase, ower, due."""
    made = np.zeros(1, STANDING)
    made[0] = unopened(1)[0]
    last = life.last
    if last is not None:
        made["phase"] = last.phase
        made["ower"] = shard.names.word(last.ower)
        if last.due is not None:
            made["due"] = last.due
    return made[0]
