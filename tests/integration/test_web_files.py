"""The pages of a programme's contents, and of sending a sheet, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.http import Parts, make_app
from ops.question import Sources
from ops.registers import Registers
from projections.query import Query
from tests.duties_home import duties_home
from tests.integration.test_web import Page
from tests.office import Clock, at
from tests.web_server import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = duties_home(tmp_path_factory.mktemp("duties"))
    clock = Clock(at("2012-06-12"))
    query = Query(home.boards, home.engine, clock)
    sources = Sources(query, Registers(home.ledger))
    parts = Parts(boards=query, sources=sources, clock=clock, programmes=query.programmes)
    server = Served(make_app(parts))
    yield server
    server.stop()
    home.close()


CONTENTS = "show=programme&programme=bac-kan-2006-2010&on=2007-06-01"
SHOWN = {
    (CONTENTS, "vi"): ["Nội dung chương trình", "Sở Tài chính", "của văn bản", "97 dòng"],
    (CONTENTS, "en"): ["Contents of a programme", "of the document", "inferred, not in"],
    (f"{CONTENTS}&rows=lead", "vi"): ["? chưa phân công", "Chưa rõ đơn vị chủ trì"],
    (f"{CONTENTS}&rows=date", "en"): ["? no date", "No date named"],
    ("unit=66.x&show=sheet", "vi"): [
        "Huyện X: Nộp báo cáo bằng tệp",
        "Mẫu có các báo cáo mà Huyện X còn phải gửi.",
        "Mã ghi của hệ thống này",
    ],
    ("unit=66.x&show=sheet", "en"): ["Send reports by a sheet", "Token of this home"],
    ("unit=66&on=2012-06-12", "vi"): ["Tải về Excel CSV", "Quý II năm 2012"],
}


@pytest.mark.parametrize(("address", "language"), SHOWN)
def test_a_page_shows_what_it_is_for(
    served: Served, tmp_path: Path, address: str, language: str
) -> None:
    page = Page(f"{served.url}/?{address}", tmp_path, language)

    assert [word for word in SHOWN[address, language] if word not in page.text] == []
    assert page.complaints == []


FILES = {
    CONTENTS: "/api/programme-items.xlsx?programme=bac-kan-2006-2010&on=2007-06-01",
    "unit=66.x&show=sheet": "/api/units/66.x/template.csv?language=vi",
    "unit=66&on=2012-06-12": "/api/units/66/board.xlsx?on=2012-06-12&by=child",
    "unit=66&show=ladder&year=2012": "/api/units/66/candidates.csv?year=2012",
    "unit=66&show=calendar&month=2012-06": "/api/units/66/calendar.xlsx?period=2012-06",
}


@pytest.mark.parametrize("address", FILES)
def test_what_a_page_shows_can_be_taken_along(served: Served, tmp_path: Path, address: str) -> None:
    page = Page(f"{served.url}/?{address}", tmp_path, "vi")

    assert f'href="{FILES[address]}' in page.markup.replace("&amp;", "&")
    assert page.complaints == []
