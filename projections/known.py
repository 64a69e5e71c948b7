"""Known: by how much counts and ladder as known at K differ from what the boards have taken.

By columns. Mostly what was recorded after K also took place after all that was known by then: of
such an obligation the later facts alone are taken back. What columns cannot fold is left to the
reference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.extra import Extra, extra_of
from projections.happening import owed_among
from projections.life import LadderDocument
from projections.lines import PARTITIONS_MAX, Lines
from projections.lives import Changes, changes, joined, local_days, midnights, unopened
from projections.names import Names
from projections.refolding import ladder_of
from projections.shard import Shard, ladder_key
from projections.since import KnownLadder, Since, entries_of, entry_of, nothing
from projections.sources import Numbering
from projections.steps import steps
from projections.turns import Ordered, Turn, in_order, ordered, recorded_until, told_after, turns
from schemas.event import Effect
from schemas.frame import LadderEntry
from schemas.measures import Step
from schemas.refusal import Reason, Refused
from schemas.times import Instant

Column = NDArray[Any]
Bools = NDArray[np.bool_]

KNOWN_LIVES_MAX = 400_000
"""Most obligations that are folded for one question at an instant K, a few seconds' work."""
FAR = np.int64(1) << 62
"""Later than every place and rank."""


class _Told(NamedTuple):
    """The facts of obligations as far as told, in order, and how those known at K lie among them.

    `late` are the rows recorded after K. Of the `mixed` some facts of then take place after later
    ones, or are not told yet. `noted` may bear other documents since. `untold` have facts that
    are not in the frames that the boards have taken.
    """

    found: Ordered
    late: Bools
    mixed: Bools
    noted: Bools
    untold: Bools


class _Side(NamedTuple):
    """What one fold gave, by position of the obligation: steps as columns, and documents."""

    changes: Changes
    at: Column
    documents: list[tuple[int, LadderDocument, bool]]


def since(
    shard: Shard, known: Instant, names: Numbering, owers: Collection[str] | None = None
) -> Since:
    """What was known at K minus what the boards have taken; `names` are those of the boards.

    `owers`: as far as it bears on these; only what they owe or ever owed is folded. Raises Refused
    where too many obligations have been told of since.
    """
    if owers is not None:
        return _since(shard, _told_since(shard, known, owers), known, names).of(owers, names)
    return _since(shard, shard.recorded_after(known), known, names)


def _told_since(shard: Shard, known: Instant, owers: Collection[str]) -> Column:
    """The obligations that these owe or ever owed, as known at any time, and were told of since."""
    numbers = owed_among(shard, owers)
    found: Column = numbers[told_after(shard, numbers, known)]
    return found


def _since(shard: Shard, numbers: Column, known: Instant, names: Numbering) -> Since:
    if len(numbers) > KNOWN_LIVES_MAX:
        raise Refused(
            Reason.TOO_LARGE,
            f"{len(numbers)} obligations have been told of since; at most {KNOWN_LIVES_MAX} are "
            "folded at once, ask for a unit further down or `lienthong replay --known`",
            "known",
        )
    if not len(numbers):
        return nothing(names)
    told = _as_told(shard, numbers, known)
    now = _folded(shard, told.found, told.mixed[told.found.owner] | told.late, told)
    again = np.flatnonzero(told.mixed)
    found = ordered(shard, numbers[again], recorded_until(shard, known))
    was = _folded(shard, found, np.ones(len(found.rows), np.bool_), told, again)
    exotic = told.found.exotic.copy()
    exotic[again] |= found.exotic
    extra = _extra(shard, was, ~exotic[again], names) + -_extra(shard, now, ~exotic, names)
    left = numbers[exotic]
    steps_was, steps_now = _by_reference(shard, left, known)
    extra += extra_of(names, steps_was) + -extra_of(names, steps_now)
    return Since(extra, _ladder(shard, numbers, known, told, now, was, exotic))


def _as_told(shard: Shard, numbers: Column, known: Instant) -> _Told:
    limits = np.full(PARTITIONS_MAX, FAR)
    for number, held in shard.partitions.items():
        if held.told is not None:
            limits[number] = held.told
    facts = shard.facts.data
    owner, place = shard.chains(numbers)
    where = shard.entries.data["partition"][numbers]
    is_told = place < limits[where[owner]]
    found = in_order(shard, len(numbers), owner[is_told], place[is_told])
    late = found.rows["recorded_at"] > known
    first_late = np.full(len(numbers), FAR)
    np.minimum.at(first_late, found.owner[late], found.rank[late])
    last_known = np.full(len(numbers), -1)
    np.maximum.at(last_known, found.owner[~late], found.rank[~late])
    mixed = first_late < last_known
    untold, noted = np.zeros((2, len(numbers)), np.bool_)
    coming = np.flatnonzero(~is_told)
    if len(coming):
        owner, place = owner[coming], place[coming]
        untold[owner] = True
        mixed[owner[facts["recorded_at"][place] <= known]] = True
        noted |= untold
    notes = found.rows["effect"] == Effect.NOTES
    noted[found.owner[notes & (late | mixed[found.owner])]] = True
    return _Told(found, late, mixed, noted, untold)


def _folded(
    shard: Shard, found: Ordered, counted: Bools, told: _Told, positions: Column | None = None
) -> _Side:
    """Fold all rows; the changes of those that are `counted`, the documents of the noted ones.

    A document comes with whether its row is counted. `positions`: of these obligations among all.
    """
    size = len(found.exotic)
    noted = told.noted if positions is None else told.noted[positions]
    standing = unopened(size)
    made: list[Changes] = []
    at: list[Column] = []
    documents: list[tuple[int, LadderDocument, bool]] = []
    is_counted = np.zeros(shard.facts.size, np.bool_)
    is_counted[found.place[counted]] = True
    for turn in turns(shard, found, standing):
        counts = is_counted[turn.places]
        for change in _changed(turn, np.flatnonzero(counts), shard.lines):
            made.append(change[0])
            at.append(change[1])
        some = np.flatnonzero(noted[turn.whose])
        for row, entry in ladder_of(shard, turn.rows[some], turn.before[some], turn.at[some]):
            one = some[row]
            document = LadderDocument(entry.note, entry.document, entry.ower, int(turn.at[one]))
            documents.append((int(turn.whose[one]), document, bool(counts[one])))
    return _Side(joined(made), np.concatenate(at) if at else np.empty(0, np.int64), documents)


def _changed(turn: Turn, rows: Column, lines: Lines) -> list[tuple[Changes, Column]]:
    """What some rows of a turn change, with the instants of it."""
    at = turn.at[rows]
    found = []
    for change in changes(np.arange(len(rows)), turn.before[rows], turn.after[rows], at, lines):
        here = at[change.owner]
        # What only the clock changes comes with a midnight, and that is of a later day.
        when = np.where(change.day == local_days(here), here, midnights(change.day))
        found.append((change._replace(owner=turn.whose[rows[change.owner]]), when))
    return found


def _extra(shard: Shard, side: _Side, kept: Bools, names: Numbering) -> Extra:
    """The steps of the kept obligations, by the numbers of the boards."""
    some = np.flatnonzero(kept[side.changes.owner])
    change, at = side.changes.of(some), side.at[some]
    lines, back = np.unique(change.line, return_inverse=True)
    words, ower = np.unique(shard.lines.owers(lines), return_inverse=True)
    cuts, cut = np.unique(shard.lines.cuts(lines), return_inverse=True)
    owers = np.array([names.ower(code) for code in _codes(shard.names, words)], np.int64)
    numbers = names.cuts(shard.lines.slices(cuts)) if len(cuts) else np.empty(0, np.int64)
    deltas = change.deltas()
    row, measure = np.nonzero(deltas)
    place = back[row]
    value = deltas[row, measure].astype(np.int64)
    return Extra(at[row], owers[ower[place]], numbers[cut[place]], measure, value)


def _codes(names: Names, words: Column) -> list[str]:
    return [names.words[number] or "" for number in words.tolist()]


def _by_reference(shard: Shard, numbers: Column, known: Instant) -> tuple[list[Step], list[Step]]:
    was: list[Step] = []
    now: list[Step] = []
    for number in numbers.tolist():
        was += steps(shard.life(number, known))
        now += steps(shard.told_life(number))
    return was, now


def _ladder(
    shard: Shard,
    numbers: Column,
    known: Instant,
    told: _Told,
    now: _Side,
    was: _Side,
    exotic: Bools,
) -> KnownLadder:
    noted = told.noted | exotic
    again = np.flatnonzero(told.mixed)
    bears: list[tuple[int, LadderEntry]] = []
    come: list[LadderDocument] = []
    stayed: set[LadderEntry] = set()
    for position, document, counted in now.documents:
        if not exotic[position]:
            entry = entry_of(document)
            bears.append((position, entry))
            if not counted:
                come.append(document)
                stayed.add(entry)
    others = [one for position, one, _ in was.documents if not exotic[again[position]]]
    for position in np.flatnonzero(exotic).tolist():
        number = int(numbers[position])
        bears += [(position, entry_of(one)) for one in shard.told_life(number).ladder]
        others += shard.life(number, known).ladder
    entries = frozenset(entry for _, entry in bears)
    gone = entries - stayed - entries_of(others)
    return KnownLadder(
        frozenset(shard.ids[number].decode() for number in numbers[noted].tolist()),
        entries,
        gone - _borne_by_others(shard, numbers, told.untold, bears, gone),
        (*come, *others),
    )


def _borne_by_others(
    shard: Shard,
    numbers: Column,
    untold: Bools,
    bears: Sequence[tuple[int, LadderEntry]],
    gone: frozenset[LadderEntry],
) -> frozenset[LadderEntry]:
    """Those of the entries behind which another obligation stands, too."""
    if not gone:
        return frozenset()
    mine = Counter(one for position, one in bears if one in gone and not untold[position])
    for position in np.flatnonzero(untold).tolist():
        # The tables count what is not told yet, too.
        mine.update(map(entry_of, shard.life(int(numbers[position])).ladder))
    some = list(gone)
    keys = np.array([ladder_key(entry) for entry in some], np.int64)
    behind = sum(held.ladder.rows(keys)[:, 0] for held in shard.partitions.values())
    counts = np.asarray(behind).tolist()
    return frozenset(e for e, count in zip(some, counts, strict=True) if count > mine[e])
