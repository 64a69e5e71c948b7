"""The gauges: reads workers, boards, read model and ledger into one Reading for the metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ops.handover import Figures as HandoverFigures
from ops.http_service import Readiness, always_ready
from ops.metrics import BOARD_LEVELS, LevelFigures, Reading, UnitFigures, WorkerFigures
from ops.reached import Reached
from ops.verification import NOTHING, age_seconds
from projections.boards import Boards
from projections.readmodel import ReadModel
from projections.worker import Worker
from schemas.board import Counts
from schemas.measures import COMPLETED_OF_DUE, IN_REVISION, MEASURES, OVERDUE
from schemas.times import Day, Instant, day_of
from schemas.tree import DayTree

Matrix = NDArray[np.int64]


class Ledger(Protocol):
    """What the gauges ask of the ledger; its own positions, no events."""

    def max_notification(self) -> int: ...

    def relay_position(self) -> int: ...

    def refusal_counts(self) -> Mapping[str, int]: ...


@dataclass(frozen=True, kw_only=True)
class Gauges:
    """Where the figures of one process come from. None: this process does not have it."""

    clock: Callable[[], Instant]
    boards: Boards | None = None
    workers: Mapping[str, Worker] = field(default_factory=dict)
    model: ReadModel | None = None
    ledger: Ledger | None = None
    held: Callable[[], int] | None = None
    ready: Callable[[], Readiness] = always_ready
    streams: Callable[[], int] = int
    reached: Reached = field(default_factory=Reached)
    handover: HandoverFigures | None = None
    restated: Callable[[], Mapping[str, int]] = dict
    calendar: Mapping[str, int] = field(default_factory=dict)
    verification: Callable[[], Mapping[str, Any]] = lambda: NOTHING
    version: str = ""

    def read(self) -> Reading:
        """All figures now. Boards are those of today, whatever instant of it is now."""
        now = self.clock()
        boards, ledger, verified = self.boards, self.ledger, self.verification()
        today = boards.tree.at(day_of(now)) if boards else None
        figures = _figures(boards, today) if boards and today else None
        return Reading(
            version=self.version,
            ready=self.ready().ready,
            workers={name: _worker(worker, now) for name, worker in self.workers.items()},
            outbox=self.model.unsent() if self.model else None,
            held=self.held() if self.held else None,
            quarantine=self._quarantine(),
            tree_version=boards.tree.version if boards else None,
            tree_conflicts=len(boards.tree.conflicts) if boards else None,
            ledger_position=ledger.max_notification() if ledger else None,
            relay_position=ledger.relay_position() if ledger else None,
            limits=self.reached.counts(),
            handed_over=self.handover.moved if self.handover else None,
            handover_left=self.handover.left if self.handover else {},
            restated=self.restated(),
            calendar=dict(self.calendar),
            verification=verified,
            verified_seconds=age_seconds(verified, now),
            streams=self.streams(),
            units=_units(today, figures[1]) if today and figures else (),
            levels=_levels(today, figures[0]) if today and figures else {},
        )

    def _quarantine(self) -> dict[str, Mapping[str, int]]:
        counts: dict[str, Mapping[str, int]] = {}
        if self.ledger:
            counts["write"] = self.ledger.refusal_counts()
        if self.model:
            counts["read"] = self.model.quarantine_counts()
        return counts


def _worker(worker: Worker, now: Instant) -> WorkerFigures:
    return WorkerFigures(worker.stats, worker.lags(now), worker.waiting())


def _figures(boards: Boards, today: DayTree) -> tuple[Matrix, Matrix]:
    """Own and subtree figures, one row per unit in the preorder of the day."""
    own = own_figures(boards, today)
    return own, subtree_figures(today, own)


def own_figures(boards: Boards, today: DayTree) -> Matrix:
    """What each unit owes itself at the end of the day, in preorder."""
    numbers = boards.sources.names.ower_numbers
    owers = np.array([numbers.get(code, -1) for code in today.preorder], np.int64)
    own = np.zeros((len(owers), len(MEASURES)), np.int64)
    owed = np.flatnonzero(owers >= 0)
    # totals() wants ascending numbers.
    owed = owed[np.argsort(owers[owed], kind="stable")]
    if len(owed):
        own[owed] = boards.totals(owers[owed], Day(today.day))
    return own


def subtree_figures(today: DayTree, own: Matrix) -> Matrix:
    """Each unit with all below it: in preorder a subtree is one piece, so two sums tell it."""
    order = today.arrays.order
    sums = np.zeros((len(own) + 1, own.shape[1]), np.int64)
    np.cumsum(own, axis=0, out=sums[1:])
    first = np.arange(len(own))
    total: Matrix = sums[first + today.arrays.size[order]] - sums[first]
    return total


def _units(today: DayTree, subtree: Matrix) -> list[UnitFigures]:
    """The units of the levels that have metrics, with the figures of their subtrees."""
    found = []
    for place, code in enumerate(today.preorder):
        level = today.level(code)
        if level in BOARD_LEVELS:
            counts = _counts(subtree[place])
            found.append(UnitFigures(code, today.name(code), level, today.kind(code), counts))
    return found


def _levels(today: DayTree, own: Matrix) -> dict[str, LevelFigures]:
    levels = np.array([today.level(code) for code in today.preorder])
    silent = is_silent(own)
    return {
        str(level): LevelFigures(
            _counts(own[levels == level].sum(axis=0)), int(silent[levels == level].sum())
        )
        for level in np.unique(levels)
    }


def is_silent(own: Matrix) -> NDArray[np.bool_]:
    """Which units have something past its due and have answered none of it."""
    answered = own[:, COMPLETED_OF_DUE] + own[:, IN_REVISION]
    silent: NDArray[np.bool_] = (own[:, OVERDUE] > 0) & (answered == 0)
    return silent


def _counts(row: Any) -> Counts:
    return Counts(tuple(row.tolist()))
