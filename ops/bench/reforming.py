"""The reform of 1 July 2025 on a running installation, while units go on recording events."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from ops import supervisor, waiting, wiring
from ops.bench import latency
from ops.bench.worlds import messages, paged
from ops.log import Outgoing
from ops.reform_vn import reform_2025
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import Supervisor
from ops.units_vn import vn_units
from schemas.board import Board
from schemas.times import day_of
from schemas.topics import BOARDS, EVENTS
from services.reform import plan
from services.reform_recording import record as record_reform

PAGE = 20_000
BLOCK = 4_000
LOOK_SECONDS = 0.25
"""Between two looks: a board of the whole country takes a tenth of a second by itself."""
SETTLE_SECONDS = 2.0
"""The load runs so long before the reform is told, and after its boards are there."""
REST_SECONDS = 30.0
SECONDS_MAX = 120.0
WAIT_SECONDS = 900.0
READ_RECORDS = 5_000


class Look(NamedTuple):
    """The centre's board: how long the answer took, its total, its version of the tree."""

    seconds: float
    total: int
    tree_version: int


def measure(settings: Settings, *, obligations: int, rate: int) -> dict[str, Any]:
    """Start everything, load the country's obligations, reform it under `rate` events a second.

    Seconds count from the acknowledgement of `reform.enacted`, the event that puts it in force.
    """
    units = list(vn_units(provinces=None, source="bench"))
    owers = [unit.unit for unit in units if unit.level != "centre"]
    with Supervisor(settings, quiet=True) as running:
        found: dict[str, Any] = {"broker": running.broker, "units": len(units)}
        with wiring.ledger(settings) as ledger:
            refused = [one.sentence for one in ledger.record(units) if one.reason is not None]
        if refused:
            raise BrokenEnvironment(f"{len(refused)} units were refused: {refused[0]}")
        started = time.monotonic()
        _load_lives(settings, owers, obligations)
        if not waiting.wait(settings, WAIT_SECONDS):
            raise BrokenEnvironment("The projections did not catch up in time.")
        found |= {"obligations": obligations, "loading_seconds": _since(started)}
        with latency.under_load(settings, latency.openings(owers), rate) as told:
            found |= _Reform(settings, running.settings.port, told).run()
    return found


def _load_lives(settings: Settings, owers: list[str], obligations: int) -> None:
    """Lives of four events each, straight onto the log: the ledger would take many minutes."""
    log = supervisor.open_log(settings)
    topic = EVENTS.full(settings.topic_prefix)
    for page in paged(messages(5, owers, obligations, block=BLOCK), PAGE):
        log.append([Outgoing(topic, message.key, message.value) for message in page])
    log.close()


class _Reform:
    """One reform, seen through the server and the topic; `told` grows with what is recorded."""

    def __init__(self, settings: Settings, port: int, told: list[int]) -> None:
        self._settings, self._told = settings, told
        self._client = latency.Client(port)
        self._looks: list[Look] = []

    def run(self) -> dict[str, Any]:
        """The figures."""
        self._look_for(SETTLE_SECONDS)
        published = _Published(self._settings)
        before, began = sum(self._told), time.monotonic()
        old = self._looks[-1].tree_version
        with wiring.ledger(self._settings) as ledger:
            planned = plan(reform_2025(None).document, wiring.tree_of(ledger), source="bench")
            recording = time.monotonic()
            for _ in record_reform(planned, ledger):
                self._look()
            enacted = time.monotonic()
            new = [one.unit for one in planned.document.establish if one.level == "province"]
            found: dict[str, Any] = {
                "reform_events": len(planned.parts) + 1,
                "recording_seconds": round(enacted - recording, 2),
                "new_centre_seconds": _until(lambda: self._look().tree_version > old, enacted),
                "new_provinces": len(new),
                "new_provinces_seconds": _until(partial(self._all_new, new, old), enacted),
            }
            self._look_for(SETTLE_SECONDS)
            standing = len(wiring.tree_of(ledger).at(day_of(wiring.now())))
        upper = {"centre", *new}
        found["published_centre_and_provinces_seconds"] = _until(
            lambda: upper <= published.newer(old).keys(), enacted
        )
        # The rest follows as fast as the load leaves room for it.
        self._look_for(REST_SECONDS)
        found["boards"] = standing
        found["published_boards"] = len(published.newer(old))
        found["published_boards_seconds"] = _since(enacted)
        published.close()
        rate = (sum(self._told) - before) / (time.monotonic() - began)
        totals = [look.total for look in self._looks]
        return found | {
            "recorded_per_second": round(rate),
            "looks": len(self._looks),
            "longest_look_seconds": round(max(look.seconds for look in self._looks), 3),
            "looks_with_a_smaller_total": sum(after < before for before, after in pairwise(totals)),
        }

    def _look(self) -> Look:
        started = time.monotonic()
        board = self._client.get("/api/units/centre/board")
        took = time.monotonic() - started
        look = Look(took, int(board["subtree"]["assigned"]), int(board["tree_version"]))
        self._looks.append(look)
        return look

    def _look_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._look()
            time.sleep(LOOK_SECONDS)

    def _all_new(self, units: list[str], old: int) -> bool:
        boards = (self._client.get(f"/api/units/{unit}/board") for unit in units)
        return all(int(board["tree_version"]) > old for board in boards)


class _Published:
    """The boards topic from now on."""

    def __init__(self, settings: Settings) -> None:
        self._log = supervisor.open_log(settings)
        self._topic = BOARDS.full(settings.topic_prefix)
        self._next = [end for _, end in self._log.ends(self._topic)]
        self._versions: dict[str, int] = {}

    def newer(self, version: int) -> dict[str, int]:
        """Unit -> version of the tree of its newest board, where that is newer than this one."""
        for partition, (_, end) in enumerate(self._log.ends(self._topic)):
            while (at := self._next[partition]) < end:
                for record in self._log.read(self._topic, partition, at, READ_RECORDS, 1.0):
                    board = Board.decode(record.value or b"")
                    self._versions[board.unit] = board.tree_version
                    self._next[partition] = record.offset + 1
        return {unit: seen for unit, seen in self._versions.items() if seen > version}

    def close(self) -> None:
        """Close the log."""
        self._log.close()


def _until(true: Callable[[], bool], began: float) -> float:
    """Seconds from `began` until it is true. Raises BrokenEnvironment where it never is."""
    while not true():
        if time.monotonic() - began > SECONDS_MAX:
            raise BrokenEnvironment(f"The reform's boards were not there after {SECONDS_MAX:g} s.")
        time.sleep(LOOK_SECONDS)
    return _since(began)


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)
