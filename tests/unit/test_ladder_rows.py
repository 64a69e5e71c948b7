"""The ladder's columns say what a set of entries per source says."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.ladder import LadderRows
from schemas.board_schema import LADDER as NOTES
from schemas.frame import LadderEntry
from schemas.times import Day

OWERS = ("a", "b", "c")
entries = st.builds(
    LadderEntry,
    note=st.sampled_from((*NOTES, "another")),
    document=st.sampled_from([bytes([n]) * 16 for n in (0, 7, 255)]),
    ower=st.sampled_from(OWERS),
    day=st.integers(-2, 2),
    held=st.booleans(),
)
told = st.lists(st.tuples(st.integers(0, 2), st.lists(entries, max_size=6)), max_size=8)


def rows() -> LadderRows:
    return LadderRows(OWERS.index, OWERS)


ALL = np.arange(len(OWERS))
Row = tuple[int, bytes, int, int]


def plain(
    ladder: LadderRows, day: int, owers: Any = ALL, less: Any = (), more: Any = ()
) -> set[Row]:
    """What boards read, with the documents' ids."""
    note, document, ower, days = ladder.until(Day(day), owers, less, more)
    ids = [ladder._documents.rows[number].tobytes() for number in document.tolist()]
    return set(zip(note.tolist(), ids, ower.tolist(), days.tolist(), strict=True))


def expected(held: Collection[LadderEntry], day: int) -> set[Row]:
    return {
        (NOTES.index(e.note), e.document, OWERS.index(e.ower), e.day)
        for e in held
        if e.note in NOTES and e.day <= day
    }


@given(st.integers(0, 5), told, st.lists(entries, max_size=4), st.lists(entries, max_size=4))
def test_the_ladder_is_what_any_source_tells(
    unsorted: int,
    batches: list[tuple[int, list[LadderEntry]]],
    less: list[LadderEntry],
    more: list[LadderEntry],
) -> None:
    ladder, known = rows(), [set[LadderEntry]() for _ in range(3)]
    ladder.unsorted_max = unsorted
    for source, batch in batches:
        ladder.take(source, batch)
        plain(ladder, 0)
        for entry in batch:
            held = entry._replace(held=True)
            (known[source].add if entry.held else known[source].discard)(held)
    every = set[LadderEntry]().union(*known)
    without, others = ({entry._replace(held=True) for entry in some} for some in (less, more))

    assert [sorted(some) for some in known] == [
        sorted(ladder.entries_of(ladder.numbers_told_by(at))) for at in range(3)
    ]
    assert every == ladder.entries()
    for day in (-3, 0, 2):
        assert expected(every, day) == plain(ladder, day)
        assert expected((every - without) | others, day) == plain(ladder, day, ALL, less, more)
        for owers in ([], [1], [0, 2]):
            few = [entry for entry in every if OWERS.index(entry.ower) in owers]
            assert expected(few, day) == plain(ladder, day, np.array(owers, np.int64))

    ladder.forget(1)

    assert known[0] | known[2] == ladder.entries()


def test_columns_are_of_the_notes_of_a_board_up_to_the_day() -> None:
    ladder = rows()
    early, late = (LadderEntry(NOTES[1], b"d" * 16, "c", day) for day in (-1, 3))
    ladder.take(0, [early, late, LadderEntry("another", b"e" * 16, "a", 0)])
    note, document, ower, day = ladder.until(Day(2), ALL)

    assert ([1], [0], [2], [-1]) == tuple(map(list, (note, document, ower, day)))


def test_an_entry_takes_little_memory() -> None:
    ladder = rows()
    ladder.take(0, [LadderEntry("urged", n.to_bytes(16, "big"), "b", n) for n in range(50_000)])

    assert 50_000 == len(ladder)
    assert ladder.nbytes < 90 * 50_000


def test_a_document_is_named_by_sixteen_bytes() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        rows().take(0, [LadderEntry("urged", b"d", "a", 0)])
