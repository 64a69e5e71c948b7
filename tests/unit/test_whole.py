"""What was committed together shows together, in however many parts it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest

from projections.framing import messages
from projections.whole import Whole
from schemas import frame
from schemas.frame import Frame, Version
from tests.unit.test_framing import large

TOLD = [frame.decode(value) for value in messages([large(3_000), large(2_000)], 30_000)]


def taken(whole: Whole, frames: Sequence[Frame]) -> list[list[Frame]]:
    return [whole.take(one) for one in frames]


def newer(one: Frame, offset: int = 11) -> Frame:
    return replace(one, version=one.version._replace(offset=offset))


def test_every_part_names_its_place_among_all_of_them() -> None:
    assert len(TOLD) > 2
    assert [(one.part, one.parts) for one in TOLD] == [(n, len(TOLD)) for n in range(len(TOLD))]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_nothing_shows_before_the_last_part_has_come(order: tuple[int, ...]) -> None:
    parts = [replace(TOLD[0], part=number, parts=3) for number in range(3)]
    whole = Whole()
    *before, last = taken(whole, [parts[at] for at in order])

    assert before == [[], []]
    assert sorted(one.part for one in last) == [0, 1, 2]
    assert not whole


def test_parts_told_again_after_a_crash_complete_it_once() -> None:
    whole = Whole()
    begun = taken(whole, TOLD[:2])

    assert bool(whole)
    *before, last = taken(whole, TOLD)
    assert [*begun, *before] == [[]] * (2 + len(TOLD) - 1)
    assert {one.part for one in last} == set(range(len(TOLD)))
    assert not whole


def test_a_newer_version_gives_up_waiting_but_loses_nothing() -> None:
    whole = Whole()
    taken(whole, TOLD[:1])
    single = newer(replace(TOLD[0], part=0, parts=1))

    assert whole.take(single) == [TOLD[0], single]
    assert not whole


def test_an_older_frame_told_again_goes_past_what_waits() -> None:
    whole = Whole()
    later = [newer(one) for one in TOLD]
    taken(whole, later[:1])

    assert whole.take(TOLD[0]) == [TOLD[0]]
    assert taken(whole, later[1:])[-1] == later


def test_sources_do_not_wait_for_each_other() -> None:
    whole = Whole()
    other = [replace(one, version=Version("c", 1, "t", 1, 10)) for one in TOLD]
    taken(whole, TOLD[:-1])

    assert taken(whole, other)[-1] == other
    assert whole.take(TOLD[-1]) == TOLD
