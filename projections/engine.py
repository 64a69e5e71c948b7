"""The engine: the fold of many partitions in memory, from batches of records to cells.

It decodes by columns, judges, finds duplicates, folds and counts. Whatever is not surely common
goes the slow way through the judge and the reference fold, and both ways give one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from projections.admission import Admission
from projections.cells import day_of_key, line_of
from projections.facts import Fact
from projections.folding import CLASH, DISPLACES, DUPLICATE, FRESH, RENEWS, TOO_MANY, Folder
from projections.life import LadderDocument, Life
from projections.lines import Lines
from projections.lives import UNOPENED
from projections.names import Names
from projections.obligation import RevisionDays
from projections.shard import Shard, ladder_key
from projections.standings import Standings, standings
from projections.steps import steps
from schemas.frame import Frame, LadderEntry, Version
from schemas.limits import FACTS_PER_OBLIGATION_MAX
from schemas.measures import Step
from schemas.refusal import Reason
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


class Gone(NamedTuple):
    """A record taken earlier that gave way; its bytes stand at its offset of the log."""

    offset: int
    timestamp: int
    key: bytes
    value: bytes | None = None


@dataclass
class Batch:
    """What became of the records of one `take`.

    `facts` are the accepted ones for the journal: (obligation id, stored fact), in order.
    `quarantined` may hold a Gone: a record of an earlier batch.
    """

    partition: int
    first_offset: int
    next_offset: int
    events: int
    duplicates: int = 0
    facts: list[tuple[bytes, bytes]] = field(default_factory=list)
    quarantined: list[tuple[Any, Reason, str]] = field(default_factory=list)


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
        self._shards: dict[int, Shard] = {}

    def open(self, partition: int, states: Iterable[tuple[bytes, bytes]]) -> None:
        """Take a partition into memory from (obligation id, its stored facts joined) pairs."""
        shard = Shard(self._names, self._lines, self._revision_days)
        held: list[tuple[bytes, bytes]] = []
        for state in chain(states, (None,)):
            if state is not None:
                held.append(state)
            if held and (state is None or len(held) >= OPENED_AT_ONCE):
                self._fill(shard, held)
                held = []
        shard.changed, shard.ladder_changed = [], {}
        self._shards[partition] = shard

    def _fill(self, shard: Shard, states: list[tuple[bytes, bytes]]) -> None:
        shard_ids = list(dict.fromkeys(key for key, _ in states))
        shard.enter(key for key in shard_ids if key not in shard.index)
        rows = self._admission.stored(shard, states)
        folder = Folder(shard)
        folder.fill(rows)
        folder.finish()

    def close(self, partition: int) -> None:
        """Forget a partition."""
        self._shards.pop(partition, None)

    def partitions(self) -> list[int]:
        """The partitions that are open."""
        return sorted(self._shards)

    def take(self, partition: int, records: Sequence[Record]) -> Batch:
        """Fold records of one partition, in order of their offsets."""
        shard = self._shards[partition]
        first = records[0].offset if records else 0
        batch = Batch(partition, first, records[-1].offset + 1 if records else 0, len(records))
        admitted = self._admission.admit(shard, records)
        batch.quarantined += [
            (records[row], refused.reason, refused.sentence) for row, refused in admitted.refused
        ]
        folder = Folder(shard)
        verdict = folder.enter(admitted.rows)
        folder.finish()
        taken = np.flatnonzero((verdict == FRESH) | (verdict == DISPLACES) | (verdict == RENEWS))
        batch.facts = admitted.stored(taken)
        batch.duplicates = int(np.count_nonzero((verdict == DUPLICATE) | (verdict == RENEWS)))
        for row in np.flatnonzero((verdict == CLASH) | (verdict == TOO_MANY)).tolist():
            record = records[admitted.record_of(row)]
            reason, sentence = _REFUSALS[int(verdict[row])]
            batch.quarantined.append((record, reason, sentence))
        batch.quarantined += _displaced(records, folder)
        batch.quarantined.sort(key=lambda entry: entry[0].offset)
        return batch

    def frame(self, partition: int, version: Version) -> list[Frame]:
        """Absolute counts of all cells changed since the last call; as few frames as may be."""
        shard = self._shards[partition]
        keys = np.unique(np.concatenate(shard.changed)) if shard.changed else _NO_KEYS
        ladder = _ladder(shard)
        shard.changed, shard.ladder_changed = [], {}
        frames = self._frames(shard, version, keys, ladder)
        if frames or shard.marks:
            shard.marks.append((version, shard.facts.size))
        else:
            # These facts changed no cell, and nothing is under way: the boards know all of it.
            shard.told = shard.facts.size
        return frames

    def whole_frame(self, partition: int, version: Version) -> list[Frame]:
        """The same for all cells of the partition."""
        shard = self._shards[partition]
        keys, _ = shard.cells.items()
        entries = dict.fromkeys(
            LadderEntry(document.note, document.document, document.ower, day)
            for document, day in self._ladder_documents(shard)
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
                    slices=tuple(map(self._lines.slice, cuts.tolist())),
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
        shards = self._shards.values()
        return {
            "partitions": len(self._shards),
            "obligations": sum(len(shard.ids) for shard in shards),
            "facts": sum(shard.facts.size for shard in shards),
            "cells": sum(len(shard.cells) for shard in shards),
        }

    def waiting(self) -> int:
        """How many facts are of obligations that nobody has opened."""
        parts = [shard.entries.rows for shard in self._shards.values()]
        return sum(int(p["count"][p["standing"]["phase"] == UNOPENED].sum()) for p in parts)

    def unopened(self, most: int) -> list[tuple[str, int]]:
        """Obligations that nobody has opened, with how many facts wait for it; at most `most`."""
        found: list[tuple[str, int]] = []
        for shard in self._shards.values():
            rows = shard.entries.rows
            held = np.flatnonzero((rows["standing"]["phase"] == UNOPENED) & (rows["count"] > 0))
            for number in held[: most - len(found)].tolist():
                found.append((shard.ids[number].decode(), int(rows["count"][number])))
        return sorted(found)

    def _find(self, obligation: str) -> tuple[Shard, int] | None:
        key = obligation.encode()
        for shard in self._shards.values():
            number = shard.index.get(key)
            if number is not None:
                return shard, number
        return None

    def facts(self, obligation: str) -> list[Fact]:
        """The facts of an obligation, in order of arrival; none where it is not known here."""
        found = self._find(obligation)
        return found[0].facts_of(found[1]) if found else []

    def life(self, obligation: str, known: Instant | None = None) -> Life | None:
        """The life of an obligation as known; None where it is not known here."""
        found = self._find(obligation)
        return found[0].life(found[1], known) if found else None

    def obligations(self) -> Iterator[str]:
        """All obligations, by partition, in order of appearance."""
        for shard in self._shards.values():
            for key in list(shard.ids):
                yield key.decode()

    def obligations_of(self, ower: str) -> list[str]:
        """The obligations that the unit owes or ever owed."""
        word = self._names.find(ower)
        if word is None:
            return []
        return self._ids(lambda shard: shard.owed_by(word))

    def recorded_after(self, known: Instant) -> list[str]:
        """The obligations that have a fact recorded after `known`, each once."""
        return self._ids(lambda shard: shard.recorded_after(known))

    def _ids(self, pick: Callable[[Shard], NDArray[np.int64]]) -> list[str]:
        return [
            shard.ids[number].decode()
            for shard in self._shards.values()
            for number in pick(shard).tolist()
        ]

    def standings(
        self, owers: Sequence[str] | None, at: Instant, soon_days: int
    ) -> Iterator[Standings]:
        """How everything stands that any of the units owes or ever owed (None: all of it)."""
        found = [] if owers is None else map(self._names.find, owers)
        words = np.unique(np.array([word for word in found if word is not None], np.int64))
        for shard in self._shards.values():
            numbers = np.arange(len(shard.ids)) if owers is None else shard.owed_by_any(words)
            yield standings(shard, numbers, at, soon_days)

    def revision(self) -> int:
        """A number that differs whenever facts have come."""
        return sum(shard.facts.size for shard in self._shards.values())

    def told(self, version: Version) -> None:
        """The boards have taken the frames up to this version; see `steps_of`."""
        shard = self._shards.get(version.partition)
        if shard is None or not shard.marks or shard.marks[0][0].source != version.source:
            return
        while shard.marks and shard.marks[0][0].rank <= version.rank:
            shard.told = shard.marks.popleft()[1]

    def _happening(self, at: Instant) -> Iterator[Life]:
        """The told lives with a fact later than `at` on its day: midnight's steps are earlier."""
        day = day_of(at)
        for shard in self._shards.values():
            for number in shard.happening(at, end_of_day(day)).tolist():
                yield shard.told_life(number)

    def steps_after(self, at: Instant) -> Iterator[Step]:
        """The steps later than `at` on the local day of `at`, as far as told to the boards."""
        day = day_of(at)
        for life in self._happening(at):
            yield from (s for s in steps(life) if s.at > at and day_of(Instant(s.at)) == day)

    def ladder_after(self, at: Instant) -> Iterator[LadderDocument]:
        """The documents of the ladder later than `at` on its local day, as far as told."""
        day = day_of(at)
        for life in self._happening(at):
            yield from (d for d in life.ladder if d.at > at and day_of(Instant(d.at)) == day)

    def _as_told(self, obligation: str, known: Instant | None) -> Life | None:
        found = self._find(obligation)
        if found is None:
            return None
        shard, number = found
        return shard.told_life(number) if known is None else shard.life(number, known)

    def steps_of(self, obligation: str, known: Instant | None = None) -> Sequence[Step]:
        """The steps of an obligation as known; None: as far as told to the boards."""
        life = self._as_told(obligation, known)
        return steps(life) if life is not None else ()

    def ladder_of(self, obligation: str, known: Instant | None = None) -> Sequence[LadderDocument]:
        """The documents that bear on an obligation as known; None: as far as told."""
        life = self._as_told(obligation, known)
        return life.ladder if life is not None else ()

    def _ladder_documents(self, shard: Shard) -> Iterator[tuple[LadderDocument, int]]:
        for number in shard.noted().tolist():
            for document in shard.life(number).ladder:
                yield document, day_of(Instant(document.at))


def _displaced(records: Sequence[Any], folder: Folder) -> Iterator[tuple[Any, Reason, str]]:
    """The records that gave way, wherever they stood."""
    here = {record.offset: record for record in records} if folder.displaced else {}
    for gone in folder.displaced:
        timestamp = records[-1].timestamp
        record = here.get(gone.offset) or Gone(gone.offset, timestamp, gone.obligation)
        sentence = (
            "another content with this event id was recorded earlier and arrived later; "
            f"this one, of content {gone.content.hex()}, no longer holds"
        )
        yield record, Reason.DUPLICATE_OTHER_CONTENT, sentence


_NO_KEYS = np.empty(0, np.int64)
_REFUSALS = {
    CLASH: (
        Reason.DUPLICATE_OTHER_CONTENT,
        "another content with this event id was recorded earlier; an event id is used once",
    ),
    TOO_MANY: (
        Reason.TOO_MANY_FACTS,
        f"the obligation has {FACTS_PER_OBLIGATION_MAX} facts, the most that one may have",
    ),
}


def _ladder(shard: Shard) -> tuple[LadderEntry, ...]:
    """The changed ladder entries, with whether a fact still stands behind each."""
    entries = list(shard.ladder_changed)
    if not entries:
        return ()
    keys = np.array([ladder_key(entry) for entry in entries], np.int64)
    held = shard.ladder.rows(keys)[:, 0] > 0
    return tuple(e._replace(held=bool(h)) for e, h in zip(entries, held, strict=True))
