"""The page of two states of a board, and the way to it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.test_questions_auditor import DISTRICT, SILENT
from tests.integration.test_web import Page
from tests.small_home import SmallHome
from tests.unit.test_explaining import EIGHT
from tests.unit.test_explaining import home as moved_home  # noqa: F401
from tests.unit.test_explaining import served as app
from tests.web_server import Served


@pytest.fixture(scope="module")
def served(moved_home: SmallHome) -> Iterator[Served]:  # noqa: F811
    server = Served(app(moved_home))
    yield server
    server.stop()


def lacking(page: Page, words: list[str]) -> list[str]:
    assert page.complaints == []
    return [word for word in words if word not in page.text]


def test_two_days_differ_by_figures_and_by_events_with_their_places(
    served: Served, tmp_path: Path
) -> None:
    page = Page(f"{served.url}/?unit=66&show=diff&on=2012-05-15&to_on=2012-06-12", tmp_path, "vi")
    wanted = ["6 việc khác nhau, 0 đơn vị đến hoặc đi", "khớp", "Quá hạn 0 2 +2", "sổ cái số 16"]
    wanted += ["chủ đề events/3 vị trí 1", "report.submitted.v1", "đến ngày hạn"]

    assert lacking(page, wanted) == []
    assert "measure=overdue" in page.markup


def test_one_instant_as_known_twice_differs_by_what_was_recorded_since(
    served: Served, tmp_path: Path
) -> None:
    address = f"{served.url}/?unit=66&show=diff&on={EIGHT}&known={EIGHT}&to_on={EIGHT}"
    page = Page(address, tmp_path, "en")
    wanted = ["08/06/2012 08:00", "1 obligations differ", "Overdue 4 3 −1", "Completed 2 3 +1"]

    assert lacking(page, [*wanted, "3/BC", "recorded after the first"]) == []


def test_a_unit_that_went_is_named_with_the_event(served: Served, tmp_path: Path) -> None:
    page = Page(
        f"{served.url}/?unit={DISTRICT}&show=diff&on=2012-06-30&to_on=2012-07-01", tmp_path, "en"
    )

    assert lacking(page, ["Xã Một went unit.moved.v1 01/07/2012", "units were rearranged"]) == []


def test_the_board_leads_to_what_differs(served: Served, tmp_path: Path) -> None:
    page = Page(f"{served.url}/?unit=66&on={EIGHT}&known={EIGHT}", tmp_path, "en")

    wanted = ["Compare with now", "Compare with what is known by now"]
    assert lacking(page, wanted) == []
    assert "show=diff" in page.markup


def test_units_stand_on_the_page_where_they_stood_as_known(served: Served, tmp_path: Path) -> None:
    clocks = "on=2012-08-01&known=2012-06-15"
    district = Page(f"{served.url}/?unit={DISTRICT}&{clocks}", tmp_path, "vi")
    commune = Page(f"{served.url}/?unit={SILENT}&{clocks}", tmp_path, "vi")
    now = Page(f"{served.url}/?unit={SILENT}&on=2012-08-01", tmp_path, "vi")

    assert lacking(district, ["Xã Một Uỷ ban nhân dân"]) == []
    assert lacking(commune, ["Huyện X"]) == []
    assert lacking(now, ["Huyện Y"]) == []
    assert "Huyện Y" not in commune.text
