"""What the benches of openings and lists count; how fast it is, is not tested here."""

from __future__ import annotations

from pathlib import Path

from ops.bench import lists, opening


def test_the_bench_of_openings_records_as_many_as_it_is_told_to(tmp_path: Path) -> None:
    found = opening.measure(str(tmp_path), openings=150, units=20)

    assert 150 == found["events"]
    assert min(found["first_page_bytes"], found["last_page_bytes"]) > 0


def test_the_bench_of_lists_asks_about_a_province_that_owes_something() -> None:
    found = lists.measure(obligations=600, provinces=1, asked=3)

    assert 0 < found["owed_by_the_province"] <= 600
    assert found["worst_p99"] == max(one["p99"] for one in found.values() if isinstance(one, dict))
    assert {"list", "list_overdue", "board", "phases"} <= found.keys()
