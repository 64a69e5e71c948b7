"""Questions of the domain about reports, asked over HTTP and by command of one small home."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from ops.questions import QUESTIONS
from tests.http_home import valid
from tests.reporting_home import (
    COMMITTEE,
    GUIDANCE,
    INTAKE,
    MINISTRY,
    NATIONAL,
    NEXT_OWN,
    NEXT_PART,
    OWN,
    quarterly,
    reporting_home,
)
from tests.small_home import SmallHome
from tests.unit.test_questions import by_command, over_http

SO_A, SO_B, X, Y = (quarterly(unit) for unit in ("66.so-a", "66.so-b", "66.x", "66.y"))
SHAPES = {
    "report-due": "AnswerReportDue",
    "report-missing": "AnswerReportMissing",
    "report-contents": "AnswerReportContents",
    "report-trail": "AnswerReportTrail",
    "report-plans": "AnswerReportPlans",
    "derived": "AnswerDerived",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = reporting_home(tmp_path_factory.mktemp("reporting"))
    yield made
    made.close()


def ask(home: SmallHome, name: str, subject: str, **given: str) -> dict[str, Any]:
    """The answer over HTTP, of the shape that the OpenAPI document gives it."""
    more = "&".join(f"{key}={text}" for key, text in given.items())
    about = QUESTIONS[name].subject
    path = f"units/{subject}/{name}?" if about == "unit" else f"{name}?{about}={subject}&"
    response = over_http(home, f"/api/{path}{more}")

    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    valid(SHAPES[name], answer)
    return answer


def columns(answer: dict[str, Any], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in answer["rows"]]


def test_q01_which_units_still_owe_the_report_due_before_8_june(home: SmallHome) -> None:
    answer = ask(home, "report-missing", INTAKE, period="2012-Q2", item="5.1", on="2012-06-06")

    assert {
        ("66.so-b", "due_soon", "2012-06-08"),
        ("66.x", "due_soon", "2012-06-08"),
        ("66.y", "due_soon", "2012-06-08"),
    } == set(columns(answer, "unit", "state", "due_before"))
    assert answer["states"] == {"due_soon": 3}


def test_q02_who_is_late_by_how_many_days_and_how_often_reminded(home: SmallHome) -> None:
    answer = ask(home, "report-missing", INTAKE, period="2012-Q2", item="5.1", on="2012-06-16")

    assert [("66.so-b", "overdue", 9, 2), ("66.y", "overdue", 9, 0)] == columns(
        answer, "unit", "state", "days_overdue", "reminded"
    )


def test_q03_who_is_overdue_after_reminders_may_be_put_forward_for_criticism(
    home: SmallHome,
) -> None:
    once = ask(home, "report-missing", INTAKE, reminded="1", on="2012-06-16")
    often = ask(home, "report-missing", INTAKE, reminded="3", on="2012-06-16")

    assert [("66.so-b", 2)] == columns(once, "unit", "reminded")
    assert [] == often["rows"]


def test_q04_what_can_be_consolidated_and_what_is_missing_or_returned(home: SmallHome) -> None:
    answer = ask(home, "report-contents", OWN, on="2012-06-12")

    assert {
        (SO_A, "ready"),
        (SO_B, "missing"),
        (X, "returned"),
        (Y, "missing"),
    } == set(columns(answer, "obligation", "place"))
    words = shlex.split(answer["command"])
    assert words[:6] == ["lienthong", "report", "consolidate", OWN, "--as", INTAKE]
    assert {("--included", SO_A), ("--missing", X)} <= set(pairwise(words))


def test_q05_which_plans_have_not_come_and_what_those_lack_that_have(home: SmallHome) -> None:
    answer = ask(home, "report-plans", INTAKE, year="2012")

    names = ("unit", "state", "areas_missing", "budget_missing", "items_missing")
    assert {
        ("66.so-a", "done_on_time", None, False, 0),
        ("66.x", "done_on_time", "modernisation", True, 1),
        ("66.y", "overdue", None, False, None),
    } == set(columns(answer, *names))
    assert ["II.2"] == next(row["items"] for row in answer["rows"] if row["items_missing"])
    assert [] == ask(home, "report-plans", INTAKE, year="2013")["rows"]


def test_q05_a_province_says_itself_which_areas_a_plan_covers(home: SmallHome) -> None:
    answer = ask(home, "report-plans", "66", year="2012", areas="planning,finance")

    assert {"66.so-a": "planning", "66.x": "planning", "66.y": None} == dict(
        columns(answer, "unit", "areas_missing")
    )
    assert "No budget" in by_command(home, "report", "plans", "66", "--year", "2012")


def test_q25_which_provinces_have_issued_a_programme_that_follows_the_national_one(
    home: SmallHome,
) -> None:
    answer = ask(home, "derived", NATIONAL)

    assert [("20", None, None), ("66", GUIDANCE, 1), ("66.x", "x-2012", 2)] == columns(
        answer, "unit", "programme", "steps"
    )
    assert (1, 2) == (answer["issued"], answer["of"])
    by_number = ask(home, "derived", "84/SNV-CCHC")
    assert [None, GUIDANCE, "x-2012"] == [one for (one,) in columns(by_number, "programme")]


def test_q19_was_my_report_received_was_it_returned_why_and_until_when(home: SmallHome) -> None:
    mine = ask(home, "report-trail", X)
    other = ask(home, "report-trail", SO_A)

    assert [
        ("expected", INTAKE, "2012-06-08", None),
        ("submitted", "66.x", None, None),
        ("returned", INTAKE, "2012-06-15", "Thiếu biểu số 2"),
        ("submitted", "66.x", None, None),
        ("included", INTAKE, None, OWN),
    ] == columns(mine, "step", "by", "until", "detail")
    assert ["figures"] == [row["reasons"] for row in mine["rows"] if row["reasons"]]
    assert ("2012-06-06T08:00:00+07:00", "12/BC") == (
        other["received_at"],
        other["rows"][1]["document"],
    )
    assert (["66"], INTAKE, ["66.y"]) == (other["to"], other["via"], other["copied"])
    assert "84/SNV-CCHC" == other["template"] == other["template_asked"]


def test_q22_which_provinces_have_reported_to_the_ministry(home: SmallHome) -> None:
    before = ask(home, "report-due", MINISTRY, on="2012-06-18")
    after = ask(home, "report-due", MINISTRY, on="2012-06-19", period="2012-Q2")

    assert [(OWN, "due_soon", None)] == columns(before, "obligation", "state", "sent_at")
    assert [(OWN, "done_on_time", "recipient")] == columns(after, "obligation", "state", "role")
    board: Any = over_http(home, "/api/units/centre/board?by=child&on=2012-06-26").json()
    rates = {row["key"]: row["on_time_rate"] for row in board["rows"]}
    assert (None, None) == (rates["20"], rates[MINISTRY])


def test_q23_which_units_are_missing_inside_a_consolidated_report(home: SmallHome) -> None:
    answer = ask(home, "report-contents", OWN, on="2012-06-19")

    assert {
        (SO_A, "included"),
        (X, "included"),
        (SO_B, "missing"),
        (Y, "missing"),
    } == set(columns(answer, "obligation", "place"))
    assert ("2012-06-18T09:00:00+07:00", None) == (answer["consolidated_at"], answer["command"])


def test_ambiguity_20_what_comes_after_the_consolidation_is_late_and_not_in_it(
    home: SmallHome,
) -> None:
    answer = ask(home, "report-contents", OWN, on="2012-06-21")

    assert ("late", "done_late") in columns(answer, "place", "state")
    assert {"included": 2, "missing": 1, "late": 1} == {
        place: [one for (one,) in columns(answer, "place")].count(place)
        for place in ("included", "missing", "late")
    }


def test_ambiguity_09_the_receipt_at_home_affairs_is_delivery_to_the_recipient(
    home: SmallHome,
) -> None:
    by_intake = ask(home, "report-due", INTAKE, period="2012-Q2", item="5.1")
    by_province = ask(home, "report-due", "66", period="2012-Q2", item="5.1")

    names = ("obligation", "received_at")
    assert columns(by_intake, *names) == columns(by_province, *names)
    assert {"through"} == {role for (role,) in columns(by_intake, "role")}
    assert {"recipient"} == {role for (role,) in columns(by_province, "role")}


def test_ambiguity_08_the_centre_owes_its_report_which_skips_the_district(home: SmallHome) -> None:
    answer = ask(home, "report-missing", COMMITTEE, on="2012-07-01")
    own: Any = over_http(home, "/api/units/66.x/obligations?on=2012-07-01").json()

    assert [("66.x.mot-cua", "no_due")] == columns(answer, "unit", "state")
    assert "66.x.mot-cua" in {row["unit"] for row in own["obligations"]}
    assert [] == ask(home, "report-due", "66.x", on="2012-07-01")["rows"]


def test_a_report_asked_for_outside_the_calendar_is_waited_for_like_any_other(
    home: SmallHome,
) -> None:
    answer = ask(home, "report-missing", "66", on="2012-07-10", item="cv-12")

    assert [("66:cv-12:66.x", "not_due", "issuer")] == columns(
        answer, "obligation", "state", "role"
    )


def test_who_sent_on_another_template_than_the_rule_asks_for_is_marked(home: SmallHome) -> None:
    answer = ask(home, "report-due", INTAKE, period="2012-Q2", item="5.1", on="2012-06-08")

    assert {("66.so-a", False), ("66.so-b", False), ("66.x", True), ("66.y", False)} == set(
        columns(answer, "unit", "other_template")
    )


def test_as_known_before_it_was_recorded_a_report_has_not_come(home: SmallHome) -> None:
    answer = ask(home, "report-missing", "66", on="2012-06-21", known="2012-06-12", item="5.1")

    assert {"66.so-b", "66.x", "66.y"} == {unit for (unit,) in columns(answer, "unit")}


def test_who_gets_a_copy_sees_what_was_sent_and_waits_for_nothing(home: SmallHome) -> None:
    copies = ask(home, "report-due", "66.y", on="2012-06-16", period="2012-Q2")

    assert {("66.so-a", "copied"), ("66.so-b", "copied"), ("66.x", "copied")} == set(
        columns(copies, "unit", "role")
    )
    assert [] == ask(home, "report-missing", "66.y", on="2012-06-16")["rows"]


def test_the_commands_say_what_http_says(home: SmallHome) -> None:
    argv = ("report", "missing", INTAKE, "--on", "2012-06-16", "--item", "5.1")
    printed = json.loads(by_command(home, *argv, "-o", "json"))

    assert ["66.so-b", "66.y"] == [row["unit"] for row in printed["rows"]]
    assert "Sở B" in by_command(home, *argv)
    assert "late, not included" in by_command(home, "report", "contents", OWN)
    assert "Thiếu biểu số 2" in by_command(home, "report", "trail", X, "-o", "csv")


def test_a_suggestion_decides_nothing_and_gives_the_command_that_would(home: SmallHome) -> None:
    before = home.ledger.max_notification()
    open_one = by_command(home, "report", "consolidate", NEXT_OWN, "--suggest")
    issued = by_command(home, "report", "consolidate", OWN, "--suggest")

    expected = f"lienthong report consolidate {NEXT_OWN} --as {INTAKE} --missing {NEXT_PART}"
    assert expected == open_one.splitlines()[-1]
    assert "lienthong report consolidate" not in issued
    assert before == home.ledger.max_notification()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("report-trail?obligation=nobody", "nobody opened nobody"),
        ("report-contents?obligation=nobody", "nobody opened nobody"),
        ("report-trail", "must be given"),
    ],
)
def test_a_report_that_nobody_opened_has_no_story(
    home: SmallHome, path: str, sentence: str
) -> None:
    response = over_http(home, f"/api/{path}")

    assert (400, True) == (response.status_code, sentence in response.json()["sentence"])
