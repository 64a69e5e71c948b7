"""Which build answers: a worker process comes to serve, and goes when another one has come."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from ops import builds
from ops.position import pause
from ops.settings import BrokenEnvironment, Settings

LOOK_SECONDS = 0.02
"""How often a process looks whether it is its turn: readers wait for two looks at a switch."""
WAITING_CONNECTIONS_MAX = 2_048
HAND_ON_SECONDS_MAX = 2.0


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
        self._builds = builds.folder(settings).parent
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

    def listener(self, host: str, port: int) -> socket.socket:
        """The socket to answer on: that of the process whose place we take, else one of our own.

        Raises BrokenEnvironment where somebody else listens there.
        """
        before = self._builds / str(builds.answering(self._home))
        found = _handed_on(before) if self.takes_over else None
        return listening(host, port) if found is None else found

    async def answers(self, server: Started, listener: socket.socket) -> None:
        """Say that readers are answered here, as soon as they are, and where to take our place."""
        while not server.started:
            await asyncio.sleep(LOOK_SECONDS)
        handing = asyncio.create_task(_hand_on(listener, self._mark.parent))
        builds.answers(self._home, self._number)
        self._answered = True
        await handing

    async def closed(self, listener: socket.socket) -> None:
        """Say that nobody new is answered here, as soon as the server has closed its socket."""
        while listener.fileno() != -1:
            await asyncio.sleep(LOOK_SECONDS)
        self._mark.unlink(missing_ok=True)

    def _is_wanted(self) -> bool:
        return builds.of(self._home).serving == self._number


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises BrokenEnvironment where somebody else does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=WAITING_CONNECTIONS_MAX)
    except OSError as error:
        raise BrokenEnvironment(
            f"Port {port} on {host} cannot be used ({error.strerror}); give another with --port."
        ) from error


def _handed_on(folder: Path) -> socket.socket | None:
    """The listening socket of the process whose place we take; None where that one is gone.

    The same one, so that whoever waits in its queue is answered, whichever of the two accepts.
    """
    with suppress(OSError), _in(folder) as name, socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(HAND_ON_SECONDS_MAX)
        asking.connect(name)
        _, found, _, _ = socket.recv_fds(asking, 1, 1)
        return socket.socket(fileno=found[0]) if found else None
    return None


async def _hand_on(listener: socket.socket, folder: Path) -> None:
    """Give our listening socket to whoever takes our place, for as long as this runs."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX) as door:
        door.setblocking(False)
        (folder / builds.LISTENS).unlink(missing_ok=True)
        with _in(folder) as name:
            door.bind(name)
        door.listen()
        while True:
            asking, _ = await loop.sock_accept(door)
            with asking, suppress(OSError):
                socket.send_fds(asking, [b"."], [listener.fileno()])


@contextmanager
def _in(folder: Path) -> Iterator[str]:
    """The name of the door in a folder, short enough for a socket however long the path is."""
    at = os.open(folder, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{at}/{builds.LISTENS}"
    finally:
        os.close(at)
