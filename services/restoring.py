"""Restoring: a ledger out of a backup takes back what only the topics still hold, then opens anew.

Its epoch grows, so that the copy it was made from, should it still run, is known as the older one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from schemas import avro
from schemas.cloudevents import ledger_mark
from schemas.event import Event
from services.batch import Claim, prepared, stream_of
from services.ledger import FIRST_EPOCH, RelayState
from services.log import Record
from services.store import EVENTS_TABLE, Counter, Tables, store_of

INSERT_ROWS = 1_000
"""Records that are put back in one transaction."""


class RestoreStopped(Exception):
    """What stands on the topics is not what this ledger has lost; a person must look first."""


class TakenBack(NamedTuple):
    """What a restored ledger is now. `numbers` of records it took back from the topics;
    `missing` are numbers that neither the backup nor the topics hold."""

    ledger: str
    epoch: int
    numbers: Sequence[int]
    missing: Sequence[int]


class _Lost(NamedTuple):
    number: int
    event: Event
    value: bytes


def take_back(url: str, records: Iterable[Record]) -> TakenBack:
    """Put back what the topics hold beyond the ledger's end, under its numbers; raise the epoch.

    `records` are all records of the topics that the relay writes. Raises RestoreStopped where
    they are another ledger's, or two ledgers used one number. Safe to run again after a crash.
    """
    store = store_of(url)
    try:
        with store.reading() as tables:
            identity = tables.meta("id") or ""
            epoch = int(tables.meta("epoch") or FIRST_EPOCH)
            end = _end(tables, store.number)
        lost, sent, newest = _beyond(records, identity, end)
        for page in _pages([lost[number] for number in sorted(lost)]):
            with store.writing() as tables:
                _put_back(tables, store.number, page)
        epoch = max(epoch, newest) + 1
        with store.writing() as tables:
            _sent(tables, store.number, sent)
            tables.set_meta(epoch=str(epoch))
        top = max(lost, default=end)
        missing = [number for number in range(end + 1, top) if number not in lost]
        return TakenBack(identity, epoch, sorted(lost), missing)
    finally:
        store.close()


def _end(tables: Tables, number: str) -> int:
    found = tables.rows(f"SELECT COALESCE(MAX({number}), 0) AS last FROM {EVENTS_TABLE}")
    return int(found[0]["last"])


def _beyond(
    records: Iterable[Record], identity: str, end: int
) -> tuple[dict[int, _Lost], set[int], int]:
    """What was recorded after the ledger's end, all numbers on the topics, the newest epoch."""
    lost: dict[int, _Lost] = {}
    sent: set[int] = set()
    newest = 0
    for record in records:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        mark = ledger_mark(record.headers)
        if mark is None or mark.ledger != identity or record.value is None:
            raise RestoreStopped(
                f"{place} was not sent by ledger {identity}; restore with the topics that are "
                "this ledger's (LIENTHONG_KAFKA, LIENTHONG_TOPIC_PREFIX)"
            )
        newest = max(newest, mark.epoch)
        sent.add(mark.notification)
        if mark.notification <= end:
            continue
        known = lost.get(mark.notification)
        if known is not None and known.value != record.value:
            raise RestoreStopped(
                f"{place} and an earlier record both are number {mark.notification} of this "
                "ledger with other content: two copies of it have been running"
            )
        event = avro.decode(record.value)
        lost[mark.notification] = _Lost(mark.notification, event, record.value)
    return lost, sent, newest


def _pages(lost: Sequence[_Lost]) -> Iterator[Sequence[_Lost]]:
    for at in range(0, len(lost), INSERT_ROWS):
        yield lost[at : at + INSERT_ROWS]


def _put_back(tables: Tables, number: str, page: Sequence[_Lost]) -> None:
    streams = [stream_of(one.event) for one in page]
    heads = tables.heads(list(dict.fromkeys(streams)))
    rows = []
    for one, stream in zip(page, streams, strict=True):
        heads[stream] = heads.get(stream, 0) + 1
        rows.append((one.number, stream, heads[stream], one.event.type, one.value))
    tables.many(
        f"INSERT INTO {EVENTS_TABLE} ({number}, originator_id, originator_version, topic, state)"
        " VALUES (?, ?, ?, ?, ?)",
        rows,
    )
    claims = [prepared(Claim(one.event, one.value)) for one in page]
    tables.add_contents([(one.claim.event.event_id, one.content) for one in claims])
    tables.set_counters(_counted(tables, [one.event for one in page]))
    live = [one.event.recorded_at for one in page if one.event.imported_at is None]
    if live:
        last = max(int(tables.meta("recorded_at") or 0), *live)
        tables.set_meta(recorded_at=str(last))


def _counted(tables: Tables, events: Sequence[Event]) -> dict[str, Counter]:
    found = tables.counters(list({one.source for one in events}))
    for one in events:
        before = found.get(one.source) or Counter(0, 0)
        found[one.source] = Counter(
            max(before.seq, one.source_seq), max(before.recorded_at, one.recorded_at)
        )
    return found


def _sent(tables: Tables, number: str, sent: set[int]) -> None:
    """Let the relay go on after what is on the topics without a hole; the rest it sends again."""
    text = tables.meta("relay")
    state = RelayState(**json.loads(text)) if text else RelayState()
    rows = tables.rows(
        f"SELECT {number} AS id FROM {EVENTS_TABLE} WHERE {number} > ? ORDER BY {number}",
        (state.position,),
    )
    at = state.position
    for row in rows:
        if int(row["id"]) not in sent:
            break
        at = int(row["id"])
    state = replace(state, position=at, sent=max(state.sent, at))
    kept: Mapping[str, object] = {**vars(state), "topic_ids": dict(state.topic_ids)}
    tables.set_meta(relay=json.dumps(kept))
