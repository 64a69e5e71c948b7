"""The web board in a real browser: the figures, both languages, nothing in the console."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.http import Parts, make_app
from ops.question import Sources
from ops.registers import Registers
from projections.query import Query
from schemas.times import Instant
from tests import given, reformed
from tests.board_world import Owed, Unit, World
from tests.changed_home import changed_home
from tests.duties_home import duties_home
from tests.web_server import Served

DAY = "2012-06-12"
UNITS = (
    Unit("centre", "Trung ương", "centre", "government", None),
    Unit("66", "Đắk Lắk", "province", "people_committee", "centre"),
    Unit("66.so-a", "Sở <b>A</b>", "province", "department", "66"),
    Unit("66.643", "Huyện X", "district", "people_committee", "66"),
)
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    # The page's own clock runs ahead while nothing is being loaded: the answers are waited for.
    "--virtual-time-budget=20000",
    "--dump-dom",
)


def clock() -> Instant:
    return given.instant("2012-06-21")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    owed = [
        Owed("a", [given.opens(unit="66.so-a"), given.met("2012-06-05")]),
        Owed("b", [given.opens(unit="66.643")]),
    ]
    world = World(UNITS, owed, clock)
    last = "2012-06-20T09:00:00.000+07:00"
    world.restated["66", DAY] = {"events": 2, "last": last, "more": False}
    server = Served(make_app(Parts(boards=world, clock=clock)))
    yield server
    server.stop()


class Page:
    """What a browser shows at an address: its text, its markup, what it complained about."""

    def __init__(self, url: str, folder: Path, language: str) -> None:
        browser = shutil.which("chromium")
        if browser is None:
            if os.environ.get("CI"):
                pytest.fail("chromium is not installed; apt-get install chromium")
            pytest.skip("chromium is not installed")
        own = (f"--user-data-dir={folder}", f"--accept-lang={language}", url)
        done = subprocess.run([browser, *QUIET, *own], capture_output=True, text=True, timeout=120)
        self.markup = done.stdout
        self.text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", done.stdout))
        self.complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Số liệu tính đến 12/06/2012", "Quá hạn", "50,0 %", "quá hạn 5 ngày"]),
        ("en", ["Figures as of 12/06/2012", "Overdue", "50.0 %", "5 days overdue"]),
        ("vi", ["của ngày này đã được điều chỉnh 2 lần, lần cuối ghi ngày 20/06/2012 09:00"]),
        ("en", ["of this day were restated 2 times since, last recorded 20/06/2012 09:00"]),
    ],
)
def test_the_page_shows_the_figures_of_the_day(
    served: Served, tmp_path: Path, language: str, words: list[str]
) -> None:
    page = Page(f"{served.url}/?unit=66&on={DAY}", tmp_path, language)

    assert [word for word in words if word not in page.text] == []
    assert f'<html lang="{language}">' in page.markup
    assert page.complaints == []


def test_a_name_with_markup_in_it_is_shown_as_text(served: Served, tmp_path: Path) -> None:
    page = Page(f"{served.url}/?unit=66&on={DAY}", tmp_path, "vi")

    assert "Sở &lt;b&gt;A&lt;/b&gt;" in page.markup
    assert "<b>A</b>" not in page.markup


def test_a_rate_without_a_denominator_says_so(served: Served, tmp_path: Path) -> None:
    page = Page(f"{served.url}/?unit=66&on=2010-01-01", tmp_path, "vi")

    assert page.text.count("chưa có số liệu") >= 3
    assert "NaN" not in page.text


def test_an_unknown_unit_is_told_in_one_sentence(served: Served, tmp_path: Path) -> None:
    page = Page(f"{served.url}/?unit=99&on={DAY}", tmp_path, "vi")

    assert "Không có đơn vị mang mã này." in page.text


@pytest.fixture(scope="module")
def after_reform() -> Iterator[Served]:
    query = Query(reformed.boards(), None, lambda: reformed.NOW)
    server = Served(make_app(Parts(boards=query, clock=lambda: reformed.NOW)))
    yield server
    server.stop()


def test_a_new_unit_leads_to_its_predecessors_past_and_tells_it_apart(
    after_reform: Served, tmp_path: Path
) -> None:
    address = f"{after_reform.url}/?unit=n.1&on=2024-12-31"
    then = Page(address, tmp_path, "en")
    succession = Page(f"{address}&tree=succession&by=sector", tmp_path, "en")

    assert "see the figures of its predecessors" in then.text
    assert "Xã Cũ Một (66.1): predecessor, ended 01/07/2025 — Assigned 1" in succession.text
    assert "Xã Cũ Hai (66.2): predecessor, ended 01/07/2025 (inferred)" in succession.text
    assert then.complaints == succession.complaints == []


def test_a_page_beside_the_board_shows_the_answer_to_its_question(tmp_path: Path) -> None:
    home = changed_home(tmp_path / "home")
    home.catch_up()
    query = Query(home.boards, home.engine, clock)
    sources = Sources(query, Registers(home.ledger))
    server = Served(make_app(Parts(boards=query, sources=sources, clock=clock)))
    page = Page(f"{server.url}/?unit=66&show=changes", tmp_path, "vi")
    server.stop()
    home.close()

    # On 21 June one extension still lies ahead: three rows.
    words = ("gia hạn", "không có thẩm quyền", "12/QĐ", "10/05/2012", "3 dòng")
    assert [word for word in words if word not in page.text] == []
    assert page.complaints == []


def test_the_calendar_page_shows_a_month_of_duties_to_whom_and_by_when(tmp_path: Path) -> None:
    home = duties_home(tmp_path / "home")
    query = Query(home.boards, home.engine, clock)
    sources = Sources(query, Registers(home.ledger))
    server = Served(make_app(Parts(boards=query, sources=sources, clock=clock)))
    page = Page(
        f"{server.url}/?unit=66.y&show=calendar&on=2012-06-05&month=2012-06", tmp_path, "vi"
    )
    server.stop()
    home.close()

    words = (
        "Huyện Y: Lịch công việc",
        "Tháng 6/2012",
        "20/06/2012",
        "Tháng sau",
        "quá hạn",
        "Sở Nội vụ",
    )
    assert [word for word in (*words, "125/SNV-CCHC", "còn 3 ngày") if word not in page.text] == []
    assert page.complaints == []
