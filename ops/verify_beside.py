"""Verify beside live: one partition of the read model against the plain fold, at one position.

The cells that a partition has told, and the facts that it keeps, up to the offset that its last
frame names, are held against what the log says up to there. Memory is bounded: one partition at a
time, and of a large one a part of its units; what is too large even so is left out, and told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol
from zlib import crc32

import numpy as np

from ops.log import Record, all_records
from ops.replay import Cell, Derived, Gathered, Logged, ReadableLog, derived
from ops.verification import Compared, Difference
from ops.verify import Live, Model, summed, unlike
from projections.admission import values_of
from projections.facts import Fact, fact_of_value
from projections.life import Life
from projections.steps import steps
from projections.worker import Names
from schemas import frame as frames
from schemas.frame import Frame, Version
from schemas.measures import MEASURES
from schemas.refusal import Refused
from schemas.times import Day, Instant, day_of, format_day, format_instant
from schemas.topics import EVENTS, PROGRAMMES

RECORDS_AT_ONCE = 200_000
"""Of a partition with more records a part of the units is compared, another in each round."""
DIFFERENCES_KEPT = 20
"""Most differences of a partition that are named; all are counted."""
SNAPSHOT_BYTES_MAX = 32 * 1024 * 1024
"""A partition whose cells take more in the read model is left out: they are unpacked in one go."""
CELLS_MAX = 1_000_000
"""Most changes of cells held at once; where there are more, fewer units are looked at in a go."""
RECORDS_MAX = 2 * RECORDS_AT_ONCE
"""Most records held at once, likewise: one unit may owe most of a partition."""

Wanted = Callable[[str], bool]
"""Whether a unit is among those that are compared now."""


class ReadableModel(Model, Protocol):
    """What verifying beside needs of a read model."""

    def told_of(self, topic: str, partition: int, name: bytes) -> Iterator[bytes]: ...

    def snapshot_bytes(self, topic: str, partition: int, name: bytes) -> int: ...


class OneLog(ReadableLog, Protocol):
    """What verifying beside needs of a log."""

    def cluster_id(self) -> str: ...

    def topic_id(self, topic: str) -> str: ...


class TooMuch(Exception):
    """A part of the units has more than may be held in memory. `str()` says what."""


class Logs(NamedTuple):
    """What the log says of a partition: sorted, and by key the bytes themselves."""

    gathered: Gathered
    values: dict[bytes, list[bytes]]


class Told(NamedTuple):
    """What a partition has told by a position."""

    offset: int
    live: Live


@dataclass(frozen=True)
class Beside:
    """A home's read model and log, compared partition by partition."""

    model: ReadableModel
    log: OneLog
    names: Names
    """The topics of the build that is compared."""
    clock: Callable[[], Instant]
    records_at_once: int = RECORDS_AT_ONCE
    snapshot_bytes_max: int = SNAPSHOT_BYTES_MAX
    cells_max: int = CELLS_MAX
    records_max: int = RECORDS_MAX
    _parts: dict[int, int] = field(default_factory=dict)
    """By partition in how many parts its units are looked at at least, as experience says."""

    def partitions(self) -> int:
        """How many partitions there are to compare."""
        return len(self.log.ends(self.names.events))

    def compared(self, partition: int, turn: int) -> Compared:
        """One partition at the position of its last frame; `turn` chooses the part of the units.

        What differs is looked at a second time, from frames read anew: only what differs in both
        is told.
        """
        first = self._once(partition, turn)
        if not first.differing:
            return first
        again = self._once(partition, turn)
        before = {_place(one) for one in first.differences}
        if all(_place(one) not in before for one in again.differences):
            return replace(again, differing=0, differences=())
        return again

    def _once(self, partition: int, turn: int) -> Compared:
        start, end = self.log.ends(self.names.events)[partition]
        made = Compared(partition=partition, offset=start, at=self.clock())
        if start:
            remark = f"the log begins at offset {start}; refill it to compare"
            return replace(made, remark=remark)
        parts = max(self._parts.get(partition, 1), -(-end // self.records_at_once))
        made = replace(made, units=f"{turn % parts + 1}/{parts}")
        try:
            return self._looked(made, _part(turn % parts, parts), whole=parts == 1)
        except TooMuch as error:
            self._parts[partition] = parts * 2
            return replace(made, remark=f"{error}; fewer units are looked at in one go from now on")

    def _looked(self, made: Compared, wanted: Wanted, *, whole: bool) -> Compared:
        partition = made.partition
        size = self._snapshot_bytes(partition)
        if size > self.snapshot_bytes_max:
            remark = f"its cells take {size} bytes, compared are up to {self.snapshot_bytes_max}"
            return replace(made, remark=remark)
        told = self._told(partition, wanted)
        log = self._gathered(partition, told.offset, wanted, whole=whole)
        fold = _of_units(derived(log.gathered), wanted)
        found = [*_differing(told.live, fold, log.gathered)]
        kept, missing = self._missing(partition, log)
        found += missing
        return replace(
            made,
            offset=told.offset,
            compared=len(told.live.cells.keys() | fold.cells.keys()) + kept,
            differing=len(found),
            differences=tuple(found[:DIFFERENCES_KEPT]),
        )

    def _told(self, partition: int, wanted: Wanted) -> Told:
        """The cells of the partition that the boards have taken."""
        found = [*whole(self._frames(partition, wanted))]
        return Told(max((one.version.offset for one in found), default=0), summed(found))

    def _frames(self, partition: int, wanted: Wanted) -> list[Frame]:
        source, cluster = self._source(partition), self.log.cluster_id()
        topic_id = self.log.topic_id(self.names.events)
        found: list[Frame] = []
        count = 0
        for number in range(len(self.log.ends(self.names.frames))):
            for one in map(frames.decode, self.model.told_of(self.names.frames, number, source)):
                version = one.version
                if version.source == (cluster, topic_id, partition):
                    found.append(_of_wanted(one, wanted))
                    count += len(found[-1])
                    if count > self.cells_max:
                        raise TooMuch(f"more than {self.cells_max} cells at once")
        return found

    def _snapshot_bytes(self, partition: int) -> int:
        source, topic = self._source(partition), self.names.frames
        numbers = range(len(self.log.ends(topic)))
        return sum(self.model.snapshot_bytes(topic, number, source) for number in numbers)

    def _source(self, partition: int) -> bytes:
        """What the boards call the cells of the partition."""
        return f"{self.log.cluster_id()}/{partition}".encode()

    def _gathered(self, partition: int, offset: int, wanted: Wanted, *, whole: bool) -> Logs:
        """What the log says, before an offset, of the obligations that the units ever owed."""
        gathered = Gathered()
        programmes = self.names.programmes
        for number, (start, end) in enumerate(self.log.ends(programmes)):
            for record in all_records(self.log, programmes, number, start, end):
                gathered.take(_logged(PROGRAMMES.name, record))
        keys = None if whole else self._owed(partition, offset, wanted)
        values: dict[bytes, list[bytes]] = {}
        for record in self._records(partition, offset):
            if keys is None or record.key in keys:
                if gathered.records > self.records_max:
                    raise TooMuch(f"more than {self.records_max} records at once")
                gathered.take(_logged(EVENTS.name, record))
                if record.key is not None and record.value is not None:
                    values.setdefault(record.key, []).append(record.value)
        return Logs(gathered, values)

    def _owed(self, partition: int, offset: int, wanted: Wanted) -> set[bytes]:
        """The keys of what the units owe or ever owed, as any of its facts may tell it."""
        keys: set[bytes] = set()
        for record in self._records(partition, offset):
            with suppress(Refused):
                fact = fact_of_value(record.value or b"")
                corrected = () if fact.replacement is None else (fact_of_value(fact.replacement),)
                told = (fact, *corrected)
                named = {unit for one in told for unit in (one.unit, one.to_unit) if unit}
                if record.key is not None and any(map(wanted, named)):
                    keys.add(record.key)
        return keys

    def _records(self, partition: int, offset: int) -> Iterator[Record]:
        return all_records(self.log, self.names.events, partition, 0, offset)

    def _missing(self, partition: int, log: Logs) -> tuple[int, list[Difference]]:
        """How many facts the read model was asked for, and those that it does not keep."""
        wanted = dict(log.values)
        count, found = 0, []
        for key, stored in self.model.states(self.names.events, partition):
            values = wanted.pop(key, None)
            if values is not None:
                count += len(values)
                found += [*_lost(key, values, values_of(stored), log.gathered)]
        for key, values in wanted.items():
            count += len(values)
            found += [*_lost(key, values, (), log.gathered)]
        return count, found


def _part(turn: int, parts: int) -> Wanted:
    return lambda unit: crc32(unit.encode()) % parts == turn


def _place(one: Difference) -> tuple[str, str, str, str, str | None]:
    return (one.unit, one.measure, one.day, one.what, one.event_id)


def _logged(topic: str, record: Record) -> Logged:
    return Logged(topic, record.key, record.value, f"{topic}/{record.partition}/{record.offset}")


def _of_wanted(told: Frame, wanted: Wanted) -> Frame:
    """The frame without what other units owe."""
    units = np.array([wanted(unit) for unit in told.units], np.bool_)
    rows = np.flatnonzero(units[told.ower]) if len(units) else np.empty(0, np.int64)
    return replace(
        told,
        ower=told.ower[rows],
        cut=told.cut[rows],
        day=told.day[rows],
        counts=told.counts[rows],
        ladder=tuple(entry for entry in told.ladder if wanted(entry.ower)),
    )


def whole(told: Iterable[Frame]) -> Iterator[Frame]:
    """The frames of versions of which every part is here.

    Of one version there may be a snapshot, which is whole, beside the frame that was told last.
    """
    by_version: dict[tuple[Version, int], list[Frame]] = {}
    for one in told:
        by_version.setdefault((one.version, one.parts), []).append(one)
    for (_, parts), some in by_version.items():
        if len({one.part for one in some}) >= parts:
            yield from some


def _of_units(result: Derived, wanted: Wanted) -> Derived:
    return result._replace(
        cells={cell: counts for cell, counts in result.cells.items() if wanted(cell.ower)},
        ladder={entry for entry in result.ladder if wanted(entry.ower)},
    )


def _differing(live: Live, fold: Derived, gathered: Gathered) -> Iterator[Difference]:
    """The cells and documents that differ, each with the first event that bears on it."""
    cells = [*unlike(live.cells, fold.cells)]
    entries = sorted(live.ladder ^ fold.ladder)
    owers = {one.cell.ower for one in cells} | {entry.ower for entry in entries}
    lives = _lives_of(gathered, owers) if owers else []
    for one in cells:
        event = _first(lives, one.cell, one.measure)
        yield Difference(
            unit=one.cell.ower,
            measure=MEASURES[one.measure],
            day=format_day(one.cell.day),
            what=", ".join(word for word in one.cell.slice if word is not None),
            live=one.live,
            fold=one.fold,
            **_told_of(event),
        )
    for entry in entries:
        notes = (f for life in lives for f in life.facts if f.note == entry.note)
        document = entry.document
        event = next((f for f in notes if document in (f.correlation_id, f.event_id)), None)
        is_live = entry in live.ladder
        yield Difference(
            unit=entry.ower,
            measure=entry.note,
            day=format_day(Day(entry.day)),
            what=f"document {document.hex()}",
            live=int(is_live),
            fold=int(not is_live),
            **_told_of(event),
        )


def _lives_of(gathered: Gathered, owers: set[str]) -> list[Life]:
    return [life for _, life in gathered.lives() if any(ower in owers for _, ower in life.owers)]


def _first(lives: Iterable[Life], cell: Cell, measure: int) -> Fact | None:
    """The event recorded first that changes the measure in the cell; else the first of the unit's
    events of that day or, where there is none either, None."""
    exact: list[Fact] = []
    near: list[Fact] = []
    for life in lives:
        facts = {fact.event_id: fact for fact in life.facts}
        for step in steps(life):
            day = day_of(Instant(step.at))
            turn = life.turn_at(Instant(step.at))
            if (step.ower, day) == (cell.ower, cell.day) and turn is not None:
                same = step.slice == cell.slice and step.measure == measure
                (exact if same else near).append(facts[turn.event_id])
    found = exact or near
    return min(found, key=lambda one: (one.recorded_at, one.event_id), default=None)


def _told_of(event: Fact | None) -> dict[str, str | None]:
    if event is None:
        return {}
    return {
        "obligation": event.obligation,
        "event_id": event.event_id.hex(),
        "recorded_at": format_instant(Instant(event.recorded_at)),
    }


def _lost(
    key: bytes, values: Sequence[bytes], kept: Sequence[bytes], gathered: Gathered
) -> Iterator[Difference]:
    """The facts that hold and are not kept: what is kept of a fact is how its bytes begin."""
    lost = [value for value in values if not any(map(value.startswith, kept))]
    if not lost:
        return
    holding = gathered.facts.get(key.decode(), {})
    for value in lost:
        with suppress(Refused):
            fact = fact_of_value(value)
            # Of an id with two contents one is kept, and what the judge refused is not.
            if [fact.content] == [one.content for one in holding.get(fact.event_id, ())]:
                yield Difference(
                    unit=fact.unit,
                    measure="facts",
                    day=format_day(day_of(Instant(fact.effective_at))),
                    what="the fact is not kept as it was told",
                    live=0,
                    fold=1,
                    **_told_of(fact),
                )
