"""Opening a country's obligations: how fast they get into the ledger, and in how much memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from ops import wiring
from ops.bench.memory import resident_bytes
from schemas.event import Event
from services.bulk import record_stream
from services.ledger import Ledger
from services.loader import load
from services.programme_reading import builtin_programmes, read_programme

PROGRAMME = "dak-lak-guidance-2012"
"""Whose calendar is spread over the country: reports of every quarter, half-year and year."""
UNITS = 11_000
"""Communes, districts, departments and provinces before July 2025."""


def calendar(units: int) -> Iterator[Event]:
    """The programme, spread over so many units of the classes that owe its reports."""
    found = (read_programme(path) for path in builtin_programmes())
    document = next(one for one in found if one.id == PROGRAMME)
    owers = [f"66.u{number}" for number in range(units)]
    members = {one.id: owers for one in document.classes}
    return load(document, members, source="bench")


def measure(folder: str, openings: int, units: int = UNITS) -> dict[str, Any]:
    """Record so many openings, each a stream of its own, into a new ledger in SQLite.

    Memory is that in use after the first page and after the last; both in bytes.
    """
    told = islice(calendar(units), openings)
    ledger = Ledger.open(f"sqlite:{Path(folder) / 'ledger.db'}", clock=wiring.now, source="bench")
    events, first = 0, 0
    started, used = time.perf_counter(), time.process_time()
    for page in record_stream(told, ledger):
        refused = [one.sentence for one in page if one.reason is not None]
        if refused:
            raise RuntimeError(refused[0])
        events += len(page)
        first = first or resident_bytes()
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    ledger.close()
    return {
        "events": events,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "first_page_bytes": first,
        "last_page_bytes": resident_bytes(),
    }
