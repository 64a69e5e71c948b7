"""The plan of a world's units: what is decided day by day, what it means, and what loses.

Beside what holds the plan tells of decisions that must change nothing: without authority, in a
circle, about what has ended, disputed, waiting for ever, parts of a reform that nobody enacts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from ops.tree_worlds.country import Country, Standing
from ops.tree_worlds.desk import FIRST, ROOT, STRANGER, Desk, Shape
from schemas.event import Event, EventId
from schemas.events.unit import (
    ReformEnacted,
    UnitDissolved,
    UnitEstablished,
    UnitLevelEnded,
    UnitMerged,
    UnitMoved,
    UnitRenamed,
    UnitSplit,
)
from schemas.reforms import digest
from schemas.times import Day, midnight
from schemas.unit_facts import unit_fact

BELOW = {
    "centre": ("province", "province", "district"),
    "province": ("district", "district", "commune", "province"),
    "district": ("commune",),
    "commune": ("commune",),
}
"""The levels that are established under one; a province's departments are of its own level."""


class Ending(NamedTuple):
    """A unit ended on a day because of an event; what it owes should go to `to_unit`."""

    unit: str
    day: Day
    event_id: EventId
    to_unit: str


class Plan:
    """What was decided about units. After `write` it holds every event and what all of it means."""

    def __init__(self, desk: Desk, shape: Shape) -> None:
        self.desk = desk
        self.country = Country()
        self.told: list[Event] = []
        self.flat: list[Event] = []
        """The establishments that hold, each as if it were of no reform."""
        self.days: list[Standing] = []
        """By day of the world what stood at its end."""
        self.endings: list[Ending] = []
        self.lost: set[bytes] = set()
        """Ids of the events that change nothing and must be shown: in conflict, waiting, idle."""
        self.codes: list[str] = []
        self.scoped = False
        """Whether a level ended in a part of the country only."""
        self._left = shape.units
        self._on = FIRST
        self._reforms = 0
        self._moved_at: dict[str, int] = {}

    def write(self) -> None:
        """Decide on every day of the world."""
        for number in range(self.desk.days):
            self._on = Day(FIRST + number)
            if number == 0:
                holding = self._begin()
            elif self.desk.chance(0.6) and (decision := self._decision()):
                holding = self._recorded(decision)
            else:
                holding = [*self._newcomers(), *self._names()]
                if awaited := self._awaited(holding):
                    holding += awaited
                elif self.desk.chance(0.6):
                    self._lose()
            self.told += holding
            self._note_disputes(holding)
            ended_before = set(self.country.closed)
            self.country.read(holding)
            self.days.append(self.country.standing())
            self._note_endings(holding, ended_before)

    # What holds

    def _begin(self) -> list[Event]:
        """The root and part of the units, from the first day on."""
        holding: list[Event] = [self._established("centre", None)]
        self.country.read(holding)
        for _ in range(self.desk.rng.randint(self._left // 2, self._left)):
            holding += self._newcomer()
            self.country.read(holding)
        return holding

    def _newcomers(self) -> list[Event]:
        return self._newcomer() if self.desk.chance(0.4) else []

    def _newcomer(self) -> list[Event]:
        """One more unit somewhere, if there may be one."""
        parent = self.desk.rng.choice(self.country.open())
        level = self.desk.rng.choice(BELOW[self.country.level[parent]])
        if self._left < 1 or self.country.level_has_ended(level, parent):
            return []
        return [self._established(level, parent)]

    def _established(self, level: str, parent: str | None) -> Event:
        self._left -= 1
        code = f"u{len(self.codes)}" if parent else ROOT
        self.codes.append(code)
        event: Event = self._tell(
            UnitEstablished,
            code,
            name=f"Unit {code}",
            level=level,
            kind=self.desk.rng.choice(("people_committee", "department")) if parent else "other",
            parent=parent,
        )
        self.flat.append(replace(event, event_id=EventId(self.desk.rng.randbytes(16))))
        return event

    def _awaited(self, newcomers: list[Event]) -> list[Event]:
        """A move of an earlier day to where nobody stood yet: it holds from today on.

        Not where the unit has moved meanwhile; then the later decision stays.
        """
        for founded in newcomers:
            unit = self._some()
            if not isinstance(founded, UnitEstablished) or unit is None or self.desk.chance(0.5):
                continue
            above = founded.parent or ROOT
            if self.country.holds(unit, above) or not self._may_stand(unit, above):
                continue
            earlier = midnight(Day(FIRST + self.desk.rng.randrange(self._on - FIRST)))
            move = self.desk.tell(UnitMoved, unit, earlier, ahead=True, parent=founded.unit)
            if earlier >= self._moved_at.get(unit, earlier):
                return [move]
            self.told.append(move)
            self.lost.add(move.event_id)
        return []

    def _names(self) -> list[Event]:
        if not self.desk.chance(0.2):
            return []
        unit = self.desk.rng.choice(list(self.country.parent))
        return [self._tell(UnitRenamed, unit, name=f"Renamed {unit}", reason=None)]

    def _decision(self) -> list[Event]:
        """One decision, of one event or several; nothing where the dice found no unit for it."""
        ways = (
            *(self._move,) * 4,
            *(self._merge,) * 3,
            *(self._split,) * 2,
            self._dissolve,
            self._dissolve,
            self._end_level,
            self._join,
            self._join,
            self._disputed,
        )
        return self.desk.rng.choice(ways)()

    def _some(self) -> str | None:
        """An open unit other than the root."""
        found = [unit for unit in self.country.open() if unit != ROOT]
        return self.desk.rng.choice(found) if found else None

    def _other(self, unit: str) -> str | None:
        """An open unit that does not stand under this one."""
        found = [one for one in self.country.open() if not self.country.holds(unit, one)]
        return self.desk.rng.choice(found) if found else None

    def _may_stand(self, unit: str, parent: str) -> bool:
        return not self.country.level_has_ended(self.country.level[unit], parent)

    def _decider(self, unit: str, goal: str) -> str:
        """The root, or the lowest unit that stands above both."""
        above = self.country.path(self.country.parent[unit])
        common = next(one for one in above if self.country.holds(one, goal))
        return self.desk.rng.choice((ROOT, common))

    def _move(self) -> list[Event]:
        unit = self._some()
        parent = self._other(unit) if unit else None
        if unit is None or parent is None or not self._may_stand(unit, parent):
            return []
        return [self._tell(UnitMoved, unit, parent=parent, by=self._decider(unit, parent))]

    def _disputed(self) -> list[Event]:
        """Two places for one unit on one day: the later record holds (Country.read)."""
        moves = self._move()
        parent = self._other(moves[0].unit) if moves else None
        if parent is None or not self._may_stand(moves[0].unit, parent):
            return moves
        return [replace(moves[0], by=ROOT), self._tell(UnitMoved, moves[0].unit, parent=parent)]

    def _merge(self) -> list[Event]:
        unit = self._some()
        into = self._other(unit) if unit else None
        if unit is None or into is None:
            return []
        goal = self.country.parent[into] or into
        return [self._tell(UnitMerged, unit, into=into, by=self._decider(unit, goal))]

    def _split(self) -> list[Event]:
        """Divided among new units, or among new and old ones."""
        unit = self._some()
        parent = self._other(unit) if unit else None
        if unit is None or parent is None or not self._may_stand(unit, parent):
            return []
        level = self.country.level[unit]
        number = min(self._left, self.desk.rng.randint(1, 3))
        new = [self._established(level, parent) for _ in range(number)]
        into = [event.unit for event in new]
        if self.desk.chance(0.4) or not into:
            into.append(parent)
        self.desk.rng.shuffle(into)
        return [*new, self._tell(UnitSplit, unit, into=tuple(into))]

    def _dissolve(self) -> list[Event]:
        unit = self._some()
        if unit is None:
            return []
        others = [one for one in self.country.open() if not self.country.holds(unit, one)]
        number = self.desk.rng.randint(0, min(2, len(others)))
        into = tuple(self.desk.rng.sample(others, number))
        return [self._tell(UnitDissolved, unit, successors=into)]

    def _end_level(self) -> list[Event]:
        level = self.desk.rng.choice(("district", "district", "commune"))
        inside = self.desk.rng.choice((ROOT, self._some() or ROOT))
        if self.country.level[inside] == level:
            inside = ROOT
        self.scoped |= inside != ROOT
        return [self._tell(UnitLevelEnded, inside, level=level)]

    def _join(self) -> list[Event]:
        """One unit goes into another, and what stood open under it is moved there."""
        unit = self._some()
        into = self._other(unit) if unit else None
        if unit is None or into is None:
            return []
        below = [one for one in self.country.open() if self.country.parent[one] == unit]
        moved = [one for one in below if self._may_stand(one, into)]
        moves = [self._tell(UnitMoved, one, parent=into) for one in moved]
        return [*moves, self._tell(UnitMerged, unit, into=into)]

    def _recorded(self, decision: list[Event]) -> list[Event]:
        """The decision as it is told: as it is, or as a reform, which somebody must enact."""
        if any(event.by != ROOT for event in decision) or self.desk.chance(0.4):
            return decision
        parts = self._parts(decision)
        self.told.append(self._enacted(parts))
        return parts

    def _parts(self, decision: list[Event]) -> list[Event]:
        self._reforms += 1
        told: list[Any] = list(decision)
        return [replace(event, reform=f"reform-{self._reforms}") for event in told]

    def _enacted(self, parts: list[Event], **wrong: Any) -> Event:
        facts = [fact for part in parts if (fact := unit_fact(part)) is not None]
        fields: dict[str, Any] = {"parts": len(facts), "sha256": digest(facts)}
        of = f"reform-{self._reforms}"
        event: Event = self._tell(ReformEnacted, ROOT, reform=of, **fields | wrong)
        return event

    def _note_disputes(self, holding: list[Event]) -> None:
        """Of two moves of a unit on one day the later recorded one holds; the other is shown."""
        moves = [event for event in holding if isinstance(event, UnitMoved)]
        for move in moves:
            last = max(
                (other for other in moves if other.unit == move.unit),
                key=lambda other: (other.recorded_at, other.event_id),
            )
            self._moved_at[move.unit] = last.effective_at
            if last.parent != move.parent:
                self.lost.add(move.event_id)

    def _note_endings(self, holding: list[Event], before: set[str]) -> None:
        country = self.country
        why = {event.unit: event.event_id for event in holding}
        level_ended = [event for event in holding if isinstance(event, UnitLevelEnded)]
        for unit in sorted(set(country.closed) - before):
            to_unit = next(iter(country.successors.get(unit, ())), ROOT)
            if to_unit in country.closed:
                to_unit = country.above(unit, set(country.closed))
            cause = level_ended[0].event_id if level_ended else why.get(unit)
            if cause is not None:
                self.endings.append(Ending(unit, self._on, cause, to_unit))

    # What loses

    def _lose(self) -> None:
        """One decision that changes nothing, on a day on which nothing else is decided."""
        unit, other = self._some(), self.desk.rng.choice(list(self.country.parent))
        ended = sorted(self.country.closed)
        ways: list[tuple[type[Event], str, dict[str, Any]]] = [
            (UnitMoved, STRANGER, {"parent": other}),
            (UnitDissolved, ROOT, {}),
            (UnitEstablished, f"ghost{len(self.told)}", _as_new(STRANGER)),
            (UnitEstablished, other, _as_new(ROOT) if other != ROOT else _as_new(None)),
            (UnitEstablished, "second-root", _as_new(None)),
        ]
        if unit is not None:
            below = [one for one in self.country.parent if self.country.holds(unit, one)]
            ways += [
                (UnitMoved, unit, {"parent": ROOT, "by": STRANGER}),
                (UnitMoved, unit, {"parent": self.desk.rng.choice(below)}),
                (UnitMoved, unit, {"parent": STRANGER}),
                (UnitMerged, unit, {"into": self.desk.rng.choice(below)}),
            ]
        if ended:
            gone = self.desk.rng.choice(ended)
            ways += [
                (UnitMoved, gone, {"parent": ROOT}),
                (UnitMerged, gone, {"into": other}),
            ]
            if unit is not None:
                ways.append((UnitMoved, unit, {"parent": gone}))
        cls, about, fields = self.desk.rng.choice(ways)
        lost = [self._tell(cls, about, **fields)]
        if self.desk.chance(0.3):
            lost += self._lost_reform()
        self.told += lost
        self.lost |= {event.event_id for event in lost}

    def _lost_reform(self) -> list[Event]:
        """Parts of a reform that is never enacted, or enacted as another one."""
        before = self._left, list(self.codes), list(self.flat), self.scoped
        parts = self._parts(self._decision())
        # What it would have established never stands; others may get those codes.
        self._left, self.codes, self.flat, self.scoped = before
        if parts and self.desk.chance(0.5):
            return [*parts, self._enacted(parts, sha256="0" * 64)]
        return parts

    def _tell(self, cls: type[Event], unit: str, **fields: Any) -> Any:
        return self.desk.tell(cls, unit, midnight(self._on), ahead=True, **fields)


def _as_new(parent: str | None) -> dict[str, Any]:
    level = "commune" if parent else "centre"
    return {"name": "Another", "level": level, "kind": "other", "parent": parent}
