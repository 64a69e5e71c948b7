"""What is open, by who owes it: read off the columns of a shard, and what single lives tell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.happening import happening
from projections.life import Life, Phase
from projections.lives import FAR
from projections.shard import Shard
from schemas.times import Instant, day_or_none, format_instant

OPEN = (Phase.OPEN, Phase.RETURNED)
"""The phases in which the ower has something to do; what is sent is not open until returned."""


def left_open(shard: Shard, words: NDArray[np.int64], at: Instant) -> NDArray[np.int64]:
    """The obligations that owers with these words may have open at an instant, in order of arrival.

    All that they have, and some that they had or will have: only the lives tell (`row`).
    """
    standing = shard.entries.rows["standing"]
    wanted = np.zeros(len(shard.names.words), np.bool_)
    wanted[words] = True
    found = _is_open(standing) & wanted[standing["ower"]]
    ahead = happening(shard, at, int(FAR))
    if len(ahead):
        # These stand after all their facts otherwise than now: who ever owed one may owe it now.
        unsure = np.zeros(len(found), np.bool_)
        unsure[ahead] = True
        numbers = shard.owed.rows & 0xFFFFFFFF
        found[numbers[wanted[shard.owed.rows >> 32] & unsure[numbers]]] = True
    return np.flatnonzero(found)


def open_counts(shard: Shard) -> dict[str, int]:
    """Ower -> how many it has open after everything recorded, what lies ahead included."""
    standing = shard.entries.rows["standing"]
    owers = standing["ower"][_is_open(standing)]
    counts = np.bincount(owers) if len(owers) else np.zeros(0, np.int64)
    words = shard.names.words
    return {words[word] or "": int(counts[word]) for word in np.flatnonzero(counts).tolist()}


def _is_open(standing: NDArray[Any]) -> NDArray[np.bool_]:
    phase = standing["phase"]
    found: NDArray[np.bool_] = (phase == Phase.OPEN) | (phase == Phase.RETURNED)
    return found


def row(obligation: str, life: Life, at: Instant) -> dict[str, Any] | None:
    """An obligation that is open at an instant, as JSON; None where it is not.

    `since` is from when its ower has had it open without a break.
    """
    standing = life.standing_at(at)
    if life.opening is None or standing is None or standing.phase not in OPEN:
        return None
    return {
        "obligation": obligation,
        "unit": standing.ower,
        "kind": life.opening.kind,
        "programme": life.opening.programme,
        "due_before": day_or_none(standing.due),
        "since": format_instant(_since(life, at)),
    }


def _since(life: Life, at: Instant) -> Instant:
    turns = [turn for turn in life.turns if turn.at <= at]
    since, ower = turns[-1].at, turns[-1].standing.ower
    for turn in reversed(turns):
        if turn.standing.ower != ower or turn.standing.phase not in OPEN:
            break
        since = turn.at
    return Instant(since)
