"""Readings of the metrics for tests: one of a healthy process, one of a sick one."""

from __future__ import annotations

from collections import Counter
from typing import Any

from ops.metrics import LevelFigures, Reading, UnitFigures, WorkerFigures
from ops.reached import Reached
from ops.verification import Compared, verdict
from projections.stats import Lag, Stats
from schemas.board import Counts
from schemas.times import Instant

LEVELS = {
    "centre": ("centre", "Trung ương", "centre", "government"),
    "province": ("66", "Đắk Lắk", "province", "people_committee"),
    "department": ("66.so-a", 'Sở "A"\\', "province", "department"),
    "district": ("66.643", "Huyện X", "district", "people_committee"),
    "commune": ("66.643.1", "Xã Z", "commune", "people_committee"),
}


def unit(which: str, *, overdue: int = 0) -> UnitFigures:
    """One unit that owes four things past their due, all done on time but the overdue ones."""
    done = 4 - overdue
    own = Counts.of(
        assigned=5,
        due=4,
        completed=done,
        completed_of_due=done,
        on_time=done,
        on_time_of_due=done,
        overdue=overdue,
    )
    return UnitFigures(*LEVELS[which], subtree=own)


def levels(*, silent: int = 0) -> dict[str, LevelFigures]:
    """Every level with the figures of one unit."""
    own = unit("district", overdue=silent and 4).subtree
    return {level: LevelFigures(own, silent) for level in LEVELS if level != "department"}


def verified(differing: int) -> dict[str, Any]:
    """The verdict of verifying beside live, of one partition."""
    one = Compared(partition=0, offset=9, at=Instant(0), compared=50, differing=differing)
    return verdict(1, [one], ended=True)


def healthy(tick: int = 0) -> Reading:
    """A process that folds 100 events per tick and commits; `tick` counts up."""
    stats = Stats(events=100 * tick, batches=tick, commits=tick, commit_seconds=0.01 * tick)
    lag = Lag("lienthong.events", 0, 0, 0.0)
    return Reading(
        version="0.1.0",
        workers={"fold": WorkerFigures(stats, [lag], unwritten=0)},
        outbox=0,
        held=0,
        quarantine={"write": {}, "read": {}},
        tree_version=5,
        tree_conflicts=0,
        ledger_position=10 + tick,
        relay_position=10 + tick,
        limits=Reached().counts(),
        handed_over=tick,
        handover_left={"nobody": 0, "refused": 0, "unmoved": 0},
        restated={"late_fact": tick, "correction": 0, "unit_event": 0},
        calendar={"opened": tick, "determined": 0, "dropped": 0, "refused": 0},
        verification=verified(differing=0),
        verified_seconds=20.0,
        units=[unit(which) for which in LEVELS],
        levels=levels(),
    )


def sick(tick: int) -> Reading:
    """A process in which everything is wrong at once."""
    stats = Stats(
        events=100,
        commits=1 + tick,
        commit_seconds=5.0 * tick,
        refusals=Counter(not_avro=tick),
        holes=tick,
        vanished=tick,
        lost=10 * tick,
    )
    stuck = Stats(commits=3)
    lag = Lag("lienthong.events", 0, 5_000, 300.0)
    return Reading(
        version="0.1.0",
        ready=False,
        workers={
            "fold": WorkerFigures(stats, [lag], unwritten=0),
            "boards": WorkerFigures(stuck, [], unwritten=700),
        },
        outbox=20_000,
        held=3,
        quarantine={"write": {"not_json": 1}, "read": {"not_avro": tick}},
        tree_version=5,
        tree_conflicts=1,
        ledger_position=100,
        relay_position=10,
        limits={"SUBSCRIBERS_MAX": tick},
        handover_left={"nobody": 0, "refused": 2, "unmoved": 0},
        verification=verified(differing=1),
        verified_seconds=7_200.0,
        units=[unit(which, overdue=4) for which in LEVELS]
        + [unit("district")._replace(unit=f"66.{number}") for number in range(2_001)],
        levels=levels(silent=3),
    )
