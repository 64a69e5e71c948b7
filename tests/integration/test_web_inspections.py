"""The page of inspections in a real browser: what is owed, covered and open, and no secret."""

from __future__ import annotations

from pathlib import Path

from ops.http import Parts, make_app
from ops.question import Sources
from ops.registers import Registers
from projections.query import Query
from tests.inspection_home import inspection_home
from tests.integration.test_web import Page
from tests.office import Clock, at
from tests.web_server import Served


def test_the_page_shows_what_is_owed_covered_and_open(tmp_path: Path) -> None:
    home = inspection_home(tmp_path / "home")
    clock = Clock(at("2007-07-10"))
    query = Query(home.boards, home.engine, clock)
    sources = Sources(query, Registers(home.ledger))
    server = Served(make_app(Parts(boards=query, sources=sources, clock=clock)))
    page = Page(f"{server.url}/?unit=06&show=inspections&on=2007-06-30", tmp_path, "vi")
    server.stop()
    home.close()

    words = (
        *("Kiểm tra cải cách hành chính", "Còn phải làm, Quý II năm 2007"),
        *("Kết quả kiểm tra năm 2007", "Đơn vị được kiểm tra năm 2007"),
        *("Chậm trễ", "01/07/2007", "sắp đến hạn"),
    )
    assert [word for word in words if word not in page.text] == []
    assert "Kiểm tra đột xuất" not in page.text
    assert page.complaints == []
