"""The desk of the simulation: how often things happen, and how one obligation is written up."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple, TypeVar

from schemas.event import Document, Event, EventId, HandsOver, Opens
from schemas.events.inspection import (
    InspectionAmended,
    InspectionCancelled,
    InspectionConducted,
    InspectionTransferred,
)
from schemas.events.report import (
    InspectionPlanAdopted,
    ReportAccepted,
    ReportAmended,
    ReportDueDetermined,
    ReportDueExtended,
    ReportReturned,
    ReportSubmitted,
    ReportTransferred,
    ReportWaived,
)
from schemas.events.task import (
    TaskAmended,
    TaskCancelled,
    TaskCompletionAccepted,
    TaskCompletionDeclared,
    TaskCompletionReturned,
    TaskDueDetermined,
    TaskDueExtended,
    TaskTransferred,
)
from schemas.times import Day, Instant, midnight
from services.document_rules import event_id

SOURCE = "simulation"
HOUR_MS = 3_600_000
DESK_OPENS_MS = 8 * HOUR_MS
DESK_MS = 9 * HOUR_MS

_E = TypeVar("_E", bound=Event)


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How often things happen, as parts of 1. `late` and `silent` are scaled by each unit's own.

    Who is in time sends `days_ahead` days before the due in the middle, and at most so many days
    before the opening as the last field says. `repeated`: the same event is delivered again;
    `doubled`: the unit sends a second time, as if it had not yet; `supplemented`: it adds to what
    it sent.
    """

    silent: float = 0.05
    late: float = 0.16
    on_the_last_day: float = 0.25
    on_paper: float = 0.15
    returned: float = 0.10
    resent: float = 0.85
    accepted: float = 0.35
    received: float = 0.25
    extended: float = 0.03
    cancelled: float = 0.01
    corrected: float = 0.02
    voided: float = 0.003
    urged: float = 0.06
    criticised: float = 0.25
    progressed: float = 0.3
    determined: float = 0.5
    findings_max: int = 2
    closed_on_the_spot: float = 0.2
    withdrawn: float = 0.04
    repeated: float = 0.0
    doubled: float = 0.0
    supplemented: float = 0.0
    transferred: float = 0.0
    amended: float = 0.0
    brought_forward: float = 0.0
    days_ahead: int = 8
    days_before_opening: int = 0


class Verbs(NamedTuple):
    """The event types of one noun; None where the noun has none."""

    meets: type[Event]
    returns: type[Event] | None
    accepts: type[Event] | None
    drops: type[Event]
    extends: type[Event] | None
    determines: type[Event] | None
    amends: type[Event]
    hands_over: type[HandsOver]


REPORT = Verbs(
    ReportSubmitted,
    ReportReturned,
    ReportAccepted,
    ReportWaived,
    ReportDueExtended,
    ReportDueDetermined,
    ReportAmended,
    ReportTransferred,
)
VERBS = {
    "report": REPORT,
    "plan": REPORT,
    "self_assessment": REPORT,
    "inspection_plan": REPORT._replace(meets=InspectionPlanAdopted),
    "inspection": Verbs(
        InspectionConducted,
        None,
        None,
        InspectionCancelled,
        None,
        None,
        InspectionAmended,
        InspectionTransferred,
    ),
    "task": Verbs(
        TaskCompletionDeclared,
        TaskCompletionReturned,
        TaskCompletionAccepted,
        TaskCancelled,
        TaskDueExtended,
        TaskDueDetermined,
        TaskAmended,
        TaskTransferred,
    ),
}


class Desk:
    """The events of one obligation as they are written; ids follow from seed, id and number."""

    def __init__(self, opening: Opens, rng: Random, seed: int) -> None:
        self.opening = opening
        self.rng = rng
        self.events: list[Event] = []
        self._seed = str(seed)

    def chance(self, part: float) -> bool:
        """True that often."""
        return self.rng.random() < part

    def moment(self, on: Day) -> Instant:
        """A minute of the day while the office is open."""
        return Instant(
            midnight(on) + DESK_OPENS_MS + self.rng.randrange(DESK_MS // 60_000) * 60_000
        )

    def tell(
        self,
        cls: type[_E],
        at: Instant,
        *,
        by: str,
        recorded_at: Instant | None = None,
        **fields: Any,
    ) -> _E:
        """One more event, recorded some minutes after it happened unless said otherwise."""
        minutes = self.rng.randrange(1, 180)
        written = cls(
            event_id=event_id(
                SOURCE, self._seed, self.opening.obligation or "", str(len(self.events))
            ),
            recorded_at=Instant(at + minutes * 60_000) if recorded_at is None else recorded_at,
            effective_at=at,
            obligation=self.opening.obligation,
            unit=self.opening.unit,
            by=by,
            source=SOURCE,
            programme=self.opening.programme,
            **fields,
        )
        self.events.append(written)
        return written

    def paper(self, mark: str, on: Day) -> Document:
        """A document of that day."""
        return Document(number=f"{self.rng.randrange(1, 400)}/{mark}", date=on)

    def same_paper(self, note: str, nth: int) -> EventId:
        """The correlation of a document that goes to every unit behind with one item."""
        opening = self.opening
        return event_id(
            SOURCE, note, opening.programme or "", opening.item, opening.period or "", str(nth)
        )
