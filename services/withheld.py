"""What of a ledger nobody may see yet: unannounced inspections, until they were held.

The subject of an unannounced inspection must not learn of it before (domain 7.5, events.md 4). What
waits is a function of the obligation's own records alone, so that whoever reads the ledger passes
over the same records, after a crash and from the first record on, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from schemas import avro
from schemas.event import Effect, Event, event_types
from schemas.events.inspection import InspectionConcluded, InspectionConducted, InspectionPlanned
from services.ledger import PAGE, Notification

LETS_OUT = frozenset({InspectionConducted.type, InspectionConcluded.type})
"""What says that it was held. One that is cancelled before never leaves the ledger."""


class Recorded(Protocol):
    """What is needed of a ledger."""

    def notifications(self, after: int = 0, limit: int = PAGE) -> list[Notification]: ...

    def stream(self, stream: str) -> list[Notification]: ...

    def planned(self) -> frozenset[str]: ...


class Told(NamedTuple):
    """A record, and the number at which it may be seen: its own, or of what let it out."""

    at: int
    record: Notification


def waiting(records: Iterable[Notification]) -> list[Notification]:
    """Of one obligation's records, in their order, those that wait after the last of them.

    Whatever was opened openly is no secret: of it only the planning itself waits, so that nobody
    hides another unit's duty behind an inspection of the same id.
    """
    found: list[Notification] = []
    opened = False
    for one in records:
        if one.event_name in LETS_OUT:
            return []
        if _planned_in_secret(one):
            found.append(one)
            continue
        opened = opened or event_types()[one.event_name].effect is Effect.OPENS
        if found and not opened:
            found.append(one)
    return found


def _planned_in_secret(one: Notification) -> bool:
    # Only this rare type is decoded.
    if one.event_name != InspectionPlanned.type:
        return False
    event = avro.decode(one.value)
    return isinstance(event, InspectionPlanned) and event.mode == "unannounced"


class Withheld:
    """One ledger's log as others may see it. Threads may share it."""

    turns = LETS_OUT | {InspectionPlanned.type}
    """Names of what hides something or lets it out: whoever reads some types only reads these,
    too."""

    def __init__(self, ledger: Recorded, acting: str | None = None) -> None:
        """`acting` sees what it planned, has to hold, or acted on."""
        self._ledger = ledger
        self._acting = acting
        # Streams that may hold something back; one too many does no harm.
        self._streams = set(ledger.planned())

    def told(self, page: Sequence[Notification]) -> Iterator[Told]:
        """What may be seen once these records are there, in the order of telling.

        What waited comes right before what lets it out.
        """
        self._streams.update(one.stream for one in page if one.event_name == InspectionPlanned.type)
        for one in page:
            if one.stream in self._streams:
                yield from (Told(one.id, seen) for seen in self._seen(one))
            else:
                yield Told(one.id, one)

    def log(self, after: int = 0) -> Iterator[Told]:
        """Everything that may be seen now and was not seen when the ledger ended at `after`."""
        while page := self._ledger.notifications(after, PAGE):
            yield from self.told(page)
            after = page[-1].id

    def numbers(self, upto: int) -> frozenset[int]:
        """The numbers of what waits when the ledger ends at `upto`."""
        found = (self._waiting(self._records(stream, upto)) for stream in list(self._streams))
        return frozenset(one.id for records in found for one in records)

    def records(self, stream: str) -> list[Notification]:
        """What may be seen of one stream, in the order of its recording."""
        records = self._ledger.stream(stream)
        held = self._waiting(records)
        return [one for one in records if one not in held]

    def history(self, stream: str) -> list[Event]:
        """The same as events."""
        return [avro.decode(one.value) for one in self.records(stream)]

    def told_at(self, one: Notification) -> int:
        """The number at which a record was let out; its own if it never waited or still does."""
        records = self._ledger.stream(one.stream) if one.stream in self._streams else []
        for end, last in enumerate(records, start=1):
            if last.id >= one.id and one not in self._waiting(records[:end]):
                return last.id
        return one.id

    def _seen(self, one: Notification) -> list[Notification]:
        records = self._records(one.stream, one.id)
        now = self._waiting(records)
        if one in now:
            return []
        return [*(held for held in self._waiting(records[:-1]) if held not in now), one]

    def _records(self, stream: str, upto: int) -> list[Notification]:
        return [one for one in self._ledger.stream(stream) if one.id <= upto]

    def _waiting(self, records: Sequence[Notification]) -> list[Notification]:
        found = waiting(records)
        return [] if self._acting and any(map(self._takes_part, found)) else found

    def _takes_part(self, one: Notification) -> bool:
        event = avro.decode(one.value)
        # To whom it was handed over has to hold it.
        return self._acting in (event.unit, event.by, getattr(event, "to_unit", None))
