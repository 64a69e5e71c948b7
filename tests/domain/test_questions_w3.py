"""Questions of domain section 10 about a unit's own duties, asked of a real home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.duties_home import duties_home
from tests.http_home import valid
from tests.small_home import SmallHome
from tests.unit.test_questions import by_command, over_http

Q2 = "dak-lak-guidance-2012:5.1:2012-Q2"
H1 = "dak-lak-guidance-2012:5.2:2012-H1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = duties_home(tmp_path_factory.mktemp("duties"))
    yield made
    made.close()


def asked(home: SmallHome, path: str, **given: str) -> dict[str, Any]:
    query = "&".join(f"{name}={quote(text)}" for name, text in given.items())
    answer = over_http(home, f"/api/{path}?{query}")

    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def owers(found: dict[str, Any]) -> list[str]:
    return [one["unit"] for one in found["obligations"]]


def test_q01_which_units_still_owe_the_report_and_which_have_less_than_a_week(
    home: SmallHome,
) -> None:
    wanted = {"item": "5.1", "period": "Quý II năm 2012"}
    found = asked(home, "units/66/obligations", on="02/06/2012", **wanted)
    late = asked(home, "units/66/obligations", on="2012-06-08", state="overdue", **wanted)
    soon = asked(home, "units/66/obligations", on="02/06/2012", due_within="7", **wanted)

    assert (5, {"due_soon": 4, "done_on_time": 1}) == (found["total"], found["states"])
    assert {"66.so-b", "66.so-noi-vu", "66.y"} == set(owers(late))
    assert 5 == soon["total"]
    told = by_command(
        home, "obligations", "66", "--item", "5.1", "--period", "quý 2/2012", "--on", "02/06/2012"
    )
    assert "due soon: 4 · done on time: 1" in told


def test_q13_what_a_district_must_send_this_month_to_whom_and_by_when(home: SmallHome) -> None:
    found = asked(home, "units/66.x/calendar", on="2012-06-05")
    rows = {row["obligation"]: row for row in found["rows"]}

    valid("AnswerCalendar", found)
    assert {f"{Q2}:66.x", f"{H1}:66.x"} == {
        name for name, row in rows.items() if row["due_before"] and row["due_before"] > "2012-06"
    }
    returned, half = rows[f"{Q2}:66.x"], rows[f"{H1}:66.x"]
    assert ("in_revision", "2012-06-15") == (returned["state"], returned["due_before"])
    assert ("2012-06-08", 3, "Đắk Lắk", "Sở Nội vụ") == (
        half["due_before"],
        half["days_left"],
        half["to"],
        half["via"],
    )
    assert half["document"] is not None
    assert "overdue" == rows["dak-lak-guidance-2012:2.1:66.x"]["state"]
