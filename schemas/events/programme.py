"""Events of a programme: the document that holds tasks and rules."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.event import Code, Context, Text, Word, event
from schemas.times import Day


@dataclass(frozen=True, kw_only=True)
class Item:
    """A row of a programme. `counted` where it makes obligations, else it is content."""

    id: Word
    kind: Word
    title: Text
    area: Word | None = None
    parent: Word | None = None
    counted: bool = False
    inferred: bool = False


@event("programme.issued.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ProgrammeIssued(Context):
    """A numbered document with tasks and rules was issued by `unit` (row 1; S1:10)."""

    number: Word
    title: Text
    covers_from: Day | None = None
    covers_to: Day | None = None
    in_force_on: Day | None = None
    derives_from: Word | None = None
    revision_days: int | None = None
    before_is_exclusive: bool = True
    date_inferred: bool = False
    items: tuple[Item, ...] = ()


@event("programme.amended.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ProgrammeAmended(Context):
    """Items were added, changed or dropped by the issuer (row 2; S3:19)."""

    items_set: tuple[Item, ...] = ()
    items_dropped: tuple[Word, ...] = ()
    reason: Text | None = None


@event("programme.closed.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ProgrammeClosed(Context):
    """The programme ended by its final review (row 3)."""

    final_report: Word | None = None
    reason: Text | None = None


@event("reporting_rule.established.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ReportingRuleEstablished(Context):
    """Units of these classes owe a report per period (row 21; S1:179).

    `due_rule` is the rule as canonical JSON of schemas.due; `period_kinds` are year, half_year,
    quarter, month or once.
    """

    rule: Word
    title: Text
    report_kind: Word
    period_kinds: tuple[Word, ...] = ()
    owers: tuple[Word, ...] = ()
    to: tuple[Code, ...] = ()
    via: Code | None = None
    due_rule: str | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None
    template: Word | None = None
