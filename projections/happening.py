"""Happening: the obligations with a fact in a span of time, of everybody or of some owers."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from projections.growing import distinct
from projections.shard import Column, Shard


def owed_among(shard: Shard, owers: Collection[str]) -> Column:
    """The obligations that these owe or ever owed, as known at any time."""
    words = sorted(word for word in map(shard.names.find, owers) if word is not None)
    return shard.owed_by_any(np.array(words, np.int64))


def happening(shard: Shard, after: int, until: int, owers: Collection[str] | None = None) -> Column:
    """The obligations with a fact that happens in (after, until].

    `owers`: at least what these owe or ever owed; None: all.
    """
    shard.scan()
    at, numbers = shard.ahead.rows["at"], shard.ahead.rows["obligation"]
    if after < shard.recorded_max:
        # Otherwise what happened is recorded, and only what was told in advance is left.
        facts = shard.facts
        if owers is None:
            told, whose = facts.rows["at"], facts.rows["obligation"]
        else:
            some = owed_among(shard, owers)
            owner, place = shard.chains(some)
            told, whose = facts.data["at"][place], some[owner]
        at, numbers = np.concatenate((at, told)), np.concatenate((numbers, whose))
    return distinct(numbers[(at > after) & (at <= until)])
