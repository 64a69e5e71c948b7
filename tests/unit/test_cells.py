"""Cells add up like a dictionary of rows, however they are kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

import projections.cells as cells_module
from projections.cells import Cells, cell_key, conflate, day_of_key, line_of
from projections.growing import Growing, Numbers

additions = st.lists(
    st.lists(
        st.tuples(st.integers(-5, 30), st.integers(-2, 2), st.integers(-300, 300)), max_size=9
    ),
    max_size=12,
)


def rows_of(batch: list[tuple[int, int, int]]) -> tuple[Any, Any]:
    keys = np.array([key for key, _, _ in batch], np.int64)
    rows = np.array([(a, b) for _, a, b in batch], np.int32).reshape(-1, 2)
    return keys, rows


@given(additions, st.booleans())
def test_cells_add_up_like_a_dictionary(batches: list[Any], merge_often: bool) -> None:
    overlay, cells_module.OVERLAY_MIN = cells_module.OVERLAY_MIN, 2 if merge_often else 8_192
    try:
        cells, known = Cells(2), dict[int, Any]()
        for batch in batches:
            cells.add(*rows_of(batch))
            for key, a, b in batch:
                before = known.get(key, np.zeros(2, int))
                known[key] = before + np.array([a, b])
        asked = np.arange(-6, 32)
        expected = np.array([known.get(int(key), np.zeros(2, int)) for key in asked])

        assert_array_equal(expected, cells.rows(asked))
        assert_array_equal(np.sort(cells.items()[0]), cells.items()[0])
    finally:
        cells_module.OVERLAY_MIN = overlay


@given(additions)
def test_add_tells_which_keys_changed(batches: list[Any]) -> None:
    cells = Cells(2)
    for batch in batches:
        before = cells.rows(np.arange(-6, 32))
        changed = cells.add(*rows_of(batch))
        after = cells.rows(np.arange(-6, 32))
        expected = np.arange(-6, 32)[(before != after).any(axis=1)]

        assert_array_equal(expected, changed)


def test_a_cell_is_a_key_and_the_number_of_its_row() -> None:
    cells = Cells(20)
    rows = np.zeros((100_000, 20), np.int32)
    rows[:, 3] = np.arange(100_000) % 200
    cells.add(np.arange(100_000), rows)

    assert cells.nbytes < 10 * 100_000


def test_counts_may_grow_wide() -> None:
    cells = Cells(1)
    key = np.array([7])
    for count in (100, 100, 100_000):
        cells.add(key, np.array([[count]], np.int32))

    assert [[100_200]] == cells.rows(key).tolist()


@given(additions)
def test_exchange_sets_and_returns_what_was(batches: list[Any]) -> None:
    cells, known = Cells(2), dict[int, list[int]]()
    for batch in batches:
        wanted = {key: [a, b] for key, a, b in batch}
        keys = np.array(sorted(wanted), np.int64)
        rows = np.array([wanted[key] for key in sorted(wanted)], np.int32).reshape(-1, 2)

        assert [known.get(key, [0, 0]) for key in sorted(wanted)] == cells.exchange(
            keys, rows
        ).tolist()
        known.update(wanted)
    keys, rows_at = cells.items()

    assert known == dict(zip(keys.tolist(), rows_at[np.arange(len(keys))].tolist(), strict=True))
    assert [key for key in sorted(known) if any(known[key])] == keys[rows_at.held()].tolist()


def test_rows_that_no_cell_has_any_more_are_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("projections.palette.SPARE", 10)
    cells = Cells(1)
    for count in range(1_000):
        cells.put(np.array([3, 4]), np.array([[count], [5]], np.int32))

    assert [[999], [5]] == cells.rows(np.array([3, 4])).tolist()
    assert cells.nbytes < 1_000


def test_put_sets_and_within_gives_a_range() -> None:
    cells = Cells(1)
    cells.put(np.array([1, 5, 9]), np.array([[1], [2], [3]], np.int32))
    cells.put(np.array([5, 6]), np.array([[7], [8]], np.int32))
    keys, rows = cells.within(5, 9)

    assert [5, 6] == keys.tolist()
    assert [[7], [8]] == rows.tolist()


@given(st.integers(0, 2**31 - 1), st.integers(-(2**31) + 1, 2**31 - 1))
def test_a_key_gives_back_its_line_and_day(line: int, day: int) -> None:
    keys = cell_key(np.array([line]), np.array([day]))

    assert (line, day) == (int(line_of(keys)[0]), int(day_of_key(keys)[0]))


def test_days_beyond_reach_fall_on_the_last_day() -> None:
    keys = cell_key(np.array([3, 3]), np.array([2**40, -(2**40)]))

    assert [2**31 - 1, -(2**31) + 1] == day_of_key(keys).tolist()


def test_nothing_conflates_to_nothing() -> None:
    keys, rows = conflate(np.empty(0, np.int64), np.empty((0, 3), np.int8))

    assert (0, (0, 3)) == (len(keys), rows.shape)


@given(st.lists(st.lists(st.integers(-(2**62), 2**62), max_size=20), max_size=6))
def test_numbers_are_given_once_and_kept(batches: list[list[int]]) -> None:
    numbers, known = Numbers(), dict[int, int]()
    for batch in batches:
        given_numbers = numbers.of(np.array(batch, np.int64)).tolist()
        for key, number in zip(batch, given_numbers, strict=True):
            assert number == known.setdefault(key, number)

    assert sorted(known.values()) == list(range(len(numbers)))
    assert all(numbers.by_number.rows[number] == key for key, number in known.items())


def test_a_growing_column_keeps_its_rows() -> None:
    column = Growing(np.int64)
    firsts = [column.extend(np.arange(n)) for n in (3, 0, 2_000, 1)]

    assert [0, 3, 3, 2_003] == firsts
    assert [0, 1, 2, 0, 1] == column.rows[:5].tolist()
    assert 2_004 == len(column.rows)
