"""The web board's files: the page in the reader's language, words, scripts and styles."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ops.http_input import BadRequest
from ops.i18n import LANGUAGES, negotiate, word, words

FOLDER = Path(__file__).parent / "web"
PAGE = "index.html"
LANGUAGE_COOKIE = "lienthong_lang"

_PLACES: Mapping[str, str] = {
    "%TITLE%": "ui.title",
    "%DESCRIPTION%": "ui.description",
    "%SKIP%": "ui.skip",
    "%PRODUCT%": "ui.product",
    "%TAGLINE%": "ui.tagline",
    "%TRAIL%": "ui.trail",
    "%LOADING%": "ui.loading",
    "%NOSCRIPT%": "ui.noscript",
}


def language_of(request: Request) -> str:
    """`lang` in the address, else the switch's cookie, else Accept-Language, else Vietnamese."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    return negotiate(request.headers.get("accept-language", ""))


async def page(request: Request) -> Response:
    """The one page of the web board; which unit and day is in its address."""
    language = language_of(request)
    text = (FOLDER / PAGE).read_text(encoding="utf-8").replace("%LANG%", language)
    for place, key in _PLACES.items():
        text = text.replace(place, escape(word(key, language)))
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
    return HTMLResponse(text, headers=headers)


async def language_words(request: Request) -> Response:
    """All words of one language, by key."""
    language = str(request.path_params["language"])
    if language not in LANGUAGES:
        sentence = f"the languages are {', '.join(LANGUAGES)}"
        raise BadRequest(404, "not_in_list", sentence, "language")
    return JSONResponse(words(language))


class Files(StaticFiles):
    """The scripts, styles and pictures of the page; always asked for again (by ETag)."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        # The page itself is a template; only its filled form is served, at `/`.
        if path == PAGE:
            raise BadRequest(404, "not_found", "the page is at /", path)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response
