"""The progress bar of commands that count what they have done; shown to people only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


def counting_bar(*, remaining: bool) -> Progress:
    """A bar on standard error: what is done of how much, and the time left, or the time spent.

    It goes when it ends, and shows nothing where standard error is no terminal.
    """
    seconds: ProgressColumn = TimeRemainingColumn() if remaining else TimeElapsedColumn()
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        seconds,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


@contextmanager
def counting(what: str) -> Iterator[Callable[[int], None]]:
    """A bar of work whose end nobody knows: tell it how much is done in all."""
    with counting_bar(remaining=False) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done: bar.update(task, completed=done)
