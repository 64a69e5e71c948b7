"""Questions over HTTP: routes, OpenAPI paths and shapes, all made from the table of questions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ops import http_files, question_sheets
from ops import http_input as given
from ops.http_schemas import COUNT, TEXT, TEXT_OR_NULL, Schema, array, obj, optional
from ops.question import Column, Question, Sources, answered, read
from ops.questions import QUESTIONS
from ops.sheets import Sheet
from schemas.refusal import Reason, Refused
from schemas.times import Instant


def routes(sources: Sources | None, clock: Callable[[], Instant]) -> list[BaseRoute]:
    """Routes for each question: its answer, and the same in each form of file.

    Without sources each is refused with one sentence.
    """
    found: list[BaseRoute] = []
    for name, question in QUESTIONS.items():
        ask = _asking(question, sources, clock)
        found.append(Route(question.path(name), _endpoint(ask)))
        found += http_files.routes(question.path(name), _made(name, ask))
    return found


Ask = Callable[..., Awaitable[dict[str, Any]]]


def _endpoint(ask: Ask) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        return JSONResponse(await ask(request), headers={"Cache-Control": "no-store"})

    return endpoint


def _made(name: str, ask: Ask) -> http_files.Made:
    async def made(request: Request, language: str) -> tuple[Sheet, str]:
        found = await ask(request, "language")
        http_files.few(len(found["rows"]))
        code = request.path_params.get("code")
        return question_sheets.sheet(name, found, language), f"{name}-{code}" if code else name

    return made


def _asking(question: Question, sources: Sources | None, clock: Callable[[], Instant]) -> Ask:
    async def ask(request: Request, *besides: str) -> dict[str, Any]:
        given.allow(request, (*(one.name for one in question.named), *besides))
        texts = {k: text for k, text in request.query_params.items() if k not in besides}
        if question.about_unit:
            texts["unit"] = given.code_of(request)
        asked = read(question, texts, clock())
        if sources is None:
            raise Refused(Reason.RULE, "this process answers no questions", "path")
        for types in question.reads():
            # The first reading takes seconds; the loop that answers also folds.
            news = await asyncio.to_thread(sources.registers.read, types)
            sources.registers.tell(types, news)
        return answered(question, sources, asked)

    return ask


def shapes() -> Schema:
    """The shape of each answer, by its name in the document."""
    return {shape_of(name): _shape(question) for name, question in QUESTIONS.items()}


def shape_of(name: str) -> str:
    """The name of a question's answer in the OpenAPI document: `due-changes` -> `DueChanges`."""
    return "Answer" + "".join(word.capitalize() for word in name.split("-"))


def _shape(question: Question) -> Schema:
    cells = {column.key: _cell(column) for column in question.columns}
    row = obj(cells | dict(question.row_shape))
    head: Schema = {"on": TEXT, "known": TEXT_OR_NULL, "rows": array(row), **question.shape}
    about = {} if question.subject is None else {question.subject: TEXT}
    return optional(obj({**about, **head}), **({"name": TEXT} if "unit" in about else {}))


def _cell(column: Column) -> Schema:
    if column.kind == "count":
        return COUNT | {"type": ["integer", "null"]}
    if column.kind == "days":
        return {"type": ["integer", "null"]}
    if column.kind in ("rate", "score"):
        return {"type": ["number", "null"]}
    if column.kind == "flag":
        return {"type": "boolean"}
    return TEXT_OR_NULL
