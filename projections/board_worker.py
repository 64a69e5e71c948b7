"""The board worker: frames in, boards in memory, boards out; midnight changes them too."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from projections.keeper import Held, Record, Work
from projections.readmodel import (
    OFFSET_BITS,
    Change,
    Claim,
    JournalRow,
    Outgoing,
    ReadModel,
    pack,
    unpack,
)
from projections.worker import Names, Pace, Worker, unmoved
from schemas.refusal import Reason, Refused
from schemas.times import Day, Instant, day_of

OUTLET_SECONDS = 1.0
"""A board that changes all the time is published this often."""
JOURNAL_BYTES_MAX = 32 * 1024 * 1024
"""Frames kept as received; beyond this the boards' cells are written out as one snapshot."""
SLICE_SECONDS = 0.0005
"""Shorter than that of other outlets: boards are made about a hundred at a time, which takes some
6 ms, and that is not cut off."""
MANY = 2_000
"""Boards to be told from which on they may take more of the loop: a reform changes all of them."""
NEAR = 100
"""Frames on the log with which we still count as caught up."""
RESTATING_PAUSE_SECONDS = 5.0
"""Between two goes where many late unit events are to be worked out: folding waits meanwhile."""
_DAY = b"day"
_CONTEXT = b"context"
_RESTATED = b"restated"
"""The snapshot that says up to which offset unit events have been told of as restatements; with
an event id behind it, what that event has restated."""


class Boards(Protocol):
    """The sums of all sources, in memory."""

    def clear(self) -> None:
        """Forget all frames (another worker may have gone on with them)."""

    def apply(self, value: bytes) -> None:
        """Take the cells of a frame unless a newer frame of its source is known.

        Raises Refused where the bytes are no frame.
        """

    @property
    def torn(self) -> bool:
        """Whether something told is not applied yet, so that no snapshot holds it."""

    def snapshot(self) -> Iterable[tuple[bytes, Callable[[], bytes]]]:
        """Per source, when it is its turn, a name and what makes the frame of all its cells.

        Called in another thread, while frames go on coming.
        """

    def mark(self, value: bytes) -> None:
        """Count the boards that a frame bears on as changed, though its cells may be known."""

    def changed(self) -> Collection[str]:
        """Units whose board of today may differ since the last call; all come highest first."""

    def changed_between(self, after: Day, until: Day) -> Iterable[str]:
        """Units whose board differs between the ends of two days although nothing was told."""


Ready = Callable[[int], Outgoing]
"""(version) -> a board's message on the boards topic."""


class Keeping(NamedTuple):
    """Cells that are being written out: the sources still to come, and the journal that they make
    superfluous, up to a commit and in bytes. Each source is written as it is when it is its turn.
    """

    sources: Iterator[tuple[bytes, Callable[[], bytes]]]
    until: int
    journal_bytes: int


Outlet = Callable[[Iterable[str]], Mapping[str, Ready | None]]
"""The boards of now of the first of these units, as many as are made in one go, in their order;
None for no unit."""


class Told(Protocol):
    """What late unit events have restated, up to and without an offset: bytes to keep by event id,
    and messages; whether there are more of them."""

    @property
    def end(self) -> int: ...
    @property
    def keep(self) -> Sequence[tuple[bytes, bytes]]: ...
    @property
    def messages(self) -> Sequence[Outgoing]: ...
    @property
    def more(self) -> bool: ...


class Restating(Protocol):
    """Works out what unit events recorded late have changed of days gone by."""

    def tell(self, first: int | None) -> Told:
        """Of the unit events from an offset on (None: of none that came so far)."""

    def remember(self, kept: bytes) -> None:
        """Take what was kept of one event when it was told."""


def restated_by_units(snapshots: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Of the snapshots of a partition those that `Restating.remember` takes."""
    return [kept for name, kept in snapshots if name.startswith(_RESTATED) and name != _RESTATED]


class BoardWorker(Worker):
    """Keeps frames as received, in order, and the boards they make."""

    late_start = True

    def __init__(
        self,
        model: ReadModel,
        names: Names,
        boards: Boards,
        outlet: Outlet | None = None,
        context_version: Callable[[], int] = lambda: 0,
        restating: Restating | None = None,
    ) -> None:
        """`context_version` grows with the units and programmes that the boards were told."""
        super().__init__(names.frames, model, names)
        self.boards = boards
        self._outlet = outlet
        self._context_version = context_version
        self._stored_context = -1
        self._restating = restating
        self._restated = self._stored_restated = -1
        self._restating_after = 0.0
        self._frames: dict[int, list[tuple[bytes, bytes]]] = {}
        self._dirty: OrderedDict[str, None] = OrderedDict()
        self._ready: OrderedDict[str, Ready | None] = OrderedDict()
        self._made: dict[str, Outgoing] = {}
        self._told_all = self._idle = False
        self._pace = Pace(SLICE_SECONDS)
        self._published_at = 0.0
        self._journal_bytes = 0
        self._keeping: Keeping | None = None
        self._kept: tuple[bytes, Callable[[], bytes]] | None = None
        self._day: Day | None = None
        self._stored_day: Day | None = None

    def load(self, held: Held, claim: Claim) -> None:
        if not self._frames:
            self.boards.clear()
            self._journal_bytes = 0
            self._keeping = None
            self._restated = self._stored_restated = -1
        self._frames[held.partition] = []
        self._stored_context = -1
        for name, value in claim.snapshots:
            if name == _DAY:
                self._day = self._stored_day = Day(int(value))
            elif name == _CONTEXT:
                self._stored_context = int(value)
            elif name == _RESTATED:
                self._restated = self._stored_restated = max(self._stored_restated, int(value))
            elif name.startswith(_RESTATED):
                if self._restating is not None:
                    self._restating.remember(value)
            else:
                self.boards.apply(value)
        if self._restating is not None and self._restated < 0:
            # What was there before this model has changed nothing that anybody was told by it.
            self._restated = self._restating.tell(None).end
        published = claim.position.published_seq
        self._replay(row for row in claim.journal if row.seq <= published)
        self._mark()
        if self._stored_context == self._context_version():
            # All this was published before, whoever did it.
            self._dirty.clear()
            self._ready.clear()
        self._replay((row for row in claim.journal if row.seq > published), mark=True)
        self._mark()

    def _replay(self, rows: Iterable[JournalRow], *, mark: bool = False) -> None:
        for row in rows:
            self._journal_bytes += len(row.payload)
            for _, value in unpack(row.payload):
                self.boards.apply(value)
                if mark:
                    # A snapshot may hold its cells already; nobody was told of them.
                    self.boards.mark(value)

    def unload(self, partition: int) -> None:
        del self._frames[partition]
        # Their version is that of a commit which this partition may not get any more.
        self._dirty.update(dict.fromkeys(self._made))
        self._dirty.update(dict.fromkeys(self._ready))
        self._made = {}
        self._ready.clear()

    def fold(self, parts: Sequence[tuple[Held, Sequence[Record]]]) -> None:
        for held, records in parts:
            self._apply(held, records)

    def _apply(self, held: Held, records: Sequence[Record]) -> None:
        taken = self._frames[held.partition]
        for record in records:
            try:
                if record.value is None:
                    raise Refused(Reason.NULL_VALUE, "the value is null, not a frame", "value")
                self.boards.apply(record.value)
            except Refused as refused:
                self.refuse(held, record, refused)
            else:
                taken.append((b"", record.value))

    def turn(self, now: Instant) -> None:
        """It is `now`: mark the boards that time alone has changed since the last turn."""
        today = day_of(now)
        if self._day is not None and today > self._day:
            self._dirty.update((u, None) for u in self.boards.changed_between(self._day, today))
            self._published_at = 0.0
        if self._day is None or today > self._day:
            self._day = today

    def change(self, held: Held, work: Work, *, idle: bool) -> Change | None:
        change = self.basis(held)
        frames = self._frames[held.partition]
        if frames and change is not None:
            self._frames[held.partition] = []
            payload = pack(frames)
            self._journal_bytes += len(payload)
            change = replace(change, journal=payload)
        change = self._snapshot(held, change)
        return self._publish(held, self._restate(held, change))

    def _restate(self, held: Held, change: Change | None) -> Change | None:
        """Add what late unit events have restated; worked out once, near the log's end."""
        if self._restating is None or self.behind() >= NEAR:
            return change
        if time.monotonic() < self._restating_after:
            return change
        told = self._restating.tell(self._restated)
        if told.end == self._stored_restated:
            return change
        self._restated = self._stored_restated = told.end
        if told.more:
            self._restating_after = time.monotonic() + RESTATING_PAUSE_SECONDS
        keep = [(_RESTATED + b"-" + by.hex().encode(), value) for by, value in told.keep]
        notes = (*keep, (_RESTATED, str(told.end).encode()))
        change = change or unmoved(held)
        if told.messages:
            outgoing = [*change.outgoing, *told.messages]
            change = replace(change, seq=held.seq + 1, outgoing=outgoing)
        return replace(change, snapshots=(*change.snapshots, *notes))

    def _snapshot(self, held: Held, change: Change | None) -> Change | None:
        """Write all cells out, a source a commit; then frames from before need not be kept."""
        if self._keeping is None:
            if self._journal_bytes <= JOURNAL_BYTES_MAX or self.boards.torn:
                return change
            until = held.seq if change is None else change.seq
            self._keeping = Keeping(iter(self.boards.snapshot()), until, self._journal_bytes)
        change = change or unmoved(held)
        self._kept = next(self._keeping.sources, None)
        if self._kept is None:
            change = replace(change, flushed=self._keeping.until)
            self._journal_bytes -= self._keeping.journal_bytes
            self._keeping = None
            self.stats.flushes += 1
        return change

    def small(self, work: Work) -> bool:
        return self._kept is None and super().small(work)

    @property
    def goes_on(self) -> bool:
        return bool(self._ready)

    def write(self, work: Work) -> None:
        if self._kept is not None:
            name, made = self._kept
            kept = (name, made())
            self._kept = None
            work.changes = [replace(c, snapshots=(*c.snapshots, kept)) for c in work.changes]
        super().write(work)

    def make(self) -> bool:
        held = next(iter(self.keeper), None)
        if held is None or self.behind() >= NEAR:
            return False
        if not self._idle and time.monotonic() - self._published_at < OUTLET_SECONDS:
            return False
        until = self._pace.until()
        if until is None:
            return False
        self._mark()
        if self._outlet is None:
            self._dirty.clear()
        else:
            self._tell(self._outlet, held.seq + 1, until)
        self._told_all = not self._to_tell()
        return self._pace.goes_on and not self._told_all

    def _tell(self, outlet: Outlet, seq: int, until: float) -> None:
        """Tell changed boards until the time is up; their version is the next commit's seq.

        What changes once a board is ready marks it anew, so that it is told again.
        """
        version = self.model.generation << OFFSET_BITS | seq
        while time.perf_counter() < until and self._to_tell():
            if not self._ready:
                self._ready.update(outlet(self._dirty))
                for unit in self._ready:
                    del self._dirty[unit]
                continue
            unit, message = self._ready.popitem(last=False)
            # Where it has changed since it was made, the newer board takes the older one's place.
            self._made.pop(unit, None)
            if message is not None:
                self._made[unit] = message(version)

    def tell_again(self, units: Iterable[str]) -> None:
        """Tell subscribers the boards of these units, though nothing has changed them."""
        self._dirty.update(dict.fromkeys(units))

    def _to_tell(self) -> int:
        """Boards to be told."""
        return len(self._dirty) + len(self._ready)

    def prepare(self, *, idle: bool = False) -> Work | None:
        self._idle, self._told_all = idle, False
        self._pace.begin_round(idle=idle, many=self._to_tell() > MANY)
        self.make()
        return super().prepare(idle=idle)

    def _publish(self, held: Held, change: Change | None) -> Change | None:
        """Add the boards that were made to the outbox."""
        if self._made:
            change = change or unmoved(held)
            outgoing = [*change.outgoing, *self._made.values()]
            change = replace(change, seq=held.seq + 1, outgoing=outgoing)
            self._made = {}
        if self._told_all:
            self._published_at = time.monotonic()
            change = self._all_published(held, change)
        return change

    def _all_published(self, held: Held, change: Change | None) -> Change | None:
        """Every known change is in the outbox: enter how far, and what it was true for."""
        notes: list[tuple[bytes, bytes]] = []
        if self._day is not None and self._day != self._stored_day:
            notes.append((_DAY, str(self._day).encode()))
            self._stored_day = self._day
        if self._context_version() != self._stored_context:
            self._stored_context = self._context_version()
            notes.append((_CONTEXT, str(self._stored_context).encode()))
        if notes:
            change = change or unmoved(held)
            change = replace(change, snapshots=(*change.snapshots, *notes))
        if change is not None and change.seq > held.seq:
            change = replace(change, published=change.seq)
        return change

    def _mark(self) -> None:
        found = self.boards.changed()
        if len(found) >= max(MANY, len(self._dirty)):
            # All of them, from the top: that order goes before the one in which some were marked,
            # and none is told any more as it was.
            self._dirty = OrderedDict.fromkeys([*found, *self._ready]) | self._dirty
            self._ready.clear()
        else:
            self._dirty.update(dict.fromkeys(found))

    def settled(self, change: Change) -> None:
        """Nothing to do: boards show what is folded, and folding again gives the same."""

    def caught_up(self, partition: int, seq: int) -> None:
        """Nothing to do: this outlet goes through the outbox."""
