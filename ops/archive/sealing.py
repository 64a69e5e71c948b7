"""What is sealed of the rows of a segment: their root, and the chain of every source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ops.archive.heads import Source
from ops.archive.merkle import chained, root_of


class Sealable(NamedTuple):
    """One row as it is sealed: its source, the source's number of it (0: none), its leaf."""

    source: str
    seq: int
    leaf: bytes


class Seal(NamedTuple):
    """How many rows there are, the root over their leaves, and the sources after them."""

    records: int
    root: str
    sources: dict[str, Source]


def seal(rows: Iterable[Sealable], before: Mapping[str, Source]) -> Seal:
    """The seal of rows in the order of their numbers; `before` are the sources before them."""
    seqs = {name: source.seq for name, source in before.items()}
    chains = {name: bytes.fromhex(source.chain) for name, source in before.items()}
    count = 0

    def leaves() -> Iterator[bytes]:
        nonlocal count
        for source, seq, leaf in rows:
            count += 1
            seqs[source] = seq or seqs.get(source, 0)
            chains[source] = chained(chains.get(source, NO_CHAIN), leaf)
            yield leaf

    root = root_of(leaves()).hex()
    sources = {name: Source(seq=seqs[name], chain=chains[name].hex()) for name in sorted(chains)}
    return Seal(count, root, sources)


NO_CHAIN = bytes.fromhex(Source().chain)
"""The chain of a source before its first record."""
