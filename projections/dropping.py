"""Dropping: a shard without some of its partitions, in memory of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.cells import line_of
from projections.shard import MARKS_MAX, Partition, Shard

Column = NDArray[Any]


def without(shard: Shard, partitions: Collection[int]) -> Shard:
    """What a shard keeps of its other partitions. Costs about a second per million facts."""
    rest = Shard(shard.names, shard.lines, shard.revision_days)
    shard.changed()
    gone = np.array(sorted(partitions), np.int64)
    entries = shard.entries.rows
    kept = np.flatnonzero(~np.isin(entries["partition"], gone))
    number = _renumbered(len(entries), kept)
    places = np.flatnonzero(number[shard.facts.rows["obligation"]] >= 0)
    place = _renumbered(shard.facts.size, places)
    _facts(shard, rest, number, place, places)
    entries = entries[kept]
    for name in ("last", "top"):
        entries[name] = place[entries[name]]
    entries["standing"]["met"] = place[entries["standing"]["met"]]
    rest.entries.extend(entries)
    rest.ids = [shard.ids[at] for at in kept.tolist()]
    for partition, held in shard.partitions.items():
        if partition not in partitions:
            rest.partitions[partition] = _moved(held, number, places)
    keys, counts = shard.cells.items()
    here = ~np.isin(shard.lines.partitions(line_of(keys)), gone)
    rest.cells.put(keys[here], counts[here])
    owed = shard.owed.rows[number[shard.owed.rows & 0xFFFFFFFF] >= 0]
    rest.owed.extend((owed >> 32 << 32) | number[owed & 0xFFFFFFFF])
    return rest


def _renumbered(size: int, kept: Column) -> Column:
    """By old number the new one, -1 for what goes; the last entry is that of -1, none."""
    number = np.full(size + 1, -1, np.int64)
    number[kept] = np.arange(len(kept))
    return number


def _facts(shard: Shard, rest: Shard, number: Column, place: Column, places: Column) -> None:
    facts = shard.facts.rows[places]
    facts["obligation"] = number[facts["obligation"]]
    facts["earlier"] = place[facts["earlier"]]
    for name in ("correlation", "causation"):
        some = np.flatnonzero(facts[name] >= 0)
        first = rest.pool.extend(shard.pool.data[facts[name][some]])
        facts[name][some] = np.arange(first, first + len(some))
    rest.facts.extend(facts)


def _moved(held: Partition, number: Column, places: Column) -> Partition:
    told = None if held.told is None else int(np.searchsorted(places, held.told))
    marks = ((version, int(np.searchsorted(places, at))) for version, at in held.marks)
    return Partition(
        {key: int(number[at]) for key, at in held.index.items()},
        held.changed,
        held.ladder,
        held.ladder_changed,
        told,
        deque(marks, maxlen=MARKS_MAX),
    )
