"""A frame: the counts that one partition's batch changed, as absolute values, in one record.

Absolute values survive a sender that fell back; differences would not. A reader keeps the last
value of every cell per source and sums over sources.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.avro import decode_record, encode_record, register_record
from schemas.measures import MEASURES, Slice
from schemas.refusal import Reason, Refused
from schemas.slices import NO_SLICES, Slices

FRAME = "frame.v1"
DEFLATE_BYTES_MIN = 4_096
"""Columns shorter than this are not worth deflating."""
INFLATED_BYTES_MAX = 256 * 1024 * 1024
"""More than this out of one column is refused, not allocated."""
_DEFLATE_LEVEL = 1
_DUE_MONTH = Slice._fields.index("due_month")
_MONTH = re.compile(r"-?\d{4,}-\d{2}\Z")

Ints = NDArray[np.int32]


class Version(NamedTuple):
    """Which state of which partition a frame tells. `offset`: first offset not yet in it.

    `source` names what is versioned: of two frames of one source the greater `rank` is newer.
    """

    cluster: str
    generation: int
    topic_id: str
    partition: int
    offset: int

    @property
    def source(self) -> tuple[str, str, int]:
        """(cluster, topic id, partition): cells of different sources are added up."""
        return (self.cluster, self.topic_id, self.partition)

    @property
    def rank(self) -> tuple[int, int]:
        """(generation, offset), growing within a source."""
        return (self.generation, self.offset)


class LadderEntry(NamedTuple):
    """One document of urging, reminder or criticism that bears on an ower, from a local day on.

    `held` is false where the entry no longer holds (a correction took it back). Documents are
    counted once, by `document`, however many obligations or partitions name them.
    """

    note: str
    document: bytes
    ower: str
    day: int
    held: bool = True


_ENTRY = itemgetter(*LadderEntry._fields)


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """Cells (ower, slice, day) with their counts: the net steps of that local day.

    `ower` and `cut` are indexes into `units` and `slices`, `day` is days since 1970 and `counts`
    has one row per cell and one column per measure of schemas.measures.MEASURES; a row of zeros
    says that the cell holds nothing any more. A large change comes as several frames of one
    version (`part` of `parts`), so a frame is old only if its version's rank is less than one
    already seen; applying one twice changes nothing.
    """

    version: Version
    part: int = 0
    parts: int = 1
    units: tuple[str, ...] = ()
    slices: Slices = NO_SLICES
    ower: Ints = field(default_factory=lambda: np.empty(0, np.int32))
    cut: Ints = field(default_factory=lambda: np.empty(0, np.int32))
    day: Ints = field(default_factory=lambda: np.empty(0, np.int32))
    counts: Ints = field(default_factory=lambda: np.empty((0, len(MEASURES)), np.int32))
    ladder: tuple[LadderEntry, ...] = ()

    def __len__(self) -> int:
        return len(self.day)


_LADDER_SCHEMA = {
    "type": "record",
    "name": "vn.lienthong.LadderEntry",
    "doc": "One document of the ladder that bears on an ower from a day on, or no longer does.",
    "fields": [
        {"name": "note", "type": "string"},
        {"name": "document", "type": {"type": "fixed", "name": "vn.lienthong.EventId", "size": 16}},
        {"name": "ower", "type": "string"},
        {"name": "day", "type": "int"},
        {"name": "held", "type": "boolean", "default": True},
    ],
}
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": f"vn.lienthong.event.{FRAME}",
    "doc": (
        "Absolute counts of the cells that a batch of one partition changed. Columns are "
        "little-endian and deflated (zlib) where `deflated` says so: ower, cut and day int32; "
        "mask uint32 with bit m set where measure m is not 0; counts the values of the set bits, "
        "row by row, as integers of `count_bytes` bytes."
    ),
    "fields": [
        {"name": "cluster", "type": "string"},
        {"name": "generation", "type": "long"},
        {"name": "topic_id", "type": "string"},
        {"name": "partition", "type": "int"},
        {"name": "offset", "type": "long"},
        {"name": "part", "type": "int", "default": 0},
        {"name": "parts", "type": "int", "default": 1},
        {"name": "measures", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "units", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "words", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "slices", "type": "bytes"},
        {"name": "deflated", "type": "boolean", "default": False},
        {"name": "ower", "type": "bytes"},
        {"name": "cut", "type": "bytes"},
        {"name": "day", "type": "bytes"},
        {"name": "mask", "type": "bytes"},
        {"name": "count_bytes", "type": "int"},
        {"name": "counts", "type": "bytes"},
        {"name": "ladder", "type": {"type": "array", "items": _LADDER_SCHEMA}, "default": []},
    ],
}
register_record(FRAME, SCHEMA)


def encode(frame: Frame) -> bytes:
    """Frame -> value of its record, single-object encoding."""
    held = frame.counts != 0
    mask = held @ (np.uint32(1) << np.arange(len(MEASURES), dtype=np.uint32))
    values = frame.counts[held]
    kind = _narrowest(values)
    columns = {
        "slices": frame.slices.rows.astype("<i4").tobytes(),
        "ower": frame.ower.astype("<i4").tobytes(),
        "cut": frame.cut.astype("<i4").tobytes(),
        "day": frame.day.astype("<i4").tobytes(),
        "mask": mask.astype("<u4").tobytes(),
        "counts": values.astype(kind).tobytes(),
    }
    deflated = sum(map(len, columns.values())) >= DEFLATE_BYTES_MIN
    if deflated:
        columns = {name: zlib.compress(c, _DEFLATE_LEVEL) for name, c in columns.items()}
    return encode_record(
        FRAME,
        {
            **frame.version._asdict(),
            "part": frame.part,
            "parts": frame.parts,
            "measures": list(MEASURES),
            "units": list(frame.units),
            "words": list(frame.slices.words[1:]),
            "deflated": deflated,
            "count_bytes": np.dtype(kind).itemsize,
            "ladder": [dict(zip(LadderEntry._fields, e, strict=True)) for e in frame.ladder],
            **columns,
        },
    )


def decode(value: bytes | None) -> Frame:
    """Value -> frame. Raises Refused as avro.decode does, and where the columns do not agree."""
    fields = decode_record(FRAME, value)
    try:
        return _frame(fields)
    except (ValueError, IndexError, TypeError, zlib.error) as error:
        raise Refused(
            Reason.NOT_AVRO, f"the columns of the frame do not agree: {error}", "value"
        ) from error


def _frame(fields: Mapping[str, Any]) -> Frame:
    def column(name: str, kind: str) -> NDArray[Any]:
        raw = fields[name]
        if fields["deflated"]:
            inflate = zlib.decompressobj()
            raw = inflate.decompress(raw, INFLATED_BYTES_MAX)
            if not inflate.eof:
                raise ValueError(f"{name} is cut off or larger than {INFLATED_BYTES_MAX} bytes")
        return np.frombuffer(raw, kind)

    words = [None, *fields["words"]]
    parts = column("slices", "<i4").reshape(-1, len(Slice._fields))
    _within(parts, len(words))
    _months({words[at] for at in np.unique(parts[:, _DUE_MONTH]).tolist()})
    ower, cut, day = (column(name, "<i4") for name in ("ower", "cut", "day"))
    mask = column("mask", "<u4")
    if not len(ower) == len(cut) == len(day) == len(mask):
        raise ValueError("they have different lengths")
    _within(ower, len(fields["units"]))
    _within(cut, len(parts))
    return Frame(
        version=Version(*(fields[name] for name in Version._fields)),
        part=fields["part"],
        parts=fields["parts"],
        units=tuple(fields["units"]),
        slices=Slices(words=words, rows=parts),
        ower=ower,
        cut=cut,
        day=day,
        counts=_counts(fields, mask, column("counts", f"<i{fields['count_bytes']}")),
        ladder=tuple(map(LadderEntry._make, map(_ENTRY, fields["ladder"]))),
    )


def _counts(fields: Mapping[str, Any], mask: NDArray[Any], values: NDArray[Any]) -> Ints:
    """One column per measure as we know them; measures of a newer sender are left out."""
    theirs = fields["measures"]
    if len(theirs) > 32:
        raise ValueError("a mask has 32 bits")
    held = (mask[:, None] >> np.arange(len(theirs), dtype=np.uint32)) & 1 == 1
    given = np.zeros(held.shape, np.int32)
    given[held] = values
    if tuple(theirs) == MEASURES:
        return given
    counts = np.zeros((len(mask), len(MEASURES)), np.int32)
    for index, name in enumerate(theirs):
        if name in MEASURES:
            counts[:, MEASURES.index(name)] = given[:, index]
    return counts


def _within(indexes: NDArray[Any], size: int) -> NDArray[Any]:
    if len(indexes) and not (0 <= indexes.min() and indexes.max() < size):
        raise ValueError("an index points outside its table")
    return indexes


def _months(words: set[str | None]) -> None:
    for word in words:
        if word is not None and _MONTH.match(word) is None:
            raise ValueError(f"{word[:20]!r} is no month as YYYY-MM")


def _narrowest(values: NDArray[Any]) -> str:
    if not len(values):
        return "<i1"
    low, high = int(values.min()), int(values.max())
    for kind in ("<i1", "<i2"):
        info = np.iinfo(kind)
        if info.min <= low and high <= info.max:
            return kind
    return "<i4"
