"""The figures of every unit on every day of a year, from the plain count and a walk up the tree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from operator import add
from typing import NamedTuple

from ops.year_world.plain import Duty, Stand, counted, due_year, state_of
from ops.year_world.year import Year
from schemas.event import Event
from schemas.events.programme import ProgrammeIssued
from schemas.events.unit import UnitEstablished, UnitMerged, UnitMoved
from schemas.limits import DUE_SOON_DAYS
from schemas.measures import MEASURES
from schemas.times import Day, Instant, day_of, end_of_day, midnight, to_date

Row = tuple[int, ...]
NOTHING: Row = (0,) * len(MEASURES)
PLACE = {name: place for place, name in enumerate(MEASURES)}
OPEN = frozenset({"in_revision", "overdue"})
"""What is carried over into the next year."""


class Place(NamedTuple):
    """Where a unit stands on a day."""

    level: str
    kind: str
    parent: str | None
    closed: bool


class Group(NamedTuple):
    """Counts of a subtree: all of it, or its units of a level or kind, or a column of the year."""

    unit: str
    of: str
    word: str = ""


class Expected(NamedTuple):
    """What the boards of one day must say. `own` and `groups` leave out what has no counts.

    `words` are the levels and kinds that have any, by unit and `level` or `kind`.
    """

    day: Day
    places: dict[str, Place]
    own: dict[Group, Row]
    groups: dict[Group, Row]
    words: dict[tuple[str, str], set[str]]
    states: dict[str, Counter[str]]


class Tally:
    """Own rows of one day, while they are added up."""

    def __init__(self) -> None:
        self.rows: dict[Group, list[int]] = {}
        self.states: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, unit: str, of: str, measures: Sequence[str] | set[str], times: int = 1) -> None:
        """One more for each of these measures."""
        row = self.rows.setdefault(Group(unit, of), [0] * len(MEASURES))
        for name in measures:
            row[PLACE[name]] += times


def expected(year: Year, days: Sequence[Day], known: Instant | None = None) -> Iterator[Expected]:
    """The figures of each of these days (ascending), as known at K (None: as known in the end)."""
    instants = [end_of_day(one) for one in days]
    by_obligation: dict[str | None, list[Event]] = defaultdict(list)
    for event in year.told:
        if known is None or event.recorded_at <= known:
            by_obligation[event.obligation].append(event)
    lives = [Duty(told).stands(instants) for told in by_obligation.values()]
    for day, at in zip(days, instants, strict=True):
        tally = Tally()
        for life in lives:
            stand = next(life)
            if stand is not None:
                _add(tally, stand, at)
        for event in year.context:
            if isinstance(event, ProgrammeIssued) and event.effective_at <= at:
                tally.add(event.unit, "all", ["content"], sum(not i.counted for i in event.items))
        own = {group: tuple(row) for group, row in tally.rows.items()}
        places = places_of(year, day)
        groups = _grouped(own, places)
        words: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in groups:
            words[one.unit, one.of].add(one.word)
        yield Expected(day, places, own, groups, words, tally.states)


def _add(tally: Tally, stand: Stand, at: Instant) -> None:
    measures = counted(stand, at)
    tally.add(stand.ower, "all", measures)
    tally.states[stand.ower][state_of(stand, at, DUE_SOON_DAYS)] += 1
    due, this = due_year(stand), to_date(day_of(at)).year
    if due == this:
        tally.add(stand.ower, "this_year", measures)
    elif due is not None and due < this and measures & OPEN:
        tally.add(stand.ower, "carried_over", {"assigned", "due", *(measures & OPEN)})


def places_of(year: Year, day: Day) -> dict[str, Place]:
    """Where every unit stands on a day, by the events of the tree."""
    found: dict[str, Place] = {}
    for event in sorted(year.units, key=lambda event: event.effective_at):
        if event.effective_at > midnight(day):
            break
        if isinstance(event, UnitEstablished):
            found[event.unit] = Place(event.level, event.kind, event.parent, False)
        elif isinstance(event, UnitMoved):
            found[event.unit] = found[event.unit]._replace(parent=event.parent)
        elif isinstance(event, UnitMerged):
            found[event.unit] = found[event.unit]._replace(parent=event.into, closed=True)
    return found


def _grouped(own: dict[Group, Row], places: dict[str, Place]) -> dict[Group, Row]:
    """Every own row added to the unit's own subtree and to each one above it."""
    sums: dict[Group, Row] = {}
    for group, row in own.items():
        place = places[group.unit]
        upper: str | None = group.unit
        while upper is not None:
            wanted = [Group(upper, group.of)]
            if group.of == "all":
                wanted += [Group(upper, "level", place.level), Group(upper, "kind", place.kind)]
            for one in wanted:
                sums[one] = added(sums.get(one, NOTHING), row)
            upper = places[upper].parent
    return sums


def added(left: Row, right: Row) -> Row:
    """The sum of two rows."""
    return tuple(map(add, left, right))
