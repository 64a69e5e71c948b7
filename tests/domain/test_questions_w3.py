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


def test_q13_the_calendar_says_what_one_paper_meets_and_from_when_figures_are_estimates(
    home: SmallHome,
) -> None:
    found = asked(home, "units/66.so-b/calendar", on="2012-06-05", period="tháng 6/2012")
    rows = {row["obligation"]: row for row in found["rows"]}
    quarter, half = rows[f"{Q2}:66.so-b"], rows[f"{H1}:66.so-b"]

    assert ("5.2", "5.1") == (quarter["together"], half["together"])
    assert "2012-06-08" == quarter["estimate_from"] == half["estimate_from"]
    plan, past = (rows[f"dak-lak-guidance-2012:{one}:66.so-b"] for one in ("2.1", "5.1:2012-Q1"))
    assert (None, None) == (plan["estimate_from"], past["estimate_from"])
    assert None is plan["together"]


def test_q15_have_all_one_stop_centres_sent_the_monthly_report(home: SmallHome) -> None:
    wanted = {"on": "2007-04-01", "item": "R4", "period": "tháng 3/2007"}
    province = asked(home, "units/06/obligations", **wanted)
    district = asked(home, "units/06.n/obligations", **wanted)

    assert {"done_on_time": 1, "no_due": 1} == province["states"]
    assert [("06.n.mot-cua", "no_due")] == [
        (one["unit"], one["state"]) for one in district["obligations"]
    ]


def test_ambiguity_08_the_centre_owes_and_its_calendar_says_that_the_district_is_passed_by(
    home: SmallHome,
) -> None:
    centre = asked(home, "units/06.n.mot-cua/calendar", on="2007-03-10")
    march = [row for row in centre["rows"] if row["period"] == "2007-03"]
    district = asked(home, "units/06.n/calendar", on="2007-03-10")

    assert [("no_due", "Huyện Na Rì", "Sở Nội vụ")] == [
        (row["state"], row["skips"], row["via"]) for row in march
    ]
    assert not [row for row in district["rows"] if row["item"] == "R4"]


def test_q18_what_a_commune_owes_this_week_by_the_rules_of_its_district(home: SmallHome) -> None:
    found = asked(home, "units/66.x.2/calendar", on="2012-05-30", span="week")
    before = asked(home, "units/66.x.2/calendar", on="2012-05-20", span="week")
    ahead = asked(home, "units/66.x.2/calendar", on="2012-05-20", within="14")

    assert [("2012-06-01", 2, "Huyện X", "Báo cáo quý của phường, xã")] == [
        (row["due_before"], row["days_left"], row["to"], row["title"]) for row in found["rows"]
    ]
    assert ([], 1) == (before["rows"], len(ahead["rows"]))


def test_q18_the_calendar_is_read_in_vietnamese_by_command(home: SmallHome) -> None:
    told = by_command(
        home, "--language", "vi", "calendar", "66.x", "--on", "30/5/2012", "--whose", "below"
    )

    assert [word for word in ("Hạn", "01/06/2012", "sắp đến hạn") if word not in told] == []


def test_q07_how_much_slack_the_contributors_leave(home: SmallHome) -> None:
    found = asked(home, "units/87.so-noi-vu/dependencies", on="2020-05-20")
    slack = {(row["item"], row["waits_for"]): row for row in found["rows"]}

    valid("AnswerDependencies", found)
    assert {("4", "2.b"), ("4", "3"), ("7", "4"), ("9", "8")} == set(slack)
    assert (0, 3, 3) == tuple(
        slack["4", "2.b"][key] for key in ("slack", "contributors", "still_open")
    )
    assert (17, 14, 14) == tuple(
        slack["4", "3"][key] for key in ("slack", "contributors", "overdue")
    )


def test_ambiguity_31_a_consolidator_without_slack_keeps_its_dates_and_shows_the_risk(
    home: SmallHome,
) -> None:
    rows = asked(home, "units/87.so-noi-vu/dependencies", on="2020-04-01")["rows"]
    (draft,) = (row for row in rows if (row["item"], row["waits_for"]) == ("4", "2.b"))

    assert ("2020-06-01", "2020-06-01", 0, True) == (
        draft["due_before"],
        draft["last_due"],
        draft["slack"],
        draft["at_risk"],
    )


def test_q09_which_rows_of_a_programme_have_no_lead_or_no_date(home: SmallHome) -> None:
    plan = asked(home, "programme-items", programme="bac-kan-2006-2010", on="2007-06-01")
    no_lead = asked(
        home, "programme-items", programme="bac-kan-2006-2010", without="lead", on="2007-06-01"
    )
    rows = {row["item"]: row for row in plan["rows"]}

    valid("AnswerProgrammeItems", plan)
    beside = [one for one in plan["rows"] if one["lines"]]
    assert (75, 11 + 3 + 5 + 1 + 2) == (len(rows) - len(beside), len(beside))
    assert {"unassigned"} == {row["lead"] for row in no_lead["rows"]}
    assert 0 < len(no_lead["rows"]) < 75
    assert "III.3.3.a" not in {row["item"] for row in no_lead["rows"]}
    assert rows["III.2.2.2"]["lead"] == "Sở Tài chính"
    told = by_command(home, "--language", "vi", "programme", "show", "bac-kan-2006-2010")
    assert [word for word in ("chưa phân công", "không ghi") if word not in told] == []


def test_ambiguity_10_rows_without_an_assignment_are_content_and_no_rate_is_made_of_them(
    home: SmallHome,
) -> None:
    found = asked(home, "programme-items", programme="lang-son-2018", on="2018-06-01")
    board = asked(home, "units/20/board", on="2018-06-01", programme="lang-son-2018")

    assert {(False, 0)} == {(row["counted"], row["obligations"]) for row in found["rows"]}
    assert (None, 0) == (board["subtree"]["completion_rate"], board["subtree"]["assigned"])
    assert board["subtree"]["content"] > 0


def test_q11_which_dues_were_put_off_and_the_rate_with_and_without_it(home: SmallHome) -> None:
    told = asked(home, "units/66.y/changes", on="2012-06-15")
    sent = asked(home, "units/66.y/changes", on="2012-07-01")

    assert [("extended", "2012-06-08", "2012-06-20", "9/SNV", False)] == [
        tuple(row[key] for key in ("what", "before", "after", "document", "lapsed"))
        for row in told["rows"]
    ]
    assert (1, 0) == (sent["on_time"], sent["on_time_original_due"])


def test_q27_who_changed_the_due_of_one_duty_when_and_by_which_paper(home: SmallHome) -> None:
    told = by_command(
        home, "task", "changes", "66", "--obligation", f"{H1}:66.y", "--on", "15/06/2012"
    )

    assert [word for word in ("Sở Nội vụ", "9/SNV", "20/05/2012") if word not in told] == []


def test_an_unknown_programme_is_refused_with_one_sentence(home: SmallHome) -> None:
    answer = over_http(home, "/api/programme-items?programme=nothing")

    assert (400, "programme") == (answer.status_code, answer.json()["where"])


def test_a_helper_sees_the_tasks_of_others_and_owes_nothing_for_them(home: SmallHome) -> None:
    found = asked(home, "units/87.h/helping", on="2020-05-20")
    owed = asked(home, "units/87.h/obligations", on="2020-05-20", own="true")

    valid("AnswerHelping", found)
    assert {"4", "5", "6", "8"} <= {row["item"] for row in found["rows"]}
    assert {"2.b"} == {one["item"] for one in owed["obligations"]}


def test_lists_keep_what_was_put_off_and_units_stand_in_the_order_of_their_names(
    home: SmallHome,
) -> None:
    put_off = asked(home, "units/66/obligations", on="2012-06-01", extended="true")
    communes = asked(home, "units", parent="66.x", on="2012-06-01")

    assert [f"{H1}:66.y"] == [one["obligation"] for one in put_off["obligations"]]
    assert ["Phường 2", "Phường 10"] == [one["name"] for one in communes["units"]]


BAD = {
    "units/66/obligations?period=Quý V năm 2012": "period",
    "units/66/obligations?on=32/13/2012": "on",
    "units/66/calendar?on=30/02/2012": "on",
    "units/66/calendar?period=quý hai": "period",
    "units/66/calendar?span=fortnight": "span",
    "units/66/obligations?due_within=0": "due_within",
    "units/66/obligations?kind=song": "kind",
}


@pytest.mark.parametrize("path", BAD)
def test_what_cannot_be_read_is_refused_with_its_place(home: SmallHome, path: str) -> None:
    answer = over_http(home, f"/api/{path}")

    assert (400, BAD[path]) == (answer.status_code, answer.json()["where"])
