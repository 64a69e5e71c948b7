"""Limits reached: how often each named limit turned something away, for the metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from threading import Lock

HTTP_LIMITS = ("BODY_BYTES_MAX", "BODY_LINES_MAX", "SUBSCRIBERS_MAX")
"""Shown from the start with 0, because a rate over a series that appears is blind at first."""


class Reached:
    """Counts by the limit's name. Safe to call from any thread."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter(dict.fromkeys(HTTP_LIMITS, 0))
        self._lock = Lock()

    def hit(self, limit: str) -> None:
        """One more refusal because of this limit."""
        with self._lock:
            self._counts[limit] += 1

    def counts(self) -> Mapping[str, int]:
        """A copy of the counts so far."""
        with self._lock:
            return dict(self._counts)
