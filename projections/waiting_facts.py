"""Waiting facts: those of obligations that nobody has opened, as known now or earlier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.growing import distinct
from projections.lives import UNOPENED
from projections.shard import Shard
from schemas.event import Effect
from schemas.times import Instant


def unopened(shard: Shard, most: int, known: Instant | None) -> list[tuple[str, int]]:
    """At most `most` obligations that nobody has opened as known, with how many facts wait."""
    rows, ids = shard.entries.rows, shard.ids
    if known is None:
        count: NDArray[Any] = rows["count"]
        held = np.flatnonzero((rows["standing"]["phase"] == UNOPENED) & (count > 0))
        some = held[:most].tolist()
    else:
        facts = shard.facts.rows
        facts = facts[facts["recorded_at"] <= known]
        count = np.bincount(facts["obligation"], minlength=len(ids))
        closed = count > 0
        closed[facts["obligation"][facts["effect"] == Effect.OPENS]] = False
        # An opening may have been voided, or its correction may be its only trace.
        corrected = distinct(facts["obligation"][facts["effect"] == Effect.CORRECTS])
        for number in corrected.tolist():
            closed[number] = shard.life(number, known).opening is None
        some = np.flatnonzero(closed)[:most].tolist()
    return sorted((ids[number].decode(), int(count[number])) for number in some)
