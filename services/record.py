"""The correction of a record: taken back or put right by who made it; never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas import avro
from schemas.checks import check
from schemas.event import Corrects, Event, EventId, Text
from schemas.events.ladder import RecordCorrected
from schemas.times import Instant
from services.command import OnObligation, Seen, broken, named
from services.owed import last_correction


@dataclass(frozen=True, kw_only=True)
class CorrectRecord(OnObligation):
    """`target` was recorded wrongly: `replacement` is its whole right value, None takes it back."""

    target: EventId
    replacement: Event | None = None
    reason: Text | None = None

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        return decide(seen[self.obligation], self, now)


def decide(events: Sequence[Event], command: CorrectRecord, now: Instant) -> list[Event]:
    """The correction; [] where it holds already. Raises Refused."""
    target = next((event for event in events if event.event_id == command.target), None)
    if target is None:
        raise broken(f"{command.obligation} has no such record; name its event id", "target")
    if isinstance(target, Corrects):
        raise broken("a correction is not corrected; correct the record itself again", "target")
    if command.by != target.by:
        raise broken(f"only {target.by}, which recorded it, may correct it", "by")
    value = _replacement(target, command)
    holds = last_correction(events, command.target)
    if holds is not None and (holds.void, holds.replacement) == (value is None, value):
        return []
    corrected = RecordCorrected(
        **command.envelope(now),
        obligation=target.obligation,
        unit=target.unit,
        programme=target.programme,
        target=command.target,
        void=value is None,
        replacement=value,
        reason=command.reason,
    )
    return [named(corrected)]


def _replacement(target: Event, command: CorrectRecord) -> bytes | None:
    if command.replacement is None:
        return None
    check(command.replacement)
    kept = ("event_id", "obligation", "by", "source")
    given = command.replacement
    if given.type != target.type or any(getattr(given, k) != getattr(target, k) for k in kept):
        raise broken(
            "the corrected value keeps the record's type, event id, obligation, by and source; "
            "a wrong obligation is taken back and told anew",
            "replacement",
        )
    return avro.encode(given)
