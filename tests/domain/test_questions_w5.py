"""Questions 6 and 16 of the domain, asked of a small real home: inspections and their findings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.http_home import valid
from tests.inspection_home import (
    BODY,
    COMMUNE,
    DELAY,
    FIRST,
    FIRST_BODY,
    HEALTH,
    HOME_AFFAIRS,
    PROVINCE,
    QUICK,
    RETURNED,
    SECOND,
    SECOND_BODY,
    UNDATED,
    inspection_home,
)
from tests.small_home import SmallHome
from tests.unit.test_questions import by_command, over_http

JULY = "2007-07-10"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = inspection_home(tmp_path_factory.mktemp("inspections"))
    yield made
    made.close()


def asked(home: SmallHome, unit: str, name: str, **given: str) -> dict[str, Any]:
    given = {"on": JULY, **given}
    query = "&".join(f"{key}={value}" for key, value in given.items())
    answer = over_http(home, f"/api/units/{unit}/{name}?{query}")
    assert answer.status_code == 200, answer.text
    shape = "Answer" + "".join(word.capitalize() for word in name.split("-"))
    found: dict[str, Any] = answer.json()
    valid(shape, found)
    return found


def some(answer: dict[str, Any], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in keys) for row in answer["rows"]]


def test_q06_which_committees_have_not_inspected_and_whose_plan_is_late(home: SmallHome) -> None:
    second = asked(home, PROVINCE, "inspection-due", quarter="2007-Q2")

    assert some(second, "unit", "kind", "state", "days_overdue") == [
        (SECOND_BODY, "inspection", "overdue", 10),
        (BODY, "inspection", "overdue", 10),
        (SECOND_BODY, "inspection_plan", "overdue", 101),
    ]
    assert (1, 3, 2, 3) == tuple(second[key] for key in ("held", "owed", "adopted", "plans"))


def test_q06_shows_those_that_have_inspected_and_when_where_asked(home: SmallHome) -> None:
    first = asked(home, PROVINCE, "inspection-due", quarter="Quý I năm 2007", show="all")
    held = [row for row in first["rows"] if row["unit"] == BODY]

    assert some({"rows": held}, "kind", "state", "planned_on", "completed_at") == [
        ("inspection", "done_on_time", "2007-03-20", "2007-03-20T09:00:00+07:00"),
        ("inspection_plan", "done_on_time", None, "2007-03-28T09:00:00+07:00"),
    ]
    assert "done_late" in [row["state"] for row in first["rows"] if row["unit"] == FIRST_BODY]


def test_q06_means_the_quarter_of_the_day_and_the_units_below(home: SmallHome) -> None:
    own = asked(home, SECOND, "inspection-due")

    assert ("2007-Q3", {SECOND_BODY}) == (own["quarter"], {row["unit"] for row in own["rows"]})


def test_q06_is_printed_in_the_words_of_the_office(home: SmallHome) -> None:
    argv = ("inspection", "due", PROVINCE, "--quarter", "Quý II năm 2007", "--on", JULY)
    heads, *rows = by_command(home, "--language", "vi", *argv, "-o", "csv").splitlines()

    assert heads.startswith("Đơn vị,Loại việc,Tình trạng,Hạn (trước ngày)")
    assert "Ban Chỉ đạo huyện Bạch Thông" in rows[0]
    assert "3 dòng" in by_command(home, "--language", "vi", *argv)


@pytest.mark.parametrize("quarter", ["2007", "Quý V năm 2007", "nonsense"])
def test_q06_refuses_what_is_no_quarter(home: SmallHome, quarter: str) -> None:
    answer = over_http(home, f"/api/units/06/inspection-due?quarter={quarter}")

    assert (400, "quarter") == (answer.status_code, answer.json()["where"])


def test_q16_which_findings_are_open_and_which_remedies_are_due(home: SmallHome) -> None:
    answer = asked(home, PROVINCE, "findings")

    assert some(answer, "obligation", "unit", "finding", "state", "due_before") == [
        (DELAY, HEALTH, "delay", "overdue", "2007-05-01"),
        (RETURNED, COMMUNE, "shortcoming", "in_revision", "2007-08-01"),
        (UNDATED, FIRST, "delay", "no_due", None),
    ]
    assert {"overdue": 1, "in_revision": 1, "no_due": 1, "done_on_time": 1} == answer["states"]
    assert ("Chậm trễ", "Ban Chỉ đạo tỉnh") == some(answer, "finding_text", "inspector")[2]


def test_q16_a_district_head_sees_what_stands_below(home: SmallHome) -> None:
    own = asked(home, FIRST, "findings")
    undated = asked(home, FIRST, "findings", state="no_due")
    closed = asked(home, PROVINCE, "findings", state="done_on_time")

    assert [(RETURNED,), (UNDATED,)] == some(own, "obligation")
    assert [(UNDATED,)] == some(undated, "obligation")
    assert [(QUICK,)] == some(closed, "obligation")


def test_q16_as_of_a_day_before_the_remedy_was_sent_back(home: SmallHome) -> None:
    before = asked(home, FIRST, "findings", on="2007-06-22", state="all")

    assert [(RETURNED, "done_on_time"), (UNDATED, "no_due")] == some(before, "obligation", "state")


def test_q16_is_printed_in_the_words_of_the_office(home: SmallHome) -> None:
    argv = ("inspection", "findings", PROVINCE, "--on", JULY)

    printed = by_command(home, "--language", "vi", *argv, "-o", "csv")
    assert "Cơ quan kết luận" in printed.splitlines()[0]
    assert "thiếu sót" in by_command(home, "--language", "vi", *argv)
    assert 3 == len(json.loads(by_command(home, *argv, "-o", "json"))["rows"])


def test_coverage_says_what_each_body_did_and_whom_it_never_reached(home: SmallHome) -> None:
    answer = asked(home, PROVINCE, "inspection-coverage", year="2007")
    keys = ("unit", "duties_owed", "duties_done", "inspections", "unannounced")

    assert some(answer, *keys) == [
        (FIRST_BODY, 3, 1, 1, 0),
        (SECOND_BODY, 3, 0, 0, 0),
        (BODY, 3, 1, 2, 1),
    ]
    keys = ("subjects_count", "inspected", "never", "areas_count", "findings_open")
    # The province's plan names three subjects; where no plan does, they are the units beside.
    assert some(answer, *keys) == [(2, 1, 1, 1, 0), (0, 0, 0, 0, 0), (3, 2, 1, 2, 2)]
    assert [(0,), (0,), (1,)] == some(answer, "findings_closed")


def test_the_never_inspected_come_first_and_the_others_with_who_and_when(home: SmallHome) -> None:
    answer = asked(home, PROVINCE, "inspection-subjects", year="năm 2007")

    assert some(answer, "unit", "inspected_times", "last_on") == [
        (SECOND, 0, None),
        (HOME_AFFAIRS, 0, None),
        ("06.060.02", 0, None),
        (FIRST, 1, "2007-06-10"),
        (HEALTH, 1, "2007-03-20"),
        (COMMUNE, 1, "2007-05-15"),
    ]
    assert 3 == answer["never"]
    by_unit = {row["unit"]: row for row in answer["rows"]}
    assert "Ban Chỉ đạo tỉnh" == by_unit[HOME_AFFAIRS]["planned_by"]
    assert "Ban Chỉ đạo huyện Ba Bể" == by_unit[COMMUNE]["bodies"]
    below = asked(home, FIRST, "inspection-subjects", year="2007")
    assert [("06.060.02", 0), (FIRST, 1), (COMMUNE, 1)] == some(below, "unit", "inspected_times")


def test_coverage_of_a_year_without_inspections_has_no_rows(home: SmallHome) -> None:
    assert [] == asked(home, PROVINCE, "inspection-coverage", year="2006")["rows"]
