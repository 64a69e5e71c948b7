"""The metrics: one reading of all figures, turned into what Prometheus scrapes."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from ops.metrics_table import COUNTER, METRICS
from ops.verification import NOTHING
from projections.stats import Lag, Stats
from schemas.board import Counts
from schemas.refusal import Reason

BOARD_UNITS_MAX = 2_000
"""Most units with board metrics: seven series each. The centre, the provinces with their
departments and the districts of the whole country (1,600) fit; communes do not and are left to
HTTP. What is beyond the limit is counted in lienthong_board_units_left_out."""
BOARD_LEVELS = ("centre", "province", "district")
"""Levels whose units have board metrics, in the order in which the limit is filled."""
BOARD_MEASURES = (
    "assigned",
    "due",
    "completed",
    "completed_of_due",
    "on_time_of_due",
    "in_revision",
    "overdue",
)
LEVEL_MEASURES = ("assigned", "due", "completed", "overdue")


class UnitFigures(NamedTuple):
    """One unit with the live counts of itself and all below it."""

    unit: str
    name: str
    level: str
    kind: str
    subtree: Counts


class LevelFigures(NamedTuple):
    """What the units of one level owe themselves; `silent` units answered nothing past due."""

    own: Counts
    silent: int


class WorkerFigures(NamedTuple):
    """One worker's own counting; `unwritten` events are folded but not durable."""

    stats: Stats
    lags: Sequence[Lag]
    unwritten: int


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All figures of one process at one moment. None: this process does not know it.

    `quarantine` counts by side (write, read) and reason; `levels` by level; `handover_left` by
    why something stays with a unit that has ended; `restated` by cause; `calendar` by what was
    recorded. `verification` is the verdict of verifying beside live, so many seconds old.
    """

    version: str = ""
    ready: bool = True
    workers: Mapping[str, WorkerFigures] = field(default_factory=dict)
    outbox: int | None = None
    held: int | None = None
    quarantine: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    tree_version: int | None = None
    tree_conflicts: int | None = None
    ledger_position: int | None = None
    relay_position: int | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    handed_over: int | None = None
    handover_left: Mapping[str, int] = field(default_factory=dict)
    restated: Mapping[str, int] = field(default_factory=dict)
    calendar: Mapping[str, int] = field(default_factory=dict)
    verification: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    verified_seconds: float | None = None
    streams: int = 0
    units: Sequence[UnitFigures] = ()
    levels: Mapping[str, LevelFigures] = field(default_factory=dict)


class Metrics:
    """Output for `/metrics`, read anew at each scrape, so that a gauge is never stale."""

    def __init__(self, read: Callable[[], Reading]) -> None:
        self._read = read

    def text(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return rendered(self._read())

    async def scrape(self) -> bytes:
        """The same: read in the loop, where figures stand still, written out beside it."""
        return await asyncio.to_thread(rendered, self._read())


def rendered(reading: Reading) -> bytes:
    """A reading in the Prometheus text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(reading))
    return generate_latest(registry)


class _Collector(Collector):
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Family]:
        families = {name: _family(name) for name in METRICS}
        for name, labels, value in samples(self._reading):
            families[name].add_metric([str(label) for label in labels], float(value))
        yield from families.values()


Sample = tuple[str, tuple[object, ...], float]
"""(metric, label values, value)"""


def samples(reading: Reading) -> Iterator[Sample]:
    """Every value of one reading, under a name of METRICS."""
    yield "lienthong_build_info", (reading.version,), 1
    yield "lienthong_ready", (), int(reading.ready)
    yield "lienthong_http_streams", (), reading.streams
    single = {
        "lienthong_outbox_messages": reading.outbox,
        "lienthong_held_facts": reading.held,
        "lienthong_tree_version": reading.tree_version,
        "lienthong_tree_conflicts": reading.tree_conflicts,
        "lienthong_ledger_position": reading.ledger_position,
        "lienthong_relay_position": reading.relay_position,
        "lienthong_handed_over_total": reading.handed_over,
        "lienthong_verify_age_seconds": reading.verified_seconds,
    }
    for name, value in single.items():
        if value is not None:
            yield name, (), value
    for side, counts in reading.quarantine.items():
        for reason, count in _every_reason(counts).items():
            yield "lienthong_quarantine_records", (side, reason), count
    for limit, count in reading.limits.items():
        yield "lienthong_limit_reached_total", (limit,), count
    for reason, count in reading.handover_left.items():
        yield "lienthong_handover_left", (reason,), count
    for one in reading.verification["partitions"]:
        yield "lienthong_verify_compared", (one["partition"],), one["compared"]
        yield "lienthong_verify_differing", (one["partition"],), one["differing"]
        yield "lienthong_verify_left_out", (one["partition"],), int(bool(one["remark"]))
    for cause, count in reading.restated.items():
        yield "lienthong_restatements_total", (cause,), count
    for became, count in reading.calendar.items():
        yield "lienthong_calendar_total", (became,), count
    yield from _workers(reading.workers)
    yield from _boards(reading.units)
    for level, figures in reading.levels.items():
        for measure in LEVEL_MEASURES:
            yield f"lienthong_level_{measure}", (level,), figures.own[measure]
        yield "lienthong_silent_units", (level,), figures.silent


def _workers(workers: Mapping[str, WorkerFigures]) -> Iterator[Sample]:
    refusals: Counter[str] = Counter()
    for name, worker in workers.items():
        stats = worker.stats
        counted = {
            "lienthong_events_total": stats.events,
            "lienthong_duplicates_total": stats.duplicates,
            "lienthong_batches_total": stats.batches,
            "lienthong_fold_seconds_total": stats.fold_seconds,
            "lienthong_skipped_total": stats.skipped,
            "lienthong_foreign_total": stats.foreign,
            "lienthong_holes_total": stats.holes,
            "lienthong_vanished_total": stats.vanished,
            "lienthong_partitions_lost_total": stats.lost,
            "lienthong_commits_total": stats.commits,
            "lienthong_commit_seconds_total": stats.commit_seconds,
            "lienthong_commit_seconds_max": stats.commit_seconds_max,
            "lienthong_sent_total": stats.sent,
            "lienthong_unwritten_events": worker.unwritten,
        }
        for metric, value in counted.items():
            yield metric, (name,), value
        for lag in worker.lags:
            yield "lienthong_lag_events", (lag.topic, lag.partition), lag.events
            yield "lienthong_lag_seconds", (lag.topic, lag.partition), lag.seconds
        refusals.update(stats.refusals)
    for reason, count in _every_reason(refusals).items():
        yield "lienthong_refusals_total", (reason,), count


def _every_reason(counts: Mapping[str, int]) -> Mapping[str, int]:
    """The counts and a 0 for all other reasons: what appears only later has no rate at first."""
    return {reason.value: 0 for reason in Reason} | {str(key): n for key, n in counts.items()}


def _boards(units: Sequence[UnitFigures]) -> Iterator[Sample]:
    wanted = [unit for level in BOARD_LEVELS for unit in units if unit.level == level]
    for unit in wanted[:BOARD_UNITS_MAX]:
        labels = (unit.unit, unit.name, unit.level, unit.kind)
        for measure in BOARD_MEASURES:
            yield f"lienthong_board_{measure}", labels, unit.subtree[measure]
    yield "lienthong_board_units_left_out", (), max(0, len(wanted) - BOARD_UNITS_MAX)


def _family(name: str) -> CounterMetricFamily | GaugeMetricFamily:
    metric = METRICS[name]
    labels: Iterable[str] = metric.labels
    if metric.kind == COUNTER:
        return CounterMetricFamily(name, metric.help, labels=list(labels))
    return GaugeMetricFamily(name, metric.help, labels=list(labels))
