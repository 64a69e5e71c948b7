"""Questions and ambiguities of the domain as a sheet filled in by hand meets them, by number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.small_home import SmallHome
from tests.story import established, expected, report
from tests.unit.test_questions import by_command

WEDNESDAY, THURSDAY, FRIDAY = (date(2012, 6, number) for number in (6, 7, 8))
SENT = {"66.so-a": WEDNESDAY, "66.so-b": THURSDAY, "66.x": FRIDAY}
RETURNED = "66.y"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    """Four reports due before 8 June; all are told of by one sheet, months afterwards."""
    folder = tmp_path_factory.mktemp("questions")
    made = SmallHome(folder / "home")
    made.tell([*established(), *map(expected, (*SENT, RETURNED))])
    made.tell(
        [
            report(RETURNED, "report.submitted.v1", "2012-06-07 09:00"),
            report(RETURNED, "report.returned.v1", "2012-06-11 10:00", revise_before="2012-06-15"),
        ]
    )
    made.catch_up()
    told_by_sheet(made, folder / "sheet.xlsx")
    made.catch_up()
    yield made
    made.close()


def told_by_sheet(home: SmallHome, file: Path) -> None:
    by_command(home, "report", "template", "66", "--below", "--file", str(file))
    book = openpyxl.load_workbook(file)
    page = book.worksheets[0]
    for row in range(5, page.max_row + 1):
        unit = str(page.cell(row, 1).value).rpartition(":")[2]
        page.cell(row, 6).value = SENT.get(unit, date(2012, 6, 14))
    book.save(file)
    assert "4 rows: 4 recorded" in by_command(home, "publish", str(file))
    while home.relay.step():
        pass


def states(home: SmallHome, on: str) -> dict[str, str]:
    listed = json.loads(by_command(home, "obligations", "66", "--on", on, "-o", "json"))
    return {one["unit"]: one["state"] for one in listed["obligations"]}


def test_q20_sent_on_paper_in_time_and_recorded_later_is_on_time_and_says_so(
    home: SmallHome,
) -> None:
    listed = json.loads(by_command(home, "obligations", "66.so-b", "-o", "json"))
    (one,) = listed["obligations"]

    assert ("done_on_time", "2012-06-07") == (one["state"], one["completed_at"][:10])
    assert ["claimed_late"] == [remark["what"] for remark in one["remarks"]]


def test_ambiguity_01_before_the_day_excludes_the_day_itself(home: SmallHome) -> None:
    found = states(home, "2012-06-30")

    assert ("done_on_time", "done_late") == (found["66.so-b"], found["66.x"])


def test_ambiguity_19_returned_and_sent_again_by_its_day_is_on_time(home: SmallHome) -> None:
    assert "in_revision" == states(home, "2012-06-12")[RETURNED]
    assert "done_on_time" == states(home, "2012-06-30")[RETURNED]
