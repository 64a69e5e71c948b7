"""The page of reports in a real browser: what is missing, all of them, and one report's story."""

from __future__ import annotations

from pathlib import Path

from ops.http import Parts, make_app
from ops.question import Sources
from ops.registers import Registers
from projections.query import Query
from tests.integration.test_web import Page, clock
from tests.reporting_home import INTAKE, quarterly, reporting_home
from tests.web_server import Served


def test_the_page_of_reports_shows_what_is_missing_and_why_one_was_returned(
    tmp_path: Path,
) -> None:
    home = reporting_home(tmp_path / "home")
    query = Query(home.boards, home.engine, clock)
    sources = Sources(query, Registers(home.ledger))
    server = Served(make_app(Parts(boards=query, sources=sources, clock=clock)))
    about = f"period=2012-Q2&obligation={quarterly('66.x')}"
    page = Page(f"{server.url}/?unit={INTAKE}&show=reports&{about}", tmp_path, "vi")
    server.stop()
    home.close()

    story = ("trả lại để bổ sung", "Thiếu biểu số 2", "15/06/2012")
    lists = ("Còn thiếu", "Sở B", "quá hạn", "đầu mối tiếp nhận", "4 dòng")
    assert [word for word in (*story, *lists) if word not in page.text] == []
    assert page.complaints == []
