"""A batch: what is claimed, judged against what the ledger holds, and written with its numbers.

A group stands or falls together: where one event of it is refused, none of it is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from schemas import avro
from schemas.checks import check_future
from schemas.event import Event, EventId
from schemas.events.ladder import TextsErased
from schemas.limits import FACTS_PER_OBLIGATION_MAX, MESSAGE_BYTES_MAX
from schemas.quarantine import Place
from schemas.refusal import Reason, Refused
from schemas.times import Instant
from services.sealing import TextKeys, has_clear_text, sealed
from services.store import Counter, Recorded, Tables


class Status(StrEnum):
    """What became of a claimed event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class Claim(NamedTuple):
    """An event as claimed. `value` where it came as bytes, `place` where it came from a log.

    `told` is the event before its texts were sealed, where they were.
    """

    event: Event
    value: bytes | None = None
    place: Place | None = None
    told: Event | None = None


class Outcome(NamedTuple):
    """What became of one claimed event; `notification` is its number in the ledger."""

    status: Status
    event_id: EventId
    notification: int | None = None
    recorded_at: Instant = Instant(0)
    source_seq: int = 0
    reason: Reason | None = None
    sentence: str = ""


class Prepared(NamedTuple):
    """A claim with its bytes and the hash of what it claims: all but what a ledger fills in.

    `imported_at` is where that field stands in the bytes, None where nobody knows yet. `clear`:
    the hash that it has where it was recorded before its texts were sealed.
    """

    claim: Claim
    value: bytes
    content: bytes
    imported_at: int | None
    clear: bytes | None


class _Numbered(NamedTuple):
    event: Event
    value: bytes
    content: bytes
    stream: str
    recorded_at: Instant
    source_seq: int


def stream_of(event: Event) -> str:
    """The stream that an event belongs to: its obligation, its unit, or its programme."""
    if event.topic == "units":
        return f"unit:{event.unit}"
    if event.topic == "programmes":
        return f"programme:{event.programme}"
    return event.obligation or ""


def prepared(claim: Claim) -> Prepared:
    """Encode once, outside the lock. The same fact told again has the same content."""
    value, start = avro.encoded(claim.event) if claim.value is None else (claim.value, None)
    clear = None if claim.told is None else _content(*avro.encoded(claim.told), claim.told)
    return Prepared(claim, value, _content(value, start, claim.event), start, clear)


def _content(value: bytes, start: int | None, event: Event) -> bytes:
    if event.source_seq == 0:
        return avro.content_hash(value, start)
    bare = avro.with_source_seq(value, 0)
    return avro.content_hash(bare, _moved(start, value, bare))


def seal_claims(groups: Sequence[Sequence[Claim]], keys: TextKeys) -> list[list[Claim]]:
    """The same claims with every free text that bears on an obligation encrypted under its key.

    Texts about units and programmes are published decisions and stay as they are.
    """
    bare = [c.event for group in groups for c in group if _is_bare(c.event)]
    of = keys.of([event.obligation for event in bare if event.obligation is not None])

    def seal(claim: Claim) -> Claim:
        key = of.get(claim.event.obligation or "")
        if key is None or not _is_bare(claim.event):
            return claim
        event = sealed(claim.event, key)
        # The bytes it came as hold the text: what is refused must not keep them either.
        value = None if claim.value is None else avro.encode(event)
        return claim._replace(event=event, value=value, told=claim.event)

    return [[seal(claim) for claim in group] for group in groups]


def _is_bare(event: Event) -> bool:
    return event.obligation is not None and has_clear_text(event)


def _moved(start: int | None, value: bytes, other: bytes) -> int | None:
    """Where a field that stands at `start` is in other bytes that differ only before it."""
    return None if start is None else start + len(other) - len(value)


class Batch:
    """One write transaction's worth of claims."""

    def __init__(
        self, tables: Tables, groups: Iterable[Sequence[Prepared]], now: Instant, history: bool
    ) -> None:
        everything = [one for group in groups for one in group]
        events = [one.claim.event for one in everything]
        self._tables = tables
        self._now = now
        self._history = history
        self._contents = tables.contents(list({e.event_id for e in events}))
        self._heads = tables.heads(list({stream_of(e) for e in events}))
        self._counters = tables.counters(list({e.source for e in events}))
        self._changed: dict[str, Counter] = {}
        self._rows: list[_Numbered] = []
        self._versions: list[int] = []

    def take(self, group: Sequence[Prepared]) -> list[Outcome]:
        """Judge a group; number it if all of it may stand."""
        try:
            fresh = [self._is_new(one) for one in group]
            rows = self._numbered([one for one, new in zip(group, fresh, strict=True) if new])
        except Refused as refused:
            return [self._refused_or_known(one, refused) for one in group]
        at = iter(range(len(self._rows), len(self._rows) + len(rows)))
        for row in rows:
            version = self._heads.get(row.stream, 0) + 1
            self._heads[row.stream] = version
            self._contents[row.event.event_id] = row.content
            self._rows.append(row)
            self._versions.append(version)
        return [
            self._accepted(next(at)) if new else Outcome(Status.DUPLICATE, one.claim.event.event_id)
            for one, new in zip(group, fresh, strict=True)
        ]

    def write(self) -> Sequence[int]:
        """Insert what was taken; notification ids in the order of taking."""
        numbers = self._tables.insert_events(
            [
                Recorded(row.stream, version, row.event, row.value)
                for row, version in zip(self._rows, self._versions, strict=True)
            ]
        )
        self._tables.add_contents([(row.event.event_id, row.content) for row in self._rows])
        self._tables.set_counters(self._changed)
        return numbers

    def _is_new(self, one: Prepared) -> bool:
        known = self._contents.get(one.claim.event.event_id)
        if known is not None and known not in (one.content, one.clear):
            raise Refused(
                Reason.DUPLICATE_OTHER_CONTENT,
                "this event_id is recorded with other content; give a new fact a new id, "
                "or correct the old one with record.corrected.v1",
                "event_id",
            )
        return known is None

    def _numbered(self, group: Sequence[Prepared]) -> list[_Numbered]:
        counters: dict[str, Counter] = {}
        lengths: dict[str, int] = {}
        ids: set[bytes] = set()
        rows: list[_Numbered] = []
        for one in group:
            event = one.claim.event
            stream = stream_of(event)
            if event.event_id in ids:
                raise Refused(Reason.RULE, "one event stands twice in one line", "event_id")
            ids.add(event.event_id)
            lengths[stream] = lengths.get(stream, self._heads.get(stream, 0)) + 1
            _fits(one, stream, lengths[stream])
            before = counters.get(event.source) or self._counters.get(event.source) or Counter(0, 0)
            recorded_at = self._recorded_at(event, before)
            # A record of the inbox keeps its sender's number, 0 meaning none.
            keeps = event.source_seq != 0 or one.claim.place is not None
            number = event.source_seq if keeps else before.seq + 1
            counters[event.source] = Counter(
                max(before.seq, number), max(before.recorded_at, recorded_at)
            )
            rows.append(self._row(one, stream, recorded_at, number))
        self._counters.update(counters)
        self._changed.update(counters)
        return rows

    def _recorded_at(self, event: Event, before: Counter) -> Instant:
        if not self._history:
            recorded_at = Instant(max(self._now, before.recorded_at))
        elif event.recorded_at == 0:
            raise _untimely(Reason.MISSING_FIELD, "history needs the line's own recorded_at")
        elif event.recorded_at > self._now:
            raise _untimely(Reason.FUTURE, "history cannot be recorded in the future")
        elif event.recorded_at < before.recorded_at:
            raise _untimely(
                Reason.HISTORY_ORDER,
                f"source {event.source} has later records already; "
                "give history in the order of its recording",
            )
        else:
            recorded_at = event.recorded_at
        check_future(event, recorded_at)
        return recorded_at

    def _row(self, one: Prepared, stream: str, recorded_at: Instant, number: int) -> _Numbered:
        value = avro.with_recorded_at(one.value, recorded_at)
        if number != one.claim.event.source_seq:
            value = avro.with_source_seq(value, number)
        if self._history:
            start = _moved(one.imported_at, one.value, value)
            value = avro.with_imported_at(value, self._now, start)
        return _Numbered(one.claim.event, value, one.content, stream, recorded_at, number)

    def _accepted(self, at: int) -> Outcome:
        row = self._rows[at]
        # The place in the batch; the ledger puts the notification id here once it is known.
        return Outcome(Status.ACCEPTED, row.event.event_id, at, row.recorded_at, row.source_seq)

    def _refused_or_known(self, one: Prepared, refused: Refused) -> Outcome:
        event_id = one.claim.event.event_id
        if self._contents.get(event_id) in (one.content, one.clear or one.content):
            return Outcome(Status.DUPLICATE, event_id)
        where = f"{refused.where}: " if refused.where else ""
        return Outcome(
            Status.REFUSED, event_id, reason=refused.reason, sentence=where + refused.sentence
        )


def _fits(one: Prepared, stream: str, length: int) -> None:
    # A full obligation can still be erased: nothing is counted by that, and an order is an order.
    counted = one.claim.event.topic == "events" and not isinstance(one.claim.event, TextsErased)
    if counted and length > FACTS_PER_OBLIGATION_MAX:
        raise Refused(
            Reason.TOO_MANY_FACTS,
            f"{stream} has {FACTS_PER_OBLIGATION_MAX} facts already; open a new obligation",
            "obligation",
        )
    if len(one.value) > MESSAGE_BYTES_MAX:
        # The relay could never send it.
        raise Refused(
            Reason.TOO_LARGE,
            f"the event is {len(one.value)} bytes; {MESSAGE_BYTES_MAX} at most",
        )


def _untimely(reason: Reason, sentence: str) -> Refused:
    return Refused(reason, sentence, "recorded_at")
