"""Boards and lists over HTTP as files, and the template in which a unit tells what it sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from starlette.requests import Request
from starlette.routing import BaseRoute

from ops import http_files, sheet_form, sheets
from ops import http_input as given
from ops.http_files import CSV, SHEET_ROWS_MAX, XLSX, Form
from ops.http_service import Boards, Json
from ops.i18n import word
from ops.sheets import Sheet
from schemas.times import Instant, format_instant

ASKED = ("on", "known", "tree", "programme", "period", "all", "language")
TEMPLATES: Mapping[str, Form] = {
    ".xlsx": Form(XLSX, sheet_form.as_file),
    ".csv": Form(CSV, sheet_form.as_csv),
}


def routes(boards: Boards, clock: Callable[[], Instant]) -> list[BaseRoute]:
    """The files of a unit."""

    async def board(request: Request, language: str) -> tuple[Sheet, str]:
        given.allow(request, (*ASKED, "by"))
        code = given.code_of(request)
        return sheets.board(boards.board(code, given.ask_of(request)), language), f"board-{code}"

    async def obligations(request: Request, language: str) -> tuple[Sheet, str]:
        given.allow(request, (*ASKED, "state", *given.CHOSEN_NAMES))
        code = given.code_of(request)
        ask, state = given.ask_of(request), given.state_of(request)
        at = clock() if ask.on is None else ask.on
        chosen, subtree = given.chosen_of(request, at), not given.flag_of(request, "own")
        found = boards.obligations(code, ask, state, 0, SHEET_ROWS_MAX, subtree, chosen)
        name = str(boards.unit(code, ask.on, ask.known)["name"])
        as_of = {"on": format_instant(at)}
        if ask.known is not None:
            as_of["known"] = format_instant(ask.known)
        return _listed(found, name, code, as_of, language), f"obligations-{code}"

    async def template(request: Request, language: str) -> tuple[Sheet, str]:
        given.allow(request, ("programme", "period", "language"))
        code, ask = given.code_of(request), given.ask_of(request)
        rows = _few(boards.obligations(code, ask, None, 0, SHEET_ROWS_MAX))
        unit = boards.unit(code, None)
        own = sheet_form.open_reports(rows, str(unit["unit"]))
        return sheet_form.form(unit, own, (), language), f"template-{code}"

    return [
        *http_files.routes("/api/units/{code}/template", template, TEMPLATES),
        *http_files.routes("/api/units/{code}/board", board),
        *http_files.routes("/api/units/{code}/obligations", obligations),
    ]


def _listed(found: Json, name: str, code: str, as_of: Json, language: str) -> Sheet:
    rows = _few(found)
    about = sheets.as_asked(as_of, len(rows), language)
    title = f"{word('ui.obligations', language)}: {name} ({code})"
    return sheets.obligations(title, about, rows, language)


def _few(found: Json) -> list[Any]:
    """All rows of a list, where they are not too many. Raises Refused."""
    http_files.few(cast(int, found["total"]))
    return cast(list[Any], found["obligations"])
