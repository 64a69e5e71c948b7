"""Verify: the live read model against the log, cell by cell; every check gives data, not prose."""

from __future__ import annotations

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from ops.log import Record, all_records
from ops.replay import (
    READ_PAGE,
    Cell,
    Cells,
    Derived,
    ReadableLog,
)
from projections.ask import Ask
from projections.boards import Boards
from projections.engine import Engine
from projections.obligation import RevisionDays
from projections.readmodel import JournalRow, unpack
from schemas import frame as frames
from schemas.avro import decode
from schemas.board import Counts
from schemas.cloudevents import ledger_mark
from schemas.frame import Frame, LadderEntry, Version
from schemas.measures import MEASURES, Slice
from schemas.refusal import Refused
from schemas.times import Day, Instant, day_of, format_day
from schemas.topics import EVENTS, PROGRAMMES, UNITS
from services.withheld import Recorded, Withheld

DIFFERENCES_SHOWN = 20
"""Most differences that one check names; it counts all of them."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One comparison: how many things were compared, how many differ, and the first of these."""

    name: str
    compared: int
    differing: int = 0
    differences: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return self.differing == 0

    def lines(self) -> list[str]:
        """The check as people read it: how many differ, then the first of them."""
        head = f"{self.name}: {self.compared} compared, {self.differing} differ"
        return [head, *(f"  {line}" for line in (*self.differences, *self.remarks))]


class Differences:
    """Collects differences: counts all, keeps the first."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[str] = []

    def add(self, sentence: str) -> None:
        self.count += 1
        if len(self.first) < DIFFERENCES_SHOWN:
            self.first.append(sentence)

    def check(self, name: str, compared: int, remarks: Iterable[str] = ()) -> Check:
        """The check that these differences make."""
        return Check(
            name=name,
            compared=compared,
            differing=self.count,
            differences=tuple(self.first),
            remarks=tuple(remarks),
        )


# Live counts


class Live(NamedTuple):
    """What the read model's frames add up to."""

    cells: Cells
    ladder: set[LadderEntry]


class Model(Protocol):
    """What verification needs of a read model."""

    def journal(self, topic: str, partition: int) -> list[JournalRow]: ...

    def snapshots(self, topic: str, partition: int) -> list[tuple[bytes, bytes]]: ...

    def states(self, topic: str, partition: int) -> Iterator[tuple[bytes, bytes]]: ...


def live_of(model: Model, frames_topic: str, partitions: int) -> Live:
    """All cells of a read model, from the frames as its board worker keeps them.

    Raises Refused where kept bytes are no frame.
    """
    return summed(_kept_frames(model, frames_topic, partitions))


def kept_of(model: Model, events_topic: str, partitions: int, revision_days: RevisionDays) -> Live:
    """What a worker that starts now would count, from the facts that the read model keeps."""
    engine = Engine(revision_days)
    found: list[Frame] = []
    for partition in range(partitions):
        engine.open(partition, model.states(events_topic, partition))
        found += engine.whole_frame(partition, Version("kept", 0, "", partition, 0))
        engine.close(partition)
    return summed(found)


def _kept_frames(model: Model, topic: str, partitions: int) -> Iterator[Frame]:
    for partition in range(partitions):
        for name, value in model.snapshots(topic, partition):
            # Frames are named by their source, `cluster/partition`; the rest are bare notes.
            if b"/" in name:
                yield frames.decode(value)
        for row in model.journal(topic, partition):
            for _, value in unpack(row.payload):
                yield frames.decode(value)


def summed(found: Iterable[Frame]) -> Live:
    """The last value of every cell per source, summed over sources."""
    cells: dict[tuple[tuple[str, str, int], Cell], tuple[tuple[int, int], list[int]]] = {}
    ladder: dict[tuple[tuple[str, str, int], LadderEntry], tuple[tuple[int, int], bool]] = {}
    told = list(found)
    newest: dict[tuple[str, str, int], int] = {}
    for frame in told:
        source = frame.version.source
        newest[source] = max(newest.get(source, 0), frame.version.generation)
    for frame in told:
        source, rank = frame.version.source, frame.version.rank
        # A newer generation replaces all that its source ever told (projections.fold_worker).
        if frame.version.generation < newest[source]:
            continue
        columns = zip(frame.ower, frame.cut, frame.day, frame.counts.tolist(), strict=True)
        for ower, cut, day, counts in columns:
            cell = Cell(frame.units[ower], frame.slices[cut], Day(int(day)))
            if (source, cell) not in cells or cells[source, cell][0] <= rank:
                cells[source, cell] = (rank, counts)
        for entry in frame.ladder:
            bare = entry._replace(held=True)
            if (source, bare) not in ladder or ladder[source, bare][0] <= rank:
                ladder[source, bare] = (rank, entry.held)
    sums: Cells = {}
    for (_, cell), (_, counts) in cells.items():
        total = sums.setdefault(cell, Counter())
        for measure, count in enumerate(counts):
            total[measure] += count
    nets = {cell: Counter({m: n for m, n in c.items() if n}) for cell, c in sums.items()}
    return Live(
        {cell: counts for cell, counts in nets.items() if counts},
        {entry for (_, entry), (_, is_held) in ladder.items() if is_held},
    )


class Sides(NamedTuple):
    """What two counts that are compared are called in a sentence."""

    ours: str
    theirs: str


LIVE_AND_REPLAY = Sides("live", "in the replay")


class Unlike(NamedTuple):
    """A measure of a cell that changes by `live` on one side and by `fold` on the other."""

    cell: Cell
    measure: int
    live: int
    fold: int


def unlike(live: Cells, fold: Cells) -> Iterator[Unlike]:
    """What differs between two sides, in the order of cells."""
    none: Counter[int] = Counter()
    for cell in sorted(live.keys() | fold.keys(), key=repr):
        ours, theirs = live.get(cell, none), fold.get(cell, none)
        for measure in sorted(ours.keys() | theirs.keys()):
            if ours[measure] != theirs[measure]:
                yield Unlike(cell, measure, ours[measure], theirs[measure])


def live_is_replay(
    live: Live,
    replayed: Derived | Live,
    name: str = "live = replay",
    sides: Sides = LIVE_AND_REPLAY,
) -> Check:
    """Every cell and every document of the ladder, live against replayed; `sides` name the two."""
    found = Differences()
    for one in unlike(live.cells, replayed.cells):
        found.add(
            f"{_where(one.cell)}: {MEASURES[one.measure]} changes by {one.live} {sides.ours}, "
            f"by {one.fold} {sides.theirs}"
        )
    everything = live.cells.keys() | replayed.cells.keys()
    documents = live.ladder | replayed.ladder
    for entry in sorted(live.ladder ^ replayed.ladder):
        where = sides.ours if entry in live.ladder else sides.theirs
        found.add(
            f"{entry.ower} on {format_day(Day(entry.day))}: document {entry.document.hex()} "
            f"({entry.note}) is there only {where}"
        )
    return found.check(name, len(everything) + len(documents))


def _where(cell: Cell) -> str:
    cut = ", ".join(word for word in cell.slice if word is not None)
    return f"{cell.ower} on {format_day(cell.day)} ({cut})"


# Identities


def identities(cells: Cells) -> Check:
    """The identities at the end of every day on which anything changes, by ower and slice.

    They are sums and comparisons that adding keeps, so they then hold for every unit, level and
    cut of every board at the end of every day.
    """
    days: dict[tuple[str, Slice], list[Cell]] = {}
    for cell in cells:
        days.setdefault((cell.ower, cell.slice), []).append(cell)
    found = Differences()
    for of_one in days.values():
        sums = [0] * len(MEASURES)
        for cell in sorted(of_one, key=lambda cell: cell.day):
            for measure, change in cells[cell].items():
                sums[measure] += change
            for broken in Counts(tuple(sums)).broken_identities():
                found.add(f"{_where(cell)}: {broken} does not hold")
    return found.check("identities", len(cells))


def subtrees(boards: Boards, on: Instant, now: Instant) -> Check:
    """For every unit that stands: subtree = own + children, and the identities of its groups."""
    found = Differences()
    day = boards.tree.at(day_of(on))
    sums: dict[str, Counts] = {}
    for unit in reversed(day.preorder):
        board = boards.board(unit, Ask(on=on, everything=True), now)
        sums[unit] = board.subtree.counts
        below = Counts.total([board.own.counts, *(sums[child] for child in day.children(unit))])
        if below != board.subtree.counts:
            found.add(f"{unit}: its subtree is not the sum of its own and its children's counts")
        for figures in board.figures():
            for broken in figures.counts.broken_identities():
                found.add(f"{unit}: {broken} does not hold")
    return found.check("subtree = own + children", len(sums))


# The ledger and the topics


def ledger_is_on_topics(
    ledger_id: str, ledger: Recorded, upto: int, log: ReadableLog, prefix: str
) -> Check:
    """Every recorded event up to `upto` is on its topic with the same bytes, and nothing else is.

    What retention has removed cannot be compared and is said in a remark, as is how many records
    of unannounced inspections wait; none of these may be on a topic.
    """
    withheld = Withheld(ledger)
    wanted = dict(_hashes(ledger, upto))
    passed_over = withheld.numbers(upto) & wanted.keys()
    seen: set[int] = set()
    found = Differences()
    remarks = [f"{len(passed_over)} records wait for their inspection"] if passed_over else []
    for topic in (UNITS, PROGRAMMES, EVENTS):
        full = topic.full(prefix)
        for partition, (start, end) in enumerate(log.ends(full)):
            if start > 0:
                remarks.append(f"{full}/{partition} begins at offset {start}; refill it to compare")
            for record in all_records(log, full, partition, start, end):
                _compare(record, ledger_id, wanted, seen, found)
    # Meanwhile some may have been let out; those that wait even now were shown too early.
    for number in sorted(seen & passed_over & Withheld(ledger).numbers(sys.maxsize)):
        found.add(f"number {number} of the ledger waits for its inspection and is on a topic")
    for number in sorted(wanted.keys() - passed_over - seen):
        found.add(f"number {number} of the ledger is on no topic")
    return found.check("ledger = topics", len(wanted), remarks)


def _compare(
    record: Record, ledger_id: str, wanted: Mapping[int, bytes], seen: set[int], found: Differences
) -> None:
    place = f"{record.topic}/{record.partition}/{record.offset}"
    mark = ledger_mark(record.headers)
    if mark is None or mark.ledger != ledger_id:
        found.add(f"{place} was not sent by this ledger's relay")
    elif mark.notification in wanted:
        seen.add(mark.notification)
        if wanted[mark.notification] != _hash(record.value or b""):
            found.add(f"{place} differs from number {mark.notification} of the ledger")


def _hashes(ledger: Recorded, upto: int) -> Iterator[tuple[int, bytes]]:
    after = 0
    while page := ledger.notifications(after, READ_PAGE):
        for one in page:
            if one.id > upto:
                return
            yield one.id, _hash(one.value)
        after = page[-1].id


def _hash(value: bytes) -> bytes:
    return hashlib.sha256(value).digest()[:16]


# The sources


class Numbered(NamedTuple):
    """An event of a source that numbers what it sends."""

    source: str
    seq: int
    event_id: bytes


def numbered(values: Iterable[bytes | None]) -> Iterator[Numbered]:
    """The numbered events among values; what is no event is passed over."""
    for value in values:
        if value is None:
            continue
        try:
            event = decode(value)
        except Refused:
            # Refused bytes are looked at here too; most of them are no events.
            continue
        if event.source_seq > 0:
            yield Numbered(event.source, event.source_seq, event.event_id)


def sources(recorded: Iterable[Numbered], refused: Iterable[Numbered] = ()) -> Check:
    """Each source's numbers: none for two events. Missing ones are remarked, refused ones not.

    A number may be missing for ever, where its event failed at the source; a person must look.
    """
    by_source: dict[str, dict[int, bytes]] = {}
    found = Differences()
    remarks: list[str] = []
    count = 0
    for one in recorded:
        count += 1
        other = by_source.setdefault(one.source, {}).setdefault(one.seq, one.event_id)
        if other != one.event_id:
            found.add(
                f"{one.source} gave its number {one.seq} to two events, {other.hex()} and "
                f"{one.event_id.hex()}: two copies of one home write"
            )
    explained: dict[str, set[int]] = {}
    for one in refused:
        explained.setdefault(one.source, set()).add(one.seq)
    for source, numbers in sorted(by_source.items()):
        taken = sorted(numbers.keys() | explained.get(source, set()))
        for first, last in _holes(taken):
            remarks.append(f"{source}: {_range(first, last)} never arrived")
    return found.check("numbers of the sources", count, remarks)


def _holes(taken: Sequence[int]) -> Iterator[tuple[int, int]]:
    before = 0
    for number in taken:
        if number > before + 1:
            yield before + 1, number - 1
        before = number


def _range(first: int, last: int) -> str:
    return f"number {first}" if first == last else f"numbers {first} to {last}"
