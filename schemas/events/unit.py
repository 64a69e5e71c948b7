"""Events of the unit tree and of classes of units; effective at local midnight.

An event with a `reform` is a part of that reform: it stands in no tree until the reform is enacted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from schemas.event import Code, Context, OneOf, Text, Word, event

LEVELS = ("commune", "district", "province", "centre")
UNIT_KINDS = (
    "government",
    "ministry",
    "people_committee",
    "people_council",
    "chair",
    "office",
    "department",
    "division",
    "steering_committee",
    "media",
    "school",
    "one_stop_centre",
    "one_stop_unit",
    "public_service_unit",
    "party",
    "front",
    "other",
)


@event("unit.established.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class UnitEstablished(Context):
    """A unit exists from this day on (row 4). Only the root has no parent."""

    name: Word
    aliases: tuple[Word, ...] = ()
    level: Annotated[str, OneOf(LEVELS)]
    kind: Annotated[str, OneOf(UNIT_KINDS)]
    parent: Code | None
    official_code: Word | None = None
    reform: Word | None = None


@event("unit.renamed.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class UnitRenamed(Context):
    """The unit bears another name from this day on; the old one stays as an alias (row 5)."""

    name: Word
    aliases: tuple[Word, ...] = ()
    official_code: Word | None = None
    reason: Text | None = None
    reform: Word | None = None


@event("unit.moved.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class UnitMoved(Context):
    """The unit stands under another parent from this day on (row 5)."""

    parent: Code
    reason: Text | None = None
    reform: Word | None = None


@event("unit.merged.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class UnitMerged(Context):
    """The unit went into another on this day and stands, closed, under it (row 5)."""

    into: Code
    reason: Text | None = None
    reform: Word | None = None


@event("unit.split.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class UnitSplit(Context):
    """The unit was divided on this day; the first successor is the main one (row 5)."""

    into: tuple[Code, ...]
    reason: Text | None = None
    reform: Word | None = None


@event("unit.dissolved.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class UnitDissolved(Context):
    """The unit ended on this day; successors where there are any (row 5)."""

    successors: tuple[Code, ...] = ()
    reason: Text | None = None
    reform: Word | None = None


@event("unit.level_ended.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class UnitLevelEnded(Context):
    """From this day on no unit of the level stands open below the unit; those that did have ended.

    What an ended unit has open goes to the unit above; its open children stand there too.
    """

    level: Annotated[str, OneOf(LEVELS)]
    reason: Text | None = None
    reform: Word | None = None


@event("reform.enacted.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class ReformEnacted(Context):
    """The parts of a reform that the acting unit decided hold from here on, all or none.

    `parts` is the number of their event ids, `sha256` the digest of schemas.reforms.digest.
    """

    reform: Word
    parts: int
    sha256: Word


@event("unit_class.members_set.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class UnitClassMembersSet(Context):
    """The members of a class of units from this day on (row 6; S1:163). `unit` sets them."""

    unit_class: Word
    members: tuple[Code, ...]


@event("oversight.assigned.v1", topic="units")
@dataclass(frozen=True, kw_only=True)
class OversightAssigned(Context):
    """A member of a committee answers for areas and units (row 8; S1:149). No person's name."""

    member: Word
    areas: tuple[Word, ...] = ()
    units: tuple[Code, ...] = ()
