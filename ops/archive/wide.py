"""Rows of the relation `facts` made many at once, by columns: the same that `columns.row` makes.

Only records that are surely events the contract allows, by the reading that the live fold uses.
Whatever is in doubt, or rare, is left to the plain way, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from ops.archive.columns import BUCKETS, COLUMNS, leaf_hash
from ops.arrow import Column, coded, fixed, numbers, spans, texts, truths
from projections.admission import Admission
from projections.decode import NONE, Columns, decode, layouts
from projections.names import NO_WORD, Names, surely_obligation
from schemas.checks import NOT_IN_FUTURE
from schemas.event import Effect
from schemas.limits import FUTURE_TOLERANCE_MS
from schemas.topics import EVENTS

ID_BYTES, LEAF_BYTES = 16, 32
WORDS_MAX = 200_000
"""Words that are kept at most from page to page."""
_TIMELY = np.array([effect in NOT_IN_FUTURE for effect in Effect])
_PARTY = ("unit", "by", "source", "programme")
_DETAIL = {
    "kind": ("kind", (Effect.OPENS,)),
    "item": ("item", (Effect.OPENS,)),
    "area": ("area", (Effect.OPENS, Effect.AMENDS)),
    "period": ("period", (Effect.OPENS,)),
    "done_when": ("done_when", (Effect.OPENS,)),
    "issuer": ("word", (Effect.OPENS,)),
    "note": ("word", (Effect.NOTES,)),
    "to_unit": ("word", (Effect.HANDS_OVER,)),
}
"""Column -> where projections.names keeps its word, and the effects that have it."""
_SHARED = {"topic": f"'{EVENTS.name}'", "void": "false", "target": "NULL", "replaced": "NULL"}
"""What is the same in all of these rows."""
SAID = ", ".join(_SHARED.get(name, f'"{name}"') + f'::{kind} AS "{name}"' for name, kind in COLUMNS)
"""The relation's columns in terms of those that are made here, as SQL."""

Ints = NDArray[np.int64]


class Wide(NamedTuple):
    """Some of the records as columns, in their order, and which those are."""

    columns: dict[str, Column]
    rows: Ints
    """Places among the records that were given."""
    leaves: list[bytes]
    """Of all records that were given."""

    def rest(self) -> list[int]:
        """The places of the others."""
        others = np.ones(len(self.leaves), np.bool_)
        others[self.rows] = False
        return np.flatnonzero(others).tolist()


class Widening:
    """Makes columns of page after page; what it learned of parties and words serves the next."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._names = Names()
        self._admission = Admission(self._names, None)
        self._words = texts([])

    def widened(self, notifications: Sequence[int], values: Sequence[bytes]) -> Wide:
        """Records -> columns of those that are surely allowed events on obligations."""
        if len(self._names.words) > WORDS_MAX:
            self._forget()
        found = decode(values)
        good = found.good & layouts().on_events[found.kind] & (found.effect != Effect.CORRECTS)
        ahead = found.effective_at - found.recorded_at > FUTURE_TOLERANCE_MS
        good &= ~(ahead & _TIMELY[found.effect])
        ids = found.slices(found.obligation)
        for at in np.flatnonzero(good).tolist():
            good[at] = surely_obligation(ids[at])
        party, detail = self._admission.numbered(found, good, trusted=False)
        good &= (party >= 0) & (detail >= 0)
        rows = np.flatnonzero(good)
        leaves = list(map(leaf_hash, values))
        columns = self._of_values(found, values, rows)
        columns |= self._of_words(found, rows, party[rows], detail[rows])
        columns["notification"] = numbers(np.array(notifications, np.int64)[rows])
        columns["bucket"] = numbers(
            np.fromiter((crc32(ids[at]) % BUCKETS for at in rows.tolist()), np.uint8, len(rows))
        )
        columns["leaf"] = fixed(_matrix(b"".join(leaves[at] for at in rows.tolist()), LEAF_BYTES))
        return Wide(columns, rows, leaves)

    def _of_values(self, found: Columns, values: Sequence[bytes], rows: Ints) -> dict[str, Column]:
        """What stands in the envelope, and the effect's numbers."""
        pool = np.frombuffer(b"".join(values), np.uint8)
        stop = np.cumsum(np.fromiter(map(len, values), np.int64, len(values)))
        start = stop - np.fromiter(map(len, values), np.int64, len(values))
        begins, effect = start[rows], found.effect[rows]
        day = found.day[rows]
        named, ends = (begins + at[rows] for at in found.obligation)
        is_moved = effect == Effect.MOVES
        return {
            "type": coded(found.kind[rows].astype(np.int32), _types()),
            "effect": numbers(effect),
            "event_id": fixed(_ids(found.id0[rows], found.id1[rows])),
            "effective_at": numbers(found.effective_at[rows]),
            "effective_is_day": truths(found.is_day[rows]),
            "recorded_at": numbers(found.recorded_at[rows]),
            "source_seq": numbers(found.source_seq[rows]),
            "correlation_id": fixed(
                _ids(found.correlation0[rows], found.correlation1[rows]),
                ~found.has_correlation[rows],
            ),
            "causation_id": fixed(
                _ids(found.causation0[rows], found.causation1[rows]), ~found.has_causation[rows]
            ),
            "obligation": spans("text", pool, named, ends),
            "imported": truths(found.is_imported[rows]),
            "content": fixed(np.ascontiguousarray(found.hashes()[rows]).view(np.uint8)),
            "due_before": numbers(
                day.astype(np.int32), (day == NONE) | ~(is_moved | (effect == Effect.OPENS))
            ),
            "extends": truths(found.flag[rows] & is_moved),
            "revise_before": numbers(
                day.astype(np.int32), (day == NONE) | (effect != Effect.RETURNS)
            ),
            "value": spans("blob", pool, begins, stop[rows]),
        }

    def _of_words(self, found: Columns, rows: Ints, party: Ints, detail: Ints) -> dict[str, Column]:
        """What is one of few words."""
        names, effect = self._names, found.effect[rows]
        if self._words.rows != len(names.words):
            self._words = texts([(word or "").encode() for word in names.words])
        made = {}
        for name in _PARTY:
            made[name] = self._coded(names.party_rows.data[name], party, True)
        for name, (place, effects) in _DETAIL.items():
            made[name] = self._coded(
                names.detail_rows.data[place], detail, np.isin(effect, effects)
            )
        return made

    def _coded(self, words: NDArray[np.int32], at: Ints, which: Any) -> Column:
        if not len(words):
            nothing = np.zeros(len(at), np.int32)
            return coded(nothing, self._words, np.ones(len(at), np.bool_))
        codes = words[at]
        return coded(codes, self._words, ~((codes != NO_WORD) & which))


def _types() -> list[str]:
    return [layout.cls.type for layout in layouts().all]


def _ids(first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Sixteen bytes a row, of two little-endian words."""
    made: NDArray[np.uint8] = np.stack([first, second], axis=1).astype("<u8").view(np.uint8)
    return made.reshape(-1, ID_BYTES)


def _matrix(joined: bytes, width: int) -> NDArray[np.uint8]:
    return np.frombuffer(joined, np.uint8).reshape(-1, width)
