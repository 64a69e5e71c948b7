"""A palette gives each distinct row one number, and gives the row back for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections import palette as palette_module
from projections.palette import Distinct, Palette

WIDTH = 3
counts = st.one_of(*(st.integers(-most, most) for most in (3, 130, 40_000, 2**31 - 1)))
rows = st.lists(st.tuples(counts, counts, counts), max_size=12)


@given(st.lists(rows, max_size=6))
def test_a_row_has_one_number_and_a_number_one_row(batches: list[list[tuple[int, ...]]]) -> None:
    palette, known = Palette(WIDTH), dict[tuple[int, ...], int]({(0, 0, 0): 0})
    for batch in batches:
        numbers = palette.numbers(np.array(batch, np.int64).reshape(-1, WIDTH))
        for row, number in zip(batch, numbers.tolist(), strict=True):
            assert number == known.setdefault(row, number)
        # What was numbered before is still the same, however wide the palette has become.
        every = palette.rows(np.array(list(known.values())))
        assert list(known) == list(map(tuple, every.tolist()))

    assert sorted(known.values()) == list(range(len(palette)))


@given(st.lists(st.integers(-20, 20), min_size=8, max_size=8), st.integers(1, 3))
def test_sums_of_numbers_are_sums_of_rows(values: list[int], wide: int) -> None:
    palette = Palette(1)
    numbers = palette.numbers(np.array(values, np.int32)[:, np.newaxis] ** wide)
    expected = (np.array(values) ** wide).reshape(2, 4).sum(axis=1)

    assert expected.tolist() == palette.sums(numbers.reshape(2, 4))[:, 0].tolist()


@given(rows, st.data())
def test_kept_columns_mean_the_same_in_a_smaller_palette(
    batch: list[tuple[int, ...]], data: st.DataObject
) -> None:
    palette = Palette(WIDTH)
    numbers = palette.numbers(np.array(batch, np.int64).reshape(-1, WIDTH))
    places = st.lists(st.integers(0, len(batch) - 1), max_size=5) if batch else st.just([])
    columns = [numbers[np.array(data.draw(places), np.int64)] for _ in range(2)]
    before = [palette.rows(column).tolist() for column in columns]
    kept = palette.keep(columns)

    assert before == [palette.rows(column).tolist() for column in kept]
    assert len(palette) == len({(0, 0, 0)}.union(*(map(tuple, part) for part in before)))


def test_numbers_are_as_narrow_as_they_fit() -> None:
    palette = Palette(1)
    kinds = [palette.numbers(np.arange(count)[:, np.newaxis]).dtype for count in (256, 257, 65_537)]

    assert [np.uint8, np.uint16, np.int32] == kinds


def test_many_rows_are_numbered_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(palette_module, "ROWS_AT_ONCE", 10)
    palette = Palette(1)
    rows = (np.arange(95) % 40)[:, np.newaxis]

    assert rows.tolist() == palette.rows(palette.numbers(rows)).tolist()
    assert 40 == len(palette)


@pytest.mark.parametrize("mix", [0, 1, 1 << 63])
def test_no_hash_is_trusted(monkeypatch: pytest.MonkeyPatch, mix: int) -> None:
    monkeypatch.setattr(palette_module, "_MIX", np.full(64, mix, np.uint64))
    distinct = Distinct(2)
    words = np.random.default_rng(1).integers(0, 12, (500, 2))
    numbers = distinct.of(words)

    assert words.tolist() == distinct.rows[numbers].tolist()
    assert len(np.unique(words, axis=0)) == len(distinct)
    assert numbers.tolist() == distinct.of(words).tolist()


def test_rows_with_numbers_keep_them() -> None:
    words = np.array([[5], [3], [9]])
    distinct = Distinct(1, words)

    assert [2, 0, 3] == distinct.of(np.array([[9], [5], [4]])).tolist()
