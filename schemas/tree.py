"""The unit tree over time: ask it for a day, get who stood under whom on that day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from schemas import succession
from schemas.derivation import ABSENT, Derivation, Ints, Structure
from schemas.reforms import Counted, Pending, Reform, counted
from schemas.times import Day, Instant
from schemas.unit_facts import UnitFact, in_order
from schemas.unit_history import Conflict, UnitHistory

_Done = tuple[Counted | None, Derivation | None]


class DayTree:
    """The tree of one day. Cheap: the arrays are shared by all days without change between."""

    def __init__(self, tree: Tree, day: Day, structure: Structure) -> None:
        self.tree = tree
        self.day = day
        self.arrays = structure

    def __contains__(self, unit: str) -> bool:
        number = self.tree.numbers.get(unit)
        return number is not None and self.arrays.parent[number] != ABSENT

    def __len__(self) -> int:
        return len(self.arrays.order)

    @property
    def version(self) -> int:
        """Offset + 1 of the last unit event applied."""
        return self.tree.version

    @property
    def root(self) -> str | None:
        """The unit that holds all others; None while nobody stands."""
        order = self.arrays.order
        return self.tree.codes[order[0]] if len(order) else None

    @property
    def preorder(self) -> tuple[str, ...]:
        """All units that stand, each before its children, children by their codes."""
        return self._codes(self.arrays.order)

    def number(self, unit: str) -> int:
        """The unit's index in the arrays. Raises KeyError where it does not stand."""
        if unit not in self:
            raise KeyError(unit)
        return self.tree.numbers[unit]

    def parent(self, unit: str) -> str | None:
        """The unit above; None for the root. Raises KeyError where the unit does not stand."""
        parent = int(self.arrays.parent[self.number(unit)])
        return None if parent < 0 else self.tree.codes[parent]

    def children(self, unit: str) -> tuple[str, ...]:
        """The units right below, by their codes."""
        number = self.number(unit)
        below = self._subtree(number)
        return self._codes(below[self.arrays.parent[below] == number])

    def subtree(self, unit: str) -> tuple[str, ...]:
        """The unit and all below it, in preorder."""
        return self._codes(self._subtree(self.number(unit)))

    def path(self, unit: str) -> tuple[str, ...]:
        """From the root down to the unit, both included."""
        number, path = self.number(unit), []
        while number >= 0:
            path.append(self.tree.codes[number])
            number = int(self.arrays.parent[number])
        return tuple(reversed(path))

    def holds(self, upper: str, lower: str) -> bool:
        """Whether `lower` is `upper` or stands below it."""
        first, number = self.number(upper), self.number(lower)
        start = self.arrays.position[first]
        return bool(start <= self.arrays.position[number] < start + self.arrays.size[first])

    def level(self, unit: str) -> str:
        """commune, district, province or centre."""
        return self.tree.units[unit].level

    def kind(self, unit: str) -> str:
        """The kind of unit, such as people_committee."""
        return self.tree.units[unit].kind

    def closed(self, unit: str) -> bool:
        """Whether the unit has ended and only its past hangs here."""
        return bool(self.arrays.closed[self.number(unit)])

    @property
    def ended(self) -> tuple[str, ...]:
        """The units that have ended and stand with their past alone, by their codes."""
        return self._codes(self.arrays.closed.nonzero()[0])

    def name(self, unit: str) -> str:
        """The name that the unit bears on this day; before its establishment, its first one."""
        return self.tree.name(unit, self.day)

    def _subtree(self, number: int) -> Ints:
        start = int(self.arrays.position[number])
        return self.arrays.order[start : start + int(self.arrays.size[number])]

    def _codes(self, numbers: NDArray[Any]) -> tuple[str, ...]:
        codes = self.tree.codes
        return tuple(codes[number] for number in numbers.tolist())


class Tree:
    """All units through time, as the given facts tell it; immutable.

    `codes` are all units that ever stood, sorted; a unit's number is its place there. What belongs
    to a reform counts once the reform is enacted (schemas.reforms); until then it is `pending`.
    """

    def __init__(
        self,
        facts: dict[int, UnitFact],
        known: Instant | None = None,
        before: Tree | None = None,
    ) -> None:
        """`before` is a tree of almost the same facts, whose work is taken over where it holds."""
        self._facts = facts
        self.known = known
        # Not the tree itself: each would keep the one before it alive.
        self._before: _Done = before._done() if before is not None else (None, None)

    @classmethod
    def of(cls, events: Iterable[tuple[int, UnitFact]], known: Instant | None = None) -> Tree:
        """The tree of (offset, fact) pairs in any order; `known`: only what was recorded by then.

        An offset given twice counts once.
        """
        return cls(dict(events), known)

    def with_facts(self, events: Iterable[tuple[int, UnitFact]]) -> Tree:
        """This tree and the facts of more events."""
        return Tree({**self._facts, **dict(events)}, self.known, self)

    def without(self, event_ids: Collection[bytes]) -> Tree:
        """This tree as if these events had never been told."""
        kept = {at: fact for at, fact in self._facts.items() if fact.event_id not in event_ids}
        return Tree(kept, self.known)

    def as_known(self, known: Instant) -> Tree:
        """The tree as it was known at an instant."""
        return Tree(self._facts, known, self)

    def recorded_after(self, known: Instant) -> bool:
        """Whether the tree as known then may differ from this one."""
        return any(fact.recorded_at > known for fact in self._facts.values())

    def stands_like(self, other: Tree) -> bool:
        """Whether the same facts count in both: then no day shows them apart."""
        return self._counted.facts == other._counted.facts

    # What counts

    @cached_property
    def _counted(self) -> Counted:
        before = self._before[0]
        return counted(
            in_order(self._facts.values(), self.known), before.reforms if before else None
        )

    @cached_property
    def _derived(self) -> Derivation:
        found, before = self._counted.facts, self._before[1]
        self._before = (None, None)  # its work is taken over, or of no use
        return before if before is not None and before.facts == found else Derivation(found)

    def _done(self) -> _Done:
        """What has been worked out here or in the tree before; nothing is worked out for it."""
        held = self.__dict__
        return held.get("_counted", self._before[0]), held.get("_derived", self._before[1])

    @property
    def facts(self) -> Collection[UnitFact]:
        """All facts that were told, also those that do not count."""
        return self._facts.values()

    @property
    def told(self) -> Collection[tuple[int, UnitFact]]:
        """The same with the offset of each."""
        return self._facts.items()

    @cached_property
    def end(self) -> int:
        """Offset + 1 of the last unit event told."""
        return max(self._facts, default=-1) + 1

    @cached_property
    def version(self) -> int:
        """Offset + 1 of the last unit event that counts."""
        idle = self._counted.idle
        seen = [
            at
            for at, fact in self._facts.items()
            if (self.known is None or fact.recorded_at <= self.known) and fact.event_id not in idle
        ]
        return max(seen) + 1 if seen else 0

    @property
    def pending(self) -> tuple[Pending, ...]:
        """The reforms of which parts are recorded that stand in no tree yet."""
        return self._counted.pending

    @property
    def idle(self) -> frozenset[bytes]:
        """Ids of events that do not count: pending parts, enactments that fit nothing."""
        return self._counted.idle

    def reform(self, reform: str, by: str) -> Reform | None:
        """What is recorded of a unit's reform, and what of it is in force; None for nothing."""
        return self._counted.reforms.get((reform, by))

    @property
    def units(self) -> dict[str, UnitHistory]:
        """Every unit that ever stood, through time."""
        return self._derived.units

    @cached_property
    def conflicts(self) -> Sequence[Conflict]:
        """Facts that changed nothing, in the order of days; then reforms that hold nothing."""
        return [*self._derived.lineage.conflicts, *self._counted.conflicts]

    @property
    def waiting(self) -> Sequence[UnitFact]:
        """Facts whose unit, parent or successor nobody has established."""
        return self._derived.lineage.waiting

    # Units

    @property
    def codes(self) -> tuple[str, ...]:
        """All units that ever stood, sorted."""
        return self._derived.codes

    @property
    def numbers(self) -> dict[str, int]:
        """Code -> place in `codes`."""
        return self._derived.numbers

    @property
    def levels(self) -> tuple[tuple[str, ...], Ints]:
        """The levels that occur, sorted, and for each unit number the index of its level."""
        return self._derived.levels

    @property
    def kinds(self) -> tuple[tuple[str, ...], Ints]:
        """The kinds that occur, sorted, and for each unit number the index of its kind."""
        return self._derived.kinds

    @property
    def days(self) -> tuple[Day, ...]:
        """The days on which any unit came to stand elsewhere, ascending."""
        return self._derived.days

    @property
    def changes(self) -> Sequence[tuple[Day, str]]:
        """(day, unit) for every time that a unit came to stand elsewhere or ended, by days."""
        return self._derived.lineage.changes

    def at(self, day: Day) -> DayTree:
        """The tree of a day, also of one that lies ahead."""
        return DayTree(self, day, self._derived.structure(day))

    def name(self, unit: str, day: Day) -> str:
        """The name borne on a day; before the first one, the first."""
        names = self.units[unit].names
        return names[max(0, bisect_right(names, day, key=lambda named: named.day) - 1)].name

    def search(self, text: str, limit: int) -> list[str]:
        """Codes of at most `limit` units whose code or any name, ever, holds the text.

        Case and diacritics do not count. Whole names come first, then beginnings of names.
        """
        return self._derived.search(text, limit)

    def conflicts_of(self, unit: str) -> list[Conflict]:
        """The conflicts about one unit."""
        return [conflict for conflict in self.conflicts if conflict.unit == unit]

    # Succession

    def receiver(self, unit: str, day: Day) -> str | None:
        """Who has, on that day, what the unit owed: itself while open, else whom it went to.

        A merged unit's successor, the first of a split or dissolved one's, else the lowest open
        unit above; and so on from one that has ended itself. None where the unit does not stand.
        """
        return succession.receiver(self.at(day), unit)

    def heir(self, unit: str, day: Day) -> str | None:
        """The same by succession alone: None also where what it owed fell to the unit above."""
        return succession.heir(self.at(day), unit)

    def predecessors(self, unit: str, day: Day) -> tuple[str, ...]:
        """The units that had, by that day, gone into this one, and into those; by their codes."""
        return succession.predecessors(self._derived.successions, unit, day)

    def lineage(self, unit: str, day: Day) -> tuple[succession.Predecessor, ...]:
        """The predecessors by that day, by the days of their ends; each counts with one unit.

        Who went into several units counts with the main one, the first; where that is another
        line than this unit's, the predecessor is named and not counted.
        """
        return succession.lineage(self.units, self._derived.successions, unit, day)

    def cause(self, unit: str, day: Day) -> UnitFact | None:
        """The fact by which the unit came to stand where it does since the day; None for none.

        An ended unit that follows its successors does so because of its end.
        """
        causes, ended = self._derived.lineage.causes, self.units[unit].closed
        return causes.get((unit, day)) or (causes.get((unit, ended)) if ended else None)
