"""A report's way up by real commands: units -> Home Affairs -> the province -> the ministry."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.test_questions_w4 import ask, columns
from tests.reporting_home import INTAKE, MINISTRY, units
from tests.small_home import SmallHome
from tests.story import local
from tests.unit.test_questions import by_command

OWN = "chain:tong-hop:2012-Q2:66.so-noi-vu"
SO_A, X, Y = (f"chain:quy:2012-Q2:{unit}" for unit in ("66.so-a", "66.x", "66.y"))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path)
    made.tell(units())
    yield made
    made.close()


def do(home: SmallHome, deed: str, obligation: str, at: str, *more: str) -> str:
    return by_command(home, "report", deed, obligation, "--at", local(at), *more)


def submit(home: SmallHome, obligation: str, at: str, *more: str) -> None:
    ower = obligation.rpartition(":")[2]
    said = ("--obligations", obligation, "--as", ower, "--at", local(at), *more)
    by_command(home, "report", "submit", *said)


def expect(home: SmallHome, obligation: str, *more: str) -> None:
    _, item, period, unit = obligation.split(":")
    about = ("--unit", unit, "--item", item, "--period", period, "--as", "66")
    due = ("--due-before", "2012-06-08", "--title", "Báo cáo quý")
    do(home, "expect", obligation, "2012-04-01 00:00", *about, *due, *more)


def catch_up(home: SmallHome) -> None:
    home.tell([])
    home.catch_up()


def test_a_late_and_a_returned_report_stay_out_of_the_consolidation_and_are_named_in_it(
    home: SmallHome,
) -> None:
    for one in (SO_A, X, Y):
        expect(home, one, "--to", "66", "--via", INTAKE)
    expect(home, OWN, "--to", "66", "--to", MINISTRY)
    submit(home, SO_A, "2012-06-05 09:00", "--data-cutoff-on", "2012-05-31")
    do(home, "receive", SO_A, "2012-06-05 15:00", "--as", INTAKE, "--channel", "paper")
    submit(home, X, "2012-06-07 09:00")
    until = ("--revise-before", "2012-06-30", "--reasons", "figures")
    do(home, "return", X, "2012-06-11 09:00", "--as", INTAKE, *until)
    catch_up(home)

    suggested = by_command(home, "report", "consolidate", OWN, "--suggest").splitlines()[-1]
    deed = [*shlex.split(suggested)[1:], "--at", local("2012-06-18 09:00")]
    assert "2 recorded" in by_command(home, *deed)
    assert "it is so already" in by_command(home, *deed)
    submit(home, OWN, "2012-06-19 09:00")
    submit(home, Y, "2012-06-20 09:00")
    do(home, "accept", OWN, "2012-06-21 09:00", "--as", MINISTRY)
    catch_up(home)

    inside = ask(home, "report-contents", OWN, on="2012-06-22")
    at_ministry = ask(home, "report-due", MINISTRY, period="2012-Q2", on="2012-06-22")
    assert {(SO_A, "included"), (X, "missing"), (Y, "late")} == set(
        columns(inside, "obligation", "place")
    )
    assert [(OWN, "done_late", "recipient")] == columns(at_ministry, "obligation", "state", "role")
    assert ["expected", "submitted", "received", "included"] == [
        step for (step,) in columns(ask(home, "report-trail", SO_A), "step")
    ]
