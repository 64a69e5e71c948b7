"""Questions 2, 3 and 30 of the domain: reminded of what, whom to criticise, what stood behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from projections.ask import Ask
from projections.query import Query
from projections.year_figures import KINDS
from schemas.board import Counts
from tests.http_home import valid
from tests.office import Clock, at, id_of
from tests.pressed_home import FINDING, TASK, pressed_home, q3
from tests.small_home import SmallHome
from tests.unit.test_questions import by_command, over_http

NOW = "2013-02-15"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = pressed_home(tmp_path_factory.mktemp("pressed"))
    yield made
    made.close()


def ask(home: SmallHome, path: str) -> dict[str, Any]:
    answer = over_http(home, f"/api/units/{path}", now=NOW)

    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def told(rows: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def test_q02_who_is_overdue_by_how_many_days_and_how_often_reminded(home: SmallHome) -> None:
    answer = ask(home, "66/overdue?on=2012-09-25")
    names = ("unit", "name", "days_overdue", "reminded", "criticised")

    valid("AnswerOverdue", answer)
    assert told(answer["rows"], *names) == [
        ("66.x", "Huyện X", 18, 2, 0),
        ("66.y", "Huyện Y", 18, 2, 0),
    ]
    assert answer["rows"][0]["reminded_at"] == "2012-09-24T08:00:00+07:00"
    printed = by_command(home, "record", "overdue", "66", "--on", "2012-09-25")
    assert "24/09/2012 08:00" in printed
    assert "2 rows" in printed


def test_q02_before_the_first_reminder_nobody_was_reminded(home: SmallHome) -> None:
    answer = ask(home, "66/overdue?on=2012-09-09")

    assert {row["reminded"] for row in answer["rows"]} == {0}
    assert [row["unit"] for row in answer["rows"]] == ["66.so-b", "66.x", "66.y"]


def test_q03_whom_to_put_forward_for_criticism_is_who_stays_overdue_after_reminders(
    home: SmallHome,
) -> None:
    early, after = "66/candidates?on=2012-09-25", "66/candidates?on=2012-10-01"
    at_year_end = ask(home, "66/candidates?year=2012")

    assert ask(home, early)["units"] == ["66.x", "66.y"]
    assert ask(home, after)["units"] == ["66.y"]
    assert ask(home, f"{after}&reminders=3")["rows"] == []
    assert told(at_year_end["rows"], "obligation", "reminded", "criticised") == [(q3("66.y"), 2, 1)]
    assert told(ask(home, "66/candidates?year=2013")["rows"], "unit", "reminded") == [("66.y", 1)]
    valid("AnswerCandidates", at_year_end)


def test_q03_a_criticism_is_counted_beside_and_never_issued_by_the_question(
    home: SmallHome,
) -> None:
    before = home.ledger.max_notification()
    printed = json.loads(
        by_command(home, "record", "candidates", "66", "--year", "2012", "-o", "json")
    )

    assert [row["unit"] for row in printed["rows"]] == ["66.y"]
    assert home.ledger.max_notification() == before


def test_q30_the_documents_behind_a_year_are_named_with_number_day_and_role(
    home: SmallHome,
) -> None:
    answer = ask(home, "66/ladder?year=2012")
    names = ("at", "note", "document", "by_name", "role", "pressed", "named")

    valid("AnswerLadder", answer)
    assert [row[:16] for (row,) in told(answer["rows"], "at")] == [
        "2012-06-08T10:00",
        "2012-09-05T08:00",
        "2012-09-10T08:00",
        "2012-09-24T08:00",
        "2012-10-15T08:00",
    ]
    assert told(answer["rows"], *names[1:])[2:] == [
        ("reminded", None, "Sở Nội vụ", "system", "Sở B, Huyện X, Huyện Y", 3),
        ("reminded", None, "Sở Nội vụ", None, "Huyện X, Huyện Y", 2),
        ("criticised", "12/QĐ", "Đắk Lắk", "chair", "Huyện Y", 1),
    ]
    assert (answer["urged"], answer["reminded"], answer["criticised"]) == (1, 3, 1)
    last = answer["rows"][-1]
    assert (last["id"], last["by"], last["units"]) == (id_of("blamed").hex(), "66", ["66.y"])
    assert last["obligations"] == [q3("66.y")]


def test_q30_documents_of_a_year_are_as_many_as_the_boards_grew_by(home: SmallHome) -> None:
    for unit in ("centre", "66", "66.so-b", "66.x", "66.y"):
        end, before = (
            ask(home, f"{unit}/board?all=true&on={day}")["subtree"]["ladder"]
            for day in ("2012-12-31", "2012-01-01")
        )
        listed = ask(home, f"{unit}/ladder?year=2012")

        assert {note: listed[note] for note in end} == {n: end[n] - before[n] for n in end}


def test_q30_the_frozen_figures_of_a_unit_are_found_again_as_known_then(home: SmallHome) -> None:
    answer = ask(home, "66.y/year?year=2012")

    valid("AnswerYear", answer)
    assert answer["figures"] == {
        "unit": "66.y",
        "year": 2012,
        "tasks": {"due": 0, "on_time": 0, "late": 0, "in_revision": 0, "overdue": 0},
        "reports": {"due": 2, "on_time": 0, "late": 1, "in_revision": 0, "overdue": 1},
        "urged": 1,
        "reminded": 3,
        "criticised": 1,
        "findings_open": 1,
        "findings_closed": 0,
        "index_score": None,
    }
    same = ask(home, "66.y/year?year=2012&known=2012-12-31")
    earlier = ask(home, "66.y/year?year=2012&known=2012-10-01")
    assert same["sha256"] == answer["sha256"] != earlier["sha256"]
    assert earlier["figures"]["criticised"] == 0


def test_q30_what_was_due_on_the_last_day_of_the_year_counts_in_that_year(home: SmallHome) -> None:
    figures = ask(home, "66.so-a/year?year=2012")["figures"]
    by_november = ask(home, "66.so-a/year?on=2012-11-30")["figures"]

    assert (figures["tasks"]["due"], figures["tasks"]["overdue"]) == (1, 1), TASK
    assert (by_november["year"], by_november["tasks"]["due"]) == (2012, 0)
    assert figures["reports"] == {"due": 2, "on_time": 2, "late": 0, "in_revision": 0, "overdue": 0}


def test_q30_every_unit_right_below_has_a_line_of_its_own_duties(home: SmallHome) -> None:
    rows = ask(home, "66/year?year=2012")["rows"]
    own = ask(home, "66.y/year?year=2012")

    assert [row["unit"] for row in rows] == [
        "66",
        "66.so-a",
        "66.so-b",
        "66.so-noi-vu",
        "66.x",
        "66.y",
    ]
    assert rows[-1]["sha256"] == own["sha256"]
    assert rows[0]["reports_due"] == 0, FINDING
    assert "Reports overdue" in by_command(home, "year", "66", "--year", "2012", "-o", "csv")


def test_q30_tasks_and_reports_of_all_years_together_are_the_whole_board(home: SmallHome) -> None:
    on = at("2012-10-01 12:00")
    query = Query(home.boards, home.engine, Clock(at(NOW)))
    for unit in ("66", "66.so-a", "66.x", "66.y"):
        parts = [
            query.figures(unit, Ask(on=on, kinds=kinds, due_years=(year, year))).subtree.counts
            for kinds in KINDS.values()
            for year in (2012, 2013)
        ]
        whole = query.figures(unit, Ask(on=on, everything=True)).subtree.counts
        names = ("assigned", "due", "completed", "overdue", "on_time", "late")

        total = Counts.total(parts)
        assert [total[name] for name in names] == [whole[name] for name in names]
        assert whole["assigned"] > 0


DEPUTY, OFFICE = "Phó Chủ tịch", "Chánh Văn phòng"


def test_q12_how_a_members_areas_and_units_stand(home: SmallHome) -> None:
    answer = ask(home, "66/oversight?on=2012-09-25")
    board = ask(home, "66.y/board?all=true&on=2012-09-25")["subtree"]
    names = ("member", "assigned", "due", "completed", "overdue", "on_time", "late")

    valid("AnswerOversight", answer)
    assert told(answer["rows"], *names) == [(OFFICE, 8, 8, 6, 2, 3, 3), (DEPUTY, 2, 2, 1, 1, 0, 1)]
    assert told(answer["rows"][1:], *names[1:]) == [tuple(board[name] for name in names[1:])]
    assert told(answer["rows"], "areas", "units") == [("reporting", ""), ("", "Huyện Y")]
    assert ask(home, "66/oversight?on=2012-02-01")["rows"] == []


def test_q12_what_a_member_should_look_at_is_of_its_areas_and_units_alone(home: SmallHome) -> None:
    on = "on=2012-09-25"
    deputy = ask(home, f"66/oversight-duties?{on}&member={DEPUTY}")
    office = ask(home, f"66/oversight-duties?{on}&member={OFFICE}")

    valid("AnswerOversightDuties", deputy)
    assert told(deputy["rows"], "obligation", "state", "reminded") == [(q3("66.y"), "overdue", 2)]
    assert [row["unit"] for row in office["rows"]] == ["66.x", "66.y"]
    assert ask(home, f"66/oversight-duties?{on}&member=Ai đó")["rows"] == []
    printed = by_command(
        home, "programme", "oversight-duties", "66", "--member", DEPUTY, "--on", "2012-09-25"
    )
    assert "Huyện Y" in printed
    assert "Huyện X" not in printed


def test_q12_committees_are_shown_as_last_constituted(home: SmallHome) -> None:
    (committee,) = ask(home, "66/oversight?on=2012-09-25")["committees"]

    assert (committee["head"], committee["members"]) == ("Chủ tịch", [DEPUTY, OFFICE])
    assert committee["since"] == "2012-05-01"
    assert ask(home, "66.x/oversight?on=2012-09-25")["committees"] == []
