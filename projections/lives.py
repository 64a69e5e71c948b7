"""Many lives at once: the fold of projections/obligation.py over columns, for the common ways.

`evolve` does what obligation.evolve does, for one fact of each of many obligations, and says of
which it cannot tell (`exotic`): the reference derives those. `changes` says what changes counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.life import Phase, Standing
from projections.lines import NO_DUE, Lines
from projections.names import Names
from projections.steps import held_measures
from schemas.event import Effect
from schemas.measures import MEASURES
from schemas.times import DAY_MS, LOCAL_OFFSET_MS

Column = NDArray[Any]
Bools = NDArray[np.bool_]

UNOPENED = len(Phase)
"""The phase of an obligation whose opening is not here."""
FAR = np.int64(1) << 62
"""Later than every midnight."""

STANDING = np.dtype(
    [
        ("phase", "u1"),
        ("special", "u1"),
        ("accepts", "?"),
        ("accepted", "?"),
        ("extended", "?"),
        ("revise_open", "?"),
        ("late", "?"),
        ("late_original", "?"),
        ("ower", "i4"),
        ("issuer", "i4"),
        ("base", "i4"),
        ("area", "i4"),
        ("due", "i4"),
        ("original_due", "i4"),
        ("revise", "i4"),
        ("met", "i4"),
        ("opened_at", "i8"),
    ]
)
"""How an obligation stands after its facts; `met` is its last submission's place among facts.
All but `opened_at` is five words: `changes` compares them so."""
_COMPARED_WORDS = 5


def unopened(count: int) -> Column:
    """Standings of obligations of which nothing is known yet."""
    made = np.zeros(count, STANDING)
    made["phase"] = UNOPENED
    made["due"] = made["original_due"] = made["revise"] = NO_DUE
    made["met"] = -1
    return made


class Facts(NamedTuple):
    """One fact per standing. `at` and `judged_at` as in obligation.When; words by number.

    `partition` is the obligation's. `answers` is 0 where an answer names nothing, 1 where it names
    the last submission, 2 where that is absent, 3 where it names something else of the obligation.
    """

    place: Column
    effect: Column
    at: Column
    judged_at: Column
    day: Column
    flag: Column
    unit: Column
    by: Column
    detail: Column
    programme: Column
    partition: Column
    answers: Column

    def of(self, rows: Column) -> Facts:
        """Some of the facts."""
        return Facts(*(column[rows] for column in self))


def midnights(days: Column) -> Column:
    """Days -> instants of their local midnights; far in the past where there is none."""
    return days.astype(np.int64) * DAY_MS - LOCAL_OFFSET_MS


def local_days(instants: Column) -> Column:
    """Instants -> local days."""
    return (instants + LOCAL_OFFSET_MS) // DAY_MS


def evolve(standing: Column, facts: Facts, names: Names, lines: Lines) -> Bools:
    """Change each standing in place by its fact. Returns which of them are exotic (undefined).

    A standing that is UNOPENED takes an opening; any other fact leaves it as it is.
    """
    exotic = np.zeros(len(standing), np.bool_)
    phase = standing["phase"].copy()
    alive = (phase != UNOPENED) & (phase != Phase.DROPPED)
    effect = facts.effect

    def some(which: Effect, among: Bools) -> Column:
        return np.flatnonzero(among & (effect == which))

    for which, function in _EFFECTS:
        rows = some(which, alive)
        if len(rows):
            part = standing[rows]
            exotic[rows] = function(part, facts.of(rows), names)
            standing[rows] = part
    rows = some(Effect.OPENS, phase == UNOPENED)
    if len(rows):
        standing[rows] = _opened(facts.of(rows), names, lines)
    return exotic


def _opened(facts: Facts, names: Names, lines: Lines) -> Column:
    made = unopened(len(facts.place))
    detail = names.detail_rows.data[facts.detail]
    made["phase"] = Phase.OPEN
    made["special"], made["accepts"] = detail["special"], detail["accepts"]
    made["ower"], made["issuer"], made["area"] = facts.unit, detail["word"], detail["area"]
    made["base"] = lines.bases(facts.detail, facts.programme, facts.partition)
    made["due"] = made["original_due"] = facts.day
    made["opened_at"] = facts.at
    return made


def _owers_own(part: Column, facts: Facts) -> Bools:
    own: Bools = (facts.by == part["ower"]) & (facts.by != part["issuer"])
    return own


def _amend(part: Column, facts: Facts, names: Names) -> Bools:
    area = names.detail_rows.data["area"][facts.detail]
    part["area"] = np.where(area != 0, area, part["area"])
    return np.zeros(len(part), np.bool_)


def _move(part: Column, facts: Facts, names: Names) -> Bools:
    refused = (facts.flag | (part["due"] != NO_DUE)) & _owers_own(part, facts)
    moves = (facts.day != NO_DUE) & ~refused
    # It waits for a return; the reference keeps what waits.
    exotic: Bools = moves & (part["phase"] == Phase.DONE)
    extension = moves & facts.flag & (part["original_due"] != NO_DUE)
    ahead = midnights(facts.day) > facts.at
    part["due"] = np.where(moves, facts.day, part["due"])
    part["original_due"] = np.where(moves & ~extension, facts.day, part["original_due"])
    part["extended"] |= extension
    part["revise_open"] &= ~(moves & ahead)
    return exotic


def _submit(part: Column, facts: Facts, mask: Bools) -> None:
    limit_free = part["revise_open"]
    for due, late in (("due", "late"), ("original_due", "late_original")):
        day = np.maximum(part[due], part["revise"])
        missed = (day != NO_DUE) & ~limit_free & (facts.judged_at >= midnights(day))
        part[late] |= mask & missed
    part["revise"] = np.where(mask, NO_DUE, part["revise"])
    part["revise_open"] &= ~mask
    part["met"] = np.where(mask, facts.place, part["met"])


def _meet(part: Column, facts: Facts, names: Names) -> Bools:
    mask = (part["phase"] == Phase.OPEN) | (part["phase"] == Phase.RETURNED)
    _submit(part, facts, mask)
    now = np.where(part["accepts"], Phase.DECLARED, Phase.DONE)
    part["phase"] = np.where(mask, now, part["phase"])
    return np.zeros(len(part), np.bool_)


def _accept(part: Column, facts: Facts, names: Names) -> Bools:
    waits = facts.answers == 2
    exotic: Bools = facts.answers == 3
    _submit(
        part, facts, ~waits & ((part["phase"] == Phase.OPEN) | (part["phase"] == Phase.RETURNED))
    )
    part["phase"] = np.where(waits, part["phase"], Phase.DONE)
    part["accepted"] |= ~waits
    return exotic


def _return(part: Column, facts: Facts, names: Names) -> Bools:
    phase = part["phase"]
    waits = (facts.answers == 2) | (phase == Phase.OPEN)
    again = ~waits & (phase == Phase.RETURNED) & (facts.day != NO_DUE)
    returns = ~waits & (phase != Phase.RETURNED) & ~part["accepted"]
    exotic: Bools = (facts.answers == 3) & ~waits
    # Without a day after the due, the programme's days for revision count: the reference knows.
    passed = (part["due"] != NO_DUE) & (midnights(part["due"]) <= facts.at)
    exotic |= returns & passed & (facts.day == NO_DUE)
    part["revise"] = np.where(again | returns, facts.day, part["revise"])
    part["revise_open"] &= ~again
    part["phase"] = np.where(returns, Phase.RETURNED, phase)
    return exotic


def _hand_over(part: Column, facts: Facts, names: Names) -> Bools:
    exotic: Bools = part["phase"] == Phase.DONE
    part["ower"] = names.detail_rows.data["word"][facts.detail]
    return exotic


def _drop(part: Column, facts: Facts, names: Names) -> Bools:
    part["phase"] = np.where(_owers_own(part, facts), part["phase"], Phase.DROPPED)
    return np.zeros(len(part), np.bool_)


def _correct(part: Column, facts: Facts, names: Names) -> Bools:
    return np.ones(len(part), np.bool_)


_EFFECTS = (
    (Effect.AMENDS, _amend),
    (Effect.MOVES, _move),
    (Effect.MEETS, _meet),
    (Effect.ACCEPTS, _accept),
    (Effect.RETURNS, _return),
    (Effect.HANDS_OVER, _hand_over),
    (Effect.DROPS, _drop),
    (Effect.CORRECTS, _correct),
)

_SPECIAL = (None, "inspection", "remedy")
_CODES = 1 << 11


def _held_table() -> NDArray[np.uint32]:
    """By code (see `held`): the bits that the reference's held_measures gives."""
    table = np.zeros(_CODES, np.uint32)
    for code in range(_CODES):
        phase, special = code & 7, code >> 9
        if phase >= UNOPENED or special >= len(_SPECIAL):
            continue
        standing = Standing(
            ower="",
            area=None,
            due=0 if code & 8 else None,
            original_due=None,
            extended=bool(code & 128),
            phase=Phase(phase),
            revise_open=bool(code & 256),
            on_time=not code & 32,
            on_time_original=not code & 64,
        )
        at = -LOCAL_OFFSET_MS if code & 16 else -LOCAL_OFFSET_MS - 1
        table[code] = held_measures(_SPECIAL[special], standing, at)
    return table


_HELD = _held_table()


def held(standing: Column, at: Column | np.int64) -> NDArray[np.uint32]:
    """The measures that count each opened obligation at an instant, as bits 1 << measure."""
    due = standing["due"]
    dated = due != NO_DUE
    code = standing["phase"].astype(np.int64)
    code |= dated.astype(np.int64) << 3
    code |= (dated & (midnights(due) <= at)).astype(np.int64) << 4
    code |= standing["late"].astype(np.int64) << 5
    code |= standing["late_original"].astype(np.int64) << 6
    code |= standing["extended"].astype(np.int64) << 7
    revise = standing["revise"]
    runs = np.where(revise != NO_DUE, midnights(revise) > at, standing["revise_open"])
    code |= runs.astype(np.int64) << 8
    code |= standing["special"].astype(np.int64) << 9
    bits: NDArray[np.uint32] = _HELD[code]
    return bits


class Changes(NamedTuple):
    """Changes of counts, a row each: on this line and local day `plus` bits up, `minus` down."""

    owner: Column
    line: Column
    day: Column
    plus: Column
    minus: Column

    def of(self, rows: Column) -> Changes:
        """Some of the changes."""
        return Changes(*(column[rows] for column in self))

    def reversed(self) -> Changes:
        """The changes taken back."""
        return self._replace(plus=self.minus, minus=self.plus)

    def deltas(self) -> NDArray[np.int8]:
        """One row of differences per change."""
        measures = np.arange(len(MEASURES), dtype=np.uint32)
        up = (self.plus[:, None] >> measures) & np.uint32(1)
        down = (self.minus[:, None] >> measures) & np.uint32(1)
        return up.astype(np.int8) - down.astype(np.int8)


NO_CHANGES = Changes(
    np.empty(0, np.int64),
    np.empty(0, np.int32),
    np.empty(0, np.int64),
    np.empty(0, np.uint32),
    np.empty(0, np.uint32),
)


def joined(parts: Iterable[Changes]) -> Changes:
    """Several changes as one."""
    columns = list(zip(*parts, strict=True))
    return Changes(*map(np.concatenate, columns)) if columns else NO_CHANGES


def changes(
    owner: Column, before: Column, after: Column, at: Column, lines: Lines
) -> list[Changes]:
    """What changes from `at` on where a standing follows another; `owner` goes with each change."""
    if not len(owner):
        return []
    words = (column.view(np.uint64).reshape(len(owner), -1) for column in (before, after))
    one, other = (column[:, :_COMPARED_WORDS] for column in words)
    rows = np.flatnonzero((one != other).any(axis=1) & (after["phase"] != UNOPENED))
    if not len(rows):
        return []
    owner, before, after, at = owner[rows], before[rows], after[rows], at[rows]
    line = _lines(after, lines)
    was = before["phase"] != UNOPENED
    line_before = line.copy()
    moved = np.flatnonzero(was & _line_moved(before, after))
    if len(moved):
        line_before[moved] = _lines(before[moved], lines)
    bits = held(after, at)
    bits_before = np.where(was, held(before, at), np.uint32(0))
    same = line == line_before
    day = local_days(at)
    gone = np.where(same, np.uint32(0), bits_before)
    stays = np.where(same, bits_before, np.uint32(0))
    made = [
        Changes(owner, line, day, bits & ~stays, stays & ~bits),
        Changes(owner, line_before, day, np.zeros_like(gone), gone),
    ]
    made += _later(owner, line, after, at, bits)
    had = np.flatnonzero(was)
    if len(had):
        past = _later(owner[had], line_before[had], before[had], at[had], bits_before[had])
        made += [change.reversed() for change in past]
    return [_some(change) for change in made]


def _some(change: Changes) -> Changes:
    return change.of(np.flatnonzero((change.plus | change.minus) != 0))


def _lines(standing: Column, lines: Lines) -> NDArray[np.int32]:
    return lines.of(standing["ower"], standing["base"], standing["area"], standing["due"])


def _line_moved(before: Column, after: Column) -> Bools:
    moved: Bools = before["ower"] != after["ower"]
    moved |= before["area"] != after["area"]
    moved |= before["due"] != after["due"]
    return moved


def _later(
    owner: Column, line: Column, standing: Column, at: Column, bits: Column
) -> list[Changes]:
    """The changes that only the clock makes: at the due, and where the time for revision ends."""
    due = _ahead(standing["due"], at)
    revise = _ahead(np.where(standing["phase"] == Phase.RETURNED, standing["revise"], NO_DUE), at)
    made = []
    first, second = np.minimum(due, revise), np.maximum(due, revise)
    for instants in (first, second):
        rows = np.flatnonzero(instants != FAR)
        if instants is second:
            rows = rows[first[rows] != second[rows]]
        if not len(rows):
            continue
        when = instants[rows]
        then = held(standing[rows], when)
        made.append(
            Changes(
                owner[rows], line[rows], local_days(when), then & ~bits[rows], bits[rows] & ~then
            )
        )
        bits = bits.copy()
        bits[rows] = then
    return made


def _ahead(days: Column, at: Column) -> Column:
    return np.where((days != NO_DUE) & (midnights(days) > at), midnights(days), FAR)
