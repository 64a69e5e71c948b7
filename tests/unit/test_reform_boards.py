"""Boards while a reform is told: nothing changes until it is enacted, then all of it at once."""

from __future__ import annotations

from projections.boards import Boards
from schemas.event import Event
from schemas.times import Instant
from schemas.tree import Tree
from schemas.unit_facts import unit_fact
from services.reform import plan
from services.reform_events import enacted
from services.reform_reading import parse_reform
from tests.office import at, established

TEXT = """
reform: r-1
by: centre
effective_on: 2025-07-01
establish:
- {unit: "2025.1", name: Xã Một, level: commune, kind: people_committee, parent: "66"}
merge:
- {unit: "66.1", into: "2025.1"}
- {unit: "66.2", into: "2025.1"}
"""


def now() -> Instant:
    return at("2025-07-02 08:00")


def test_parts_that_are_told_change_no_board_and_the_enactment_changes_all_of_them() -> None:
    units: list[Event] = [
        established("centre", None),
        established("66", "centre"),
        established("66.1", "66", level="commune"),
        established("66.2", "66", level="commune"),
    ]
    facts = [fact for unit in units if (fact := unit_fact(unit)) is not None]
    planned = plan(parse_reform(TEXT), Tree.of(enumerate(facts)))
    parts = [part.event for part in planned.parts]
    boards = Boards(now)
    boards.tell_units(enumerate(units))
    assert list(boards.changed()) == ["centre", "66", "66.1", "66.2"]
    version = boards.changes

    boards.tell_units(enumerate(parts, 10))
    assert not boards.changed()
    assert boards.changes == version

    boards.tell_units([(20, enacted(planned.document, parts, "plan"))])
    assert list(boards.changed()) == ["centre", "66", "2025.1", "66.1", "66.2"]
    assert boards.tree.version == 21
