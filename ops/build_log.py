"""The log as a build beside the serving one sees it: read as far as it may, told nothing to others.

To compare two builds at equal positions one of them has to stand still. That is never the one that
serves: the one beside is held, led on to exactly where the other was looked at, and let go.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ops import builds
from ops.log import Log, Record
from ops.position import pause
from ops.serving import Role
from projections.parts import Parts
from schemas.times import Instant
from schemas.topics import Topic

HOLD = "hold.json"
HELD = "held.json"
HOLD_MS_MAX = 120_000
"""A comparison that was killed lets the build go after this time."""
LOOK_SECONDS = 0.1

Ends = Mapping[int, int]
"""By partition of the topic of events the first offset that is not to be, or is not, folded."""


class Asked(NamedTuple):
    """That the build is to stand still, where it is or, where `ends` says more, there."""

    token: str
    until: Instant
    ends: Ends


def hold(folder: Path, asked: Asked) -> None:
    """Have the build in this folder stand still."""
    told = {"token": asked.token, "until": asked.until, "ends": dict(asked.ends)}
    builds.write(folder / HOLD, json.dumps(told))


def release(folder: Path) -> None:
    """Let it go on."""
    (folder / HOLD).unlink(missing_ok=True)


def held(folder: Path, token: str) -> Ends | None:
    """Where the build stands still as it was asked by this token; None as long as it does not."""
    try:
        found = json.loads((folder / HELD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return _ends(found["ends"]) if found["token"] == token else None


async def asked_beside(folder: Path, role: Role, stop: asyncio.Event) -> None:
    """Return when this build is to stand still while another one serves, or when told to stop."""
    while role.serves or not (folder / HOLD).exists():
        if await pause(stop, LOOK_SECONDS):
            return


class BuildLog:
    """A log that is read up to limits, and that takes only frames while another build serves.

    Fulfils projections.context.Log and what the plain runner asks of a log.
    """

    def __init__(self, log: Log, role: Role, frames: str) -> None:
        """`frames`: the full name of the topic that is the build's own."""
        self._log = log
        self._role = role
        self._frames = frames
        self.limits: dict[tuple[str, int], int] = {}
        """By topic and partition the first offset that is not read."""

    def cluster_id(self) -> str:
        """The id of the whole log."""
        return self._log.cluster_id()

    def topic_id(self, topic: str) -> str:
        """The id of this topic."""
        return self._log.topic_id(topic)

    def ends(self, topic: str) -> list[tuple[int, int]]:
        """Start and end offset of each partition, whatever the limits."""
        return self._log.ends(topic)

    def read(
        self,
        topic: str,
        partition: int,
        offset: int,
        limit: int,
        wait_seconds: float = 0.0,
        end: int | None = None,
    ) -> list[Record]:
        """See ops.log.Log.read; nothing from the limit on."""
        until = self.limits.get((topic, partition))
        if until is not None:
            limit = min(limit, until - offset)
            if limit <= 0:
                return []
        found = self._log.read(topic, partition, offset, limit, wait_seconds, end)
        return found if until is None else [one for one in found if one.offset < until]

    def append(self, messages: Sequence[Any]) -> None:
        """Append frames; what is for others is passed over unless this build serves."""
        if not self._role.serves:
            messages = [one for one in messages if one.topic == self._frames]
        self._log.append(messages)

    def remove(self, topics: Sequence[str], groups: Sequence[str]) -> None:
        """See ops.log.Log.remove."""
        self._log.remove(topics, groups)

    def create(self, topics: Sequence[Topic], prefix: str) -> None:
        """See ops.log.Log.create."""
        self._log.create(topics, prefix)

    def differences(self, topics: Sequence[Topic], prefix: str) -> list[str]:
        """See ops.log.Log.differences."""
        return self._log.differences(topics, prefix)

    def close(self) -> None:
        """Let go of the log."""
        self._log.close()


class Holding:
    """Follows what the build is asked to stand still at, between two steps of its runner."""

    def __init__(self, folder: Path, log: BuildLog, parts: Parts) -> None:
        self._folder = folder
        self._log = log
        self._parts = parts
        self._token = ""
        self._said = ""

    def look(self, now: Instant, *, beside: bool) -> None:
        """Take up a new request, drop one that is over. One that serves stands still for nobody."""
        asked = self._asked() if beside else None
        if asked is None or asked.until < now:
            self._token = ""
            self._log.limits.clear()
        elif asked.token != self._token:
            fold = self._parts.fold
            self._log.limits.update(
                {
                    (fold.topic, number): max(fold.folded(number) or 0, asked.ends.get(number, 0))
                    for number in fold.partitions()
                }
            )
            self._token = asked.token

    def say(self) -> None:
        """Where everything up to the limits is durable and rolled up, say so, once."""
        if not self._token or self._said == self._token or not self._is_reached():
            return
        fold = self._parts.fold
        ends = {number: fold.folded(number) or 0 for number in fold.partitions()}
        builds.write(self._folder / HELD, json.dumps({"token": self._token, "ends": ends}))
        self._said = self._token

    def _is_reached(self) -> bool:
        fold, board = self._parts.fold, self._parts.board
        if fold.waiting() or board.waiting():
            return False
        if any(fold.folded(number) != end for (_, number), end in self._log.limits.items()):
            return False
        reached = [board.durable(number) or 0 for number in board.partitions()]
        ends = self._log.ends(board.topic)
        return all(at >= end for at, (_, end) in zip(reached, ends, strict=True))

    def _asked(self) -> Asked | None:
        try:
            found = json.loads((self._folder / HOLD).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Asked(found["token"], Instant(found["until"]), _ends(found["ends"]))


def _ends(told: Mapping[str, int]) -> Ends:
    return {int(number): end for number, end in told.items()}
