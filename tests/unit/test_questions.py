"""Questions are asked alike by command, over HTTP and of the read model."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from starlette.applications import Starlette

from ops import cli
from ops.http import Parts, make_app
from ops.question import Sources
from ops.registers import Registers
from projections.query import Query
from tests.changed_home import FIRST, SECOND, changed_home, take_back
from tests.http_home import valid
from tests.office import Clock, at
from tests.small_home import SmallHome

Told = tuple[str, str, str | None, str | None, bool]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = changed_home(tmp_path)
    made.catch_up()
    yield made
    made.close()


def over_http(
    home: SmallHome, path: str, sources: bool = True, now: str = "2012-12-01"
) -> httpx.Response:
    clock = Clock(at(now))
    query = Query(home.boards, home.engine, clock)
    known = Sources(query, Registers(home.ledger)) if sources else None
    return get(make_app(Parts(boards=query, sources=known, clock=clock)), path)


def get(app: Starlette, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    return asyncio.run(ask())


def by_command(home: SmallHome, *argv: str) -> str:
    out = io.StringIO()
    environ = home.settings.environment()
    with patch.dict(os.environ, environ), redirect_stdout(out), redirect_stderr(out):
        code = cli.main(["--language", "en", *argv])

    assert code == 0, out.getvalue()
    return out.getvalue()


def said(answer: dict[str, Any]) -> list[Told]:
    names = ("obligation", "what", "before", "after", "lapsed")
    return [tuple(row[name] for name in names) for row in answer["rows"]]


ALL: list[Told] = [
    (FIRST, "extended", "2012-06-01", "2012-07-01", False),
    (SECOND, "extended", "2012-06-01", "2012-08-01", False),
    (FIRST, "no_authority", "2012-07-01", "2012-07-01", False),
    (FIRST, "extended", "2012-07-01", "2012-10-01", True),
]


def test_who_changed_the_due_and_whether_it_had_lapsed(home: SmallHome) -> None:
    answer = over_http(home, "/api/units/66/changes").json()
    first = answer["rows"][0]

    valid("AnswerChanges", answer)
    assert ALL == said(answer)
    assert ("66", "12/QĐ", "Thiên tai") == (first["by"], first["document"], first["reason"])
    assert (2, "Đắk Lắk") == (answer["extended"], answer["name"])


def test_the_command_says_what_http_says(home: SmallHome) -> None:
    printed = json.loads(by_command(home, "task", "changes", "66", "-o", "json"))

    assert ALL == said(printed)
    assert "10/05/2012 09:00" in by_command(home, "task", "changes", "66", "--obligation", FIRST)
    assert "Change" in by_command(home, "task", "changes", "66", "-o", "csv").splitlines()[0]


def test_a_unit_sees_its_own_and_what_stands_below(home: SmallHome) -> None:
    district = over_http(home, "/api/units/66.x/changes").json()
    one = over_http(home, f"/api/units/66/changes?obligation={SECOND}").json()

    assert [ALL[1]] == said(district) == said(one)


def test_an_extension_taken_back_is_gone_as_known_later_and_there_as_known_before(
    home: SmallHome,
) -> None:
    take_back(home, SECOND, "2012-08-01", "2012-11-01 08:00")
    home.catch_up()
    now = over_http(home, "/api/units/66.x/changes").json()
    before = over_http(home, "/api/units/66.x/changes?known=2012-10-01").json()
    earlier = over_http(home, "/api/units/66.x/changes?on=2012-05-01").json()

    assert ([], [ALL[1]], []) == (said(now), said(before), said(earlier))


BAD = {
    "/api/units/nobody/changes": (404, "unknown_unit", "code"),
    "/api/units/66/changes?colour=red": (400, "extra_field", "colour"),
    "/api/units/66/changes?on=2012-02-30": (400, "impossible_day", "on"),
    "/api/units/66/changes?obligation=": (400, "empty_string", "obligation"),
}


@pytest.mark.parametrize("path", BAD)
def test_bad_input_is_refused_with_its_place(home: SmallHome, path: str) -> None:
    answer = over_http(home, path)

    assert BAD[path] == (answer.status_code, answer.json()["reason"], answer.json()["where"])


def test_a_process_without_a_ledger_says_so(home: SmallHome) -> None:
    answer = over_http(home, "/api/units/66/changes", sources=False)

    assert (400, "this process answers no questions") == (
        answer.status_code,
        answer.json()["sentence"],
    )
