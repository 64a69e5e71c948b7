"""A running home through a small reform: as then, as now, in succession, reviewed and explained."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from ops.cli import EXIT_REFUSED
from tests.home import WAIT_SECONDS, Home
from tests.story import line

UNITS = {
    "centre": ("Trung ương", "centre", "government", None),
    "centre.bnv": ("Bộ Nội vụ", "centre", "ministry", "centre"),
    "66": ("Đắk Lắk", "province", "people_committee", "centre"),
    "66.snv": ("Sở Nội vụ", "province", "department", "66"),
    "66.d": ("Huyện Một", "district", "people_committee", "66"),
    "66.1": ("Xã Cũ Một", "commune", "people_committee", "66.d"),
    "66.2": ("Xã Cũ Hai", "commune", "people_committee", "66.d"),
}
OWERS = ("66.snv", "66.d", "66.1", "66.2")
REFORM = """
reform: r-1
by: centre
effective_on: 2025-07-01
establish:
- {unit: "n.1", name: Xã Mới Một, level: commune, kind: people_committee, parent: "66"}
- {unit: "n.2", name: Xã Mới Hai, level: commune, kind: people_committee, parent: "66"}
merge:
- {unit: "66.1", into: "n.1"}
split:
- {unit: "66.2", into: ["n.1", "n.2"], inferred: true}
end_levels:
- {unit: centre, level: district}
"""
THEN = ("--on", "2024-12-31")


def told() -> list[str]:
    """Everything before the reform, recorded when it happened."""
    units = [
        line(
            "unit.established.v1",
            code,
            "2012-01-01 00:00",
            by="centre",
            name=name,
            level=level,
            kind=kind,
            parent=parent,
        )
        for code, (name, level, kind, parent) in UNITS.items()
    ]
    duties = [
        line(
            "report.expected.v1",
            unit,
            "2020-01-01 00:00",
            obligation=f"p:1:2020:{unit}",
            kind="report",
            item="1",
            done_when="sent",
            due_before="2020-12-01",
            issuer="66",
            by="66",
            programme="p",
        )
        for unit in OWERS
    ]
    sent = line(
        "report.submitted.v1", "66.1", "2020-11-20 09:00", obligation="p:1:2020:66.1", by="66.1"
    )
    return [*units, *duties, sent]


def wait_for_hand_over(home: Home) -> None:
    """Until what the district and the divided commune had open is with who took it over."""
    until = time.monotonic() + WAIT_SECONDS
    while [home.board(unit)["own"]["assigned"] for unit in ("66", "n.1")] != [1, 1]:
        assert time.monotonic() < until, "nothing was handed over"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("reformed"), "", "reformed.")
    said = made.publish(told(), "--history")
    assert said.code == 0, said
    file = made.settings.home / "reform.yaml"
    file.write_text(REFORM, encoding="utf-8")
    said = made("unit", "reform", str(file), "--apply")
    assert said.code == 0, said
    made.start()
    try:
        made.wait()
        wait_for_hand_over(made)
        yield made
    finally:
        made.stop()


def assigned(home: Home, unit: str, *options: str) -> int | None:
    """What is assigned below the unit; None where it did not stand yet."""
    if "did not stand yet" in home("board", unit, *options).err:
        return None
    count: int = home.asked("board", unit, *options)["subtree"]["assigned"]
    return count


def test_each_unit_has_its_figures_by_every_tree(home: Home) -> None:
    shown = {
        unit: [
            assigned(home, unit, *THEN, "--tree", tree) for tree in ("then", "now", "succession")
        ]
        for unit in ("66", "66.d", "66.2", "n.1", "n.2")
    }

    assert shown == {
        "66": [4, 4, 4],
        "66.d": [3, 1, 3],
        "66.2": [1, 1, 1],
        "n.1": [None, 1, 2],
        "n.2": [None, 0, 0],
    }


def test_before_the_reform_was_recorded_nobody_knew_of_it(home: Home) -> None:
    known = ("--known", "2025-01-01")
    said = home("board", "n.1", *known)

    assert assigned(home, "66.d", *known) == 3
    assert (said.code, "no unit event that was recorded named n.1" in said.err) == (
        EXIT_REFUSED,
        True,
    )


def test_a_person_is_told_whose_past_it_is(home: Home) -> None:
    said = home("board", "n.1", *THEN, "--tree", "succession").out

    assert "Xã Mới Một: its own past, established 01/07/2025" in said
    assert "Xã Cũ Một (66.1): predecessor, ended 01/07/2025" in said
    assert "Xã Cũ Hai (66.2): predecessor, ended 01/07/2025 (inferred)" in said
    other = home("board", "n.2", *THEN, "--tree", "succession").out
    assert "Xã Cũ Hai (66.2), ended 01/07/2025, went to several units" in other


def test_the_list_in_succession_is_that_of_the_predecessors(home: Home) -> None:
    listed = home.asked("obligations", "n.1", *THEN, "--tree", "succession")

    assert {one["unit"] for one in listed["obligations"]} == {"66.1", "66.2"}


def test_the_review_lists_the_reasons_and_leaves_nothing_over(home: Home) -> None:
    found = home.asked("review", "66.d", "--from", "2016", "--to", "2025")
    ids = {
        event["event_id"]
        for event in map(json.loads, home("events", "-o", "jsonl").out.splitlines())
    }
    rows = {row["on"]: row for row in found["rows"]}
    (now,) = rows["2024-12-31"]["differences"]

    assert found["explained"]
    assert list(rows)[-3:] == ["2025-06-30", "2025-07-01", "2025-12-31"]
    assert (now["tree"], now["counts"]["assigned"], now["remainder"]) == ("now", -2, {})
    assert [(one["direction"], one["unit"], one["what"]) for one in now["reasons"]] == [
        ("left", "66.1", "merged"),
        ("left", "66.2", "split"),
    ]
    assert {one["event_id"].replace("-", "") for one in now["reasons"]} <= {
        told_.replace("-", "") for told_ in ids
    }
    printed = home("review", "66.d", "--from", "2016", "--to", "2025")
    assert (printed.code, "the remainder is 0" in printed.out) == (0, True)


def test_over_http_a_unit_tells_its_life_and_its_review(home: Home) -> None:
    life = home.get("/api/units/66.2")
    found = home.get("/api/units/66/review?from=2020&to=2025")
    page = home.get("/api/units?q=xa%20cu%20hai")

    assert (life["ending"], life["successors"], life["receiver"]) == (
        "split",
        ["n.1", "n.2"],
        "n.1",
    )
    assert found["explained"]
    assert [one["unit"] for one in page["units"]] == ["66.2"]


def test_the_ledger_alone_says_the_same_in_succession(home: Home) -> None:
    board, replayed = (
        home.asked(command, "n.1", *THEN, "--tree", "succession") for command in ("board", "replay")
    )

    assert replayed["subtree"]["assigned"] == 2
    assert {name: replayed[name] for name in ("own", "subtree", "succession")} == {
        name: board[name] for name in ("own", "subtree", "succession")
    }


def test_a_board_is_taken_apart_by_sector_and_programme(home: Home) -> None:
    sectors = home.asked("board", "centre", "--by", "sector")["rows"]
    programmes = home.asked("board", "centre", "--by", "programme")["rows"]

    assert [(row["key"], row["name"], row["assigned"]) for row in sectors] == [
        ("centre.bnv", "Bộ Nội vụ", 1),
        (None, None, 3),
    ]
    assert [(row["key"], row["assigned"]) for row in programmes] == [("p", 4)]


def test_the_read_model_alone_says_the_same_once_nothing_runs(home: Home) -> None:
    asked = (
        ("review", "66", "--from", "2020", "--to", "2025"),
        ("board", "n.1", *THEN, "--tree", "succession", "--by", "child"),
    )
    live = [home.asked(*argv) for argv in asked]
    home.stop()
    alone = [home.asked(*argv) for argv in asked]
    for one in (*live, *alone):
        for name in ("position", "version"):
            one.pop(name, None)

    assert live == alone
