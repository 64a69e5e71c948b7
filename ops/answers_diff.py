"""The question between two states of a board: what changed, and because of which events."""

from __future__ import annotations

from typing import Any

from ops.answers_explain import narrowing, paging
from ops.explain_events import (
    CLOCK,
    EVENTS_SHAPE,
    VERDICT_SHAPE,
    event_row,
    placed,
    records_of,
)
from ops.http_schemas import COUNT, TEXT, TEXT_OR_NULL, array, obj
from ops.question import Asked, Column, Json, Parameter, Question, Sources, instant
from projections.ask import Ask
from projections.differing import Changed, Differing, MovedUnit, State, by_the_clock, by_the_tree
from projections.life import Life
from projections.register import instant_of
from schemas.board import Counts
from schemas.event import Corrects, Event
from schemas.measures import CONTENT, MEASURES
from schemas.times import Instant, day_of, format_day, format_instant, instant_or_none
from schemas.unit_facts import ENACTED, WORDS

NOTED = ("notes", "context")
"""Effects that change no count of what is owed."""
TREE = "tree"
"""Stands for who stands below whom, which unit events tell."""


def diff(sources: Sources, asked: Asked) -> Json:
    """A page of the obligations that differ, the units that came or went, and whether it adds up.

    The first state is (`on`, `known`), the second (`to_on`, `to_known`): now where not given.
    """
    rows, page = asked.given["rows"], asked.given["page"]
    begin = (page - 1) * rows
    narrowed = {name: asked.given[name] for name in ("programme", "period")}
    second = asked.given["to_on"] or sources.query.now()
    asks = (
        Ask(on=asked.on, known=asked.known, everything=True, **narrowed),
        Ask(on=second, known=asked.given["to_known"], everything=True, **narrowed),
    )
    found = sources.query.differing(asked.subject, asks, slice(begin, begin + rows))
    agrees = _agrees(found)
    before, after = (state.board for state in found.states)
    return {
        "states": [_state(one) for one in found.states],
        "page": page,
        "pages": max(1, -(-found.total // rows)),
        "total": found.total,
        "agrees": agrees,
        "sentence": _verdict(found, agrees),
        "figures": _figures(before, after),
        "units_total": found.units_total,
        "units": [_unit(one) for one in found.units],
        "rows": [_row(sources, found, one) for one in found.changed],
    }


def _agrees(found: Differing) -> bool:
    """Both boards are the sums of their obligations; items of programmes are no obligations."""
    pairs = zip(found.states, found.sums, strict=True)
    return all(
        state.board[at] == sums[at]
        for state, sums in pairs
        for at in range(len(MEASURES))
        if at != CONTENT
    )


def _verdict(found: Differing, agrees: bool) -> str:
    if agrees:
        return f"{found.total} obligations differ, and they make the difference of the two boards"
    return (
        f"{found.total} obligations differ, but they do not make the difference of the two boards: "
        "facts are still on their way to a board, or `verify` has something to find; ask again"
    )


def _state(one: State) -> Json:
    return {"on": format_instant(one.on), "known": instant_or_none(one.known)}


def _figures(before: Counts, after: Counts) -> dict[str, list[int]]:
    """Measure -> before, after, difference: of those that differ."""
    return {
        name: [before[at], after[at], after[at] - before[at]]
        for at, name in enumerate(MEASURES)
        if before[at] != after[at]
    }


def _unit(one: MovedUnit) -> Json:
    fact = one.fact
    return {
        "unit": one.unit,
        "name": one.name,
        "came": one.came,
        "because": None if fact is None else _type(fact.what),
        "event_id": None if fact is None else fact.event_id.hex(),
        "moved_unit": None if fact is None else fact.unit,
        "since": None if fact is None else format_day(fact.day),
        "recorded_at": None if fact is None else format_instant(Instant(fact.recorded_at)),
    }


def _type(what: int) -> str:
    return f"{'reform' if what == ENACTED else 'unit'}.{WORDS[what]}.v1"


def _row(sources: Sources, found: Differing, one: Changed) -> dict[str, Any]:
    first, second = found.states
    records = sources.registers.records(one.obligation)
    events = [_event(number, each, first, second) for number, each in records]
    places = sources.query.places(one.obligation)
    between = placed([event for event in events if event is not None], places)
    life = _opened(one)
    opening = life.opening
    assert opening is not None
    owes = life.standing_at(max(first.on, second.on))
    unit = opening.unit if owes is None else owes.ower
    # What is only noted, as a reminder, changes no figure.
    bearing = [one for one in between if one["role"] != "later" and one["effect"] not in NOTED]
    causes = [str(event["type"]) for event in bearing]
    if by_the_clock(life, first, second):
        causes.append(CLOCK)
    if by_the_tree(one, first, second):
        causes.append(TREE)
    state = second if unit in second.view.day.tree.units else first
    return {
        "obligation": one.obligation,
        "unit": unit,
        "unit_name": state.view.day.name(unit),
        "programme": opening.programme,
        "item": opening.item,
        "period": opening.period,
        "counted_before": ", ".join(_names(one.before & ~one.after)) or None,
        "counted_after": ", ".join(_names(one.after & ~one.before)) or None,
        "because": ", ".join(dict.fromkeys(causes)) or None,
        "records": records_of(between),
        "events": between,
    }


def _opened(one: Changed) -> Life:
    """Its life as known in the second state, or in the first where it is not opened there."""
    lives = (life for life in reversed(one.lives) if life is not None)
    return next(life for life in lives if life.opening is not None)


def _names(bits: int) -> list[str]:
    return [name for at, name in enumerate(MEASURES) if bits >> at & 1]


def _event(number: int, event: Event, first: State, second: State) -> Json | None:
    """An event that one of the two states alone can rest on; None for all others.

    `role`: happened (between the two instants), late (it was recorded only after the first state
    was known), corrects, or undone where only the first can rest on it.
    """
    at = instant_of(event)
    if isinstance(event, Corrects):
        # It changes how the corrected fact reads at every T.
        at = min(first.on, second.on)
    then, now = first.has(at, event.recorded_at), second.has(at, event.recorded_at)
    if then == now:
        return None
    if isinstance(event, Corrects):
        role = "corrects"
    elif then:
        role = "undone"
    else:
        role = "late" if at <= first.on else "happened"
    sentence = None
    if day_of(at) < day_of(event.recorded_at) and event.imported_at is None:
        sentence = "It was recorded after the day on which it happened."
    return event_row(number, event, role, sentence, second.view.day)


DIFF = Question(
    help="What differs between two states of UNIT's board, and because of which events.",
    answer=diff,
    columns=(
        Column("obligation"),
        Column("unit_name"),
        Column("item"),
        Column("period", "period"),
        Column("counted_before", "words:measure"),
        Column("counted_after", "words:measure"),
        Column("because", "words:because"),
        Column("records"),
    ),
    totals=(Column("total", "count"), Column("units_total", "count"), Column("agrees", "flag")),
    parameters=(
        Parameter("to_on", "Day or instant T of the second state; default: now.", instant),
        Parameter("to_known", "Day or instant K of the second state.", instant),
        *narrowing(),
        *paging(),
    ),
    shape={
        **VERDICT_SHAPE,
        "states": array(obj({"on": TEXT, "known": TEXT_OR_NULL})),
        "figures": {"type": "object", "additionalProperties": array({"type": "integer"})},
        "units_total": COUNT,
        "units": array(
            obj(
                {
                    **dict.fromkeys(("unit", "name"), TEXT),
                    "came": {"type": "boolean"},
                    **dict.fromkeys(("because", "event_id", "moved_unit"), TEXT_OR_NULL),
                    **dict.fromkeys(("since", "recorded_at"), TEXT_OR_NULL),
                }
            )
        ),
    },
    row_shape={"unit": TEXT, "programme": TEXT_OR_NULL, "events": EVENTS_SHAPE},
)
"""What changed between two as-of states."""
