"""The page of verifying beside live, in a real browser."""

from __future__ import annotations

from pathlib import Path

from ops.http import Parts, make_app
from ops.verification import Compared, Difference, verdict
from projections.query import Query
from schemas.times import Instant
from tests import reformed
from tests.integration.test_web import Page
from tests.web_server import Served


def shown(folder: Path, *differences: Difference) -> str:
    found = Compared(
        partition=3,
        offset=41,
        at=Instant(reformed.NOW),
        compared=52,
        differing=len(differences),
        differences=differences,
    )
    query = Query(reformed.boards(), None, lambda: reformed.NOW)
    told = verdict(2, [found], ended=True)
    app = make_app(Parts(boards=query, clock=lambda: reformed.NOW, verification=lambda: told))
    server = Served(app)
    page = Page(f"{server.url}/?unit=66&show=verify", folder, "en")
    server.stop()

    assert page.complaints == []
    return page.text


def test_a_page_says_that_live_and_log_agree(tmp_path: Path) -> None:
    text = shown(tmp_path)

    assert "The live figures are those of the log" in text
    assert "Round 2 · 52 compared · 0 differ" in text


def test_a_page_names_what_differs_and_the_first_event(tmp_path: Path) -> None:
    one = Difference(
        unit="66.d",
        measure="overdue",
        day="2025-06-08",
        what="report, 5.1",
        live=2,
        fold=1,
        obligation="p:5.1:66.d",
        event_id="ab" * 16,
        recorded_at="2025-06-07T08:00:00+07:00",
    )
    text = shown(tmp_path, one)
    words = ("The live figures differ from the log", "66.d", "overdue", "2025-06-08", "ab" * 16)

    assert [word for word in words if word not in text] == []
