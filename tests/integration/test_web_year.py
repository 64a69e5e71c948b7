"""The pages about petitions, ranks, rewards and targets in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.http import Parts, make_app
from ops.question import Sources
from ops.registers import Registers
from projections.query import Query
from tests.integration.test_web import Page
from tests.office import Clock, at
from tests.web_server import Served
from tests.year_home import year_home


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = year_home(Path(tmp_path_factory.mktemp("year")))
    clock = Clock(at("2012-12-01"))
    query = Query(home.boards, home.engine, clock)
    sources = Sources(query, Registers(home.ledger))
    server = Served(make_app(Parts(boards=query, sources=sources, clock=clock)))
    yield server
    server.stop()
    home.close()


SHOWN = {
    "unit=66&show=petitions&period=2012-Q2": [
        "Báo cáo cấp trên",
        "Quý II năm 2012",
        "Đội ngũ cán bộ",
    ],
    "unit=66.y&show=rank&year=2012": ["Hạng công bố", "Huyện X", "100 %", "13,5", "2 dòng"],
    "unit=66&show=merit": ["Đủ điều kiện theo số liệu", "Sở Nội vụ", "13,5", "5 dòng"],
    "unit=66&show=targets": ["Chỉ tiêu định lượng", "Đã đạt", "24,0 %", "iso", "2 dòng"],
}


@pytest.mark.parametrize("address", SHOWN)
def test_a_page_shows_its_answer_in_vietnamese(
    served: Served, tmp_path: Path, address: str
) -> None:
    page = Page(f"{served.url}/?{address}", tmp_path, "vi")

    assert [word for word in SHOWN[address] if word not in page.text] == []
    assert page.complaints == []
