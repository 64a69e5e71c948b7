"""The consumer group of a worker process: where its brokers are and how it takes part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Group:
    """How to reach the brokers and which group to join. Times in seconds.

    After `take_records` no further partition joins what is folded at once (5,000: about 60 ms).
    `instance` names the only worker of the group: started again, it takes its partitions back at
    once, without waiting for the session of the one that was killed. None where there are several.
    `request_bytes` is the largest request that the brokers take.
    """

    id: str
    bootstrap: str
    instance: str | None = None
    commit_seconds: float = 0.5
    poll_records: int = 20_000
    take_records: int = 5_000
    session_seconds: float = 10.0
    request_bytes: int = 8 * 1024 * 1024
    credentials: Any = None
