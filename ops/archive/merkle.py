"""Merkle trees as in RFC 6962 (section 2.1): one hash for a list of values in their order.

The hash of a single value, a leaf, is `columns.leaf_hash`.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

_NODE = b"\x01"


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in their order; that of no leaves is the hash of nothing.

    Streams: only one hash for each power of two in the count so far is kept.
    """
    whole: list[tuple[int, bytes]] = []
    for leaf in leaves:
        size, made = 1, leaf
        # Two complete trees of one size are one of twice the size.
        while whole and whole[-1][0] == size:
            made = _above(whole.pop()[1], made)
            size *= 2
        whole.append((size, made))
    if not whole:
        return sha256().digest()
    _, root = whole.pop()
    while whole:
        root = _above(whole.pop()[1], root)
    return root


def chained(before: bytes, leaf: bytes) -> bytes:
    """The chain of a source after one more of its records; before the first one it is zeros."""
    return sha256(before + leaf).digest()


def _above(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()
