"""As known at K: differences are found for the owers asked of, once while nothing is told."""

from __future__ import annotations

import numpy as np

from ops.bench.worlds import established, tree
from projections.as_known import PARTS_KEPT, Known, Owers, owers_among
from projections.part import units_below
from projections.programmes import Programmes
from projections.since import Since, nothing
from projections.sources import Numbering
from schemas.times import day
from schemas.tree import Tree
from schemas.unit_facts import unit_fact

UNITS = Tree.of(
    (at, fact) for at, e in enumerate(established(tree(3))) if (fact := unit_fact(e)) is not None
)


class Asked:
    """What was known, with the questions that had to be folded for."""

    def __init__(self) -> None:
        self.folded: list[Owers | None] = []
        self.known = Known(UNITS, Programmes({}), self._find)

    def _find(self, owers: Owers | None) -> Since:
        self.folded.append(owers)
        return nothing(Numbering())


def test_a_part_that_lies_in_one_already_found_is_not_folded_for_again() -> None:
    asked = Asked()
    for owers in ({"a", "b"}, {"b"}, {"c"}, {"a", "b"}):
        asked.known.since(frozenset(owers))

    assert [{"a", "b"}, {"c"}] == asked.folded


def test_the_whole_serves_every_part() -> None:
    asked = Asked()
    for owers in (frozenset("a"), None, frozenset("a"), frozenset("b"), None):
        asked.known.since(owers)

    assert [{"a"}, None] == asked.folded


def test_of_many_parts_the_last_ones_asked_for_are_kept() -> None:
    asked = Asked()
    parts = [frozenset([str(number)]) for number in range(PARTS_KEPT)]
    for owers in (*parts, parts[0], frozenset("a"), parts[0], parts[1]):
        asked.known.since(owers)

    assert [*parts, frozenset("a"), parts[1]] == asked.folded


def test_of_a_province_its_units_are_asked_for_and_of_half_the_country_everybody() -> None:
    today = UNITS.at(day(2014, 6, 15))
    province = owers_among(UNITS, units_below(today, ["00"]))

    assert frozenset(today.subtree("00")) == province
    assert owers_among(UNITS, units_below(today, ["centre"])) is None
    assert owers_among(UNITS, units_below(today, ["00", "01"])) is None
    assert owers_among(UNITS, np.empty(0, np.int64)) == frozenset()
