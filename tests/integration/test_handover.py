"""A reform on a running home: what is open goes to the successors by itself, and no total drops."""

from __future__ import annotations

import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops import wiring
from ops.handover import HANDOVER_PAGE
from ops.settings import python
from ops.supervisor import Part, our_parts
from schemas.board import Counts
from tests.home import WAIT_SECONDS, Home
from tests.story import line

ISSUER = "66.so-noi-vu"
UNITS = {
    "centre": (None, "centre"),
    "66": ("centre", "province"),
    ISSUER: ("66", "province"),
    "66.a": ("66", "district"),
    "66.1": ("66.a", "commune"),
    "66.2": ("66.a", "commune"),
}
REFORM = """
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
WORKER = """
import os, sys
from pathlib import Path
Path(sys.argv[1]).write_text(str(os.getpid()))
from ops import run_worker
from ops.settings import Settings
sys.exit(run_worker.run(Settings.load()))
"""
PAGES = 5
BEFORE, AFTER = "2025-06-30", "2025-07-01"


def established() -> list[str]:
    return [
        line(
            "unit.established.v1",
            code,
            "2024-01-01 00:00",
            by="centre",
            name=code,
            level=level,
            kind="people_committee",
            parent=parent,
        )
        for code, (parent, level) in UNITS.items()
    ]


def expected(obligation: str, unit: str, due: str) -> str:
    return line(
        "report.expected.v1",
        unit,
        "2025-04-01 00:00",
        obligation=obligation,
        by=ISSUER,
        issuer=ISSUER,
        kind="report",
        item="5.1",
        done_when="sent",
        due_before=due,
    )


def submitted(obligation: str, unit: str) -> str:
    name = "report.submitted.v1"
    return line(name, unit, "2025-06-20 09:00", obligation=obligation, by=unit)


def duties() -> list[str]:
    """The commune 66.1: one open, one done; 66.2: one done; the district: one overdue."""
    return [
        expected("open", "66.1", "2025-08-01"),
        expected("done", "66.1", "2025-06-25"),
        expected("sent", "66.2", "2025-06-25"),
        expected("late", "66.a", "2025-06-01"),
        submitted("done", "66.1"),
        submitted("sent", "66.2"),
    ]


def reformable(request: pytest.FixtureRequest, tmp_path: Path, topic_prefix: str) -> Iterator[Home]:
    """A running home with these units and duties, on the log that the parameter names."""
    kafka = request.param == "kafka"
    bootstrap = request.getfixturevalue("kafka").bootstrap if kafka else ""
    made = Home(tmp_path / "home", bootstrap, topic_prefix)
    made.start()
    assert made.publish([*established(), *duties()], "--history").code == 0
    made.wait()
    yield made
    made.stop()


home = pytest.fixture(params=["sqlite"])(reformable)


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "reform.yaml"
    path.write_text(REFORM, encoding="utf-8")
    return str(path)


def owers(home: Home) -> dict[str, list[tuple[str, str]]]:
    """Obligation -> (unit, since when) of all who owed it."""
    rows = home.asked("obligations", "centre", "--all")["obligations"]
    return {
        row["obligation"]: [(one["unit"], one["since"][:16]) for one in row["owers"]]
        for row in rows
    }


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.1)


def boards(home: Home, on: str, *more: str) -> dict[str, Any]:
    return {unit: home.board(unit, on=on) for unit in (*UNITS, *more)}


def counts(board: dict[str, Any], part: str = "own") -> tuple[int, int, int]:
    """(assigned, completed, overdue)"""
    found = Counts.read(board[part])
    return (found["assigned"], found["completed"], found["overdue"])


def recorded(home: Home) -> int:
    return len(home("events", "-o", "jsonl").out.splitlines())


@pytest.mark.parametrize("home", ["sqlite", "kafka"], indirect=True)
def test_a_reform_hands_over_what_is_open_and_no_total_drops(home: Home, file: str) -> None:
    plan = home.asked("unit", "reform", file)
    assert {one["unit"]: one["open"] for one in plan["ended"]} == {"66.1": 1, "66.2": 0, "66.a": 1}
    before = boards(home, BEFORE)

    assert home("unit", "reform", file, "--apply").code == 0
    until(lambda: owers(home)["late"][-1][0] == "66" and owers(home)["open"][-1][0] == "2025.1")
    home.wait()

    assert owers(home) == {
        "open": [("66.1", "2025-04-01T00:00"), ("2025.1", "2025-07-01T00:00")],
        "late": [("66.a", "2025-04-01T00:00"), ("66", "2025-07-01T00:00")],
        "done": [("66.1", "2025-04-01T00:00")],
        "sent": [("66.2", "2025-04-01T00:00")],
    }
    rows = home.asked("obligations", "2025.1", "--state", "overdue")["obligations"]
    assert {row["obligation"]: row["due_before"] for row in rows} == {"open": "2025-08-01"}
    assert {unit: counts(one) for unit, one in boards(home, BEFORE).items()} == {
        unit: counts(one) for unit, one in before.items()
    }
    after = boards(home, AFTER, "2025.1")
    for above in ("centre", "66"):
        assert counts(after[above], "subtree") == counts(before[above], "subtree") == (4, 2, 1)
    assert {unit: counts(after[unit]) for unit in ("66.1", "66.2", "66.a", "66", "2025.1")} == {
        "66.1": (1, 1, 0),
        "66.2": (1, 1, 0),
        "66.a": (0, 0, 0),
        "66": (1, 0, 1),
        "2025.1": (1, 0, 0),
    }
    events = recorded(home)
    again = home.asked("unit", "handover", "--apply")
    assert (again["units"], again["recorded"]["moved"], recorded(home)) == ([], 0, events)
    assert "lienthong_handed_over_total 2.0" in _metrics(home)


def test_a_report_returned_after_its_unit_has_ended_lands_with_the_successor(
    home: Home, file: str
) -> None:
    assert home("unit", "reform", file, "--apply").code == 0
    back = ("--revise-before", "2025-07-20", "--at", "2025-07-10T10:00:00+07:00")
    assert home("report", "return", "sent", "--as", ISSUER, *back).code == 0

    until(lambda: owers(home)["sent"][-1][0] == "2025.1")

    assert owers(home)["sent"][1:] == [("2025.1", "2025-07-10T10:00")]
    assert counts(home.board("66.2", on="2025-07-09")) == (1, 1, 0)
    assert counts(home.board("2025.1", on="2025-07-20")) == (2, 0, 1)


def test_a_reform_that_lies_ahead_hands_over_nothing_yet(home: Home, file: str) -> None:
    path = Path(file)
    path.write_text(REFORM.replace("2025-07-01", "2999-07-01"), encoding="utf-8")
    assert home("unit", "reform", file, "--apply").code == 0
    home.wait()
    events = recorded(home)

    said = home("unit", "handover", "--apply")

    assert "Nothing is to be handed over" in said.out
    assert recorded(home) == events
    assert owers(home)["open"] == [("66.1", "2025-04-01T00:00")]


def test_killed_while_it_hands_over_it_goes_on_and_moves_each_obligation_once(
    request: pytest.FixtureRequest, tmp_path: Path, topic_prefix: str, file: str
) -> None:
    pid = tmp_path / "pid"
    relay = [part for part in our_parts() if part.name == "relay"]
    worker = Part("worker", (python(), "-c", WORKER, str(pid)))
    home = Home(tmp_path / "home", "", topic_prefix, [*relay, worker])
    request.addfinalizer(home.stop)
    home.start()
    names = [f"o{number}" for number in range(PAGES * HANDOVER_PAGE)]
    told = [expected(name, "66.1", "2025-08-01") for name in names]
    assert home.publish([*established(), *told], "--history").code == 0
    home.wait()

    assert home("unit", "reform", file, "--apply").code == 0
    for so_far in (1, 2 * HANDOVER_PAGE):
        until(lambda wanted=so_far: len(_transfers(home)) >= wanted)  # type: ignore[misc]
        killed = pid.read_text()
        os.kill(int(killed), signal.SIGKILL)
        until(lambda before=killed: pid.read_text() not in ("", before))  # type: ignore[misc]
    until(lambda: len(_transfers(home)) >= len(names))
    home.wait()

    assert sorted(_transfers(home)) == sorted(names)
    assert counts(home.board("2025.1", on=AFTER)) == (len(names), 0, 0)


def _transfers(home: Home) -> list[str]:
    """The obligation of every recorded transfer."""
    with wiring.ledger(home.settings) as ledger:
        return [one.stream for one in ledger.events() if one.event_name.endswith("transferred.v1")]


def _metrics(home: Home) -> str:
    with urllib.request.urlopen(f"{home.url}/metrics") as answer:
        text: str = answer.read().decode()
    return text
