"""Crowded lives from one seed: few days, many facts at one instant, causes anywhere, corrections.

Such as no office would write: here the engines must agree on what the rules of the fold make of
any facts whatever, and every rule must come up among some hundred lives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from random import Random
from typing import Any, NamedTuple

from schemas import avro
from schemas.event import Corrects, Event, EventId, Meets, event_types
from schemas.events.programme import ProgrammeIssued
from schemas.limits import FACTS_PER_OBLIGATION_MAX
from schemas.times import DAY_MS, Day, Instant, day, day_of, midnight

FIRST = day(2012, 3, 26)
"""The days run over the end of a month."""
DAYS = 13
OWERS = ("66.a", "66.b", "66.c")
ISSUER = "66.snv"
ABSENT = EventId(b"absent".ljust(16))
"""The id of an event that nobody tells."""
_MOMENTS = (0, 0, 1, 40_000_000, DAY_MS - 1)
_DELAYS = (0, 0, 1, 5 * DAY_MS)

_OPENINGS = (
    *("report.expected.v1",) * 4,
    *("task.assigned.v1",) * 2,
    "finding.recorded.v1",
    "inspection.expected.v1",
)
_WEIGHTS = {
    "report.submitted.v1": 7,
    "report.returned.v1": 5,
    "report.accepted.v1": 2,
    "report.due_extended.v1": 2,
    "report.due_determined.v1": 2,
    "task.transferred.v1": 2,
    "task.cancelled.v1": 1,
    "task.amended.v1": 1,
    "reminder.issued.v1": 1,
    "urging.sent.v1": 1,
    "criticism.issued.v1": 1,
    "report.received.v1": 1,
    "record.corrected.v1": 2,
}
_STORIES = (
    ("report.submitted", "report.returned", "report.due_determined"),
    ("report.submitted", "report.returned", "report.due_extended", "report.due_determined"),
    ("report.submitted", "report.returned", "report.due_determined", "report.submitted"),
    ("report.submitted", "report.due_extended", "report.due_determined", "report.returned"),
    ("report.submitted", "report.submitted", "report.returned", "report.accepted"),
    ("report.submitted", "report.returned", "report.submitted"),
    ("report.submitted", "report.returned", "report.submitted", "report.accepted"),
    ("task.transferred", "task.transferred", "report.submitted"),
    ("report.due_extended", "report.due_extended", "report.submitted"),
    ("report.submitted", "task.transferred", "report.accepted"),
    ("report.submitted", "task.transferred", "report.returned"),
    ("report.due_extended", "task.transferred", "task.cancelled"),
    ("task.cancelled", "task.cancelled"),
    ("report.submitted", "report.accepted", "report.accepted"),
    (*("report.submitted", "report.returned") * 2, "report.submitted"),
    (*("report.submitted", "report.returned") * 2, "report.submitted"),
)
"""What is done about a duty, in its order: rules that bear on what came of one another."""
_ACTS = tuple(name for name, weight in _WEIGHTS.items() for _ in range(weight))


class _Manner(NamedTuple):
    """How a life goes: whether time runs forward, and how often a cause is named, and which."""

    orderly: bool
    caused: float
    anywhere: bool
    longest: int


_MANNERS = (
    _Manner(orderly=True, caused=0.5, anywhere=False, longest=10),
    _Manner(orderly=False, caused=0.4, anywhere=False, longest=12),
    _Manner(orderly=False, caused=0.7, anywhere=True, longest=9),
    _Manner(orderly=True, caused=0.3, anywhere=False, longest=30),
)
"""The last one only where lives may be long."""


class _Life:
    """One obligation as it is written up."""

    def __init__(self, rng: Random, number: int, long: bool) -> None:
        self._rng = rng
        self._manner = rng.choices(_MANNERS, (9, 9, 9, long))[0]
        self._obligation = f"p:{number}:{rng.choice(OWERS)}"
        self._other = f"p:{max(0, number - 1)}:{rng.choice(OWERS)}"
        self._story = rng.choice(_STORIES) if self._manner.orderly and rng.random() < 0.6 else ()
        size = rng.randint(1, self._manner.longest)
        if self._story and rng.random() < 0.5:
            # Nothing more comes: what the story leaves open stays so, past every due.
            size = len(self._story) + rng.choice((0, 1, 1))
        self._ids = [EventId(rng.randbytes(16)) for _ in range(size)]
        self._programme = rng.choice((None, None, "q") if self._story else ("p", "p", "q", None))
        self._at = self._moment()
        self.events: list[Event] = []

    def write(self) -> None:
        """All its events; mostly the first one opens it."""
        opened = self._rng.random() < 0.95
        for number in range(len(self._ids)):
            opens = (number == 0 and opened) or self._rng.random() < 0.04
            self._tell(self._rng.choice(_OPENINGS) if opens else self._act(number), number)
        if self._rng.random() < 0.15:
            self.events.append(self._otherwise(self._rng.choice(self.events)))

    def _act(self, number: int) -> str:
        if 0 < number <= len(self._story):
            return f"{self._story[number - 1]}.v1"
        return self._rng.choice(_ACTS)

    def _moment(self) -> Instant:
        on = FIRST + self._rng.randrange(DAYS)
        return Instant(midnight(Day(on)) + self._rng.choice(_MOMENTS))

    def _day(self) -> Day | None:
        """Some day, mostly near: before, at or after what happens then."""
        if self._rng.random() < 0.2:
            return None
        return Day(FIRST + self._rng.randrange(-1, DAYS + 3))

    def _tell(self, name: str, number: int) -> None:
        cls, rng = event_types()[name], self._rng
        at = self._moment()
        if self._manner.orderly:
            at = max(self._at, Instant(self._at + rng.choice((0, 0, 1, DAY_MS // 2, DAY_MS))))
            self._at = at
        told: dict[str, Any] = {
            "event_id": self._ids[number],
            "effective_at": at,
            "effective_is_day": rng.random() < 0.3,
            "recorded_at": Instant(at + rng.choice(_DELAYS)),
            "obligation": self._obligation,
            "unit": rng.choice(OWERS),
            "by": rng.choice((ISSUER, ISSUER, *OWERS)),
            "source": "mutants",
            "programme": self._programme,
            "correlation_id": rng.choice((None, EventId(b"c" * 16))),
            "causation_id": self._cause(number),
        }
        told |= self._own(cls)
        if self._story and number <= len(self._story):
            told |= self._at_the_edge(told, at, number)
        if issubclass(cls, Corrects):
            told |= self._correction(self.events)
        self.events.append(cls(**told))
        if issubclass(cls, Corrects) and rng.random() < 0.4:
            # Another one of the same event, recorded at the same instant.
            same = [one for one in self.events if one.event_id == told["target"]][:1]
            own = {"event_id": EventId(rng.randbytes(16)), "void": False, "replacement": None}
            self.events.append(cls(**(told | own | self._correction(same or self.events))))

    def _cause(self, number: int) -> EventId | None:
        rng = self._rng
        if rng.random() >= self._manner.caused:
            return None
        if rng.random() < 0.1:
            return ABSENT
        if self._manner.anywhere:
            return rng.choice(self._ids)
        met = [event.event_id for event in self.events if isinstance(event, Meets)]
        before = met[-2:] if met and rng.random() < 0.7 else self._ids[max(0, number - 3) : number]
        return rng.choice(before) if before else None

    def _own(self, cls: type[Event]) -> dict[str, Any]:
        """The fields of the effect."""
        rng = self._rng
        made: dict[str, Any] = {
            "item": rng.choice(("5.1", "9")),
            "area": rng.choice((None, "reporting", "review")),
            "period": rng.choice((None, "2012-Q2")),
            "due_before": self._day(),
            "done_when": rng.choice(("sent", "sent", "accepted")),
            "issuer": rng.choice((ISSUER, ISSUER, *OWERS)),
            "finding_kind": "delay",
            "revise_before": self._day(),
            "to_unit": rng.choice(OWERS),
        }
        names = {field.name for field in fields(cls)}
        return {name: value for name, value in made.items() if name in names}

    def _at_the_edge(self, told: dict[str, Any], at: Instant, number: int) -> dict[str, Any]:
        """What a story says instead: a due that is over soon, no day for the revision, a new due
        on the day that begins, mostly no cause."""
        rng = self._rng
        edge: dict[str, Any] = {"by": ISSUER}
        if rng.random() < 0.6:
            edge |= {"causation_id": None}
        if "revise_before" in told:
            # A bare return first, then one with a day, shows what the first has left behind.
            bare = rng.random() < (0.6 if number < 4 else 0.2)
            edge |= {"revise_before": None if bare else day_of(at)}
        if "due_before" in told and number == 0 and rng.random() < 0.8:
            edge |= {"due_before": Day(day_of(at) + rng.randint(0, 2))}
            edge |= {"done_when": "sent"} if "done_when" in told else {}
        elif "due_before" in told and rng.random() < 0.4:
            edge |= {"due_before": day_of(at), "effective_is_day": True}
        return edge

    def _correction(self, among: Sequence[Event]) -> dict[str, Any]:
        """What it corrects: something said before, taken back or put otherwise, or nothing here."""
        rng = self._rng
        if not among or rng.random() < 0.1:
            return {"target": ABSENT, "void": True}
        target = rng.choice(among)
        told: dict[str, Any] = {"target": target.event_id}
        if rng.random() < 0.3:
            return told | {"void": True}
        if rng.random() < 0.15:
            # Another event, or of another obligation, or another effect: it corrects nothing.
            wrong = rng.choice(
                (
                    {"event_id": ABSENT},
                    {"obligation": self._other},
                )
            )
            return told | {"replacement": avro.encode(replace(target, **wrong))}
        moved = Instant(target.effective_at + rng.choice((-DAY_MS, 0, DAY_MS)))
        right = replace(target, effective_at=moved, by=rng.choice((target.by, ISSUER)))
        if rng.random() < 0.5:
            right = replace(right, **self._own(type(target)))
        return told | {"replacement": avro.encode(right)}

    def _otherwise(self, first: Event) -> Event:
        """The same id once more: with other content, of another obligation, or the same again."""
        recorded = Instant(first.recorded_at + self._rng.choice((-5, 0, 5)))
        again = replace(first, recorded_at=recorded)
        match self._rng.randrange(4):
            case 0:
                return again
            case 1:
                return replace(again, obligation=self._other)
            case _:
                return replace(again, by=self._rng.choice((ISSUER, *OWERS)), causation_id=None)


def _twin(rng: Random, number: int, told: Iterable[Event]) -> list[Event]:
    """Another obligation whose events bear the same ids, with other causes: they share nothing."""
    own = [replace(event, obligation=f"t:{number}:{OWERS[0]}") for event in told]
    causes = [event.event_id for event in own]
    return [
        replace(event, causation_id=rng.choice(causes), by=rng.choice((ISSUER, *OWERS)))
        for event in own
    ]


def _returned_bare(rng: Random, number: int) -> list[Event]:
    """Sent on time, returned after the due without a day, then with one, and sent late.

    An act a day; between the two returns it was sent again, or not. No rule but these forgets
    that a revision was open without an end.
    """
    acts: list[tuple[str, dict[str, Any]]] = [
        ("report.expected.v1", {"item": "1", "issuer": ISSUER, "due_before": Day(FIRST + 2)}),
        ("report.submitted.v1", {}),
        ("report.returned.v1", {}),
        *([("report.submitted.v1", {})] if rng.random() < 0.5 else []),
        ("report.returned.v1", {"revise_before": Day(FIRST + 5)}),
        ("report.submitted.v1", {}),
    ]
    told = []
    for day_, (name, own) in zip((0, 1, 2, 3, 4, 6), acts, strict=False):
        at = Instant(midnight(Day(FIRST + day_)) + DAY_MS // 3)
        shared: dict[str, Any] = {"effective_at": at, "recorded_at": at}
        shared |= {"unit": OWERS[0], "by": ISSUER}
        shared |= {"event_id": EventId(rng.randbytes(16)), "source": "mutants"}
        told.append(event_types()[name](**shared, **own, obligation=f"b:{number}:{OWERS[0]}"))
    if len(acts) == 5:
        late = Instant(midnight(Day(FIRST + 6)))
        told[-1] = replace(told[-1], effective_at=late, recorded_at=late)
    return told


def lives(rng: Random, number: int, long: bool = False) -> list[Event]:
    """The events of so many obligations, in any order of telling; with `long` some have many."""
    told: list[Event] = []
    for nth in range(number):
        life = _Life(rng, nth, long)
        life.write()
        told += life.events
        if rng.random() < 0.1:
            told += _twin(rng, nth, life.events)
    for nth in range(4):
        told += _returned_bare(rng, nth)
    rng.shuffle(told)
    return told


def too_long_a_life(rng: Random) -> list[Event]:
    """One obligation of more facts than are kept, which of them depends on who came first.

    Most of them correct what is not here: they count as facts, and take no turns.
    """
    names = ("report.submitted.v1", "report.returned.v1")
    told: list[Event] = []
    for number in range(FACTS_PER_OBLIGATION_MAX + 20):
        at = Instant(midnight(FIRST) + number * DAY_MS // 100)
        shared: dict[str, Any] = {
            "event_id": EventId(rng.randbytes(16)),
            "effective_at": at,
            "recorded_at": at,
            "obligation": f"p:long:{OWERS[0]}",
            "unit": OWERS[0],
            "by": ISSUER,
            "source": "mutants",
        }
        if number == 0:
            own: dict[str, Any] = {"item": "1", "issuer": ISSUER, "due_before": Day(FIRST + 5)}
            told.append(event_types()["report.expected.v1"](**shared, **own))
        elif number % 40 == 1:
            told.append(event_types()[names[number // 40 % 2]](**shared))
        else:
            correction: dict[str, Any] = {"target": ABSENT, "void": True}
            told.append(event_types()["record.corrected.v1"](**shared, **correction))
    told.append(replace(told[41], recorded_at=Instant(told[41].recorded_at + 1)))
    first = rng.randrange(len(told) // 4, len(told))
    return told[first:] + told[:first]


def programmes(rng: Random) -> list[Event]:
    """Programmes p and q, issued one to three times each, with or without days for a revision."""
    found: list[Event] = []
    for name in ("p", "q"):
        for _ in range(rng.randint(1, 3)):
            at = Instant(midnight(FIRST) + rng.choice((-1, 0, 0, 2, 6)) * DAY_MS)
            delay = rng.choice((0, 0, 3 * DAY_MS))
            days = rng.choice((None, 0, 2, 5))
            first = issued(name, days, at, EventId(rng.randbytes(16)))
            first = replace(first, recorded_at=Instant(at + delay))
            found.append(first)
            if rng.random() < 0.5:
                again = Instant(at + delay + rng.choice((-1, 0, 1)))
                found.append(replace(first, recorded_at=again, revision_days=7))
    rng.shuffle(found)
    return found


def issued(name: str, days: int | None, at: Instant, event_id: EventId) -> ProgrammeIssued:
    """A programme that gives so many days for a revision."""
    return ProgrammeIssued(
        event_id=event_id,
        effective_at=at,
        recorded_at=at,
        unit="66",
        by="66",
        source="mutants",
        programme=name,
        number="1/KH",
        title="Kế hoạch",
        revision_days=days,
    )


def instants(rng: Random) -> Instant:
    """Some instant of the days of the lives, between any two of which things happen."""
    return Instant(midnight(FIRST) + rng.randrange((DAYS + 6) * 8) * DAY_MS // 8)


def effects(told: Iterable[Event]) -> Counter[str]:
    """How often each effect is among the events, by its name in events.md."""
    return Counter(event.effect.name for event in told)
