"""A report, plan, self-assessment or inspection plan: expected, sent, judged, consolidated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, assert_never, cast

from schemas.event import Event, Meets, Opens, Text
from schemas.events.report import (
    Figure,
    InspectionPlanAdopted,
    ReportAccepted,
    ReportConsolidated,
    ReportDueDetermined,
    ReportDueExtended,
    ReportExpected,
    ReportIncluded,
    ReportRequested,
    ReportReturned,
    ReportSubmitted,
    ReportTransferred,
    ReportWaived,
)
from schemas.times import Day, Instant, day_of, format_day
from services import rules
from services.command import Command, OnObligation, Seen, broken, named, with_programmes
from services.owed import Owed, owed_of

REPORT_KINDS = ("report", "plan", "self_assessment", "inspection_plan")


@dataclass(frozen=True, kw_only=True)
class _OnReport(OnObligation):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        found = decide(owed_of(seen[self.obligation]), cast("ReportCommand", self), now)
        return rules.not_closed(seen, found)


@dataclass(frozen=True, kw_only=True)
class ExpectReport(_OnReport):
    """The calendar of a rule says that `unit` owes a report for a period."""

    unit: str
    item: str
    kind: str = "report"
    programme: str | None = None
    area: str | None = None
    period: str | None = None
    due_before: Day | None = None
    done_when: str = "sent"
    title: Text | None = None
    to: tuple[str, ...] = ()
    via: str | None = None
    rule: str | None = None
    template: str | None = None


@dataclass(frozen=True, kw_only=True)
class RequestReport(_OnReport):
    """A superior asks `unit` for a report outside the calendar."""

    unit: str
    item: str
    programme: str | None = None
    area: str | None = None
    due_before: Day | None = None
    title: Text | None = None
    to: tuple[str, ...] = ()
    via: str | None = None
    contents: Text | None = None


@dataclass(frozen=True, kw_only=True)
class AcceptReport(_OnReport):
    """A recipient accepts it."""

    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnReport(_OnReport):
    """A recipient sends it back for revision, until `revise_before`."""

    revise_before: Day | None = None
    reasons: tuple[str, ...] = ()
    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ExtendReportDue(_OnReport):
    """The issuer gives more time, by a document."""

    due_before: Day
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class DetermineReportDue(_OnReport):
    """The issuer sets a day where there was none, or an earlier one."""

    due_before: Day
    condition: Text | None = None


@dataclass(frozen=True, kw_only=True)
class WaiveReport(_OnReport):
    """A recipient does without it."""

    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class TransferReport(_OnReport):
    """Another unit owes it from the effective instant on."""

    to_unit: str
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class SubmitReport(Command):
    """An ower sends one document, which may satisfy several obligations.

    The same for plans, self-assessments and inspection plans (then `subjects` may be named).
    `data_cutoff_on` is the day up to which its figures are actual ones; `figures_from` and
    `figures_to` are given where they tell of another time than the period.
    """

    obligations: tuple[str, ...]
    data_cutoff_on: Day | None = None
    template: str | None = None
    areas: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    subjects: tuple[str, ...] = ()
    text: Text | None = None
    figures_from: Day | None = None
    figures_to: Day | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        return with_programmes(self.obligations, seen)

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        found = [
            event
            for obligation in dict.fromkeys(self.obligations)
            for event in _submitted(owed_of(seen[obligation]), obligation, self, now)
        ]
        return rules.not_closed(seen, correlated(found))


@dataclass(frozen=True, kw_only=True)
class ConsolidateReports(OnObligation):
    """The ower of `obligation` made one report of many; it says which, and which are missing."""

    included: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    text: Text | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        return (self.obligation, *self.included, *self.missing)

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        return _consolidated(self, {one: owed_of(events) for one, events in seen.items()}, now)


ReportCommand: TypeAlias = (
    ExpectReport
    | RequestReport
    | AcceptReport
    | ReturnReport
    | ExtendReportDue
    | DetermineReportDue
    | WaiveReport
    | TransferReport
)


def decide(owed: Owed, command: ReportCommand, now: Instant) -> list[Event]:
    """The events that follow from a command; [] where all is so already. Raises Refused."""
    if isinstance(command, ExpectReport):
        return rules.open_once(owed, _expected(command, now))
    if isinstance(command, RequestReport):
        return rules.open_once(owed, _requested(command, now))
    if isinstance(command, WaiveReport) and owed.dropped is not None:
        return []
    opened = rules.opening(owed, command.obligation, REPORT_KINDS, "report")
    fields = rules.about(command, owed, opened, now)
    match command:
        case AcceptReport() | ReturnReport():
            return _judged(owed, opened, fields, command)
        case ExtendReportDue():
            rules.never_the_ower(owed, opened, command, now, "extend")
            fields |= {"due_before": command.due_before, "reason": command.reason}
            return rules.by_document(rules.extend(owed, ReportDueExtended(**fields)), "extended")
        case DetermineReportDue():
            rules.never_the_ower(owed, opened, command, now, "determine")
            fields |= {"due_before": command.due_before, "condition": command.condition}
            return rules.determine(owed, ReportDueDetermined(**fields))
        case WaiveReport():
            rules.recipient_only(opened, command, "waive")
            if command.by == owed.ower_at(command.at(now)) != opened.issuer:
                raise broken("an ower does not waive its own report", "by")
            return rules.drop(owed, ReportWaived(**fields, reason=command.reason))
        case TransferReport():
            rules.issuer_only(opened, command, "transfer")
            fields |= {"to_unit": command.to_unit, "reason": command.reason}
            return rules.hand_over(owed, ReportTransferred(**fields))
        case _:
            assert_never(command)


def _expected(command: ExpectReport, now: Instant) -> ReportExpected:
    return ReportExpected(
        **command.envelope(now),
        **_opening_fields(command),
        kind=command.kind,
        period=command.period,
        done_when=command.done_when,
        rule=command.rule,
        template=command.template,
    )


def _requested(command: RequestReport, now: Instant) -> ReportRequested:
    return ReportRequested(
        **command.envelope(now), **_opening_fields(command), contents=command.contents
    )


def _opening_fields(command: ExpectReport | RequestReport) -> dict[str, Any]:
    return {
        "obligation": command.obligation,
        "unit": command.unit,
        "programme": command.programme,
        "item": command.item,
        "area": command.area,
        "due_before": command.due_before,
        "issuer": command.by,
        "title": command.title,
        "to": command.to,
        "via": command.via,
    }


def _judged(
    owed: Owed, opened: Opens, fields: dict[str, Any], command: AcceptReport | ReturnReport
) -> list[Event]:
    # The answer names the submission it answers, so that clocks that differ cannot part them.
    fields["causation_id"] = owed.submission.event_id if owed.submission else None
    fields["text"] = command.text
    if isinstance(command, AcceptReport):
        rules.recipient_only(opened, command, "accept")
        # A paper report that nobody recorded is accepted as it lies on the table.
        return rules.accept(owed, ReportAccepted(**fields))
    rules.recipient_only(opened, command, "return")
    fields |= {"revise_before": command.revise_before, "reasons": command.reasons}
    return rules.send_back(owed, ReportReturned(**fields))


def _submitted(owed: Owed, obligation: str, command: SubmitReport, now: Instant) -> list[Event]:
    opened = rules.opening(owed, obligation, REPORT_KINDS, "report")
    rules.ower_only(owed, command, now, "send")
    fields: dict[str, Any] = {
        **command.envelope(now),
        "obligation": obligation,
        "unit": owed.ower_at(command.at(now)),
        "programme": opened.programme,
        "areas": command.areas,
        "text": command.text,
    }
    sent: Meets
    if opened.kind == "inspection_plan":
        sent = InspectionPlanAdopted(**fields, subjects=command.subjects)
    else:
        sent = ReportSubmitted(
            **fields,
            data_cutoff_on=command.data_cutoff_on,
            template=command.template,
            derived_from=command.derived_from,
            figures=command.figures,
            figures_from=command.figures_from,
            figures_to=command.figures_to,
        )
        _check_days(sent)
    return rules.meet(owed, opened, sent)


def _check_days(sent: ReportSubmitted) -> None:
    # A report is due before its period ends: its cut-off may lie before that end, but what is
    # actual lies behind the sender.
    cutoff, sent_on = sent.data_cutoff_on, day_of(sent.effective_at)
    if cutoff is not None and cutoff > sent_on:
        raise broken(
            f"it is sent on {format_day(sent_on)}; figures later than that are no actual ones",
            "data_cutoff_on",
        )
    first, last = sent.figures_from, sent.figures_to
    if first is not None and last is not None and first > last:
        raise broken("the time that figures tell of ends before it begins", "figures_to")


def _consolidated(command: ConsolidateReports, owed: dict[str, Owed], now: Instant) -> list[Event]:
    own = owed[command.obligation]
    opened = rules.opening(own, command.obligation, REPORT_KINDS, "report")
    rules.ower_only(own, command, now, "consolidate reports for")
    earlier = [note for note in own.notes if isinstance(note, ReportConsolidated)]
    if earlier:
        if (earlier[-1].included, earlier[-1].missing) == (command.included, command.missing):
            return []
        raise broken(
            "an issued consolidation is not changed; what came later is a supplement", "included"
        )
    parts = (*command.included, *command.missing)
    if command.obligation in parts:
        raise broken("a report does not contain itself", "included")
    if set(command.included) & set(command.missing):
        raise broken("a report is included or missing, not both", "missing")
    if len(set(parts)) < max(len(parts), 1):
        raise broken("a consolidation names each report once, and at least one", "included")
    for obligation in command.missing:
        rules.opening(owed[obligation], obligation, REPORT_KINDS, "report")
    fields = rules.about(command, own, opened, now)
    out: list[Event] = [
        named(
            ReportConsolidated(
                **fields, included=command.included, missing=command.missing, text=command.text
            )
        )
    ]
    for obligation in command.included:
        part = rules.opening(owed[obligation], obligation, REPORT_KINDS, "report")
        if not owed[obligation].done:
            raise broken(f"{obligation} was not sent; name it among the missing", "included")
        about = {**fields, "obligation": obligation, "unit": owed[obligation].ower}
        about |= {"programme": part.programme}
        out.append(named(ReportIncluded(**about, consolidation=command.obligation)))
    return correlated(out)


def correlated(events: list[Event]) -> list[Event]:
    """Events of one document get one correlation: the id of the first, where there are several."""
    if len(events) < 2 or events[0].correlation_id is not None:
        return events
    first = events[0].event_id
    return [replace(event, correlation_id=first) for event in events]
