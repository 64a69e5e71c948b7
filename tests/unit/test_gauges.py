"""The gauges: figures of all units at once are those of their boards."""

from __future__ import annotations

import numpy as np

from ops.gauges import Gauges, is_silent, own_figures, subtree_figures
from ops.metrics import BOARD_LEVELS
from projections.ask import Ask
from projections.boards import Boards
from schemas.board import Counts
from schemas.times import Day, Instant, day_of, end_of_day
from tests import given
from tests.laws.test_board_laws import base_tree
from tests.plain_source import PlainSource

ON = given.instant("2020-01-10")


def boards() -> Boards:
    """The tree of the board laws, where four units owe a report due on 8 January."""
    source = PlainSource()
    for unit in ("root", "a", "a.c1", "b.c1"):
        facts = [given.opens("2020-01-01", "2020-01-08", unit=unit, obligation=unit)]
        if unit == "a.c1":
            facts.append(given.met("2020-01-09", unit=unit, obligation=unit))
        source.take(facts)
    made = Boards(lambda: ON, source)
    made.tree = made.tree.with_facts(enumerate(base_tree()))
    for partition in range(source.partitions):
        made.apply_frame(source.frame(partition, 0))
    return made


def test_the_figures_of_all_units_are_those_of_their_boards() -> None:
    made = boards()
    today = made.tree.at(day_of(ON))
    own = own_figures(made, today)
    subtree = subtree_figures(today, own)
    for place, code in enumerate(today.preorder):
        board = made.board(code, Ask(on=end_of_day(Day(today.day))), ON)

        assert tuple(own[place]) == board.own.counts.values
        assert tuple(subtree[place]) == board.subtree.counts.values


def test_a_reading_has_the_units_of_its_levels_and_sums_by_level() -> None:
    reading = Gauges(clock=lambda: Instant(ON), boards=boards()).read()
    overdue = {unit.unit: unit.subtree["overdue"] for unit in reading.units}

    assert {unit.level for unit in reading.units} <= set(BOARD_LEVELS)
    assert overdue == {"root": 3, "a": 1, "b": 1}
    assert reading.levels["commune"].own == Counts.of(
        assigned=2, due=2, completed=1, completed_of_due=1, overdue=1, late=1
    )
    assert {level: figures.silent for level, figures in reading.levels.items()} == {
        "centre": 1,
        "province": 1,
        "commune": 1,
    }


def test_a_process_without_parts_reads_nothing() -> None:
    reading = Gauges(clock=lambda: Instant(ON)).read()

    assert (reading.workers, reading.units, reading.outbox, reading.ledger_position) == (
        {},
        (),
        None,
        None,
    )


def test_a_unit_is_silent_when_it_answered_nothing_that_is_past_due() -> None:
    cases = {
        "nothing due": Counts.of(assigned=3),
        "one overdue, nothing done": Counts.of(assigned=3, due=1, overdue=1),
        "one overdue, one done": Counts.of(due=2, overdue=1, completed_of_due=1),
        "one overdue, one returned": Counts.of(due=2, overdue=1, in_revision=1),
    }
    silent = is_silent(np.array([counts.values for counts in cases.values()]))

    assert [case for case, found in zip(cases, silent, strict=True) if found] == [
        "one overdue, nothing done"
    ]
