"""Laws of the unit tree: one answer for any order of arrival, and a way to the root for ever."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.reforms import REFORM_MISMATCH, digest
from schemas.times import Day, Instant, midnight
from schemas.tree import DayTree, Tree
from schemas.unit_facts import (
    DISSOLVED,
    ENACTED,
    ESTABLISHED,
    LEVEL_ENDED,
    MERGED,
    MOVED,
    RENAMED,
    SPLIT,
    UnitFact,
)

CODES = ("root", "a", "b", "c", "d", "e", "f")
DAYS = range(100, 112)
LEVELS = ("province", "district", "commune")
KINDS = (ESTABLISHED, ESTABLISHED, RENAMED, MOVED, MERGED, SPLIT, DISSOLVED, LEVEL_ENDED)


@st.composite
def unit_facts(draw: st.DrawFn) -> UnitFact:
    what = draw(st.sampled_from(KINDS))
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
plain_worlds = st.lists(unit_facts(), max_size=30).map(lambda facts: [ROOT, *facts])
REFORM = "reform-1"


@st.composite
def reforms(draw: st.DrawFn) -> tuple[list[UnitFact], list[UnitFact], UnitFact]:
    """Facts of no reform, the parts of one, and the event that rightly enacts them."""
    facts = draw(plain_worlds)
    ids = draw(st.sets(st.sampled_from([fact.event_id for fact in facts[1:]]))) if facts[1:] else ()
    rest = [fact for fact in facts if fact.event_id not in ids]
    parts = [f._replace(reform=REFORM, by="root") for f in tree_facts(facts) if f.event_id in ids]
    enacted = UnitFact(
        ENACTED,
        "root",
        midnight(Day(draw(st.sampled_from(DAYS)))),
        draw(st.integers(0, 5)),
        b"enacted",
        "root",
        reform=REFORM,
        parts=len(parts),
        sha256=digest(parts),
    )
    return rest, parts, enacted


def wrong(enacted: UnitFact) -> UnitFact:
    return enacted._replace(event_id=b"wrong", sha256="0" * 64)


@st.composite
def worlds_with_reforms(draw: st.DrawFn) -> list[UnitFact]:
    rest, parts, enacted = draw(reforms())
    told = draw(st.sampled_from(([], [enacted], [wrong(enacted)], [wrong(enacted), enacted])))
    return [*rest, *parts, *told]


worlds = st.one_of(plain_worlds, worlds_with_reforms())


def shown(tree: Tree) -> tuple[Any, ...]:
    days = [tree.at(Day(day)) for day in DAYS]
    return (
        [[(c, day.parent(c), day.closed(c), day.name(c)) for c in day.preorder] for day in days],
        tree.conflicts,
        [fact._replace(reform=None) for fact in tree.waiting],
        tree.pending,
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
    idle = tree.idle
    moves = {f.event_id: f for f in tree_facts(facts) if f.what == MOVED and f.event_id not in idle}
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


@given(worlds)
def test_the_roots_subtree_grows_by_establishments_alone(facts: list[UnitFact]) -> None:
    tree = Tree.of(enumerate(facts))
    for day in map(tree.at, map(Day, DAYS)):
        established = [code for code, unit in tree.units.items() if unit.established <= day.day]

        assert sorted(day.subtree("root")) == sorted(established)


@given(worlds)
def test_no_unit_of_an_ended_level_stands_open_below(facts: list[UnitFact]) -> None:
    tree = Tree.of(enumerate(facts))
    lost = {conflict.event_id for conflict in tree.conflicts} | tree.idle
    lost |= {fact.event_id for fact in tree.waiting}
    ended = [f for f in tree_facts(facts) if f.what == LEVEL_ENDED and f.event_id not in lost]
    for day in map(tree.at, map(Day, DAYS)):
        for fact in ended:
            if fact.day <= day.day and fact.unit in day:
                below = [code for code in day.subtree(fact.unit)[1:] if not day.closed(code)]

                assert fact.level not in {day.level(code) for code in below}


@given(worlds)
def test_what_a_closed_unit_owes_goes_to_one_that_stands_open(facts: list[UnitFact]) -> None:
    tree = Tree.of(enumerate(facts))
    for day in map(tree.at, map(Day, DAYS)):
        for code in day.preorder:
            receiver = tree.receiver(code, day.day)

            assert receiver is not None
            assert not day.closed(receiver)
            assert receiver == code or day.closed(code)
            assert code not in tree.predecessors(code, day.day)
            assert all(day.closed(before) for before in tree.predecessors(code, day.day))


@given(reforms())
def test_an_enacted_reform_is_as_if_its_parts_were_told_without_one(
    told: tuple[list[UnitFact], list[UnitFact], UnitFact],
) -> None:
    rest, parts, enacted = told
    without = [part._replace(reform=None) for part in parts]

    assert shown(Tree.of(enumerate([*rest, enacted, *parts]))) == shown(
        Tree.of(enumerate([*rest, *without]))
    )


@given(reforms(), st.booleans())
def test_a_reform_that_is_not_enacted_is_as_if_its_parts_were_never_told(
    told: tuple[list[UnitFact], list[UnitFact], UnitFact], wrongly: bool
) -> None:
    rest, parts, enacted = told
    extra = [wrong(enacted)] if wrongly else []
    tree, before = Tree.of(enumerate([*rest, *parts, *extra])), Tree.of(enumerate(rest))

    assert tree.version == before.version
    assert tree.stands_like(tree.without([part.event_id for part in parts]))
    places, conflicts, waiting, pending = shown(tree)
    assert (places, waiting) == (shown(before)[0], shown(before)[2])
    assert len(conflicts) == len(before.conflicts) + wrongly
    assert all(one.reason == REFORM_MISMATCH for one in conflicts[len(before.conflicts) :])
    assert sum(one.parts for one in pending) == len(parts)


@given(reforms(), st.lists(unit_facts(), max_size=3))
def test_what_is_added_to_an_enacted_reform_waits_and_does_not_undo_it(
    told: tuple[list[UnitFact], list[UnitFact], UnitFact], late: list[UnitFact]
) -> None:
    rest, parts, enacted = told
    enacted = enacted._replace(recorded_at=5)
    more = [
        one._replace(reform=REFORM, by="root", recorded_at=6, event_id=b"late" + bytes([number]))
        for number, one in enumerate(late)
    ]
    tree = Tree.of(enumerate([*rest, *parts, enacted]))

    assert shown(tree)[:-1] == shown(tree.with_facts(enumerate(more, 100)))[:-1]
    assert [one.parts for one in tree.with_facts(enumerate(more, 100)).pending] == (
        [len(more)] if more else []
    )


@given(worlds, st.randoms(use_true_random=False))
def test_telling_piece_by_piece_is_telling_at_once(
    facts: list[UnitFact], dice: random.Random
) -> None:
    told = list(enumerate(facts))
    dice.shuffle(told)
    tree = Tree.of([])
    for piece in told:
        tree = tree.with_facts([piece])
        if dice.random() < 0.5:
            shown(tree)

    assert shown(tree) == shown(Tree.of(told))


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
