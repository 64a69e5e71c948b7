"""Child processes that never outlive us: own process group, killed by the kernel if we die."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    output: IO[bytes] | int | None = None,
    cwd: Path | None = None,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, standard input closed, as `user` if named.

    On Linux the kernel kills the child when the thread that called this ends, so call it from a
    thread that lives as long as the child shall (the main one). The own group keeps Ctrl-C away
    from the child: whoever started it stops it, in the order that is right.
    """
    return subprocess.Popen(
        list(command),
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        cwd=cwd,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        start_new_session=True,
        preexec_fn=_dies_with(os.getpid()),
    )


def stop(children: Sequence[subprocess.Popen[bytes]], patience_seconds: float) -> bool:
    """End the children and all of their groups; True where all went by themselves in time."""
    for child in children:
        if child.poll() is None:
            _signal_group(child.pid, signal.SIGTERM)
    deadline = time.monotonic() + patience_seconds
    in_time = True
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            in_time = False
        _signal_group(child.pid, signal.SIGKILL)
        child.wait()
    return in_time


def told_to_stop() -> threading.Event:
    """An event that SIGTERM and SIGINT set from now on, for a process that looks at it."""
    stopping = threading.Event()

    def told(_number: int, _frame: object) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    return stopping


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside the block SIGTERM is what Ctrl-C is: a KeyboardInterrupt in the main thread.

    SIGINT as well, which a shell has its background processes ignore.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def own_pid() -> int:
    """Our own process id."""
    return os.getpid()


def alive(pid: int) -> bool:
    """Whether a process with this id runs (a zombie that nobody has waited for counts)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _dies_with(parent: int) -> Callable[[], None] | None:
    """What the child runs before exec so that the kernel kills it with its parent (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            # The parent died between fork and prctl, so no signal will come.
            os._exit(1)

    return ask_kernel
