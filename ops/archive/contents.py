"""What stands in one file of the archive: its rows, each worked out again from its own value."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from ops.archive.columns import COLUMNS, row
from ops.archive.layout import ALL, file_of
from ops.archive.manifest import Sealed
from ops.archive.sealing import Sealable
from ops.archive.staging import NO_MONTH, rows_of
from schemas import avro
from schemas.times import Instant, day_of, format_day

FAULTS_EACH = 20
"""Most faults of one file that are named."""
SCHEMAS_MAX = 1_000
"""Schemas of which the fingerprint is worked out once; segments repeat them."""
_AT = {name: place for place, (name, _) in enumerate(COLUMNS)}
_NUMBER, _SOURCE, _SEQ = _AT["notification"], _AT["source"], _AT["source_seq"]
_VALUE, _LEAF = _AT["value"], _AT["leaf"]
_PLACED = ("topic", "recorded_at", "bucket")


@dataclass
class Contents:
    """What is kept of a file's rows, in their order, and what is wrong with them in sentences."""

    numbers: array[int] = field(default_factory=lambda: array("q"))
    seqs: array[int] = field(default_factory=lambda: array("q"))
    sources: list[str] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.numbers)

    def sealable(self, at: int) -> Sealable:
        """What is sealed of one of the rows."""
        return Sealable(self.sources[at], self.seqs[at], self.leaves[at])

    def take(self, found: tuple[Any, ...], names: dict[str, str]) -> None:
        """Keep of one more row what is sealed; `names` holds each source's name once."""
        source = found[_SOURCE] or ""
        self.numbers.append(found[_NUMBER])
        self.seqs.append(found[_SEQ] or 0)
        self.sources.append(names.setdefault(source, source))
        self.leaves.append(found[_LEAF])


def plain_contents_of(
    connection: Any, folder: Path, sealed: Sealed, schemas: Collection[bytes]
) -> Contents:
    """The rows of a file whose bytes are as sealed; `schemas` are the fingerprints beside it."""
    made = Contents()
    names: dict[str, str] = {}
    before = 0
    try:
        for place, found in enumerate(rows_of(connection, folder / sealed.path)):
            judge(made, found, place, before, sealed.path, schemas)
            before = found[_NUMBER] or 0
            made.take(found, names)
    except (TypeError, ValueError) as error:
        made.faults.append(f"{sealed.path}: {error}")
        return made
    compare(made, sealed)
    return made


def judge(
    made: Contents,
    found: tuple[Any, ...],
    place: int,
    before: int,
    path: str,
    schemas: Collection[bytes],
) -> None:
    """Say what is wrong with one row, which stands at a place (from 0 on) behind a number."""
    where = f"{path}, row {place + 1} (number {found[_NUMBER]})"
    for wrong in _wrong(found, path, schemas):
        _say(made, path, f"{where}: {wrong}")
    if (found[_NUMBER] or 0) <= before:
        _say(made, path, f"{where}: it stands behind number {before}")


def compare(made: Contents, sealed: Sealed) -> None:
    """Say where the rows of a whole file are not as many as its manifest says, or not those."""
    said = (sealed.rows, sealed.first, sealed.last)
    held = (len(made), min(made.numbers, default=0), max(made.numbers, default=0))
    if said != held:
        made.faults.append(
            f"{sealed.path}: "
            + "the manifest says {} rows from number {} to {}, ".format(*said)
            + "and there are {} from {} to {}".format(*held)
        )


@lru_cache(maxsize=SCHEMAS_MAX)
def fingerprint_of(content: bytes) -> bytes:
    """The fingerprint of a schema's text. Raises ValueError where it is none."""
    try:
        return avro.fingerprint(json.loads(content))
    except Exception as error:  # the library raises many kinds on what is no schema
        raise ValueError("it is no Avro schema") from error


def _wrong(found: tuple[Any, ...], path: str, schemas: Collection[bytes]) -> Iterator[str]:
    value = found[_VALUE] or b""
    wanted = row(found[_NUMBER], value)
    if found != wanted:
        differing = [name for name, at in _AT.items() if found[at] != wanted[at]]
        yield f"{', '.join(differing)} differ from what its value says"
    if value[2 : avro.HEADER_BYTES] not in schemas:
        yield "the schema of its value is not in the segment"
    topic, recorded_at, bucket = (wanted[_AT[name]] for name in _PLACED)
    day = None if recorded_at is None else format_day(day_of(Instant(recorded_at)))
    month = day[:7] if day else NO_MONTH
    if path not in (file_of(topic, month, bucket), file_of(topic, month, ALL)):
        yield "it belongs into another file"


def _say(made: Contents, path: str, sentence: str) -> None:
    if len(made.faults) < FAULTS_EACH:
        made.faults.append(sentence)
    elif len(made.faults) == FAULTS_EACH:
        made.faults.append(f"{path}: there is more like this")
