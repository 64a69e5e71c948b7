"""The commands about units that end, and `unit reform`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.cli import EXIT_BROKEN, EXIT_REFUSED, EXIT_USAGE
from services.reform_reading import parse_reform
from tests.home import Home

LINES = [
    {"unit": "centre", "parent": None, "level": "centre", "kind": "government"},
    {"unit": "66", "parent": "centre", "level": "province"},
    {"unit": "66.a", "parent": "66", "level": "district"},
    {"unit": "66.1", "parent": "66.a", "level": "commune"},
    {"unit": "66.2", "parent": "66.a", "level": "commune"},
]
FILE = """
reform: r-1
by: centre
effective_on: 2025-07-01
establish:
- {unit: "2025.1", name: Xã Một, level: commune, kind: people_committee, parent: "66"}
merge:
- {unit: "66.1", into: "2025.1"}
split:
- {unit: "66.2", into: ["2025.1"], inferred: true}
end_levels:
- {unit: centre, level: district}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    lines = tmp_path / "units.jsonl"
    common = {"type": "unit.established.v1", "effective_on": "2012-01-01"}
    told = [
        json.dumps({"kind": "people_committee", "name": str(one["unit"]), **common, **one})
        for one in LINES
    ]
    lines.write_text("\n".join(told), encoding="utf-8")
    home = Home(tmp_path / "home", "", "lienthong.")
    assert home("publish", str(lines)).code == 0
    return home


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reform.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def types(home: Home) -> list[str]:
    said = home("events", "-o", "jsonl")
    return [json.loads(line)["type"] for line in said.out.splitlines()][len(LINES) :]


def test_a_reform_is_tried_out_first_and_records_nothing(home: Home, file: Path) -> None:
    said = home("unit", "reform", str(file))

    assert said.code == 0
    assert "District level" in said.out
    assert "split: main successor (inferred)" in said.out
    assert "Open obligations are not counted" in said.out
    assert "Dry run, nothing recorded; --apply records 5 events" in said.out
    assert types(home) == []


def test_the_plan_as_json_is_whole(home: Home, file: Path) -> None:
    plan = home.asked("unit", "reform", str(file))

    assert {one["level"]: (one["before"], one["after"]) for one in plan["levels"]} == {
        "centre": (1, 1),
        "province": (1, 1),
        "district": (1, 0),
        "commune": (2, 1),
    }
    assert {one["unit"]: (one["rule"], one["receiver"]) for one in plan["ended"]} == {
        "66.1": ("merged into", "2025.1"),
        "66.2": ("split: main successor (inferred)", "2025.1"),
        "66.a": ("no successor: to the unit above", "66"),
    }
    assert {one["open"] for one in plan["ended"]} == {None}
    assert (plan["in_force"], plan["recorded"], plan["events"]) == (False, 0, 5)
    assert (plan["conflicts"], plan["pending"]) == ([], [])


def test_applied_it_is_in_force_once(home: Home, file: Path) -> None:
    first = home("unit", "reform", str(file), "--apply")
    second = home("unit", "reform", str(file), "--apply")

    assert "In force: 5 recorded, 0 recorded before" in first.out
    assert "In force: 0 recorded, 5 recorded before" in second.out
    assert "In force already: 5 events are recorded" in home("unit", "reform", str(file)).out
    assert types(home) == [
        "unit.established.v1",
        "unit.merged.v1",
        "unit.split.v1",
        "unit.level_ended.v1",
        "reform.enacted.v1",
    ]


def test_a_refused_file_says_where_and_records_nothing(home: Home, file: Path) -> None:
    file.write_text(FILE.replace('into: "2025.1"', 'into: "2025.9"'), encoding="utf-8")
    said = home("unit", "reform", str(file), "--apply")

    assert said.code == EXIT_REFUSED
    assert said.err.startswith("merge[0].into: nobody established 2025.9")
    assert said.err.count("\n") == 1
    assert types(home) == []


def test_without_a_file_or_a_ledger_it_says_what_to_do(tmp_path: Path, file: Path) -> None:
    empty = Home(tmp_path / "empty", "", "lienthong.")

    assert empty("unit", "reform", str(file)).code == EXIT_BROKEN
    assert empty("unit", "reform").code == EXIT_USAGE
    assert empty("unit", "reform", str(file), "--vn-2025").code == EXIT_USAGE
    assert empty("unit", "reform", str(tmp_path / "none.yaml")).code == EXIT_USAGE


def test_the_file_of_2025_is_printed(tmp_path: Path) -> None:
    pytest.importorskip("vietnamadminunits", reason="the extra vn-units is not installed")
    empty = Home(tmp_path / "empty", "", "lienthong.")

    said = empty("unit", "reform", "--vn-2025", "--provinces", "20,66")

    assert parse_reform(said.out).reform == "vn-2025.20-66"
    assert empty("unit", "reform", "--vn-2025", "--provinces", "99").code == EXIT_REFUSED


def test_units_are_split_dissolved_and_levels_ended_by_command(home: Home) -> None:
    day = ("--on", "2026-01-01")

    assert home("unit", "split", "66.1", "--into", "66.2", *day).code == 0
    assert home("unit", "dissolve", "66.2", "--as", "66", *day).code == 0
    assert home("unit", "end-level", "66", "--level", "district", *day).code == 0
    again = home("unit", "dissolve", "66.2", "--as", "66", *day)
    assert "nothing to record" in again.out
    refused = home("unit", "split", "66.a", "--into", "66.9", *day)
    assert (refused.code, refused.err) == (EXIT_REFUSED, "unit: 66.a is closed already (rule)\n")
    assert types(home) == ["unit.split.v1", "unit.dissolved.v1", "unit.level_ended.v1"]
