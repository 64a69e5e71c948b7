"""What a worker counts about itself, for metrics and tests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(kw_only=True)
class Stats:
    """Counted since the process began. Times in seconds."""

    events: int = 0
    """Records folded, duplicates included."""
    duplicates: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    """Quarantined records per reason code."""
    batches: int = 0
    fold_seconds: float = 0.0
    skipped: int = 0
    """Records that came again although they were folded (a seek, a rebalance)."""
    foreign: int = 0
    """Records of partitions that are not ours (any more)."""
    holes: int = 0
    """Offsets missing where the next record was expected; each is read once more."""
    vanished: int = 0
    """Offsets that were still missing when read once more."""
    commits: int = 0
    commit_seconds: float = 0.0
    commit_seconds_max: float = 0.0
    flushes: int = 0
    flushed_rows: int = 0
    sent: int = 0
    """Messages acknowledged by the log."""
    lost: int = 0
    """Partitions given up because another worker had taken them over."""

    def refused(self, reason: str) -> None:
        """One more record went to quarantine."""
        self.refusals[reason] += 1

    def committed(self, seconds: float) -> None:
        """One more transaction is durable."""
        self.commits += 1
        self.commit_seconds += seconds
        self.commit_seconds_max = max(self.commit_seconds_max, seconds)


class Lag(NamedTuple):
    """How far one partition is behind the log. `seconds` is 0 where nothing waits."""

    topic: str
    partition: int
    events: int
    seconds: float
