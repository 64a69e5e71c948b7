"""A simulated year by SQL: every unit's boards and all own cells, against the fold and live."""

from __future__ import annotations

from functools import cache
from itertools import islice

import pytest

from ops.tree_worlds.live import Live
from ops.verify import Check
from ops.year_world.by_sql import HARD, KNOWN_EVERY, KNOWN_MONTHS, checks_by_sql
from ops.year_world.command import sampled
from ops.year_world.happened import happened
from ops.year_world.laws import live_of
from ops.year_world.year import Year, year_of
from schemas.event import Moves
from schemas.times import day, end_of_day

pytest.importorskip("vietnamadminunits", reason="the extra vn-units is not installed")

PROVINCE, SEED = "66", 1
DAYS = 12


@cache
def year() -> Year:
    return year_of(PROVINCE, SEED)


@cache
def live() -> Live:
    return live_of(year())


@cache
def found() -> tuple[Check, ...]:
    return tuple(checks_by_sql(year(), live(), sampled(year(), DAYS)))


def test_boards_of_every_unit_and_all_own_cells_are_the_same_by_sql_by_the_fold_and_live() -> None:
    days = (DAYS, *len(KNOWN_MONTHS) * [DAYS // KNOWN_EVERY])
    cells = [one for one in found() if one.name.startswith("own cells of the year")]
    boards = [one for one in found() if one.name.startswith("boards of every unit on")]

    assert [] == [one for one in found() if not one.holds]
    assert len(found()) == len(cells) + len(boards) == 9
    assert all(one.compared > 1_500 for one in cells)
    # Own and subtree at the least, by the fold and live.
    for count, one in zip(days, boards, strict=True):
        assert one.compared >= 4 * count * len(year().codes)


def test_whatever_is_hard_to_count_is_there_by_the_end_of_march_and_more_of_it_later() -> None:
    march, whole = (
        happened(one for one in year().told if one.recorded_at <= known)
        for known in (end_of_day(day(2012, 3, 31)), year().now)
    )

    for what in HARD:
        assert 0 < march[what] < whole[what], what
    remarks = [remark for one in found() for remark in one.remarks]
    assert len(remarks) == len(set(remarks)) == 4
    assert remarks[0] == "recorded: " + ", ".join(f"{whole[what]} {what}" for what in HARD)


def test_an_extension_that_sql_was_not_told_is_seen_on_cells_and_boards() -> None:
    first = next(one for one in year().told if isinstance(one, Moves) and one.extends)
    rest = tuple(one for one in year().told if one.event_id != first.event_id)
    told_less = year()._replace(told=rest)
    cells, own, boards = islice(checks_by_sql(told_less, live(), sampled(year(), 1)), 3)

    assert "by SQL" in cells.differences[0]
    assert "live" in cells.differences[0]
    # The fold was not told of it either.
    assert own.holds
    assert not boards.holds
    assert all("live" in sentence for sentence in boards.differences)
