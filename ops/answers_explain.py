"""The question behind a figure: which obligations, which events, which rule, which way up the tree.

The obligations are counted again apart from the board, and the answer says whether they make its
figure (domain question 26).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ops.explain_events import (
    CLOCK,
    EVENTS_SHAPE,
    VERDICT_SHAPE,
    because_of,
    due_rule,
    event_row,
    events_of,
    paper_of,
    placed,
    records_of,
    rule_text,
)
from ops.http_schemas import COUNT, TEXT, TEXT_OR_NULL, array, obj
from ops.question import (
    Asked,
    Column,
    Json,
    Question,
    Sources,
    choice_parameter,
    period,
    text_parameter,
    whole_parameter,
)
from ops.question import Parameter as Given
from ops.registers import Types
from projections.ask import Ask
from projections.explaining import CUTS, Explanation, Figure, carried_since
from projections.listing import Listed
from schemas.event import Event
from schemas.events.programme import ProgrammeAmended, ProgrammeIssued
from schemas.measures import MEASURES, Step
from schemas.refusal import Reason, Refused
from schemas.times import Instant, format_day, format_instant, instant_or_none
from schemas.tree import DayTree
from services.standing import TYPES

ROWS = 20
ROWS_MAX = 200
"""Most obligations on one page: each is derived anew and read from the ledger."""
PAGE_MAX = 100_000
DUE = (
    *("due_before", "original_due", "set_by", "programme", "item"),
    *("rule", "rule_event", "due_rule", "document", "lines"),
)
"""What is told of a due; see explain_events.due_rule."""


def reads() -> tuple[Types, ...]:
    """The registers of this question: what programmes and rules say."""
    return (TYPES,)


def explain(sources: Sources, asked: Asked) -> Json:
    """A page of what makes up one figure of the unit's board, and whether all of it adds up."""
    figure = _figure(asked)
    rows, page = asked.given["rows"], asked.given["page"]
    begin = (page - 1) * rows
    ask = Ask(
        on=asked.on,
        known=asked.known,
        programme=asked.given["programme"],
        period=asked.given["period"],
    )
    found = sources.query.explained(asked.subject, ask, figure, slice(begin, begin + rows))
    told = [_row(sources, found, figure, one) for one in found.found.page]
    told += [_item(sources, found, one) for one in found.content[begin : begin + rows]]
    agrees = found.total == found.counted
    return {
        "measure": asked.given["measure"],
        "by": figure.by,
        "key": figure.key,
        "page": page,
        "pages": max(1, -(-found.total // rows)),
        "figure": found.counted,
        "total": found.total,
        "agrees": agrees,
        "sentence": _verdict(found, agrees),
        "remarks": _remarks(sources, found),
        "rows": told,
    }


def _figure(asked: Asked) -> Figure:
    by, key = asked.given["by"], asked.given["key"]
    if (by is None) != (key is None):
        sentence = "by names a cut of the board and key one of its rows: give both or none"
        raise Refused(Reason.MISSING_FIELD, sentence, "key" if key is None else "by")
    return Figure(MEASURES.index(asked.given["measure"]), by, key)


def _verdict(found: Explanation, agrees: bool) -> str:
    what = "programme items" if found.content else "obligations"
    if agrees:
        return f"the board shows {found.counted}, and {found.total} {what} make it"
    return (
        f"the board shows {found.counted}, but {found.total} {what} were found: facts are still on "
        "their way to the board, or `verify` has something to find; ask again"
    )


def _remarks(sources: Sources, found: Explanation) -> list[str]:
    said = []
    if found.on > sources.query.now():
        said.append("T lies ahead: this is a forecast from what is recorded now")
    if found.known is not None and found.known < found.on:
        said.append("K lies before T: what happened between them was not recorded yet")
    return said


def _row(sources: Sources, found: Explanation, figure: Figure, one: Listed) -> dict[str, Any]:
    life, opening = one.life, one.life.opening
    assert opening is not None
    records = sources.registers.records(one.obligation)
    events = events_of(records, life, found.on, found.known, found.view.day)
    since = carried_since(life, figure, found.units, found.on)
    because = because_of(life, since)
    named = {event["event_id"]: event for event in events}
    causes = [_cause(named, one) for one in because]
    decisive = next((event for event in events if event["role"] == "decides"), None)
    due = due_rule(life, found.on, _rules(sources, found, opening.programme))
    events = placed(events, sources.query.places(one.obligation))
    return {
        "obligation": one.obligation,
        "unit": one.unit,
        "unit_name": found.view.day.name(one.unit),
        "kind": opening.kind,
        "item": opening.item,
        "programme": opening.programme,
        "period": opening.period,
        "area": one.standing.area,
        "state": one.state,
        "due_before": due["due_before"],
        "since": instant_or_none(since),
        "because": ", ".join(causes) or None,
        "because_events": [c.hex() for c in because if isinstance(c, bytes)],
        "document": None if decisive is None else decisive["document"],
        "rule_text": rule_text(due),
        "due": due,
        "path": _path(found, one.unit),
        "records": records_of(events),
        "events": events,
    }


def _cause(named: Mapping[object, Json], one: bytes | str) -> str:
    if isinstance(one, bytes):
        return str(named[one.hex()]["type"]) if one.hex() in named else one.hex()
    return CLOCK


def _path(found: Explanation, ower: str) -> list[Json]:
    """From who owes it up to the unit asked about, in the tree of T.

    Of each since when it stands where it does, and by which unit event.
    """
    day = found.view.day
    path = list(day.path(ower))
    inside = path[path.index(found.view.unit) :]
    return [path_step(day, code) for code in reversed(inside)]


def path_step(day: DayTree, code: str) -> Json:
    """A unit on the way up in the tree of a day: since when it stands there, by which event."""
    stands = [one.day for one in day.tree.units[code].stands if one.day <= day.day]
    cause = day.tree.cause(code, stands[-1]) if stands else None
    return {
        "unit": code,
        "name": day.name(code),
        "since": format_day(stands[-1]) if stands else None,
        "event_id": None if cause is None else cause.event_id.hex(),
    }


def _rules(sources: Sources, found: Explanation, programme: str | None) -> list[Event]:
    """What was told of a programme by K, whenever it takes effect: a rule may be told ahead."""
    if programme is None:
        return []
    return sources.registers.of(TYPES).of(programme, found.on, found.known)


def _item(sources: Sources, found: Explanation, step: Step) -> dict[str, Any]:
    """A programme item that makes no obligation; its event is the one that last set it."""
    cut = step.slice
    setting = [e for e in _rules(sources, found, cut.programme) if _sets(e, cut.item)]
    events = [event_row(None, one, "decides", None, found.view.day) for one in setting[-1:]]
    events = placed(events, sources.query.programme_places())
    paper = paper_of(setting[-1]) if setting else None
    return {
        **dict.fromkeys(("obligation", "period", "state", "due_before", "due", "rule_text")),
        "unit": step.ower,
        "unit_name": found.view.day.name(step.ower),
        "kind": cut.kind,
        "item": cut.item,
        "programme": cut.programme,
        "area": cut.area,
        "since": format_instant(Instant(step.at)),
        "because": setting[-1].type if setting else None,
        "because_events": [one.event_id.hex() for one in setting[-1:]],
        "document": paper.number if paper else None,
        "path": _path(found, step.ower),
        "records": records_of(events),
        "events": events,
    }


def _sets(event: Event, item: str) -> bool:
    match event:
        case ProgrammeIssued():
            return any(one.id == item for one in event.items)
        case ProgrammeAmended():
            return any(one.id == item for one in event.items_set)
        case _:
            return False


def narrowing() -> tuple[Given, ...]:
    """By what a figure, or a difference of figures, is narrowed."""
    return (
        text_parameter("programme", "Only this programme."),
        Given("period", "Only this period, e.g. 2012-Q2.", period),
    )


def paging() -> tuple[Given, ...]:
    """Which page of the rows is meant, and how many rows it has."""
    return (
        whole_parameter("page", "Page of the rows, from 1.", 1, PAGE_MAX, 1),
        whole_parameter("rows", "Rows of a page.", 1, ROWS_MAX, ROWS),
    )


def _measure(text: str, where: str) -> str:
    return str(choice_parameter(where, "", MEASURES).read(text, where))


EXPLAIN = Question(
    help="The obligations behind one figure of UNIT's board: events, due rule, way up the tree; "
    "counted again and compared with the board.",
    answer=explain,
    columns=(
        Column("obligation"),
        Column("unit_name"),
        Column("item"),
        Column("period", "period"),
        Column("state", "word:state"),
        Column("due_before", "day"),
        Column("since", "instant"),
        Column("because", "words:because"),
        Column("document"),
        Column("rule_text"),
        Column("records"),
    ),
    totals=(Column("figure", "count"), Column("total", "count"), Column("agrees", "flag")),
    parameters=(
        Given("measure", "The measure.", _measure, {"enum": list(MEASURES)}, required=True),
        *narrowing(),
        choice_parameter("by", "A cut of the board, of which `key` names the row.", CUTS),
        text_parameter("key", "The row of the cut, e.g. a unit's code by child."),
        *paging(),
    ),
    reads=reads,
    shape={
        **VERDICT_SHAPE,
        "measure": TEXT,
        "figure": COUNT,
        "by": TEXT_OR_NULL,
        "key": TEXT_OR_NULL,
        "remarks": array(TEXT),
    },
    row_shape={
        **dict.fromkeys(("unit", "kind"), TEXT),
        **dict.fromkeys(("programme", "area"), TEXT_OR_NULL),
        "because_events": array(TEXT),
        "due": {"type": ["object", "null"], "properties": dict.fromkeys(DUE, TEXT_OR_NULL)},
        "path": array(
            obj({"unit": TEXT, "name": TEXT, "since": TEXT_OR_NULL, "event_id": TEXT_OR_NULL})
        ),
        "events": EVENTS_SHAPE,
    },
)
"""From which obligations and events a figure comes (question 26)."""
