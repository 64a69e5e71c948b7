"""Laws of the figures of many days: each day's are those that the fold shows on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ops.daily import stays_of
from ops.second import Second
from ops.sql import daily, engine
from projections.facts import Fact
from schemas.board import Counts
from schemas.times import Day, Instant, end_of_day
from schemas.tree import Tree
from tests import worlds_of_boards as boards
from tests.sql_worlds import opened, tell_facts, told_apart

LAST = Day(boards.FIRST + boards.DAYS + 2)


@pytest.fixture(scope="module")
def second() -> Iterator[Second]:
    with opened() as made:
        yield made


@settings(max_examples=6, deadline=None)
@given(
    st.lists(boards.many_facts, min_size=1, max_size=4),
    st.lists(boards.reforms(), max_size=4),
    st.one_of(st.none(), boards.instants),
    st.integers(0, boards.DAYS),
)
def test_a_units_days_by_sql_are_those_of_the_fold_through_every_reform(
    second: Second,
    parts: list[list[Fact]],
    reforms: list[Any],
    known: Instant | None,
    later: int,
) -> None:
    facts = told_apart(parts)
    tell_facts(second, facts)
    engine.know_programmes(second.connection, known)
    world = boards.World(facts, reforms)
    tree, first = Tree.of(world.tree, known), Day(boards.FIRST + later)
    for unit in ("root", "a", "b.c1"):
        stays = list(stays_of(tree, unit, first, LAST))
        flows = daily.flows(second.connection, stays, known, ["facts"])
        found = daily.totals(second.connection, flows, first, LAST)

        assert [day for day, _ in found] == list(range(first, LAST + 1))
        for day, counts in found[::3]:
            assert Counts(counts) == world.subtrees(end_of_day(Day(day)), known)[unit]
