"""Events on any obligation: urging, reminder, criticism, correction of a record, erasure."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.event import Corrects, Notes, Text, Word, const, event


@event("urging.sent.v1")
@dataclass(frozen=True, kw_only=True)
class UrgingSent(Notes):
    """The standing agency pushed before the due (row 30; S0:108)."""

    note: str = const("urged")
    text: Text | None = None


@event("reminder.issued.v1")
@dataclass(frozen=True, kw_only=True)
class ReminderIssued(Notes):
    """First measure after the due was missed (row 31; S1:189). One document, one correlation."""

    note: str = const("reminded")
    nth: int | None = None
    text: Text | None = None


@event("criticism.issued.v1")
@dataclass(frozen=True, kw_only=True)
class CriticismIssued(Notes):
    """Second, heavier measure; always a person's decision (row 32; S1:189)."""

    note: str = const("criticised")
    text: Text | None = None


@event("record.corrected.v1")
@dataclass(frozen=True, kw_only=True)
class RecordCorrected(Corrects):
    """An earlier record was wrong (row 51); it is never overwritten."""

    reason: Text | None = None


@event("record.texts_erased.v1")
@dataclass(frozen=True, kw_only=True)
class TextsErased(Notes):
    """The keys of this obligation's free texts were deleted for ever; no figure changes."""

    note: str = const("progress")
    key_ids: tuple[Word, ...]
