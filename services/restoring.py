"""Restoring: a ledger out of a backup or an archive takes back what only the topics still hold.

Its epoch grows, so that the copy it was made from, should it still run, is known as the older one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
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
    `missing` are numbers that nothing of all this holds."""

    ledger: str
    epoch: int
    numbers: Sequence[int]
    missing: Sequence[int]


class _Lost(NamedTuple):
    number: int
    event: Event
    value: bytes


def lay_out(url: str, identity: str, epoch: int, told: Iterable[tuple[int, bytes]]) -> None:
    """Make a ledger out of (number, value) of its records: numbers, counters, event ids, streams.

    What was told late may stand after higher numbers. All in one transaction, so that what is
    broken off leaves no ledger. Raises RestoreStopped where there is one.
    """
    store = store_of(url)
    try:
        store.create()
        with store.writing() as tables:
            if tables.meta("id") is not None:
                raise RestoreStopped("there is a ledger already")
            top, late = 0, set()
            for page in _pages(_Lost(number, avro.decode(value), value) for number, value in told):
                for one in page:
                    if one.number < top:
                        late.add(stream_of(one.event))
                    top = max(top, one.number)
                _put_back(tables, store.number, page)
            _in_order(tables, store.number, late)
            tables.set_meta(id=identity, epoch=str(epoch))
    finally:
        store.close()


def take_back(url: str, records: Iterable[Record]) -> TakenBack:
    """Put back what the topics hold and the ledger lacks, under its numbers; raise the epoch.

    `records` are all records of the topics that the relay writes. Raises RestoreStopped where
    they are another ledger's, or two ledgers used one number. Safe to run again after a crash.
    """
    store = store_of(url)
    try:
        with store.reading() as tables:
            identity = tables.meta("id") or ""
            epoch = int(tables.meta("epoch") or FIRST_EPOCH)
            end, holes = _held(tables, store.number)
        lost, sent, newest = _lacking(records, identity, end, holes)
        for page in _pages(lost[number] for number in sorted(lost)):
            with store.writing() as tables:
                _put_back(tables, store.number, page)
        late = {stream_of(one.event) for number, one in lost.items() if number < end}
        epoch = max(epoch, newest) + 1
        with store.writing() as tables:
            _in_order(tables, store.number, late)
            _sent(tables, store.number, sent)
            tables.set_meta(epoch=str(epoch))
        lacking = [*sorted(holes), *range(end + 1, max(lost, default=end))]
        missing = [number for number in lacking if number not in lost]
        return TakenBack(identity, epoch, sorted(lost), missing)
    finally:
        store.close()


def _held(tables: Tables, number: str) -> tuple[int, set[int]]:
    """The number of the last record, and those before it that nobody holds."""
    rows = tables.rows(
        f"SELECT before, id FROM (SELECT {number} AS id, COALESCE(LAG({number}) OVER (ORDER BY"
        f" {number}), 0) AS before FROM {EVENTS_TABLE}) AS gaps WHERE id > before + 1"
    )
    last = tables.rows(f"SELECT COALESCE(MAX({number}), 0) AS last FROM {EVENTS_TABLE}")
    holes = {lost for row in rows for lost in range(int(row["before"]) + 1, int(row["id"]))}
    return int(last[0]["last"]), holes


def _lacking(
    records: Iterable[Record], identity: str, end: int, holes: Collection[int]
) -> tuple[dict[int, _Lost], set[int], int]:
    """What the ledger does not hold, all numbers on the topics, the newest epoch."""
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
        if mark.notification <= end and mark.notification not in holes:
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


def _pages(lost: Iterable[_Lost]) -> Iterator[Sequence[_Lost]]:
    rest = iter(lost)
    while page := list(islice(rest, INSERT_ROWS)):
        yield page


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


def _in_order(tables: Tables, number: str, streams: Iterable[str]) -> None:
    """Number the records of some streams in the order of the ledger: some came back late."""
    for stream in streams:
        rows = tables.rows(
            f"SELECT {number} AS id FROM {EVENTS_TABLE} WHERE originator_id = ? ORDER BY {number}",
            (stream,),
        )
        # Below zero first, for no two records of a stream may ever bear one version.
        tables.many(
            f"UPDATE {EVENTS_TABLE} SET originator_version = ? WHERE {number} = ?",
            [(-version, int(row["id"])) for version, row in enumerate(rows, start=1)],
        )
        tables.run(
            f"UPDATE {EVENTS_TABLE} SET originator_version = -originator_version"
            " WHERE originator_id = ?",
            (stream,),
        )


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
