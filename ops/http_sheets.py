"""Boards and lists over HTTP as spreadsheets, for whoever reads the board and works in a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ops import http_input as given
from ops import sheet_form, sheets, xlsx
from ops.http_service import Boards, Json
from ops.i18n import LANGUAGES, word
from ops.sheets import Sheet
from schemas.refusal import Reason, Refused
from schemas.times import Instant, format_instant

SHEET_ROWS_MAX = 5_000
"""Most rows of a spreadsheet over HTTP; the command `obligations` writes longer ones."""
MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ASKED = ("on", "known", "tree", "programme", "period", "all", "language")


def routes(boards: Boards, clock: Callable[[], Instant]) -> list[BaseRoute]:
    """The spreadsheets of a unit."""

    async def board(request: Request) -> Response:
        given.allow(request, (*ASKED, "by"))
        code, language = given.code_of(request), _language(request)
        found = boards.board(code, given.ask_of(request))
        return await _file(sheets.board(found, language), f"board-{code}")

    async def obligations(request: Request) -> Response:
        given.allow(request, (*ASKED, "state", *given.CHOSEN_NAMES))
        code, language = given.code_of(request), _language(request)
        ask, state = given.ask_of(request), given.state_of(request)
        at = clock() if ask.on is None else ask.on
        chosen, subtree = given.chosen_of(request, at), not given.flag_of(request, "own")
        found = boards.obligations(code, ask, state, 0, SHEET_ROWS_MAX, subtree, chosen)
        name = str(boards.unit(code, ask.on, ask.known)["name"])
        as_of = {"on": format_instant(at)}
        if ask.known is not None:
            as_of["known"] = format_instant(ask.known)
        return await _file(_listed(found, name, code, as_of, language), f"obligations-{code}")

    async def template(request: Request) -> Response:
        given.allow(request, ("programme", "period", "language"))
        code, language = given.code_of(request), _language(request)
        ask = given.ask_of(request)
        rows = _few(boards.obligations(code, ask, None, 0, SHEET_ROWS_MAX))
        unit = boards.unit(code, None)
        own = sheet_form.open_reports(rows, str(unit["unit"]))
        sheet = sheet_form.form(unit, own, (), language)
        body = await run_in_threadpool(sheet_form.as_file, sheet, language)
        return _answer(body, f"template-{code}")

    return [
        Route("/api/units/{code}/template.xlsx", template),
        Route("/api/units/{code}/board.xlsx", board),
        Route("/api/units/{code}/obligations.xlsx", obligations),
    ]


def _listed(found: Json, name: str, code: str, as_of: Json, language: str) -> Sheet:
    rows = _few(found)
    about = sheets.as_asked(as_of, len(rows), language)
    title = f"{word('ui.obligations', language)}: {name} ({code})"
    return sheets.obligations(title, about, rows, language)


def _few(found: Json) -> list[Any]:
    """All rows of a list, where they are not too many. Raises Refused."""
    total = cast(int, found["total"])
    if total > SHEET_ROWS_MAX:
        raise Refused(
            Reason.TOO_LARGE,
            f"{total} rows; a spreadsheet over HTTP has at most {SHEET_ROWS_MAX}: ask for a unit "
            "further down or for one period, or use the command",
            "code",
        )
    return cast(list[Any], found["obligations"])


def _language(request: Request) -> str:
    return given.choice_of(request, "language", LANGUAGES) or LANGUAGES[0]


async def _file(sheet: Sheet, name: str) -> Response:
    # Thousands of styled cells take seconds; the loop that answers also folds.
    return _answer(await run_in_threadpool(xlsx.content, sheet), name)


def _answer(body: bytes, name: str) -> Response:
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}.xlsx"',
    }
    return Response(body, media_type=MEDIA, headers=headers)
