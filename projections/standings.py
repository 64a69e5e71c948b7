"""How many obligations stand at an instant as known, read off a shard's columns."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.life import Phase
from projections.lines import NO_DUE
from projections.lives import UNOPENED, held, midnights
from projections.shard import FAST, Shard
from projections.states import CODES
from projections.turns import stood, told_after
from schemas.refusal import Reason, Refused
from schemas.times import DAY_MS, Instant

Column = NDArray[Any]
Bools = NDArray[np.bool_]

_WORDS = ("programme", "period", "kind", "item")
_CODE = {code: number for number, code in enumerate(CODES)}


class Asked(NamedTuple):
    """What is asked of a shard: at T as known at K (None: now), of these owers.

    `whole` says that the owers are all that stand, so that nothing need be sought by ower.
    """

    at: Instant
    known: Instant | None
    owers: Collection[str]
    whole: bool
    soon_days: int


class Standings(NamedTuple):
    """Obligations of one shard, in columns; `number` is the place in `shard.ids`.

    Where `exact` is false the other columns say nothing: the life must be derived. `state` is
    an index of states.CODES; `ower`, `programme`, `period`, `kind` and `item` are numbers of
    `shard.names.words`. `ower` is the last of those asked for who owed it: where somebody else
    owes it at the instant, the state is `transferred`, and no measure counts it for these owers.
    `measures` are bits 1 << measure.
    """

    shard: Shard
    number: Column
    exact: Bools
    ower: Column
    due: Column
    state: Column
    programme: Column
    period: Column
    kind: Column
    item: Column
    extended: Column
    area: Column
    measures: Column

    def of(self, rows: Column) -> Standings:
        """Some of them."""
        return Standings(self.shard, *(column[rows] for column in self[1:]))


def standings(shard: Shard, asked: Asked, most: int) -> Standings:
    """How what the owers owe or ever owed stands, without what the columns know not to be listed.

    What has been folded by columns and has no fact after either instant stands as after all
    facts; the rest is folded anew up to them, by columns too where these can. Raises Refused
    where that would be more than `most`.
    """
    among = _among(shard, asked.owers)
    numbers = np.arange(len(shard.ids)) if asked.whole else shard.owed_by_any(np.flatnonzero(among))
    entries = shard.entries.data[numbers]
    stand, ower = entries["standing"].copy(), entries["standing"]["ower"].astype(np.int64)
    exact = _settled(shard, numbers, entries, asked) & among[ower]
    rest = np.flatnonzero(~exact)
    check(len(rest), most)
    if len(rest):
        then = stood(shard, numbers[rest], asked.at, asked.known, among)
        stand[rest], ower[rest], exact[rest] = then.standing, then.ower, ~then.exotic
    listed = np.flatnonzero(~exact | ((stand["phase"] != UNOPENED) & (ower >= 0)))
    stand, ower, exact = stand[listed], ower[listed], exact[listed]
    state = _states(stand, asked.at, asked.soon_days)
    words = np.zeros((len(_WORDS), len(listed)), np.int64)
    told = shard.lines.base_rows[stand["base"][exact]]
    for place, name in enumerate(_WORDS):
        words[place][exact] = told[name]
    programme, period, kind, item = words
    mine = ower == stand["ower"]
    counted = np.zeros(len(listed), np.uint32)
    told_of = exact & mine
    counted[told_of] = held(stand[told_of], np.int64(asked.at))
    return Standings(
        shard,
        numbers[listed],
        exact,
        ower,
        stand["due"],
        np.where(mine, state, _CODE["transferred"]),
        programme,
        period,
        kind,
        item,
        stand["extended"],
        stand["area"],
        counted,
    )


def check(lives: int, most: int) -> None:
    """Raises Refused where a list would fold more lives anew than `most`."""
    if lives > most:
        raise Refused(
            Reason.TOO_LARGE,
            f"more than {most} obligations would have to be folded anew; "
            "ask for a unit further down, or as known now",
            "unit",
        )


def _among(shard: Shard, owers: Collection[str]) -> Bools:
    """By word whether it is one of the owers."""
    among = np.zeros(len(shard.names.words), np.bool_)
    among[[word for word in map(shard.names.find, owers) if word is not None]] = True
    return among


def _settled(shard: Shard, numbers: Column, entries: Column, asked: Asked) -> Bools:
    """Of which obligations no fact is later than the instants asked for, and columns can tell."""
    top = entries["top"]
    fast: Bools = (entries["mode"] == FAST) & (top >= 0)
    fast &= entries["standing"]["phase"] != UNOPENED
    if not shard.facts.size:
        return fast
    fast &= shard.facts.data["at"][np.maximum(top, 0)] <= asked.at
    if asked.known is None:
        return fast
    if not asked.whole:
        return fast & ~told_after(shard, numbers, asked.known)
    # Of all of them it is quicker to look through the facts than along each one's.
    later = np.zeros(len(shard.ids), np.bool_)
    later[shard.recorded_after(asked.known)] = True
    return fast & ~later[numbers]


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
