"""A reform as one reviewed document: what is established, renamed, moved and ended on one day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.event import Document
from schemas.times import Day


@dataclass(frozen=True, kw_only=True)
class Establishment:
    """A unit that exists from the day on."""

    unit: str
    name: str
    level: str
    kind: str
    parent: str
    aliases: tuple[str, ...] = ()
    official_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Renaming:
    """A unit that bears another name from the day on."""

    unit: str
    name: str
    aliases: tuple[str, ...] = ()
    official_code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Move:
    """A unit that stands under another parent from the day on."""

    unit: str
    parent: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Merger:
    """A unit that goes into another one."""

    unit: str
    into: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Split:
    """A unit that is divided; the first successor is the main one, `inferred` where we chose it."""

    unit: str
    into: tuple[str, ...]
    inferred: bool = False
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Dissolution:
    """A unit that ends; `inferred` where we chose the first successor."""

    unit: str
    successors: tuple[str, ...] = ()
    inferred: bool = False
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class LevelEnd:
    """A level of which no unit stands below the unit from the day on."""

    unit: str
    level: str
    reason: str | None = None


Entry = Establishment | Renaming | Move | Merger | Split | Dissolution | LevelEnd
Ending = Merger | Split | Dissolution

LISTS = ("establish", "rename", "move", "merge", "split", "dissolve", "end_levels")
"""The lists of a document, in the order in which they are read, applied and shown."""


@dataclass(frozen=True, kw_only=True)
class ReformDocument:
    """The whole of a reform; `reform` is its id for ever, `by` the unit that decides it."""

    reform: str
    by: str
    effective_on: Day
    document: Document | None = None
    establish: tuple[Establishment, ...] = ()
    rename: tuple[Renaming, ...] = ()
    move: tuple[Move, ...] = ()
    merge: tuple[Merger, ...] = ()
    split: tuple[Split, ...] = ()
    dissolve: tuple[Dissolution, ...] = ()
    end_levels: tuple[LevelEnd, ...] = ()

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Every entry with its place, such as `merge[17]`."""
        for name in LISTS:
            for number, entry in enumerate(getattr(self, name)):
                yield f"{name}[{number}]", entry

    def __len__(self) -> int:
        return sum(len(getattr(self, name)) for name in LISTS)
