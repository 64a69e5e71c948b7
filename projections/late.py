"""Late facts in columns: which rows may restate the past, found without deriving anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.admission import values_of
from projections.decode import decode, layouts
from projections.growing import Growing, distinct
from projections.shard import Shard, bytes16, instants
from schemas.event import Effect
from schemas.times import DAY_MS, LOCAL_OFFSET_MS, Day, Instant, day_of

Column = NDArray[Any]
Bools = NDArray[np.bool_]


class Sought(NamedTuple):
    """Which late facts are meant: recorded from an instant on, of what any of the owers owes or
    ever owed (None: whoever), of one obligation, that may change the figures of one day; recorded
    until an instant (None: whenever)."""

    since: int = 0
    owers: Sequence[str] | None = None
    obligation: str | None = None
    day: Day | None = None
    until: Instant | None = None


class Late(NamedTuple):
    """A late fact; `facts` is how many facts its obligation has by now."""

    obligation: str
    event_id: bytes
    recorded_at: int
    facts: int


class Entered(NamedTuple):
    """A fact entered at least a day after the day that it claims, imported history included."""

    obligation: str
    event_id: bytes
    at: Instant
    recorded_at: Instant

    @property
    def days_late(self) -> int:
        """Days from the one that it claims to the one on which it was recorded."""
        return day_of(self.recorded_at) - day_of(self.at)


def late(rows: Column) -> Bools:
    """Which rows of facts (dtype shard.FACT) are what restating.is_late calls late."""
    return _late(rows["at"], rows["recorded_at"], rows["effect"], rows["is_imported"])


def _late(at: Column, recorded_at: Column, effect: Column, is_imported: Column) -> Bools:
    found: Bools = (_days(at) < _days(recorded_at)) | (effect == Effect.CORRECTS)
    found &= ~is_imported & (effect != Effect.NOTES)
    return found


def _days(at: Column) -> Column:
    days: Column = (at + LOCAL_OFFSET_MS) // DAY_MS
    return days


def event_id(row: Any) -> bytes:
    """The event id of a row of facts."""
    return bytes16(row["id0"], row["id1"])


def late_stored(facts: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """(obligation id, event id) of those among (obligation id, stored facts) pairs."""
    keys = [key for key, stored in facts for _ in values_of(stored)]
    values = [value for _, stored in facts for value in values_of(stored)]
    columns = decode(values, np.ones(len(values), np.bool_))
    at = instants(columns.effective_at, columns.is_day)
    found = _late(at, columns.recorded_at, columns.effect, columns.is_imported)
    return [
        (keys[row], bytes16(columns.id0[row], columns.id1[row]))
        for row in np.flatnonzero(found).tolist()
    ]


def types_of(stored: bytes) -> dict[bytes, str]:
    """By event id the name of its type, of the stored facts of an obligation."""
    values = values_of(stored)
    columns = decode(values, np.ones(len(values), np.bool_))
    kinds = layouts().all
    return {
        bytes16(columns.id0[row], columns.id1[row]): kinds[columns.kind[row]].cls.type
        for row in range(len(values))
    }


class LateIndex:
    """The places of the late facts of one shard; those that came since are looked through."""

    def __init__(self) -> None:
        self._places = Growing(np.int64)
        self._scanned = 0

    def places(self, shard: Shard) -> Column:
        """Places among the shard's facts, ascending. It must be the same shard every time."""
        first = self._scanned
        rows = shard.facts.rows[first:]
        if len(rows):
            self._places.extend(np.flatnonzero(late(rows)) + first)
            self._scanned = shard.facts.size
        return self._places.rows


def late_facts(shard: Shard, places: Column, sought: Sought) -> Iterator[Late]:
    """The late facts that are sought, the one recorded last first."""
    facts = shard.facts.data
    if sought.since:
        places = places[facts["recorded_at"][places] >= sought.since]
    if sought.until is not None:
        places = places[facts["recorded_at"][places] <= sought.until]
    if sought.day is not None:
        begun = _days(facts["at"][places]) <= sought.day
        begun |= facts["effect"][places] == Effect.CORRECTS
        places = places[begun & (sought.day < _days(facts["recorded_at"][places]))]
    if sought.obligation is not None:
        key = sought.obligation.encode()
        numbers = [n for p in shard.partitions.values() if (n := p.index.get(key)) is not None]
        places = places[np.isin(facts["obligation"][places], numbers)]
    # Last, for it looks through all that anybody owes.
    places = _owed(shard, places, sought.owers)
    order = np.lexsort((places, facts["recorded_at"][places]))[::-1]
    for place in places[order].tolist():
        row = facts[place]
        number = int(row["obligation"])
        yield Late(
            shard.ids[number].decode(),
            event_id(row),
            int(row["recorded_at"]),
            int(shard.entries.data["count"][number]),
        )


def entered_late(
    shard: Shard, owers: Sequence[str] | None, on: Instant, known: Instant, days: int
) -> list[Entered]:
    """Facts about what any of the owers owes or ever owed, entered so many days late or more.

    Those that claim to be of T or before and were recorded by K, the latest entered first.
    Openings are left out: a programme that is loaded late opens all that it asks for.
    """
    rows = shard.facts.data
    found = _days(rows["recorded_at"]) - _days(rows["at"]) >= days
    found &= (rows["effect"] != Effect.OPENS) & (rows["at"] <= on) & (rows["recorded_at"] <= known)
    places = _owed(shard, np.flatnonzero(found), owers)
    told = (rows[place] for place in places.tolist())
    entered = [
        Entered(
            shard.ids[int(row["obligation"])].decode(),
            event_id(row),
            Instant(int(row["at"])),
            Instant(int(row["recorded_at"])),
        )
        for row in told
    ]
    return sorted(entered, key=lambda one: (-one.days_late, one.recorded_at, one.event_id))


def _owed(shard: Shard, places: Column, owers: Sequence[str] | None) -> Column:
    """Those of the places whose obligations any of the owers owes or ever owed (None: all)."""
    if owers is None or not len(places):
        return places
    words = map(shard.names.find, owers)
    known = distinct(np.array([word for word in words if word is not None], np.int64))
    kept: Column = places[np.isin(shard.facts.data["obligation"][places], shard.owed_by_any(known))]
    return kept


def obligation_of(shard: Shard, wanted: bytes) -> str | None:
    """The obligation that has the event among its facts; None where it is not known here."""
    word0, word1 = (int.from_bytes(wanted[at : at + 8], "little") for at in (0, 8))
    rows = shard.facts.rows
    found = np.flatnonzero((rows["id0"] == word0) & (rows["id1"] == word1))
    return shard.ids[int(rows["obligation"][found[0]])].decode() if len(found) else None
