"""Settling: what became of the records of a batch, told partition by partition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.admission import Admitted
from projections.folding import (
    CLASH,
    DISPLACES,
    DUPLICATE,
    FRESH,
    RENEWS,
    TOO_MANY,
    Displaced,
)
from projections.late import event_id, late
from schemas.limits import FACTS_PER_OBLIGATION_MAX
from schemas.refusal import Reason

Column = NDArray[Any]


class Gone(NamedTuple):
    """A record taken earlier that gave way; its bytes stand at its offset of the log."""

    offset: int
    timestamp: int
    key: bytes
    value: bytes | None = None


@dataclass
class Batch:
    """What became of the records of one `take`.

    `facts` are the accepted ones for the journal: (obligation id, stored fact), in order; `late`
    those of them that may restate the past: (obligation id, event id).
    `quarantined` may hold a Gone: a record of an earlier batch.
    """

    partition: int
    first_offset: int
    next_offset: int
    events: int
    duplicates: int = 0
    facts: list[tuple[bytes, bytes]] = field(default_factory=list)
    late: list[tuple[bytes, bytes]] = field(default_factory=list)
    quarantined: list[tuple[Any, Reason, str]] = field(default_factory=list)


_REFUSALS = {
    CLASH: (
        Reason.DUPLICATE_OTHER_CONTENT,
        "another content with this event id was recorded earlier; an event id is used once",
    ),
    TOO_MANY: (
        Reason.TOO_MANY_FACTS,
        f"the obligation has {FACTS_PER_OBLIGATION_MAX} facts, the most that one may have",
    ),
}


def settled(
    batches: list[Batch],
    parts: Sequence[tuple[int, Sequence[Any]]],
    admitted: Admitted,
    verdict: Column,
    displaced: Sequence[Displaced],
) -> list[Batch]:
    """The batches, one per part, with what became of their records."""
    first = np.cumsum([0, *(len(records) for _, records in parts)])
    part_of = np.searchsorted(first[1:], admitted.records, "right")

    def refuse(record: int, reason: Reason, sentence: str) -> None:
        part = int(np.searchsorted(first[1:], record, "right"))
        refused = parts[part][1][record - int(first[part])]
        batches[part].quarantined.append((refused, reason, sentence))

    for record, why in admitted.refused:
        refuse(record, why.reason, why.sentence)
    for row in np.flatnonzero((verdict == CLASH) | (verdict == TOO_MANY)).tolist():
        refuse(admitted.record_of(row), *_REFUSALS[int(verdict[row])])
    entered = (verdict == FRESH) | (verdict == DISPLACES) | (verdict == RENEWS)
    taken = np.flatnonzero(entered)
    facts = admitted.stored(taken)
    edges = np.searchsorted(part_of[taken], np.arange(len(batches) + 1)).tolist()
    again = part_of[(verdict == DUPLICATE) | (verdict == RENEWS)]
    duplicates = np.bincount(again, minlength=len(batches)).tolist()
    for row in np.flatnonzero(late(admitted.rows) & entered).tolist():
        obligation = admitted.ids[admitted.record_of(row)]
        batches[part_of[row]].late.append((obligation, event_id(admitted.rows[row])))
    for at, batch in enumerate(batches):
        batch.facts = facts[edges[at] : edges[at + 1]]
        batch.duplicates = duplicates[at]
        if displaced:
            batch.quarantined += _displaced(batch.partition, parts[at][1], displaced)
        batch.quarantined.sort(key=lambda entry: entry[0].offset)
    return batches


def _displaced(
    partition: int, records: Sequence[Any], displaced: Sequence[Displaced]
) -> Iterator[tuple[Any, Reason, str]]:
    """The records of a partition that gave way, wherever they stood."""
    here = {record.offset: record for record in records}
    for gone in displaced:
        if gone.partition != partition:
            continue
        timestamp = records[-1].timestamp
        record = here.get(gone.offset) or Gone(gone.offset, timestamp, gone.obligation)
        sentence = (
            "another content with this event id was recorded earlier and arrived later; "
            f"this one, of content {gone.content.hex()}, no longer holds"
        )
        yield record, Reason.DUPLICATE_OTHER_CONTENT, sentence
