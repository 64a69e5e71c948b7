"""The demo, run as a person runs it; all tests of one run share one home of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from ops.settings import python

DEMO_SECONDS = 240


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str


def run(home: Path, *argv: str, **settings: str) -> Ran:
    """A command on a home, in a process of its own and in English."""
    environ = {key: value for key, value in os.environ.items() if "LIENTHONG_" not in key}
    done = subprocess.run(
        [python(), "-m", "ops.cli", "--home", str(home), "--language", "en", *argv],
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        env=environ | settings,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
