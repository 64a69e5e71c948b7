"""Checking one segment: manifest, files, rows, root and sources against the head that seals it."""

from __future__ import annotations

import os
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ops.archive import layout, manifest
from ops.archive.contents import Contents, fingerprint_of
from ops.archive.contents_wide import Reader
from ops.archive.heads import Head, Source
from ops.archive.manifest import BLOCK_BYTES, Manifest, Sealed
from ops.archive.sealing import Sealable, seal

Known = MutableMapping[tuple[str, str, str], Contents]
"""(place of a file, hash of its segment's manifest, its own hash) -> what stands in it."""


@dataclass
class Judged:
    """What was seen of the segments so far.

    `sources` are those that the last head names; `missing` are numbers that no segment holds yet,
    of what was withheld, for example: what is told late must be one of them.
    """

    records: int = 0
    bytes: int = 0
    sources: dict[str, Source] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)
    gaps: list[tuple[int, int]] = field(default_factory=list)
    """Stretches that could not be read: any number of them may be told later."""

    def skip(self, head: Head) -> None:
        """A segment that cannot be read: what follows is checked as if it were as it says."""
        self.sources = dict(head.sources)
        self.gaps.append((head.first, head.last))

    def may_come(self, number: int) -> bool:
        """Whether a number of an earlier stretch has not been told yet."""
        return number in self.missing or any(a <= number <= b for a, b in self.gaps)


def check_segment(
    reader: Reader, folder: Path, head: Head, judged: Judged, known: Known | None
) -> Iterator[str]:
    """What is wrong with a segment whose folder is there, each in a sentence with its place."""
    place = layout.segment(folder, head.name)
    sealed = f"segment {head.name}"
    try:
        content = (place / layout.MANIFEST).read_bytes()
        if manifest.hash_of(content) != head.manifest:
            raise ValueError(f"it is not what head {head.number} sealed")
        found = Manifest.read(content)
    except (OSError, ValueError) as error:
        said = "it cannot be read" if isinstance(error, OSError) else str(error)
        yield (
            f"{sealed}, {layout.MANIFEST}: {said}; nothing vouches for the files with the numbers "
            f"{head.first} to {head.last}"
        )
        judged.skip(head)
        return
    if (found.segment, found.ledger, found.count) != (head.name, head.ledger, head.count):
        yield f"{sealed}, {layout.MANIFEST}: it is of another segment than head {head.number}"
    strangers = list(_other_files(place, found))
    damaged = dict(_damaged(place, found, judged))
    yield from (f"{sealed}, {said}" for said in [*strangers, *damaged.values()])
    intact = [one for one in found.files if one.path not in damaged]
    contents = []
    for inside in _contents(reader, place, intact, head, known):
        yield from (f"{sealed}, {said}" for said in inside.faults)
        contents.append(inside)
    if damaged:
        judged.skip(head)
        judged.records += sum(map(len, contents))
        return
    yield from (f"{sealed}: {said}" for said in _sums(contents, head, judged))


def _other_files(place: Path, found: Manifest) -> Iterator[str]:
    """Files that the manifest names twice or not at all, and names that are no plain files."""
    named = [layout.MANIFEST, *(one.path for one in found.files)]
    if len(set(named)) != len(named):
        yield f"{layout.MANIFEST}: it names a file twice"
    folders = {parent for one in named for parent in Path(one).parents}
    for root, inside, names in os.walk(place):
        here = Path(root).relative_to(place)
        for name in sorted([*inside, *names]):
            path = here / name
            plain = path in folders if name in inside else path.as_posix() in named
            if not plain or (place / path).is_symlink():
                yield f"{path.as_posix()}: the manifest does not name it"


def _damaged(place: Path, found: Manifest, judged: Judged) -> Iterator[tuple[str, str]]:
    """Place of each file that is not as it was sealed, and what is wrong with it."""
    for one in found.files:
        try:
            now = manifest.sealed(place, one.path)
        except OSError:
            yield one.path, f"{one.path}: it is missing{_holding(one)}"
            continue
        judged.bytes += now.bytes
        if now.sha256 != one.sha256 or now.bytes != one.bytes:
            yield one.path, f"{one.path}, {_differing(one, now)}{_holding(one)}"


def _holding(one: Sealed) -> str:
    if not one.rows:
        return ""
    return f"; it holds {one.rows} records from number {one.first} to {one.last}"


def _differing(one: Sealed, now: Sealed) -> str:
    """Which bytes of a file are not those that were sealed, to the block."""
    blocks = max(len(one.blocks), len(now.blocks))
    wrong = [n for n in range(blocks) if one.blocks[n : n + 1] != now.blocks[n : n + 1]]
    size = f" (it has {now.bytes} bytes, {one.bytes} were sealed)" if now.bytes != one.bytes else ""
    if not wrong:
        return f"the whole file: its hash is not what was sealed{size}"
    end = min((wrong[-1] + 1) * BLOCK_BYTES, max(now.bytes, one.bytes))
    return f"bytes {wrong[0] * BLOCK_BYTES} to {end}: they are not what was sealed{size}"


def _contents(
    reader: Reader, place: Path, intact: Sequence[Sealed], head: Head, known: Known | None
) -> Iterator[Contents]:
    """What stands in each file that is as it was sealed."""
    schemas: set[bytes] = set()
    for one in intact:
        if one.path.startswith(f"{layout.SCHEMAS}/"):
            try:
                schemas.add(fingerprint_of((place / one.path).read_bytes()))
            except ValueError as error:
                yield Contents(faults=[f"{one.path}: {error}"])
    for one in intact:
        if one.path.startswith(f"{layout.SCHEMAS}/"):
            continue
        key = (one.path, head.manifest, one.sha256)
        inside = None if known is None else known.get(key)
        if inside is None:
            inside = reader.contents_of(place, one, schemas)
            if known is not None:
                known[key] = inside
        yield inside


def _sums(contents: list[Contents], head: Head, judged: Judged) -> Iterator[str]:
    """Count, root and sources of the whole segment, and that every number is there once."""
    none = np.zeros(0, np.int64)
    numbers = np.concatenate([none, *(np.array(one.numbers, np.int64) for one in contents)])
    owner = np.repeat(np.arange(len(contents)), [len(one) for one in contents])
    within = np.concatenate([none, *(np.arange(len(one)) for one in contents)])
    order = np.argsort(numbers, kind="stable")

    def rows() -> Iterator[Sealable]:
        for at in order.tolist():
            yield contents[owner[at]].sealable(int(within[at]))

    made = seal(rows(), judged.sources)
    if made.records != head.count:
        yield f"it holds {made.records} records, and head {head.number} says {head.count}"
    if made.root != head.root:
        yield f"the root of its records is not what head {head.number} sealed"
    for name in sorted(made.sources.keys() | head.sources.keys()):
        if made.sources.get(name) != head.sources.get(name):
            yield f"the chain of source {name} is not what head {head.number} says"
    yield from _twice(numbers[order].tolist(), head, judged)
    judged.records += made.records
    judged.sources = dict(head.sources)


def _twice(numbers: list[int], head: Head, judged: Judged) -> Iterator[str]:
    inside = {number for number in numbers if head.first <= number <= head.last}
    before = None
    for number in numbers:
        if number == before:
            yield f"number {number} stands twice"
        elif number > head.last:
            yield f"number {number} lies behind its end"
        elif number < head.first and not judged.may_come(number):
            yield f"number {number} stands in an earlier segment too"
        judged.missing.discard(number)
        before = number
    judged.missing.update(n for n in range(head.first, head.last + 1) if n not in inside)
