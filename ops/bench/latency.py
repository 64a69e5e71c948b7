"""Latencies on a whole running installation: boards over HTTP, and recorded until visible."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from random import Random
from typing import Any
from uuid import uuid4

from ops import waiting, wiring
from ops.bench.worlds import Message, due_days, established, messages, paged, tree
from ops.settings import BrokenEnvironment, Settings
from ops.supervisor import Supervisor
from schemas import avro
from schemas.event import Event, EventId
from schemas.events.report import ReportExpected
from schemas.times import Day, Instant, format_day
from services.ledger import Ledger

PAGE = 1_000
LOAD_PAUSE_SECONDS = 0.1
PROBE_SECONDS_MAX = 10.0
POLL_SECONDS = 0.02
"""Between two looks at the board; looking more often would load the server that is measured."""
WAIT_SECONDS = 600.0
PROVINCES = 4
"""Provinces of this world: some 450 units, as many as the demo's four have."""


def quantile(sorted_values: Sequence[float], share: float) -> float:
    """The value below which this share of the values lies."""
    if not sorted_values:
        return float("nan")
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]


def measure(
    settings: Settings, *, history: int, boards: int, rate: int, seconds: float
) -> dict[str, Any]:
    """Start everything on an empty home, record `history` events, then take both latencies."""
    units = tree(PROVINCES)
    owers = [unit.code for unit in units]
    with Supervisor(settings, quiet=True) as running:
        found: dict[str, Any] = {"broker": running.broker, "units": len(units)}
        with wiring.ledger(settings) as ledger:
            found |= _recorded(ledger, [*established(units)], history, owers)
            if not waiting.wait(settings, WAIT_SECONDS):
                raise BrokenEnvironment("The projections did not catch up in time.")
            found["boards"] = _boards(running.settings.port, owers, boards)
            found["visible"] = _visible(settings, running.settings.port, owers, rate, seconds)
    return found


def _recorded(ledger: Ledger, units: list[Event], history: int, owers: list[str]) -> dict[str, Any]:
    ledger.record(units, history=True)
    started = time.perf_counter()
    told: Iterator[Message] = messages(7, owers, history // 4)
    accepted = 0
    # Four events an obligation; in order of recording, as --history asks of a source.
    events = sorted((avro.decode(m.value) for m in told), key=lambda event: event.recorded_at)
    for page in paged(events, PAGE):
        outcomes = ledger.record(page, history=True)
        accepted += sum(outcome.status == "accepted" for outcome in outcomes)
    seconds = time.perf_counter() - started
    return {"history": accepted, "recorded_per_second": round(accepted / seconds)}


class Client:
    """One kept connection to the server."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def get(self, path: str) -> Any:
        """The JSON at a path. Raises BrokenEnvironment for any answer but 200."""
        try:
            answer = self._asked(path)
        except http.client.RemoteDisconnected:
            # The server gives up a connection that was idle for some seconds.
            self._connection.close()
            answer = self._asked(path)
        body = answer.read()
        if answer.status != 200:
            raise BrokenEnvironment(f"{path}: HTTP {answer.status}: {body[:200]!r}")
        return json.loads(body)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _asked(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", path)
        return self._connection.getresponse()


def _boards(port: int, owers: list[str], wanted: int) -> dict[str, float]:
    """Boards of so many different (unit, day) pairs from a warm server, one after another."""
    rng, client = Random(1), Client(port)
    first, last = due_days()
    pairs: set[tuple[str, int]] = set()
    while len(pairs) < wanted:
        pairs.add((rng.choice(owers), rng.randrange(first, last)))
    asked = sorted(pairs, key=lambda _: rng.random())
    for code, on in asked[:20]:
        client.get(f"/api/units/{code}/board?on={format_day(Day(on + 400))}")
    seconds = []
    for code, on in asked:
        started = time.perf_counter()
        client.get(f"/api/units/{code}/board?on={format_day(Day(on))}")
        seconds.append(time.perf_counter() - started)
    return _said(sorted(seconds))


def _said(seconds: list[float]) -> dict[str, float]:
    found = {f"p{share:g}": quantile(seconds, share / 100) for share in (50, 90, 99)}
    return {
        "count": len(seconds),
        **{name: round(value * 1000, 2) for name, value in found.items()},
        "max": round(seconds[-1] * 1000, 2) if seconds else 0.0,
    }


def _visible(
    settings: Settings, port: int, owers: list[str], rate: int, seconds: float
) -> dict[str, Any]:
    """Probes under a load of `rate` events a second: from recording until the board has it."""
    client = Client(port)
    delays: list[float] = []
    lost = 0
    started = time.monotonic()
    load = under_load(settings, openings(owers), rate)
    with load as recorded, wiring.ledger(settings) as ledger:
        for number in count():
            if time.monotonic() - started > seconds:
                break
            ower = owers[-1 - number % 100]
            path = f"/api/units/{ower}/board?programme=probe&all=true"
            before = client.get(path)["own"]["assigned"]
            (outcome,) = ledger.record([_opening("probe", ower)])
            if outcome.status != "accepted":
                raise BrokenEnvironment(f"A probe was {outcome.status}.")
            since = time.perf_counter()
            while client.get(path)["own"]["assigned"] <= before:
                if time.perf_counter() - since > PROBE_SECONDS_MAX:
                    lost += 1
                    break
                time.sleep(POLL_SECONDS)
            delays.append(time.perf_counter() - since)
        elapsed = time.monotonic() - started
    return {**_said(sorted(delays)), "lost": lost, "rate": round(sum(recorded) / elapsed)}


def _opening(programme: str, ower: str) -> Event:
    now = wiring.now()
    number = uuid4()
    return ReportExpected(
        event_id=EventId(number.bytes),
        effective_at=Instant(now - 1_000),
        obligation=f"{programme}:1:{number}:{ower}",
        unit=ower,
        by="centre",
        source="bench",
        programme=programme,
        kind="report",
        item="1",
        issuer="centre",
        due_before=Day(due_days()[1] + 10_000),
    )


Page = Callable[[int], Sequence[Event]]
"""So many events as units record them now."""


def openings(owers: Sequence[str]) -> Page:
    """New obligations of these units."""
    rng = Random(3)
    return lambda count: [_opening("load", rng.choice(owers)) for _ in range(count)]


@contextmanager
def under_load(settings: Settings, page: Page, rate: int) -> Iterator[list[int]]:
    """Record `rate` events a second for as long as the `with` block lasts.

    Gives how many of each page were recorded, as it grows.
    """
    stop, each = threading.Event(), max(1, round(rate * LOAD_PAUSE_SECONDS))
    recorded: list[int] = []

    def go_on() -> None:
        with wiring.ledger(settings) as ledger:
            due = time.monotonic()
            while not stop.is_set():
                outcomes = ledger.record(page(each))
                recorded.append(sum(one.reason is None for one in outcomes))
                due += LOAD_PAUSE_SECONDS
                stop.wait(max(0.0, due - time.monotonic()))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield recorded
    finally:
        stop.set()
        thread.join()
