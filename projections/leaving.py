"""Leaving: how a worker process ends when it cannot go on."""

from __future__ import annotations

import os
import sys
import traceback
from typing import NoReturn

from projections.readmodel import ModelUnusable

EXIT_BROKEN = 3
EXIT_SURPRISE = 70
EXIT_LOST = 75


def fatal(error: BaseException) -> NoReturn:
    """Leave at once, without Faust's shutdown: nothing counts that is not durable.

    A model that does not fit its log is told in one sentence (exit 3), anything else with its
    traceback (exit 70).
    """
    if isinstance(error, ModelUnusable):
        print(f"lienthong: {error}", file=sys.stderr)
        leave(EXIT_BROKEN)
    traceback.print_exception(error, file=sys.stderr)
    leave(EXIT_SURPRISE)


def leave(code: int) -> NoReturn:
    """End the process now, whatever else runs in it."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
