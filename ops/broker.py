"""The broker of one machine: Apache Kafka in KRaft mode, started and stopped by us, on loopback."""

from __future__ import annotations

import base64
import re
import socket
import subprocess
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from ops import home, java, processes
from ops.settings import BrokenEnvironment, Settings, inherited

HOST = "127.0.0.1"
READY_SECONDS_MAX = 120.0
STOP_SECONDS_MAX = 20.0
START_TRIES_MAX = 3
MESSAGE_BYTES_MAX = 8 * 1024 * 1024
"""The broker's own limit; each topic sets its smaller one (schemas/topics.py)."""
STARTED = "Kafka Server started"

PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers={host}:{controller}
log.dirs={data}
auto.create.topics.enable=false
unclean.leader.election.enable=false
message.max.bytes={message_bytes}
replica.fetch.max.bytes={message_bytes}
socket.request.max.bytes=104857600
# One machine keeps everything: the ledger can refill the topics, but need not.
log.retention.ms=-1
log.cleaner.dedupe.buffer.size=16777216
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# Workers may ask for a short session: one that was killed is missed the sooner.
group.min.session.timeout.ms=1000
# After kill -9 the next start waits until its former self has timed out.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
num.network.threads=2
num.io.threads=4
"""


class _Ports(NamedTuple):
    broker: int
    controller: int


class Broker:
    """A Kafka of one node that lives as long as we want it to, its data under `home/kafka`.

    Start it from a thread that outlives it (see processes.spawn). The same home may be started
    again and again, on other ports if need be; never twice at once (Kafka locks its folder).
    """

    def __init__(self, settings: Settings, console: Console | None = None) -> None:
        self._folder = settings.home / "kafka"
        self._port = settings.kafka_port
        self._heap_mb = settings.kafka_heap_mb
        self._jars = java.kafka_jars(settings.cache, console)
        found = java.find_java()
        if found is None:
            raise BrokenEnvironment(java.can_run_kafka(settings.cache))
        self._java = found
        self._child: subprocess.Popen[bytes] | None = None
        self._holding = ExitStack()
        self.version = java.kafka_version(self._jars)
        """The version that the jars state."""
        self.bootstrap = ""
        """HOST:PORT once started."""

    def start(self) -> None:
        """Format the data folder at first use, start, and return when clients are served.

        Again after the process has died: at the same address, which clients know by now.
        Raises BrokenEnvironment with the broker's own words where it does not come up.
        """
        self.stop()
        self._holding.enter_context(home.held(self._folder, "Kafka's folder"))
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        for attempt in range(START_TRIES_MAX):
            if self._port and not _is_free(self._port):
                raise BrokenEnvironment(
                    f"Kafka did not start: port {self._port} is in use; set another "
                    "LIENTHONG_KAFKA_PORT."
                )
            ports = _Ports(self._port or _free_port(), _free_port())
            self._write_properties(ports)
            if not (self._folder / "data" / "meta.properties").exists():
                self._format()
            if self._launch(ports):
                self._port = ports.broker
                self.bootstrap = f"{HOST}:{ports.broker}"
                return
            self._end()
            # A free port can be taken between looking and using; anything else is final.
            if "Address already in use" not in self._said() or attempt + 1 == START_TRIES_MAX:
                break
        raise BrokenEnvironment(f"Kafka did not start: {self._last_words()}")

    def running(self) -> bool:
        """Whether the process is there."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """The broker's process id, 0 where it does not run."""
        return self._child.pid if self._child is not None and self.running() else 0

    def stop(self) -> None:
        """Stop the broker and wait for its end; it is killed where it takes too long."""
        self._end()
        self._holding.close()

    def _end(self) -> None:
        if self._child is not None:
            processes.stop([self._child], STOP_SECONDS_MAX)
            self._child = None
        self.bootstrap = ""

    def __enter__(self) -> Broker:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self, ports: _Ports) -> bool:
        """Start the process; True when it serves, False when it ended or took too long."""
        self._log.unlink(missing_ok=True)
        with self._console.open("wb") as output:
            command = self._java_command(f"-Xmx{self._heap_mb}m", "-Xms64m")
            command += ["kafka.Kafka", str(self._properties)]
            self._child = processes.spawn(command, env=inherited(), output=output)
        deadline = time.monotonic() + READY_SECONDS_MAX
        while self.running() and time.monotonic() < deadline:
            if STARTED in self._said() and _answers(ports.broker):
                return True
            time.sleep(0.1)
        return False

    def _java_command(self, *options: str) -> list[str]:
        # SerialGC: half the memory of G1, and this broker passes bytes through. The second group
        # silences what newer Javas print about Kafka's own use of them.
        return [
            str(self._java),
            "-XX:+UseSerialGC",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            *options,
            "-Djava.awt.headless=true",
            f"-Dlienthong.kafka.log={self._log}",
            f"-Dlog4j2.configurationFile={java.POM.parent / 'log4j2.properties'}",
            "-cp",
            f"{self._jars}/*",
        ]

    def _write_properties(self, ports: _Ports) -> None:
        text = PROPERTIES.format(
            host=HOST,
            port=ports.broker,
            controller=ports.controller,
            data=self._folder / "data",
            message_bytes=MESSAGE_BYTES_MAX,
        )
        self._properties.write_text(text, encoding="utf-8")

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        command = [*self._java_command("-Xmx64m"), "kafka.tools.StorageTool", "format"]
        # A random id may begin with a dash, which the tool would take for an option.
        command += ["--standalone", f"--cluster-id={cluster}", "--config", str(self._properties)]
        done = subprocess.run(command, env=inherited(), capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise BrokenEnvironment(f"Kafka's folder cannot be made: {_line(done.stderr)}")

    def _said(self) -> str:
        """All that the broker has written since its start."""
        files = [file for file in (self._console, self._log) if file.exists()]
        return "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)

    def _last_words(self) -> str:
        return f"{_line(self._said())} (see {self._log})"

    @property
    def _properties(self) -> Path:
        return self._folder / "server.properties"

    @property
    def _log(self) -> Path:
        return self._folder / "broker.log"

    @property
    def _console(self) -> Path:
        return self._folder / "console.log"


def _line(text: str) -> str:
    """The line that says best why something failed: Java's innermost cause, else its error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for telling in (r"^Caused by: ", r"Exception: .", r"ERROR|FATAL|[Ee]rror"):
        if found := [line for line in lines if re.search(telling, line)]:
            return found[-1].removeprefix("Caused by: ")[:300]
    return lines[-1][:300] if lines else "it gave no reason"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As Java does: a port whose former connections are still waiting out is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
