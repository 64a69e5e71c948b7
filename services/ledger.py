"""The ledger: what was recorded, by whom and when; nothing in it is ever changed.

It has an id and an epoch, so that every record on a topic can be traced to it. All doors write
through `record_groups`; its notification log is the outbox that the relay reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import uuid4

from eventsourcing.persistence import EventStore, PersistenceError
from eventsourcing.persistence import Notification as StoredNotification

from schemas import quarantine
from schemas.checks import check
from schemas.event import Event
from schemas.quarantine import Quarantined
from schemas.refusal import Refused
from schemas.times import Instant
from services.batch import Batch, Claim, Outcome, Status, prepared, seal_claims
from services.command import HERE, Command
from services.refusals import fallen, keep
from services.sealing import TextKeys, opened
from services.store import EVENTS_TABLE, MAPPER, PostgresStore, SQLiteStore, Tables, store_of
from services.watch import watch_of

EXECUTE_ATTEMPTS = 8
"""How often a command is decided anew when another writer was faster."""
PAGE = 1_000
"""Notifications read at once when the ledger is read through."""
FIRST_EPOCH = 1


class LedgerMissing(Exception):
    """There is no ledger at this address, and a reading command never makes one."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"there is no ledger at {url}; record something first, or set LIENTHONG_HOME"
        )


class LedgerUnreachable(Exception):
    """The ledger's database does not answer, or does not let us in."""

    def __init__(self, said: str) -> None:
        super().__init__(f"the ledger's database cannot be used: {said}")


class Conflict(Exception):
    """A stream has moved on since it was read; read again and decide again."""


class InboxMoved(Exception):
    """Another intake has read this partition further; the loser gives up."""


class Notification(NamedTuple):
    """One recorded event: its number in the ledger, its type, its bytes, its stream."""

    id: int
    event_name: str
    value: bytes
    stream: str


class InboxMove(NamedTuple):
    """A partition of the inbox was read from one offset up to another (exclusive)."""

    topic: str
    topic_id: str
    partition: int
    from_offset: int
    next_offset: int


class InboxPosition(NamedTuple):
    """How far a partition of the inbox was read, and which topic that was."""

    topic_id: str
    next_offset: int


class Refusal(NamedTuple):
    """A refused record in the outbox of the quarantine topic."""

    id: int
    record: Quarantined


@dataclass(frozen=True, kw_only=True)
class RelayState:
    """How far the relay is: last notification looked at, last one sent, last refusal sent."""

    position: int = 0
    sent: int = 0
    refusals: int = 0
    topic_ids: Mapping[str, str] = field(default_factory=dict)


class Ledger:
    """The store of facts, opened. Threads may share it, but `wait` is for one of them."""

    def __init__(
        self,
        store: SQLiteStore | PostgresStore,
        clock: Callable[[], Instant],
        source: str,
        keys: TextKeys | None = None,
    ) -> None:
        self._store = store
        self._keys = keys
        self._events: EventStore[str] = EventStore(MAPPER, store.recorder)
        self._watch = watch_of(store)
        self._clock = clock
        self.source = source
        with store.reading() as tables:
            self.id = tables.meta("id") or ""
            self.epoch = int(tables.meta("epoch") or 0)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], Instant],
        source: str,
        create: bool = True,
        keys: TextKeys | None = None,
    ) -> Ledger:
        """Open `sqlite:PATH` or `postgresql://…`. `source` is what this home calls itself.

        With `keys` free texts of obligations are sealed before they are stored.
        Raises LedgerMissing where there is none and `create` is False.
        """
        try:
            store = _opened(url, create)
        except PersistenceError as error:
            raise LedgerUnreachable(str(error)) from error
        with store.writing() as tables:
            if tables.meta("id") is None:
                tables.set_meta(id=str(uuid4()), epoch=str(FIRST_EPOCH))
        return cls(store, clock, source, keys)

    def close(self) -> None:
        self._watch.close()
        self._store.close()

    # Writing

    def execute(self, command: Command) -> list[Event]:
        """Load, decide, record; [] where the command says nothing new. Raises Refused.

        Decided anew where another writer touched a stream in between, EXECUTE_ATTEMPTS times.
        """
        for _ in range(EXECUTE_ATTEMPTS):
            seen, versions = self._seen(command)
            events = [self._at_home(event) for event in command.decide(seen, self._clock())]
            if not events:
                return []
            try:
                groups = [[Claim(event) for event in events]]
                outcomes = self.record_groups(groups, expected=versions)[0]
            except Conflict:
                continue
            return _recorded(events, outcomes)
        raise Conflict(f"other writers were faster {EXECUTE_ATTEMPTS} times; try again")

    def record(
        self,
        events: Iterable[Event | Claim],
        *,
        history: bool = False,
        inbox: Sequence[InboxMove] = (),
        refused: Sequence[Quarantined] = (),
    ) -> list[Outcome]:
        """Record facts as claimed, each for itself, in one transaction; an outcome for each."""
        groups = [[one if isinstance(one, Claim) else Claim(one)] for one in events]
        found = self.record_groups(groups, history=history, inbox=inbox, refused=refused)
        return [outcomes[0] for outcomes in found]

    def record_groups(
        self,
        groups: Sequence[Sequence[Claim]],
        *,
        history: bool = False,
        inbox: Sequence[InboxMove] = (),
        refused: Sequence[Quarantined] = (),
        expected: Mapping[str, int] | None = None,
    ) -> list[list[Outcome]]:
        """Record groups that each stand or fall together, all in one transaction.

        `inbox` moves positions by compare-and-swap (raises InboxMoved); a refused claim with a
        place goes to the quarantine outbox with `refused`; `expected` are stream versions
        (raises Conflict). `history` keeps the events' own recorded_at and stamps imported_at.
        """
        ready = [[prepared(claim) for claim in group] for group in self._sealed(groups)]
        with self._store.writing() as tables:
            _expect(tables, expected or {})
            _move(tables, inbox)
            now = Instant(max(self._clock(), int(tables.meta("recorded_at") or 0)))
            batch = Batch(tables, ready, now, history)
            found = [batch.take(group) for group in ready]
            numbers = batch.write()
            if numbers and not history:
                tables.set_meta(recorded_at=str(now))
            keep(tables, [*refused, *fallen(ready, found, now)])
        return [[_numbered(outcome, numbers) for outcome in group] for group in found]

    def _seen(self, command: Command) -> tuple[dict[str, list[Event]], dict[str, int]]:
        seen: dict[str, list[Event]] = {}
        versions: dict[str, int] = {}
        while missing := [s for s in command.streams(seen) if s not in seen]:
            for stream in dict.fromkeys(missing):
                recorded = list(self._events.get(stream))
                seen[stream] = [self._read(one) for one in recorded]
                versions[stream] = recorded[-1].originator_version if recorded else 0
        return seen, versions

    def _at_home(self, event: Event) -> Event:
        event = replace(event, source=self.source) if event.source == HERE else event
        check(event)
        return event

    def _sealed(self, groups: Sequence[Sequence[Claim]]) -> Sequence[Sequence[Claim]]:
        return groups if self._keys is None else seal_claims(groups, self._keys)

    # Reading

    def readable(self, event: Event) -> Event:
        """The event with its texts opened where their key is here."""
        return event if self._keys is None else opened(event, self._keys)

    def _read(self, recorded: Any) -> Event:
        return self.readable(recorded.event)

    def notifications(
        self, after: int = 0, limit: int = PAGE, names: Collection[str] = ()
    ) -> list[Notification]:
        """At most `limit` recorded events after a notification id, in order, without gaps.

        `names` are names of types: only these, none of which are all.
        """
        found = self._store.recorder.select_notifications(
            after, limit, topics=sorted(names), inclusive_of_start=False
        )
        return [_notification(one) for one in found]

    def pages(self, after: int = 0, names: Collection[str] = ()) -> Iterator[list[Notification]]:
        """All recorded events after a notification id, of these types or of all, in pages."""
        while page := self.notifications(after, PAGE, names):
            yield page
            after = page[-1].id

    def events(self, after: int = 0, names: Collection[str] = ()) -> Iterator[Notification]:
        """All recorded events after a notification id, of these types or of all, one by one."""
        for page in self.pages(after, names):
            yield from page

    def max_notification(self) -> int:
        """The number of the last recorded event; 0 where there is none."""
        return self._store.recorder.max_notification_id() or 0

    def history(self, stream: str) -> list[Event]:
        """The events of one stream, in the order of their recording."""
        return [self._read(one) for one in self._events.get(stream)]

    def stream(self, stream: str) -> list[Notification]:
        """The records of one stream with their numbers, in the order of their recording."""
        sql = (
            f"SELECT {self._store.number} AS id, topic, state FROM {EVENTS_TABLE}"
            " WHERE originator_id = ? ORDER BY originator_version"
        )
        with self._store.reading() as tables:
            rows = tables.rows(sql, (stream,))
        return [Notification(int(r["id"]), r["topic"], bytes(r["state"]), stream) for r in rows]

    def planned(self) -> frozenset[str]:
        """The streams in which an inspection was planned, unannounced or not."""
        with self._store.reading() as tables:
            return frozenset(tables.planned())

    def known(self, streams: Sequence[str], names: Collection[str] = ()) -> set[str]:
        """Those of these streams that have events; `names` of types: events of these."""
        with self._store.reading() as tables:
            return set(tables.heads(streams, names))

    def wait(self, after: int, seconds: float) -> bool:
        """Wait until something is recorded after this number; False when the time is up."""
        return self._watch.wait(after, seconds)

    def lock(self, role: str) -> AbstractContextManager[None]:
        """Hold a role (`relay`, `intake`) of this ledger alone. Raises services.watch.RoleTaken."""
        return self._watch.role(role)

    # What the relay and the intake keep here

    def inbox_positions(self) -> dict[tuple[str, int], InboxPosition]:
        """(topic, partition) -> how far the inbox was read."""
        with self._store.reading() as tables:
            rows = tables.inbox()
        return {(topic, part): InboxPosition(tid, at) for topic, part, tid, at in rows}

    def forget_inbox(self) -> None:
        """Forget the inbox positions, for an inbox that was made anew. A person's decision."""
        with self._store.writing() as tables:
            tables.forget_inbox()

    def refusals(self, after: int = 0, limit: int = PAGE) -> list[Refusal]:
        """Refused inbox records in the order of refusal."""
        sql = "SELECT id, value FROM refusals WHERE id > ? ORDER BY id LIMIT ?"
        with self._store.reading() as tables:
            rows = tables.rows(sql, (after, limit))
        return [Refusal(int(r["id"]), quarantine.decode(bytes(r["value"]))) for r in rows]

    def refusal_counts(self) -> dict[str, int]:
        """Reason code -> number of inbox records refused for it."""
        sql = "SELECT reason, COUNT(*) AS n FROM refusals GROUP BY reason"
        with self._store.reading() as tables:
            return {r["reason"]: int(r["n"]) for r in tables.rows(sql)}

    def source_counters(self) -> dict[str, int]:
        """Source -> the last number that it used here."""
        with self._store.reading() as tables:
            rows = tables.rows("SELECT source, seq FROM sources ORDER BY source")
        return {r["source"]: int(r["seq"]) for r in rows}

    def relay_position(self) -> int:
        """The last notification that the relay is done with."""
        return self.relay_state().position

    def relay_state(self) -> RelayState:
        with self._store.reading() as tables:
            text = tables.meta("relay")
        return RelayState(**json.loads(text)) if text else RelayState()

    def set_relay_state(self, state: RelayState) -> None:
        text = json.dumps({**vars(state), "topic_ids": dict(state.topic_ids)})
        with self._store.writing() as tables:
            tables.set_meta(relay=text)

    def set_relay_position(self, position: int) -> None:
        """Put the relay back or forward; what it sends again is known by its event ids."""
        self.set_relay_state(replace(self.relay_state(), position=position, sent=position))


def _opened(url: str, create: bool) -> SQLiteStore | PostgresStore:
    store = store_of(url)
    if not store.exists() and not create:
        store.close()
        raise LedgerMissing(url)
    store.create()
    return store


def _expect(tables: Tables, expected: Mapping[str, int]) -> None:
    heads = tables.heads(list(expected))
    for stream, version in expected.items():
        if heads.get(stream, 0) != version:
            raise Conflict(f"{stream} is at {heads.get(stream, 0)}, not at {version}")


def _move(tables: Tables, moves: Sequence[InboxMove]) -> None:
    if not moves:
        return
    now = {(topic, part): (tid, at) for topic, part, tid, at in tables.inbox()}
    for move in moves:
        stored = now.get((move.topic, move.partition))
        if stored is not None and stored != (move.topic_id, move.from_offset):
            raise InboxMoved(
                f"{move.topic}/{move.partition} was read up to {stored[1]} by another intake"
            )
    tables.set_inbox([(m.topic, m.partition, m.topic_id, m.next_offset) for m in moves])


def _numbered(outcome: Outcome, numbers: Sequence[int]) -> Outcome:
    if outcome.notification is None:
        return outcome
    return outcome._replace(notification=numbers[outcome.notification])


def _recorded(events: Sequence[Event], outcomes: Sequence[Outcome]) -> list[Event]:
    out = []
    for event, outcome in zip(events, outcomes, strict=True):
        if outcome.reason is not None:
            raise Refused(outcome.reason, outcome.sentence)
        if outcome.status is Status.ACCEPTED:
            out.append(
                replace(event, recorded_at=outcome.recorded_at, source_seq=outcome.source_seq)
            )
    return out


def _notification(stored: StoredNotification) -> Notification:
    return Notification(stored.id, stored.topic, stored.state, str(stored.originator_id))
