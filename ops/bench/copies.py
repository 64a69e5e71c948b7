"""A world many times over: what is folded already is told again as facts of other obligations.

Making and decoding messages takes most of the time that a large world needs. Of a part of it they
are made; the rest are its columns under other ids and on other days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ops.bench.memory import fold
from ops.bench.worlds import DAYS, FIRST_DAY, Unit
from projections.boards import Boards
from projections.engine import Engine
from projections.folding import Folder
from projections.growing import distinct
from projections.lines import NO_DUE
from projections.lives import local_days
from projections.shard import Column
from schemas.frame import Version
from schemas.times import DAY_MS

MADE_MAX = 25_000
"""Most obligations whose messages are made."""
SHIFT_DAYS = 37
"""How much later a copy's lives begin; those at the world's end begin it anew."""


class Copying(Engine):
    """An engine that tells its boards what it holds once more, as of other obligations."""

    def copies(self, times: int) -> Iterator[int]:
        """Fold what is held now so many times more; after each, which one it was, from 1 on."""
        shard = self._shard
        first, ids = shard.facts.rows.copy(), list(shard.ids)
        where = shard.entries.rows["partition"].copy()
        cause = shard.pool.rows[np.maximum(first["causation"], 0)].copy()
        caused = np.flatnonzero(first["causation"] >= 0)
        begin = np.full(len(ids), np.iinfo(np.int64).max)
        np.minimum.at(begin, first["obligation"], local_days(first["at"]) - FIRST_DAY)
        for copy in range(1, times + 1):
            rows, causes = first.copy(), cause[caused]
            rows["obligation"] = self._entered(ids, where, copy)[first["obligation"]]
            for one in (rows, causes):
                # An event's number stands in the upper half of the first word, and is smaller.
                one["id0"] ^= np.uint64(copy << 40)
            rows["causation"][caused] = shard.pool.extend(causes) + np.arange(len(caused))
            shift = ((begin + copy * SHIFT_DAYS) % DAYS - begin)[first["obligation"]]
            rows["at"] += shift * DAY_MS
            rows["recorded_at"] += shift * DAY_MS
            rows["day"] += np.where(rows["day"] == NO_DUE, 0, shift).astype(np.int32)
            folder = Folder(shard)
            folder.enter(rows)
            folder.finish()
            yield copy

    def _entered(self, ids: list[bytes], where: Column, copy: int) -> Column:
        """The numbers of the copies of obligations."""
        shard = self._shard
        numbers = np.empty(len(ids), np.int64)
        for partition in distinct(where).tolist():
            some = np.flatnonzero(where == partition)
            numbers[some] = len(shard.ids) + np.arange(len(some))
            shard.enter(partition, [b"%b:%d" % (ids[one], copy) for one in some.tolist()])
        return numbers


def fold_copies(
    engine: Copying,
    boards: Boards,
    units: list[Unit],
    obligations: int,
    told: Callable[[int], None],
) -> None:
    """Fold that many obligations, or up to one copy more; `told` says how many there are."""
    made = min(obligations, MADE_MAX)
    fold(engine, boards, units, made)
    told(made)
    for copy in engine.copies(-(-obligations // made) - 1):
        for partition in engine.partitions():
            version = Version("bench", 1, "topic", partition, (copy << 32))
            for frame in engine.frame(partition, version):
                boards.apply_frame(frame)
            engine.told(version)
        told((copy + 1) * made)
