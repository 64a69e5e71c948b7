"""Laws of the unit tree: one answer for any order of arrival, and a way to the root for ever."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.times import Day, Instant, midnight
from schemas.tree import DayTree, Tree
from schemas.unit_facts import DISSOLVED, ESTABLISHED, MERGED, MOVED, RENAMED, SPLIT, UnitFact

CODES = ("root", "a", "b", "c", "d", "e", "f")
DAYS = range(100, 112)
LEVELS = ("province", "district", "commune")


@st.composite
def unit_facts(draw: st.DrawFn) -> UnitFact:
    what = draw(
        st.sampled_from((ESTABLISHED, ESTABLISHED, RENAMED, MOVED, MERGED, SPLIT, DISSOLVED))
    )
    successors: tuple[str, ...] = ()
    if what in (SPLIT, DISSOLVED):
        least = 1 if what == SPLIT else 0
        successors = tuple(draw(st.lists(st.sampled_from(CODES), min_size=least, max_size=3)))
    if what == MERGED:
        successors = (draw(st.sampled_from(CODES)),)
    return UnitFact(
        what=what,
        unit=draw(st.sampled_from(CODES)),
        effective_at=midnight(Day(draw(st.sampled_from(DAYS)))),
        recorded_at=draw(st.integers(0, 5)),
        event_id=draw(st.binary(min_size=2, max_size=2)),
        by=draw(st.sampled_from((*CODES, "root", "root", "stranger"))),
        name=draw(st.sampled_from(("x", "y"))),
        level=draw(st.sampled_from(LEVELS)),
        kind="people_committee",
        parent=draw(st.sampled_from(CODES)) if what in (ESTABLISHED, MOVED) else None,
        successors=successors,
    )


ROOT = UnitFact(ESTABLISHED, "root", midnight(Day(100)), 0, b"root", "root", "Root", level="centre")
worlds = st.lists(unit_facts(), max_size=30).map(lambda facts: [ROOT, *facts])


def shown(tree: Tree) -> object:
    days = [tree.at(Day(day)) for day in DAYS]
    return (
        [[(c, day.parent(c), day.closed(c), day.name(c)) for c in day.preorder] for day in days],
        tree.conflicts,
        tree.waiting,
    )


@given(worlds, st.randoms(use_true_random=False))
def test_the_order_of_arrival_and_duplicates_do_not_matter(
    facts: list[UnitFact], dice: random.Random
) -> None:
    shuffled = [*facts, *facts[::2]]
    dice.shuffle(shuffled)

    assert shown(Tree.of(enumerate(shuffled))) == shown(Tree.of(enumerate(facts)))


@given(worlds, st.integers(0, 5))
def test_as_known_is_the_tree_of_what_was_recorded_by_then(
    facts: list[UnitFact], known: int
) -> None:
    early = [fact for fact in facts if fact.recorded_at <= known]

    assert shown(Tree.of(enumerate(facts)).as_known(Instant(known))) == shown(
        Tree.of(enumerate(early))
    )


@given(worlds)
def test_every_unit_has_a_way_to_the_root_on_every_day_since_its_establishment(
    facts: list[UnitFact],
) -> None:
    tree = Tree.of(enumerate(facts))
    for day in map(tree.at, map(Day, DAYS)):
        standing = {code for code, unit in tree.units.items() if unit.established <= day.day}

        assert set(day.preorder) == standing
        assert all(day.path(code)[0] == day.root for code in standing)


@given(worlds)
def test_subtrees_are_the_unit_and_the_subtrees_of_its_children(facts: list[UnitFact]) -> None:
    tree = Tree.of(enumerate(facts))
    for day in map(tree.at, map(Day, DAYS)):
        for code in day.preorder:
            below = [unit for child in day.children(code) for unit in day.subtree(child)]

            assert day.subtree(code) == (code, *below)


@given(worlds)
def test_every_fact_is_applied_or_shown(facts: list[UnitFact]) -> None:
    """Nothing is lost in silence: what names no known unit waits, what loses is a conflict."""
    tree = Tree.of(enumerate(facts))
    moves = {fact.event_id: fact for fact in tree_facts(facts) if fact.what == MOVED}
    told = {conflict.event_id for conflict in tree.conflicts}
    told |= {fact.event_id for fact in tree.waiting}
    for fact in moves.values():
        stood = (
            {stand.parent for stand in tree.units[fact.unit].stands} if silent(fact, told) else ()
        )

        assert fact.event_id in told or fact.parent in stood or merged_away(tree, fact)


def tree_facts(facts: list[UnitFact]) -> list[UnitFact]:
    first: dict[bytes, UnitFact] = {}
    for fact in sorted(facts, key=lambda fact: (fact.recorded_at, repr(fact))):
        first.setdefault(fact.event_id, fact)
    return list(first.values())


def silent(fact: UnitFact, told: set[bytes]) -> bool:
    return fact.event_id not in told


def merged_away(tree: Tree, fact: UnitFact) -> bool:
    """A unit that moved and ended on one day shows only where it ended."""
    return tree.units[fact.unit].closed is not None


@settings(max_examples=50)
@given(st.integers(1, 400), st.randoms(use_true_random=False))
def test_large_trees_are_walked_like_small_ones(count: int, dice: random.Random) -> None:
    parents = {f"u{number}": dice.randrange(number) for number in range(1, count)}
    facts = [ROOT] + [
        UnitFact(
            ESTABLISHED,
            code,
            midnight(Day(100)),
            0,
            code.encode(),
            "root",
            level="commune",
            parent="root" if parent == 0 else f"u{parent}",
        )
        for code, parent in parents.items()
    ]
    today = Tree.of(enumerate(facts)).at(Day(100))

    assert today.preorder == tuple(walked(today, "root"))


def walked(day: DayTree, code: str) -> list[str]:
    out = [code]
    for child in day.children(code):
        out += walked(day, child)
    return out
