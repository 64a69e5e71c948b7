"""The page of phases in a real browser, over a small real home."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.http import Parts, make_app
from ops.question import Sources
from ops.registers import Registers
from projections.query import Query
from tests.integration.test_web import Page
from tests.office import Clock, at
from tests.phase_home import phase_home
from tests.web_server import Served

ON = "on=2022-01-01"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ["So sánh các giai đoạn", "2011–2015", "2016–2020", "66,7 %"]),
        ("&by=unit&phases=2013-2013,2014-2014", ["Sở A", "Huyện X", "2013", "2014"]),
    ],
)
def test_the_page_of_phases_shows_them_side_by_side(
    query: str, words: list[str], tmp_path: Path
) -> None:
    home, clock = phase_home(tmp_path / "home"), Clock(at("2022-01-01"))
    boards = Query(home.boards, home.engine, clock)
    sources = Sources(boards, Registers(home.ledger))
    server = Served(make_app(Parts(boards=boards, sources=sources, clock=clock)))
    page = Page(f"{server.url}/?unit=66&show=phases&{ON}{query}", tmp_path, "vi")
    server.stop()
    home.close()

    assert [word for word in words if word not in page.text] == []
    assert page.complaints == []
