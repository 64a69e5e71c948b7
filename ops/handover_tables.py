"""A plan of the hand-over as a person reads it, and as stable JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.handover import MOVED
from ops.i18n import word
from ops.reform_tables import rule_words
from ops.tables import count, day
from schemas.times import day_or_none, format_day, format_instant
from schemas.tree import DayTree
from services.handover import Handover, Plan


class Group(NamedTuple):
    """What goes from one ended unit to one receiver by one rule."""

    unit: str
    name: str
    receiver: str
    receiver_name: str
    rule: str
    open: int


def groups(planned: Plan, today: DayTree) -> Iterator[Group]:
    """The plan by ended unit, in the order of their codes."""
    found = Counter((one.open.unit, one.receiver, one.rule) for one in planned.handovers)
    for (unit, receiver, rule), number in sorted(found.items()):
        yield Group(unit, today.name(unit), receiver, today.name(receiver), rule, number)


def plain(planned: Plan, today: DayTree) -> dict[str, Any]:
    """The plan as stable JSON: by ended unit, and each obligation with its way."""
    return {
        "on": format_day(today.day),
        "open": len(planned.handovers),
        "units": [one._asdict() for one in groups(planned, today)],
        "nobody": [one.obligation for one in planned.nobody],
        "obligations": [_obligation(one) for one in planned.handovers],
    }


def _obligation(one: Handover) -> dict[str, Any]:
    return {
        "obligation": one.open.obligation,
        "kind": one.open.kind,
        "programme": one.open.programme,
        "due_before": day_or_none(one.open.due_before),
        "way": [
            {
                "unit": leg.unit,
                "to_unit": leg.to_unit,
                "rule": leg.rule,
                "at": format_instant(leg.at),
                "cause": leg.cause.hex(),
            }
            for leg in one.legs
        ],
    }


def show(planned: Plan, today: DayTree, language: str, console: Console) -> None:
    """Print the plan, one line for each ended unit and its receiver."""
    title = word("handover.title", language).format(day=day(format_day(today.day)))
    console.print(f"[bold]{escape(title)}[/bold]")
    table = Table(box=None, pad_edge=False)
    for heading in ("reform.code", "reform.ended", "reform.receiver", "reform.rule"):
        table.add_column(word(heading, language), overflow="fold")
    table.add_column(word("handover.open", language), justify="right")
    for one in groups(planned, today):
        receiver = f"{one.receiver} {one.receiver_name}"
        said = rule_words(one.rule, language)
        table.add_row(one.unit, escape(one.name), escape(receiver), said, count(one.open, language))
    console.print(table if planned.handovers else word("handover.none", language))
    if planned.nobody:
        said = word("handover.nobody", language)
        console.print(said.format(count=count(len(planned.nobody), language)))


def applied(became: Counter[str], language: str) -> str:
    """What recording it has come to."""
    moved = became[MOVED]
    return word("handover.applied", language).format(
        moved=count(moved, language), left=count(became.total() - moved, language)
    )


def dry(planned: Plan, language: str) -> str:
    """That nothing was recorded, and what would be."""
    return word("handover.dry", language).format(count=count(len(planned.handovers), language))
