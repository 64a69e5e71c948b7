"""Which build answers: a worker process comes to serve, and goes when another one has come."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Protocol

from ops import builds
from ops.position import pause
from ops.settings import BrokenEnvironment, Settings

LOOK_SECONDS = 0.02
"""How often a process looks whether it is its turn: readers wait for two looks at a switch."""
WAITING_CONNECTIONS_MAX = 2_048


class Started(Protocol):
    """A server that says when it listens."""

    started: bool


class Role:
    """Whether this process tells subscribers and answers readers. Asked in its own loop.

    The file of builds says who is to serve, another one who does. One process that shall go stays
    until the other one listens, so that there is no instant without an answer.
    """

    def __init__(self, settings: Settings) -> None:
        """`settings` name their build."""
        self._home: Path = settings.home
        self._number = settings.build
        self.serves = self._is_wanted()
        """Whether we are the ones who tell and answer."""
        self._answered = False
        self._mark = builds.folder(settings) / builds.LISTENS

    @property
    def takes_over(self) -> bool:
        """Whether another build has told subscribers until now."""
        return builds.answering(self._home) != self._number

    async def comes(self, stop: asyncio.Event) -> bool:
        """Wait until we are to serve; False when it is time to stop."""
        while not self._is_wanted():
            self.serves = False
            self._mark.unlink(missing_ok=True)
            if await pause(stop, LOOK_SECONDS):
                return False
        self.serves, self._answered = True, False
        return not stop.is_set()

    async def goes(self, stop: asyncio.Event, leave: asyncio.Event) -> None:
        """Set `leave` when it is time to stop, or when another build answers in our place.

        That is so, too, where we are wanted back meanwhile: what the other one has told has newer
        versions, so we have to come anew.
        """
        while not stop.is_set():
            if self._answered and self.takes_over:
                self.serves = False
                break
            await pause(stop, LOOK_SECONDS)
        leave.set()

    async def answers(self, server: Started) -> None:
        """Say that readers are answered here, as soon as they are."""
        while not server.started:
            await asyncio.sleep(LOOK_SECONDS)
        self._mark.touch()
        builds.answers(self._home, self._number)
        self._answered = True

    async def closed(self, listener: socket.socket) -> None:
        """Say that nobody new is answered here, as soon as the server has closed its socket."""
        while listener.fileno() != -1:
            await asyncio.sleep(LOOK_SECONDS)
        self._mark.unlink(missing_ok=True)

    def _is_wanted(self) -> bool:
        return builds.of(self._home).serving == self._number


def listening(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket that listens; `shared` where the process whose place we take still listens there.

    Raises BrokenEnvironment where somebody else does.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        if not shared:
            # Two homes must not share a port by mistake: alone it has to be free.
            socket.create_server((host, port), family=family).close()
        return socket.create_server(
            (host, port), family=family, backlog=WAITING_CONNECTIONS_MAX, reuse_port=True
        )
    except OSError as error:
        raise BrokenEnvironment(
            f"Port {port} on {host} cannot be used ({error.strerror}); give another with --port."
        ) from error
