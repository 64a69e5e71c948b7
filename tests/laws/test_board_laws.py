"""Laws of the boards: live = recomputed from steps for every unit and instant, and identities."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from projections.ask import Ask
from projections.boards import Boards
from projections.facts import Fact
from projections.obligation import derive
from projections.steps import steps
from schemas import frame
from schemas.board import BY, ZERO, Counts, Ladder
from schemas.event import Effect
from schemas.measures import MEASURES, Slice, Step
from schemas.times import DAY_MS, Day, Instant, day, end_of_day, midnight
from schemas.tree import Tree
from schemas.unit_facts import MOVED, UnitFact
from tests.plain_source import PlainSource
from tests.worlds_of_boards import (
    DAYS,
    FIRST,
    FUTURE,
    TREE,
    World,
    asked,
    base_tree,
    facts,
    instants,
    many_facts,
    worlds,
)


@settings(max_examples=60, deadline=None)
@given(worlds, asked, st.one_of(st.none(), instants))
def test_live_is_the_sum_of_steps_by_the_tree_of_the_day_on_both_clocks(
    world: World, on: Instant, known: Instant | None
) -> None:
    own = world.own(on, known)
    for unit, expected in world.subtrees(on, known).items():
        board = world.board(unit, on=on, known=known)

        assert board.own.counts == own.get(unit, ZERO)
        assert board.subtree.counts == expected


@settings(max_examples=60, deadline=None)
@given(worlds, asked, st.sampled_from((None, "p")), st.sampled_from((None, "2020")))
def test_a_filtered_board_counts_what_bears_the_words(
    world: World, on: Instant, programme: str | None, period: str | None
) -> None:
    def let(step: Step) -> bool:
        right = programme in (None, step.slice.programme)
        return right and period in (None, step.slice.period)

    for unit, expected in world.subtrees(on, None, let).items():
        board = world.board(unit, on=on, programme=programme, period=period)

        assert board.subtree.counts == expected


@settings(max_examples=60, deadline=None)
@given(worlds, asked, st.one_of(st.none(), instants))
def test_identities_hold_on_every_board_and_parts_add_up(
    world: World, on: Instant, known: Instant | None
) -> None:
    tree = world.day_tree(on, known)
    for unit in tree.preorder:
        board = world.board(unit, on=on, known=known)
        children = [world.board(child, on=on, known=known) for child in tree.children(unit)]

        assert [broken for f in board.figures() for broken in f.counts.broken_identities()] == []
        assert board.subtree.counts == Counts.total(
            [board.own.counts, *(child.subtree.counts for child in children)]
        )
        for parts in (board.by_level, board.by_unit_kind):
            assert Counts.total(part.counts for part in parts.values()) == board.subtree.counts


@settings(max_examples=60, deadline=None)
@given(worlds, asked, st.sampled_from(BY))
def test_a_board_taken_apart_adds_up_to_the_whole(world: World, on: Instant, by: str) -> None:
    board = world.board("root", on=on, by=by)

    assert Counts.total(row.figures.counts for row in board.rows) == board.subtree.counts
    assert [x for row in board.rows for x in row.figures.counts.broken_identities()] == []


def year_of(cut: Slice) -> int:
    return int(cut.due_month[:4]) if cut.due_month else 0


@settings(max_examples=60, deadline=None)
@given(worlds, asked, st.one_of(st.none(), instants))
def test_the_columns_are_what_is_due_this_year_and_what_is_open_from_before(
    world: World, on: Instant, known: Instant | None
) -> None:
    year = 2019 if on < midnight(day(2020, 1, 1)) else 2020
    this = world.subtrees(on, known, lambda step: year_of(step.slice) == year)
    before = world.subtrees(on, known, lambda step: 0 < year_of(step.slice) < year)
    for unit, expected in this.items():
        subtree = world.board(unit, on=on, known=known).subtree
        stays = before[unit]["overdue"] + before[unit]["in_revision"]
        parts = {name: before[unit][name] for name in ("overdue", "in_revision")}

        assert subtree.due_this_year == expected
        assert subtree.carried_over == Counts.of(assigned=stays, due=stays, **parts)


@settings(max_examples=60, deadline=None)
@given(worlds, asked, st.one_of(st.none(), instants))
def test_the_ladder_is_exact_on_both_clocks(
    world: World, on: Instant, known: Instant | None
) -> None:
    tree = world.day_tree(on, known)
    entries = [e for life in world.source.lives(known) for e in life.ladder if e.at <= on]
    for unit in tree.preorder:
        below = set(tree.subtree(unit))
        for note in ("urged", "reminded", "criticised"):
            documents = {e.document for e in entries if e.note == note and e.ower in below}
            shown = getattr(world.board(unit, on=on, known=known).subtree.ladder, note)

            assert shown == len(documents)


def test_one_document_about_several_units_is_one_document_in_their_subtree() -> None:
    made = []
    for ower in ("a.c1", "a.c2", "b.c1"):
        common = {"obligation": ower, "unit": ower, "by": "root", "effective_at": midnight(FIRST)}
        made.append(
            Fact(
                recorded_at=0,
                event_id=f"open {ower:11}".encode(),
                effect=Effect.OPENS,
                kind="report",
                item="1",
                issuer="root",
                done_when="sent",
                **common,  # type: ignore[arg-type]
            )
        )
        made.append(
            Fact(
                recorded_at=0,
                event_id=f"note {ower:11}".encode(),
                correlation_id=b"d" * 16,
                effect=Effect.NOTES,
                note="reminded",
                **common,  # type: ignore[arg-type]
            )
        )
    world = World(made, [])
    end = end_of_day(FIRST)
    shown = {unit: world.board(unit, on=end).subtree.ladder for unit in ("root", "a", "a.c1")}

    assert shown == dict.fromkeys(("root", "a", "a.c1"), Ladder(reminded=1))
    assert world.board("root", on=end).by_level["commune"].ladder == Ladder(reminded=1)


@settings(max_examples=40, deadline=None)
@given(many_facts, st.randoms(use_true_random=False))
def test_old_and_repeated_frames_change_nothing(facts: list[Fact], dice: object) -> None:
    source = PlainSource()
    boards = Boards(lambda: FUTURE, source)
    boards.tree = Tree.of(enumerate(base_tree()))
    values: list[bytes] = []
    for offset, fact in enumerate(facts):
        source.take([fact])
        partition = source.partition_of(fact.obligation or "")
        values.append(frame.encode(source.frame(partition, offset)))
        boards.apply(values[-1])
    end = Ask(on=end_of_day(Day(FIRST + DAYS)))
    before = boards.board("root", end, FUTURE)
    for value in values:
        boards.apply(value)

    after = boards.board("root", end, FUTURE)
    restarted = Boards(lambda: FUTURE, source)
    restarted.tree = boards.tree
    for _, made in boards.snapshot():
        restarted.apply(made())

    assert after.subtree == before.subtree
    assert restarted.board("root", end, FUTURE).subtree == before.subtree


@settings(max_examples=40, deadline=None)
@given(many_facts)
def test_a_new_generation_replaces_what_the_old_one_told(facts: list[Fact]) -> None:
    old, new = PlainSource(), PlainSource()
    boards = Boards(lambda: FUTURE, new)
    boards.tree = Tree.of(enumerate(base_tree()))
    old.take(facts)
    new.take(facts[::2])
    for partition in range(3):
        boards.apply(frame.encode(old.frame(partition, 1_000)))
    for partition in range(3):
        boards.apply(frame.encode(new.frame(partition, 1, generation=2)))
    for partition in range(3):
        boards.apply(frame.encode(old.frame(partition, 2_000)))
    on = end_of_day(Day(FIRST + DAYS))
    sums = [0] * len(MEASURES)
    for step in new.all_steps():
        if step.at <= on and step.ower in TREE:
            sums[step.measure] += step.sign

    assert boards.board("root", Ask(on=on), FUTURE).subtree.counts == Counts(tuple(sums))


def test_overdue_then_moved_then_reported_no_count_is_below_zero_anywhere() -> None:
    start = midnight(FIRST)
    common = {"obligation": "o", "unit": "a.c1", "by": "root", "programme": "p"}
    opened = Fact(
        effective_at=start,
        recorded_at=start,
        event_id=b"1" * 16,
        effect=Effect.OPENS,
        kind="report",
        item="1",
        due_before=FIRST + 2,
        done_when="sent",
        issuer="root",
        **common,  # type: ignore[arg-type]
    )
    sent = Fact(
        effective_at=start + 8 * DAY_MS,
        recorded_at=start + 8 * DAY_MS,
        event_id=b"2" * 16,
        effect=Effect.MEETS,
        **common,  # type: ignore[arg-type]
    )
    move = UnitFact(MOVED, "a.c1", midnight(Day(FIRST + 5)), 0, b"m", "root", parent="b")
    world = World([opened, sent], [move])
    overdue = {"a": [], "b": []}
    for at in range(DAYS):
        on = end_of_day(Day(FIRST + at))
        boards = {unit: world.board(unit, on=on) for unit in TREE}
        for unit, seen in overdue.items():
            seen.append(boards[unit].subtree.counts["overdue"])

        assert all(min(f.counts.values) >= 0 for b in boards.values() for f in b.figures())
        assert boards["root"].subtree.counts["assigned"] == 1

    assert overdue == {"a": [0, 0, 1, 1, 1] + [0] * 9, "b": [0] * 5 + [1, 1, 1] + [0] * 6}


@settings(max_examples=40, deadline=None)
@given(worlds)
def test_what_changes_between_two_days_is_announced(world: World) -> None:
    on = [end_of_day(Day(FIRST + at)) for at in range(DAYS)]
    for before, after in pairwise(on):
        first, last = (Day((at + 7 * 3_600_000) // DAY_MS) for at in (before, after))
        told = world.boards.changed_between(first, last)
        for unit in world.day_tree(after, None).preorder:
            same = (
                world.board(unit, on=before).subtree.counts
                == world.board(unit, on=after).subtree.counts
            )

            assert same or unit in told


@settings(max_examples=40, deadline=None)
@given(worlds, facts("o1", Effect.MEETS))
def test_what_a_frame_changes_is_announced(world: World, fact: Fact) -> None:
    end = end_of_day(Day(FUTURE // DAY_MS))
    units = world.day_tree(end, None).preorder
    before = {unit: world.board(unit, on=end).subtree for unit in units}
    world.boards.changed()
    world.source.take([fact])
    world.tell(world.source.partition_of("o1"))
    told = world.boards.changed()

    for unit in units:
        assert before[unit] == world.board(unit, on=end).subtree or unit in told


def test_owers_that_stand_in_no_tree_wait_and_are_in_no_total() -> None:
    start = midnight(FIRST)
    fact = Fact(
        effective_at=start,
        recorded_at=start,
        event_id=b"1" * 16,
        effect=Effect.OPENS,
        obligation="o",
        unit="stranger",
        by="root",
        kind="task",
        item="1",
        due_before=FIRST + 2,
        done_when="sent",
        issuer="root",
    )
    world = World([fact], [])

    assert world.board("root", on=FUTURE).subtree.counts == ZERO
    assert world.boards.waiting(FUTURE) == {
        "stranger": Counts.of(assigned=1, due=1, overdue=1),
    }
    assert derive([fact]).opening == fact
    assert len(steps(derive([fact]))) == 3
