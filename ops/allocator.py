"""Memory of processes that keep large growing columns: how it is handed out and looked through."""

from __future__ import annotations

import ctypes
import gc

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
LARGE_BYTES = 512 * 1024
"""Blocks from this size on are taken from the system one by one and given back when freed."""
ARENAS_MAX = 2

FULL_COLLECTIONS = 100
"""Collections of the middle generation before a full one; ten by itself."""


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


def leave_out_of_collections() -> None:
    """Leave what is there, modules and classes, out of garbage collections.

    Each of them stops all threads. A full one looks through 160,000 objects otherwise, which takes
    0.1 s on a busy machine. What comes later is looked through whole a tenth as often: what we keep
    has no cycles.
    """
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_COLLECTIONS)
