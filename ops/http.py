"""The HTTP interface: boards, lists, live streams, writing, health, metrics and the web board."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from ops import http_input as given
from ops import http_questions, http_sheets
from ops.catalogue import catalogue
from ops.http_events import Door
from ops.http_guard import LOOPBACK_HOSTS, Guard
from ops.http_input import BadRequest
from ops.http_openapi import openapi
from ops.http_service import (
    Boards,
    Json,
    NoPast,
    NotYet,
    Past,
    Publish,
    Readiness,
    TakeSheet,
    UnknownEvent,
    UnknownUnit,
    always_ready,
)
from ops.http_stream import KEEPALIVE_SECONDS, SUBSCRIBERS_MAX, Hub
from ops.http_web import Files, language_words, page
from ops.question import Sources
from ops.reached import Reached
from ops.verification import NOTHING
from schemas.refusal import Reason, Refused
from schemas.times import Instant

BOARD_NAMES = ("on", "known", "tree", "by", "programme", "period", "all")
LIST_NAMES = (*BOARD_NAMES[:3], *BOARD_NAMES[4:], "state", *given.CHOSEN_NAMES, "page", "rows")
CLOCK_NAMES = ("on", "known")
RESTATEMENT_NAMES = ("unit", "since", "obligation", "limit", *CLOCK_NAMES)
UNIT_NAMES = ("q", "parent", "on", "known", "rows")
REVIEW_NAMES = ("from", "to", "known", "programme")
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def wall_clock() -> Instant:
    """Now, in milliseconds."""
    return Instant(time.time_ns() // 1_000_000)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What make_app wires together. Without `publish` and `token` the process only reads.

    Without `sources` it refuses the questions of ops.questions.
    """

    boards: Boards
    sources: Sources | None = None
    publish: Publish | None = None
    take_sheet: TakeSheet | None = None
    token: str | None = None
    ready: Callable[[], Readiness] = always_ready
    metrics: Callable[[], bytes | Awaitable[bytes]] = bytes
    programmes: Callable[[Instant | None, Instant | None], Sequence[Json]] = lambda on, known: ()
    waiting: Callable[[Instant | None, Instant | None], Json] = lambda on, known: {}
    past: Past = field(default_factory=NoPast)
    verification: Callable[[], Json] = lambda: NOTHING
    clock: Callable[[], Instant] = wall_clock
    reached: Reached = field(default_factory=Reached)
    hosts: Sequence[str] = LOOPBACK_HOSTS
    subscribers_max: int = SUBSCRIBERS_MAX
    keepalive_seconds: float = KEEPALIVE_SECONDS


def make_app(parts: Parts) -> Starlette:
    """The ASGI application over the given parts; listening on loopback is its server's matter."""
    api = Api(parts)
    app = Starlette(
        routes=api.routes(),
        exception_handlers={
            BadRequest: _bad_request,
            UnknownUnit: _unknown_unit,
            UnknownEvent: _unknown_event,
            Refused: _refused,
            HTTPException: _http_exception,
            Exception: _surprise,
        },
    )
    app.add_middleware(Guard, hosts=parts.hosts)
    app.state.hub = api.hub
    return app


class Api:
    """The endpoints. Reads run in the event loop: they take milliseconds and see whole batches."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._boards = parts.boards
        self._door = Door(parts.publish, parts.take_sheet, parts.token, parts.reached)
        self.hub = Hub(
            parts.boards,
            parts.clock,
            parts.reached,
            subscribers_max=parts.subscribers_max,
            keepalive_seconds=parts.keepalive_seconds,
        )

    def routes(self) -> list[BaseRoute]:
        """Every path; openapi() lists the same ones, and a test compares."""
        return [
            Route("/", page),
            Route("/api/units", self.units),
            Route("/api/units/{code}", self.unit),
            Route("/api/units/{code}/board", self.board),
            Route("/api/units/{code}/obligations", self.obligations),
            Route("/api/units/{code}/review", self.review),
            Route("/api/units/{code}/stream", self.stream),
            *http_questions.routes(self._parts.sources, self._parts.clock),
            *http_sheets.routes(self._boards, self._parts.clock),
            Route("/api/programmes", self.programmes),
            Route("/api/waiting", self.waiting),
            Route("/api/restatements", self.restatements),
            Route("/api/restatements/{event_id}", self.restatement),
            Route("/api/verification", self.verification),
            Route("/api/handover", self.handover),
            Route("/api/open", self.open_counts),
            Route("/api/words/{language}", language_words),
            Route("/api/events", self._door.post, methods=["POST"]),
            Route("/api/sheets", self._door.sheet, methods=["POST"]),
            Route("/api/openapi.json", self.openapi),
            Route("/metrics", self.metrics),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Mount("/static", Files()),
        ]

    async def units(self, request: Request) -> Response:
        given.allow(request, UNIT_NAMES)
        text = given.text_of(request, "q") or ""
        parent = given.text_of(request, "parent")
        limit = given.limit_of(request)
        on, known = given.clocks_of(request)
        rows = self._boards.units(text, parent, on, limit + 1, known)
        units = [
            row | {"within": self._name(row["parent"], on, known)}
            for row in map(dict, rows[:limit])
        ]
        return _json({"units": units, "more": len(rows) > limit})

    def _name(self, code: object, on: Instant | None, known: Instant | None) -> object:
        """A unit's name: two units found under one name are told apart by where they stand."""
        return None if code is None else self._boards.unit(str(code), on, known)["name"]

    async def unit(self, request: Request) -> Response:
        given.allow(request, CLOCK_NAMES)
        code = given.code_of(request)
        on, known = given.clocks_of(request)
        return _json(self._boards.unit(code, on, known))

    async def board(self, request: Request) -> Response:
        given.allow(request, BOARD_NAMES)
        code = given.code_of(request)
        return _json(self._boards.board(code, given.ask_of(request)))

    async def obligations(self, request: Request) -> Response:
        given.allow(request, LIST_NAMES)
        code, wanted = given.code_of(request), given.page_of(request)
        state = given.state_of(request)
        ask = given.ask_of(request)
        chosen = given.chosen_of(request, ask.on or self._parts.clock())
        subtree = not given.flag_of(request, "own")
        found = self._boards.obligations(
            code, ask, state, wanted.offset, wanted.rows, subtree, chosen
        )
        total = cast(int, found["total"])
        pages = max(1, -(-total // wanted.rows))
        head = {"page": wanted.number, "rows": wanted.rows, "pages": pages}
        return _json(head | dict(found))

    async def review(self, request: Request) -> Response:
        given.allow(request, REVIEW_NAMES)
        code, span = given.code_of(request), given.span_of(request)
        parts = self._boards.review_by_parts(code, span)
        while (found := next(parts)) is None:
            # The loop that answers also folds; between two rows it goes on with that.
            await asyncio.sleep(0)
        return _json(found)

    async def stream(self, request: Request) -> Response:
        given.allow(request, ())
        code = given.code_of(request)
        return _Stream(self.hub, code)

    async def programmes(self, request: Request) -> Response:
        given.allow(request, CLOCK_NAMES)
        return _json({"programmes": catalogue(self._parts.programmes(*given.clocks_of(request)))})

    async def waiting(self, request: Request) -> Response:
        given.allow(request, CLOCK_NAMES)
        return _json(self._parts.waiting(*given.clocks_of(request)))

    async def restatements(self, request: Request) -> Response:
        given.allow(request, RESTATEMENT_NAMES)
        unit, since = given.unit_of(request), given.since_of(request)
        obligation, limit = given.text_of(request, "obligation"), given.restatements_of(request)
        clocks = given.clocks_of(request)
        return _json(self._parts.past.restatements(unit, since, obligation, limit, clocks))

    async def restatement(self, request: Request) -> Response:
        given.allow(request, ())
        return _json(self._parts.past.restatement(given.event_id_of(request)))

    async def verification(self, request: Request) -> Response:
        given.allow(request, ())
        return _json(self._parts.verification())

    async def handover(self, request: Request) -> Response:
        given.allow(request, ("after", "rows"))
        rows = given.page_of(request).rows
        return _json(self._boards.handover(given.after_of(request), rows))

    async def open_counts(self, request: Request) -> Response:
        given.allow(request, ())
        return _json(self._boards.open_counts())

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(openapi())

    async def metrics(self, request: Request) -> Response:
        text = self._parts.metrics()
        body = text if isinstance(text, bytes) else await text
        return Response(body, media_type=METRICS_TYPE)

    async def healthz(self, request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(self, request: Request) -> Response:
        readiness = self._parts.ready()
        return PlainTextResponse(readiness.sentence + "\n", 200 if readiness.ready else 503)


class _Stream(StreamingResponse):
    """An SSE answer that gives its place back however it ends."""

    def __init__(self, hub: Hub, code: str) -> None:
        self._hub = hub
        self._changed = hub.enter(code)
        super().__init__(hub.stream(code, self._changed), media_type="text/event-stream")
        self.headers["Cache-Control"] = "no-store"
        # Asks nginx not to hold events back.
        self.headers["X-Accel-Buffering"] = "no"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._changed)


def _json(body: Json) -> Response:
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


async def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)
    return error.answer()


async def _unknown_unit(request: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownUnit)
    sentence = f"{error.sentence}; look it up at /api/units?q="
    reason = "not_yet" if isinstance(error, NotYet) else "unknown_unit"
    return BadRequest(404, reason, sentence, "code").answer()


async def _unknown_event(request: Request, error: Exception) -> Response:
    sentence = f"no obligation here has the event {str(error.args[0])[:80]}"
    return BadRequest(404, "unknown_event", sentence, "event_id").answer()


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    status = 413 if error.reason is Reason.TOO_LARGE else 400
    return BadRequest(status, error.reason, error.sentence, error.where).answer()


async def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path[:200]
    if error.status_code == 404:
        return BadRequest(404, "not_found", f"there is nothing at {path}", path).answer()
    sentence = f"{request.method} is not for {path}" if error.status_code == 405 else error.detail
    return BadRequest(error.status_code, "not_allowed", sentence, path).answer(error.headers)


async def _surprise(request: Request, error: Exception) -> Response:
    # The server logs the traceback; the reader gets no inner workings.
    sentence = "something went wrong here; the log of this process says what"
    return BadRequest(500, "broken", sentence, request.url.path[:200]).answer()
