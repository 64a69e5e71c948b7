"""Arrivals: lists of records that wait to be folded, joined where one follows the other.

When there is little to do, a fetch brings a few records of one partition; folding each such list
by itself costs more than the records are worth, so lists gather while folding is busy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from projections.keeper import Record

RecordT = TypeVar("RecordT", bound=Record)


class Arrivals(Generic[RecordT]):
    """The records of one topic between fetching and folding."""

    def __init__(self) -> None:
        self.size = 0
        """Records that wait."""
        self._lists: dict[int, list[list[RecordT]]] = {}

    def put(self, partition: int, records: Sequence[RecordT]) -> None:
        """Add a list of one partition, in the order of its offsets."""
        if not records:
            return
        self.size += len(records)
        lists = self._lists.setdefault(partition, [])
        if lists and lists[-1][-1].offset + 1 == records[0].offset:
            lists[-1].extend(records)
        else:
            lists.append(list(records))

    def take(self, most: int) -> list[tuple[int, list[RecordT]]]:
        """The first list of each partition, until these are `most` records or more."""
        taken: list[tuple[int, list[RecordT]]] = []
        size = 0
        for partition in list(self._lists):
            if size >= most:
                break
            lists = self._lists.pop(partition)
            records = lists.pop(0)
            if lists:
                # Behind the others, so that each partition gets its turn.
                self._lists[partition] = lists
            taken.append((partition, records))
            size += len(records)
        self.size -= size
        return taken
