"""The question how far targets with quantities are (24)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ops.question import Asked, Column, Json, Question, Sources, choice_parameter, text_parameter
from ops.registers import Types, streams_of
from ops.reports_received import name_of
from projections.targets import Sum, Target, target_of, together
from schemas.events.task import TaskAssigned
from schemas.times import day_of, instant_or_none

Row = dict[str, Any]


def reads() -> tuple[Types, ...]:
    """The register of what was assigned."""
    return ((TaskAssigned,),)


def targets(sources: Sources, asked: Asked) -> Json:
    """How far the unit and all below it are with what has a number to be reached.

    A row is an item of a programme, or with `by=unit` what one unit owes of it.
    """
    by, programme = asked.given["by"] or "item", asked.given["programme"]
    found = [one for one in _targets(sources, asked) if programme in (None, one.programme)]
    found.sort(key=lambda one: (*_item(one), one.unit))
    if by == "unit":
        rows = [_row(sources, asked, one, together([one]), one) for one in found]
    else:
        groups = [list(each) for _, each in groupby(found, key=_item)]
        rows = [_row(sources, asked, each[0], together(each)) for each in groups]
    return {"by": by, "rows": rows}


def _targets(sources: Sources, asked: Asked) -> Iterator[Target]:
    day = sources.query.boards.tree.at(day_of(asked.on))
    below = set(day.subtree(asked.subject)) if asked.subject in day else {asked.subject}
    (types,) = reads()
    held = sources.registers.of(types).held(asked.on, asked.known)
    aimed = (one for one in held if isinstance(one, TaskAssigned) and one.target_value is not None)
    for obligation in streams_of(aimed):
        history = sources.registers.history(obligation, asked.on, asked.known)
        found = target_of(history, asked.on)
        if found is not None and found.unit in below:
            yield found


def _item(one: Target) -> tuple[str, str, str]:
    return (one.programme or "", one.item, one.counted_in or "")


def _row(
    sources: Sources, asked: Asked, one: Target, sums: Sum, alone: Target | None = None
) -> Row:
    titles = sources.query.boards.programmes.titles(one.programme or "")
    at = None if alone is None else alone.measured_at
    share = None if not sums.value or sums.measured is None else sums.measured / sums.value
    return {
        "programme": one.programme,
        "item": one.item,
        "title": titles.get(one.item),
        "unit": None if alone is None else alone.unit,
        "unit_name": None if alone is None else name_of(sources, asked, alone.unit),
        "obligation": None if alone is None else alone.obligation,
        "target": sums.value,
        "measured": sums.measured,
        "counted_in": one.counted_in,
        "share": share,
        "owers": sums.owers,
        "reported": sums.reported,
        "reached": sums.reached,
        "done": sums.done,
        "measured_at": instant_or_none(at),
    }


TARGETS = Question(
    help="How far targets with quantities are, by the progress that was reported last.",
    answer=targets,
    columns=(
        Column("item"),
        Column("title"),
        Column("unit_name"),
        Column("target", "score"),
        Column("measured", "score"),
        Column("counted_in", "word:measure_unit"),
        Column("share", "rate"),
        Column("owers", "count"),
        Column("reported", "count"),
        Column("reached", "count"),
        Column("done", "count"),
        Column("measured_at", "instant"),
    ),
    parameters=(
        text_parameter("programme", "Only this one."),
        choice_parameter("by", "Rows: by item or by unit.", ("item", "unit")),
    ),
    reads=reads,
)
