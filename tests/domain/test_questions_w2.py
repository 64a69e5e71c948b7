"""Question 29 of the domain, asked of one small real home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ops import cli
from schemas.board import Counts
from tests.http_home import valid
from tests.phase_home import OWED, PHASES, PROGRAMME, phase_home
from tests.small_home import SmallHome
from tests.unit.test_questions import by_command, over_http

FIGURES = ("assigned", "completed", "late", "overdue")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = phase_home(tmp_path_factory.mktemp("phases"))
    yield made
    made.close()


def asked(home: SmallHome, *more: str) -> dict[str, Any]:
    argv = ("review", "66", "--phases", PHASES, "--on", "2022-01-01", "-o", "json", *more)
    found: dict[str, Any] = json.loads(by_command(home, *argv))
    return found


def figures(rows: list[dict[str, Any]]) -> dict[tuple[str | None, str], tuple[int, ...]]:
    return {(row["group"], row["phase"]): tuple(row[name] for name in FIGURES) for row in rows}


def test_q29_both_phases_stand_side_by_side_by_area(home: SmallHome) -> None:
    found = asked(home)

    assert {
        ("reporting", "2011–2015"): (1, 1, 0, 0),
        ("reporting", "2016–2020"): (1, 1, 0, 0),
        ("institutions", "2011–2015"): (2, 2, 1, 0),
        ("institutions", "2016–2020"): (2, 1, 0, 1),
    } == figures(found["rows"])


def test_q29_a_phase_is_shown_as_it_stood_at_its_end_and_as_it_stands(home: SmallHome) -> None:
    first = asked(home)["totals"][0]

    assert (3, 2, 1) == tuple(
        first[name] for name in ("assigned_at_end", "completed_at_end", "overdue_at_end")
    )
    assert (3, 3, 0) == tuple(first[name] for name in ("assigned", "completed", "overdue"))
    assert 1.0 == first["completion_rate"]


def test_q29_the_phases_and_what_is_in_none_are_all_that_is_assigned(home: SmallHome) -> None:
    found = asked(home)
    by_unit = asked(home, "--by", "unit")

    assert 1 == found["outside"]
    assert len(OWED) == found["outside"] + sum(one["assigned"] for one in found["totals"])
    for answer in (found, by_unit):
        for total in answer["totals"]:
            parts = [row for row in answer["rows"] if row["phase"] == total["phase"]]
            sums = Counts.total(counts_of(row) for row in parts)
            assert counts_of(total) == sums


def counts_of(row: dict[str, Any]) -> Counts:
    return Counts.of(**{name: row[name] for name in (*FIGURES, "on_time", "cancelled")})


def test_q29_a_programme_is_reviewed_for_the_unit_that_issued_it(home: SmallHome) -> None:
    argv = ("--phases", PHASES, "--by", "unit", "--on", "2022-01-01", "-o", "json")
    found = json.loads(by_command(home, "review", PROGRAMME, *argv))

    assert ("66", "2016–2020") == (found["unit"], found["totals"][1]["phase"])
    assert 2 == found["totals"][1]["assigned"]
    assert found["rows"] == asked(home, "--by", "unit", "--programme", PROGRAMME)["rows"]


def test_q29_as_known_before_the_late_one_was_done_it_is_still_overdue(home: SmallHome) -> None:
    first = asked(home, "--known", "2016-12-31")["totals"][0]

    assert (2, 1) == (first["completed"], first["overdue"])


def test_q29_over_http_the_answer_is_that_of_the_command(home: SmallHome) -> None:
    query = f"phases={PHASES}&on=2022-01-01"
    of_unit = over_http(home, f"/api/units/66/phases?{query}").json()
    of_programme = over_http(home, f"/api/programme-phases?programme={PROGRAMME}&{query}").json()

    valid("AnswerPhases", of_unit)
    valid("AnswerProgrammePhases", of_programme)
    assert asked(home)["rows"] == of_unit["rows"]


def test_q29_a_spreadsheet_has_both_phases_and_the_change(home: SmallHome, tmp_path: Path) -> None:
    file = tmp_path / "review.xlsx"
    by_command(
        home,
        "review",
        "66",
        "--phases",
        PHASES,
        "--on",
        "2022-01-01",
        "-o",
        "xlsx",
        "--file",
        str(file),
    )
    told = list(load_workbook(file).active.iter_rows(values_only=True))
    heads = next(at for at, row in enumerate(told) if "2011–2015 Completed" in row)
    head, whole, *parts = told[heads:]
    row = dict(zip(head, whole, strict=True))

    assert (3, 3) == (row["2011–2015 Completed"], row["2016–2020 Assigned"])
    assert -1 == row["Completed: 2016–2020 against 2011–2015"]
    assert 2 == len(parts)


def test_q29_the_table_is_in_vietnamese_first(home: SmallHome) -> None:
    printed = by_command(home, "--language", "vi", "review", "66", "--phases", PHASES)

    assert "so sánh giai đoạn 2011–2015, 2016–2020" in printed
    assert "Đến hạn ngoài các giai đoạn này: 1 việc" in printed


@pytest.mark.parametrize(
    ("phases", "why"),
    [
        ("2011-2015,2015-2020", "counted twice"),
        ("2015-2011", "ends before it begins"),
        ("2011 to 2015", "is no phase"),
        ("2011-2015,2050-2055", "has not begun"),
        ("1900-1940,1941-1999", "at most"),
    ],
)
def test_phases_that_cannot_be_compared_are_refused_with_one_sentence(
    home: SmallHome, phases: str, why: str
) -> None:
    answer = over_http(home, f"/api/units/66/phases?phases={phases}")

    assert answer.is_client_error
    assert why in answer.json()["sentence"]


def test_a_review_without_years_says_which_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.EXIT_USAGE == cli.main(["review", "66"])
    assert "--phases 2011-2015,2016-2020" in capsys.readouterr().err
