"""Reading figures: from the running server of a home, else from its read model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import UUID

from ops import readside, wiring
from ops.http_service import Ask
from ops.question import Sources, answered, period, read
from ops.question import instant as question_instant
from ops.questions import QUESTIONS
from ops.registers import Registers
from ops.server import Server, ServerSaidNo
from ops.settings import Settings
from projections.ask import Chosen, Clocks, UnknownUnit, within
from projections.past import UnknownEvent
from projections.query import Query
from projections.review import Span
from schemas import times
from schemas.refusal import Reason, Refused
from schemas.times import Instant, instant_or_none

HANDOVER_ROWS = 500
"""Obligations of one page of the hand-over."""


class Reader(Protocol):
    """Figures and lists as plain JSON. All raise Refused for unknown units and bad input."""

    def board(self, unit: str, **asked: Any) -> dict[str, Any]:
        """The board's JSON; options are those of the command line."""

    def obligations(self, unit: str, **asked: Any) -> dict[str, Any]:
        """`total` and `obligations`, one page of so many `rows`; `page` counts from 1."""

    def review(self, unit: str, span: Span) -> dict[str, Any]:
        """The years of a unit as then, as now and in succession, and why these differ."""

    def waiting(self, **asked: str | None) -> dict[str, Any]:
        """What is held and counted nowhere yet."""

    def restatements(self, **asked: Any) -> dict[str, Any]:
        """`restatements`, the last recorded first, and `more`."""

    def restatement(self, event_id: str) -> dict[str, Any]:
        """One event and what it changed of days gone by."""

    def handover(self) -> Iterator[dict[str, Any]]:
        """The open obligations of units that have ended."""

    def open_counts(self) -> dict[str, int]:
        """Unit -> how many obligations it has open."""

    def ask(self, name: str, **asked: str | None) -> dict[str, Any]:
        """The answer to a question of ops.questions; what it asks about stands by its name."""


@contextmanager
def of(settings: Settings) -> Iterator[Reader]:
    """A reader of this home. Raises BrokenEnvironment where there is nothing to read."""
    server = Server.of(settings.home)
    if server is not None:
        yield _Asked(server)
        return
    with wiring.read_model(settings) as model:
        yield _Own(readside.from_model(settings, model), settings)


def whole(reader: Reader, unit: str, **asked: Any) -> dict[str, Any]:
    """`total` and `obligations`, all of them, read page by page. Raises Refused."""
    found = reader.obligations(unit, **asked)
    pages = -(-found["total"] // asked["rows"])
    for page in range(2, pages + 1):
        found["obligations"] += reader.obligations(unit, **asked, page=page)["obligations"]
    return found


class _Asked:
    """Asks the running server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def board(self, unit: str, **asked: Any) -> dict[str, Any]:
        return self._get(unit, "board", asked)

    def obligations(self, unit: str, **asked: Any) -> dict[str, Any]:
        return self._get(unit, "obligations", asked)

    def review(self, unit: str, span: Span) -> dict[str, Any]:
        known = instant_or_none(span.known)
        years = {"from": span.first, "to": span.last}
        return self._get(unit, "review", {**years, "known": known, "programme": span.programme})

    def waiting(self, **asked: str | None) -> dict[str, Any]:
        return self._found("/api/waiting", "", dict(asked))

    def restatements(self, **asked: Any) -> dict[str, Any]:
        return self._found("/api/restatements", str(asked.get("unit")), asked)

    def restatement(self, event_id: str) -> dict[str, Any]:
        return self._found(f"/api/restatements/{event_id}", event_id, {})

    def handover(self) -> Iterator[dict[str, Any]]:
        after: str | None = None
        while True:
            page = self._server.get("/api/handover", after=after, rows=HANDOVER_ROWS)
            yield from page["obligations"]
            if page["next"] is None:
                return
            after = str(page["next"])

    def open_counts(self) -> dict[str, int]:
        found: dict[str, int] = self._server.get("/api/open")["units"]
        return found

    def ask(self, name: str, **asked: str | None) -> dict[str, Any]:
        question = QUESTIONS[name]
        code = asked.pop("unit", None) if question.about_unit else asked.get(question.subject or "")
        return self._found(question.path(name, str(code)), str(code), dict(asked))

    def _get(self, unit: str, what: str, asked: dict[str, Any]) -> dict[str, Any]:
        for option, name in (("everything", "all"), ("own", "own"), ("extended", "extended")):
            if asked.pop(option, False):
                asked[name] = "true"
        return self._found(f"/api/units/{unit}/{what}", unit, asked)

    def _found(self, path: str, named: str, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._server.get(path, **asked)
        except ServerSaidNo as no:
            reason = no.answer.get("reason")
            if reason in ("unknown_unit", "not_yet"):
                sentence = str(no).partition(";")[0]
                raise Refused(Reason.BAD_CODE, sentence, "unit") from no
            if reason == "unknown_event":
                raise _unknown_event(named) from no
            known = Reason(reason) if reason in set(Reason) else Reason.RULE
            raise Refused(known, str(no), str(no.answer.get("where", ""))) from no
        return found


class _Own:
    """Answers from the read model, loaded whole, and from the ledger where one is asked for."""

    def __init__(self, query: Query, settings: Settings) -> None:
        self._query = query
        self._settings = settings

    def board(self, unit: str, **asked: Any) -> dict[str, Any]:
        try:
            return dict(self._query.board(unit, _ask(asked)))
        except UnknownUnit as error:
            raise _unknown(error) from error

    def obligations(self, unit: str, **asked: Any) -> dict[str, Any]:
        state, rows, own = asked.pop("state", None), asked.pop("rows"), asked.pop("own", False)
        offset = (asked.pop("page", 1) - 1) * rows
        ask = _ask(asked)
        chosen = _chosen(asked, self._query.now() if ask.on is None else ask.on)
        try:
            return dict(self._query.obligations(unit, ask, state, offset, rows, not own, chosen))
        except UnknownUnit as error:
            raise _unknown(error) from error

    def review(self, unit: str, span: Span) -> dict[str, Any]:
        try:
            return dict(self._query.review(unit, span))
        except UnknownUnit as error:
            raise _unknown(error) from error

    def waiting(self, **asked: str | None) -> dict[str, Any]:
        return dict(self._query.waiting(*_clocks(asked)))

    def restatements(self, **asked: Any) -> dict[str, Any]:
        text = asked.get("since")
        since = None if text is None else instant("--since", text, times.since)
        unit = asked.get("unit")
        try:
            found = self._query.restatements(
                unit, since, asked.get("obligation"), asked["limit"], _clocks(asked)
            )
        except UnknownUnit as error:
            raise _unknown(error) from error
        return dict(found)

    def restatement(self, event_id: str) -> dict[str, Any]:
        try:
            return dict(self._query.restatement(UUID(event_id).bytes))
        except UnknownEvent as error:
            raise _unknown_event(event_id) from error

    def handover(self) -> Iterator[dict[str, Any]]:
        after: int | None = -1
        while after is not None:
            page: Any = self._query.handover(after, HANDOVER_ROWS)
            yield from page["obligations"]
            after = page["next"]

    def open_counts(self) -> dict[str, int]:
        found: Any = self._query.open_counts()["units"]
        return dict(found)

    def ask(self, name: str, **asked: str | None) -> dict[str, Any]:
        question = QUESTIONS[name]
        given = {key: text for key, text in asked.items() if text is not None}
        with wiring.ledger(self._settings, create=False) as ledger:
            sources = Sources(self._query, Registers(ledger))
            for types in question.reads():
                sources.registers.follow(types)
            try:
                return answered(question, sources, read(question, given, wiring.now()))
            except UnknownUnit as error:
                raise _unknown(error) from error


def _unknown(error: UnknownUnit) -> Refused:
    return Refused(Reason.BAD_CODE, error.sentence, "unit")


def _unknown_event(event_id: str) -> Refused:
    return Refused(Reason.RULE, f"no obligation here has the event {event_id}", "--event")


def _clocks(asked: Mapping[str, Any]) -> Clocks:
    return Clocks(instant("--on", asked.get("on")), instant("--known", asked.get("known")))


def _ask(asked: dict[str, Any]) -> Ask:
    on, known = _clocks(asked)
    return Ask(
        on=on,
        known=known,
        tree=asked.get("tree") or "then",
        by=asked.get("by"),
        programme=asked.get("programme"),
        period=None if (text := asked.get("period")) is None else period(text, "--period"),
        everything=bool(asked.get("everything")),
    )


def _chosen(asked: dict[str, Any], on: Instant) -> Chosen:
    days = asked.get("due_within")
    return Chosen(
        kind=asked.get("kind"),
        item=asked.get("item"),
        dues=None if days is None else within(on, days),
        extended=bool(asked.get("extended")),
    )


def instant(
    option: str, text: str | None, reader: Callable[[str], Instant] = times.as_of
) -> Instant | None:
    """The day or instant that an option names. Raises Refused."""
    return None if text is None else question_instant(text, option, reader)
