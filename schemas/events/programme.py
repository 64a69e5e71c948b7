"""Events of a programme: the document that holds tasks and rules."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.event import Code, Context, DoneWhen, Text, Word, event
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


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a row says of who does it and when, by unit codes and `class:<code>`, as written.

    `depends_on` are rows of the same programme that must be done before (domain 7.4).
    """

    item: Word
    lead: tuple[Word, ...] = ()
    helpers: tuple[Word, ...] = ()
    due: Text | None = None
    depends_on: tuple[Word, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Provision:
    """What a document lays down beside its rows: how is inspected, assessed, petitioned, adjusted.

    It makes no obligation. `sort` is the document's own word for it; `by`, `to` and `subjects` are
    unit codes, `class:<code>` or prose, `rows` the rows of the document that it is about, `due` its
    time as written, `lines` its lines in the paper, `inferred` what of it the paper does not say.
    """

    id: Word
    kind: Word
    title: Text
    sort: Word | None = None
    by: tuple[Word, ...] = ()
    to: tuple[Word, ...] = ()
    subjects: tuple[Word, ...] = ()
    rows: tuple[Word, ...] = ()
    due: Text | None = None
    lines: tuple[int, ...] = ()
    inferred: tuple[Word, ...] = ()


@event("programme.issued.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ProgrammeIssued(Context):
    """A numbered document with tasks and rules was issued by `unit` (row 1; S1:10).

    `terms` None: the sender does not tell who leads its rows and by when; `provisions` None: nor
    what it lays down beside them. With `shifts_to_working_day` a due that its rules put on a
    weekend, or on one of `days_off`, goes on to the next working day; the seeds shift none.
    """

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
    terms: tuple[Terms, ...] | None = None
    shifts_to_working_day: bool | None = None
    days_off: tuple[Day, ...] | None = None
    provisions: tuple[Provision, ...] | None = None


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
    quarter, month or once. `item` is the countable task that the rule realises, whose id the
    obligations bear; else they bear `rule`. `copied` get the report and are owed nothing.
    `report_kind` may be any kind of obligation; `coordinating`, `evidence` and `target` go with a
    task. `conditional`: only those owe it that declare participation. `skips` are parts of the year
    that another series covers, such as Q2 where the half-year report replaces it (S4:54).
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
    item: Word | None = None
    area: Word | None = None
    copied: tuple[Code, ...] | None = None
    done_when: DoneWhen | None = None
    coordinating: tuple[Word, ...] | None = None
    evidence: Text | None = None
    target: Text | None = None
    conditional: bool | None = None
    skips: tuple[Word, ...] | None = None


@event("reporting_rule.withdrawn.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ReportingRuleWithdrawn(Context):
    """The rule ends; `last_period` is the last one still owed (row 22; S4:56)."""

    rule: Word
    last_period: Word | None = None
    reason: Text | None = None


@event("participation.declared.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ParticipationDeclared(Context):
    """`unit` takes part in an item that binds only who does (row 19; S3:73, S1:165).

    `holds` False takes it back from here on. It opens nothing by itself.
    """

    item: Word
    holds: bool = True


@event("condition.met.v1", topic="programmes")
@dataclass(frozen=True, kw_only=True)
class ConditionMet(Context):
    """Something outside happened for which a due waits (row 20; S3:98, S2:103).

    It moves nothing by itself; `item` None: whatever waits for this condition.
    """

    condition: Word
    item: Word | None = None
    text: Text | None = None
