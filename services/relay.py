"""The relay: carries the ledger's own log, in order, to the topics. At least once, nothing skipped.

Unannounced inspections wait in the ledger until they were held (services/withheld.py).
Its position stands in the ledger's database and moves after the log has acknowledged. Before its
first record it makes sure that what stands last on the topics is this ledger's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemas import avro, quarantine, topics
from schemas.cloudevents import LedgerMark, headers, ledger_mark
from services.ledger import Ledger, Notification, RelayState
from services.log import Log, Outgoing, Record
from services.withheld import Withheld

RELAY_PAGE = 1_000
"""Notifications sent and acknowledged before the position moves."""
REFUSALS_PAGE = 50
"""Refusals sent at once; each may be as large as the quarantine topic takes."""
READ_SECONDS = 10.0
"""How long the start waits for the last record of a partition."""


class RelayStopped(Exception):
    """Sending would mix two ledgers or hide a loss; a person must look first."""


class Relay:
    """Sends one ledger to its topics. One per ledger: hold `ledger.lock("relay")`."""

    def __init__(self, ledger: Ledger, log: Log, *, prefix: str = topics.DEFAULT_PREFIX) -> None:
        self._ledger = ledger
        self._log = log
        self._names = {
            topic.name: topic.full(prefix)
            for topic in (topics.EVENTS, topics.UNITS, topics.PROGRAMMES)
        }
        self._quarantine = topics.QUARANTINE.full(prefix)
        self._state: RelayState | None = None
        self._withheld = Withheld(ledger)

    @property
    def position(self) -> int:
        """The last notification that the relay is done with."""
        return self._ledger.relay_position() if self._state is None else self._state.position

    def step(self) -> int:
        """Send one page of events and one of refusals; how many records were sent.

        Raises RelayStopped at the first call where the topics are not this ledger's.
        """
        if self._state is None:
            self._state = self._checked()
        return self._send_events(self._state) + self._send_refusals(self._state)

    def look_again(self) -> None:
        """Make sure that nobody else has written the topics meanwhile: a copied home, say.

        Raises RelayStopped as the first step does.
        """
        if self._state is not None:
            self._state = self._checked()

    def refill(self) -> None:
        """Begin again from the first event, for topics that were made anew. A person's decision."""
        self._state = None
        self._ledger.set_relay_state(RelayState())

    def _send_events(self, state: RelayState) -> int:
        page = self._ledger.notifications(state.position, RELAY_PAGE)
        if not page:
            return 0
        told = list(self._withheld.told(page))
        messages = [self._message(one) for _, one in told]
        self._log.append(messages)
        self._keep(position=page[-1].id, sent=told[-1].at if told else state.sent)
        return len(messages)

    def _send_refusals(self, state: RelayState) -> int:
        page = self._ledger.refusals(state.refusals, REFUSALS_PAGE)
        if not page:
            return 0
        self._log.append(
            [
                Outgoing(self._quarantine, one.record.place.encode(), quarantine.encode(one.record))
                for one in page
            ]
        )
        self._keep(refusals=page[-1].id)
        return len(page)

    def _message(self, notification: Notification) -> Outgoing:
        event = avro.envelope(notification.value)
        mark = LedgerMark(self._ledger.id, self._ledger.epoch, notification.id)
        return Outgoing(
            self._names[event.topic],
            event.key.encode(),
            notification.value,
            headers(event, mark),
        )

    def _keep(self, **changed: int) -> None:
        state = replace(self._state or RelayState(), **changed)  # type: ignore[arg-type]
        self._ledger.set_relay_state(state)
        self._state = state

    def _checked(self) -> RelayState:
        state = self._ledger.relay_state()
        ids = {name: self._log.topic_id(name) for name in self._names.values()}
        for name, known in state.topic_ids.items():
            if ids.get(name, known) != known:
                raise RelayStopped(
                    f"topic {name} was made anew since this ledger last sent to it; if its "
                    "records are to be sent again from the first one, say so with `relay refill`"
                )
        last = 0
        for name in ids:
            for record in self._last_records(name):
                last = max(last, self._ours(record))
        if last < state.sent:
            raise RelayStopped(
                f"this ledger has sent up to its number {state.sent}, but the topics end at "
                f"{last}: the log has lost records, or it is another cluster's"
            )
        state = replace(state, topic_ids=ids)
        self._ledger.set_relay_state(state)
        return state

    def _last_records(self, topic: str) -> list[Record]:
        found: list[Record] = []
        for partition, (start, end) in enumerate(self._log.ends(topic)):
            if end > start:
                read: Sequence[Record] = self._log.read(topic, partition, end - 1, 1, READ_SECONDS)
                if not read:
                    raise RelayStopped(f"the last record of {topic}/{partition} cannot be read")
                found.append(read[0])
        return found

    def _ours(self, record: Record) -> int:
        place = f"{record.topic}/{record.partition}/{record.offset}"
        mark = ledger_mark(record.headers)
        if mark is None:
            raise RelayStopped(f"{place} bears no ledger's mark; only a relay may write this topic")
        if mark.ledger != self._ledger.id:
            raise RelayStopped(
                f"{place} was sent by ledger {mark.ledger}, and this is {self._ledger.id}; "
                "two homes need two topic prefixes (LIENTHONG_TOPIC_PREFIX)"
            )
        if mark.epoch > self._ledger.epoch:
            raise RelayStopped(
                f"{place} was sent by epoch {mark.epoch} of this ledger, and this copy is of "
                f"epoch {self._ledger.epoch}; a restored ledger has taken its place"
            )
        held = self._ledger.notifications(mark.notification - 1, 1)
        if not held or held[0].id != mark.notification or held[0].value != record.value:
            raise RelayStopped(
                f"{place} is number {mark.notification} of this ledger, but the ledger does not "
                "hold it; the ledger is an older copy. Restore it before it sends"
            )
        told_at = self._withheld.told_at(held[0])
        # What waited is sent right before what let it out, and after all that stands before that.
        return mark.notification if told_at == mark.notification else told_at - 1
