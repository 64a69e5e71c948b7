"""What leaves as a spreadsheet opens well: days are days, colours tell states, text stays text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ops import reading, sheets, xlsx
from ops.sheets import TONES, Heading, Sheet
from projections.states import STATES
from tests.small_home import SmallHome
from tests.story import quarter
from tests.unit.test_questions import by_command

HEADINGS_ROW = 5
ON = "2012-06-08T08:00:00+07:00"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path_factory.mktemp("sheets"))
    made.tell(quarter())
    made.catch_up()
    yield made
    made.close()


@pytest.fixture(scope="module")
def listed(home: SmallHome, tmp_path_factory: pytest.TempPathFactory) -> Worksheet:
    file = tmp_path_factory.mktemp("out") / "list.xlsx"
    argv = ("--language", "vi", "obligations", "66", "--on", ON, "-o", "xlsx", "--file", str(file))
    assert "4 rows" in by_command(home, *argv)
    return opened(file)


def opened(file: Path) -> Worksheet:
    page = openpyxl.load_workbook(file).active
    assert isinstance(page, Worksheet)
    return page


def saved(folder: Path, *values: Any, kind: str = "text") -> Worksheet:
    rows = [[value] for value in values]
    xlsx.save(folder / "one.xlsx", Sheet("A", (), (Heading("H", kind),), rows))
    return opened(folder / "one.xlsx")


def column(page: Worksheet, heading: str) -> list[Any]:
    (at,) = [cell.column for cell in page[HEADINGS_ROW] if cell.value == heading]
    return [page.cell(row, at) for row in range(HEADINGS_ROW + 1, page.max_row + 1)]


def test_a_list_has_its_day_above_and_vietnamese_headings(listed: Worksheet) -> None:
    above = [listed.cell(row, 1).value for row in range(1, HEADINGS_ROW)]
    first = [cell.value for cell in listed[HEADINGS_ROW]][:6]

    assert ["Danh sách việc: 66", "Số liệu tính đến 08/06/2012 08:00", "4 việc", None] == above
    due = "Thời hạn (trước ngày)"
    assert ["Đơn vị", "Loại việc", "Mục của chương trình", "Kỳ", due, "Tình trạng"] == first


def test_a_due_is_a_day_and_a_period_is_written_as_in_letters(listed: Worksheet) -> None:
    due = column(listed, "Thời hạn (trước ngày)")[0]

    assert (datetime(2012, 6, 8), "dd/mm/yyyy") == (due.value, due.number_format)
    assert {"Quý II năm 2012"} == {one.value for one in column(listed, "Kỳ")}


def test_states_are_in_words_and_overdue_ones_are_coloured_apart(listed: Worksheet) -> None:
    told = {one.value: one.fill.fgColor.rgb for one in column(listed, "Tình trạng")}

    assert {"hoàn thành đúng hạn", "quá hạn"} == told.keys()
    assert "00F8CBAD" == told["quá hạn"] != told["hoàn thành đúng hạn"]


def test_headings_stay_in_sight_on_the_screen_and_on_paper(listed: Worksheet) -> None:
    assert f"B{HEADINGS_ROW + 1}" == listed.freeze_panes
    assert listed.auto_filter.ref.startswith(f"A{HEADINGS_ROW}:")
    assert f"${HEADINGS_ROW}:${HEADINGS_ROW}" == listed.print_title_rows
    assert ("landscape", 9, 1) == (
        listed.page_setup.orientation,
        listed.page_setup.paperSize,
        listed.page_setup.fitToWidth,
    )


def test_all_of_a_list_leaves_however_many_pages_it_has(home: SmallHome) -> None:
    with reading.of(home.settings) as reader:
        found = reading.whole(reader, "66", on=ON, rows=3)

    assert 4 == found["total"] == len({one["obligation"] for one in found["obligations"]})


@pytest.mark.parametrize("text", ["=1+1", "+84", "-5", "@SUM(A1)", "#N/A", "'quoted"])
def test_a_text_stays_the_text_that_it_is(tmp_path: Path, text: str) -> None:
    cell = saved(tmp_path, text)["A4"]

    assert (text, "s") == (cell.value, cell.data_type)
    assert cell.quotePrefix == text.startswith(("=", "+", "-", "@"))


def test_a_control_character_does_not_break_the_file(tmp_path: Path) -> None:
    assert "a\ufffdb" == saved(tmp_path, "a\x0bb")["A4"].value


def test_a_rate_is_a_number_that_reads_as_percent_and_none_is_a_dash(tmp_path: Path) -> None:
    values = [sheets.value(one, "rate", "vi") for one in (0.756, None)]
    page = saved(tmp_path, *values, kind="rate")

    assert (0.756, "0.0 %") == (page["A4"].value, page["A4"].number_format)
    assert "–" == page["A5"].value


def test_a_board_in_a_sheet_says_whose_its_figures_are(home: SmallHome, tmp_path: Path) -> None:
    file = str(tmp_path / "board.xlsx")
    by_command(home, "--language", "vi", "board", "66", "--on", ON, "-o", "xlsx", "--file", file)
    page = opened(Path(file))

    assert "Đắk Lắk (66)" == page["A1"].value
    assert ["Riêng đơn vị này", "Cả cấp dưới"] == [page["A5"].value, page["A6"].value]
    assert [4, 0] == [page["B6"].value, page["B5"].value]


def test_rows_of_plain_values_are_told_by_their_looks() -> None:
    rows = [{"a": 1, "b": "2012-06-08", "c": 0.5, "d": "12"}, dict.fromkeys("abcd")]
    found = sheets.plain("A", rows)

    assert ["count", "day", "number", "text"] == [heading.kind for heading in found.headings]
    assert [1, date(2012, 6, 8), 0.5, "12"] == list(found.rows[0])


def test_every_coloured_state_is_a_state() -> None:
    assert set() == TONES.keys() - STATES.keys()
