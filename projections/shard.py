"""A shard: the facts, standings and cells of the obligations of some partitions, in columns.

Partitions share the columns, so that a few facts of each are folded by the same calls.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from projections.cells import Cells, cell_key, line_of
from projections.facts import Fact, fact_of_value
from projections.growing import Growing, distinct
from projections.life import Life
from projections.lines import NO_DUE, PARTITIONS_MAX, Lines
from projections.lives import STANDING, Changes, unopened
from projections.names import Names
from projections.obligation import RevisionDays, derive
from projections.order import instant_of
from schemas.event import Effect
from schemas.frame import LadderEntry, Version
from schemas.refusal import Refused
from schemas.times import DAY_MS, LOCAL_OFFSET_MS, Instant

Column = NDArray[Any]

FACT = np.dtype(
    [
        ("id0", "u8"),
        ("id1", "u8"),
        ("earlier", "i4"),
        ("causation", "i4"),
        ("at", "i8"),
        ("recorded_at", "i8"),
        ("source_seq", "i8"),
        ("offset", "i8"),
        ("content0", "u8"),
        ("content1", "u8"),
        ("correlation", "i4"),
        ("day", "i4"),
        ("party", "i4"),
        ("detail", "i4"),
        ("obligation", "i4"),
        ("past", "i4"),
        ("effect", "u1"),
        ("is_day", "?"),
        ("flag", "?"),
        ("is_imported", "?"),
    ]
)
"""One fact. `at` is order.instant_of, and `past` how long after it effective_at stands; `earlier`
the fact of the same obligation that arrived before it (-1: none); `offset` is its record's;
`correlation` and `causation` are places in the pool of ids."""

ENTRY = np.dtype(
    [
        ("standing", STANDING),
        ("last", "i4"),
        ("top", "i4"),
        ("count", "i4"),
        ("mode", "u1"),
        ("partition", "u1"),
    ]
)
"""One obligation: how it stands, the fact that arrived last, the fact that is last in order."""

MARKS_MAX = 10_000
"""Most frames under way whose facts are told apart from later ones."""

CROWD = 48
"""Of obligations with more facts than this the ids are kept in a table, not walked through."""
CROWDS_MAX = 10_000
"""Most such tables; they are made anew when needed."""

FAST, EXOTIC, DETACHED = range(3)
"""An obligation's counts follow its standing; or the reference's life; or are in no cell now."""


@dataclass
class Partition:
    """What is kept of one partition alone.

    Facts before the place `told` are in the frames that the boards have taken; None: all are, for
    all that is known. The marks are of frames that they may still take.
    """

    index: dict[bytes, int] = field(default_factory=dict)
    changed: list[NDArray[np.int64]] = field(default_factory=list)
    ladder: Cells = field(default_factory=lambda: Cells(1))
    ladder_changed: dict[LadderEntry, None] = field(default_factory=dict)
    told: int | None = None
    marks: deque[tuple[Version, int]] = field(default_factory=lambda: deque(maxlen=MARKS_MAX))


class Shard:
    """What the engine keeps of its partitions."""

    def __init__(self, names: Names, lines: Lines, revision_days: RevisionDays) -> None:
        self.names = names
        self.lines = lines
        self.revision_days = revision_days
        # (ower word << 32) | obligation, of everybody who ever owed it.
        self.owed = Growing(np.int64)
        self.partitions: dict[int, Partition] = {}
        self.ids: list[bytes] = []
        self.facts = Growing(FACT)
        self.entries = Growing(ENTRY)
        self.pool = Growing(np.dtype([("id0", "u8"), ("id1", "u8")]))
        self.crowds: dict[int, tuple[dict[bytes, int], set[bytes]]] = {}
        self.cells = Cells()
        self._changed: list[NDArray[np.int64]] = []
        # Facts that happen after their recording, looked for among the first `scanned` facts.
        self.ahead = Growing(np.dtype([("at", "i8"), ("obligation", "i8")]))
        self.recorded_max = 0
        self.scanned = 0

    def add(self, partition: int) -> None:
        """Begin with an empty partition."""
        if not 0 <= partition < PARTITIONS_MAX:
            raise ValueError(f"partition {partition} is not below {PARTITIONS_MAX}")
        self.partitions[partition] = Partition()

    def enter(self, partition: int, ids: Iterable[bytes]) -> None:
        """Give new obligations of a partition their numbers."""
        before = len(self.ids)
        self.ids.extend(ids)
        index = self.partitions[partition].index
        for number in range(before, len(self.ids)):
            index[self.ids[number]] = number
        rows = np.zeros(len(self.ids) - before, ENTRY)
        rows["standing"] = unopened(len(rows))
        rows["partition"] = partition
        rows["last"] = rows["top"] = -1
        self.entries.extend(rows)

    def chains(self, numbers: Column) -> tuple[Column, Column]:
        """All facts of obligations: (position in `numbers`, place among the facts)."""
        whose = np.arange(len(numbers))
        place = self.entries.data["last"][numbers].astype(np.int64)
        owners, places = [], []
        while True:
            here = place >= 0
            whose, place = whose[here], place[here]
            if not len(place):
                break
            owners.append(whose)
            places.append(place)
            place = self.facts.data["earlier"][place].astype(np.int64)
        if not owners:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return np.concatenate(owners), np.concatenate(places)

    def crowd(self, number: int) -> tuple[dict[bytes, int], set[bytes]]:
        """Of one obligation with many facts: the place of each id, and the ids named as causes."""
        found = self.crowds.get(number)
        if found is None:
            if len(self.crowds) >= CROWDS_MAX:
                self.crowds.clear()
            found = self.crowds[number] = ({}, set())
            _, places = self.chains(np.array([number]))
            self.join_crowds(self.facts.data[places], places)
        return found

    def join_crowds(self, rows: Column, places: Column) -> None:
        """Enter new facts into the tables of their obligations, where there are any."""
        for row, place in zip(rows, places.tolist(), strict=True):
            found = self.crowds.get(int(row["obligation"]))
            if found is not None:
                found[0][bytes16(row["id0"], row["id1"])] = place
                if row["causation"] >= 0:
                    found[1].add(self._pooled(int(row["causation"])) or b"")

    def facts_of(self, number: int, until: int | None = None) -> list[Fact]:
        """The facts of one obligation as the reference reads them, in order of arrival.

        `until`: only those that came before this place.
        """
        found = []
        place = int(self.entries.data["last"][number])
        while place >= 0:
            row = self.facts.data[place]
            if until is None or place < until:
                found.append(self._fact(row))
            place = int(row["earlier"])
        found.reverse()
        return found

    def _fact(self, row: Any) -> Fact:
        names, words = self.names, self.names.words
        party = names.party_rows.data[row["party"]]
        effect = int(row["effect"])
        fact = Fact(
            effective_at=int(row["at"]) + int(row["past"]),
            recorded_at=int(row["recorded_at"]),
            event_id=bytes16(row["id0"], row["id1"]),
            effect=effect,
            effective_is_day=bool(row["is_day"]),
            correlation_id=self._pooled(int(row["correlation"])),
            causation_id=self._pooled(int(row["causation"])),
            obligation=self.ids[row["obligation"]].decode(),
            unit=words[party["unit"]] or "",
            by=words[party["by"]] or "",
            source=words[party["source"]] or "",
            source_seq=int(row["source_seq"]),
            programme=words[party["programme"]],
            imported=bool(row["is_imported"]),
            content=bytes16(row["content0"], row["content1"]),
        )
        day = None if row["day"] == NO_DUE else int(row["day"])
        if effect == Effect.MOVES:
            return fact._replace(due_before=day, extends=bool(row["flag"]))
        if effect == Effect.RETURNS:
            return fact._replace(revise_before=day)
        if effect in _WITHOUT_DETAIL:
            return fact
        return self._detailed(fact, int(row["detail"]), day, bool(row["flag"]))

    def _detailed(self, fact: Fact, number: int, day: int | None, flag: bool) -> Fact:
        words = self.names.words
        detail = self.names.detail_rows.data[number]
        if fact.effect == Effect.CORRECTS:
            target, replacement = self.names.corrections[number]
            return fact._replace(target=target, void=flag, replacement=replacement)
        if fact.effect == Effect.AMENDS:
            return fact._replace(area=words[detail["area"]])
        if fact.effect == Effect.HANDS_OVER:
            return fact._replace(to_unit=words[detail["word"]])
        if fact.effect == Effect.NOTES:
            return fact._replace(note=words[detail["word"]])
        return fact._replace(
            kind=words[detail["kind"]],
            item=words[detail["item"]],
            area=words[detail["area"]],
            period=words[detail["period"]],
            due_before=day,
            done_when=words[detail["done_when"]],
            issuer=words[detail["word"]],
        )

    def _pooled(self, place: int) -> bytes | None:
        if place < 0:
            return None
        row = self.pool.data[place]
        return bytes16(row["id0"], row["id1"])

    def life(self, number: int, known: int | None = None) -> Life:
        """The life of one obligation, by the reference."""
        at = None if known is None else Instant(known)
        return derive(self.facts_of(number), at, self.revision_days)

    def told_life(self, number: int) -> Life:
        """The life of one obligation as the frames tell it that the boards have taken."""
        told = self.partitions[int(self.entries.data["partition"][number])].told
        return derive(self.facts_of(number, told), None, self.revision_days)

    def count(self, changes: Changes) -> None:
        """Enter changes of counts into the cells and the indexes; `owner` is the obligation."""
        if not len(changes.owner):
            return
        keys = cell_key(changes.line, changes.day)
        changed = self.cells.add(keys, changes.deltas())
        if len(changed):
            self._changed.append(changed)

    def changed(self) -> None:
        """Hand the keys of the cells that changed to their partitions."""
        if not self._changed:
            return
        parts, self._changed = self._changed, []
        # What `add` returned has each key once, in order.
        keys = parts[0] if len(parts) == 1 else distinct(np.concatenate(parts))
        partition = self.lines.partitions(line_of(keys))
        order = np.argsort(partition.astype(np.uint8), kind="stable")
        numbers, begin = np.unique(partition[order], return_index=True)
        for number, some in zip(numbers.tolist(), np.split(keys[order], begin[1:]), strict=True):
            self.partitions[number].changed.append(some)

    def owe(self, rows: Column) -> None:
        """Enter who owes by these facts: their opening's unit, or the one it was handed to."""
        for effect in (Effect.OPENS, Effect.HANDS_OVER):
            some = rows[rows["effect"] == effect]
            if not len(some):
                continue
            if effect == Effect.OPENS:
                owers = self.names.party_rows.data["unit"][some["party"]]
            else:
                owers = self.names.detail_rows.data["word"][some["detail"]]
            self.owed.extend((owers.astype(np.int64) << 32) | some["obligation"])
        for number, fact in self._replacements(rows):
            if fact.effect in (Effect.OPENS, Effect.HANDS_OVER):
                ower = fact.unit if fact.to_unit is None else fact.to_unit
                self.owed.extend(np.array([(self.names.word(ower) << 32) | number], np.int64))

    def _replacements(self, rows: Column) -> Iterator[tuple[int, Fact]]:
        """The obligations of the corrections among rows, and what these put in place of a fact."""
        for row in rows[rows["effect"] == Effect.CORRECTS]:
            value = self.names.corrections[int(row["detail"])][1]
            with suppress(Refused):
                if value is not None:
                    yield int(row["obligation"]), fact_of_value(value)

    def note(self, entries: list[tuple[int, LadderEntry, int]]) -> None:
        """Enter ladder entries of obligations that came (+1) or went (-1)."""
        if not entries:
            return
        where = self.entries.data["partition"][[number for number, _, _ in entries]]
        for partition in distinct(where).tolist():
            some = [entries[at][1:] for at in np.flatnonzero(where == partition).tolist()]
            keys = np.array([ladder_key(entry) for entry, _ in some], np.int64)
            held = self.partitions[partition]
            held.ladder.add(keys, np.array([[sign] for _, sign in some], np.int32))
            held.ladder_changed.update((entry, None) for entry, _ in some)

    def recorded_after(self, known: int) -> NDArray[np.int64]:
        """The obligations with a fact recorded after an instant."""
        rows = self.facts.rows
        return distinct(rows["obligation"][rows["recorded_at"] > known]).astype(np.int64)

    def owed_by(self, word: int) -> NDArray[np.int64]:
        """The obligations that the ower with this word owes or ever owed."""
        pairs = self.owed.rows
        return distinct(pairs[pairs >> 32 == word] & 0xFFFFFFFF)

    def scan(self) -> None:
        """Look through the facts that came since for those that happen after their recording."""
        rows = self.facts.rows[self.scanned :]
        if not len(rows):
            return
        ahead = rows[rows["at"] > rows["recorded_at"]][["at", "obligation"]].tolist()
        # When a corrected fact happens stands in the correction alone.
        ahead += [(instant_of(fact), number) for number, fact in self._replacements(rows)]
        self.ahead.extend(np.array(ahead, self.ahead.data.dtype))
        self.recorded_max = max(self.recorded_max, int(rows["recorded_at"].max()))
        self.scanned = self.facts.size

    def owed_by_any(self, words: NDArray[np.int64]) -> NDArray[np.int64]:
        """The obligations that any ower with these words (ascending) owes or ever owed."""
        pairs = self.owed.rows
        return distinct(pairs[np.isin(pairs >> 32, words)] & 0xFFFFFFFF)

    def noted(self) -> NDArray[np.int64]:
        """The obligations that have any note."""
        rows = self.facts.rows
        return distinct(rows["obligation"][rows["effect"] == Effect.NOTES]).astype(np.int64)

    def documents(self, rows: Column) -> list[bytes]:
        """The ids of the documents that ladder notes belong to."""
        ids = np.stack([rows["id0"], rows["id1"]], axis=1)
        shared = np.flatnonzero(rows["correlation"] >= 0)
        pooled = self.pool.data[rows["correlation"][shared]]
        ids[shared, 0], ids[shared, 1] = pooled["id0"], pooled["id1"]
        raw = ids.astype("<u8").tobytes()
        return [raw[at : at + 16] for at in range(0, len(raw), 16)]


_WITHOUT_DETAIL = frozenset({Effect.MEETS, Effect.ACCEPTS, Effect.DROPS, Effect.CONTEXT})


def bytes16(word0: Any, word1: Any) -> bytes:
    """Two little-endian words -> sixteen bytes."""
    return int(word0).to_bytes(8, "little") + int(word1).to_bytes(8, "little")


def ladder_key(entry: LadderEntry) -> int:
    """A number for a ladder entry, for counting how many facts stand behind it.

    64 bits of hash, good within this process alone: two of a million entries share one with a
    chance of three in a hundred million, and then a corrected reminder is shown too long.
    """
    return hash((entry.note, entry.document, entry.ower, entry.day))


def instants(effective_at: Column, is_day: Column) -> Column:
    """When facts say they happened: order.instant_of over columns."""
    days = (effective_at + LOCAL_OFFSET_MS) // DAY_MS
    return np.where(is_day, days * DAY_MS - LOCAL_OFFSET_MS, effective_at)
