"""Series: changes by group and day, so that any day's totals are one search away.

A group is whatever the caller counts by, such as an ower. Changes stay in sorted runs, a few small
ones that are merged into larger ones, so that a change costs little and a query looks into at most
TIERS + 1 runs. A run keeps the number of each change in a palette, and a total for every BLOCK of
changes: what is asked for is a block's total and the changes in it up to the day.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.cells import find, joined, ordered, sums_between
from projections.growing import distinct
from projections.palette import Column, Palette, fitting
from schemas.measures import MEASURES
from schemas.times import Day

DAY_BITS = 17
DAY_FIRST = -25_567
"""1 January 1900; days before it count as it, days after 2258 as the last day."""
DAY_LAST = DAY_FIRST + (1 << DAY_BITS) - 1
PENDING_ROWS_MAX = 262_144
"""Changes kept unsorted while nobody asks; then they are sorted in."""
TIERS = (8_192, 262_144)
"""Most rows of each run but the largest; a fuller one is merged into the next."""
BLOCK = 16
"""Changes per total."""
BLOCKS_AT_ONCE = 4_096
"""Blocks summed at a time, so that a merge needs little memory besides its result."""
GROUPS_AT_ONCE = 1_024
"""Groups looked up at a time, so that what that takes stays near the processor."""

Keys = NDArray[np.int64]
Groups = NDArray[np.int64]
Rows = NDArray[Any]


class Run(NamedTuple):
    """Changes by ascending (group, day), filled up to whole blocks with a last key and zeros.

    `firsts` are the blocks' first keys, `totals` the sums of what the group of that key has
    before the block.
    """

    size: int
    keys: Keys
    numbers: Column
    firsts: Keys
    totals: Rows

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        columns = (self.keys, self.numbers, self.firsts, self.totals)
        return sum(column.nbytes for column in columns)


def day_code(day: int) -> int:
    """A day as the lower bits of a key."""
    return min(max(day, DAY_FIRST), DAY_LAST) - DAY_FIRST


def day_codes(days: NDArray[Any]) -> Keys:
    """Days as the lower bits of keys."""
    codes: Keys = np.clip(days, DAY_FIRST, DAY_LAST).astype(np.int64) - DAY_FIRST
    return codes


class Series:
    """Totals by group and day. Groups are numbers below 2**46."""

    def __init__(self, width: int = len(MEASURES)) -> None:
        self.width = width
        self._palette = Palette(width)
        self._tiers = [self._run(np.empty(0, np.int64), np.empty(0, np.uint8))] * (len(TIERS) + 1)
        self._pending: list[tuple[Keys, Column]] = []
        self._pending_rows = 0

    def __len__(self) -> int:
        return sum(run.size for run in self._tiers) + self._pending_rows

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        return sum(run.nbytes for run in self._tiers) + self._palette.nbytes

    def add(self, groups: Groups, days: NDArray[Any], rows: Rows) -> None:
        """Adds differences: row i changes group i from day i on."""
        if len(groups):
            keys = (groups << DAY_BITS) | day_codes(days)
            self._pending.append((keys, self._palette.numbers(rows)))
            self._pending_rows += len(groups)
            if self._pending_rows > PENDING_ROWS_MAX:
                self._sort_in()

    def at(self, groups: Groups, day: Day) -> NDArray[np.int64]:
        """Totals at the end of a day, one row per group asked for (best in ascending order)."""
        self._sort_in()
        totals = np.zeros((len(groups), self.width), np.int64)
        for first in range(0, len(groups), GROUPS_AT_ONCE):
            part = slice(first, first + GROUPS_AT_ONCE)
            starts = groups[part] << DAY_BITS
            for run in self._tiers:
                if run.size:
                    self._add_totals(totals[part], run, starts, starts | day_code(day))
        return totals

    def changed_between(self, after: Day, until: Day) -> Groups:
        """The groups that have a change on a day in (after, until], ascending."""
        self._sort_in()
        found = []
        for run in self._tiers:
            keys = run.keys[run.numbers != 0]
            code = keys & ((1 << DAY_BITS) - 1)
            here = (code > day_code(after)) & (code <= day_code(until))
            found.append(keys[here] >> DAY_BITS)
        return distinct(np.concatenate(found))

    def _sort_in(self) -> None:
        if not self._pending:
            return
        keys = np.concatenate([part for part, _ in self._pending])
        numbers = np.concatenate([part for _, part in self._pending])
        self._pending.clear()
        self._pending_rows = 0
        keys, numbers = self._conflated(keys, numbers)
        for tier, rows_max in enumerate((*TIERS, None)):
            keys, numbers = self._merged(self._tiers[tier], keys, numbers)
            if rows_max is None or len(keys) <= rows_max:
                self._tiers[tier] = self._run(keys, numbers)
                break
            self._tiers[tier] = self._run(keys[:0], numbers[:0])
        if self._palette.is_loose(len(self)):
            columns = self._palette.keep([run.numbers for run in self._tiers])
            self._tiers = [
                run._replace(numbers=column)
                for run, column in zip(self._tiers, columns, strict=True)
            ]

    def _conflated(self, keys: Keys, numbers: Column) -> tuple[Keys, Column]:
        """Each key once, ascending, with the sum of its changes, where that is not zero."""
        order, first = ordered(keys)
        keys, numbers = keys[order], numbers[order]
        times = np.diff(first, append=len(keys))
        often = times > 1
        sums = numbers[first]
        if often.any():
            rows = self._palette.rows(numbers[np.repeat(often, times)])
            ends = np.cumsum(times[often])
            changed = self._palette.numbers(sums_between(rows, ends - times[often]))
            sums = self._palette.written(sums, np.flatnonzero(often), changed)
        held = sums != 0
        return keys[first[held]], sums[held]

    def _merged(self, run: Run, keys: Keys, numbers: Column) -> tuple[Keys, Column]:
        """The changes of a run and more; the run is not to be used any more."""
        old_keys, old_numbers = run.keys[: run.size], run.numbers[: run.size]
        place, here = find(old_keys, keys)
        if here.any():
            place = place[here]
            rows = self._palette.rows(old_numbers[place]) + self._palette.rows(numbers[here])
            sums = self._palette.numbers(rows)
            old_numbers = self._palette.written(old_numbers, place, sums)
            keys, numbers = keys[~here], numbers[~here]
        return joined(old_keys, old_numbers, keys, numbers)

    def _run(self, keys: Keys, numbers: Column) -> Run:
        """Changes by ascending keys -> a run."""
        size = len(keys)
        lacking = -size % BLOCK
        if lacking:
            keys = np.append(keys, np.full(lacking, np.iinfo(np.int64).max))
            numbers = np.append(numbers, np.zeros(lacking, numbers.dtype))
        firsts = keys[::BLOCK].copy()
        return Run(size, keys, numbers, firsts, self._totals(keys, numbers, firsts))

    def _totals(self, keys: Keys, numbers: Column, firsts: Keys) -> Rows:
        """By block what the group of its first key has before it."""
        blocks, blocked = keys.reshape(-1, BLOCK), numbers.reshape(-1, BLOCK)
        parts = [slice(a, a + BLOCKS_AT_ONCE) for a in range(0, len(firsts), BLOCKS_AT_ONCE)]
        before = np.zeros((len(firsts) + 1, self.width), np.int32)
        for part in parts:
            before[1:][part] = self._palette.sums(blocked[part])
        # The sum over all groups may pass 32 bits; the differences within one are right all
        # the same.
        np.cumsum(before, axis=0, out=before)
        totals = np.empty((len(firsts), self.width), np.int16)
        for part in parts:
            start = firsts[part] >> DAY_BITS << DAY_BITS
            # The group begins in the block that holds its first key, or with the next one.
            block = np.maximum(np.searchsorted(firsts, start) - 1, 0)
            others = np.where(blocks[block] < start[:, np.newaxis], blocked[block], 0)
            sums = before[:-1][part] - before[block] - self._palette.sums(others)
            reach = max(int(sums.max()), -int(sums.min()))
            kind = np.promote_types(totals.dtype, fitting(reach))
            totals = totals.astype(kind, copy=False)
            totals[part] = sums
        return totals

    def _add_totals(self, totals: Rows, run: Run, starts: Keys, wanted: Keys) -> None:
        """Adds, per wanted (group, day), the group's total in this run at the end of that day.

        `starts` are the least keys of the groups.
        """
        block = np.searchsorted(run.firsts, wanted, "right") - 1
        keys = np.take(run.keys.reshape(-1, BLOCK), block, axis=0)
        here = (keys >= starts[:, np.newaxis]) & (keys <= wanted[:, np.newaxis])
        numbers = np.take(run.numbers.reshape(-1, BLOCK), block, axis=0) * here
        totals += self._palette.sums(numbers)
        # Where the block begins with another group, that group's total is no concern of this.
        goes_on = here[:, 0]
        if goes_on.all():
            totals += run.totals[block]
        else:
            some = np.flatnonzero(goes_on)
            totals[some] += run.totals[block[some]]
