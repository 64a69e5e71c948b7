"""The ladder at an instant inside a day and as known earlier: which entries to leave out, or add.

An entry of the cells tells that a document bore on an ower on a day, whichever obligations named
it. It is left out only where no obligation stands behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from projections.ask import ObligationSource
from projections.life import LadderDocument
from schemas.frame import LadderEntry
from schemas.times import Day, Instant, day_of, end_of_day, midnight


def entry_of(document: LadderDocument) -> LadderEntry:
    """A document of the ladder as a frame tells it."""
    day = day_of(Instant(document.at))
    return LadderEntry(document.note, document.document, document.ower, day)


class KnownLadder(NamedTuple):
    """How the ladder as known at K differs from the present.

    `obligations` have been told of since: `told` is what they bear now, `come` what they bore
    then. `gone` is what they bear now and no other obligation does, by whole days.
    """

    obligations: frozenset[str]
    told: frozenset[LadderEntry]
    gone: frozenset[LadderEntry]
    come: tuple[LadderDocument, ...]


def known_ladder(
    source: ObligationSource | None, obligations: Iterable[str], known: Instant
) -> KnownLadder:
    """What differs because these obligations have been told of since K."""
    changed = frozenset(obligations)
    told: set[LadderEntry] = set()
    come: list[LadderDocument] = []
    if source is None:
        return KnownLadder(changed, frozenset(), frozenset(), ())
    for obligation in changed:
        told.update(map(entry_of, source.ladder_of(obligation, None)))
        come += source.ladder_of(obligation, known)
    gone = told.difference(map(entry_of, come))
    for day in {entry.day for entry in gone}:
        gone -= _borne(source, Instant(midnight(Day(day)) - 1), end_of_day(Day(day)), changed)
    return KnownLadder(changed, frozenset(told), frozenset(gone), tuple(come))


def differences(
    source: ObligationSource | None, on: Instant, known: KnownLadder | None
) -> tuple[set[LadderEntry], set[LadderEntry]]:
    """The entries up to the end of the day of `on` that do not stand at `on`, and that do beside.

    `known` None: as known now.
    """
    come = {entry_of(one) for one in known.come if one.at <= on} if known else set()
    gone = set(known.gone) if known else set()
    day = day_of(on)
    if source is None or on == end_of_day(day):
        return gone, come
    changed = known.obligations if known else frozenset[str]()
    unsure = {entry_of(one) for _, one in source.ladder_between(on, end_of_day(day))}
    unsure |= {entry for entry in (known.told if known else ()) if entry.day == day}
    if unsure:
        unsure -= _borne(source, Instant(midnight(day) - 1), on, changed)
    return {entry for entry in gone if entry.day != day} | unsure, come


def _borne(
    source: ObligationSource, after: Instant, until: Instant, but: frozenset[str]
) -> set[LadderEntry]:
    """The entries in (after, until] that other obligations bear."""
    found = source.ladder_between(after, until)
    return {entry_of(document) for obligation, document in found if obligation not in but}
