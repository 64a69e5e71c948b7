"""The page of the ladder in a real browser, in both languages."""

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
from tests.pressed_home import pressed_home
from tests.web_server import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home, clock = pressed_home(tmp_path_factory.mktemp("pressed")), Clock(at("2013-02-15"))
    query = Query(home.boards, home.engine, clock)
    sources = Sources(query, Registers(home.ledger))
    server = Served(make_app(Parts(boards=query, sources=sources, clock=clock)))
    yield server
    server.stop()
    home.close()


WORDS = {
    "vi": ["Văn bản phê bình", "hệ thống nhắc thay", "Huyện Y", "Năm 2012", "Báo cáo quá hạn"],
    "en": ["Criticisms", "the system", "12/QĐ", "10/09/2012 08:00", "Still overdue after"],
}


@pytest.mark.parametrize("language", WORDS)
def test_the_year_shows_its_documents_who_is_left_and_the_figures(
    served: Served, tmp_path: Path, language: str
) -> None:
    page = Page(f"{served.url}/?unit=66&show=ladder&year=2012", tmp_path, language)

    assert [word for word in WORDS[language] if word not in page.text] == []
    assert page.complaints == []


def test_a_year_without_documents_says_so(served: Served, tmp_path: Path) -> None:
    page = Page(f"{served.url}/?unit=66&show=ladder&year=2010", tmp_path, "en")

    assert page.text.count("There is nothing to show.") == 2
    assert page.complaints == []
