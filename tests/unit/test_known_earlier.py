"""As known earlier: every read answers as a home that has not been told the rest yet."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx
import pytest

from ops import cli
from ops.http import Parts, make_app
from ops.question import Sources
from ops.questions import QUESTIONS
from ops.registers import Registers
from projections.query import Query
from tests.changed_home import FIRST, ISSUER, SECOND, assigned, extended, told
from tests.office import Clock, at
from tests.story import established
from tests.verified_home import VerifiedHome

NOW = "2012-12-01"
KNOWN, ON = "2012-07-01", "2012-06-15"
DONE_AT = "2012-05-20 09:00"
WHERE = {"position", "positions", "version", "tree_version"}
"""What says how far a home has been told, not what it answers."""
SECOND_STATE = {"diff": f"?to_on=2012-06-30&to_known={KNOWN}"}
"""What a comparison of two states compares with, by the name of the question."""
BASE = {
    f"/api/units/66{what}"
    for what in ("", "/board", "/board?by=kind", "/board?by=child", "/obligations")
} | {"/api/units?q=66", "/api/waiting", "/api/programmes", "/api/restatements"}


REFUSED = {
    *("/api/programme-items", "/api/item-coverage", "/api/rules", "/api/petition-where"),
    *("/api/report-contents", "/api/report-trail"),
}
"""Nobody issued the programme, and the duty is no petition and no report."""


def before() -> list[str]:
    done = told(FIRST, "task.completion_declared.v1", DONE_AT, "2012-05-21 08:00", by="66.so-a")
    return [*established(), assigned(FIRST), assigned(SECOND), done]


def after(home: VerifiedHome) -> list[str]:
    """The completion is taken back, the other due put off, and a third duty told of."""
    (wrong,) = (
        one for one in home.ledger.history(FIRST) if one.type == "task.completion_declared.v1"
    )
    void = {"target": str(UUID(bytes=wrong.event_id)), "void": True}
    return [
        told(FIRST, "record.corrected.v1", "2012-07-10 08:00", **void),
        extended(SECOND, "2012-05-30 09:00", "2012-09-01", "2012-07-11 08:00"),
        told(
            "guidance:3:66.so-a",
            "task.assigned.v1",
            "2012-04-02 00:00",
            "2012-07-12 08:00",
            item="3",
            issuer=ISSUER,
            due_before="2012-06-01",
            title="Việc thứ ba",
        ),
    ]


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[VerifiedHome, VerifiedHome]]:
    """One that was told all, and one that was told nothing after K."""
    whole, then = (VerifiedHome(tmp_path_factory.mktemp(name)) for name in ("whole", "then"))
    for home in (whole, then):
        home.tell(before())
    whole.tell(after(whole))
    for home in (whole, then):
        home.runner.drain()
    yield whole, then
    whole.close()
    then.close()


def over_http(home: VerifiedHome, path: str) -> httpx.Response:
    clock, parts = Clock(at(NOW)), home.side.parts
    query = Query(parts.boards, parts.engine, clock, home.side.query._past)
    app = make_app(
        Parts(
            boards=query,
            sources=Sources(query, Registers(home.ledger)),
            programmes=query.programmes,
            waiting=query.waiting,
            past=query,
            clock=clock,
        )
    )

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    return asyncio.run(ask())


def by_command(home: VerifiedHome, *argv: str) -> tuple[int, str]:
    out = io.StringIO()
    with (
        patch.dict(os.environ, home.settings.environment()),
        redirect_stdout(out),
        redirect_stderr(out),
    ):
        return cli.main(["--language", "en", *argv]), out.getvalue()


def bare(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {key: bare(value) for key, value in answer.items() if key not in WHERE}
    return [bare(one) for one in answer] if isinstance(answer, list) else answer


def questions() -> set[str]:
    """A path for each question that needs no more than what it is about."""
    about = {"programme": "guidance", "obligation": FIRST}
    found = set()
    for name, question in QUESTIONS.items():
        if not any(one.required for one in question.parameters):
            asked = "" if question.about_unit or question.subject is None else question.subject
            given = f"?{asked}={about.get(asked, '')}" if asked else ""
            found.add(f"{question.path(name, '66')}{given or SECOND_STATE.get(name, '')}")
    return found


@pytest.mark.parametrize("path", sorted(BASE | questions()))
def test_as_known_then_a_read_answers_as_it_did_then(
    homes: tuple[VerifiedHome, VerifiedHome], path: str
) -> None:
    asked = f"{path}{'&' if '?' in path else '?'}on={ON}&known={KNOWN}"
    now, was = (over_http(home, asked) for home in homes)

    assert was.status_code == now.status_code
    assert (path.partition("?")[0] in REFUSED) == (200 != now.status_code)
    assert bare(was.json()) == bare(now.json())


def test_the_questions_asked_are_many() -> None:
    assert 20 < len(questions())


def figures(board: dict[str, Any]) -> tuple[int, int, int]:
    return tuple(board["subtree"][name] for name in ("assigned", "completed", "overdue"))


def test_before_a_correction_was_recorded_the_old_figure_is_given(
    homes: tuple[VerifiedHome, VerifiedHome],
) -> None:
    whole, _ = homes
    path = f"/api/units/66/board?on={ON}"

    assert (3, 0, 2) == figures(over_http(whole, path).json())
    assert (2, 1, 1) == figures(over_http(whole, f"{path}&known={KNOWN}").json())
    for flags, expected in (((), (3, 0, 2)), (("--known", KNOWN), (2, 1, 1))):
        code, printed = by_command(whole, "board", "66", "--on", ON, *flags, "-o", "json")

        assert 0 == code
        assert expected == figures(json.loads(printed))


BAD = {
    "board?on=1990-01-01": "66 was established on 2012-01-01 and did not stand yet on 1990-01-01",
    "obligations?on=1990-01-01": "66 was established on 2012-01-01 and did not stand yet",
    "calendar?on=1990-01-01": "66 was established on 2012-01-01 and did not stand yet",
    "board?known=2011-01-01": "no unit event that was recorded named 66",
    "ladder?known=2011-01-01": "no unit event that was recorded named 66",
}


@pytest.mark.parametrize("asked", BAD)
def test_where_nothing_was_yet_one_sentence_says_so(
    homes: tuple[VerifiedHome, VerifiedHome], asked: str
) -> None:
    whole, _ = homes
    answer = over_http(whole, f"/api/units/66/{asked}")
    what, _, given = asked.partition("?")
    name, _, value = given.partition("=")
    code, printed = by_command(whole, what, "66", f"--{name}", value)

    reason = "not_yet" if name == "on" else "unknown_unit"
    assert (404, reason) == (answer.status_code, answer.json()["reason"])
    assert BAD[asked] in answer.json()["sentence"]
    assert (1, 1) == (code, len(printed.splitlines()))
    assert BAD[asked] in printed
