"""What the units of a world owe: lives of all kinds, also such as no office would write."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from ops.tree_worlds.desk import FIRST, ROOT, STRANGER, Desk
from ops.tree_worlds.plan import Ending
from schemas import avro
from schemas.event import Event, Meets, Opens, Returns
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
    InspectionTransferred,
)
from schemas.events.ladder import CriticismIssued, RecordCorrected, ReminderIssued, UrgingSent
from schemas.events.report import (
    ReportAccepted,
    ReportAmended,
    ReportDueDetermined,
    ReportDueExtended,
    ReportExpected,
    ReportReturned,
    ReportSubmitted,
    ReportTransferred,
    ReportWaived,
)
from schemas.events.task import (
    TaskAmended,
    TaskAssigned,
    TaskCancelled,
    TaskCompletionAccepted,
    TaskCompletionDeclared,
    TaskCompletionReturned,
    TaskDueDetermined,
    TaskDueExtended,
    TaskTransferred,
)
from schemas.times import DAY_MS, Day, Instant, day_of, midnight

ACTS_MAX = 7
PROGRAMMES = ("p", "q", None)
LADDER = (UrgingSent, ReminderIssued, CriticismIssued)


class Verbs(NamedTuple):
    """The event types of one kind of duty; `acts` are repeated as often as they happen."""

    opens: type[Opens]
    hands_over: type[Event]
    acts: tuple[type[Event], ...]


VERBS = (
    Verbs(
        ReportExpected,
        ReportTransferred,
        (
            *(ReportSubmitted,) * 5,
            *(ReportReturned,) * 3,
            ReportAccepted,
            ReportDueExtended,
            ReportDueDetermined,
            ReportWaived,
            ReportAmended,
            *LADDER,
        ),
    ),
    Verbs(
        TaskAssigned,
        TaskTransferred,
        (
            *(TaskCompletionDeclared,) * 5,
            *(TaskCompletionReturned,) * 3,
            *(TaskCompletionAccepted,) * 2,
            TaskDueExtended,
            TaskDueDetermined,
            TaskCancelled,
            TaskAmended,
            *LADDER,
        ),
    ),
    Verbs(
        InspectionExpected,
        InspectionTransferred,
        (*(InspectionConducted,) * 3, InspectionAnnounced, InspectionCancelled),
    ),
    Verbs(
        FindingRecorded,
        FindingTransferred,
        (
            *(RemedyReported,) * 3,
            *(RemedyReturned,) * 2,
            RemedyRequired,
            RemedyDueExtended,
            FindingClosed,
            FindingWithdrawn,
        ),
    ),
)


class Duty:
    """One obligation as it is written up; an orderly one in the order of time."""

    def __init__(self, desk: Desk, number: int, owers: list[str], endings: list[Ending]) -> None:
        self.desk = desk
        self.events: list[Event] = []
        self._verbs = desk.rng.choice(VERBS)
        self._owers = owers
        self._endings = endings
        self._orderly = desk.chance(0.7)
        self._ower = desk.rng.choice(owers)
        self._id = f"w:{number}:{self._ower}"
        self._programme = desk.rng.choice(PROGRAMMES)
        self._on = desk.day()

    def write(self) -> None:
        """The opening, what is done about it, what endings of owers make of it, corrections."""
        self._open()
        for _ in range(self.desk.rng.randrange(ACTS_MAX)):
            before = self._on
            if self._orderly:
                self._on = Day(self._on + self.desk.rng.choice((0, 0, 1, 2, 5, 9)))
            else:
                self._on = Day(self.desk.day() + self.desk.rng.choice((-2, 0, 3)))
            self._hand_over(before)
            self._act()
        if self._orderly:
            before, self._on = self._on, Day(FIRST + self.desk.days)
            self._hand_over(before)
        if self.desk.chance(0.2):
            self._correct()
        if self.desk.chance(0.05):
            self._tell_otherwise()

    def _open(self) -> None:
        opens = self._verbs.opens
        fields: dict[str, Any] = {
            "item": self.desk.rng.choice(("1", "2")),
            "area": self.desk.rng.choice((None, "it", "finance")),
            "period": self.desk.rng.choice((None, "2025-Q2")),
            "due_before": self._some_day(),
            "issuer": self.desk.rng.choice((ROOT, ROOT, self._ower)),
        }
        if opens is FindingRecorded:
            fields["finding_kind"] = "delay"
        if self.desk.chance(0.3):
            fields["done_when"] = "accepted"
        self._tell(opens, **fields)
        if self.desk.chance(0.03):
            self._tell(opens, **fields)
        if self.desk.chance(0.03):
            # Nobody ever tells of the opening: the rest waits.
            self.events.clear()

    def _some_day(self) -> Day | None:
        if self.desk.chance(0.15):
            return None
        return Day(self._on + self.desk.rng.choice((-1, 0, 1, 2, 4, 8, 15, 40)))

    def _act(self) -> None:
        cls = self.desk.rng.choice(self._verbs.acts)
        names = cls.__dataclass_fields__
        fields: dict[str, Any] = {}
        if "due_before" in names:
            fields["due_before"] = self._some_day()
        if "revise_before" in names:
            fields["revise_before"] = self._some_day()
        if "area" in names:
            fields["area"] = self.desk.rng.choice(("it", "finance"))
        sent = [event.event_id for event in self.events if isinstance(event, Meets)]
        if sent and issubclass(cls, Returns) and self.desk.chance(0.6):
            fields["causation_id"] = sent[-1] if self._orderly else self.desk.rng.choice(sent)
        if issubclass(cls, Meets):
            fields["by"] = self._ower
        if cls in LADDER:
            fields["correlation_id"] = self.desk.rng.choice((None, b"d" * 16, b"e" * 16))
        self._tell(cls, **fields)
        if self.desk.chance(0.06):
            self._give(self.desk.rng.choice((*self._owers, STRANGER)), self._on)

    def _hand_over(self, since: Day) -> None:
        """What ended units had open goes to who took them in; now and then somebody forgets."""
        for ending in self._endings:
            mine = ending.unit == self._ower and since <= ending.day <= self._on
            if mine and self.desk.chance(0.85):
                self._give(ending.to_unit, ending.day, causation_id=ending.event_id)

    def _give(self, to_unit: str, on: Day, **fields: Any) -> None:
        told = {**self._shared(), "to_unit": to_unit, **fields}
        at = midnight(on)
        self.events.append(self.desk.tell(self._verbs.hands_over, self._ower, at, **told))
        self._ower = to_unit

    def _tell(self, cls: type[Event], **fields: Any) -> None:
        told = {**self._shared(), "effective_is_day": self.desk.chance(0.2), **fields}
        at = self.desk.moment(self._on)
        self.events.append(self.desk.tell(cls, self._ower, at, **told))

    def _shared(self) -> dict[str, Any]:
        return {"obligation": self._id, "programme": self._programme}

    def _correct(self) -> None:
        """A record was wrong: taken back, or put on another day."""
        if not self.events:
            return
        target = self.desk.rng.choice(self.events)
        fields: dict[str, Any] = {"void": True}
        if self.desk.chance(0.7):
            moved = Instant(target.effective_at + self.desk.rng.choice((-3, -1, 1)) * DAY_MS)
            right = replace(target, effective_at=moved)
            fields = {"replacement": avro.encode(right)}
        late = Instant(target.recorded_at + self.desk.rng.choice((1, 4, 30)) * DAY_MS)
        self._on = day_of(late)
        self._tell(RecordCorrected, target=target.event_id, recorded_at=late, **fields)

    def _tell_otherwise(self) -> None:
        """The same id with another content: one of the two holds, whichever comes first."""
        if self.events:
            first = self.desk.rng.choice(self.events)
            recorded = Instant(first.recorded_at + self.desk.rng.choice((0, 5, DAY_MS)))
            self.events.append(replace(first, recorded_at=recorded, by=STRANGER))


def duties(desk: Desk, number: int, codes: list[str], endings: list[Ending]) -> list[Event]:
    """The events of so many obligations; some owers stand nowhere, or not yet."""
    owers = [*codes, *(code for code in codes if code != ROOT), STRANGER]
    told: list[Event] = []
    for nth in range(number):
        duty = Duty(desk, nth, owers, endings)
        duty.write()
        told += duty.events
    return told
