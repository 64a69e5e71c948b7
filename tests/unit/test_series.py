"""Series say what a sum over all changes up to a day says, however they are kept."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.series import DAY_FIRST, DAY_LAST, Series
from schemas.times import Day

GROUPS, DAYS = 6, range(100, 112)
counts = st.one_of(st.integers(-2, 2), st.integers(-300, 300), st.integers(-70_000, 70_000))
changes = st.lists(
    st.tuples(st.integers(0, GROUPS - 1), st.sampled_from(DAYS), counts, counts), max_size=20
)
SHARED = HealthCheck.function_scoped_fixture


@pytest.fixture(params=["in small runs", "in one"])
def sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in small runs":
        monkeypatch.setattr("projections.series.BLOCK", 2)
        monkeypatch.setattr("projections.series.BLOCKS_AT_ONCE", 2)
        monkeypatch.setattr("projections.series.GROUPS_AT_ONCE", 3)
        monkeypatch.setattr("projections.series.TIERS", (3, 9))
        monkeypatch.setattr("projections.series.PENDING_ROWS_MAX", 5)
        monkeypatch.setattr("projections.palette.SPARE", 2)


def added(series: Series, batch: list[tuple[int, int, int, int]]) -> None:
    columns = np.array(batch, np.int64).reshape(-1, 4)
    series.add(columns[:, 0], columns[:, 1], columns[:, 2:].astype(np.int32))


@pytest.mark.usefixtures("sizes")
@settings(deadline=None, suppress_health_check=[SHARED])
@given(st.lists(changes, max_size=8), st.booleans())
def test_totals_are_the_sums_of_the_changes_up_to_a_day(batches: list[Any], often: bool) -> None:
    series, known = Series(2), list[tuple[int, int, int, int]]()
    asked = np.arange(GROUPS)
    for at, batch in enumerate(batches):
        added(series, batch)
        known += batch
        if not often and at < len(batches) - 1:
            continue
        for day in (99, 100, 105, 111, 200):
            expected = np.zeros((GROUPS, 2), np.int64)
            for group, on, a, b in known:
                expected[group] += (a, b) if on <= day else (0, 0)

            assert expected.tolist() == series.at(asked, Day(day)).tolist()
            assert expected[::-2].tolist() == series.at(asked[::-2], Day(day)).tolist()


@pytest.mark.usefixtures("sizes")
@settings(deadline=None, suppress_health_check=[SHARED])
@given(st.lists(changes, max_size=4))
def test_changed_between_finds_every_group_that_differs(batches: list[Any]) -> None:
    series = Series(2)
    for batch in batches:
        added(series, batch)
    told = [change for batch in batches for change in batch]
    for after, until in product((99, 103, 111), (103, 111, 300)):
        found = series.changed_between(Day(after), Day(until)).tolist()
        groups = np.arange(GROUPS)
        differs = series.at(groups, Day(until)) != series.at(groups, Day(after))
        named = {group for group, on, _, _ in told if after < on <= until}

        assert sorted(set(found)) == found
        assert (after >= until) or set(groups[differs.any(axis=1)].tolist()) <= set(found)
        assert set(found) <= named


def test_days_beyond_reach_count_as_the_last() -> None:
    series = Series(1)
    series.add(np.array([1, 1]), np.array([-(10**6), 10**6]), np.array([[1], [2]]))

    assert [[1]] == series.at(np.array([1]), Day(DAY_LAST - 1)).tolist()
    assert [[3]] == series.at(np.array([1]), Day(10**6)).tolist()
    assert [1] == series.changed_between(Day(0), Day(10**6)).tolist()
    assert [] == series.changed_between(Day(DAY_FIRST), Day(0)).tolist()


def test_sums_beyond_32_bits_over_all_groups_do_no_harm() -> None:
    series = Series(1)
    many = np.arange(100)
    for _ in range(2):
        series.add(many, np.full(100, 5), np.full((100, 1), 2**29, np.int32))

    assert {2**30} == set(series.at(many, Day(9))[:, 0].tolist())


def test_a_change_takes_little_memory() -> None:
    series = Series(19)
    rng = np.random.default_rng(1)
    rows = np.eye(19, dtype=np.int32)[rng.integers(0, 19, 50_000)]
    series.add(np.arange(50_000) // 20, np.tile(np.arange(20), 2_500), rows)
    series.at(np.array([0]), Day(0))

    assert len(series) == 50_000
    assert series.nbytes < 15 * 50_000
