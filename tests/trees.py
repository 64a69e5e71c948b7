"""A small country of unit facts, for tests of the tree over time."""

from __future__ import annotations

from typing import Any

from schemas.times import day, midnight
from schemas.tree import Tree
from schemas.unit_facts import ESTABLISHED, UnitFact

FIRST = day(2007, 1, 1)
REFORM = day(2025, 7, 1)


def fact(what: int, unit: str, on: int, recorded: int = 0, **more: Any) -> UnitFact:
    identity = repr((what, unit, on, recorded, sorted(more.items()))).encode()
    more.setdefault("by", "centre")
    return UnitFact(
        what=what,
        unit=unit,
        effective_at=midnight(on),  # type: ignore[arg-type]
        recorded_at=recorded,
        event_id=identity,
        **more,
    )


def established(
    unit: str, parent: str | None, level: str, on: int = FIRST, **more: Any
) -> UnitFact:
    more.setdefault("kind", "people_committee")
    more.setdefault("name", unit)
    return fact(ESTABLISHED, unit, on, parent=parent, level=level, **more)


COUNTRY = (
    established("centre", None, "centre", kind="government", name="Trung ương"),
    established("66", "centre", "province", name="Đắk Lắk"),
    established("66.so-noi-vu", "66", "province", kind="department", name="Sở Nội vụ"),
    established("66.d1", "66", "district"),
    established("66.d1.c1", "66.d1", "commune"),
    established("66.d1.c2", "66.d1", "commune"),
    established("87", "centre", "province", name="Đồng Tháp"),
    established("87.d1", "87", "district"),
    established("87.d1.c1", "87.d1", "commune"),
)


def tree(*facts: UnitFact) -> Tree:
    return Tree.of(enumerate((*COUNTRY, *facts)))


def reasons(of: Tree) -> list[tuple[str, str]]:
    return [(conflict.unit, conflict.reason) for conflict in of.conflicts]
