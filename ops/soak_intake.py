"""What a soak does all the while: events are recorded at a rate, and a board is asked for."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Self

from ops import wiring
from ops.bench.latency import Client
from ops.settings import BrokenEnvironment, Settings
from schemas.event import Event
from schemas.events.report import ReportExpected
from services.batch import Status
from services.ledger import Ledger

PAGE_SECONDS = 0.1
"""Each page holds the events of so long."""
LATE_SECONDS = 1.0
"""A page that begins so much after its time is late."""
ASK_SECONDS = 0.01
NEXT_SECONDS_MAX = 30.0


class Intake:
    """Records events at a rate in a thread, for as long as the `with` block lasts.

    What is missed is caught up with, so the mean holds where the ledger can take the rate at all.
    """

    def __init__(self, settings: Settings, page: Callable[[int], Sequence[Event]], rate: int):
        """`page` gives so many events as of now; `rate` is in events a second."""
        self.accepted = 0
        self.opened = 0
        """Of the accepted so many open an obligation."""
        self.refused = 0
        self.late = 0
        """Events of pages that began more than LATE_SECONDS after their time."""
        self.late_seconds_max = 0.0
        self._settings = settings
        self._page = page
        self._each = max(1, round(rate * PAGE_SECONDS))
        self._by_second: Counter[int] = Counter()
        self._stop = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._guarded, name="intake")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        if self._failed is not None:
            raise BrokenEnvironment(f"The intake stopped: {self._failed}") from self._failed

    def rates(self) -> tuple[int, float]:
        """Events recorded in the slowest whole second, and in a second on average."""
        whole = [self._by_second[second] for second in range(1, max(self._by_second, default=0))]
        return (min(whole), sum(whole) / len(whole)) if whole else (0, 0.0)

    def _guarded(self) -> None:
        try:
            with wiring.ledger(self._settings) as ledger:
                self._record(ledger)
        except Exception as error:
            # Raised by `with` in the thread that waits.
            self._failed = error

    def _record(self, ledger: Ledger) -> None:
        started = due = time.monotonic()
        while not self._stop.is_set():
            behind = time.monotonic() - due
            self.late_seconds_max = max(self.late_seconds_max, behind)
            self.late += self._each if behind > LATE_SECONDS else 0
            events = self._page(self._each)
            outcomes = ledger.record(events)
            good = [one.status is Status.ACCEPTED for one in outcomes]
            self.accepted += sum(good)
            self.refused += len(good) - sum(good)
            pairs = zip(events, good, strict=True)
            self.opened += sum(isinstance(event, ReportExpected) and ok for event, ok in pairs)
            self._by_second[int(time.monotonic() - started)] += sum(good)
            due += PAGE_SECONDS
            self._stop.wait(max(0.0, due - time.monotonic()))


class Look(NamedTuple):
    """An answer: when it came, and how much it shows as assigned."""

    at: float
    assigned: int


def longest_gap(found: Sequence[Look], since: float, now: float) -> float:
    """The longest time between `since` and `now` in which no answer came that was not old.

    Old is what shows less as assigned than was shown before.
    """
    most, last, longest = -1, since, 0.0
    for look in found:
        if look.assigned < most:
            continue
        most = look.assigned
        if look.at >= since:
            longest = max(longest, look.at - last)
            last = look.at
    return max(longest, now - last)


class Looks:
    """Asks for a board again and again in a thread, for as long as the `with` block lasts."""

    def __init__(self, port: int, path: str) -> None:
        self._port = port
        self._path = path
        self._found: list[Look] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask, name="looks")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def since(self, at: float) -> int:
        """How many answers have come since then."""
        return sum(look.at >= at for look in self._found)

    def next(self) -> int:
        """What is assigned by an answer to a question that is asked from now on.

        Raises BrokenEnvironment where none comes.
        """
        # The answer that comes next may be to a question asked before.
        wanted, until = len(self._found) + 2, time.monotonic() + NEXT_SECONDS_MAX
        while len(self._found) < wanted:
            if time.monotonic() > until:
                raise BrokenEnvironment("The board that is asked for does not come.")
            time.sleep(ASK_SECONDS)
        return self._found[-1].assigned

    def longest_gap(self, since: float) -> float:
        """The longest time since then without an answer, or with old ones only."""
        return longest_gap(list(self._found), since, time.monotonic())

    def _ask(self) -> None:
        client = Client(self._port)
        while not self._stop.is_set():
            with suppress(OSError, http.client.HTTPException, BrokenEnvironment):
                answer = client.get(self._path)
                self._found.append(Look(time.monotonic(), answer["subtree"]["assigned"]))
                time.sleep(ASK_SECONDS)
                continue
            # Whatever it was, the next question has a connection of its own.
            client.close()
            client = Client(self._port)
            time.sleep(ASK_SECONDS)
        client.close()
