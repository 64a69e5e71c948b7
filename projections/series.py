"""Series: running totals by group and day, so that any day's figures are one search away.

A group is whatever the caller counts by, such as an ower. Changes are added as differences; they
stay in small sorted runs that are merged into larger ones, so that a change costs little and a
query looks into at most TIERS + 1 runs.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.cells import conflate
from schemas.measures import MEASURES
from schemas.times import Day

DAY_BITS = 17
DAY_FIRST = -25_567
"""1 January 1900; days before it count as it, days after 2258 as the last day."""
DAY_LAST = DAY_FIRST + (1 << DAY_BITS) - 1
PENDING_ROWS_MAX = 262_144
"""Differences kept unsorted while nobody asks; then they are sorted in."""
TIERS = (4_096, 32_768, 262_144)
"""Most rows of each run but the largest; a fuller one is merged into the next."""
MERGE_ROWS = 131_072
"""Rows merged at a time, so that a merge needs little memory besides its result."""

Keys = NDArray[np.int64]
Groups = NDArray[np.int64]
Rows = NDArray[Any]


class Run(NamedTuple):
    """Sorted keys (group, day), and the group's total at the end of that day."""

    keys: Keys
    totals: Rows

    def __len__(self) -> int:
        return len(self.keys)


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
        self._tiers: list[Run] = [_empty(width) for _ in range(len(TIERS) + 1)]
        self._pending: list[tuple[Keys, Rows]] = []
        self._pending_rows = 0

    def __len__(self) -> int:
        return sum(map(len, self._tiers)) + self._pending_rows

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        return sum(run.keys.nbytes + run.totals.nbytes for run in self._tiers)

    def add(self, groups: Groups, days: NDArray[Any], rows: Rows) -> None:
        """Adds differences: row i changes group i from day i on."""
        if len(groups):
            keys = (groups << DAY_BITS) | day_codes(days)
            self._pending.append((keys, rows.astype(_fitting(rows, np.int8))))
            self._pending_rows += len(groups)
            if self._pending_rows > PENDING_ROWS_MAX:
                self._sort_in()

    def at(self, groups: Groups, day: Day) -> NDArray[np.int64]:
        """Totals at the end of a day, one row per group asked for (best in ascending order)."""
        self._sort_in()
        wanted = (groups << DAY_BITS) | day_code(day)
        totals = np.zeros((len(groups), self.width), np.int64)
        for run in self._tiers:
            _add_totals(totals, run, wanted)
        return totals

    def changed_between(self, after: Day, until: Day) -> Groups:
        """The groups that have a change on a day in (after, until], ascending."""
        self._sort_in()
        found = []
        for run in self._tiers:
            code = run.keys & ((1 << DAY_BITS) - 1)
            here = (code > day_code(after)) & (code <= day_code(until))
            found.append(run.keys[here] >> DAY_BITS)
        return np.unique(np.concatenate(found))

    def _sort_in(self) -> None:
        if not self._pending:
            return
        keys = np.concatenate([part for part, _ in self._pending])
        rows = np.concatenate([part for _, part in self._pending])
        self._pending.clear()
        self._pending_rows = 0
        run = _run(*conflate(keys, rows))
        tier = 0
        while tier < len(TIERS):
            run = _merged(self._tiers[tier], run)
            if len(run) <= TIERS[tier]:
                break
            self._tiers[tier] = _empty(self.width)
            tier += 1
        else:
            run = _merged(self._tiers[tier], run)
        self._tiers[tier] = run


def _empty(width: int) -> Run:
    return Run(np.empty(0, np.int64), np.empty((0, width), np.int16))


def _run(keys: Keys, rows: Rows) -> Run:
    """Differences by ascending keys -> running totals within each group."""
    held = rows.any(axis=1)
    keys, rows = keys[held], rows[held]
    sums = np.cumsum(rows, axis=0, dtype=np.int32)
    groups = keys >> DAY_BITS
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    before = np.zeros((len(starts), rows.shape[1]), np.int32)
    before[1:] = sums[starts[1:] - 1]
    totals = sums - np.repeat(before, np.diff(np.append(starts, len(keys))), axis=0)
    return Run(keys, totals.astype(_fitting(totals)))


def _add_totals(totals: Rows, run: Run, wanted: Keys) -> None:
    """Adds, per wanted (group, day), the group's total in this run at the end of that day."""
    if not len(run):
        return
    place = np.searchsorted(run.keys, wanted, "right") - 1
    # A place of -1 reads the last row: its group is not the one wanted, or it is all there is.
    here = (run.keys[place] ^ wanted) >> DAY_BITS == 0
    here &= place >= 0
    if here.all():
        totals += run.totals[place]
    else:
        some = np.flatnonzero(here)
        totals[some] += run.totals[place[some]]


def _merged(one: Run, other: Run) -> Run:
    """Two runs as one: at every day of either, the sum of both totals."""
    if not len(one) or not len(other):
        return one if len(one) else other
    keys = np.concatenate((one.keys, other.keys))
    keys.sort(kind="stable")
    keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    width = one.totals.shape[1]
    totals = np.empty((len(keys), width), np.promote_types(one.totals.dtype, other.totals.dtype))
    for start in range(0, len(keys), MERGE_ROWS):
        part = keys[start : start + MERGE_ROWS]
        sums = np.zeros((len(part), width), np.int64)
        _add_totals(sums, one, part)
        _add_totals(sums, other, part)
        fitting = np.promote_types(totals.dtype, _fitting(sums))
        totals = totals.astype(fitting, copy=False)
        totals[start : start + MERGE_ROWS] = sums
    return Run(keys, totals)


def _fitting(rows: Rows, narrowest: type[np.signedinteger[Any]] = np.int16) -> np.dtype[Any]:
    """The narrowest kind of integer, from this one on, that holds every count."""
    low, high = (int(rows.min()), int(rows.max())) if rows.size else (0, 0)
    for kind in (narrowest, np.int16):
        bounds = np.iinfo(kind)
        if bounds.min <= low and high <= bounds.max:
            return np.dtype(kind)
    return np.dtype(np.int32)
