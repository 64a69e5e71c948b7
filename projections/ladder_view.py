"""The ladder at an instant inside a day and as known earlier: which entries to leave out, or add.

An entry of the cells tells that a document bore on an ower on a day, whichever obligations named
it. It is left out only where no obligation stands behind it.
"""

from __future__ import annotations

from collections.abc import Iterable

from projections.ask import ObligationSource, Owers
from projections.life import LadderDocument
from projections.since import KnownLadder, entry_of
from schemas.frame import LadderEntry
from schemas.times import Instant, day_of, end_of_day, midnight


def differences(
    source: ObligationSource | None,
    on: Instant,
    known: KnownLadder | None,
    owers: Owers | None,
) -> tuple[set[LadderEntry], set[LadderEntry]]:
    """The entries up to the end of the day of `on` that do not stand at `on`, and that do beside.

    `known` None: as known now. `owers`: at least those that bear on these; None: all.
    """
    come = {entry_of(one) for one in known.come if one.at <= on} if known else set()
    gone = set(known.gone) if known else set()
    day = day_of(on)
    if source is None or on == end_of_day(day):
        return gone, come
    changed = known.obligations if known else frozenset[str]()
    unsure = {entry_of(one) for _, one in source.ladder_between(on, end_of_day(day), owers)}
    unsure |= {entry for entry in (known.told if known else ()) if entry.day == day}
    if unsure:
        unsure -= _borne(source.ladder_between(Instant(midnight(day) - 1), on, owers), changed)
    return {entry for entry in gone if entry.day != day} | unsure, come


def _borne(found: Iterable[tuple[str, LadderDocument]], but: frozenset[str]) -> set[LadderEntry]:
    """The entries that other obligations bear."""
    return {entry_of(document) for obligation, document in found if obligation not in but}
