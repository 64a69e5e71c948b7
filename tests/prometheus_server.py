"""A real Prometheus for tests, on a free loopback port, with the committed rules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from ops.dashboards import HERE, prometheus
from tests.web_server import free_port

SCRAPE_SECONDS = 1
PATIENCE_SECONDS = 40.0

Vector = list[dict[str, object]]


def tool(name: str) -> str:
    """The path of a Debian program; without it the test is left out, but never in CI."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed; apt-get install prometheus")
        pytest.skip(f"{name} is not installed")
    return found


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if true():
                return
        except OSError:
            pass  # not listening yet
        time.sleep(0.2)
    pytest.fail(f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}")


class Prometheus:
    """A Prometheus on a free loopback port, its data in a folder of the test."""

    def __init__(self, folder: Path, target: int) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        settings = prometheus()
        settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        job = settings["scrape_configs"][0]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{target}"]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        shutil.copy(HERE / "prometheus" / "alerts.yml", folder)
        command = [
            tool("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
        ]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)

    def get(self, path: str, **query: str) -> dict[str, object]:
        url = f"{self.url}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, promql: str) -> Vector:
        # Grafana fills this in; four scrapes is what it would choose at least.
        promql = promql.replace("$__rate_interval", f"{4 * SCRAPE_SECONDS}s")
        return self.get("/api/v1/query", query=promql)["result"]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
