"""Verification beside live: what its process found last, as a file of the home."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schemas.times import Instant, format_instant, parse_instant

FILE = "verification.json"
OFF, WAITING, HOLDS, DIFFERS = STATES = ("off", "waiting", "holds", "differs")
"""Nobody verifies; no round has ended yet; nothing differs; something does."""
NOTHING: Mapping[str, Any] = {
    "state": OFF,
    "round": 0,
    "finished_at": None,
    "compared": 0,
    "differing": 0,
    "partitions": [],
    "differences": [],
}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A figure that is not what the fold says, and the first event that bears on it.

    `what` names the slice, or what is missing. `live` and `fold` are changes of the count on that
    day. `event_id` None: no event on the log gives a reason for it.
    """

    unit: str
    measure: str
    day: str
    what: str
    live: int
    fold: int
    obligation: str | None = None
    event_id: str | None = None
    recorded_at: str | None = None

    @property
    def sentence(self) -> str:
        """For the log of the process."""
        event = f"first event {self.event_id}" if self.event_id else "no event explains it"
        return (
            f"{self.unit} on {self.day} ({self.what}): {self.measure} changes by {self.live} live, "
            f"by {self.fold} in the fold; {event}"
        )


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One partition at one position: `offset` is the first that was not compared.

    `units` says which part of the units was looked at, 1/1 where all were. `remark` says why
    nothing was compared, '' where something was.
    """

    partition: int
    offset: int
    at: Instant
    units: str = "1/1"
    compared: int = 0
    differing: int = 0
    remark: str = ""
    differences: Sequence[Difference] = ()


def verdict(number: int, partitions: Sequence[Compared], *, ended: bool) -> dict[str, Any]:
    """What is told of the last look at each partition; `ended`: a whole round has been made."""
    differing = sum(one.differing for one in partitions)
    state = DIFFERS if differing else HOLDS if ended else WAITING
    rows = [asdict(one) | {"at": format_instant(one.at)} for one in partitions]
    differences = [found for row in rows for found in row.pop("differences")]
    last = max((one.at for one in partitions), default=None)
    return {
        "state": state,
        "round": number,
        "finished_at": None if last is None else format_instant(last),
        "compared": sum(one.compared for one in partitions),
        "differing": differing,
        "partitions": rows,
        "differences": differences,
    }


def write(home: Path, told: Mapping[str, Any]) -> None:
    """Write down a verdict, whole or not at all."""
    scratch = home / f"{FILE}.new"
    scratch.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    os.replace(scratch, home / FILE)


def read(home: Path) -> Mapping[str, Any]:
    """The last verdict; NOTHING where no process has written one."""
    try:
        found: Mapping[str, Any] = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return NOTHING
    return found


def forget(home: Path) -> None:
    """Nobody verifies any more: an old verdict vouches for nothing."""
    (home / FILE).unlink(missing_ok=True)


def age_seconds(told: Mapping[str, Any], now: Instant) -> float | None:
    """How old the verdict is; None where there is none."""
    at = told["finished_at"]
    return None if at is None else max(0.0, (now - parse_instant(at)) / 1000)
