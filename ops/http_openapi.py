"""The OpenAPI 3.1 document of the HTTP interface; a test holds it against the routes."""

from __future__ import annotations

from collections.abc import Mapping

from ops import http_questions
from ops.http_events import BODY_BYTES_MAX, BODY_LINES_MAX, SHEETS
from ops.http_files import FORMS, SHEET_ROWS_MAX
from ops.http_input import DAYS_MAX, PAGE_ROWS, PAGE_ROWS_MAX, UNITS_MAX, YEAR_MAX
from ops.http_schemas import TEXT, Schema, ref, schemas
from ops.i18n import LANGUAGES
from ops.question import Parameter
from ops.questions import QUESTIONS
from projections.ask import TREES
from projections.restatements import LISTED, LISTED_MAX
from projections.states import STATES
from schemas.board import BY
from schemas.event import OBLIGATION_KINDS


def openapi() -> Schema:
    """The whole document, newly built."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lienthong",
            "version": "1",
            "summary": "Duties of administrative reform at four levels, as of any day.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": _paths(),
        "components": {
            "schemas": schemas() | http_questions.shapes(),
            "securitySchemes": {"home": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> Schema:
    return {**_unit_paths(), **_sheet_paths(), **_question_paths(), **_other_paths()}


def _unit_paths() -> Schema:
    code = _parameter("code", TEXT, "The unit's code.", where="path")
    return {
        "/api/units": _get(
            "Units by a part of their code or name, or the children of one.",
            [
                _parameter("q", TEXT, "Part of a code or name; accents may be left out."),
                _parameter("parent", TEXT, "Only the children of this unit."),
                _on(),
                _known(),
                _rows(UNITS_MAX, UNITS_MAX),
            ],
            ref("Units"),
        ),
        "/api/units/{code}": _get(
            "One unit, its path, and what happened to it.",
            [code, _on(), _known()],
            ref("Unit"),
            404,
        ),
        "/api/units/{code}/board": _get(
            "The figures of one unit.",
            [code, *_board_parameters(), _parameter("by", {"enum": list(BY)}, "Slices too.")],
            ref("Board"),
            404,
        ),
        "/api/units/{code}/obligations": _get(
            "What is owed in the unit and below, in the order of dues.",
            [
                code,
                *_board_parameters(),
                *_list_parameters(),
                _parameter("page", {"type": "integer", "minimum": 1}, "Counts from 1."),
                _rows(PAGE_ROWS, PAGE_ROWS_MAX),
            ],
            ref("Obligations"),
            404,
        ),
        "/api/units/{code}/review": _get(
            "Years of one unit as then, as now and in succession, and why these differ.",
            [code, _year("from"), _year("to"), _known(), _programme()],
            ref("Review"),
            404,
        ),
        "/api/units/{code}/stream": _stream(code),
    }


def _list_parameters() -> list[Schema]:
    return [
        _parameter("state", {"enum": list(STATES)}, "Only this state."),
        _parameter("kind", {"enum": list(OBLIGATION_KINDS)}, "Only this kind of duty."),
        _parameter("item", TEXT, "Only this row of the programme."),
        _parameter("due_within", _days(), "Only dues of so many days after T."),
        _flag("extended", "Only what was put off."),
        _flag("own", "Only what the unit owes itself."),
    ]


def _sheet_paths() -> Schema:
    code = _parameter("code", TEXT, "The unit's code.", where="path")
    language = _parameter("language", {"enum": list(LANGUAGES)}, "Language of the headings.")
    by = _parameter("by", {"enum": list(BY)}, "Slices too.")
    asked = [code, *_board_parameters(), language]
    period = _parameter("period", TEXT, "Only this period.")
    return {
        **_files(
            "/api/units/{code}/template",
            "Reports that a unit is to send, to be filled in and sent to `/api/sheets`",
            [code, _programme(), period, language],
        ),
        **_files("/api/units/{code}/board", "The figures of one unit", [*asked, by]),
        **_files(
            "/api/units/{code}/obligations",
            f"At most {SHEET_ROWS_MAX} obligations of one unit and below",
            [*asked, *_list_parameters()],
        ),
    }


def _files(path: str, summary: str, parameters: list[Schema]) -> Schema:
    """A path for each form in which a sheet leaves."""
    found: Schema = {}
    for suffix, form in FORMS.items():
        told = _get(f"{summary} ({suffix}).", parameters, TEXT, 404, 413)
        told["get"]["responses"]["200"] = _content(  # type: ignore[index]
            "The file.", TEXT, form.media
        )
        found[path + suffix] = told
    return found


def _question_paths() -> Schema:
    found: Schema = {}
    language = _parameter("language", {"enum": list(LANGUAGES)}, "Language of the headings.")
    for name, question in QUESTIONS.items():
        code = _parameter("code", TEXT, "The unit's code.", where="path")
        asked = [*([code] * question.about_unit), *(_named(one) for one in question.named)]
        shape = ref(http_questions.shape_of(name))
        found[question.path(name)] = _get(
            question.help, asked, shape, *([404] * question.about_unit)
        )
        found |= _files(question.path(name), question.help.rstrip("."), [*asked, language])
    return found


def _named(one: Parameter) -> Schema:
    found = _parameter(one.name, one.schema, one.help)
    return found | {"required": True} if one.required else found


def _other_paths() -> Schema:
    return {
        "/api/programmes": _get(
            "Programmes with the titles of items.", [_on(), _known()], ref("Programmes")
        ),
        "/api/waiting": _get(
            "What is held and counted nowhere yet.", [_on(), _known()], ref("Waiting")
        ),
        **_restatements(),
        "/api/verification": _get(
            "What verifying beside live found last: per partition, and what differs.",
            [],
            ref("Verification"),
        ),
        "/api/handover": _get(
            "Open obligations of units that have ended; next says after which the page ends.",
            [
                _parameter("after", {"type": "integer", "minimum": 0}, "The next of a page."),
                _rows(PAGE_ROWS, PAGE_ROWS_MAX),
            ],
            ref("LeftOpen"),
        ),
        "/api/open": _get("How many obligations each unit has open.", [], ref("Open")),
        "/api/words/{language}": _get(
            "The words of the web board.",
            [_parameter("language", {"enum": list(LANGUAGES)}, "Language.", where="path")],
            {"type": "object", "additionalProperties": TEXT},
            404,
        ),
        "/api/events": _post(),
        "/api/sheets": _post_sheet(),
        "/api/openapi.json": _get("This document.", [], {"type": "object"}),
        "/metrics": _plain("Figures for Prometheus."),
        "/healthz": _plain("The process runs."),
        "/readyz": _plain("Whether answers can be relied on.", 503),
        "/": _plain("The web board.", media="text/html"),
    }


def _restatements() -> Schema:
    event = _parameter("event_id", TEXT, "The event's id, 32 hexadecimal digits.", where="path")
    limit: Schema = {"type": "integer", "minimum": 1, "maximum": LISTED_MAX}
    return {
        "/api/restatements": _get(
            "Figures of days gone by that late facts have changed, the last recorded first.",
            [
                _parameter("unit", TEXT, "Only figures of this unit."),
                _parameter("since", TEXT, "Only because of what was recorded from then on."),
                _parameter("obligation", TEXT, "Only because of facts of this obligation."),
                _parameter("limit", limit | {"default": LISTED}, "Most of the answer."),
                _on(),
                _known(),
            ],
            ref("Restatements"),
            404,
        ),
        "/api/restatements/{event_id}": _get(
            "One event, what was known before it, and every figure that it has changed.",
            [event],
            ref("Explained"),
            404,
        ),
    }


def _board_parameters() -> list[Schema]:
    return [
        _on(),
        _known(),
        _parameter(
            "tree",
            {"enum": list(TREES)},
            "The tree of the day, or of today; or that of the day with all predecessors of today.",
        ),
        _programme(),
        _parameter("period", TEXT, "Only this period: 2012-Q2, Quý II năm 2012 …"),
        _flag("all", "Programmes no longer in force too."),
    ]


def _flag(name: str, summary: str) -> Schema:
    return _parameter(name, {"enum": ["true", "false"]}, summary)


def _days() -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": DAYS_MAX}


def _on() -> Schema:
    return _parameter("on", TEXT, "As of a day (its last millisecond) or an instant with offset.")


def _known() -> Schema:
    return _parameter("known", TEXT, "What was recorded until then: a day or an instant.")


def _programme() -> Schema:
    return _parameter("programme", TEXT, "Only this programme.")


def _year(name: str) -> Schema:
    schema = {"type": "integer", "minimum": 1, "maximum": YEAR_MAX}
    return _parameter(name, schema, "A year, included.") | {"required": True}


def _rows(default: int, largest: int) -> Schema:
    schema = {"type": "integer", "minimum": 1, "maximum": largest, "default": default}
    return _parameter("rows", schema, "Most rows of the answer.")


def _parameter(
    name: str, schema: Mapping[str, object], description: str, where: str = "query"
) -> Schema:
    head: Schema = {"name": name, "in": where, "description": description, "schema": schema}
    return head | {"required": True} if where == "path" else head


def _get(summary: str, parameters: list[Schema], schema: Schema, *others: int) -> Schema:
    answers: Schema = {"200": _content("The answer.", schema)}
    for status in (400, *others) if parameters else others:
        answers[str(status)] = _content("Refused: one sentence.", ref("Refusal"))
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


def _stream(code: Schema) -> Schema:
    sentence = (
        "SSE: `board` events with the live board whenever it differs; comments keep it alive."
    )
    answers: Schema = {
        "200": _content(sentence, TEXT, "text/event-stream"),
        "404": _content("No such unit.", ref("Refusal")),
        "503": _content("Too many streams are open.", ref("Refusal")),
    }
    summary = "The live board of one unit."
    return {"get": {"summary": summary, "parameters": [code], "responses": answers}}


def _post() -> Schema:
    body = {"application/json": {"schema": {"type": "object"}}, "application/jsonl": {}}
    answers: Schema = {
        "200": _content("Every line was taken, or was there already.", ref("Outcomes")),
        "422": _content("At least one line was refused; the others stand.", ref("Outcomes")),
        "400": _content("The body is not JSON Lines in UTF-8.", ref("Refusal")),
        "401": _content("The token is missing or wrong.", ref("Refusal")),
        "405": _content("This process only reads.", ref("Refusal")),
        "413": _content("Too many bytes or lines.", ref("Refusal")),
    }
    limits = f"At most {BODY_BYTES_MAX} bytes and {BODY_LINES_MAX} lines."
    return {
        "post": {
            "summary": "Records events: one JSON object, or JSON Lines.",
            "description": limits,
            "security": [{"home": []}],
            "requestBody": {"required": True, "content": body},
            "responses": answers,
        }
    }


def _post_sheet() -> Schema:
    answers: Schema = {
        "200": _content("All of it was taken, or was there already.", ref("SheetTaken")),
        "422": _content("Bad cells, each with a sentence; nothing was taken.", ref("SheetTaken")),
        "400": _content("The body is no sheet, or a parameter is wrong.", ref("Refusal")),
        "401": _content("The token is missing or wrong.", ref("Refusal")),
        "405": _content("This process only reads.", ref("Refusal")),
        "413": _content("Too many bytes or rows.", ref("Refusal")),
        "415": _content("Of another content type than a sheet.", ref("Refusal")),
    }
    return {
        "post": {
            "summary": "Records a template that was filled in: all of it, or nothing.",
            "description": f"The file itself as body, at most {BODY_BYTES_MAX} bytes.",
            "security": [{"home": []}],
            "parameters": [
                _parameter("as", TEXT, "The unit that sends; default: each that owes."),
                _parameter("language", {"enum": list(LANGUAGES)}, "Language of the sentences."),
            ],
            "requestBody": {"required": True, "content": {media: {} for media in SHEETS}},
            "responses": answers,
        }
    }


def _plain(summary: str, *others: int, media: str = "text/plain") -> Schema:
    answers: Schema = {"200": _content("The answer.", TEXT, media)}
    for status in others:
        answers[str(status)] = _content("Not now, and why.", TEXT, media)
    return {"get": {"summary": summary, "responses": answers}}


def _content(
    description: str, schema: Mapping[str, object], media: str = "application/json"
) -> Schema:
    return {"description": description, "content": {media: {"schema": schema}}}
