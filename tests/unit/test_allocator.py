"""Large blocks are kept apart wherever the C library can do it."""

from __future__ import annotations

import platform

from ops.allocator import keep_large_blocks_apart


def test_glibc_can_keep_large_blocks_apart() -> None:
    assert keep_large_blocks_apart() == (platform.libc_ver()[0] == "glibc")
