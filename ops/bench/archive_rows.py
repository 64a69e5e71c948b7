"""A segment of the bench's archive as columns: all facts at once, in the order of their numbers.

What depends on the slot of a fact alone is said as the plain way says it of one fact of the slot
(ops.archive.columns.row), so that only what differs from fact to fact is made here.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ops.archive import layout
from ops.archive.columns import COLUMNS, bucket_of, row
from ops.archive.staging import PARTED_ROWS
from ops.arrow import Column, coded, fixed, numbers, spans, truths
from ops.bench.archive_story import CAUSES, Facts, Slot
from ops.bench.archive_values import OF_OWER, Bytes, Group, Ints, World, grouped, values_of
from ops.bench.worlds import AREAS, ITEMS
from schemas import avro
from schemas.times import LOCAL_OFFSET_MS

ID_BYTES, LEAF_BYTES = 16, 32
SLOTS = len(Slot)
_PARTS = 100
"""More than there are buckets: a month and a part of it are one number."""
_UNDIVIDED = _PARTS - 1
_REPLACED = ("event_id", "effective_at", "effective_is_day", "recorded_at")
"""What of a corrected record differs from the correction's own columns and from fact to fact."""
_OF_UNITS = ("unit", "by", "issuer", "to_unit")
_OF_OPENING = ("item", "area", "period", "issuer")


class File(NamedTuple):
    """What goes into one file: its month and part, and which rows."""

    month: str
    part: str
    rows: Ints


class Rows:
    """All rows of a segment, numbered from `first` on."""

    def __init__(self, world: World, facts: Facts, first: int) -> None:
        count = len(facts)
        self._world = world
        self.schemas: set[bytes] = set()
        self.leaves = np.empty((count, LEAF_BYTES), np.uint8)
        self._slots = np.ascontiguousarray(facts["slot"])
        self._own = {name: np.ascontiguousarray(facts[name]) for name in facts.dtype.names or ()}
        self._numbers = np.arange(first, first + count)
        self._bytes = {
            name: np.zeros((count, ID_BYTES), np.uint8)
            for name in ("event_id", "causation_id", "target", "content")
        }
        self._start, self._stop = np.empty(count, np.int64), np.empty(count, np.int64)
        self._obligation = np.empty(count, np.int64), np.empty(count, np.int64)
        self._bucket = np.empty(count, np.uint8)
        self._said: dict[int, dict[str, Any]] = {}
        pools: list[Bytes] = []
        size = 0
        for places, group in grouped(world, facts, first):
            pool = self._take(places, group, size)
            pools.append(pool)
            size += len(pool)
        self._pool = np.concatenate(pools)
        self._units = self._units_of(self._own["number"])

    def _take(self, places: Ints, group: Group, at: int) -> Bytes:
        """Keep of a group what differs from fact to fact; its values, which will stand at `at`."""
        cells, content_at, obligation_at = values_of(group)
        height, width = cells.shape
        leaves, contents = _hashes(cells, content_at)
        self.leaves[places] = leaves
        self._bytes["content"][places] = contents
        self._bytes["event_id"][places] = group.ids
        if group.cause is not None:
            self._bytes["causation_id"][places] = group.cause
        if group.target is not None:
            self._bytes["target"][places] = group.target
        # Before each value stands the byte that makes it a leaf.
        begins = at + np.arange(height) * width
        self._start[places], self._stop[places] = begins + 1, begins + width
        self._obligation[0][places] = begins + obligation_at
        self._obligation[1][places] = begins + obligation_at + group.obligation.shape[1]
        self._bucket[places] = _buckets(group.obligation)
        value = cells[0, 1:].tobytes()
        self.schemas.add(value[2 : avro.HEADER_BYTES])
        if group.slot not in self._said:
            names = (name for name, _ in COLUMNS)
            said = row(int(group.numbers[0]), value)
            self._said[group.slot] = dict(zip(names, said, strict=True))
        return cells.reshape(-1)

    def _units_of(self, of: Ints) -> dict[str, NDArray[np.int32]]:
        """Places among the world's units of those that a row names."""
        level, at = self._world.owers(of)
        unit = self._world.places[level] + at
        issuer = self._world.parents[unit]
        is_owers = np.isin(self._slots, list(OF_OWER))
        size = np.diff(np.append(self._world.places, len(self._world.units)))[level]
        named = {
            "unit": unit,
            "by": np.where(is_owers, unit, issuer),
            "issuer": issuer,
            "to_unit": self._world.places[level] + (at + 1) % size,
        }
        return {name: places.astype(np.int32) for name, places in named.items()}

    def files(self, parted_rows: int = PARTED_ROWS) -> Iterator[File]:
        """Which rows go into which file, as ops.archive.staging cuts them."""
        month = (self._own["recorded_at"] + LOCAL_OFFSET_MS).astype("M8[ms]").astype("M8[M]")
        months, index, times = np.unique(month, return_inverse=True, return_counts=True)
        part = np.where(times[index] < parted_rows, _UNDIVIDED, self._bucket)
        key = index * _PARTS + part
        order = np.argsort(key, kind="stable")
        keys, begins = np.unique(key[order], return_index=True)
        for found, rows in zip(keys.tolist(), np.split(order, begins[1:]), strict=True):
            number = found % _PARTS
            named = layout.ALL if number == _UNDIVIDED else str(number)
            yield File(str(months[found // _PARTS]), named, rows)

    def columns(self, rows: Ints) -> tuple[dict[str, Column], str]:
        """Some rows as columns, and what those of the relation are in terms of them, as SQL."""
        slots = self._slots[rows]
        made = self._differing(rows, slots)
        said = []
        for name, kind in COLUMNS:
            if name == "replaced":
                said.append(f"{self._replaced(made, rows, slots)} AS replaced")
                continue
            if name not in made:
                made[name] = self._shared(name, kind, slots)
            said.append(f'"{name}"::{kind} AS "{name}"')
        return made, ", ".join(said)

    def _differing(self, rows: Ints, slots: NDArray[np.uint8]) -> dict[str, Column]:
        own = {name: values[rows] for name, values in self._own.items()}
        of = own["number"]

        def but(*of_slots: Slot) -> NDArray[np.bool_]:
            return ~np.isin(slots, of_slots)

        ids = {name: cells[rows] for name, cells in self._bytes.items()}
        made = {
            "notification": numbers(self._numbers[rows]),
            "source_seq": numbers(self._numbers[rows]),
            "recorded_at": numbers(own["recorded_at"]),
            "effective_at": numbers(own["effective_at"]),
            "effective_is_day": truths(own["is_day"] & (slots == Slot.SUBMITTED)),
            "event_id": fixed(ids["event_id"]),
            "content": fixed(ids["content"]),
            "causation_id": fixed(ids["causation_id"], but(*CAUSES)),
            "target": fixed(ids["target"], but(Slot.CORRECTED, Slot.VOIDED)),
            "due_before": numbers(own["day"], but(Slot.OPENED, Slot.EXTENDED)),
            "revise_before": numbers(own["day"], but(Slot.RETURNED)),
            "bucket": numbers(self._bucket[rows]),
            "value": spans("blob", self._pool, self._start[rows], self._stop[rows]),
            "leaf": fixed(self.leaves[rows]),
            "obligation": spans(
                "text", self._pool, self._obligation[0][rows], self._obligation[1][rows]
            ),
            "item": coded((of % ITEMS).astype(np.int32), self._world.items, but(Slot.OPENED)),
            "area": coded((of % AREAS).astype(np.int32), self._world.areas, but(Slot.OPENED)),
            "period": coded(
                self._world.period(of).astype(np.int32), self._world.periods, but(Slot.OPENED)
            ),
            "r_event_id": fixed(ids["target"]),
            "r_effective_at": numbers(own["truly"]),
            "r_effective_is_day": truths(own["is_day"]),
            "r_recorded_at": numbers(own["sent_at"]),
        }
        absent = {"issuer": but(Slot.OPENED), "to_unit": but(Slot.TRANSFERRED)}
        for name in _OF_UNITS:
            places = self._units[name][rows]
            made[name] = coded(places, self._world.words, absent.get(name))
        return made

    def _shared(self, name: str, kind: str, slots: NDArray[np.uint8]) -> Column:
        """A column that says the same of all facts of a slot."""
        values = [self._said.get(slot, {}).get(name) for slot in range(SLOTS)]
        is_null = np.array([value is None for value in values])[slots]
        match kind:
            case "VARCHAR":
                return coded(slots.astype(np.int32), [value or "" for value in values], is_null)
            case "BOOLEAN":
                return truths(np.array([bool(value) for value in values])[slots], is_null)
            case "UTINYINT":
                return numbers(np.array([value or 0 for value in values], np.uint8)[slots], is_null)
        if not is_null.all():
            raise ValueError(f"{name} is not made")
        return numbers(np.zeros(len(slots), np.uint8), is_null)

    def _replaced(self, made: dict[str, Column], rows: Ints, slots: NDArray[np.uint8]) -> str:
        """What a correction puts in place: its first row says what all have in common."""
        kind = dict(COLUMNS)["replaced"]
        said = self._said.get(Slot.CORRECTED)
        if said is None or not (slots == Slot.CORRECTED).any():
            return f"NULL::{kind}"
        cells = []
        for name, value in said["replaced"].items():
            if name in _REPLACED:
                cell = f'"r_{name}"'
            else:
                cell = f'"{name}"' if name in ("obligation", "unit", "by") else _literal(value)
            cells.append(f'"{name}" := {cell}')
        packed = f"struct_pack({', '.join(cells)})::{kind}"
        return f"CASE WHEN type = '{said['type']}' AND NOT void THEN {packed} END"


def _literal(value: Any) -> str:
    if value is None or isinstance(value, bool | int):
        return "NULL" if value is None else str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _buckets(obligations: Bytes) -> NDArray[np.uint8]:
    width = obligations.shape[1]
    joined = obligations.tobytes().decode()
    texts = (joined[at : at + width] for at in range(0, len(joined), width))
    return np.fromiter(map(bucket_of, texts), np.uint8, len(obligations))


def _hashes(cells: Bytes, content_at: int) -> tuple[Bytes, Bytes]:
    """Leaf and content hash of every value (see schemas.avro.content_hash)."""
    rows, width = cells.shape
    joined = cells.tobytes()
    key = joined[3 : 1 + avro.HEADER_BYTES]
    # Nothing is imported, and what later revisions added says nothing.
    until = width - avro.fields_added().get(key, 0)
    leaves, contents = [], []
    for at in range(0, rows * width, width):
        leaves.append(sha256(joined[at : at + width]).digest())
        contents.append(sha256(joined[at + content_at : at + until]).digest()[:ID_BYTES])
    return _matrix(leaves, rows), _matrix(contents, rows)


def _matrix(found: list[bytes], rows: int) -> Bytes:
    return np.frombuffer(b"".join(found), np.uint8).reshape(rows, -1)
