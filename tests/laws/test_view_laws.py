"""Laws of the views: as now, in succession, on both clocks, and reviews without remainder."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.ask import TREES
from projections.review import Span, review
from schemas.board import BY, ZERO, Counts
from schemas.events.unit import OversightAssigned
from schemas.measures import Step
from schemas.times import Day, Instant, day_of, midnight
from schemas.tree import DayTree, Tree
from schemas.unit_facts import SPLIT, UnitFact
from tests.worlds_of_boards import (
    DAYS,
    FIRST,
    FUTURE,
    OWERS,
    World,
    asked,
    days,
    instants,
    many_facts,
    reforms,
)

UNITS = OWERS[:-1]


@st.composite
def splits(draw: st.DrawFn) -> UnitFact:
    return UnitFact(
        SPLIT,
        draw(st.sampled_from(UNITS[1:])),
        midnight(draw(days)),
        draw(instants),
        draw(st.binary(min_size=3, max_size=3)),
        "root",
        successors=tuple(draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=3))),
    )


worlds = st.builds(World, many_facts, st.lists(st.one_of(reforms(), splits()), max_size=4))
instants_known = st.one_of(st.none(), instants)


def total(own: dict[str, Counts], units: Iterable[str]) -> Counts:
    return Counts.total(own.get(unit, ZERO) for unit in set(units))


def line(tree: Tree, unit: str) -> set[str]:
    """The unit and all whose first successors lead to it, by the end of days."""
    found = {unit}
    while True:
        more = {
            code
            for code, history in tree.units.items()
            if history.closed is not None
            and history.closed <= day_of(FUTURE)
            and history.successors[:1]
            and history.successors[0] in found
        }
        if more <= found:
            return found
        found |= more


@settings(max_examples=60, deadline=None)
@given(worlds, asked, instants_known)
def test_as_now_is_the_sum_over_todays_tree_for_every_unit_that_ever_stood(
    world: World, on: Instant, known: Instant | None
) -> None:
    own, today = world.own(on, known), world.day_tree(FUTURE, known)
    for unit in today.tree.units:
        board = world.board(unit, on=on, known=known, tree="now")

        assert board.subtree.counts == total(own, today.subtree(unit))
        assert board.own.counts == own.get(unit, ZERO)


@settings(max_examples=60, deadline=None)
@given(worlds, asked, instants_known)
def test_in_succession_a_unit_has_the_past_of_its_line_each_unit_once(
    world: World, on: Instant, known: Instant | None
) -> None:
    own, day = world.own(on, known), world.day_tree(on, known)
    for unit in day.tree.units:
        heads = {code for code in line(day.tree, unit) if code in day}
        board = world.board(unit, on=on, known=known, tree="succession", by="child")
        told = board.succession

        assert told is not None
        assert board.subtree.counts == total(own, (x for h in heads for x in day.subtree(h)))
        assert board.own.counts == total(own, heads)
        assert {one.predecessor.unit for one in told.predecessors} == line(day.tree, unit) - {unit}
        assert Counts.total(one.counts for one in told.figures()) == board.subtree.counts
        assert Counts.total(row.figures.counts for row in board.rows) == board.subtree.counts
        assert [x for f in board.figures() for x in f.counts.broken_identities()] == []


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_no_unit_is_in_the_line_of_two_units_that_stand_open(world: World) -> None:
    tree = world.boards.tree
    last = Day(FIRST + DAYS)
    open_units = [code for code, history in tree.units.items() if history.closed is None]
    counted = [one.unit for unit in open_units for one in tree.lineage(unit, last) if one.counted]

    assert len(counted) == len(set(counted))


@settings(max_examples=40, deadline=None)
@given(worlds, instants_known)
def test_a_review_explains_every_difference_without_remainder(
    world: World, known: Instant | None
) -> None:
    span = Span(2019, 2021, known)
    for unit in world.day_tree(FUTURE, known).tree.units:
        found = review(world.boards, unit, span, FUTURE)

        assert found["explained"], found
        for row in found["rows"]:
            for difference in row["differences"]:
                assert all(one["event_id"] for one in difference["reasons"])


@settings(max_examples=60, deadline=None)
@given(worlds, asked, instants_known, st.sampled_from(BY), st.sampled_from(TREES))
def test_in_every_view_the_parts_add_up_to_the_whole(
    world: World, on: Instant, known: Instant | None, by: str, tree: str
) -> None:
    for unit in world.day_tree(FUTURE, known).tree.units:
        board = world.board(unit, on=on, known=known, by=by, tree=tree)

        assert Counts.total(row.figures.counts for row in board.rows) == board.subtree.counts
        for parts in (board.by_level, board.by_unit_kind):
            assert Counts.total(part.counts for part in parts.values()) == board.subtree.counts


@st.composite
def assignments(draw: st.DrawFn) -> OversightAssigned:
    return OversightAssigned(
        event_id=draw(st.binary(min_size=16, max_size=16)),
        effective_at=draw(instants),
        recorded_at=draw(instants),
        unit=draw(st.sampled_from(UNITS)),
        by="root",
        source="root",
        member=draw(st.sampled_from("xy")),
        areas=tuple(draw(st.sets(st.sampled_from(("it", "finance"))))),
        units=tuple(draw(st.sets(st.sampled_from(UNITS), max_size=2))),
    )


def holds(told: list[OversightAssigned], on: Instant) -> dict[str, OversightAssigned]:
    """Who answers for what at T: by `unit/member` what was assigned last."""
    order = sorted(told, key=lambda one: (one.effective_at, one.recorded_at, one.event_id))
    return {f"{one.unit}/{one.member}": one for one in order if one.effective_at <= on}


def covers(day: DayTree, one: OversightAssigned, step: Step) -> bool:
    if one.unit not in day or step.ower not in day or not day.holds(one.unit, step.ower):
        return False
    named = any(unit in day and day.holds(unit, step.ower) for unit in one.units)
    return named or step.slice.area in one.areas


@settings(max_examples=60, deadline=None)
@given(worlds, st.lists(assignments(), max_size=4), asked)
def test_by_oversight_each_member_has_what_it_answers_for_and_nothing_is_counted_twice(
    world: World, told: list[OversightAssigned], on: Instant
) -> None:
    world.boards.tell_units(enumerate(told, 1000))
    day = world.day_tree(on, None)
    # Departments act for their province; here everybody acts for itself alone.
    told = [one for one in told if one.unit not in day or _acts_alone(day, one.unit)]
    for unit in day.preorder:
        board = world.board(unit, on=on, by="oversight")

        assert Counts.total(row.figures.counts for row in board.rows) == board.subtree.counts
        for key, one in holds(told, on).items():
            own = world.own(on, None, lambda step, one=one: covers(day, one, step))  # type: ignore[misc]
            mine = [row for row in board.rows if key in (row.key or "").split(" + ")]

            assert Counts.total(row.figures.counts for row in mine) == total(own, day.subtree(unit))


def _acts_alone(day: DayTree, unit: str) -> bool:
    above = day.parent(unit)
    return above is None or day.level(above) != day.level(unit)
