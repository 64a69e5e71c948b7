"""Questions of domain section 10 about petitions, the index, ranks, rewards and targets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from projections.petitions import COUNTED
from tests.http_home import valid
from tests.small_home import SmallHome
from tests.unit.test_questions import by_command, over_http
from tests.year_home import MOVING, PROGRAMME, WITHDRAWN, year_home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = year_home(Path(tmp_path_factory.mktemp("year")))
    yield made
    made.close()


def asked(home: SmallHome, path: str, name: str) -> dict[str, Any]:
    answer = over_http(home, f"/api/{path}").json()
    assert "rows" in answer, answer
    valid(name, answer)
    found: dict[str, Any] = answer
    return found


def counts(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row[name] for name in COUNTED)


def test_q32_petitions_of_a_quarter_received_transferred_escalated_settled(
    home: SmallHome,
) -> None:
    answer = asked(home, "units/66/petitions?period=2012-Q2", "AnswerPetitions")

    assert {"personnel": (0, 1, 2, 1, 1, 0, 0, 1), "procedures": (1, 3, 1, 1, 0, 1, 1, 2)} == {
        row["area"]: counts(row) for row in answer["rows"]
    }
    assert ("2012-Q2", "2012-06-30") == (answer["period"], answer["until"])


def test_q32_every_row_of_petitions_adds_up_and_units_make_the_same_total(
    home: SmallHome,
) -> None:
    by_area = asked(home, "units/66/petitions?period=2012-Q2", "AnswerPetitions")
    by_unit = asked(home, "units/66/petitions?period=2012-Q2&by=unit", "AnswerPetitions")

    for row in [*by_area["rows"], *by_unit["rows"]]:
        assert sum(counts(row)[:3]) == sum(counts(row)[3:])
    assert by_area["total"] == by_unit["total"]
    assert [row["unit"] for row in by_unit["rows"]] == ["66", "66.so-a", "66.x", "66.y"]


def test_q32_the_quarter_ends_for_now_at_the_day_that_is_asked_for(home: SmallHome) -> None:
    path = "units/66.x/petitions?period=2012-Q2&on=2012-05-01"
    answer = asked(home, path, "AnswerPetitions")

    assert "2012-05-01" == answer["until"]
    assert {"received": 3, "escalated": 1, "open": 2, "settled": 0}.items() <= (
        answer["total"].items()
    )


def test_q32_open_petitions_are_those_of_the_board(home: SmallHome) -> None:
    answer = asked(home, "units/66/petitions?period=2012-Q4", "AnswerPetitions")
    board = over_http(home, "/api/units/66/board?by=kind&all=true").json()
    (kind,) = [row for row in board["rows"] if row["key"] == "petition_settlement"]
    undone = kind["no_due"] - kind["no_due_done"] + kind["overdue"]

    assert answer["total"]["open"] == undone == 2


def test_q21_where_a_petition_is_now_and_by_what_way(home: SmallHome) -> None:
    path = f"petition-where?obligation={MOVING}&on=2012-06-15"
    answer = asked(home, path, "AnswerPetitionWhere")

    assert ("66.so-a", "personnel") == (answer["holder"], answer["area"])
    assert [
        ("received", "66.x", None, None),
        ("escalated", "66.x", "66", "Vượt thẩm quyền cấp huyện"),
        ("transferred", "66", "66.so-a", None),
    ] == [(row["deed"], row["unit"], row["to_unit"], row["reason"]) for row in answer["rows"]]
    assert ["7/BC"] == [row["document"] for row in answer["rows"] if row["document"]]


def test_q21_by_command_in_words_and_a_withdrawn_one(home: SmallHome) -> None:
    printed = by_command(home, "petition", "where", MOVING)
    withdrawn = json.loads(by_command(home, "petition", "where", WITHDRAWN, "-o", "json"))

    assert "explained" in printed
    assert ("cancelled", "withdrawn") == (withdrawn["state"], withdrawn["rows"][-1]["deed"])


def test_q21_by_command_who_holds_a_petition_acts_where_nobody_is_named(
    home: SmallHome,
) -> None:
    own = "66.x:kn-50"
    about = ("--area", "procedures", "--channel", "in_person")
    by_command(home, "petition", "receive", own, *about, "--as", "66.x")
    by_command(home, "petition", "transfer", own, "--to-unit", "66.so-a")
    printed = by_command(home, "petition", "settle", own, "--outcome", "rejected", "-o", "jsonl")
    way = json.loads(by_command(home, "petition", "where", own, "-o", "json"))

    assert ("66.so-a", "66.so-a") == (json.loads(printed)["by"], way["holder"])
    assert ["received", "transferred", "settled"] == [row["deed"] for row in way["rows"]]


def test_q21_what_is_no_petition_is_said_in_one_sentence(home: SmallHome) -> None:
    answer = over_http(home, "/api/petition-where?obligation=66.x:kn-99").json()

    assert ("66.x:kn-99 is no petition that was received by then", "obligation") == (
        answer["sentence"],
        answer["where"],
    )


def test_q08_who_sent_the_index_file_before_its_day_and_where_the_scores_differ(
    home: SmallHome,
) -> None:
    answer = asked(home, "units/66/assessment?year=2012", "AnswerAssessment")
    names = ("state", "sent_at", "self_score", "verified_score", "difference")

    assert {
        "66.so-a": ("done_on_time", "2012-11-10T09:00:00+07:00", 17.5, 17.0, -0.5),
        "66.so-b": ("done_late", "2012-11-20T09:00:00+07:00", 5.0, None, None),
        "66.x": ("done_on_time", "2012-11-14T16:00:00+07:00", 13.5, 13.5, 0.0),
        "66.y": ("overdue", None, None, None, None),
    } == {row["unit"]: tuple(row[name] for name in names) for row in answer["rows"]}


def test_q08_by_area_and_as_it_was_before_the_verification(home: SmallHome) -> None:
    by_area = asked(home, "units/66.so-a/assessment?year=2012&by=area", "AnswerAssessment")
    before = "units/66.so-a/assessment?year=2012&on=2012-11-21"

    assert [("personnel", 9.5, 9.0, -0.5), ("finance", 8.0, 8.0, 0.0)] == [
        (row["area"], row["self_score"], row["verified_score"], row["difference"])
        for row in by_area["rows"]
    ]
    assert [None] == [
        row["verified_score"] for row in asked(home, before, "AnswerAssessment")["rows"]
    ]


def test_ambiguity_29_the_file_says_of_which_days_its_figures_are_and_has_areas_of_its_own(
    home: SmallHome,
) -> None:
    (row,) = asked(home, "units/66.so-a/assessment?year=2012", "AnswerAssessment")["rows"]
    asked_for = ("index", "show", "66.so-b", "--year", "2012", "--by", "area")

    assert ("2011-11-01", "2012-10-31") == (row["figures_from"], row["figures_to"])
    assert "index-area-7" in by_command(home, *asked_for)


def test_q17_a_district_beside_others_with_the_counts_and_the_published_rating(
    home: SmallHome,
) -> None:
    answer = asked(home, "units/66.y/rank?year=2012", "AnswerRank")
    names = ("rank", "unit", "due", "on_time_of_due", "on_time_rate", "published_rank", "asked")

    assert [
        (1, "66.x", 1, 1, 1.0, 2, False),
        (2, "66.y", 1, 0, 0.0, 1, True),
    ] == [tuple(row[name] for name in names) for row in answer["rows"]]


@pytest.mark.parametrize(
    ("unit", "by", "places"),
    [
        ("66.x", "index", [("66.x", 1), ("66.y", None)]),
        ("66.x", "rating", [("66.y", 1), ("66.x", 2)]),
        ("66.so-a", "on_time_rate", [("66.so-a", 1), ("66.so-b", 2), ("66.so-noi-vu", None)]),
        ("66.so-b", "completion_rate", [("66.so-a", 1), ("66.so-b", 1), ("66.so-noi-vu", None)]),
    ],
)
def test_q17_what_has_no_data_has_no_place_and_equals_share_one(
    home: SmallHome, unit: str, by: str, places: list[tuple[str, int | None]]
) -> None:
    answer = asked(home, f"units/{unit}/rank?year=2012&by={by}", "AnswerRank")

    assert places == [(row["unit"], row["rank"]) for row in answer["rows"]]


def test_q17_the_province_ranks_its_children_by_command(home: SmallHome) -> None:
    argv = ("rank", "66", "--year", "2012", "--among", "children", "--on", "2012-12-01")
    found = json.loads(by_command(home, *argv, "-o", "json"))

    assert 5 == found["of"]
    assert "100.0 %" in by_command(home, *argv)


def test_q33_who_qualifies_on_the_figures_of_the_year(home: SmallHome) -> None:
    strict = asked(home, "units/66/merit?year=2012", "AnswerMerit")
    half = asked(home, "units/66/merit?year=2012&on_time=50", "AnswerMerit")
    first = strict["rows"][0]

    assert ["66.x"] == [row["unit"] for row in strict["rows"] if row["qualifies"]]
    assert ["66.so-a", "66.x"] == [row["unit"] for row in half["rows"] if row["qualifies"]]
    assert (1, 1, 0, 13.5, True, True) == tuple(
        first[name]
        for name in (
            *("reports_due", "reports_on_time", "tasks_overdue"),
            *("index_score", "is_proposed", "is_awarded"),
        )
    )


def test_q33_a_proposal_keeps_its_figures_and_says_which_are_others_today(
    home: SmallHome,
) -> None:
    (row,) = asked(home, "units/66/rewards?year=2012", "AnswerRewards")["rows"]
    before = asked(home, "units/66/rewards?year=2012&on=2012-11-29", "AnswerRewards")

    assert ("66.x", "bang-khen", "99/QĐ-UBND", True) == (
        *(row["proposed"], row["form"], row["document"], row["changed"]),
    )
    assert 1.0 == row["figures"]["findings_open"]
    assert [1.0, 0.0] == row["differs"]["findings_open"]
    assert "index_score" not in row["differs"]
    assert [None] == [one["awarded_at"] for one in before["rows"]]


def test_q33_proposing_by_command_freezes_the_figures_of_this_moment(home: SmallHome) -> None:
    about = ("--programme", PROGRAMME, "--year", "2012", "--form", "giay-khen")
    argv = ("index", "propose", "66.so-a", *about, "--as", "66.so-noi-vu")
    first, again = by_command(home, *argv), by_command(home, *argv)
    told = by_command(home, "index", "rewards", "66.so-a", "--year", "2012", "-o", "json")
    (row,) = json.loads(told)["rows"]

    assert "tasks_late 1" in first
    assert ("1 recorded" in first, "it is so already" in again) == (True, True)
    assert (17.0, False, None) == (
        *(row["figures"]["index_score"], row["changed"], row["awarded_at"]),
    )
    frozen = [row["figures"][name] for name in ("reminded", "criticised")]
    assert frozen == [row["reminded"], row["criticised"]]


Target = tuple[str, float | None, float | None, int, int, int]


def reached(home: SmallHome, path: str) -> list[Target]:
    names = ("item", "target", "measured", "owers", "reported", "reached")
    rows = asked(home, path, "AnswerTargets")["rows"]
    return [tuple(row[name] for name in names) for row in rows]


def test_q24_targets_are_compared_with_what_was_measured_last_and_numbers_add_up(
    home: SmallHome,
) -> None:
    assert [("iso", 50, 12, 2, 1, 0), ("online", 100, None, 2, 2, 1)] == reached(
        home, "units/66/targets"
    )
    assert [("iso", 50, 5, 2, 1, 0), ("online", 100, None, 2, 0, 0)] == reached(
        home, "units/66/targets?on=2012-08-01"
    )


def test_q24_by_unit_what_nobody_measured_is_null(home: SmallHome) -> None:
    assert [
        ("iso", 30, 12, 1, 1, 0),
        ("iso", 20, None, 1, 0, 0),
        ("online", 100, 80, 1, 1, 0),
        ("online", 100, 100, 1, 1, 1),
    ] == reached(home, "units/66/targets?by=unit")
    printed = by_command(home, "task", "targets", "66.so-a")
    assert "80.0 %" in printed


def test_surveys_of_a_year_stand_each_for_itself(home: SmallHome) -> None:
    rows = asked(home, "units/66/surveys?year=2012", "AnswerSurveys")["rows"]
    before = asked(home, "units/66/surveys?year=2011", "AnswerSurveys")["rows"]

    assert [("66.x", 300, 81.5), ("66.y", 300, 64.0)] == [
        (row["unit"], row["sample"], row["result"]) for row in rows
    ]
    assert [] == before


def test_which_items_of_a_programme_no_plan_or_task_takes_up(home: SmallHome) -> None:
    path = f"item-coverage?programme={PROGRAMME}"
    now = asked(home, path, "AnswerItemCoverage")
    before = asked(home, f"{path}&on=2012-09-01", "AnswerItemCoverage")
    by_unit = asked(home, f"{path}&by=unit", "AnswerItemCoverage")

    assert [("online", 0), ("2.3", 0), ("iso", 1)] == [
        (row["item"], row["taken_up"]) for row in now["rows"]
    ]
    assert (3, 2, 1) == (now["items"], now["uncovered"], before["uncovered"])
    assert [("66.x", ["online", "2.3"])] == [(row["unit"], row["items"]) for row in by_unit["rows"]]


def test_the_coverage_of_a_programme_that_nobody_issued_is_refused(home: SmallHome) -> None:
    answer = over_http(home, "/api/item-coverage?programme=nothing").json()

    assert "nothing was not issued by then" == answer["sentence"]
