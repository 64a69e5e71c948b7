"""What was refused on its way in: kept with the ledger until the quarantine topic has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from schemas import quarantine
from schemas.quarantine import Quarantined
from schemas.refusal import Refused
from schemas.times import Instant
from services.batch import Outcome, Prepared
from services.store import Tables


def keep(tables: Tables, records: Sequence[Quarantined]) -> None:
    """Number refused records and put them into the outbox, in this transaction."""
    if records:
        last = tables.last_refusal()
        tables.add_refusals(
            [
                (last + number, record.at, record.reason, quarantine.encode(record))
                for number, record in enumerate(records, start=1)
            ]
        )


def fallen(
    groups: Sequence[Sequence[Prepared]], found: Sequence[Sequence[Outcome]], now: Instant
) -> Iterator[Quarantined]:
    """Of a batch, the refused claims that came from a place to which somebody can be pointed."""
    for group, outcomes in zip(groups, found, strict=True):
        for one, outcome in zip(group, outcomes, strict=True):
            if outcome.reason is not None and one.claim.place is not None:
                refused = Refused(outcome.reason, outcome.sentence)
                yield quarantine.quarantined(refused, one.claim.place, one.claim.value, now)
