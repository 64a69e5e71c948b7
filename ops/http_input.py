"""What a request says, checked: every bad input becomes one sentence with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse

from ops import question
from ops.http_service import Ask
from projections.ask import TREES, Chosen, Clocks, within
from projections.restatements import LISTED, LISTED_MAX
from projections.review import Span
from projections.states import STATES
from schemas.board import BY
from schemas.event import OBLIGATION_KINDS
from schemas.limits import CODE_BYTES_MAX, NAME_CHARS_MAX
from schemas.times import Instant, OffsetMissing, as_of, since
from schemas.words_vn import in_figures

PAGE_ROWS = 50
"""Rows of one page of obligations unless `rows` says otherwise."""
PAGE_ROWS_MAX = 500
"""Most rows of one page."""
PAGE_NUMBER_MAX = 100_000
"""Highest page number that is looked up."""
AFTER_MAX = 999_999_999
"""Highest place after which a page of the hand-over begins."""
UNITS_MAX = 500
"""Most units in one answer of the search."""
CHOSEN_NAMES = ("kind", "item", "due_within", "extended", "own")
"""Parameters by which lists of obligations are narrowed."""
DAYS_MAX = 3_660
"""Days that a list of coming dues looks ahead at most: ten years."""
YEAR_MAX = 9_998
"""Last year that can be asked for: a calendar has four digits, and the year ends in the next."""

_EVENT_ID = re.compile(r"[0-9a-fA-F]{32}\Z|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_CODE = re.compile(r"[a-z0-9._-]+\Z")


class BadRequest(Exception):
    """The request cannot be answered as it stands; becomes a status and one JSON sentence."""

    def __init__(self, status: int, reason: str, sentence: str, where: str = "") -> None:
        self.status = status
        self.reason = reason
        self.sentence = sentence
        self.where = where
        super().__init__(sentence)

    def answer(self, headers: Mapping[str, str] | None = None) -> JSONResponse:
        """`{reason, sentence, where}` with the status."""
        body = {"reason": self.reason, "sentence": self.sentence, "where": self.where}
        return JSONResponse(body, self.status, headers)


class Page(NamedTuple):
    """Which rows of a list are meant; `number` counts from 1."""

    number: int
    rows: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.rows


def code_of(request: Request) -> str:
    """The unit's code from the path, of the characters that codes have."""
    return _code(str(request.path_params["code"]), "code")


def unit_of(request: Request) -> str | None:
    """The code of the unit that is asked for; None for all units."""
    code = request.query_params.get("unit")
    return None if code is None else _code(code, "unit")


def acting_of(request: Request) -> str | None:
    """`as`: the unit that sends for others; None where each sends its own."""
    code = request.query_params.get("as")
    return None if code is None else _code(code, "as")


def _code(code: str, where: str) -> str:
    if not _CODE.match(code) or len(code) > CODE_BYTES_MAX:
        raise BadRequest(
            400, "bad_code", f"a unit code is 1 to {CODE_BYTES_MAX} of a-z 0-9 . _ -", where
        )
    return code


def allow(request: Request, names: tuple[str, ...]) -> None:
    """Refuses a parameter nobody reads, so that a typing error is not a silent other answer."""
    for name in request.query_params:
        if name not in names:
            known = ", ".join(names) or "none"
            raise BadRequest(400, "extra_field", f"there is no {name!r} here; use {known}", name)


def ask_of(request: Request) -> Ask:
    """The parameters of a board."""
    return Ask(
        on=instant_of(request, "on"),
        known=instant_of(request, "known"),
        tree=choice_of(request, "tree", TREES) or "then",
        by=choice_of(request, "by", BY),
        programme=text_of(request, "programme"),
        period=period_of(request),
        everything=flag_of(request, "all"),
    )


def state_of(request: Request) -> str | None:
    """One of the state codes, or none for all."""
    return choice_of(request, "state", tuple(STATES))


def chosen_of(request: Request, on: Instant) -> Chosen:
    """What a list keeps besides; `due_within` counts its days from the instant T."""
    days = None
    if "due_within" in request.query_params:
        days = _whole(request, "due_within", None, DAYS_MAX)
    return Chosen(
        kind=choice_of(request, "kind", OBLIGATION_KINDS),
        item=text_of(request, "item"),
        dues=None if days is None else within(on, days),
        extended=flag_of(request, "extended"),
    )


def page_of(request: Request) -> Page:
    """`page` and `rows`, both bounded."""
    number = _whole(request, "page", 1, PAGE_NUMBER_MAX)
    return Page(number, _whole(request, "rows", PAGE_ROWS, PAGE_ROWS_MAX))


def limit_of(request: Request) -> int:
    """`rows` of a search, bounded."""
    return _whole(request, "rows", UNITS_MAX, UNITS_MAX)


def span_of(request: Request) -> Span:
    """The years of a review."""
    first, last = (_whole(request, name, None, YEAR_MAX) for name in ("from", "to"))
    known, programme = instant_of(request, "known"), text_of(request, "programme")
    return Span(first, last, known, programme)


def event_id_of(request: Request) -> bytes:
    """The event id from the path."""
    text = str(request.path_params["event_id"])
    if not _EVENT_ID.match(text):
        sentence = "an event id is 32 hexadecimal digits, with or without the dashes of a UUID"
        raise BadRequest(400, "not_in_list", sentence, "event_id")
    return bytes.fromhex(text.replace("-", ""))


def since_of(request: Request) -> Instant | None:
    """The day (meaning its first millisecond) or the instant from which on something counts."""
    return _instant_of(request, "since", since)


def restatements_of(request: Request) -> int:
    """`limit` of a list of restatements, bounded."""
    return _whole(request, "limit", LISTED, LISTED_MAX)


def after_of(request: Request) -> int:
    """`after`: where the page before ended; -1 where it is absent, for the first page."""
    if "after" not in request.query_params:
        return -1
    return _whole(request, "after", 0, AFTER_MAX, smallest=0)


def clocks_of(request: Request) -> Clocks:
    """`on` and `known` of a question that has no more to say."""
    return Clocks(instant_of(request, "on"), instant_of(request, "known"))


def instant_of(request: Request, name: str) -> Instant | None:
    """A day (meaning its last millisecond) or an instant with offset; None where absent.

    A day may stand as offices write it: 08/06/2012.
    """
    return _instant_of(request, name, as_of)


def _instant_of(request: Request, name: str, read: Callable[[str], Instant]) -> Instant | None:
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        text = in_figures(text)
    except ValueError as error:
        raise BadRequest(400, "impossible_day", str(error), name) from error
    try:
        # A plus sign that was not escaped arrives as a space.
        return read(text.replace(" ", "+"))
    except OffsetMissing as error:
        raise BadRequest(400, "instant_without_offset", str(error), name) from error
    except ValueError as error:
        sentence = f"{text[:40]!r} is neither a day (YYYY-MM-DD) nor an instant with offset"
        raise BadRequest(400, "impossible_day", sentence, name) from error


def period_of(request: Request) -> str | None:
    """`2012`, `2012-H1`, `2012-Q2` or `2012-06`, or as offices write it. Raises Refused."""
    text = text_of(request, "period")
    return None if text is None else question.period(text, "period")


def text_of(request: Request, name: str) -> str | None:
    """A short text; None where absent."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not text or len(text) > NAME_CHARS_MAX:
        sentence = f"{name} has 1 to {NAME_CHARS_MAX} characters"
        raise BadRequest(400, "too_long" if text else "empty_string", sentence, name)
    return text


def choice_of(request: Request, name: str, allowed: tuple[str, ...]) -> str | None:
    """One of a closed list; None where absent."""
    text = request.query_params.get(name)
    if text is not None and text not in allowed:
        raise BadRequest(400, "not_in_list", f"{name} is one of {', '.join(allowed)}", name)
    return text


def flag_of(request: Request, name: str) -> bool:
    """`true` or `false`; absent is false."""
    return choice_of(request, name, ("true", "false")) == "true"


def _whole(
    request: Request, name: str, default: int | None, largest: int, smallest: int = 1
) -> int:
    text = request.query_params.get(name)
    if text is None and default is not None:
        return default
    text = text or ""
    whole = text.isascii() and text.isdigit() and len(text) <= 9
    if not whole or not smallest <= int(text) <= largest:
        sentence = f"{name} is a whole number from {smallest} to {largest}"
        raise BadRequest(400, "not_in_list", sentence, name)
    return int(text)
