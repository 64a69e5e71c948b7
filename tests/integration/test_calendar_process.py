"""The calendar in a running home: a rule made by command is owed by itself, and counted."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops import wiring
from schemas.times import Day, day_of, format_day
from tests.home import WAIT_SECONDS, Home
from tests.story import line

ISSUER = "66.so-noi-vu"
UNITS = {
    "centre": (None, "centre"),
    "66": ("centre", "province"),
    ISSUER: ("66", "province"),
    "66.a": ("66", "district"),
    "66.b": ("66", "district"),
}
SOON, LATER = 20, 60
"""Days from today: within the 45 days ahead, and beyond them."""


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


def on(days: int) -> str:
    """The day so many days from today."""
    return format_day(Day(day_of(wiring.now()) + days))


@pytest.fixture
def home(tmp_path: Path, topic_prefix: str) -> Iterator[Home]:
    made = Home(tmp_path / "home", "", topic_prefix)
    made.start()
    assert made.publish(established(), "--history").code == 0
    made.wait()
    yield made
    made.stop()


def does(home: Home, *argv: str) -> None:
    said = home(*argv)
    assert said.code == 0, said


def issued_with_a_rule(home: Home, *options: str) -> None:
    """A programme in force in some days, whose one report is due before the day 90 from today."""
    does(home, "programme", "issue", "p", "--as", ISSUER, "--number", "1", "--title", "Kế hoạch")
    members = ("--members", "66.a", "--members", "66.b")
    does(home, "programme", "set-class-members", "--as", ISSUER, "--unit-class", "66.x", *members)
    due = f'{{"kind":"before_date","due_before":"{on(90)}"}}'
    rule = ("--rule", "R1", "--title", "Báo cáo", "--owers", "class:66.x", "--due-rule", due)
    does(home, "programme", "establish-reporting-rule", "p", "--as", ISSUER, *rule, *options)


def opened(home: Home, number: int) -> list[dict[str, Any]]:
    """The obligations of the province, once there are so many."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        home.wait()
        asked = ("obligations", "66", "--all", "--on", on(LATER))
        rows: list[dict[str, Any]] = home.asked(*asked)["obligations"]
        if len(rows) >= number or time.monotonic() > until:
            return rows
        time.sleep(0.2)


def test_a_rule_made_by_command_is_owed_by_the_members_without_another_word(home: Home) -> None:
    issued_with_a_rule(home, "--valid-from", on(SOON))
    rows = opened(home, 2)
    with urllib.request.urlopen(f"{home.url}/metrics") as answer:
        metrics = answer.read().decode()

    assert {row["obligation"]: row["due_before"] for row in rows} == {
        "p:R1:66.a": on(90),
        "p:R1:66.b": on(90),
    }
    assert 'lienthong_calendar_total{what="opened"} 2.0' in metrics
    # What begins in some days is not assigned yet, and it is when those days have passed.
    assert home.board("66")["subtree"]["assigned"] == 0
    assert home.board("66", on=on(SOON))["subtree"]["assigned"] == 2


def test_by_hand_it_shows_what_it_would_open_and_opens_beyond_the_days_ahead(home: Home) -> None:
    issued_with_a_rule(home, "--valid-from", on(LATER))
    asked = ("programme", "open", "--until", on(LATER))
    would, did, again = home.asked(*asked, "--dry-run"), home.asked(*asked), home.asked(*asked)
    rows = opened(home, 2)

    assert (would["opened"], would["recorded"], len(rows)) == (2, False, 2)
    assert did["rows"] == would["rows"]
    assert (did["opened"], again["opened"]) == (2, 0)


def test_a_withdrawn_rule_takes_back_what_has_not_begun(home: Home) -> None:
    issued_with_a_rule(home, "--valid-from", on(SOON))
    assert len(opened(home, 2)) == 2
    does(home, "programme", "withdraw-reporting-rule", "p", "--as", ISSUER, "--rule", "R1")
    until = time.monotonic() + WAIT_SECONDS
    while home.asked("programme", "open", "--dry-run")["dropped"] and time.monotonic() < until:
        time.sleep(0.2)
    home.wait()

    rows = home.asked("obligations", "66", "--all", "--on", on(SOON))["obligations"]
    assert {row["state"] for row in rows} == {"cancelled"}
    assert home.board("66", on=on(SOON))["subtree"]["assigned"] == 0
