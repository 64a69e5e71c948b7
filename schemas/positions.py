"""Positions: which records of the topics a board rests on, so that anybody can count them again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

HEADER = "lienthong-positions"
"""The header of a record on the topic `boards` that holds the positions as JSON."""


class Positions(NamedTuple):
    """Per topic the first offset that a board does not rest on; all before it are in its figures.

    `events` has for the id of each topic `events` (a centre that sums several clusters has
    several) the offset of every partition. Records behind an offset that changed no count of any
    day may have been read already: counted or not, the figures at the end of a day are the same.
    What `programmes` change of the fold (`revision_days`) shows once a partition is folded anew.
    """

    units: int
    programmes: int
    events: Mapping[str, tuple[int, ...]]

    def plain(self) -> dict[str, Any]:
        """As in JSON."""
        return {**self._asdict(), "events": {name: [*at] for name, at in self.events.items()}}

    def header(self) -> tuple[str, bytes]:
        """The header of the board's record."""
        return (HEADER, json.dumps(self.plain(), separators=(",", ":")).encode())

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Positions:
        """The inverse of `plain`. Raises KeyError."""
        events = {name: tuple(at) for name, at in plain["events"].items()}
        return cls(plain["units"], plain["programmes"], events)

    @classmethod
    def of(cls, headers: Iterable[tuple[str, bytes]]) -> Positions | None:
        """The positions in a record's headers; None where there are none."""
        for name, value in headers:
            if name == HEADER:
                return cls.read(json.loads(value))
        return None
