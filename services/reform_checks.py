"""What a reform document must say before the tree is asked: each unit once, and only known ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from schemas.refusal import Reason, Refused
from schemas.times import format_day
from schemas.tree import DayTree, Tree
from services.reform_document import (
    Dissolution,
    Entry,
    Establishment,
    LevelEnd,
    Merger,
    Move,
    ReformDocument,
    Renaming,
    Split,
)


def check_document(document: ReformDocument, tree: Tree) -> None:
    """Raises Refused, with the place, at the first entry that cannot be meant."""
    _check_once(document)
    known = _Known(tree.at(document.effective_on), _established(document))
    if document.by not in known.day or known.day.closed(document.by):
        raise _wrong("by", f"{document.by} does not stand on that day and decides nothing")
    for place, entry in document.entries():
        _check_entry(place, entry, known)


def _established(document: ReformDocument) -> frozenset[str]:
    return frozenset(entry.unit for entry in document.establish)


def _check_once(document: ReformDocument) -> None:
    """A unit stands in one list alone, but for a new name beside a new parent."""
    first: dict[str, tuple[str, Entry]] = {}
    levels: set[tuple[str, str]] = set()
    renamed: set[str] = set()
    for place, entry in document.entries():
        if isinstance(entry, LevelEnd):
            if (entry.unit, entry.level) in levels:
                raise _wrong(place, f"the level {entry.level} ends in {entry.unit} already")
            levels.add((entry.unit, entry.level))
            continue
        earlier = first.get(entry.unit)
        if earlier is not None:
            both = {type(earlier[1]), type(entry)}
            if both != {Renaming, Move} or entry.unit in renamed:
                raise _twice(place, entry, *earlier)
            renamed.add(entry.unit)
        first.setdefault(entry.unit, (place, entry))


def _twice(place: str, entry: Entry, at: str, earlier: Entry) -> Refused:
    parents = {getattr(one, "parent", None) for one in (entry, earlier)}
    if len(parents) == 2 and None not in parents:
        sentence = f"{entry.unit} would have two parents at one time; {at} names another"
        return _wrong(f"{place}.parent", sentence)
    return _wrong(f"{place}.unit", f"{entry.unit} stands in {at} already; keep one of the two")


class _Known(NamedTuple):
    day: DayTree
    established: frozenset[str]

    def check(self, place: str, code: str) -> None:
        """The unit stands open on the day, or is established by the document."""
        if code in self.established:
            return
        unit = self.day.tree.units.get(code)
        if unit is None:
            raise _wrong(place, f"nobody established {code}; establish it, or correct the code")
        if code not in self.day:
            since = format_day(unit.established)
            raise _wrong(place, f"{code} exists only from {since} on, after the day of the reform")
        if self.day.closed(code):
            raise _wrong(place, f"{code} has ended before; name the unit that stands in its place")


def _check_entry(place: str, entry: Entry, known: _Known) -> None:
    if isinstance(entry, Establishment):
        if entry.unit in known.day.tree.units:
            sentence = f"{entry.unit} was established already; a code is never reused"
            raise _wrong(f"{place}.unit", sentence)
    else:
        known.check(f"{place}.unit", entry.unit)
    if isinstance(entry, Split) and not entry.into:
        raise _wrong(f"{place}.into", f"name the units into which {entry.unit} was divided")
    for field, code in named(entry):
        if code == entry.unit:
            raise _wrong(f"{place}.{field}", _itself(entry))
        known.check(f"{place}.{field}", code)
    successors = [code for _, code in named(entry)]
    for number, code in enumerate(successors):
        if code in successors[:number]:
            field = "into" if isinstance(entry, Split) else "successors"
            raise _wrong(f"{place}.{field}[{number}]", f"{code} stands there twice; name it once")


def _itself(entry: Entry) -> str:
    if isinstance(entry, Merger):
        return f"{entry.unit} cannot merge into itself; give the new unit a new code"
    if isinstance(entry, Move | Establishment):
        return f"{entry.unit} cannot stand under itself"
    return f"{entry.unit} does not succeed itself; give the new unit a new code"


def named(entry: Entry) -> Iterator[tuple[str, str]]:
    """The other units that an entry names, each with its field: `parent`, `into[0]`, …"""
    match entry:
        case Establishment() | Move():
            yield "parent", entry.parent
        case Merger():
            yield "into", entry.into
        case Split():
            yield from ((f"into[{number}]", code) for number, code in enumerate(entry.into))
        case Dissolution():
            for number, code in enumerate(entry.successors):
                yield f"successors[{number}]", code
        case Renaming() | LevelEnd():
            return


def _wrong(where: str, sentence: str) -> Refused:
    return Refused(Reason.RULE, sentence, where)
