"""What a question is: one function, asked alike by the command line, over HTTP and by pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ops.http_schemas import TEXT, Schema
from ops.registers import Registers, Types
from projections.ask import Ask
from projections.query import Query
from schemas import times
from schemas.limits import NAME_CHARS_MAX
from schemas.refusal import Reason, Refused
from schemas.times import Instant, format_instant, instant_or_none
from schemas.words_vn import in_figures, read_period

Json = Mapping[str, object]
Read = Callable[[str, str], Any]
"""(text, name of the parameter) -> its value. Raises Refused."""


@dataclass(frozen=True)
class Sources:
    """Where answers come from: what is owed and counted, and what only the ledger knows."""

    query: Query
    registers: Registers


@dataclass(frozen=True)
class Parameter:
    """One thing that a question may be told besides its subject."""

    name: str
    help: str
    read: Read
    schema: Schema = field(default_factory=lambda: dict(TEXT))
    required: bool = False
    default: object = None


class Column(NamedTuple):
    """A column of the answer's rows; its heading is the word `column.<key>`.

    `kind` is text, day, instant, period, count, days (which may be below 0), rate, score, flag,
    `word:<prefix>` for codes that have words, or `words:<prefix>` for several with ", " between.
    """

    key: str
    kind: str = "text"


@dataclass(frozen=True)
class Asked:
    """A question as asked: about whom, as of T (`on`) as known at K (`known`, None: now)."""

    subject: str
    on: Instant
    known: Instant | None
    given: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Question:
    """`answer` gives `rows`, whose keys are the columns', and whatever else it has to say.

    `subject` is unit (then a part of the path), programme, obligation, or None for a question
    about everything. `totals` are said of the whole answer, under the rows, where it has them. The
    registers of `reads` are followed before `answer` is called, which takes milliseconds, in the
    thread that folds.
    """

    help: str
    answer: Callable[[Sources, Asked], Json]
    columns: tuple[Column, ...]
    totals: tuple[Column, ...] = ()
    subject: str | None = "unit"
    parameters: tuple[Parameter, ...] = ()
    reads: Callable[[], tuple[Types, ...]] = tuple
    shape: Mapping[str, Schema] = field(default_factory=dict)
    """What an answer says for machines beside rows and totals, as OpenAPI describes it."""
    row_shape: Mapping[str, Schema] = field(default_factory=dict)
    """The same of a row beside its columns."""

    @property
    def about_unit(self) -> bool:
        """Whether a unit is its subject."""
        return self.subject == "unit"

    @property
    def named(self) -> tuple[Parameter, ...]:
        """Everything that stands behind the path's question mark."""
        if self.subject is None or self.about_unit:
            about: tuple[Parameter, ...] = ()
        else:
            about = (_subject(self.subject),)
        return (*about, ON, KNOWN, *self.parameters)

    def path(self, name: str, code: str = "{code}") -> str:
        """Where HTTP answers it."""
        return f"/api/units/{code}/{name}" if self.about_unit else f"/api/{name}"


def read(question: Question, given: Mapping[str, str], now: Instant) -> Asked:
    """The question as these texts ask it; None of them is empty. Raises Refused."""
    values = {one.name: _value(one, given.get(one.name)) for one in question.named}
    about = given.get("unit") if question.about_unit else values.pop(question.subject or "", None)
    on, known = values.pop("on"), values.pop("known")
    return Asked(about or "", now if on is None else on, known, values)


def answered(question: Question, sources: Sources, asked: Asked) -> dict[str, object]:
    """The whole answer. Raises UnknownUnit, and Refused by a rule of the question."""
    head: dict[str, object] = {}
    if question.about_unit:
        tree = asked.given.get("tree") or "then"
        ask = Ask(on=asked.on, known=asked.known, tree=tree)
        sources.query.check_stands(asked.subject, ask)
        unit = sources.query.unit(asked.subject, asked.on, asked.known)
        head = {"unit": unit["unit"], "name": unit["name"]}
    elif question.subject is not None:
        head = {question.subject: asked.subject}
    known = instant_or_none(asked.known)
    head |= {"on": format_instant(asked.on), "known": known}
    return head | dict(question.answer(sources, asked))


def _value(parameter: Parameter, text: str | None) -> Any:
    if text is None:
        if parameter.required:
            raise Refused(Reason.MISSING_FIELD, "must be given", parameter.name)
        return parameter.default
    if not text:
        raise Refused(Reason.EMPTY_STRING, "is empty; leave it out instead", parameter.name)
    if len(text) > NAME_CHARS_MAX:
        sentence = f"has at most {NAME_CHARS_MAX} characters"
        raise Refused(Reason.TOO_LARGE, sentence, parameter.name)
    return parameter.read(text, parameter.name)


def instant(text: str, where: str, reader: Callable[[str], Instant] = times.as_of) -> Instant:
    """A day (its last millisecond), also as offices write it, or an instant with offset.

    Raises Refused.
    """
    try:
        # A plus sign that was not escaped arrives as a space.
        return reader(in_figures(text).replace(" ", "+"))
    except ValueError as error:
        sentence = str(error) if text in str(error) else f"{text} cannot be: {error}"
        raise Refused(Reason.IMPOSSIBLE_DAY, sentence, where) from error


def period(text: str, where: str) -> str:
    """The period as the contract writes it (2012-Q2), from what offices write. Raises Refused."""
    try:
        return str(read_period(text))
    except ValueError as error:
        raise Refused(Reason.NOT_IN_LIST, str(error), where) from error


def plain(text: str, where: str) -> str:
    """Any text."""
    return text


def text_parameter(name: str, help_text: str, *, required: bool = False) -> Parameter:
    """A text such as an id or a code."""
    return Parameter(name, help_text, plain, required=required)


def whole_parameter(
    name: str, help_text: str, low: int, high: int, default: int | None = None
) -> Parameter:
    """A whole number within [low, high]; without a default it must be given."""

    def number(text: str, where: str) -> int:
        if not (text.isascii() and text.isdigit()) or not low <= int(text) <= high:
            sentence = f"{where} is a whole number from {low} to {high}"
            raise Refused(Reason.NOT_IN_LIST, sentence, where)
        return int(text)

    schema: Schema = {"type": "integer", "minimum": low, "maximum": high}
    return Parameter(name, help_text, number, schema, default is None, default)


def choice_parameter(name: str, help_text: str, allowed: tuple[str, ...]) -> Parameter:
    """One of a closed list, or none."""

    def word(text: str, where: str) -> str:
        if text not in allowed:
            raise Refused(Reason.NOT_IN_LIST, f"{where} is one of {', '.join(allowed)}", where)
        return text

    return Parameter(name, help_text, word, {"enum": list(allowed)})


ON = Parameter("on", "Day or instant T of the answer; default: now.", instant)
KNOWN = Parameter("known", "Day or instant K: only what was recorded until then.", instant)


def _subject(name: str) -> Parameter:
    return text_parameter(name, f"The {name}'s id.", required=True)
