"""A template fetched over HTTP, filled in and sent back: the figures change, or nothing does."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ops import wiring
from ops.http import Parts, make_app
from ops.http_events import BODY_BYTES_MAX
from ops.http_files import CSV, XLSX
from ops.reached import Reached
from ops.sheet_taking import Taken, grid_of, take
from projections.query import Query
from tests.http_home import AUTHORIZED, TOKEN, valid
from tests.office import Clock, at
from tests.small_home import SmallHome
from tests.unit.test_sheet_form import FIRST, OPEN, home, rows_of, run, sends, swap

__all__ = ["home"]

SAVED = Path(__file__).parents[1] / "sheets"
"""Templates of this very home, filled in with LibreOffice Calc 7.4 and saved as .xlsx."""
FILL = Callable[[Worksheet], object]


class Desk:
    """Somebody with a browser before the server of a home."""

    def __init__(self, home: SmallHome, **parts: Any) -> None:
        self.home = home
        self.reached = Reached()
        clock = Clock(at("2012-06-25"))
        known = {"token": TOKEN, "take_sheet": self._take, "reached": self.reached} | parts
        query = Query(home.boards, home.engine, clock)
        self.app = make_app(Parts(boards=query, clock=clock, **known))

    def _take(self, content: bytes, name: str, acting: str | None) -> Taken:
        with wiring.ledger(self.home.settings) as ledger:
            return take(ledger, grid_of(content, name), acting)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                return await client.request(method, path, **options)

        return asyncio.run(asked())

    def template(self, unit: str, form: str = "xlsx") -> bytes:
        found = self.ask("GET", f"/api/units/{unit}/template.{form}")

        assert 200 == found.status_code, found.text
        return found.content

    def send(
        self, content: bytes, query: str = "", media: str = XLSX, **headers: str
    ) -> httpx.Response:
        told = {**AUTHORIZED, "content-type": media, **headers}
        return self.ask("POST", f"/api/sheets{query}", content=content, headers=told)

    def completed(self) -> int:
        while self.home.relay.step():
            pass
        self.home.catch_up()
        board = self.ask("GET", "/api/units/66/board?on=2012-06-24").json()
        return int(board["subtree"]["completed"])


@pytest.fixture
def desk(home: SmallHome) -> Desk:
    return Desk(home)


def filled(content: bytes, fill: FILL) -> bytes:
    book, out = openpyxl.load_workbook(io.BytesIO(content)), io.BytesIO()
    fill(book.worksheets[0])
    book.save(out)
    return out.getvalue()


def y_sends(page: Worksheet) -> int:
    return sends(page, OPEN[1])


def test_what_a_unit_filled_in_is_on_the_board(desk: Desk) -> None:
    before = desk.completed()
    answer = desk.send(filled(desk.template("66.y"), y_sends))
    said = answer.json()

    valid("SheetTaken", said)
    assert (200, 1, 1, []) == (answer.status_code, said["rows"], said["accepted"], said["bad"])
    assert before + 1 == desk.completed()


def test_the_same_file_twice_says_nothing_new(desk: Desk) -> None:
    file = filled(desk.template("66.y"), y_sends)
    told = [desk.send(file).json() for _ in "12"]

    assert [(1, 0), (0, 1)] == [(one["accepted"], one["before"]) for one in told]


def test_a_csv_template_serves_as_well(desk: Desk) -> None:
    lines = desk.template("66.y", "csv").decode("utf-8-sig").splitlines()
    lines[2] += "12/BC;7/6/2012;;"
    lines[2] = lines[2].replace(";;;;12/BC", ";12/BC")
    before = desk.completed()
    answer = desk.send("\r\n".join(lines).encode("utf-8-sig"), media=f"{CSV}; charset=utf-8")

    assert (200, 1) == (answer.status_code, answer.json()["accepted"]), answer.text
    assert before + 1 == desk.completed()


def test_a_file_saved_by_another_program_is_taken(desk: Desk) -> None:
    before = desk.completed()
    answer = desk.send((SAVED / "filled_in_libreoffice.xlsx").read_bytes())

    assert (200, 2) == (answer.status_code, answer.json()["accepted"]), answer.text
    assert before + 2 == desk.completed()


def test_the_command_takes_such_a_file_as_well(desk: Desk) -> None:
    before = desk.completed()
    code, said = run(desk.home, "publish", str(SAVED / "filled_in_libreoffice.xlsx"))

    assert (0, True) == (code, "2 báo cáo đã ghi nhận" in said), said
    assert before + 2 == desk.completed()


def merged_by_hand(page: Worksheet) -> None:
    page.merge_cells(f"E{y_sends(page)}:F{FIRST}")


def shuffled(page: Worksheet) -> None:
    swap(page, y_sends(page))


def two_bad_days(page: Worksheet) -> None:
    page.cell(y_sends(page), 6).value = "hôm qua"
    page.cell(rows_of(page)[OPEN[1]], 7).value = "mai"


@pytest.mark.parametrize(
    ("fill", "cells"),
    [
        (merged_by_hand, ["E5:F5"]),
        (shuffled, ["E4", "F4"]),
        (two_bad_days, ["F5", "G5"]),
    ],
)
def test_bad_cells_are_named_and_nothing_is_recorded(
    desk: Desk, fill: FILL, cells: list[str]
) -> None:
    last = desk.home.ledger.max_notification()
    answer = desk.send(filled(desk.template("66.y"), fill), "?language=en")
    said = answer.json()

    valid("SheetTaken", said)
    assert (422, 0) == (answer.status_code, said["accepted"])
    assert cells == [one["cell"] for one in said["bad"]]
    assert all(one["sentence"].startswith(f"{one['cell']}: ") for one in said["bad"])
    assert last == desk.home.ledger.max_notification()


def test_a_merged_cell_of_another_program_is_named_too(desk: Desk) -> None:
    said = desk.send((SAVED / "merged_in_libreoffice.xlsx").read_bytes()).json()

    assert ["E5:F5: là ô gộp; hãy bỏ gộp ô"] == [one["sentence"] for one in said["bad"]]


def test_another_unit_does_not_send_what_it_does_not_owe(desk: Desk) -> None:
    answer = desk.send(filled(desk.template("66.y"), y_sends), "?as=66.x")

    assert (422, ["A5"]) == (answer.status_code, [one["cell"] for one in answer.json()["bad"]])


@pytest.mark.parametrize("header", ["", "Bearer", f"Basic {TOKEN}", "Bearer wrong"])
def test_sending_needs_the_token_of_the_home(desk: Desk, header: str) -> None:
    answer = desk.send(filled(desk.template("66.y"), y_sends), authorization=header)

    assert (401, "not_allowed") == (answer.status_code, answer.json()["reason"])


@pytest.mark.parametrize(
    "media", ["", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]
)
def test_what_a_form_of_another_site_can_send_is_no_sheet(desk: Desk, media: str) -> None:
    assert 415 == desk.send(desk.template("66.y"), media=media).status_code


@pytest.mark.parametrize("query", ["?unit=66.y", "?as=SO%20A", "?language=fr"])
def test_a_parameter_that_cannot_be_is_refused(desk: Desk, query: str) -> None:
    assert 400 == desk.send(b"", query).status_code


def test_a_body_over_the_limit_is_refused_and_counted(desk: Desk) -> None:
    answer = desk.send(b"x" * (BODY_BYTES_MAX + 1))

    assert (413, "too_large") == (answer.status_code, answer.json()["reason"])
    assert 1 == desk.reached.counts()["BODY_BYTES_MAX"]


def test_a_process_without_a_ledger_takes_no_sheet(home: SmallHome) -> None:
    assert 405 == Desk(home, take_sheet=None).send(b"").status_code


def test_bytes_that_are_no_sheet_are_refused_whatever_they_are(desk: Desk) -> None:
    dice = random.Random(5)
    file = filled(desk.template("66.y"), y_sends)
    broken = [b"", b"PK\x03\x04", file[: len(file) // 2], b"\x00" * 99]
    for _ in range(60):
        bytes_ = bytearray(file)
        for _ in range(dice.randrange(1, 9)):
            bytes_[dice.randrange(len(bytes_))] = dice.randrange(256)
        broken.append(bytes(bytes_))
    answers = {desk.send(one).status_code for one in broken}

    # Where only a style is broken the sheet can still be read.
    assert answers <= {200, 400, 413, 422}, answers
    assert 400 in answers
