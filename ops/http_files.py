"""Tables over HTTP as files: a route for each form in which a sheet leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ops import http_input as given
from ops import sheet_csv, xlsx
from ops.i18n import LANGUAGES
from ops.sheets import Sheet
from schemas.refusal import Reason, Refused

SHEET_ROWS_MAX = 5_000
"""Most rows of a file over HTTP; the commands write longer ones."""


class Form(NamedTuple):
    """A form of file: its media type, and what writes a sheet in a language."""

    media: str
    write: Callable[[Sheet, str], bytes]


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
FORMS: Mapping[str, Form] = {
    ".xlsx": Form(XLSX, lambda sheet, language: xlsx.content(sheet)),
    ".csv": Form(CSV, sheet_csv.content),
}
"""How a file's name ends -> its form."""
Made = Callable[[Request, str], Awaitable[tuple[Sheet, str]]]
"""(request, language) -> a sheet, and the file's name without its ending."""


def routes(path: str, made: Made, forms: Mapping[str, Form] = FORMS) -> list[BaseRoute]:
    """Below the path, a route for each form of the same sheet."""
    return [Route(path + suffix, _endpoint(made, suffix, form)) for suffix, form in forms.items()]


def few(count: int) -> None:
    """Refuse a sheet with too many rows for an answer."""
    if count > SHEET_ROWS_MAX:
        raise Refused(
            Reason.TOO_LARGE,
            f"{count} rows; a file over HTTP has at most {SHEET_ROWS_MAX}: ask for a unit further "
            "down or for one period, or use the command",
            "code",
        )


def language_of(request: Request) -> str:
    """`language` in the address, else Vietnamese. Raises BadRequest."""
    return given.choice_of(request, "language", LANGUAGES) or LANGUAGES[0]


def _endpoint(made: Made, suffix: str, form: Form) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        language = language_of(request)
        sheet, name = await made(request, language)
        few(len(sheet.rows))
        # Thousands of styled cells take seconds; the loop that answers also folds.
        body = await run_in_threadpool(form.write, sheet, language)
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}{suffix}"',
        }
        return Response(body, media_type=form.media, headers=headers)

    return endpoint
