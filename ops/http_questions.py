"""Questions over HTTP: routes, OpenAPI paths and shapes, all made from the table of questions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ops import http_input as given
from ops.http_schemas import COUNT, TEXT, TEXT_OR_NULL, Schema, array, obj, optional
from ops.question import Column, Question, Sources, answered, read
from ops.questions import QUESTIONS
from schemas.refusal import Reason, Refused
from schemas.times import Instant


def routes(sources: Sources | None, clock: Callable[[], Instant]) -> list[BaseRoute]:
    """A route for each question. Without sources each is refused with one sentence."""
    return [
        Route(question.path(name), _endpoint(question, sources, clock))
        for name, question in QUESTIONS.items()
    ]


def _endpoint(
    question: Question, sources: Sources | None, clock: Callable[[], Instant]
) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        given.allow(request, tuple(one.name for one in question.named))
        texts = dict(request.query_params)
        if question.about_unit:
            texts["unit"] = given.code_of(request)
        asked = read(question, texts, clock())
        if sources is None:
            raise Refused(Reason.RULE, "this process answers no questions", "path")
        for types in question.reads():
            # The first reading takes seconds; the loop that answers also folds.
            news = await asyncio.to_thread(sources.registers.read, types)
            sources.registers.tell(types, news)
        found = answered(question, sources, asked)
        return JSONResponse(found, headers={"Cache-Control": "no-store"})

    return endpoint


def shapes() -> Schema:
    """The shape of each answer, by its name in the document."""
    return {shape_of(name): _shape(question) for name, question in QUESTIONS.items()}


def shape_of(name: str) -> str:
    """The name of a question's answer in the OpenAPI document: `due-changes` -> `DueChanges`."""
    return "Answer" + "".join(word.capitalize() for word in name.split("-"))


def _shape(question: Question) -> Schema:
    row = obj({column.key: _cell(column) for column in question.columns})
    head: Schema = {"on": TEXT, "known": TEXT_OR_NULL, "rows": array(row)}
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
