"""Recording by the million: facts are taken from a stream page by page, never held whole."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from schemas.event import Event
from services.batch import Outcome
from services.ledger import Ledger

PAGE_EVENTS = 5_000
"""Facts of one transaction: enough that its commit costs little, few enough to be held, and other
writers wait a second at most."""


def record_stream(
    events: Iterable[Event], ledger: Ledger, page_events: int = PAGE_EVENTS
) -> Iterator[list[Outcome]]:
    """The outcomes of each page, once it is recorded, in the order of the facts.

    Each fact is taken or refused for itself. What breaks off leaves whole pages; where the facts
    have the same ids again, as those of a programme do, doing it again records the rest.
    """
    left = iter(events)
    while outcomes := _next(left, ledger, page_events):
        yield outcomes


def _next(left: Iterator[Event], ledger: Ledger, page_events: int) -> list[Outcome]:
    with _uncollected():
        page = list(islice(left, page_events))
        return ledger.record(page) if page else []


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold garbage collections back for a page, a tenth of whose time they take.

    A page's objects have no cycles: they are freed when it is recorded.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
