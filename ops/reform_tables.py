"""A planned reform as a person reads it, and as stable JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.i18n import word
from ops.tables import NO_DATA, count, day
from schemas.reforms import Pending
from schemas.times import format_day
from schemas.tree import Tree
from schemas.unit_history import Conflict
from services.reform import BY_DISSOLUTION, BY_MERGER, BY_SPLIT, TO_THE_UNIT_ABOVE, Ended, Plan

SHOWN_MAX = 20
"""Most units that end, and most conflicts, in the printed table; `-o json` has all."""

Opened = Mapping[str, int] | None
"""Unit -> how many obligations it has open; None where there is no read side to ask."""

RULE_WORDS = {
    BY_MERGER: "reform.merged",
    BY_SPLIT: "reform.split",
    BY_DISSOLUTION: "reform.dissolved",
    TO_THE_UNIT_ABOVE: "reform.no_successor",
}


def plain(planned: Plan, tree: Tree, opened: Opened) -> dict[str, Any]:
    """The plan as stable JSON: counts, levels, provinces, ended units, conflicts, pending.

    `open` of an ended unit is how many obligations go to its receiver, null where nobody knows.
    """
    document = planned.document
    return {
        "reform": document.reform,
        "by": document.by,
        "effective_on": format_day(document.effective_on),
        "events": len(planned.parts) + 1,
        "entries": planned.counts,
        "levels": [one._asdict() for one in planned.levels],
        "provinces": [one._asdict() for one in planned.provinces],
        "ended": [
            {
                **one._asdict(),
                "rule": rule(one),
                "open": None if opened is None else opened.get(one.unit, 0),
            }
            for one in planned.ended
        ],
        "conflicts": [
            {
                "unit": one.unit,
                "on": format_day(one.day),
                "reason": one.reason,
                "event_id": one.event_id.hex(),
                "sentence": one.sentence,
            }
            for one in planned.conflicts
        ],
        "pending": [one._asdict() for one in _others_pending(planned, tree)],
    }


def rule(ended: Ended) -> str:
    """By which rule the unit's obligations find their ower, and whether we chose it."""
    return f"{ended.rule} (inferred)" if ended.inferred else ended.rule


def _others_pending(planned: Plan, tree: Tree) -> list[Pending]:
    own = (planned.document.reform, planned.document.by)
    return [one for one in tree.pending if (one.reform, one.by) != own]


def show(planned: Plan, tree: Tree, opened: Opened, language: str, console: Console) -> None:
    """Print the plan: figures of levels and provinces, who ends, what else is disputed."""
    document = planned.document
    title = word("reform.title", language).format(
        reform=document.reform, day=day(format_day(document.effective_on))
    )
    console.print(f"[bold]{escape(title)}[/bold]")
    console.print(_levels(planned, language))
    console.print(_provinces(planned, language))
    if planned.ended:
        console.print(_rules(planned, opened, language))
        console.print(_ended(planned, opened, language))
        _more(len(planned.ended), language, console)
        if opened is None:
            console.print(word("handover.unread", language), style="dim")
    _conflicts(planned.conflicts, language, console)
    for one in _others_pending(planned, tree):
        said = word("reform.pending", language).format(
            reform=one.reform, parts=one.parts, of="?" if one.of is None else one.of
        )
        console.print(said, markup=False)


def _table(headings: Iterable[str], language: str, figures: int) -> Table:
    """A table whose last columns are figures."""
    table = Table(box=None, pad_edge=False)
    names = [word(heading, language) for heading in headings]
    for number, name in enumerate(names):
        right = number >= len(names) - figures
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    return table


def _levels(planned: Plan, language: str) -> Table:
    table = _table(
        ("cut.level", "reform.before", "reform.after", "reform.offices", "reform.offices_after"),
        language,
        4,
    )
    for one in planned.levels:
        figures = (one.before, one.after, one.offices_before, one.offices_after)
        table.add_row(
            word(f"level.{one.level}", language), *(count(figure, language) for figure in figures)
        )
    return table


def _provinces(planned: Plan, language: str) -> Table:
    table = _table(("reform.code", "reform.province", "reform.before", "reform.after"), language, 0)
    for one in planned.provinces:
        table.add_row(
            one.unit, escape(one.name), _below(one.before, language), _below(one.after, language)
        )
    return table


def _below(levels: dict[str, int], language: str) -> str:
    told = (
        f"{word(f'level.{level}', language)} {count(levels[level], language)}"
        for level in ("district", "commune")
        if level in levels
    )
    return ", ".join(told) or "–"


def _rules(planned: Plan, opened: Opened, language: str) -> Table:
    """How many units of each level end by each rule, and how much they have open."""
    headings = ("cut.level", "reform.rule", "reform.units", "handover.open")
    table = _table(headings, language, 2)
    found = Counter((one.level, _rule_words(one, language)) for one in planned.ended)
    held: Counter[tuple[str, str]] = Counter()
    for one in planned.ended:
        held[one.level, _rule_words(one, language)] += (opened or {}).get(one.unit, 0)
    for key, number in found.items():
        of = NO_DATA if opened is None else count(held[key], language)
        table.add_row(word(f"level.{key[0]}", language), key[1], count(number, language), of)
    return table


def rule_words(name: str, language: str) -> str:
    """A rule by which an ended unit's obligations find their ower, as a person reads it."""
    return word(RULE_WORDS[name], language)


def _rule_words(ended: Ended, language: str) -> str:
    said, inferred = rule_words(ended.rule, language), word("reform.inferred", language)
    return f"{said} ({inferred})" if ended.inferred else said


def _ended(planned: Plan, opened: Opened, language: str) -> Table:
    headings = ("reform.code", "reform.ended", "reform.receiver", "reform.rule", "reform.place")
    table = _table((*headings, "handover.open"), language, 1)
    for one in planned.ended[:SHOWN_MAX]:
        of = NO_DATA if opened is None else count(opened.get(one.unit, 0), language)
        said = _rule_words(one, language)
        table.add_row(one.unit, escape(one.name), one.receiver, said, escape(one.place), of)
    return table


def _conflicts(conflicts: Iterable[Conflict], language: str, console: Console) -> None:
    told = list(conflicts)
    if told:
        console.print(word("reform.conflicts", language))
    for one in told[:SHOWN_MAX]:
        console.print(f"  {day(format_day(one.day))} {one.unit}: {one.sentence}", markup=False)
    _more(len(told), language, console)


def _more(number: int, language: str, console: Console) -> None:
    if number > SHOWN_MAX:
        console.print(
            word("reform.more", language).format(count=count(number - SHOWN_MAX, language)),
            style="dim",
        )


def applied(fresh: int, before: int, language: str) -> str:
    """What recording it has come to."""
    return word("reform.applied", language).format(
        fresh=count(fresh, language), before=count(before, language)
    )


def dry(events: int, in_force: bool, language: str) -> str:
    """That nothing was recorded, and what would be."""
    key = "reform.in_force" if in_force else "reform.dry"
    return word(key, language).format(count=count(events, language))
