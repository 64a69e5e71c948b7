"""A PostgreSQL server of the test run: made in a temporary folder, on loopback, gone at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from ops import processes
from ops.settings import inherited

HOST = "127.0.0.1"
ROLE = "lienthong"
READY_SECONDS_MAX = 30.0
ACCOUNT = "postgres"


def find_postgres() -> Path | None:
    """The folder of the newest server programs: Debian's, else the one on the path."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3])
    )
    if installed:
        return installed[-1].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


class PostgresServer:
    """One server; `database()` makes a fresh database and returns its address."""

    def __init__(self, programs: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lienthong-pg-"))
        self._port = _free_port()
        self._made = 0
        # PostgreSQL refuses to run as root.
        self._user = ACCOUNT if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self._folder, self._user, self._user)
        data = self._folder / "data"
        initdb = [str(programs / "initdb"), "-D", str(data), "-U", ROLE, "-A", "trust", "-N"]
        subprocess.run(
            [*initdb, "-E", "UTF8", "--locale=C.UTF-8"],
            check=True,
            capture_output=True,
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user else None,
            cwd=self._folder,
        )
        self._output = (self._folder / "output").open("wb")
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(self._port), "-F"]
        command += ["-c", f"listen_addresses={HOST}"]
        self._server = processes.spawn(
            [*command, "-c", f"unix_socket_directories={self._folder}"],
            env=inherited(),
            output=self._output,
            cwd=self._folder,
            user=self._user,
        )
        self._wait()

    def database(self) -> str:
        """A new, empty database -> its address."""
        self._made += 1
        name = f"test_{self._made}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._address(name)

    def close(self) -> None:
        """Stop the server and delete all it had."""
        processes.stop([self._server], 10)
        self._output.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _address(self, database: str) -> str:
        return f"postgresql://{ROLE}@{HOST}:{self._port}/{database}"

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline and self._server.poll() is None:
            try:
                psycopg.connect(self._address("postgres"), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        said = (self._folder / "output").read_text(errors="replace")
        self.close()
        raise RuntimeError(f"PostgreSQL did not start: {said}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
