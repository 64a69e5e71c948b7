"""A tiny engine and tiny boards that count: enough to see any record lost, doubled or mixed up.

An event's value is `E` and eight bytes of number; its key is `<item>:<ower>`. A fact is the number;
every fifth one is late.
The figure of an ower is how many different numbers its obligations hold.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import NamedTuple

from projections.fold_worker import Restate, Source
from projections.keeper import Record
from projections.readmodel import Outgoing
from projections.units_restated import Told
from schemas.refusal import Reason, Refused
from schemas.times import Day

FACT = 8
PASS_UNITS = 2
"""Boards made in one go."""


def value_of(number: int) -> bytes:
    return b"E" + number.to_bytes(FACT, "big")


def is_late(fact: bytes) -> bool:
    return int.from_bytes(fact, "big") % 5 == 0


class CountBatch(NamedTuple):
    facts: list[tuple[bytes, bytes]]
    late: list[tuple[bytes, bytes]]
    duplicates: int
    quarantined: list[tuple[Record, Reason, str]]


class CountEngine:
    """Facts as sets of numbers; cells by ower."""

    def __init__(self) -> None:
        self.parts: dict[int, dict[bytes, set[bytes]]] = {}
        self.changed: dict[int, set[str]] = {}
        self.weight = 1

    def rules(self) -> str:
        return str(self.weight)

    def open(self, partition: int, states: Iterable[tuple[bytes, bytes]]) -> None:
        lives: dict[bytes, set[bytes]] = {}
        for key, facts in states:
            numbers = [facts[at : at + FACT] for at in range(0, len(facts), FACT)]
            assert len(set(numbers)) == len(numbers), "a fact was kept twice"
            lives[key] = set(numbers)
        self.parts[partition], self.changed[partition] = lives, set()

    def close(self, partition: int) -> None:
        del self.parts[partition], self.changed[partition]

    def take_all(self, parts: Sequence[tuple[int, Sequence[Record]]]) -> list[CountBatch]:
        return [self._take(partition, records) for partition, records in parts]

    def _take(self, partition: int, records: Sequence[Record]) -> CountBatch:
        batch = CountBatch([], [], 0, [])
        duplicates = 0
        for record in records:
            value, key = record.value or b"", record.key or b""
            if len(value) != FACT + 1 or value[:1] != b"E":
                batch.quarantined.append((record, Reason.NOT_AVRO, "no event"))
                continue
            facts = self.parts[partition].setdefault(key, set())
            if value[1:] in facts:
                duplicates += 1
                continue
            facts.add(value[1:])
            batch.facts.append((key, value[1:]))
            self.changed[partition].add(ower_of(key))
        return batch._replace(duplicates=duplicates, late=self.late(batch.facts))

    def late(self, facts: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        return [(key, fact) for key, fact in facts if is_late(fact)]

    def frames(self, source: Source, *, whole: bool) -> list[bytes]:
        changed, self.changed[source.partition] = self.changed[source.partition], set()
        if whole:
            changed = {ower_of(key) for key in self.parts[source.partition]}
        if not changed:
            return []
        counts = self.counts(source.partition)
        frame = {
            "source": [source.topic_id, source.partition],
            "rank": [source.generation, source.offset],
            "cells": {ower: counts[ower] for ower in sorted(changed)},
        }
        return [json.dumps(frame).encode()]

    def counts(self, partition: int) -> Counter[str]:
        found: Counter[str] = Counter()
        for key, facts in self.parts[partition].items():
            found[ower_of(key)] += len(facts) * self.weight
        return found

    def outlet(self, topic: str) -> object:
        def message(key: bytes, version: int) -> Outgoing:
            held = next(part[key] for part in self.parts.values() if key in part)
            return Outgoing(topic, key, json.dumps([version, len(held)]).encode())

        return message


def restate(topic: str) -> Restate:
    """Tells the ower's key and the late fact, the same bytes every time."""

    def messages(key: bytes, event_ids: Sequence[bytes]) -> list[Outgoing]:
        ower = ower_of(key).encode()
        told = (json.dumps([key.decode(), fact.hex()]).encode() for fact in event_ids)
        return [Outgoing(topic, ower, value) for value in told]

    return messages


class CountBoards:
    """The last value of every cell per source; `steps` are days on which time changes a unit."""

    torn = False

    def __init__(self) -> None:
        self.cells: dict[tuple[str, int], dict[str, int]] = {}
        self.ranks: dict[tuple[str, int], list[int]] = {}
        self.steps: dict[str, Day] = {}
        self._changed: set[str] = set()

    def clear(self) -> None:
        self.cells, self.ranks = {}, {}

    def apply(self, value: bytes) -> None:
        try:
            frame = json.loads(value)
            source, rank, cells = tuple(frame["source"]), frame["rank"], frame["cells"]
        except (ValueError, KeyError) as error:
            raise Refused(Reason.NOT_AVRO, "no frame", "value") from error
        if rank < self.ranks.get(source, [0, 0]):
            return
        if rank[0] > self.ranks.get(source, [0, 0])[0]:
            self.cells[source] = {}
        self.ranks[source] = rank
        self.cells[source].update(cells)
        self._changed.update(cells)

    def mark(self, value: bytes) -> None:
        self._changed.update(json.loads(value)["cells"])

    def snapshot(self) -> Iterable[tuple[bytes, Callable[[], bytes]]]:
        for source, cells in list(self.cells.items()):
            frame = {"source": source, "rank": self.ranks[source], "cells": cells}
            value = json.dumps(frame).encode()
            yield json.dumps(source).encode(), lambda value=value: value

    def changed(self) -> Iterable[str]:
        changed, self._changed = self._changed, set()
        return changed

    def changed_between(self, after: Day, until: Day) -> Iterable[str]:
        return [unit for unit, day in self.steps.items() if after < day <= until]

    def totals(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for cells in self.cells.values():
            found.update(cells)
        return {ower: count for ower, count in found.items() if count}

    def outlet(self, topic: str) -> object:
        def message(unit: str, count: int, version: int) -> Outgoing:
            return Outgoing(topic, unit.encode(), json.dumps([version, count]).encode())

        def messages(units: Iterable[str]) -> dict[str, Callable[[int], Outgoing]]:
            totals = self.totals()
            some = islice(units, PASS_UNITS)
            return {unit: partial(message, unit, totals.get(unit, 0)) for unit in some}

        return messages


class CountRestating:
    """Unit events are bytes in a list that no crash takes away; each restates one figure."""

    def __init__(self, topic: str, events: Sequence[bytes]) -> None:
        self.events = events
        self.remembered: list[bytes] = []
        self._topic = topic

    def tell(self, first: int | None) -> Told:
        fresh = [] if first is None else self.events[first:]
        messages = [Outgoing(self._topic, b"unit", json.dumps([e.hex()]).encode()) for e in fresh]
        return Told(len(self.events), [(event, event) for event in fresh], messages)

    def remember(self, kept: bytes) -> None:
        self.remembered.append(kept)


def ower_of(key: bytes) -> str:
    return key.decode().rpartition(":")[2]
