"""How many obligations stand at an instant, read off a shard's columns where those can tell."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.life import Phase
from projections.lines import NO_DUE
from projections.lives import UNOPENED, midnights
from projections.shard import FAST, Shard
from projections.states import CODES
from schemas.times import DAY_MS, Instant

Column = NDArray[Any]

_WORDS = ("programme", "period", "kind", "item")
_CODE = {code: number for number, code in enumerate(CODES)}


class Standings(NamedTuple):
    """Obligations of one shard, in columns; `number` is the place in `shard.ids`.

    Where `exact` is false the other columns say nothing: the life must be derived. `state` is
    an index of states.CODES; `ower`, `programme`, `period`, `kind` and `item` are numbers of
    `shard.names.words`.
    """

    shard: Shard
    number: Column
    exact: NDArray[np.bool_]
    ower: Column
    due: Column
    state: Column
    programme: Column
    period: Column
    kind: Column
    item: Column
    extended: Column

    def of(self, rows: Column) -> Standings:
        """Some of them."""
        return Standings(self.shard, *(column[rows] for column in self[1:]))


def standings(shard: Shard, numbers: Column, at: Instant, soon_days: int) -> Standings:
    """How obligations stand at an instant, by everything recorded.

    What has been folded by columns and has no fact after the instant stands as after all facts.
    """
    entries = shard.entries.data[numbers]
    stand = entries["standing"]
    opened = stand["phase"] != UNOPENED
    top = entries["top"]
    settled = shard.facts.data["at"][np.maximum(top, 0)] <= at if shard.facts.size else top < 0
    exact = (entries["mode"] == FAST) & opened & (top >= 0) & settled
    words = np.zeros((len(_WORDS), len(numbers)), np.int64)
    told = shard.lines.base_rows[stand["base"][exact]]
    for place, name in enumerate(_WORDS):
        words[place][exact] = told[name]
    programme, period, kind, item = words
    return Standings(
        shard,
        numbers,
        exact,
        stand["ower"],
        stand["due"],
        _states(stand, at, soon_days),
        programme,
        period,
        kind,
        item,
        stand["extended"],
    )


def _states(stand: Column, at: Instant, soon_days: int) -> Column:
    """states.state_of over columns."""
    phase, dated = stand["phase"], stand["due"] != NO_DUE
    passed = dated & (midnights(stand["due"]) <= at)
    soon = dated & (midnights(stand["due"]) <= at + soon_days * DAY_MS)
    unset = stand["revise"] == NO_DUE
    waits = np.where(unset, stand["revise_open"], at < midnights(stand["revise"]))
    open_ = np.select(
        [~dated, passed, soon],
        [_CODE["no_due"], _CODE["overdue"], _CODE["due_soon"]],
        _CODE["not_due"],
    )
    return np.select(
        [
            phase == Phase.DROPPED,
            phase == Phase.DONE,
            phase == Phase.DECLARED,
            phase == Phase.RETURNED,
        ],
        [
            np.full(len(stand), _CODE["cancelled"]),
            np.where(stand["late"], _CODE["done_late"], _CODE["done_on_time"]),
            np.full(len(stand), _CODE["awaiting_acceptance"]),
            np.where(waits | ~passed, _CODE["in_revision"], _CODE["overdue"]),
        ],
        open_,
    )
