"""`lienthong soak reform`: the reform of 2025 on a running home that goes on recording.

Every board that is published meanwhile, and every look over HTTP, is held against the plain fold of
the log at exactly the positions that it names.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ops import snapshots, supervisor, waiting, wiring
from ops.at_positions import Kept, kept
from ops.bench.latency import Client, under_load
from ops.bench.worlds import paged
from ops.log import Log
from ops.reform_vn import reform_2025
from ops.settings import BrokenEnvironment, Settings
from ops.snapshots import Snapshot
from ops.supervisor import Supervisor
from ops.units_vn import PROVINCES, vn_units
from ops.verify import Check, Differences
from schemas.event import Event, EventId
from schemas.events.report import ReportExpected, ReportSubmitted, ReportTransferred
from schemas.times import Day, Instant, day_of
from schemas.topics import BOARDS
from services.ledger import Ledger
from services.openings import CENTRE
from services.reform import plan
from services.reform_recording import record as record_reform

SOURCE = "soak"
PAGE = 1_000
LOOK_SECONDS = 0.25
WAIT_SECONDS = 600.0
QUIET_SECONDS = 3.0
"""So long nothing is published once all boards are told of."""
DUE_DAYS = 400
"""Dues lie up to so many days before or after today."""
OPENED, SUBMITTED = 0.5, 0.8
"""Of the events of the load so much opens something, and up to there something is submitted."""

Told = Callable[[str], None]


class Owed(NamedTuple):
    """What somebody owes and has not submitted."""

    obligation: str
    unit: str


class Load:
    """What units record while the reform goes on: openings, completions, transfers."""

    def __init__(self, owers: Sequence[str], seed: int) -> None:
        self._owers = owers
        self._rng = Random(seed)
        self._number = 0
        self._open: list[Owed] = []

    def openings(self, count: int, now: Instant) -> Iterator[Event]:
        """So many new obligations."""
        for _ in range(count):
            yield self._opening(now)

    def page(self, count: int) -> list[Event]:
        """So many events of all three kinds, as of now."""
        now = wiring.now()
        return [self._event(now) for _ in range(count)]

    def _event(self, now: Instant) -> Event:
        kind = self._rng.random()
        if kind < OPENED or not self._open:
            return self._opening(now)
        owed = self._open.pop(self._rng.randrange(len(self._open)))
        if kind < SUBMITTED:
            return ReportSubmitted(**self._envelope(owed, now, by=owed.unit))
        to = self._rng.choice(self._owers)
        self._open.append(Owed(owed.obligation, to))
        return ReportTransferred(to_unit=to, **self._envelope(owed, now, by=CENTRE))

    def _opening(self, now: Instant) -> Event:
        owed = Owed(f"soak:{self._number}", self._rng.choice(self._owers))
        self._open.append(owed)
        due = Day(day_of(now) + self._rng.randint(-DUE_DAYS, DUE_DAYS))
        told = self._envelope(owed, now, by=CENTRE)
        return ReportExpected(kind="report", item="1", issuer=CENTRE, due_before=due, **told)

    def _envelope(self, owed: Owed, now: Instant, by: str) -> dict[str, Any]:
        self._number += 1
        return {
            "event_id": EventId(self._rng.randbytes(16)),
            "effective_at": now,
            "obligation": owed.obligation,
            "unit": owed.unit,
            "by": by,
            "source": SOURCE,
        }


class Seen(NamedTuple):
    """What a run has shown: events recorded under load, all looks, everything published.

    `tree_version` is that of the boards before the reform; `log` what all of it rests on.
    """

    log: Kept
    recorded: int
    tree_version: int
    looks: Sequence[Snapshot]
    published: Sequence[Snapshot]


def run_reform(
    settings: Settings,
    *,
    provinces: Sequence[str] | None = PROVINCES,
    obligations: int = 2_000,
    rate: int = 100,
    seconds: float = 10.0,
    seed: int = 1,
    told: Told = print,
) -> Seen:
    """Start everything on an empty home, record, reform, and stop once all is published.

    `provinces` None means the whole country; `rate` is in events a second, and the load runs so
    many `seconds` before the reform is told, and after its boards are there. Raises
    BrokenEnvironment where something does not start or come about in time.
    """
    units = list(vn_units(provinces=provinces, source=SOURCE))
    load = Load([unit.unit for unit in units if unit.level != "centre"], seed)
    with Supervisor(settings, quiet=True) as running:
        told(f"{running.broker}; {len(units)} units, seed {seed}")
        with wiring.ledger(settings) as ledger:
            _record(ledger, units)
            _record(ledger, [*load.openings(obligations, wiring.now())])
        _wait(settings)
        with closing(Client(running.settings.port)) as client:
            looks = _Looks(client)
            with under_load(settings, load.page, rate) as recorded:
                looks.go_on(seconds)
                old = looks.last.tree_version
                _reform(settings, provinces, looks, told)
                looks.until_newer(old)
                looks.go_on(seconds)
            _wait(settings)
            looks.look()
        told(f"{sum(recorded)} events recorded meanwhile")
        with closing(supervisor.open_log(settings)) as log:
            prefix = settings.topic_prefix
            _until_quiet(log, BOARDS.full(prefix))
            boards = [*snapshots.published(log, prefix)]
            return Seen(kept(log, prefix), sum(recorded), old, looks.found, boards)


def _reform(settings: Settings, provinces: Sequence[str] | None, looks: _Looks, told: Told) -> None:
    with wiring.ledger(settings) as ledger:
        document = reform_2025(provinces).document
        planned = plan(document, wiring.tree_of(ledger), source=SOURCE)
        for _ in record_reform(planned, ledger):
            looks.look()
    told(f"{len(planned.parts) + 1} events of the reform recorded")


def checks(seen: Seen) -> list[Check]:
    """What was shown against the log; and that there was something to see."""
    return [
        snapshots.compared("published boards", seen.published, seen.log),
        snapshots.compared("boards over HTTP", seen.looks, seen.log),
        _was_live(seen),
    ]


def _record(ledger: Ledger, events: Sequence[Event]) -> None:
    for page in paged(events, PAGE):
        refused = [one.sentence for one in ledger.record(page) if one.reason is not None]
        if refused:
            raise BrokenEnvironment(f"{len(refused)} events were refused: {refused[0]}")


def _wait(settings: Settings) -> None:
    if not waiting.wait(settings, WAIT_SECONDS):
        raise BrokenEnvironment("The projections did not catch up in time.")


def _until_quiet(log: Log, topic: str) -> None:
    """Until nothing more is published: under load boards wait for one another."""
    ends, since = log.ends(topic), time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        time.sleep(LOOK_SECONDS)
        if (now := log.ends(topic)) != ends:
            ends, since = now, time.monotonic()


class _Looks:
    """The centre's board over HTTP with the units right below it, again and again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.found: list[Snapshot] = []

    @property
    def last(self) -> Snapshot:
        return self.found[-1]

    def look(self) -> Snapshot:
        said = self._client.get(f"/api/units/{CENTRE}/board?by=child")
        self.found.append(snapshots.of_answer(f"look {len(self.found) + 1}", said))
        return self.last

    def go_on(self, seconds: float) -> None:
        """So long, and until the total has moved on meanwhile."""
        enough, before = time.monotonic() + seconds, self.look().total
        self._until(lambda now: now.total != before and time.monotonic() > enough)

    def until_newer(self, tree_version: int) -> None:
        self._until(lambda now: now.tree_version > tree_version)

    def _until(self, true: Callable[[Snapshot], bool]) -> None:
        until = time.monotonic() + WAIT_SECONDS
        while not true(self.look()):
            if time.monotonic() > until:
                raise BrokenEnvironment("The boards that are looked for did not come in time.")
            time.sleep(LOOK_SECONDS)


def _was_live(seen: Seen) -> Check:
    """That there was something to see: boards by both trees while the totals moved on."""
    found = Differences()
    # On the topic boards wait for one another under load, so two of one tree are not sure.
    for name, shown, totals in (("the topic", seen.published, 1), ("HTTP", seen.looks, 2)):
        centre = [one for one in shown if one.unit == CENTRE]
        for when, some in (
            ("before", [one for one in centre if one.tree_version <= seen.tree_version]),
            ("after", [one for one in centre if one.tree_version > seen.tree_version]),
        ):
            if len({one.total for one in some}) < totals:
                found.add(f"{name}: fewer than {totals} totals of the centre {when} the reform")
    moved = _partitions(seen.looks)
    if moved < 2:
        found.add(f"only {moved} partitions of the events moved on")
    centre = [one for one in seen.published if one.unit == CENTRE]
    remark = (
        f"{len(centre)} published boards of the centre; {seen.recorded} events in {moved} "
        f"partitions meanwhile, {centre[-1].total[0] if centre else 0} assigned at the end"
    )
    return found.check("units went on recording", len(seen.published) + len(seen.looks), [remark])


def _partitions(looks: Sequence[Snapshot]) -> int:
    """How many partitions of the events moved on between the first look and the last."""
    ends = [next(iter(one.positions.events.values())) for one in looks if one.positions]
    return sum(a != b for a, b in zip(ends[0], ends[-1], strict=False))


def run(arguments: Sequence[str], settings: Settings) -> int:
    """`lienthong soak reform`; exit code 0 where no board differs, else 1.

    Runs in a home of its own, removed afterwards, on Kafka or on the log that LIENTHONG_LOG says.
    """
    asked = _arguments().parse_args(list(arguments))
    chosen = None if asked.provinces == "all" else asked.provinces.split(",")
    with tempfile.TemporaryDirectory(prefix="lienthong-soak-") as folder:
        soaked = Settings.load({}, home=Path(folder), log=settings.log, port=0, source=SOURCE)
        seen = run_reform(
            soaked,
            provinces=chosen,
            obligations=asked.obligations,
            rate=asked.rate,
            seconds=asked.seconds,
            seed=asked.seed,
        )
    found = checks(seen)
    for check in found:
        print(*check.lines(), sep="\n")
    return 0 if all(check.holds for check in found) else 1


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lienthong soak reform",
        description="The reform of 1 July 2025 under load; every board is counted again.",
    )
    parser.add_argument(
        "--provinces", default=",".join(PROVINCES), help="codes of old provinces, or all"
    )
    parser.add_argument("--obligations", type=int, default=2_000)
    parser.add_argument("--rate", type=int, default=100, help="events a second")
    parser.add_argument("--seconds", type=float, default=10.0, help="before and after the reform")
    parser.add_argument("--seed", type=int, default=1)
    return parser
