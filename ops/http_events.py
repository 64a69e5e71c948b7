"""Writing over HTTP: lines of events, or a sheet filled in; what was taken, and why not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from ops import http_files
from ops import http_input as given
from ops.http_input import BadRequest
from ops.http_service import Outcome, Publish, TakeSheet
from ops.http_token import allows
from ops.reached import Reached
from schemas.limits import LINE_BYTES_MAX

BODY_BYTES_MAX = 8 * 1024 * 1024
"""Largest body of one POST; send more bodies instead of a larger one."""
BODY_LINES_MAX = 10_000
"""Most lines of one POST."""
SHEETS: Mapping[str, str] = {form.media: suffix for suffix, form in http_files.FORMS.items()}
"""Content type of a sheet -> how its file's name ends.

A form of another site can send neither, so no page from elsewhere writes by its reader's hand.
"""


class Door:
    """`POST /api/events` and `POST /api/sheets`, both with the home's token."""

    def __init__(
        self,
        publish: Publish | None,
        take_sheet: TakeSheet | None,
        token: str | None,
        reached: Reached,
    ) -> None:
        self._publish = publish
        self._take_sheet = take_sheet
        self._token = token
        self._reached = reached
        self._one_sheet = asyncio.Lock()

    async def post(self, request: Request) -> Response:
        """200 where every line was taken (or was there already), 422 where any was refused."""
        if self._publish is None or self._token is None:
            raise _read_only()
        if not self._allowed(request):
            return _no_token()
        lines = self._lines(await self._body(request))
        outcomes = await run_in_threadpool(lambda: list(self._publish(lines)))  # type: ignore[misc]
        return _answer(outcomes)

    async def sheet(self, request: Request) -> Response:
        """200 where the whole sheet was taken (or was there already), 422 where a cell is bad."""
        if self._take_sheet is None or self._token is None:
            raise _read_only()
        if not self._allowed(request):
            return _no_token()
        given.allow(request, ("as", "language"))
        language, acting = http_files.language_of(request), given.acting_of(request)
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in SHEETS:
            sentence = f"send a sheet as {' or '.join(SHEETS)}"
            raise BadRequest(415, "wrong_type", sentence, "content-type")
        body = await self._body(request)
        # A sheet takes many times its size while it is read: one after the other.
        async with self._one_sheet:
            name = f"sheet{SHEETS[media]}"
            taken = await run_in_threadpool(self._take_sheet, body, name, acting)
        return JSONResponse(taken.told(language), 422 if taken.bad else 200)

    def _allowed(self, request: Request) -> bool:
        return allows(request.headers.get("authorization"), self._token or "")

    async def _body(self, request: Request) -> bytes:
        # The length is counted while reading, because a sender may name none or a wrong one.
        chunks: list[bytes] = []
        size = 0
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > BODY_BYTES_MAX:
                    self._reached.hit("BODY_BYTES_MAX")
                    sentence = f"a body has at most {BODY_BYTES_MAX} bytes; send several"
                    raise BadRequest(413, "too_large", sentence, "body")
                chunks.append(chunk)
        except ClientDisconnect as error:
            raise BadRequest(400, "cut_off", "the body ended before its end", "body") from error
        return b"".join(chunks)

    def _lines(self, body: bytes) -> list[str]:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            sentence = f"the body is not UTF-8 at byte {error.start}"
            raise BadRequest(400, "not_json", sentence, "body") from error
        lines = _one_object(text) or text.split("\n")
        while lines and not lines[-1].strip():
            lines.pop()
        if not lines:
            raise BadRequest(400, "not_json", "the body is empty; send at least one event", "body")
        if len(lines) > BODY_LINES_MAX:
            self._reached.hit("BODY_LINES_MAX")
            sentence = f"a body has at most {BODY_LINES_MAX} lines; send several"
            raise BadRequest(413, "too_large", sentence, "body")
        return lines


def _read_only() -> BadRequest:
    return BadRequest(405, "read_only", "this process only reads; send to the one that writes")


def _no_token() -> Response:
    sentence = "send the token of this home: Authorization: Bearer …"
    answer = BadRequest(401, "not_allowed", sentence, "authorization")
    return answer.answer({"WWW-Authenticate": 'Bearer realm="lienthong"'})


def _one_object(text: str) -> list[str] | None:
    """One object written over several lines, as one line; None where the body is JSON Lines."""
    if len(text) > LINE_BYTES_MAX or "\n" not in text.strip():
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [json.dumps(value, ensure_ascii=False)] if isinstance(value, dict) else None


def _answer(outcomes: Sequence[Outcome]) -> Response:
    counts = {"accepted": 0, "duplicate": 0, "refused": 0}
    for outcome in outcomes:
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    lines = [
        {
            "line": outcome.line_no,
            "status": outcome.status,
            "event_ids": list(outcome.event_ids),
            "reason": outcome.reason,
            "sentence": outcome.sentence,
        }
        for outcome in outcomes
    ]
    return JSONResponse(counts | {"lines": lines}, 422 if counts["refused"] else 200)
