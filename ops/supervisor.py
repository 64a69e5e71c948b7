"""The supervisor: starts the broker and our processes, starts again what ends, stops all."""

from __future__ import annotations

import logging
import queue
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, NamedTuple

from rich.console import Console

from ops import builds, home, java, processes
from ops.broker import Broker
from ops.embedded import SqliteLog
from ops.kafka import KafkaLog
from ops.log import Log
from ops.settings import BrokenEnvironment, Settings, inherited, python
from schemas.topics import TOPICS

EARLY_SECONDS = 10.0
"""A process that ends sooner after its start has failed to start."""
EARLY_ENDS_MAX = 8
"""How often in a row a process may fail to start before all is stopped."""
BACKOFF_SECONDS = 0.25
BACKOFF_SECONDS_MAX = 10.0
LOOK_SECONDS = 0.1
STOP_SECONDS_MAX = 15.0
WORKER = "worker"
LOG_BYTES_MAX = 10 * 1024 * 1024

logger = logging.getLogger(__name__)


class Part(NamedTuple):
    """One of our own processes: its name and its command."""

    name: str
    command: tuple[str, ...]


def our_parts(*more: str) -> tuple[Part, ...]:
    """The processes of a home, `lienthong run relay` and `run worker`, and `more` of them."""
    names = ("relay", WORKER, *more)
    return tuple(Part(name, (python(), "-m", "ops.cli", "run", name)) for name in names)


def log_file(path: Path) -> Path:
    """Where the log in SQLite of a home lives."""
    return path / "log.sqlite"


def worker_log(settings: Settings) -> Path:
    """What the worker of a build says where that does not go to our stderr."""
    number = builds.number(settings)
    name = WORKER if number == builds.FIRST else f"{WORKER}-{number}"
    return settings.home / "logs" / f"{name}.log"


def open_log(settings: Settings) -> Log:
    """The log that these settings name: a cluster, that of the running server, or the file.

    Raises BrokenEnvironment where nothing runs on the home.
    """
    if settings.kafka:
        return KafkaLog.of(settings)
    found = home.running(settings.home)
    if found is not None and found.kafka:
        return KafkaLog.of(settings, found.kafka)
    if settings.log == "sqlite" or (found is not None and found.log == "sqlite"):
        return SqliteLog(log_file(settings.home))
    raise BrokenEnvironment(f"Nothing runs on home {settings.home}; start it: `lienthong up`.")


class Supervisor:
    """All processes of one home, for as long as the `with` block lasts.

    Everything is started by one thread of its own, so that the kernel ends the children with it
    (processes.spawn), and the caller's thread stays free. Raises BrokenEnvironment on entering
    where something cannot start.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        parts: Sequence[Part] | None = None,
        quiet: bool = False,
        console: Console | None = None,
    ) -> None:
        """`quiet`: what the processes say goes to files under `home/logs`, not to our stderr."""
        self.settings = settings
        """The settings as the children see them: addresses and port filled in once entered."""
        self.broker = ""
        """The broker in use, in words."""
        self.broker_pid = 0
        """Its process id where it is ours."""
        more = {"archive": settings.archive_every, "verify": settings.verify_seconds}
        wanted = our_parts(*(name for name, often in more.items() if often))
        self._parts = wanted if parts is None else parts
        self._quiet = quiet
        self._console = console or Console(stderr=True)
        self._stopping = threading.Event()
        # Not Thread.join: interrupted by a signal it takes the thread for ended (bpo-45274).
        self._ended = threading.Event()
        self._started: queue.Queue[BaseException | None] = queue.Queue()
        self._failure: BrokenEnvironment | None = None
        self._thread = threading.Thread(target=self._live, name="supervisor", daemon=True)

    def __enter__(self) -> Supervisor:
        self._thread.start()
        failed: BaseException | None
        try:
            failed = self._started.get()
        except BaseException:
            self.stop()
            raise
        if failed is not None:
            self._ended.wait()
            raise failed
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop everything, in order; returns when nothing is left."""
        self._stopping.set()
        self._ended.wait()

    def wait(self, seconds: float | None = None) -> None:
        """Wait until all is stopped, or that long. Raises BrokenEnvironment where a part gave up.

        A signal's KeyboardInterrupt passes through; leave the `with` block then.
        """
        self._ended.wait(seconds)
        if self._failure is not None:
            raise self._failure

    def _live(self) -> None:
        told = False
        try:
            with ExitStack() as stack:
                stack.enter_context(home.held(self.settings.home))
                broker = stack.enter_context(self._log_of_settings())
                children = [self._child(part) for part in self._parts if part.name != WORKER]
                self._follow_builds(children)
                stack.callback(_stop_all, children)
                for child in children:
                    child.start()
                self._tell()
                stack.callback(home.forget, self.settings.home)
                self._started.put(None)
                told = True
                self._watch(children, broker)
        except (BrokenEnvironment, OSError) as error:
            # OSError: a disk that is full, a folder that is not ours.
            said = error if isinstance(error, BrokenEnvironment) else BrokenEnvironment(str(error))
            self._failure = said
            if not told:
                self._started.put(said)
        except BaseException as error:
            # The caller waits in __enter__: whatever it is, it must hear of it.
            if not told:
                self._started.put(error)
            raise
        finally:
            self._ended.set()

    @contextmanager
    def _log_of_settings(self) -> Iterator[Broker | None]:
        """Start or find the log, see that its topics are right; yields the broker if ours."""
        lacking = java.can_run_kafka(self.settings.cache) if not self.settings.kafka else ""
        if lacking and self.settings.log == "kafka":
            raise BrokenEnvironment(lacking)
        self.settings = replace(self.settings, port=self.settings.port or _free_port())
        _must_be_free(self.settings)
        if self.settings.log == "sqlite" or lacking:
            self.settings = replace(self.settings, log="sqlite")
            self.broker = f"the log in SQLite, no Kafka is running. {lacking}".strip()
            self._prepare(SqliteLog(log_file(self.settings.home)))
            yield None
            return
        if self.settings.kafka:
            self.settings = replace(self.settings, log="kafka")
            self.broker = f"the Kafka cluster at {self.settings.kafka}"
            self._prepare(KafkaLog.of(self.settings))
            yield None
            return
        broker = Broker(self.settings, self._console)
        try:
            broker.start()
            self.settings = replace(self.settings, log="kafka", kafka=broker.bootstrap)
            self.broker_pid = broker.pid
            self.broker = f"Apache Kafka {broker.version} (KRaft) at {broker.bootstrap}"
            self._prepare(KafkaLog.of(self.settings))
            yield broker
        finally:
            broker.stop()

    def _prepare(self, log: Log) -> None:
        """Create the topics; raises BrokenEnvironment where they are not what they must be."""
        try:
            log.create(TOPICS, self.settings.topic_prefix)
            differences = log.differences(TOPICS, self.settings.topic_prefix)
        finally:
            log.close()
        if differences:
            raise BrokenEnvironment(" ".join(differences))

    def _child(self, part: Part, build: int = builds.NONE) -> _Child:
        settings = replace(self.settings, build=build)
        name = worker_log(settings) if build else settings.home / "logs" / f"{part.name}.log"
        path = name if self._quiet else None
        return _Child(part, inherited() | settings.environment(), path, build)

    def _watch(self, children: list[_Child], broker: Broker | None) -> None:
        """Until told to stop: start again what has ended."""
        while not self._stopping.wait(LOOK_SECONDS):
            if broker is not None and not broker.running():
                logger.warning("Kafka ended; it is started again.")
                broker.start()
                self.broker_pid = broker.pid
            self._follow_builds(children)
            for child in children:
                child.look()

    def _follow_builds(self, children: list[_Child]) -> None:
        """A worker for each build that serves or stands beside it, and for no other."""
        part = next((part for part in self._parts if part.name == WORKER), None)
        if part is None:
            return
        known = builds.of(self.settings.home)
        wanted = {known.serving, known.beside} - {builds.NONE}
        for child in [one for one in children if one.build and one.build not in wanted]:
            child.stop()
            child.using.close()
            children.remove(child)
        for number in sorted(wanted - {child.build for child in children}):
            child = self._child(part, number)
            # From before its process is there until after it has ended: `rebuild cancel` waits.
            folder = builds.folder(replace(self.settings, build=number))
            child.using.enter_context(home.in_use(folder))
            children.append(child)
        for child in children:
            child.may_fail = child.build == known.beside and child.build != builds.NONE

    def _tell(self) -> None:
        host = "127.0.0.1" if self.settings.host == "0.0.0.0" else self.settings.host
        told = home.Running(
            pid=processes.own_pid(),
            http=f"http://{host}:{self.settings.port}",
            log=self.settings.log,
            kafka=self.settings.kafka,
            broker=self.broker,
        )
        home.tell(self.settings.home, told)


@dataclass
class _Child:
    """One of our processes, started again with growing pauses when it ends."""

    part: Part
    env: dict[str, str]
    output: Path | None
    build: int = builds.NONE
    using: ExitStack = field(default_factory=ExitStack)
    may_fail: bool = False
    """Whether it is left alone where it cannot start: a build beside must not end what serves."""
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    early_ends: int = 0

    def start(self) -> None:
        self.started_at = time.monotonic()
        if self.output is None:
            self.process = processes.spawn(self.part.command, env=self.env)
            return
        with _opened(self.output) as file:
            self.process = processes.spawn(self.part.command, env=self.env, output=file)

    def look(self) -> None:
        """Start again, after a pause, where it has ended. Raises BrokenEnvironment at the limit."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_again_at:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        self.stop()
        early = now - self.started_at < EARLY_SECONDS
        self.early_ends = self.early_ends + 1 if early else 0
        if self.early_ends >= EARLY_ENDS_MAX and self.may_fail:
            logger.warning("Build %s cannot run; see `lienthong rebuild status`.", self.build)
            self.start_again_at = float("inf")
            return
        if self.early_ends >= EARLY_ENDS_MAX:
            where = f"; its words are in {self.output}" if self.output else ""
            raise BrokenEnvironment(
                f"Process {self.part.name} ended {self.early_ends} times right after its start, "
                f"the last time with code {code}{where}."
            )
        pause = min(BACKOFF_SECONDS * 2**self.early_ends, BACKOFF_SECONDS_MAX)
        self.start_again_at = now + pause
        logger.warning(
            "Process %s ended with code %s; again in %.1f s.", self.part.name, code, pause
        )

    def stop(self) -> None:
        if self.process is not None:
            processes.stop([self.process], STOP_SECONDS_MAX)
            self.process = None


def _stop_all(children: Sequence[_Child]) -> None:
    """Stop all at once: each takes its last commit's time, not one after the other."""
    there = [child.process for child in children if child.process is not None]
    if not processes.stop(there, STOP_SECONDS_MAX):
        logger.warning("A process took more than %.0f s to stop and was killed.", STOP_SECONDS_MAX)
    for child in children:
        child.using.close()


def _opened(path: Path) -> IO[bytes]:
    """A log file to append to; the former one is kept once where it has grown large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _must_be_free(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise BrokenEnvironment(
                f"Port {settings.port} on {settings.host} cannot be used ({error.strerror}); "
                "give another with --port."
            ) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
