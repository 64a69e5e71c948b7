"""Merkle trees against the vectors that implementations of RFC 6962 share, and its definition."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest

from ops.archive.columns import leaf_hash
from ops.archive.merkle import chained, root_of

VALUES = tuple(
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
"""The leaves of the reference trees of Certificate Transparency (merkle_tree_test)."""
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def by_definition(values: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not values:
        return sha256().digest()
    if len(values) == 1:
        return sha256(b"\x00" + values[0]).digest()
    k = 1
    while k * 2 < len(values):
        k *= 2
    return sha256(b"\x01" + by_definition(values[:k]) + by_definition(values[k:])).digest()


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert expected == root_of([]).hex()


@pytest.mark.parametrize("count", range(1, 9))
def test_the_reference_trees_have_the_reference_roots(count: int) -> None:
    assert ROOTS[count - 1] == root_of(map(leaf_hash, VALUES[:count])).hex()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 7, 15, 16, 17, 100, 257])
def test_a_root_is_what_the_definition_says(count: int) -> None:
    values = [number.to_bytes(3, "big") for number in range(count)]

    assert by_definition(values) == root_of(map(leaf_hash, values))


def test_a_chain_depends_on_the_order() -> None:
    first, second, zeros = leaf_hash(b"first"), leaf_hash(b"second"), bytes(32)

    assert chained(chained(zeros, first), second) != chained(chained(zeros, second), first)
