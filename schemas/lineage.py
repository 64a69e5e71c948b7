"""Lineage: unit facts in any order -> where every unit stood, day by day, and what was disputed.

Of one day, establishments are read first, then renamings, moves and endings, so that a reform
may name units in any order; what a level that ends leaves open is closed last. A fact about a
unit, a parent or a successor that nobody established waits until it is. Whatever the facts say, a
unit that stands keeps a way up to the root.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from schemas.times import Day
from schemas.unit_facts import (
    DISSOLVED,
    ESTABLISHED,
    LEVEL_ENDED,
    MERGED,
    MOVED,
    RENAMED,
    UnitFact,
)
from schemas.unit_history import Conflict, Stand, UnitHistory

PARENT_DISPUTED = "parent_disputed"
NO_AUTHORITY = "no_authority"
CYCLE = "cycle"
CLOSED = "closed"
LEVEL_GONE = "level_ended"
ESTABLISHED_TWICE = "established_twice"
SECOND_ROOT = "second_root"


class Lineage:
    """The derivation. After `read` it holds every unit, every conflict and what still waits."""

    def __init__(self) -> None:
        self.units: dict[str, UnitHistory] = {}
        self.root: str | None = None
        self.conflicts: list[Conflict] = []
        self.waiting: list[UnitFact] = []
        self.changes: list[tuple[Day, str]] = []
        self.causes: dict[tuple[str, Day], UnitFact] = {}
        """(unit, day) -> the fact by which the unit came to stand elsewhere, or ended, that day."""
        self._parent: dict[str, str | None] = {}
        self._adrift: list[str] = []
        self._touched: set[str] = set()
        self._moved_at: dict[str, int] = {}
        self._moved_now: dict[str, UnitFact] = {}
        self._open: dict[str, dict[str, None]] = {}
        self._ended: dict[tuple[str, str], UnitFact] = {}

    @classmethod
    def of(cls, facts: Iterable[UnitFact]) -> Lineage:
        """The lineage of facts that stand in order (unit_facts.in_order)."""
        lineage = cls()
        for day, group in groupby(facts, key=lambda fact: fact.day):
            lineage._read(day, [*lineage.waiting, *group])
        return lineage

    def _read(self, day: Day, facts: list[UnitFact]) -> None:
        self.waiting = []
        self._touched = set()
        self._moved_now = {}
        self._establish(day, [fact for fact in facts if fact.what == ESTABLISHED])
        for fact in self._ready(facts, RENAMED, RENAMED):
            self.units[fact.unit].name(fact, day)
        self._settle(day, self._ready(facts, MOVED, MOVED))
        self._settle(day, self._ready(facts, MERGED, DISSOLVED))
        self._hang_again()
        self._end_levels(day, self._ready(facts, LEVEL_ENDED, LEVEL_ENDED))
        self.waiting.sort(key=lambda fact: fact.place)
        for code in sorted(self._touched):
            unit, parent = self.units[code], self._parent[code]
            stand = Stand(day, parent, unit.closed is not None)
            if not unit.stands or unit.stands[-1][1:] != stand[1:]:
                unit.stands.append(stand)
                self.changes.append((day, code))

    # Establishing

    def _establish(self, day: Day, facts: list[UnitFact]) -> None:
        """Parents before children, whatever the order of the facts."""
        by_parent: dict[str, list[UnitFact]] = {}
        for fact in facts:
            if fact.unit in self.units:
                self._twice(day, fact)
            elif fact.parent is not None:
                by_parent.setdefault(fact.parent, []).append(fact)
            elif self.root is None:
                self._found(day, fact)
            else:
                sentence = f"{self.root} is the root already; name a parent"
                self._note(day, fact, SECOND_ROOT, sentence)
        ready = [parent for parent in by_parent if parent in self.units]
        while ready:
            claims = [claim for parent in ready for claim in by_parent.pop(parent)]
            # Of two claims to one unit: the earlier day, then authority, then the later record.
            claims.sort(
                key=lambda claim: (
                    claim.unit,
                    claim.day,
                    not self._holds(self._head(claim.by), claim.parent),
                    -claim.recorded_at,
                    claim.event_id,
                )
            )
            new = set()
            for claim in claims:
                if claim.unit in self.units:
                    self._twice(day, claim)
                elif not self._level_gone(day, claim, claim.parent, claim.level):
                    self._found(day, claim)
                    new.add(claim.unit)
            ready = sorted(new & by_parent.keys())
        for claim in (claim for claims in by_parent.values() for claim in claims):
            if claim.unit in self.units:
                self._twice(day, claim)
            else:
                self.waiting.append(claim)

    def _found(self, day: Day, fact: UnitFact) -> None:
        unit = UnitHistory(code=fact.unit, level=fact.level, kind=fact.kind, established=day)
        unit.name(fact, day)
        self.units[fact.unit] = unit
        self._open.setdefault(fact.level, {})[fact.unit] = None
        self.causes[fact.unit, day] = fact
        self._hang(fact.unit, fact.parent)
        if fact.parent is None:
            self.root = fact.unit

    def _twice(self, day: Day, fact: UnitFact) -> None:
        unit = self.units[fact.unit]
        parent = unit.stands[0].parent if unit.stands else self._parent[fact.unit]
        said = (fact.name, fact.level, fact.kind, fact.parent)
        if said != (unit.names[0].name, unit.level, unit.kind, parent):
            sentence = f"{fact.unit} was established already, in other words"
            self._note(day, fact, ESTABLISHED_TWICE, sentence)

    # Moving and ending

    def _ready(self, facts: list[UnitFact], first: int, last: int) -> list[UnitFact]:
        """The facts of these kinds whose units all stand; the others go on waiting."""
        ready = []
        for fact in facts:
            if not first <= fact.what <= last:
                continue
            needed = (fact.unit, *fact.successors, *((fact.parent,) if fact.parent else ()))
            if all(code in self.units for code in needed):
                ready.append(fact)
            else:
                self.waiting.append(fact)
        return ready

    def _settle(self, day: Day, claims: list[UnitFact]) -> None:
        """Authority first, then of one day the later recorded; losers are noted, never lost."""
        by_unit: dict[str, list[UnitFact]] = {}
        for claim in claims:
            by_unit.setdefault(claim.unit, []).append(claim)
        holders = []
        for group in by_unit.values():
            allowed = [claim for claim in group if self._allowed(day, claim)]
            allowed.sort(key=lambda claim: (claim.recorded_at, claim.event_id))
            for loser in allowed[:-1]:
                if _goal(loser) != _goal(allowed[-1]):
                    sentence = f"a later record of the same day says otherwise for {loser.unit}"
                    self._note(day, loser, PARENT_DISPUTED, sentence)
            holders += allowed[-1:]
        holders.sort(key=lambda claim: claim.place)
        for holder in holders:
            if holder.what == MOVED:
                self._move(day, holder)
            else:
                self._end(day, holder)

    def _allowed(self, day: Day, claim: UnitFact) -> bool:
        unit = self.units[claim.unit]
        parent = claim.parent if claim.what == MOVED else None
        if unit.closed is not None:
            self._note(day, claim, CLOSED, f"{claim.unit} has ended already")
            return False
        if self._level_gone(day, claim, parent, unit.level):
            return False
        if parent is not None and self.units[parent].closed is not None:
            self._note(day, claim, CLOSED, f"{parent} has ended; nothing moves under it")
            return False
        if parent is not None and claim.effective_at < self._moved_at.get(claim.unit, 0):
            # It waited for its parent, and meanwhile a later decision took effect.
            sentence = f"a later decision on {claim.unit} took effect before {parent} stood"
            self._note(day, claim, PARENT_DISPUTED, sentence)
            return False
        goal = parent or self._common(claim.successors)
        head = self._head(claim.by)
        old = self._parent[claim.unit]
        if goal == old:
            return self._authority(day, claim, head, (old,))
        if claim.what == MERGED and goal is not None:
            # Who may merge is who stands above both, not the unit that would gain.
            goal = self._parent[goal] if goal != self.root else goal
        return self._authority(day, claim, head, (old, goal))

    def _authority(
        self, day: Day, claim: UnitFact, head: str | None, under: tuple[str | None, ...]
    ) -> bool:
        if all(unit is None or self._holds(head, unit) for unit in under):
            return True
        sentence = f"{claim.by} is not a common superior and may not decide this for {claim.unit}"
        self._note(day, claim, NO_AUTHORITY, sentence)
        return False

    def _move(self, day: Day, fact: UnitFact) -> None:
        if fact.parent is None or self._holds(fact.unit, fact.parent):
            sentence = f"{fact.parent} stands under {fact.unit}; the move would close a cycle"
            self._note(day, fact, CYCLE, sentence)
            return
        self._moved_at[fact.unit] = fact.effective_at
        self._moved_now[fact.unit] = fact
        self.causes[fact.unit, day] = fact
        self._hang(fact.unit, fact.parent)

    def _end(self, day: Day, fact: UnitFact) -> None:
        unit = self.units[fact.unit]
        if fact.unit == self.root:
            self._note(day, fact, CYCLE, "the root cannot end; everything hangs under it")
            return
        if fact.what == MERGED and self._holds(fact.unit, fact.successors[0]):
            sentence = f"{fact.successors[0]} stands under {fact.unit}; it cannot take it in"
            self._note(day, fact, CYCLE, sentence)
            return
        self._close(day, unit, fact)
        self.causes[fact.unit, day] = fact
        unit.successors = fact.successors
        if fact.what == MERGED:
            self._hang(fact.unit, fact.successors[0])
        elif fact.successors:
            self._adrift.append(fact.unit)

    def _hang_again(self) -> None:
        """A split or dissolved unit hangs under the lowest unit that holds its successors now."""
        # The way up from a successor may lead past another such unit that has yet to move, so
        # this goes on until none moves; no more rounds than units, should they chase each other.
        for _ in self._adrift:
            before = [self._parent[code] for code in self._adrift]
            for code in self._adrift:
                goal = self._common(self.units[code].successors)
                while goal is not None and self._holds(code, goal):
                    goal = self._parent[goal]
                self._hang(code, goal if goal is not None else self.root)
            if before == [self._parent[code] for code in self._adrift]:
                return

    # Levels that end

    def _end_levels(self, day: Day, claims: list[UnitFact]) -> None:
        """Close what stands open of an ended level, also what was carried under it since."""
        for claim in sorted(claims, key=lambda claim: claim.place):
            if self._authority(day, claim, self._head(claim.by), (claim.unit,)):
                self._ended.setdefault((claim.unit, claim.level), claim)
        gone = self._of_ended_levels()
        if not gone:
            return
        for code, claim in gone.items():
            self._close(day, self.units[code], claim)
            self.causes[code, day] = claim
        below = [
            code
            for code, parent in self._parent.items()
            if parent in gone and self.units[code].closed is None
        ]
        for code in below:
            self.causes[code, day] = gone[self._parent[code] or ""]
            if (move := self._moved_now.get(code)) is not None:
                sentence = f"{move.parent} ended with its level on that day; {code} stands above it"
                self._note(day, move, LEVEL_GONE, sentence)
        # From the old places, before anything moves: a child must not follow its ended parent.
        goals = {code: self._above_level(code) for code in below}
        goals |= {code: self._open_above(code) for code in gone}
        for code, goal in goals.items():
            self._hang(code, goal)
        self._hang_again()

    def _of_ended_levels(self) -> dict[str, UnitFact]:
        """The open units that stand where their level has ended, and which fact ended it."""
        gone: dict[str, UnitFact] = {}
        for (inside, level), claim in self._ended.items():
            for code in self._open.get(level, ()):
                if code != inside and self._holds(inside, code):
                    gone.setdefault(code, claim)
        return gone

    def _level_gone(self, day: Day, claim: UnitFact, parent: str | None, level: str) -> bool:
        """Whether the level, or that of the parent, has ended where the unit is to stand."""
        if parent is None or not self._ended:
            return False
        above = self.units[parent]
        if above.ending == LEVEL_ENDED:
            sentence = f"{parent} ended with its level; nothing stands under it any more"
        elif any(level == gone and self._holds(inside, parent) for inside, gone in self._ended):
            sentence = f"the level {level} has ended there; {claim.unit} cannot stand there"
        else:
            return False
        self._note(day, claim, LEVEL_GONE, sentence)
        return True

    def _open_above(self, code: str) -> str | None:
        """The lowest open unit above; the root, which never ends, at last."""
        above = self._parent[code]
        while above is not None and self.units[above].closed is not None:
            above = self._parent[above]
        return above

    def _above_level(self, code: str) -> str | None:
        """The lowest unit above that did not end with its level, be it closed.

        A merger takes the open units below along where they stand, whether it is told for the day
        before, the same day or the day after; only what its own parent's end sets free moves up.
        """
        above = self._parent[code]
        while above is not None and self.units[above].ending == LEVEL_ENDED:
            above = self._parent[above]
        return above

    def _close(self, day: Day, unit: UnitHistory, fact: UnitFact) -> None:
        unit.closed, unit.ending, unit.ended_by = day, fact.what, fact
        self._open[unit.level].pop(unit.code, None)
        self._touched.add(unit.code)

    def _hang(self, code: str, parent: str | None) -> None:
        self._parent[code] = parent
        self._touched.add(code)

    # Looking up

    def _path(self, code: str | None) -> Iterator[str]:
        while code is not None:
            yield code
            code = self._parent[code]

    def _holds(self, upper: str | None, lower: str | None) -> bool:
        return upper is not None and upper in self._path(lower)

    def _head(self, code: str) -> str | None:
        """The unit for which an office acts: a department of province level acts for it."""
        if code not in self.units:
            return None
        level = self.units[code].level
        parent = self._parent[code]
        while parent is not None and self.units[parent].level == level:
            code, parent = parent, self._parent[parent]
        return code

    def _common(self, codes: tuple[str, ...]) -> str | None:
        """The lowest unit that holds all of them; None for none."""
        if not codes:
            return None
        shared = list(self._path(codes[0]))
        for code in codes[1:]:
            path = set(self._path(code))
            shared = [upper for upper in shared if upper in path]
        return shared[0] if shared else None

    def _note(self, day: Day, fact: UnitFact, reason: str, sentence: str) -> None:
        self.conflicts.append(Conflict(fact.unit, day, reason, fact.event_id, sentence))


def _goal(fact: UnitFact) -> tuple[str | None, tuple[str, ...]]:
    return (fact.parent, fact.successors)
