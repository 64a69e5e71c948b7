"""The engine: the fold of many partitions in memory, from batches of records to cells.

It decodes by columns, judges, finds duplicates, folds and counts. Whatever is not surely common
goes the slow way through the judge and the reference fold, and both ways give one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from projections.admission import Admission
from projections.cells import day_of_key, line_of
from projections.dropping import without
from projections.facts import Fact
from projections.folding import DISPLACES, RENEWS, Folder
from projections.growing import distinct
from projections.happening import happening
from projections.known import since
from projections.late import (
    Entered,
    Late,
    LateIndex,
    Sought,
    entered_late,
    late_facts,
    late_stored,
    obligation_of,
)
from projections.left_open import left_open, open_counts
from projections.life import LadderDocument, Life
from projections.lines import Lines
from projections.lives import UNOPENED
from projections.names import Names
from projections.obligation import RevisionDays
from projections.places import Place, places_of
from projections.settling import Batch, settled
from projections.shard import Partition, Shard, ladder_key
from projections.since import Since
from projections.sources import Numbering
from projections.standings import Asked, Standings, standings
from projections.steps import steps
from projections.waiting_facts import unopened
from schemas.frame import Frame, LadderEntry, Version
from schemas.measures import Step
from schemas.times import Instant, day_of, end_of_day

FRAME_CELLS_MAX = 50_000
"""Most cells of one frame; a larger change comes in several frames of one version."""
OPENED_AT_ONCE = 20_000
"""Obligations that are folded at once when a partition is opened."""


class Record(Protocol):
    """What the engine reads of a record."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


class Engine:
    """The obligations of the partitions that are open. One thread at a time may use it."""

    def __init__(
        self,
        revision_days: RevisionDays = lambda programme: None,
        schema_ids: Callable[[int], bytes] | None = None,
    ) -> None:
        """`revision_days`: programme -> days; `schema_ids`: Confluent schema id -> fingerprint."""
        self._names = Names()
        self._lines = Lines(self._names)
        self._revision_days = revision_days
        self._admission = Admission(self._names, schema_ids)
        self._kept = Shard(self._names, self._lines, self._revision_days)
        self._closed: set[int] = set()
        self._dropped = 0
        self._late = LateIndex()

    @property
    def _shard(self) -> Shard:
        """What is kept, without the partitions that were closed: several go in one go."""
        if self._closed:
            facts = self._kept.facts.size
            self._kept = without(self._kept, self._closed)
            self._dropped += facts
            self._closed = set()
            self._late = LateIndex()
        return self._kept

    def open(self, partition: int, states: Iterable[tuple[bytes, bytes]]) -> None:
        """Take a partition into memory from (obligation id, its stored facts joined) pairs."""
        self.close(partition)
        shard = self._shard
        shard.add(partition)
        shard.changed()
        held: list[tuple[bytes, bytes]] = []
        for state in chain(states, (None,)):
            if state is not None:
                held.append(state)
            if held and (state is None or len(held) >= OPENED_AT_ONCE):
                self._fill(shard, partition, held)
                held = []
        shard.changed()
        shard.partitions[partition].changed = []
        shard.partitions[partition].ladder_changed = {}

    def _fill(self, shard: Shard, partition: int, states: list[tuple[bytes, bytes]]) -> None:
        known = shard.partitions[partition].index
        ids = dict.fromkeys(key for key, _ in states)
        shard.enter(partition, [key for key in ids if key not in known])
        rows = self._admission.stored(shard, partition, states)
        folder = Folder(shard)
        folder.fill(rows)
        folder.finish()

    def close(self, partition: int) -> None:
        """Forget a partition."""
        if partition in self._kept.partitions:
            self._closed.add(partition)

    def partitions(self) -> list[int]:
        """The partitions that are open."""
        return sorted(self._shard.partitions)

    def take(self, partition: int, records: Sequence[Record]) -> Batch:
        """Fold records of one partition, in order of their offsets."""
        return self.take_all([(partition, records)])[0]

    def take_all(self, parts: Sequence[tuple[int, Sequence[Record]]]) -> list[Batch]:
        """Fold records of several partitions, each named once; what became of each."""
        shard = self._shard
        batches = [_batch(partition, records) for partition, records in parts]
        admitted = self._admission.admit(shard, parts)
        folder = Folder(shard)
        verdict = folder.enter(admitted.rows)
        folder.finish()
        if ((verdict == DISPLACES) | (verdict == RENEWS)).any():
            # Facts stand in the places of others, which may be late or not.
            self._late = LateIndex()
        return settled(batches, parts, admitted, verdict, folder.displaced)

    def frame(self, partition: int, version: Version) -> list[Frame]:
        """Absolute counts of all cells changed since the last call; as few frames as may be."""
        shard = self._shard
        shard.changed()
        held = shard.partitions[partition]
        parts = held.changed or [_NO_KEYS]
        # One part has each key once, in order.
        keys = parts[0] if len(parts) == 1 else distinct(np.concatenate(parts))
        ladder = _ladder(held)
        held.changed, held.ladder_changed = [], {}
        frames = self._frames(shard, version, keys, ladder)
        if frames:
            held.marks.append((version, shard.facts.size))
        elif held.marks:
            # These facts changed no cell: no frame of their own will tell of them, so the boards
            # know all of it once they have what is under way.
            held.marks[-1] = (held.marks[-1][0], shard.facts.size)
        else:
            held.told = shard.facts.size
        return frames

    def whole_frame(self, partition: int, version: Version) -> list[Frame]:
        """The same for all cells of the partition."""
        shard = self._shard
        keys, _ = shard.cells.items()
        keys = keys[self._lines.partitions(line_of(keys)) == partition]
        entries = dict.fromkeys(
            LadderEntry(document.note, document.document, document.ower, day)
            for document, day in self._ladder_documents(shard, partition)
        )
        return self._frames(shard, version, keys, tuple(entries))

    def _frames(
        self,
        shard: Shard,
        version: Version,
        keys: NDArray[np.int64],
        ladder: tuple[LadderEntry, ...],
    ) -> list[Frame]:
        if not len(keys) and not ladder:
            return []
        parts = max(1, -(-len(keys) // FRAME_CELLS_MAX))
        frames = []
        for part, some in enumerate(np.array_split(keys, parts)):
            lines = line_of(some)
            owers, ower = np.unique(self._lines.owers(lines), return_inverse=True)
            cuts, cut = np.unique(self._lines.cuts(lines), return_inverse=True)
            words = self._names.words
            frames.append(
                Frame(
                    version=version,
                    part=part,
                    parts=parts,
                    units=tuple(words[number] or "" for number in owers.tolist()),
                    slices=self._lines.slices(cuts),
                    ower=ower.astype(np.int32),
                    cut=cut.astype(np.int32),
                    day=day_of_key(some).astype(np.int32),
                    counts=shard.cells.rows(some),
                    ladder=ladder if part == 0 else (),
                )
            )
        return frames

    def counts(self) -> dict[str, int]:
        """How much is in memory: partitions, obligations, facts, cells."""
        shard = self._shard
        return {
            "partitions": len(shard.partitions),
            "obligations": len(shard.ids),
            "facts": shard.facts.size,
            "cells": len(shard.cells),
        }

    def waiting(self) -> int:
        """How many facts are of obligations that nobody has opened."""
        rows = self._shard.entries.rows
        return int(rows["count"][rows["standing"]["phase"] == UNOPENED].sum())

    def unopened(self, most: int, known: Instant | None = None) -> list[tuple[str, int]]:
        """Obligations that nobody has opened as known, with how many facts wait; at most `most`."""
        return unopened(self._shard, most, known)

    def _find(self, obligation: str) -> int | None:
        key = obligation.encode()
        for held in self._shard.partitions.values():
            number = held.index.get(key)
            if number is not None:
                return number
        return None

    def facts(self, obligation: str) -> list[Fact]:
        """The facts of an obligation, in order of arrival; none where it is not known here."""
        number = self._find(obligation)
        return [] if number is None else self._shard.facts_of(number)

    def places(self, obligation: str) -> dict[bytes, Place]:
        """Where the records of its facts stand, by event id; none where it is not known here."""
        number = self._find(obligation)
        return {} if number is None else places_of(self._shard, number)

    @staticmethod
    def late(facts: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """(obligation id, event id) of the late ones among (obligation id, stored fact) pairs."""
        return late_stored(facts)

    def late_facts(self, sought: Sought) -> Iterator[Late]:
        """The late facts that are sought, the one recorded last first."""
        shard = self._shard
        return late_facts(shard, self._late.places(shard), sought)

    def entered_late(
        self, owers: Sequence[str] | None, on: Instant, known: Instant, days: int
    ) -> list[Entered]:
        """Facts entered so many days after the day they claim, as late.entered_late finds them."""
        return entered_late(self._shard, owers, on, known, days)

    def obligation_of(self, event_id: bytes) -> str | None:
        """The obligation that has the event among its facts; None where it is not known here."""
        return obligation_of(self._shard, event_id)

    def life(self, obligation: str, known: Instant | None = None) -> Life | None:
        """The life of an obligation as known; None where it is not known here."""
        number = self._find(obligation)
        return None if number is None else self._shard.life(number, known)

    def obligations(self) -> Iterator[str]:
        """All obligations, in order of appearance."""
        for key in list(self._shard.ids):
            yield key.decode()

    def obligations_of(self, ower: str) -> list[str]:
        """The obligations that the unit owes or ever owed."""
        word = self._names.find(ower)
        if word is None:
            return []
        return self._ids(self._shard.owed_by(word))

    def recorded_after(self, known: Instant) -> list[str]:
        """The obligations that have a fact recorded after `known`, each once."""
        return self._ids(self._shard.recorded_after(known))

    def _ids(self, numbers: NDArray[np.int64]) -> list[str]:
        ids = self._shard.ids
        return [ids[number].decode() for number in numbers.tolist()]

    def standings(self, asked: Asked, most: int) -> Iterator[Standings]:
        """How what is asked for stands; see standings.standings. Raises Refused."""
        yield standings(self._shard, asked, most)

    def left_open(
        self, owers: Sequence[str], at: Instant, after: int, most: int
    ) -> tuple[list[str], int | None]:
        """A page of what these owers may have open at an instant, and after which the next begins.

        Pages begin after -1; None: that was the last one. See left_open.left_open.
        """
        found = [word for word in map(self._names.find, owers) if word is not None]
        numbers = left_open(self._shard, np.array(found, np.int64), at)
        first = int(np.searchsorted(numbers, after, "right"))
        page = numbers[first : first + most]
        last = first + len(page) >= len(numbers)
        return self._ids(page), None if last else int(page[-1])

    def open_counts(self) -> dict[str, int]:
        """Ower -> how many obligations it has open after everything recorded."""
        return open_counts(self._shard)

    def revision(self) -> int:
        """A number that differs whenever facts have come."""
        return self._dropped + self._shard.facts.size

    def told(self, version: Version) -> None:
        """The boards have taken the frames up to this version; see `steps_of`."""
        held = self._shard.partitions.get(version.partition)
        if held is None or not held.marks or held.marks[0][0].source != version.source:
            return
        while held.marks and held.marks[0][0].rank <= version.rank:
            held.told = held.marks.popleft()[1]

    def steps_after(self, at: Instant, owers: Collection[str] | None = None) -> Iterator[Step]:
        """The steps later than `at` on the local day of `at`, as far as told to the boards.

        `owers`: at least what bears on these. Midnight's steps are earlier, so that each life with
        such a step has a fact then.
        """
        shard, day = self._shard, day_of(at)
        for number in happening(shard, at, end_of_day(day), owers).tolist():
            found = steps(shard.told_life(number))
            yield from (s for s in found if s.at > at and day_of(Instant(s.at)) == day)

    def ladder_between(
        self, after: Instant, until: Instant, owers: Collection[str] | None = None
    ) -> Iterator[tuple[str, LadderDocument]]:
        """The documents of the ladder in (after, until], as far as told, by obligation.

        `owers`: at least those that bear on these.
        """
        shard = self._shard
        for number in happening(shard, after, until, owers).tolist():
            for document in shard.told_life(number).ladder:
                if after < document.at <= until:
                    yield shard.ids[number].decode(), document

    def since(
        self, known: Instant, names: Numbering, owers: Collection[str] | None = None
    ) -> Since:
        """How what was known at K differs from what the boards have taken; see known.since."""
        return since(self._shard, known, names, owers)

    def _ladder_documents(
        self, shard: Shard, partition: int
    ) -> Iterator[tuple[LadderDocument, int]]:
        noted = shard.noted()
        for number in noted[shard.entries.data["partition"][noted] == partition].tolist():
            for document in shard.life(number).ladder:
                yield document, day_of(Instant(document.at))


_NO_KEYS = np.empty(0, np.int64)


def _batch(partition: int, records: Sequence[Record]) -> Batch:
    first = records[0].offset if records else 0
    return Batch(partition, first, records[-1].offset + 1 if records else 0, len(records))


def _ladder(partition: Partition) -> tuple[LadderEntry, ...]:
    """The changed ladder entries, with whether a fact still stands behind each."""
    entries = list(partition.ladder_changed)
    if not entries:
        return ()
    keys = np.array([ladder_key(entry) for entry in entries], np.int64)
    held = partition.ladder.rows(keys)[:, 0] > 0
    pairs = zip(entries, held.tolist(), strict=True)
    return tuple(LadderEntry(e.note, e.document, e.ower, e.day, here) for e, here in pairs)
