"""Replay: every figure again from a log alone, by the plain fold, owing nothing to what is live.

Slow on purpose: the same rules without the fast engine, the journal and the frames, so that two
ways that agree are two witnesses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from ops.log import Readable, all_records
from projections.facts import Fact, fact_of
from projections.judge import judge
from projections.life import Life
from projections.obligation import derive
from projections.programmes import Programmes
from projections.steps import steps
from schemas.avro import decode
from schemas.event import Event
from schemas.frame import Frame, LadderEntry, Version
from schemas.limits import FACTS_PER_OBLIGATION_MAX
from schemas.measures import MEASURES, Slice, Step
from schemas.refusal import Reason, Refused
from schemas.slices import Slices
from schemas.times import Day, Instant, day_of
from schemas.topics import EVENTS, PROGRAMMES, UNITS
from schemas.tree import Tree
from schemas.unit_facts import unit_fact
from services.withheld import Recorded, Withheld

READ_PAGE = 1_000
"""Events of a ledger read at once."""
PROGRESS_EVERY = 10_000
"""Records between two calls of `progress`."""

Progress = Callable[[int], None]
"""Told how many records were read so far."""


class Logged(NamedTuple):
    """One record of a log. `topic` is without prefix; `place` says to people where it lies."""

    topic: str
    key: bytes | None
    value: bytes | None
    place: str


class ReadableLog(Readable, Protocol):
    """What the replay needs of a log."""

    def ends(self, topic: str) -> list[tuple[int, int]]: ...


def from_ledger(ledger: Recorded, upto: int | None = None) -> Iterator[Logged]:
    """What may be seen of a ledger, in its order, up to a notification id (None: all there is)."""
    withheld = Withheld(ledger)
    after = 0
    while page := ledger.notifications(after, READ_PAGE):
        for _, one in withheld.told([one for one in page if upto is None or one.id <= upto]):
            yield logged(one.value, f"ledger/{one.id}")
        after = page[-1].id
        if upto is not None and after >= upto:
            return


def logged(value: bytes, place: str) -> Logged:
    """A record of a ledger as its relay would send it."""
    try:
        event = decode(value)
    except Refused:
        # Nothing enters a ledger undecoded; should it have happened, the judge says so.
        return Logged(EVENTS.name, None, value, place)
    return Logged(event.topic, event.key.encode(), value, place)


def from_log(log: ReadableLog, prefix: str) -> Iterator[Logged]:
    """All records of the topics units, programmes and events that are there when it begins."""
    for topic in (UNITS, PROGRAMMES, EVENTS):
        for partition, (start, end) in enumerate(log.ends(topic.full(prefix))):
            for record in all_records(log, topic.full(prefix), partition, start, end):
                place = f"{topic.name}/{partition}/{record.offset}"
                yield Logged(topic.name, record.key, record.value, place)


class Refusal(NamedTuple):
    """A record that the judge did not take."""

    place: str
    reason: Reason
    sentence: str


@dataclass
class Gathered:
    """Everything a log says, sorted by what it is about; nothing is derived yet."""

    records: int = 0
    facts: dict[str, dict[bytes, list[Fact]]] = field(default_factory=dict)
    units: list[tuple[int, Event]] = field(default_factory=list)
    offsets: Counter[str] = field(default_factory=Counter)
    programmes: list[tuple[int, Event]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def take(self, record: Logged) -> None:
        """Keep one record, or why it was refused."""
        offset = self.offsets[record.topic]
        self.records += 1
        self.offsets[record.topic] += 1
        try:
            event = judge(record.key, record.value, record.topic)
            if event.topic == EVENTS.name:
                self._keep(fact_of(event, record.value))
        except Refused as refused:
            self.refused.append(Refusal(record.place, refused.reason, refused.sentence))
            return
        if event.topic == PROGRAMMES.name:
            self.programmes.append((offset, event))
        elif event.topic == UNITS.name:
            self.units.append((offset, event))

    def _keep(self, fact: Fact) -> None:
        of_one = self.facts.setdefault(fact.obligation or "", {})
        same = of_one.get(fact.event_id)
        if same is not None:
            if all((f.recorded_at, f.content) != (fact.recorded_at, fact.content) for f in same):
                same.append(fact)
        elif len(of_one) < FACTS_PER_OBLIGATION_MAX:
            of_one[fact.event_id] = [fact]
        else:
            text = f"{fact.obligation} has {FACTS_PER_OBLIGATION_MAX} facts, the most there may be"
            raise Refused(Reason.TOO_MANY_FACTS, text, "obligation")

    def facts_of(self, obligation: str) -> list[Fact]:
        """All facts of one obligation, repeats included; empty where there are none."""
        of_one = self.facts.get(obligation, {})
        return [fact for same in of_one.values() for fact in same]

    def tree(self, known: Instant | None = None) -> Tree:
        """The tree of units as known at an instant."""
        told = ((offset, unit_fact(event)) for offset, event in self.units)
        return Tree.of(((offset, fact) for offset, fact in told if fact is not None), known)

    def all_programmes(self, known: Instant | None = None) -> Programmes:
        """The programmes as known at an instant."""
        return Programmes.of(self.programmes, known)

    def lives(self, known: Instant | None = None) -> Iterator[tuple[str, Life]]:
        """Each obligation with its life as known at an instant, by its id."""
        revision_days = self.all_programmes(known).revision_days
        for obligation in sorted(self.facts):
            yield obligation, derive(self.facts_of(obligation), known, revision_days)


def gather(records: Iterable[Logged], progress: Progress | None = None) -> Gathered:
    """Read a log to its end and sort what it says."""
    gathered = Gathered()
    for record in records:
        gathered.take(record)
        if progress is not None and gathered.records % PROGRESS_EVERY == 0:
            progress(gathered.records)
    if progress is not None:
        progress(gathered.records)
    return gathered


class Cell(NamedTuple):
    """Where counts stand: one unit's own, under one slice, on one local day."""

    ower: str
    slice: Slice
    day: Day


Cells = dict[Cell, Counter[int]]
"""Cell -> measure -> net sum of the steps of that day; no zeros."""


def cells_of(found: Iterable[Step]) -> Cells:
    """The net change of every day, by ower and slice."""
    cells: Cells = {}
    for step in found:
        cell = Cell(step.ower, step.slice, day_of(Instant(step.at)))
        cells.setdefault(cell, Counter())[step.measure] += step.sign
    nets = ((cell, Counter({m: n for m, n in c.items() if n})) for cell, c in cells.items())
    return {cell: counts for cell, counts in nets if counts}


class Derived(NamedTuple):
    """What the plain fold makes of a log: all counts by cell, and the documents of the ladder."""

    cells: Cells
    ladder: set[LadderEntry]
    obligations: int
    waiting: int
    conflicts: int


def derived(gathered: Gathered, known: Instant | None = None) -> Derived:
    """Every obligation folded and cut into steps, as known at an instant."""
    found: list[Step] = []
    ladder: set[LadderEntry] = set()
    obligations = waiting = conflicts = 0
    for _, life in gathered.lives(known):
        found.extend(steps(life))
        obligations += life.opening is not None
        waiting += len(life.waiting)
        conflicts += len(life.conflicts)
        for entry in life.ladder:
            day = day_of(Instant(entry.at))
            ladder.add(LadderEntry(entry.note, entry.document, entry.ower, day))
    return Derived(cells_of(found), ladder, obligations, waiting, conflicts)


class Counted(Protocol):
    """Counts by cell and documents of the ladder, whoever counted them."""

    @property
    def cells(self) -> Cells: ...
    @property
    def ladder(self) -> set[LadderEntry]: ...


def frame_of(result: Counted, records: int) -> Frame:
    """The whole result as one frame, for whoever sums frames; `records` is its version."""
    units = tuple(sorted({cell.ower for cell in result.cells}))
    slices = tuple(sorted({cell.slice for cell in result.cells}, key=repr))
    unit_index = {unit: index for index, unit in enumerate(units)}
    slice_index = {cut: index for index, cut in enumerate(slices)}
    counts = np.zeros((len(result.cells), len(MEASURES)), np.int32)
    for row, changes in enumerate(result.cells.values()):
        for measure, change in changes.items():
            counts[row, measure] = change
    return Frame(
        version=Version("replay", 0, "log", 0, records),
        units=units,
        slices=Slices.of(slices),
        ower=np.array([unit_index[cell.ower] for cell in result.cells], np.int32),
        cut=np.array([slice_index[cell.slice] for cell in result.cells], np.int32),
        day=np.array([cell.day for cell in result.cells], np.int32),
        counts=counts,
        ladder=tuple(sorted(result.ladder)),
    )
