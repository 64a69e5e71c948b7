"""Spreadsheets over HTTP: what the board shows, in a file that opens well."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from ops import sheet_csv
from ops.i18n import word
from ops.questions import QUESTIONS
from ops.sheets import Heading, Sheet
from tests.duties_home import duties_home
from tests.small_home import SmallHome
from tests.story import established, expected, quarter
from tests.unit.test_questions import over_http

RAW = re.compile(r"[a-z]+(_[a-z]+)*\Z")
"""How keys look; words of either language begin with a capital."""
ON = "on=2012-06-08T08:00:00%2B07:00"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path_factory.mktemp("home"))
    made.tell(quarter())
    made.catch_up()
    yield made
    made.close()


def column(home: SmallHome, path: str, letter: str) -> list[object]:
    answer = over_http(home, path)

    assert 200 == answer.status_code, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert page is not None
    return [cell.value for cell in page[letter]]


def test_a_list_says_whose_it_is_and_as_of_when(home: SmallHome) -> None:
    found = column(home, f"/api/units/66/obligations.xlsx?{ON}", "A")

    assert ["Danh sách việc: Đắk Lắk (66)", "Số liệu tính đến 08/06/2012 08:00"] == found[:2]
    assert ["4 việc", None, "Đơn vị"] == found[2:5]
    assert ["Huyện X", "Huyện Y", "Sở A", "Sở B"] == sorted(map(str, found[5:]))


def test_only_one_state_and_in_english(home: SmallHome) -> None:
    path = f"/api/units/66/obligations.xlsx?{ON}&state=overdue&language=en"

    assert ["State", "overdue", "overdue"] == column(home, path, "F")[4:]


def test_a_board_with_its_parts(home: SmallHome) -> None:
    found = column(home, f"/api/units/66/board.xlsx?{ON}&by=kind", "A")

    assert ["Đắk Lắk (66)", "Báo cáo"] == [found[0], found[-1]]


def test_a_list_as_csv_opens_in_a_vietnamese_spreadsheet(home: SmallHome) -> None:
    found = over_http(home, f"/api/units/66/obligations.csv?{ON}")
    head, first, *_ = found.content.decode("utf-8-sig").splitlines()

    assert found.headers["content-type"].startswith("text/csv")
    assert found.content.startswith(b"\xef\xbb\xbf")
    assert head.startswith("Đơn vị;Loại việc;Mục của chương trình;Kỳ;")
    assert ";08/06/2012;" in first


def test_a_rate_has_the_decimal_sign_of_the_language(home: SmallHome) -> None:
    path = f"/api/units/66/board.csv?{ON}"
    whole = {lang: over_http(home, f"{path}&language={lang}").text for lang in ("vi", "en")}

    assert ";0,5;" in whole["vi"]
    assert ",0.5," in whole["en"]


def test_a_text_that_looks_like_a_formula_is_none_in_csv() -> None:
    rows = [["=HYPERLINK(1)", -5], ["@x", None]]
    sheet = Sheet("A", (), (Heading("-H"), Heading("N", "count")), rows)
    told = sheet_csv.content(sheet, "vi").decode("utf-8-sig").splitlines()

    assert ["'-H;N", "'=HYPERLINK(1);-5", "'@x;"] == told


GIVEN = {
    "explain": "measure=assigned",
    "phases": "phases=2011-2012",
    "programme-phases": "phases=2011-2012&programme=dak-lak-guidance-2012",
    "oversight-duties": "member=x",
    "petition-where": "obligation=x",
    "report-plans": "year=2012",
    "report-trail": "obligation=dak-lak-guidance-2012:5.1:2012-Q2:66.x",
    "report-contents": "obligation=dak-lak-guidance-2012:5.1:2012-Q2:66.x",
    **dict.fromkeys(
        ("derived", "item-coverage", "programme-items", "rules"),
        "programme=dak-lak-guidance-2012",
    ),
}
REFUSED = {"oversight-duties", "petition-where"}
"""Need what this home does not have."""


@pytest.fixture(scope="module")
def duties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = duties_home(tmp_path_factory.mktemp("duties"))
    yield made
    made.close()


@pytest.mark.parametrize("name", sorted(QUESTIONS.keys() - REFUSED))
def test_every_question_leaves_as_a_file_in_words(duties: SmallHome, name: str) -> None:
    path = f"{QUESTIONS[name].path(name, '66')}.xlsx?on=2012-12-31&{GIVEN.get(name, '')}"
    answer = over_http(duties, path, now="2013-01-01")

    assert 200 == answer.status_code, answer.text
    page = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert page is not None
    rows = list(page.iter_rows(values_only=True))
    heads = next(at for at, row in enumerate(rows) if not any(row)) + 1
    assert str(rows[0][0]).startswith(word(f"question.{name}", "vi"))
    assert [head for head in rows[heads] if RAW.match(str(head))] == []


def test_a_template_has_what_the_unit_itself_is_still_to_send(tmp_path: Path) -> None:
    made = SmallHome(tmp_path)
    made.tell([*established(), *map(expected, ("66.x", "66.y"))])
    made.catch_up()
    found = column(made, "/api/units/66.x/template.xlsx?period=2012-Q2", "A")
    other = column(made, "/api/units/66/template.xlsx", "A")
    made.close()

    assert "Báo cáo phải gửi của Huyện X (66.x)" == found[0]
    assert ["Mã việc", "dak-lak-guidance-2012:5.1:2012-Q2:66.x"] == found[3:]
    assert ["Mã việc"] == other[3:]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/units/nobody/board.xlsx", 404),
        ("/api/units/66/board.xlsx?language=fr", 400),
        ("/api/units/66/obligations.xlsx?colour=red", 400),
    ],
)
def test_what_cannot_be_is_refused(home: SmallHome, path: str, status: int) -> None:
    assert status == over_http(home, path).status_code
