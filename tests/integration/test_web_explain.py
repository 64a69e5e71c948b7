"""The auditor's pages in a real browser: every figure of the board leads to what explains it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.test_questions_auditor import home as auditor  # noqa: F401
from tests.integration.test_web import Page
from tests.small_home import SmallHome
from tests.unit.test_explaining import served as app
from tests.web_server import Served


@pytest.fixture(scope="module")
def served(auditor: SmallHome) -> Iterator[Served]:  # noqa: F811
    server = Served(app(auditor))
    yield server
    server.stop()


def test_the_page_shows_the_obligations_their_events_and_that_they_add_up(
    served: Served, tmp_path: Path
) -> None:
    page = Page(f"{served.url}/?unit=66&show=explain&measure=overdue&on=2012-06-12", tmp_path, "vi")
    wanted = ["Trên bảng số liệu: 2; đếm lại từ các việc: 2", "khớp", "Xã Một", "Huyện X"]
    wanted += ["report.expected.v1", "sổ cái số", "đến ngày hạn"]

    assert [word for word in wanted if word not in page.text] == []
    assert page.complaints == []


def test_every_figure_of_the_board_is_a_link_to_its_explanation(
    served: Served, tmp_path: Path
) -> None:
    page = Page(f"{served.url}/?unit=66&on=2012-06-12", tmp_path, "vi")
    wanted = ["measure=overdue", "cut=column", "cut=child", "cut=level", "cut=kind"]

    assert [one for one in wanted if one not in page.markup] == []
    assert page.complaints == []


def test_what_was_entered_long_after_its_day_has_a_page(served: Served, tmp_path: Path) -> None:
    page = Page(f"{served.url}/?unit=66&show=backdated&on=2012-12-01", tmp_path, "vi")
    wanted = ["Ghi nhận muộn", "21", "30/05/2012 09:00", "20/06/2012 10:00", "Xã Hai", "3/BC"]

    assert [word for word in wanted if word not in page.text] == []
    assert page.complaints == []
