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
    changes,
    local_days,
    unopened,
)
from projections.shard import Shard
from projections.steps import steps
from projections.turns import ordered, turns
from schemas.event import Effect
from schemas.frame import LadderEntry
from schemas.measures import Slice
from schemas.times import Instant, day_of

Column = NDArray[Any]
Bools = NDArray[np.bool_]

FEW = 16
"""So few obligations are folded anew by the reference: numpy's calls would cost more than it."""


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
    return made


def _left_to_reference(numbers: Column) -> Lived:
    size = len(numbers)
    return Lived([], [], unopened(size), np.full(size, -1, np.int64), np.ones(size, np.bool_))


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
    found = ordered(shard, numbers)
    standing = unopened(len(numbers))
    made: list[Changes] = []
    ladders: list[tuple[int, LadderEntry]] = []
    for turn in turns(shard, found, standing):
        made += changes(turn.whose, turn.before, turn.after, turn.at, shard.lines)
        noted = ladder_of(shard, turn.rows, turn.before, turn.at)
        ladders += [(int(turn.whose[row]), entry) for row, entry in noted]
    kept = ~found.exotic
    ladder = [(int(numbers[one]), entry) for one, entry in ladders if kept[one]]
    made = [_kept(change, numbers, kept) for change in made]
    return Lived(made, ladder, standing, found.top, found.exotic)


def _kept(change: Changes, numbers: Column, kept: Bools) -> Changes:
    """The changes of the kept ones; owners were positions and become obligations."""
    some = change.of(np.flatnonzero(kept[change.owner]))
    return some._replace(owner=numbers[some.owner])


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
