"""The manifest of a segment: every file of it with its size and hashes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from ops.archive.heads import canonical

BLOCK_BYTES = 4 * 1024
BLOCK_DIGITS = 16
"""Of each block of a file there is the beginning of a hash, so that damage is found to the block;
what decides is the hash of the whole file."""


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """One file: its place in the segment, its rows, the least and greatest number in it, hashes.

    A schema's file has no rows and no numbers (0).
    """

    path: str
    rows: int
    first: int
    last: int
    bytes: int
    sha256: str
    blocks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a segment consists of; its name, ledger and count are those of its head."""

    segment: str
    ledger: str
    count: int
    writer: str
    files: tuple[Sealed, ...]

    def content(self) -> bytes:
        """Its one form as bytes."""
        # Not asdict: it copies every hash of every block, and there are millions.
        return canonical({**vars(self), "files": [vars(one) for one in self.files]})

    @classmethod
    def read(cls, content: bytes) -> Manifest:
        """The inverse of `content`. Raises ValueError for anything but the bytes of a manifest."""
        try:
            plain = json.loads(content)
            files = tuple(_sealed(one) for one in plain.pop("files"))
            made = cls(files=files, **plain)
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise ValueError("it is no manifest") from error
        if made.content() != content:
            raise ValueError("it is not in the one form of a manifest")
        return made


def _sealed(plain: Mapping[str, Any]) -> Sealed:
    made = Sealed(**{**plain, "blocks": tuple(plain["blocks"])})
    parts = made.path.split("/")
    # A manifest that names a file elsewhere would have us read it.
    if any(part in ("", ".", "..") for part in parts) or "\\" in made.path or "\0" in made.path:
        raise ValueError(f"{made.path!r} is no place in a segment")
    if any(type(n) is not int or n < 0 for n in (made.rows, made.first, made.last, made.bytes)):
        raise ValueError(f"{made.path} has sizes that are no whole numbers")
    return made


def hash_of(content: bytes) -> str:
    """The hash of a manifest's bytes, 64 hex digits."""
    return sha256(content).hexdigest()


def block_of(content: bytes) -> str:
    """What is kept of a block."""
    return hash_of(content)[:BLOCK_DIGITS]


def sealed(folder: Path, path: str, rows: int = 0, first: int = 0, last: int = 0) -> Sealed:
    """A file of a segment's folder as it is now."""
    whole = sha256()
    blocks = []
    with (folder / path).open("rb") as file:
        for block in _blocks(file):
            whole.update(block)
            blocks.append(block_of(block))
    return Sealed(
        path=path,
        rows=rows,
        first=first,
        last=last,
        bytes=(folder / path).stat().st_size,
        sha256=whole.hexdigest(),
        blocks=tuple(blocks),
    )


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(BLOCK_BYTES):
        yield block
