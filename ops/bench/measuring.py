"""Runs one measurement in a process of its own, and shows meanwhile how far it is."""

from __future__ import annotations

import json
import subprocess
import tempfile
from threading import Event, Timer
from typing import IO, Any

from rich.progress import Progress, TaskID

from ops.progress import counting_bar
from ops.settings import BrokenEnvironment, inherited, python

SECONDS_MAX = 900.0
"""No measurement takes longer, unless its own limit is higher; one that does is stopped."""
DONE = "done"
"""A line of a measurement with this key says how far it is: `done` of `of`."""


def figures_of(name: str, seconds_max: float = SECONDS_MAX, **given: Any) -> dict[str, Any]:
    """What a measurement found. Raises BrokenEnvironment with its last words where it fails."""
    command = [python(), "-m", "ops.bench.child", name, json.dumps(given)]
    late = Event()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            command, env=inherited(), stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):

        def stop() -> None:
            late.set()
            process.kill()

        timer = Timer(seconds_max, stop)
        timer.start()
        try:
            with counting_bar(remaining=True) as bar:
                # Drawing it takes time from what is measured: of those that tell nothing it is not.
                task = bar.add_task(f"bench {name}", total=None, visible=False)
                last = _followed(process.stdout, bar, task)
            code = process.wait()
        finally:
            timer.cancel()
            process.kill()
        errors.seek(0)
        words = errors.read().strip().splitlines()[-1:] or ["it said nothing"]
    if late.is_set():
        raise BrokenEnvironment(f"bench {name} took more than {seconds_max:g} s.")
    if code or not last:
        raise BrokenEnvironment(f"bench {name} failed: {words[0]}")
    figures: dict[str, Any] = json.loads(last)
    return figures


def _followed(lines: IO[str] | None, bar: Progress, task: TaskID) -> str:
    """The last line that is no progress."""
    last = ""
    for line in lines or ():
        if line.startswith(f'{{"{DONE}"'):
            told = json.loads(line)
            bar.update(task, completed=told[DONE], total=told["of"], visible=True)
        elif line.strip():
            last = line
    return last
