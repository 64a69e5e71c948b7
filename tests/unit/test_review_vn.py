"""The four provinces of the programmes through the reform of 2025: reviewed, nothing left over."""

from __future__ import annotations

from functools import cache

import pytest

from projections.ask import TREES, Ask
from projections.boards import Boards
from projections.review import Span, review
from schemas.times import Instant
from tests import given
from tests.plain_source import PlainSource
from tests.reformed import NOW, at, owed
from tests.unit.test_reform_vn import REFORM_DAY, after, before

pytest.importorskip("vietnamadminunits", reason="the extra vn-units is not installed")

EVE = at("2025-06-30")
EVERY = 11
"""Of the units that ever stood every eleventh is reviewed."""


@cache
def boards() -> Boards:
    """Each unit of before owes one report of 2020; every second one sent it."""
    source = PlainSource(1)
    for number, unit in enumerate(sorted(before(False).units)):
        sent = [given.met("2020-11-20", unit=unit)] if number % 2 else []
        source.take(owed(unit, *sent))
    made = Boards(lambda: NOW, source)
    made.tree = after(False)
    made.apply_frame(source.frame(0, 1))
    return made


def assigned(unit: str, tree: str, on: Instant = EVE) -> int:
    return boards().board(unit, Ask(on=on, tree=tree), NOW).subtree.counts["assigned"]


def provinces() -> list[str]:
    day = after(False).at(REFORM_DAY)
    return [code for code in day.children("centre") if day.level(code) == "province"]


def test_the_national_total_is_the_same_by_every_tree_on_both_sides_of_the_reform() -> None:
    owers = len(before(False).units)

    for on in (EVE, at("2025-07-01"), at("2025-12-31")):
        assert [assigned("centre", tree, on) for tree in TREES] == [owers] * 3


def test_a_province_has_in_succession_what_its_predecessors_had_by_name() -> None:
    tree = after(False)
    names = {tree.name(code, REFORM_DAY) for code in provinces()}
    assert {"Đắk Lắk", "Đồng Tháp", "Lạng Sơn"} <= names
    for code in provinces():
        line = [one.unit for one in tree.lineage(code, REFORM_DAY) if one.counted]
        then = sum(assigned(unit, "then") for unit in {code, *line})

        assert assigned(code, "succession") == then == assigned(code, "now")


def test_years_across_the_reform_are_explained_for_units_of_all_kinds() -> None:
    for unit in [*provinces(), *sorted(after(False).units)[::EVERY]]:
        found = review(boards(), unit, Span(2024, 2025), NOW)

        assert found["explained"], unit
