"""A running home on a real Kafka, as a test uses it: commands, HTTP and inbox."""

from __future__ import annotations

import io
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from ops import cli, wiring
from ops.http_token import TOKEN_FILE
from ops.log import Log, Outgoing
from ops.server import Server
from ops.settings import Settings
from ops.supervisor import Part, Supervisor, open_log, our_parts
from schemas import avro
from schemas.event import Event
from schemas.jsonl import Defaults, parse_line
from schemas.times import Instant
from schemas.topics import INBOX

WAIT_SECONDS = 90.0
POST_SECONDS = 30.0


class Said(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Home:
    """One installation with topics of its own on a broker that others use too.

    Without the address of a broker it runs on the log in SQLite.
    """

    def __init__(self, folder: Path, bootstrap: str, prefix: str, parts: Sequence[Part] = ()):
        log = "kafka" if bootstrap else "sqlite"
        self.settings = Settings.load(
            {}, home=folder, kafka=bootstrap, log=log, topic_prefix=prefix, port=0, source="home"
        )
        self._parts = parts or our_parts()
        self._running: Supervisor | None = None

    def start(self) -> None:
        """Start its processes. Returns before they are ready; `wait` waits."""
        self._running = Supervisor(self.settings, parts=self._parts, quiet=True)
        self._running.__enter__()

    def stop(self) -> None:
        """Stop its processes; what it keeps stays."""
        if self._running is not None:
            self._running.stop()
            self._running = None

    @property
    def url(self) -> str:
        assert self._running is not None
        return f"http://127.0.0.1:{self._running.settings.port}"

    def __call__(self, *argv: str) -> Said:
        """Run one command of this home in this process."""
        out, err = io.StringIO(), io.StringIO()
        environ = replace(self.settings, port=8_000).environment()
        with patch.dict(os.environ, environ), redirect_stdout(out), redirect_stderr(err):
            code = cli.main(["--language", "en", *argv])
        return Said(code, out.getvalue(), err.getvalue())

    def asked(self, *argv: str) -> Any:
        """The JSON that a reading command prints."""
        said = self(*argv, "-o", "json")
        assert said.code == 0, said
        return json.loads(said.out)

    def board(self, unit: str, **options: str) -> dict[str, Any]:
        found: dict[str, Any] = self.asked("board", unit, *_flags(options))
        return found

    def wait(self) -> None:
        """Until all that is recorded is applied, and the server answers where one runs."""
        self.wait_for_server()
        said = self("wait", "--timeout", str(WAIT_SECONDS))
        assert said.code == 0, said

    def wait_for_server(self) -> None:
        """Until the server answers, where one runs."""
        until = time.monotonic() + WAIT_SECONDS
        while self._running is not None and not Server(self.url).answers():
            assert time.monotonic() < until, "no server answers"
            time.sleep(0.05)

    def take_in(self) -> None:
        """Wait until everything in the inbox is recorded or refused, then until it is applied."""
        inbox, log = INBOX.full(self.settings.topic_prefix), self.log()
        ends = {(inbox, n): end for n, (_, end) in enumerate(log.ends(inbox)) if end}
        log.close()
        until = time.monotonic() + WAIT_SECONDS
        with wiring.ledger(self.settings) as ledger:
            while {k: p.next_offset for k, p in ledger.inbox_positions().items()} != ends:
                assert time.monotonic() < until, ledger.inbox_positions()
                time.sleep(0.05)
        self.wait()

    def publish(self, lines: Iterable[str], *options: str) -> Said:
        """Publish lines from a file, as an operator does."""
        file = self.settings.home / "lines.jsonl"
        file.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
        return self("publish", str(file), *options)

    def log(self) -> Log:
        return open_log(self.settings)

    def send(self, values: Iterable[bytes | None], key: bytes = b"any") -> None:
        """Produce to the inbox, as a unit system does."""
        inbox = INBOX.full(self.settings.topic_prefix)
        log = self.log()
        log.append([Outgoing(inbox, key, value) for value in values])
        log.close()

    def post(self, body: str, token: str | None = None) -> tuple[int, dict[str, Any]]:
        """POST /api/events with the home's token: (status, answer)."""
        given = token or (self.settings.home / TOKEN_FILE).read_text().strip()
        request = urllib.request.Request(
            f"{self.url}/api/events",
            body.encode(),
            {"authorization": f"Bearer {given}", "content-type": "application/x-ndjson"},
        )
        try:
            with urllib.request.urlopen(request, timeout=POST_SECONDS) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=POST_SECONDS) as answer:
            return json.loads(answer.read())


def events(lines: Iterable[str], source: str = "unit-system") -> list[Event]:
    """Lines as events that are not recorded yet."""
    found = [one for line in lines for one in parse_line(line, Defaults(source=source))]
    return [replace(one, recorded_at=Instant(0)) for one in found]


def wire(lines: Iterable[str]) -> list[bytes]:
    """Lines as a unit system sends them to the inbox: Avro single objects."""
    return [avro.encode(one) for one in events(lines)]


def _flags(options: dict[str, str]) -> list[str]:
    return [text for name, value in options.items() for text in (f"--{name}", value)]
