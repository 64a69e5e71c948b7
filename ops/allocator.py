"""How the C library hands out memory: settings for processes that keep large growing columns."""

from __future__ import annotations

import ctypes

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
LARGE_BYTES = 512 * 1024
"""Blocks from this size on are taken from the system one by one and given back when freed."""
ARENAS_MAX = 2


def keep_large_blocks_apart() -> bool:
    """Give large blocks pages of their own; True where the C library (glibc) can do it.

    By itself glibc raises that size to 32 MB as blocks are freed, so that a column that grows
    leaves holes behind in the heap: a third of a worker's memory at a million obligations.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    done = mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES) and mallopt(_M_ARENA_MAX, ARENAS_MAX)
    return bool(done)
