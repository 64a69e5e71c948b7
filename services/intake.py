"""The intake: what unit systems put into the inbox goes into the ledger, each record once.

The position of the inbox moves in the transaction that records; what is refused goes to the
quarantine outbox in the same transaction, and the stream goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from schemas import avro, topics
from schemas.checks import check
from schemas.event import Event
from schemas.limits import MESSAGE_BYTES_MAX
from schemas.quarantine import Place, Quarantined, quarantined
from schemas.refusal import Reason, Refused
from schemas.times import Instant
from services.batch import Claim, Status
from services.ledger import InboxMove, InboxPosition, Ledger
from services.log import Log, Record

INTAKE_PAGE = 500
"""Records of one partition that are read and recorded in one transaction."""
SchemaIds = Callable[[int], bytes]


class IntakeStopped(Exception):
    """The inbox is not the one that was read before; a person must look before it goes on."""


class Taken(NamedTuple):
    """What one step did, in records."""

    accepted: int = 0
    duplicate: int = 0
    refused: int = 0

    @property
    def records(self) -> int:
        return self.accepted + self.duplicate + self.refused


class Intake:
    """Reads `<prefix>inbox` into a ledger. One per ledger: hold `ledger.lock("intake")`."""

    def __init__(
        self,
        ledger: Ledger,
        log: Log,
        *,
        clock: Callable[[], Instant],
        prefix: str = topics.DEFAULT_PREFIX,
        schema_ids: SchemaIds | None = None,
    ) -> None:
        self._ledger = ledger
        self._log = log
        self._clock = clock
        self._topic = topics.INBOX.full(prefix)
        self._schema_ids = schema_ids
        self._positions: dict[int, int] = {}
        self._topic_id = ""

    def step(self) -> Taken:
        """Take the next page of every partition. Raises IntakeStopped, InboxMoved.

        After InboxMoved (another intake was faster) a new Intake begins at the stored positions.
        """
        if not self._topic_id:
            self._begin()
        counts: Counter[Status] = Counter()
        for partition, offset in self._positions.items():
            records = self._log.read(self._topic, partition, offset, INTAKE_PAGE)
            if records:
                counts += self._take(partition, offset, records)
        return Taken(counts[Status.ACCEPTED], counts[Status.DUPLICATE], counts[Status.REFUSED])

    def _begin(self) -> None:
        topic_id = self._log.topic_id(self._topic)
        stored = self._ledger.inbox_positions()
        positions = {}
        for partition, (start, end) in enumerate(self._log.ends(self._topic)):
            known = stored.get((self._topic, partition))
            if known is not None:
                self._same(partition, known, topic_id, start, end)
            positions[partition] = start if known is None else known.next_offset
        self._positions, self._topic_id = positions, topic_id

    def _same(
        self, partition: int, known: InboxPosition, topic_id: str, start: int, end: int
    ) -> None:
        place = f"{self._topic}/{partition}"
        if known.topic_id != topic_id:
            raise IntakeStopped(
                f"topic {self._topic} was made anew since this ledger read it (it was "
                f"{known.topic_id}, now it is {topic_id}); what stood in the old one and was not "
                "read is gone. Let its senders send again, then say `relay forget-inbox`"
            )
        if known.next_offset > end:
            raise IntakeStopped(
                f"{place} ends at {end}, but this ledger has read up to {known.next_offset}; "
                "the log has lost records, or it is another cluster's"
            )
        if known.next_offset < start:
            raise IntakeStopped(
                f"{place} begins at {start}, but this ledger has read up to {known.next_offset}; "
                "retention removed records that were never read. Let their senders send again"
            )

    def _take(self, partition: int, offset: int, records: Sequence[Record]) -> Counter[Status]:
        claims: list[Claim] = []
        refused: list[Quarantined] = []
        for record in records:
            place = Place(self._topic, self._topic_id, partition, record.offset)
            try:
                claims.append(self._claim(record.value, place))
            except Refused as why:
                refused.append(quarantined(why, place, record.value, self._clock()))
        after = records[-1].offset + 1
        move = InboxMove(self._topic, self._topic_id, partition, offset, after)
        outcomes = self._ledger.record(claims, inbox=[move], refused=refused)
        self._positions[partition] = after
        return Counter([one.status for one in outcomes] + [Status.REFUSED] * len(refused))

    def _claim(self, value: bytes | None, place: Place) -> Claim:
        if value is not None and len(value) > MESSAGE_BYTES_MAX:
            raise Refused(
                Reason.TOO_LARGE,
                f"the value is {len(value)} bytes; {MESSAGE_BYTES_MAX} at most",
                "value",
            )
        event = avro.decode(value, self._schema_ids)
        check(event)
        return Claim(event, self._bytes(value, event), place)

    def _bytes(self, value: bytes | None, event: Event) -> bytes:
        # Of bytes in our own encoding the ledger changes recorded_at alone.
        if value is not None and value.startswith(avro.MARKER):
            return value
        return avro.encode(event)
