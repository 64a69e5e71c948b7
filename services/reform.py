"""Planning a reform: what a document would change, or why it cannot stand as a whole.

Pure. The document is told to the tree as it will be on that day, all at once; what the tree would
not take, or what the document forgets, refuses the whole of it with the place in the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.events.unit import LEVELS
from schemas.lineage import NO_AUTHORITY
from schemas.refusal import Reason, Refused
from schemas.tree import DayTree, Tree
from schemas.unit_facts import unit_fact
from schemas.unit_history import Conflict
from services.reform_checks import check_document, named
from services.reform_document import (
    LISTS,
    Dissolution,
    Ending,
    Establishment,
    LevelEnd,
    Move,
    ReformDocument,
    Renaming,
    Split,
)
from services.reform_events import Part, parts

OFFSET = 1 << 60
"""Where the parts of a plan stand behind everything that is recorded."""
RECORDED = 1 << 52
"""When they are recorded, for the tree: after everything else."""

BY_MERGER = "merged into"
BY_SPLIT = "split: main successor"
BY_DISSOLUTION = "dissolved: first successor"
TO_THE_UNIT_ABOVE = "no successor: to the unit above"
RULES = (BY_MERGER, BY_SPLIT, BY_DISSOLUTION, TO_THE_UNIT_ABOVE)
"""By which rule what an ended unit has open finds its new ower."""


class LevelCount(NamedTuple):
    """Open units of a level before and after. `offices` stand under a unit of their own level."""

    level: str
    before: int
    after: int
    offices_before: int
    offices_after: int


class ProvinceCount(NamedTuple):
    """Units of lower levels in a province, by level; `before` or `after` is {} where it is not."""

    unit: str
    name: str
    before: dict[str, int]
    after: dict[str, int]


class Ended(NamedTuple):
    """A unit that ends, where the document says so, and who has its open obligations then."""

    unit: str
    name: str
    level: str
    place: str
    rule: str
    inferred: bool
    receiver: str


class Plan(NamedTuple):
    """What a document changes. `conflicts` are those of other records that bear on it."""

    document: ReformDocument
    parts: list[Part]
    levels: list[LevelCount]
    provinces: list[ProvinceCount]
    ended: list[Ended]
    conflicts: list[Conflict]

    @property
    def counts(self) -> dict[str, int]:
        """How many entries each list of the document has."""
        return {name: len(getattr(self.document, name)) for name in LISTS}


def plan(document: ReformDocument, tree: Tree, *, source: str = "plan") -> Plan:
    """The plan of a document for the tree of the ledger. Raises Refused with the place.

    `source` is the recording system of the events in `parts`.
    """
    told = parts(document, source)
    tree = _without_itself(document, tree)
    check_document(document, tree)
    after = _told(tree, told)
    _check_taken(told, after)
    day = document.effective_on
    was, will = tree.at(day), after.at(day)
    _check_standing(told, will)
    ended = _ended(told, was, will)
    _check_lost(document, was, will, ended)
    return Plan(
        document,
        told,
        _levels(was, will),
        _provinces(was, will),
        ended,
        _conflicts(document, tree, after),
    )


def _without_itself(document: ReformDocument, tree: Tree) -> Tree:
    """The tree without what is recorded of this very reform: it may be told again at any time."""
    recorded = tree.reform(document.reform, document.by)
    if recorded is None:
        return tree
    return tree.without({fact.event_id for fact in (*recorded.parts, *recorded.enactments)})


def _told(tree: Tree, told: Sequence[Part]) -> Tree:
    facts = []
    for number, part in enumerate(told):
        fact = unit_fact(part.event)
        assert fact is not None  # every entry makes an event of the tree
        facts.append((OFFSET + number, fact._replace(reform=None, recorded_at=RECORDED)))
    return tree.with_facts(facts)


_FIELDS = {
    "establish": "parent",
    "move": "parent",
    "merge": "into",
    "split": "into",
    "dissolve": "successors",
    "end_levels": "unit",
}


def _check_taken(told: Sequence[Part], after: Tree) -> None:
    """The tree takes every part as it is meant."""
    lost = {conflict.event_id: conflict for conflict in after.conflicts}
    waiting = {fact.event_id for fact in after.waiting}
    for part in told:
        conflict = lost.get(part.event.event_id)
        if conflict is not None:
            field = _FIELDS.get(part.place.partition("[")[0])
            to_field = field is not None and conflict.reason != NO_AUTHORITY
            place = f"{part.place}.{field}" if to_field else part.place
            raise Refused(Reason.RULE, conflict.sentence, place)
        if part.event.event_id in waiting:
            sentence = f"{part.entry.unit} names a unit that stands nowhere on that day"
            raise Refused(Reason.RULE, f"{sentence}; establish that one too", part.place)


def _check_standing(told: Sequence[Part], will: DayTree) -> None:
    """What is established stands open, and nothing goes to a unit that ends on this very day."""
    for part in told:
        unit = part.entry.unit
        if isinstance(part.entry, Establishment) and will.closed(unit):
            sentence = f"{unit} would end on its first day; its level ends in this file"
            raise Refused(Reason.RULE, sentence, f"{part.place}.level")
        if isinstance(part.entry, Move | Renaming) and will.closed(unit):
            sentence = f"{unit} ends with its level on that day; leave it out here"
            raise Refused(Reason.RULE, sentence, f"{part.place}.unit")
        for field, code in named(part.entry):
            if will.closed(code):
                sentence = f"{code} ends on that day; name the unit that stands in its place"
                raise Refused(Reason.RULE, sentence, f"{part.place}.{field}")


def _check_lost(
    document: ReformDocument, was: DayTree, will: DayTree, ended: Sequence[Ended]
) -> None:
    """An open unit right below one that ends is moved or ends itself: nobody is forgotten."""
    places = {one.unit: one.place for one in ended}
    moved = {entry.unit for entry in document.move}
    lost: dict[str, list[str]] = {}
    for code in was.preorder:
        above = was.parent(code)
        if above in places and code not in moved and not was.closed(code) and not will.closed(code):
            lost.setdefault(above, []).append(code)
    for above, place in places.items():
        if codes := lost.get(above):
            others = f" and {len(codes) - 1} others stand" if codes[1:] else " stands"
            sentence = f"{codes[0]}{others} under {above}, which ends; say where that goes too"
            raise Refused(Reason.RULE, sentence, place)


def _ended(told: Sequence[Part], was: DayTree, will: DayTree) -> list[Ended]:
    """The units that end, those that end with their level after those that the document names."""
    found = []
    for part in told:
        if isinstance(part.entry, Ending):
            inferred = isinstance(part.entry, Split | Dissolution) and part.entry.inferred
            found.append(_end(part.entry.unit, part.place, _rule(part.entry), inferred, will))
    told_of = {one.unit for one in found}
    levels = [part for part in told if isinstance(part.entry, LevelEnd)]
    for code in was.preorder:
        if code in told_of or was.closed(code) or not will.closed(code):
            continue
        place = next((part.place for part in levels if _ends(part.entry, code, will)), None)
        if place is None:
            sentence = f"{code} would end too, as its level has ended where it comes to stand"
            raise Refused(Reason.RULE, f"{sentence}; end it or move it elsewhere", "end_levels")
        found.append(_end(code, place, TO_THE_UNIT_ABOVE, False, will))
    return found


def _ends(entry: Any, code: str, will: DayTree) -> bool:
    return entry.level == will.level(code) and will.holds(entry.unit, code)


def _rule(entry: Any) -> str:
    if isinstance(entry, Split):
        return BY_SPLIT
    if isinstance(entry, Dissolution):
        return BY_DISSOLUTION if entry.successors else TO_THE_UNIT_ABOVE
    return BY_MERGER


def _end(code: str, place: str, rule: str, inferred: bool, will: DayTree) -> Ended:
    receiver = will.tree.receiver(code, will.day)
    assert receiver is not None  # it stands, closed
    return Ended(code, will.name(code), will.level(code), place, rule, inferred, receiver)


def _levels(was: DayTree, will: DayTree) -> list[LevelCount]:
    before, after = _by_level(was), _by_level(will)
    found = []
    for level in reversed(LEVELS):
        if level in before or level in after:
            units, offices = before.get(level, (0, 0))
            units_after, offices_after = after.get(level, (0, 0))
            found.append(LevelCount(level, units, units_after, offices, offices_after))
    return found


def _by_level(day: DayTree) -> dict[str, tuple[int, int]]:
    """By level the open units, and the open offices of such units."""
    found: Counter[tuple[str, bool]] = Counter()
    for code in day.preorder:
        if not day.closed(code):
            found[day.level(code), _is_office(day, code)] += 1
    return {level: (found[level, False], found[level, True]) for level, _ in found}


def _is_office(day: DayTree, code: str) -> bool:
    parent = day.parent(code)
    return parent is not None and day.level(parent) == day.level(code)


def _provinces(was: DayTree, will: DayTree) -> list[ProvinceCount]:
    codes = {
        code: day
        for day in (was, will)
        for code in day.preorder
        if day.level(code) == "province" and not day.closed(code) and not _is_office(day, code)
    }
    return [
        ProvinceCount(code, day.name(code), _below(was, code), _below(will, code))
        for code, day in sorted(codes.items())
    ]


def _below(day: DayTree, province: str) -> dict[str, int]:
    if province not in day or day.closed(province):
        return {}
    found: Counter[str] = Counter()
    for code in day.subtree(province)[1:]:
        if not day.closed(code) and not _is_office(day, code):
            found[day.level(code)] += 1
    return dict(found)


def _conflicts(document: ReformDocument, tree: Tree, after: Tree) -> list[Conflict]:
    """Conflicts about the units of the document that stand already, and those it would bring."""
    ours = {entry.unit for _, entry in document.entries()}
    known = {conflict.event_id for conflict in tree.conflicts}
    return [
        conflict
        for conflict in after.conflicts
        if conflict.unit in ours or conflict.event_id not in known
    ]
