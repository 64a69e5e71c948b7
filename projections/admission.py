"""Admission: from records to rows of facts; refuses what the bytes alone show to be wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import repeat
from operator import eq
from struct import Struct
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.decode import Columns, decode, layouts
from projections.growing import distinct
from projections.judge import judge
from projections.names import Names, surely_obligation
from projections.shard import FACT, Shard, instants
from schemas import avro
from schemas.checks import NOT_IN_FUTURE
from schemas.event import Effect
from schemas.limits import FUTURE_TOLERANCE_MS
from schemas.refusal import Refused

_STORED = Struct("<Iq16s")
"""Before each stored fact: length of its bytes, offset of its record, content hash. Its bytes: the
value up to and with imported_at, in single-object encoding."""

Column = NDArray[Any]
_CONTENT = ("content0", "content1")
_TIMELY = np.array([effect in NOT_IN_FUTURE for effect in Effect])
_DETAILED = np.array(
    [
        effect in (Effect.OPENS, Effect.AMENDS, Effect.HANDS_OVER, Effect.NOTES, Effect.CORRECTS)
        for effect in Effect
    ]
)


class Admitted(NamedTuple):
    """Rows of facts (dtype shard.FACT), which record each came from, and who was refused."""

    rows: Column
    records: Column
    columns: Columns
    refused: list[tuple[int, Refused]]
    ids: list[bytes]

    def record_of(self, row: int) -> int:
        """The record that a row came from."""
        return int(self.records[row])

    def stored(self, rows: Column) -> list[tuple[bytes, bytes]]:
        """(obligation id, stored fact) of some rows, for the journal."""
        whole = len(rows) == len(self.columns.values)
        records = self.records[rows]
        contents = np.stack([self.rows[name][rows] for name in _CONTENT], axis=1).tobytes()
        values = self.columns.values
        ends = self.columns.imported[1]
        stops = (ends if whole else ends[records]).tolist()
        pack = _STORED.pack
        return [
            (self.ids[record], pack(stop, offset, contents[at : at + 16]) + values[record][:stop])
            for record, stop, offset, at in zip(
                records.tolist(),
                stops,
                self.rows["offset"][rows].tolist(),
                range(0, 16 * len(rows), 16),
                strict=True,
            )
        ]


class _Places:
    """Which partitions the rows of a batch belong to: (partition, how many rows follow)."""

    def __init__(self, shard: Shard, parts: Sequence[tuple[int, int]]) -> None:
        self.shard = shard
        self._parts = parts

    def numbers(self, ids: list[bytes]) -> Column:
        """The numbers of the rows' obligations, -1 for new ones."""
        found = np.empty(len(ids), np.int64)
        first = 0
        for partition, size in self._parts:
            get = self.shard.partitions[partition].index.get
            some = ids[first : first + size] if len(self._parts) > 1 else ids
            found[first : first + size] = np.fromiter(map(get, some, repeat(-1)), np.int64, size)
            first += size
        return found

    def enter(self, ids: list[bytes], rows: Column) -> None:
        """Give the obligations of these rows, ascending, their numbers."""
        first = 0
        for partition, size in self._parts:
            a, b = np.searchsorted(rows, [first, first + size])
            self.shard.enter(partition, dict.fromkeys(ids[row] for row in rows[a:b].tolist()))
            first += size


class Admission:
    """The way in, with what it has learned: parties and details that are surely allowed."""

    def __init__(self, names: Names, schema_ids: Callable[[int], bytes] | None) -> None:
        self._names = names
        self._schema_ids = schema_ids

    def admit(self, shard: Shard, parts: Sequence[tuple[int, Sequence[Any]]]) -> Admitted:
        """Records by partition -> rows of facts in the same order, without the refused."""
        records = [record for _, some in parts for record in some]
        places = _Places(shard, [(partition, len(some)) for partition, some in parts])
        values = [record.value for record in records]
        keys = [record.key for record in records]
        offsets = np.array([record.offset for record in records], np.int64)
        columns = decode(values)
        good = columns.good
        good &= layouts().on_events[columns.kind]
        ids = columns.slices(columns.obligation)
        if ids != keys:
            good &= np.fromiter(map(eq, ids, keys), np.bool_, len(keys))
        ahead = columns.effective_at - columns.recorded_at > FUTURE_TOLERANCE_MS
        good &= ~(ahead & _TIMELY[columns.effect])
        numbers = places.numbers(ids)
        for row in np.flatnonzero(good & (numbers < 0)).tolist():
            good[row] = surely_obligation(ids[row])
        party, detail = self.numbered(columns, good, trusted=False)
        good &= (party >= 0) & (detail >= 0)
        hashes = columns.hashes()
        refused: list[tuple[int, Refused]] = []
        if not good.all():
            made = self._slowly(places, records, columns, hashes, refused)
        else:
            made = self._admitted(places, columns, hashes, ids, numbers, party, detail, refused)
        made.rows["offset"] = offsets[made.records]
        return made

    def _slowly(
        self,
        places: _Places,
        records: Sequence[Any],
        columns: Columns,
        hashes: Column,
        refused: list[tuple[int, Refused]],
    ) -> Admitted:
        """Ask the judge about the rows that are not surely allowed, then read all again."""
        values: list[bytes] = list(columns.values)
        hashes = hashes.copy()
        trusted = columns.good.copy()
        for row in np.flatnonzero(~trusted).tolist():
            record = records[row]
            try:
                event = judge(record.key, record.value, "events", self._schema_ids)
            except Refused as why:
                refused.append((row, why))
                values[row] = b""
                continue
            value = record.value if record.value[:2] == avro.MARKER else avro.encode(event)
            hashes[row] = np.frombuffer(avro.content_hash(value), "<u8")
            values[row] = avro.encode(event)
            trusted[row] = True
        again = decode(values, trusted)
        again.good = trusted
        ids = again.slices(again.obligation)
        numbers = places.numbers(ids)
        party, detail = self.numbered(again, trusted, trusted=True)
        return self._admitted(places, again, hashes, ids, numbers, party, detail, refused)

    def numbered(self, columns: Columns, good: Column, *, trusted: bool) -> tuple[Column, Column]:
        """The numbers of the rows' parties and details; -1 where they are not surely allowed."""
        names = self._names
        known = names.parties.get
        raw = columns.slices(columns.party)
        party = np.fromiter(map(known, raw, repeat(-1)), np.int64, len(raw))
        for row in np.flatnonzero(good & (party < 0)).tolist():
            party[row] = names.parties.get(raw[row], -1)
            if party[row] < 0:
                party[row] = names.enter_party(raw[row], trusted)
        detail = np.zeros(len(raw), np.int64)
        rows = np.flatnonzero(good & _DETAILED[columns.effect])
        if len(rows):
            detail[rows] = self._details(columns, rows, trusted)
        return party, detail

    def _details(self, columns: Columns, rows: Column, trusted: bool) -> list[int]:
        names = self._names
        one, two = columns.slices(columns.detail, rows), columns.slices(columns.detail2, rows)
        kinds = columns.kind[rows].tolist()
        while len(names.details) < len(layouts().all):
            names.details.append({})
        tables = names.details
        found = []
        for kind, a, b in zip(kinds, one, two, strict=True):
            raw = a + b
            number = tables[kind].get(raw, -1)
            if number < 0:
                cls = layouts().all[kind].cls
                note = getattr(cls, "note", None)
                number = names.enter_detail(kind, cls.effect, raw, trusted, note)
            found.append(number)
        return found

    def _admitted(
        self,
        places: _Places,
        columns: Columns,
        hashes: Column,
        ids: list[bytes],
        numbers: Column,
        party: Column,
        detail: Column,
        refused: list[tuple[int, Refused]],
    ) -> Admitted:
        if (numbers < 0).any():
            places.enter(ids, np.flatnonzero(columns.good & (numbers < 0)))
            numbers = places.numbers(ids)
        rows = _rows(places.shard, columns, hashes, numbers, party, detail)
        records = np.arange(len(rows))
        if not columns.good.all():
            records = np.flatnonzero(columns.good)
            rows = rows[records]
        return Admitted(rows, records, columns, refused, ids)

    def stored(self, shard: Shard, partition: int, states: list[tuple[bytes, bytes]]) -> Column:
        """Enter stored facts of a partition without folding; returns the obligations' numbers.

        Of several facts with one id the one recorded first is kept.
        """
        owners: list[int] = []
        values: list[bytes] = []
        contents: list[bytes] = []
        offsets: list[int] = []
        index = shard.partitions[partition].index
        for key, state in states:
            number = index[key]
            at = 0
            while at < len(state):
                size, offset, content = _STORED.unpack_from(state, at)
                at += _STORED.size
                values.append(state[at : at + size])
                contents.append(content)
                offsets.append(offset)
                owners.append(number)
                at += size
        columns = decode(values, np.ones(len(values), np.bool_))
        if not columns.good.all():
            wrong = int(np.flatnonzero(~columns.good)[0])
            raise ValueError(f"a stored fact of {shard.ids[owners[wrong]]!r} cannot be read")
        hashes = np.frombuffer(b"".join(contents), "<u8").reshape(-1, 2)
        party, detail = self.numbered(columns, columns.good, trusted=True)
        numbers = np.array(owners, np.int64)
        rows = _rows(shard, columns, hashes, numbers, party, detail)
        rows["offset"] = offsets
        _put(shard, rows[_kept(rows)])
        return distinct(numbers)


def values_of(stored: bytes) -> list[bytes]:
    """The values, up to and with imported_at, of stored facts joined."""
    values = []
    at = 0
    while at < len(stored):
        size = _STORED.unpack_from(stored, at)[0]
        at += _STORED.size
        values.append(stored[at : at + size])
        at += size
    return values


def _rows(
    shard: Shard,
    columns: Columns,
    hashes: Column,
    numbers: Column,
    party: Column,
    detail: Column,
) -> Column:
    rows = np.empty(len(numbers), FACT)
    rows["at"] = instants(columns.effective_at, columns.is_day)
    rows["past"] = columns.effective_at - rows["at"]
    rows["recorded_at"] = columns.recorded_at
    rows["source_seq"] = columns.source_seq
    rows["id0"], rows["id1"] = columns.id0, columns.id1
    rows["content0"], rows["content1"] = hashes[:, 0], hashes[:, 1]
    rows["day"] = columns.day
    rows["party"], rows["detail"] = party, detail
    rows["obligation"] = numbers
    rows["earlier"] = rows["offset"] = -1
    rows["effect"] = columns.effect
    rows["is_day"], rows["flag"] = columns.is_day, columns.flag
    rows["is_imported"] = columns.is_imported
    good = columns.good
    for name, has, word0, word1 in (
        ("correlation", columns.has_correlation, columns.correlation0, columns.correlation1),
        ("causation", columns.has_causation, columns.causation0, columns.causation1),
    ):
        rows[name] = -1
        some = np.flatnonzero(has & good)
        if len(some):
            ids = np.empty(len(some), shard.pool.data.dtype)
            ids["id0"], ids["id1"] = word0[some], word1[some]
            first = shard.pool.extend(ids)
            rows[name][some] = np.arange(first, first + len(some))
    return rows


def _kept(rows: Column) -> Column:
    """The rows that hold, in their order: of one id in one obligation the one recorded first."""
    order = np.lexsort(
        (
            rows["content1"].byteswap(),
            rows["content0"].byteswap(),
            rows["recorded_at"],
            rows["id1"],
            rows["id0"],
            rows["obligation"],
        )
    )
    ids = rows[["obligation", "id0", "id1"]][order]
    first = np.ones(len(rows), np.bool_)
    first[1:] = ids[1:] != ids[:-1]
    return np.sort(order[first])


def _put(shard: Shard, rows: Column) -> None:
    """Enter rows into a shard, chained by obligation, without folding them."""
    order = np.argsort(rows["obligation"], kind="stable")
    rows = rows[order]
    numbers = rows["obligation"].astype(np.int64)
    first = shard.facts.extend(rows)
    places = np.arange(first, first + len(rows))
    begin = np.ones(len(rows), np.bool_)
    begin[1:] = numbers[1:] != numbers[:-1]
    entries = shard.entries.data
    earlier = places - 1
    earlier[begin] = entries["last"][numbers[begin]]
    shard.facts.data["earlier"][places] = earlier
    end = np.append(begin[1:], True)
    entries["last"][numbers[end]] = places[end]
    entries["count"][numbers[begin]] += np.diff(np.flatnonzero(np.append(begin, True)))
    shard.owe(rows)
