"""An inspection, what it found and the remedy: duties of the inspecting body and its subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, assert_never, cast

from schemas.event import Event, Opens, Text
from schemas.events.finding import (
    FindingClosed,
    FindingRecorded,
    FindingTransferred,
    FindingWithdrawn,
    RemedyDueExtended,
    RemedyReported,
    RemedyRequired,
    RemedyReturned,
)
from schemas.events.inspection import (
    InspectionAnnounced,
    InspectionCancelled,
    InspectionConducted,
    InspectionExpected,
    InspectionPlanned,
    InspectionTransferred,
)
from schemas.times import Day, Instant
from services import rules
from services.command import OnObligation, Seen, broken, named
from services.owed import Owed, owed_of


@dataclass(frozen=True, kw_only=True)
class _OnInspection(OnObligation):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        found = decide(owed_of(seen[self.obligation]), cast("InspectionCommand", self), now)
        return rules.not_closed(seen, found)


@dataclass(frozen=True, kw_only=True)
class ExpectInspection(_OnInspection):
    """A body owes an inspection in this period."""

    unit: str
    item: str
    programme: str | None = None
    area: str | None = None
    period: str | None = None
    due_before: Day | None = None
    title: Text | None = None
    rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class AnnounceInspection(_OnInspection):
    """The body says whom it will inspect and when. Unannounced ones are not announced."""

    subjects: tuple[str, ...]
    planned_on: Day | None = None


@dataclass(frozen=True, kw_only=True)
class ConductInspection(_OnInspection):
    """The inspection was held. `mode` absent: as it was planned, else periodic."""

    subjects: tuple[str, ...]
    mode: str | None = None
    from_on: Day | None = None
    to_on: Day | None = None
    areas: tuple[str, ...] = ()
    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class CancelInspection(_OnInspection):
    """The issuer takes the duty back."""

    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class TransferInspection(_OnInspection):
    """Another body owes it from the effective instant on."""

    to_unit: str
    reason: Text | None = None


InspectionCommand: TypeAlias = (
    ExpectInspection
    | AnnounceInspection
    | ConductInspection
    | CancelInspection
    | TransferInspection
)


@dataclass(frozen=True, kw_only=True)
class _OnFinding(OnObligation):
    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        owed = owed_of(seen[self.obligation])
        return decide_on_finding(owed, cast("FindingCommand", self), now)


@dataclass(frozen=True, kw_only=True)
class RecordFinding(OnObligation):
    """An inspection found something that `unit` must mend. `inspection` is its obligation."""

    unit: str
    item: str
    finding_kind: str
    inspection: str | None = None
    programme: str | None = None
    area: str | None = None
    due_before: Day | None = None
    done_when: str = "declared"
    task: str | None = None
    text: Text | None = None

    def streams(self, seen: Seen) -> Sequence[str]:
        return (self.obligation, *((self.inspection,) if self.inspection else ()))

    def decide(self, seen: Seen, now: Instant) -> list[Event]:
        if self.inspection is not None:
            _conducted(owed_of(seen[self.inspection]), self.inspection)
        return rules.open_once(owed_of(seen[self.obligation]), _recorded(self, now))


@dataclass(frozen=True, kw_only=True)
class RequireRemedy(_OnFinding):
    """The inspector says what must be done, and by when or without a day."""

    due_before: Day | None = None
    measure: str = "remedy"
    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ExtendRemedyDue(_OnFinding):
    """The inspector gives more time."""

    due_before: Day
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ReportRemedy(_OnFinding):
    """The subject says what it did."""

    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ReturnRemedy(_OnFinding):
    """The inspector is not content, and gives until `revise_before`."""

    revise_before: Day | None = None
    reasons: tuple[str, ...] = ()
    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class CloseFinding(_OnFinding):
    """The inspector verified and closed it; also what was mended on the spot."""

    text: Text | None = None


@dataclass(frozen=True, kw_only=True)
class WithdrawFinding(_OnFinding):
    """The inspector takes it back."""

    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class TransferFinding(_OnFinding):
    """Another unit must mend it from the effective instant on."""

    to_unit: str
    reason: Text | None = None


FindingCommand: TypeAlias = (
    RequireRemedy
    | ExtendRemedyDue
    | ReportRemedy
    | ReturnRemedy
    | CloseFinding
    | WithdrawFinding
    | TransferFinding
)


def decide(owed: Owed, command: InspectionCommand, now: Instant) -> list[Event]:
    """The events that follow from a command on an inspection; [] where all is so already."""
    if isinstance(command, ExpectInspection):
        return rules.open_once(owed, _expected(command, now))
    if isinstance(command, CancelInspection) and owed.dropped is not None:
        return []
    opened = rules.opening(owed, command.obligation, ("inspection",), "inspection")
    fields = rules.about(command, owed, opened, now)
    match command:
        case AnnounceInspection():
            rules.ower_only(owed, command, now, "announce")
            if owed.done:
                raise broken("it was held already; announcing comes before", "obligation")
            if planned_mode(opened) == "unannounced":
                raise broken("an unannounced inspection is told to nobody before", "obligation")
            fields |= {"subjects": command.subjects, "planned_on": command.planned_on}
            announced = InspectionAnnounced(**fields)
            told = any(rules.same_words(note, announced) for note in owed.notes)
            return [] if told else [named(announced)]
        case ConductInspection():
            rules.ower_only(owed, command, now, "hold")
            return rules.meet(owed, opened, _held(command, fields, opened))
        case CancelInspection():
            rules.issuer_only(opened, command, "cancel")
            return rules.drop(owed, InspectionCancelled(**fields, reason=command.reason))
        case TransferInspection():
            rules.issuer_only(opened, command, "transfer")
            fields |= {"to_unit": command.to_unit, "reason": command.reason}
            return rules.hand_over(owed, InspectionTransferred(**fields))
        case _:
            assert_never(command)


def decide_on_finding(owed: Owed, command: FindingCommand, now: Instant) -> list[Event]:
    """The events that follow from a command on a finding; [] where all is so already."""
    if isinstance(command, WithdrawFinding) and owed.dropped is not None:
        return []
    opened = rules.opening(owed, command.obligation, ("remedy",), "finding")
    fields = rules.about(command, owed, opened, now)
    match command:
        case RequireRemedy():
            return _required(owed, opened, fields, command)
        case ExtendRemedyDue():
            rules.never_the_ower(owed, opened, command, now, "extend")
            fields |= {"due_before": command.due_before, "reason": command.reason}
            return rules.extend(owed, RemedyDueExtended(**fields))
        case ReportRemedy():
            rules.ower_only(owed, command, now, "report the remedy of")
            return rules.meet(owed, opened, RemedyReported(**fields, text=command.text))
        case ReturnRemedy() | CloseFinding():
            return _judged(owed, opened, fields, command)
        case WithdrawFinding():
            rules.issuer_only(opened, command, "withdraw")
            return rules.drop(owed, FindingWithdrawn(**fields, reason=command.reason))
        case TransferFinding():
            rules.issuer_only(opened, command, "transfer")
            fields |= {"to_unit": command.to_unit, "reason": command.reason}
            return rules.hand_over(owed, FindingTransferred(**fields))
        case _:
            assert_never(command)


def _expected(command: ExpectInspection, now: Instant) -> InspectionExpected:
    return InspectionExpected(
        **command.envelope(now),
        obligation=command.obligation,
        unit=command.unit,
        programme=command.programme,
        item=command.item,
        area=command.area,
        period=command.period,
        due_before=command.due_before,
        issuer=command.by,
        title=command.title,
        rule=command.rule,
    )


def planned_mode(opened: Opens) -> str:
    """How it is to be held; what the calendar asks for is periodic."""
    return opened.mode if isinstance(opened, InspectionPlanned) else "periodic"


def _held(command: ConductInspection, fields: dict[str, Any], opened: Opens) -> InspectionConducted:
    return InspectionConducted(
        **fields,
        subjects=command.subjects,
        mode=command.mode or planned_mode(opened),
        from_on=command.from_on,
        to_on=command.to_on,
        areas=command.areas,
        text=command.text,
    )


def _conducted(owed: Owed, inspection: str) -> None:
    # An inspection that another system keeps is not in this ledger; then nothing can be said.
    if owed.opening is not None and not owed.done:
        raise broken(f"{inspection} was not held yet; findings follow an inspection", "inspection")


def _recorded(command: RecordFinding, now: Instant) -> FindingRecorded:
    return FindingRecorded(
        **command.envelope(now),
        obligation=command.obligation,
        unit=command.unit,
        programme=command.programme,
        item=command.item,
        area=command.area,
        due_before=command.due_before,
        done_when=command.done_when,
        issuer=command.by,
        finding_kind=command.finding_kind,
        inspection=command.inspection,
        task=command.task,
        text=command.text,
    )


def _required(
    owed: Owed, opened: Opens, fields: dict[str, Any], command: RequireRemedy
) -> list[Event]:
    rules.issuer_only(opened, command, "require a remedy of")
    fields |= {"due_before": command.due_before, "measure": command.measure}
    required = RemedyRequired(**fields, text=command.text)
    earlier = [move for move in owed.moves if isinstance(move, RemedyRequired)]
    if earlier and rules.same_words(earlier[-1], required):
        return []
    if owed.done:
        raise broken("the remedy was reported; return it before another is required", "obligation")
    due = owed.due_before
    if due is not None and (command.due_before is None or command.due_before > due):
        raise broken("it has a due already; more time is an extension", "due_before")
    return [named(required)]


def _judged(
    owed: Owed, opened: Opens, fields: dict[str, Any], command: ReturnRemedy | CloseFinding
) -> list[Event]:
    fields["causation_id"] = owed.submission.event_id if owed.submission else None
    fields["text"] = command.text
    if isinstance(command, CloseFinding):
        rules.issuer_only(opened, command, "close")
        return rules.accept(owed, FindingClosed(**fields))
    rules.issuer_only(opened, command, "return the remedy of")
    fields |= {"revise_before": command.revise_before, "reasons": command.reasons}
    return rules.send_back(owed, RemedyReturned(**fields))
