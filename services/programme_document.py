"""A programme file (cchc-programme/1) as typed data: who owes what by which words, marks kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from schemas.due import DueRule
from schemas.periods import PeriodKind
from schemas.times import Day


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit that the document names; `id` is local to the province."""

    id: str
    name: str
    level: str
    kind: str
    parent: str | None
    aliases: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    inferred: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class UnitClass:
    """A class of units such as "the departments"; members come from outside, few are named."""

    id: str
    name: str
    level: str
    member_kind: str
    named_members: tuple[str, ...] = ()
    inferred: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Area:
    """A field of reform. `name` is Vietnamese where the document has a name, else English."""

    id: str
    name: str
    parent: str | None
    inferred: bool


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A duty that only units owe which say that the condition holds."""

    mode: Literal["opt_in_by_unit", "opt_in_by_fact"]
    as_written: str


@dataclass(frozen=True, kw_only=True)
class Task:
    """A row of the document. Leads are unit ids or `class:<id>`; only `countable` rows are owed."""

    id: str
    title: str
    kind: str
    areas: tuple[str, ...]
    parent: str | None
    lead: tuple[str, ...]
    lead_mode: str | None
    coordinating: tuple[str, ...]
    due: DueRule
    due_as_written: str | None
    countable: bool
    condition: Condition | None
    evidence: str | None
    target: str | None
    depends_on: tuple[str, ...]
    note: str | None
    seed_lines: tuple[int, ...]
    inferred: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ReportingRule:
    """A standing duty to report. `owers` are references; where the document names the owers only
    in prose (`owers_prose`) or not at all, it is empty. So is `to`, with `to_prose`.
    """

    id: str
    title: str
    report_type: str
    periods: tuple[PeriodKind, ...]
    period_words: tuple[str, ...]
    owers: tuple[str, ...]
    owers_prose: str | None
    to: tuple[str, ...]
    to_prose: str | None
    via: str | None
    due: DueRule
    due_as_written: str | None
    realises: tuple[str, ...]
    contents: str | None
    seed_lines: tuple[int, ...]
    inferred: frozenset[str]

    @property
    def embedded(self) -> bool:
        """A rule on the contents of other reports (S1 R9): nothing is sent for it alone."""
        return self.report_type == "embedded_section"


@dataclass(frozen=True, kw_only=True)
class InspectionRule:
    """Who inspects whom; inspectors that are prose or unknown leave `inspectors` empty.

    `title` is None where the file does not quote its words; `contents` says them in English.
    """

    id: str
    title: str | None
    contents: str | None
    inspectors: tuple[str, ...]
    inspectors_prose: str | None
    subjects: tuple[str, ...]
    frequency: DueRule | None
    frequency_as_written: str | None
    plan_due: DueRule | None
    plan_due_as_written: str | None
    realises: tuple[str, ...]
    seed_lines: tuple[int, ...]
    inferred: frozenset[str]


ADJUSTMENT = "adjustment_rule"
"""The kind of the provisions that say who may adjust the document."""


@dataclass(frozen=True, kw_only=True)
class Provision:
    """What the document lays down beside its rows: how is assessed, petitioned or adjusted, and
    which rows are about information technology. It opens nothing by itself.

    `sort` is the document's own word for it, `by` who does it, `to` whom it is sent, `subjects`
    about whom, as references; `subjects_prose` where it names no unit. `rows` are the rows that it
    is about.
    """

    id: str
    kind: str
    sort: str | None
    title: str
    by: tuple[str, ...]
    to: tuple[str, ...]
    subjects: tuple[str, ...]
    subjects_prose: str | None
    rows: tuple[str, ...]
    seed_lines: tuple[int, ...]
    inferred: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ProgrammeDocument:
    """The whole document. `issued_inferred`: its date is not on the paper but assumed here.

    `replaces` are the reports (half_year, year) that replace the one of the last quarter in them,
    `accepted_kinds` the kinds of duty that are done when they are accepted. `revision_days` are
    given by a return that names no day. With `shifts_to_working_day` a due on a weekend or one of
    `days_off` goes on to the next working day.
    """

    id: str
    province_id: str
    province_name: str
    before_is_exclusive: bool
    number: str
    kind: str
    title: str
    issuer: str
    issued_on: Day
    issued_inferred: bool
    in_force_on: Day
    covers_from: Day
    covers_to: Day
    derives_from: tuple[str, ...]
    units: tuple[Unit, ...]
    classes: tuple[UnitClass, ...]
    areas: tuple[Area, ...]
    tasks: tuple[Task, ...]
    rules: tuple[ReportingRule, ...]
    inspections: tuple[InspectionRule, ...]
    inferred: frozenset[str]
    provisions: tuple[Provision, ...] = ()
    replaces: tuple[str, ...] = ()
    accepted_kinds: tuple[str, ...] = ()
    revision_days: int | None = None
    shifts_to_working_day: bool = False
    days_off: tuple[Day, ...] = ()

    def acting(self, unit_id: str) -> str:
        """The id of the unit that acts: a chair signs for the committee that it heads."""
        for unit in self.units:
            if unit.id == unit_id and unit.kind == "chair" and unit.parent is not None:
                return unit.parent
        return unit_id
