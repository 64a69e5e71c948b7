"""A template goes out, is filled in by hand and comes back: all of it, or every bad cell named."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ops import cli
from schemas.event import Event
from schemas.events.report import ReportSubmitted
from schemas.times import day, midnight
from tests.small_home import SmallHome
from tests.story import line, quarter, report

OPEN = [f"dak-lak-guidance-2012:5.1:2012-Q2:{unit}" for unit in ("66.so-b", "66.y")]
FIRST = 5
"""First row of the reports in a template."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path / "home")
    # All is sent in the worked example but by these two, and one is sent back.
    lines = [line for line in quarter() if "submitted" not in line or "66.so-a" in line]
    made.tell([line for line in lines if "returned" not in line])
    made.catch_up()
    yield made
    made.close()


def run(home: SmallHome, *argv: str, language: str = "vi") -> tuple[int, str]:
    out = io.StringIO()
    environ = home.settings.environment()
    with patch.dict(os.environ, environ), redirect_stdout(out), redirect_stderr(out):
        code = cli.main(["--language", language, *argv])
    return code, out.getvalue()


def template(home: SmallHome, tmp_path: Path, *argv: str, name: str = "t.xlsx") -> Path:
    file = tmp_path / name
    more = ("--below", "--file", str(file), *argv)
    code, said = run(home, "report", "template", "66", *more)

    assert code == 0, said
    return file


def filled(file: Path, fill: Callable[[Worksheet], object]) -> Path:
    book = openpyxl.load_workbook(file)
    page = book.worksheets[0]
    fill(page)
    book.save(file)
    return file


def rows_of(page: Worksheet) -> dict[str, int]:
    return {str(page.cell(row, 1).value): row for row in range(FIRST, page.max_row + 1)}


def sends(page: Worksheet, obligation: str = OPEN[0]) -> int:
    """Fill in one row as a clerk does; its number."""
    row = rows_of(page)[obligation]
    page.cell(row, 5).value = "12/BC-UBND"
    page.cell(row, 6).value = date(2012, 6, 7)
    page.cell(row, 7).value = "31 tháng 5 năm 2012"
    return row


def submitted(home: SmallHome, obligation: str) -> list[Event]:
    return [one for one in home.ledger.history(obligation) if isinstance(one, ReportSubmitted)]


def test_a_template_lists_what_is_open_and_opens_only_what_is_to_be_filled(
    home: SmallHome, tmp_path: Path
) -> None:
    page = openpyxl.load_workbook(template(home, tmp_path, "--figure", "Kinh phí")).worksheets[0]
    row = rows_of(page)[OPEN[0]]

    assert {*OPEN, OPEN[0].replace("so-b", "x")} == rows_of(page).keys()
    assert "Báo cáo · 5.1 · Quý II năm 2012" == page.cell(row, 3).value
    assert "Số liệu: Kinh phí" == page.cell(FIRST - 1, 9).value
    assert page.protection.sheet
    locked = [page.cell(row, column).protection.locked for column in range(1, 10)]
    assert [True] * 4 + [False] * 5 == locked


def test_what_was_filled_in_is_sent_by_the_units_that_owe_it_and_counts(
    home: SmallHome, tmp_path: Path
) -> None:
    def fill(page: Worksheet) -> None:
        page.cell(sends(page), 9).value = 12.5
        sends(page, OPEN[1])

    file = filled(template(home, tmp_path, "--figure", "budget"), fill)
    code, said = run(home, "publish", str(file))
    (event,) = submitted(home, OPEN[0])

    assert (0, True) == (code, "2 báo cáo đã ghi nhận" in said), said
    assert isinstance(event, ReportSubmitted)
    assert ("66.so-b", "66.so-b", True) == (event.unit, event.by, event.effective_is_day)
    assert (midnight(day(2012, 6, 7)), day(2012, 5, 31)) == (
        event.effective_at,
        event.data_cutoff_on,
    )
    assert ("12/BC-UBND", [("budget", 12.5)]) == (
        event.document.number if event.document else None,
        [(figure.name, figure.value) for figure in event.figures],
    )

    while home.relay.step():
        pass
    home.catch_up()
    board = json.loads(run(home, "board", "66", "--on", "2012-06-08", "-o", "json")[1])
    assert (3, 3, 1) == tuple(
        board["subtree"][name] for name in ("completed", "on_time", "overdue")
    )


def test_the_same_sheet_twice_says_nothing_new(home: SmallHome, tmp_path: Path) -> None:
    file = filled(template(home, tmp_path), sends)
    first, again = (json.loads(run(home, "publish", str(file), "-o", "json")[1]) for _ in "12")

    assert (1, 0) == (first["accepted"], again["accepted"])
    assert (0, 1) == (first["before"], again["before"])
    assert 1 == len(submitted(home, OPEN[0]))


def test_a_sheet_that_nobody_filled_in_records_nothing(home: SmallHome, tmp_path: Path) -> None:
    assert (0, "Không có dòng nào được điền.\n") == run(
        home, "publish", str(template(home, tmp_path))
    )


def test_what_was_returned_is_sent_again_on_the_same_day(home: SmallHome, tmp_path: Path) -> None:
    home.tell(
        [
            report("66.y", "report.submitted.v1", "2012-06-20 09:00"),
            report("66.y", "report.returned.v1", "2012-06-21 10:00", revise_before="2012-06-30"),
        ]
    )
    home.catch_up()
    file = template(home, tmp_path)

    def on(day_of_june: int) -> tuple[int, str]:
        def fill(page: Worksheet) -> None:
            page.cell(sends(page, OPEN[1]), 6).value = date(2012, 6, day_of_june)

        return run(home, "publish", str(filled(file, fill)))

    early, said = on(20)
    assert (1, True) == (early, "it was returned on 2012-06-21" in said), said
    assert 0 == on(21)[0]
    home.catch_up()
    while home.relay.step():
        pass
    home.catch_up()
    listed = json.loads(run(home, "obligations", "66.y", "--on", "2012-07-01", "-o", "json")[1])
    assert ["done_late"] == [one["state"] for one in listed["obligations"]]


def cell(column: int, value: Any) -> Callable[[Worksheet, int], None]:
    def put(page: Worksheet, row: int) -> None:
        page.cell(row, column).value = value

    return put


def text(column: int, value: str) -> Callable[[Worksheet, int], None]:
    def put(page: Worksheet, row: int) -> None:
        page.cell(row, column).value = value
        page.cell(row, column).data_type = "s"

    return put


def number(page: Worksheet, row: int) -> None:
    page.cell(row, 6).value = 41067
    page.cell(row, 6).number_format = "General"


def swap(page: Worksheet, row: int) -> None:
    for at in range(FIRST - 1, page.max_row + 1):
        page.cell(at, 5).value, page.cell(at, 6).value = (
            page.cell(at, 6).value,
            page.cell(at, 5).value,
        )


def twice(page: Worksheet, row: int) -> None:
    other = next(at for name, at in rows_of(page).items() if at != row)
    page.cell(other, 1).value = OPEN[0]
    page.cell(other, 6).value = "07/06/2012"


def hide(page: Worksheet, row: int) -> None:
    page.row_dimensions[row].hidden = True


def merge(page: Worksheet, row: int) -> None:
    page.merge_cells(f"E{row}:F{row}")


def rename(page: Worksheet, row: int) -> None:
    page.cell(FIRST - 1, 6).value = "Ngày"


SPOILT: dict[str, tuple[Callable[[Worksheet, int], None], str]] = {
    "a merged cell": (
        lambda page, row: page.merge_cells(f"E{row}:F{row}"),
        "E{row}:F{row}: là ô g",
    ),
    "shuffled columns": (swap, "E4: cột E phải là “Số văn bản”, không phải “Ngày gửi”"),
    "a renamed column": (
        lambda page, row: cell(6, "Ngày")(page, 4),
        "F4: cột F phải là “Ngày gửi”",
    ),
    "a column of one's own": (cell(12, "x"), "L4: cột L (“”) không có trong mẫu"),
    "a hidden row": (hide, "{row}: đang bị ẩn"),
    "no day": (cell(6, None), "F{row}: chưa ghi ngày gửi"),
    "no such day": (cell(6, "32/13/2020"), "F{row}: không đọc được ngày “32/13/2020”"),
    "a day as a number": (number, "F{row}: không đọc được ngày “41067”"),
    "a day that lies ahead": (cell(6, date(2999, 1, 1)), "F{row}: không nhận: 2999-01-01 lies"),
    "a formula": (cell(6, "=TODAY()"), "F{row}: không đọc được ngày “=TODAY()”"),
    "a formula as text": (text(5, "@SUM(1)"), "E{row}: là công thức"),
    "a space at the end": (cell(5, "12 "), "E{row}: có khoảng trắng"),
    "accents taken apart": (cell(8, "a\u0301"), "H{row}: chữ có dấu không theo"),
    "a number as text": (cell(9, "12"), "I{row}: “12” không phải là số"),
    "a duty named twice": (twice, ": mã việc này đã có ở ô A"),
    "no duty": (cell(1, None), "A{row}: thiếu mã việc"),
    "a duty nobody opened": (cell(1, "x:1:66.y"), "A{row}: không nhận: x:1:66.y was not"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_bad_cell_is_named_and_nothing_of_the_sheet_is_taken(
    home: SmallHome, tmp_path: Path, how: str
) -> None:
    spoil, sentence = SPOILT[how]
    at: list[int] = []

    def fill(page: Worksheet) -> None:
        sends(page, OPEN[1])
        at.append(sends(page))
        spoil(page, at[0])

    before = home.ledger.max_notification()
    file = filled(template(home, tmp_path, "--figure", "budget"), fill)
    code, said = run(home, "publish", str(file))

    assert (1, True) == (code, sentence.format(row=at[0]) in said), said
    assert "chưa ghi nhận dòng nào của t.xlsx" in said
    assert before == home.ledger.max_notification()


def test_every_bad_cell_is_named_at_once_and_in_english_too(
    home: SmallHome, tmp_path: Path
) -> None:
    def fill(page: Worksheet) -> None:
        for obligation in OPEN:
            page.cell(sends(page, obligation), 6).value = "hôm qua"

    file = filled(template(home, tmp_path), fill)
    code, said = run(home, "publish", str(file), language="en")

    assert (1, 2) == (code, said.count("“hôm qua” is not a day; write it as 08/06/2012"))
    assert "2 places are wrong; nothing of t.xlsx was recorded" in said


def test_what_is_owed_to_a_closed_programme_is_refused_by_its_cell(
    home: SmallHome, tmp_path: Path
) -> None:
    file = filled(template(home, tmp_path), sends)
    closed = {"programme": "dak-lak-guidance-2012", "by": "66.so-noi-vu"}
    when = ("2012-06-01 08:00", "2012-07-01 08:00")
    home.tell([line("programme.closed.v1", "66.so-noi-vu", *when, **closed)])
    before = home.ledger.max_notification()
    code, said = run(home, "publish", str(file), language="en")

    assert (code, said.count("is closed since 2012-06-01; what is still owed is waived")) == (1, 1)
    assert re.search(r"A\d+: .*is closed since", said), said
    assert home.ledger.max_notification() == before


def test_another_file_is_no_template(home: SmallHome, tmp_path: Path) -> None:
    other, broken = tmp_path / "other.xlsx", tmp_path / "broken.xlsx"
    openpyxl.Workbook().save(other)
    broken.write_text("no spreadsheet")

    assert "không theo mẫu lienthong-report-template/1" in run(home, "publish", str(other))[1]
    assert (1, True) == (
        (found := run(home, "publish", str(broken)))[0],
        "is no spreadsheet (.xlsx)" in found[1],
    )


@pytest.mark.parametrize("sign", [";", ","])
def test_a_csv_file_serves_as_well(home: SmallHome, tmp_path: Path, sign: str) -> None:
    file = template(home, tmp_path, "--figure", "budget", name="t.csv")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    row = next(at for at, line in enumerate(lines) if line.startswith(OPEN[0]))
    lines[row] = lines[row].replace(";;;;;", ";12/BC;7/6/2012;;Gửi qua bưu điện;12.5")
    file.write_text("\n".join(lines).replace(";", sign), encoding="utf-8-sig")
    code, said = run(home, "publish", str(file))
    (event,) = submitted(home, OPEN[0])

    assert (0, True) == (code, "1 báo cáo đã ghi nhận" in said), said
    assert isinstance(event, ReportSubmitted)
    assert ("Gửi qua bưu điện", 12.5) == (event.text, event.figures[0].value)


def test_a_number_that_can_be_read_in_two_ways_is_refused_in_csv(
    home: SmallHome, tmp_path: Path
) -> None:
    file = template(home, tmp_path, "--figure", "budget", name="t.csv")
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    lines[2] = lines[2].replace(";;;;;", ";12/BC;7/6/2012;;;1.234")
    file.write_text("\n".join(lines), encoding="utf-8-sig")

    assert "I3: “1.234” đọc được hai cách" in run(home, "publish", str(file))[1]
