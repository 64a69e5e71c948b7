"""The test run says which broker it used, and does not pass where Kafka could run but did not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ops.java import can_run_kafka
from ops.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
QUICK = "tests/unit/test_settings.py::test_an_empty_variable_is_no_variable"


def run(*arguments: str, path: str, cache: Path | None = None) -> tuple[int, str]:
    """Exit code and last line of a pytest run with these tools on its path."""
    env = {k: v for k, v in os.environ.items() if k not in {"CI", "JAVA_HOME"}} | {"PATH": path}
    if cache is not None:
        env["XDG_CACHE_HOME"] = str(cache)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip().splitlines()[-1]


def test_a_whole_run_without_kafka_fails_where_kafka_could_run() -> None:
    if can_run_kafka(Settings.load({}).cache):
        return  # the next test is this machine's case
    code, last = run("--whole", QUICK, path=os.environ["PATH"])

    assert (1, "Broker used: none: Java and Maven are here, but Kafka did not run.") == (code, last)


def test_a_whole_run_without_maven_passes_and_says_what_served(tmp_path: Path) -> None:
    code, last = run("--whole", QUICK, path=str(tmp_path), cache=tmp_path)

    assert 0 == code
    assert last.startswith("Broker used: the log in SQLite. No Kafka can run here: ")


def test_in_ci_nothing_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = {k: v for k, v in os.environ.items() if k != "JAVA_HOME"}
    env |= {"PATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "CI": "true"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/contract/test_log.py"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 4 == done.returncode
    assert "In CI it must be there." in done.stdout + done.stderr
