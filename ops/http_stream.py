"""Live boards over SSE: the newest board of a unit whenever it differs, and a sign of life."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from ops.http_input import BadRequest
from ops.http_service import Ask, Boards, Json, UnknownUnit
from ops.reached import Reached
from schemas.times import Instant

SUBSCRIBERS_MAX = 256
"""Most open streams of one process; the next one is asked to come later."""
CHECK_SECONDS = 0.05
"""How often the version of the boards is looked at while anybody listens."""
RESEND_SECONDS_MIN = 0.1
"""Shortest time between two boards on one stream; in between only the newest is kept."""
KEEPALIVE_SECONDS = 15.0
"""Longest silence; then a comment line, so that proxies and readers know we are here."""
LOOP_SHARE_MAX = 0.2
"""Largest part of the loop's time that boards for streams may take; the folding has the rest."""
MINUTE_MS = 60_000
RETRY_MS = 2_000
"""What readers are told to wait before they connect again."""

# These differ from one answer to the next though no figure does.
_MOVING = ("on", "known", "position", "positions", "version")


class Hub:
    """All open streams. A slow reader misses boards in between, never the last one."""

    def __init__(
        self,
        boards: Boards,
        clock: Callable[[], Instant],
        reached: Reached,
        *,
        subscribers_max: int = SUBSCRIBERS_MAX,
        keepalive_seconds: float = KEEPALIVE_SECONDS,
    ) -> None:
        self._boards = boards
        self._clock = clock
        self._reached = reached
        self._subscribers_max = subscribers_max
        self._keepalive_seconds = keepalive_seconds
        self._changed: set[asyncio.Event] = set()
        self._watcher: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._free_at = 0.0
        self._shown: tuple[tuple[int, int], dict[str, Json]] = ((-1, -1), {})

    @property
    def subscribers(self) -> int:
        """How many streams are open."""
        return len(self._changed)

    def enter(self, code: str) -> asyncio.Event:
        """Takes a place. Raises BadRequest 503 when all are taken, UnknownUnit for no unit."""
        if len(self._changed) >= self._subscribers_max:
            self._reached.hit("SUBSCRIBERS_MAX")
            sentence = f"{self._subscribers_max} streams are open already; try again later"
            raise BadRequest(503, "too_many_subscribers", sentence)
        self._board(code)
        changed = asyncio.Event()
        self._changed.add(changed)
        if self._watcher is None or self._watcher.done():
            self._watcher = asyncio.create_task(self._watch(self._key()))
        return changed

    def leave(self, changed: asyncio.Event) -> None:
        """Gives the place back; the last one stops the watching."""
        self._changed.discard(changed)
        if not self._changed and self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def stream(self, code: str, changed: asyncio.Event) -> AsyncIterator[str]:
        """The board now, then each one that differs, as SSE text; ends when the reader leaves."""
        try:
            yield f"retry: {RETRY_MS}\n\n"
            last: dict[str, object] | None = None
            while True:
                changed.clear()
                try:
                    board = await self._in_turn(code)
                except UnknownUnit:
                    yield 'event: gone\ndata: {"reason": "unknown_unit"}\n\n'
                    return
                figures = {key: value for key, value in board.items() if key not in _MOVING}
                if figures != last:
                    last = figures
                    yield _message(board)
                    await asyncio.sleep(RESEND_SECONDS_MIN)
                while not await _within(changed, self._keepalive_seconds):
                    yield ": still here\n\n"
        finally:
            self.leave(changed)

    async def _in_turn(self, code: str) -> Json:
        """The live board, after a pause in which others have the loop."""
        async with self._turn:
            await asyncio.sleep(self._free_at - time.monotonic())
            started = time.monotonic()
            board = self._board(code)
            ended = time.monotonic()
            self._free_at = ended + (ended - started) * (1 / LOOP_SHARE_MAX - 1)
            return board

    def _key(self) -> tuple[int, int]:
        # The minute belongs to it: boards change at midnight, and at an instant decided in
        # advance, without any event.
        return self._boards.changes(), self._clock() // MINUTE_MS

    def _board(self, code: str) -> Json:
        """The live board, computed once for all who look at the same unit."""
        key = self._key()
        if self._shown[0] != key:
            self._shown = (key, {})
        shown = self._shown[1]
        if code not in shown:
            shown[code] = self._boards.board(code, Ask())
        return shown[code]

    async def _watch(self, seen: tuple[int, int]) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            now = self._key()
            if now != seen:
                seen = now
                for changed in self._changed:
                    changed.set()


async def _within(changed: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(changed.wait(), seconds)
    return changed.is_set()


def _message(board: Json) -> str:
    text = json.dumps(board, ensure_ascii=False, separators=(",", ":"))
    return f"id: {board.get('version', '')}\nevent: board\ndata: {text}\n\n"
