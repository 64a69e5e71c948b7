"""Restatements: what late facts changed of published figures, for the topic, lists and boards.

Nothing is kept of them but what was derived last: the facts say it again whenever it is asked.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from projections.ask import NOW, Clocks, UnknownUnit
from projections.facts import Fact
from projections.late import Late, Sought
from projections.obligation import RevisionDays
from projections.restating import Sides, published_until, restated, sides
from projections.units_restated import Figures, UnitsRestated
from schemas.event import Effect
from schemas.restatement import Restatement
from schemas.times import Day, Instant, day_of
from schemas.tree import Tree
from schemas.unit_facts import UnitFact

LISTED, LISTED_MAX = 50, 500
"""Restatements of one list unless it is said otherwise, and at most."""
DERIVED_MAX = 2_000
"""Most late facts that one list derives: half a second's work; the list says that there is more."""
ANNOTATED_MAX = 100
"""Most late facts that are derived for the annotation of one board."""
KEPT = 1_000
"""Most late facts of which it is kept what they changed."""
UNITS_KEPT = 64
"""Most units of which it is kept who ever stood below them."""
TREES_KEPT = 32
"""Most trees that are kept as they were known once."""
LATE_FACT, CORRECTION, UNIT_EVENT = CAUSES = ("late_fact", "correction", "unit_event")
"""What restates figures: a fact recorded late, one that corrects another, a unit event."""


class LateFacts(Protocol):
    """The facts of obligations, and which of them are late."""

    def facts(self, obligation: str) -> Sequence[Fact]:
        """The facts of an obligation, in order of arrival."""

    def late_facts(self, sought: Sought) -> Iterable[Late]:
        """The late facts that are sought, the one recorded last first."""

    def obligation_of(self, event_id: bytes) -> str | None:
        """The obligation that has the event among its facts."""


class Listed(NamedTuple):
    """Restatements, the last recorded first; `more`: there may be more than were derived."""

    records: Sequence[Restatement]
    more: bool


class Restated(NamedTuple):
    """How many late facts changed a board's figures of a day, and when the last was recorded."""

    events: int
    last: Instant | None
    more: bool


class Explained(NamedTuple):
    """One fact of an obligation, both its sides, and what it changed."""

    fact: Fact
    sides: Sides
    records: Sequence[Restatement]


class _Kept(NamedTuple):
    late: Late
    trees: tuple[Tree, Tree]
    records: Sequence[Restatement]


class Restatements:
    """The restatements of what is in memory. One thread at a time may use it."""

    def __init__(
        self,
        facts: LateFacts,
        figures: Figures,
        revision_days: RevisionDays,
        units: UnitsRestated | None = None,
    ) -> None:
        """`units` are the restatements because of unit events."""
        self.units = units or UnitsRestated(figures)
        self._facts = facts
        self._figures = figures
        self._revision_days = revision_days
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._recorded: tuple[Tree, list[Instant]] | None = None
        self._known: OrderedDict[Instant, tuple[Tree, Tree]] = OrderedDict()
        self._below: _Below | None = None
        self._counts: Counter[str] = Counter()

    def counts(self) -> dict[str, int]:
        """How many were told since the process began, by cause; 0 for the others."""
        units = {UNIT_EVENT: self.units.count}
        return dict.fromkeys(CAUSES, 0) | self._counts | units

    def told(self, obligation: str, event_ids: Iterable[bytes]) -> Iterator[Restatement]:
        """What these facts of one obligation changed, one after the other."""
        facts = self._facts.facts(obligation)
        by_id = {fact.event_id: fact for fact in facts}
        for event_id in event_ids:
            if event_id in by_id:
                fact = by_id[event_id]
                trees = self._trees(fact.recorded_at)
                cause = CORRECTION if fact.effect == Effect.CORRECTS else LATE_FACT
                for one in restated(facts, event_id, self._revision_days, *trees):
                    self._counts[cause] += 1
                    yield one

    def listed(
        self,
        unit: str | None,
        since: Instant | None,
        obligation: str | None,
        limit: int,
        clocks: Clocks = NOW,
    ) -> Listed:
        """At most `limit` restatements of a unit's figures (None: of all units).

        `since`: recorded from then on; until K, and of T's day alone, where `clocks` name them.
        Raises UnknownUnit.
        """
        owers = None if unit is None else self._ever_below(unit)
        day = None if clocks.on is None else day_of(clocks.on)

        def meant(one: Restatement) -> bool:
            as_known = clocks.known is None or one.recorded_at <= clocks.known
            return as_known and unit in (None, one.unit) and (day is None or one.covers(day))

        found: list[Restatement] = []
        if obligation is None:
            some = [one for told in self.units.all() for one in told if meant(one)]
            found = [one for one in some if one.recorded_at >= (since or 0)]
        sought = Sought(since or 0, owers, obligation, day, clocks.known)
        cut = False
        most = len(found) + limit
        for number, late in enumerate(self._facts.late_facts(sought)):
            cut = number == DERIVED_MAX
            if cut or len(found) > most:
                break
            found += [one for one in self._of(late) if meant(one)]
        found.sort(key=lambda one: one.recorded_at, reverse=True)
        return Listed(found[:limit], cut or len(found) > limit)

    def on(self, unit: str, day: Day) -> Restated | None:
        """What has restated the unit's figures of a day that has ended; None where nothing has."""
        if unit not in self._figures.tree.units:
            return None
        told = [some for some in self.units.all() if _differs(some, unit, day)]
        recorded = [some[0].recorded_at for some in told]
        late_facts = iter(self._facts.late_facts(Sought(owers=self._ever_below(unit), day=day)))
        for late in islice(late_facts, ANNOTATED_MAX):
            if _differs(self._of(late), unit, day):
                recorded.append(Instant(late.recorded_at))
        more = next(late_facts, None) is not None
        if not recorded and not more:
            return None
        return Restated(len(recorded), max(recorded, default=None), more)

    def explained(self, event_id: bytes) -> Explained | None:
        """What one fact changed, and of what; None where it is not known here."""
        obligation = self._facts.obligation_of(event_id)
        if obligation is None:
            return None
        facts = self._facts.facts(obligation)
        fact = next(one for one in facts if one.event_id == event_id)
        records = list(self.told(obligation, [event_id]))
        return Explained(fact, sides(facts, fact, self._revision_days), records)

    def unit_event(self, event_id: bytes) -> tuple[UnitFact, Sequence[Restatement]] | None:
        """A fact of the tree and what it changed; None where the tree has no such fact."""
        return self.units.of(event_id)

    def _of(self, late: Late) -> Sequence[Restatement]:
        trees = self._trees(late.recorded_at)
        held = self._kept.get(late.event_id)
        if held is not None and held.late == late and _same(held.trees, trees):
            self._kept.move_to_end(late.event_id)
            return held.records
        facts = self._facts.facts(late.obligation)
        records = restated(facts, late.event_id, self._revision_days, *trees)
        self._kept[late.event_id] = _Kept(late, trees, records)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return records

    def _trees(self, recorded_at: int) -> tuple[Tree, Tree]:
        """The tree as something was recorded, and the one whose boards were published before."""
        return self._tree(Instant(recorded_at)), self._tree(published_until(recorded_at))

    def _tree(self, known: Instant) -> Tree:
        """The tree as known then; the same object as long as nothing in it has changed."""
        now = self._figures.tree
        if self._recorded is None or self._recorded[0] is not now:
            self._recorded = (now, sorted(Instant(fact.recorded_at) for fact in now.facts))
        instants = self._recorded[1]
        at = bisect_right(instants, known)
        if at == len(instants):
            return now
        known = instants[at - 1] if at else Instant(instants[0] - 1)
        held = self._known.get(known)
        if held is not None and held[0] is now:
            return held[1]
        found = now.as_known(known)
        if held is not None and found.stands_like(held[1]):
            found = held[1]
        self._known[known] = (now, found)
        if len(self._known) > TREES_KEPT:
            self._known.popitem(last=False)
        return found

    def _ever_below(self, unit: str) -> Sequence[str] | None:
        """The unit and whoever ever stood below it; None where that is everybody."""
        tree = self._figures.tree
        if unit not in tree.units:
            raise UnknownUnit(unit)
        if self._below is None or self._below.tree is not tree:
            self._below = _Below(tree)
        return self._below.of(unit)


class _Below:
    """Who ever stood below whom in one tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._children: defaultdict[str, list[str]] = defaultdict(list)
        self._found: dict[str, Sequence[str] | None] = {}
        for code, history in tree.units.items():
            for parent in {stand.parent for stand in history.stands}:
                if parent is not None:
                    self._children[parent].append(code)

    def of(self, unit: str) -> Sequence[str] | None:
        """The unit and whoever ever stood below it; None where that is everybody."""
        if unit not in self._found:
            if len(self._found) >= UNITS_KEPT:
                self._found.clear()
            self._found[unit] = self._find(unit)
        return self._found[unit]

    def _find(self, unit: str) -> Sequence[str] | None:
        found = {unit: None}
        new = [unit]
        while new:
            new = [c for one in new for c in self._children.get(one, ()) if c not in found]
            found.update(dict.fromkeys(new))
        return None if len(found) == len(self.tree.units) else list(found)


def _differs(records: Iterable[Restatement], unit: str, day: Day) -> bool:
    return any(one.unit == unit and one.covers(day) for one in records)


def _same(ones: tuple[Tree, Tree], others: tuple[Tree, Tree]) -> bool:
    return all(one is other for one, other in zip(ones, others, strict=True))
