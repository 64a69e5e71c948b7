"""A review of years as a person reads it: figures by each tree, and why they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.i18n import word
from ops.tables import COLUMNS, RATE_COLUMNS, add_row, count, day
from projections.ask import TREES

ALIKE_SHOWN_MAX = 3
"""Most reasons of one day and one kind that are printed each by itself; of more their sum is
printed with as many examples. `-o json` has all."""
WHY_WORDS = {
    "year_end": "review.year_end",
    "day_before": "review.day_before",
    "reform_day": "review.reform_day",
    "now": "review.today",
}
TREE_WORDS = {
    "then": "review.then",
    "now": "review.now",
    "succession": "review.succession",
}
REASON_WORDS = {
    "came": ("review.came", "review.came_many"),
    "left": ("review.left", "review.left_many"),
    "predecessor": ("review.predecessor", "review.predecessor_many"),
}


def show(found: Mapping[str, Any], language: str, console: Console) -> None:
    """Print the review."""
    title = word("review.title", language).format(first=found["from"], last=found["to"])
    console.print(f"[bold]{escape(found['name'])}[/bold] ({found['unit']}) · {title}")
    if found["known"]:
        console.print(word("ui.as_known", language).format(at=day(found["known"])))
    console.print(_figures(found, language))
    for row in found["rows"]:
        for difference in row["differences"]:
            _reasons(row, difference, language, console)
    if found["reform_days_left_out"]:
        left_out = count(found["reform_days_left_out"], language)
        console.print(word("review.left_out", language).format(count=left_out), style="dim")
    said = "review.explained" if found["explained"] else "review.not_explained"
    console.print(word(said, language))


def _figures(found: Mapping[str, Any], language: str) -> Table:
    """Each instant by the tree of the day; by the others only where they say otherwise."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    headings = (word(name, language) for name in ("review.on", "review.tree"))
    table.add_column(" · ".join(headings))
    for name in (*COLUMNS, *RATE_COLUMNS):
        table.add_column(word(f"measure.{name}", language), justify="right", max_width=11)
    for row in found["rows"]:
        why = ", ".join(word(WHY_WORDS[one], language) for one in row["why"])
        differing = {one["tree"] for one in row["differences"] if one["counts"]}
        for tree in TREES:
            if tree == "then":
                add_row(table, f"{day(row['on'])} ({why})", row[tree], language)
            elif tree in differing:
                add_row(table, f"  {word(TREE_WORDS[tree], language)}", row[tree], language)
    return table


def _reasons(
    row: Mapping[str, Any], difference: Mapping[str, Any], language: str, console: Console
) -> None:
    tree = word(TREE_WORDS[difference["tree"]], language)
    title = word("review.reasons", language).format(on=day(row["on"]), tree=tree)
    console.print(f"[bold]{escape(title)}[/bold]")
    alike: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for one in difference["reasons"]:
        alike.setdefault((one["on"], one["direction"], one["what"]), []).append(one)
    for group in alike.values():
        # The weightiest first; of equal ones in the order of their codes.
        group.sort(key=_weight, reverse=True)
        few = len(group) <= ALIKE_SHOWN_MAX
        lines = (_reason(one, language) for one in group) if few else (_sum(group, language),)
        for line in lines:
            console.print(f"  {line}", markup=False, soft_wrap=True)
    if difference["remainder"]:
        left = _counts(difference["remainder"], language)
        said = word("review.remainder", language).format(counts=left)
        console.print(f"  {said}", style="red", markup=False)


def _weight(reason: Mapping[str, Any]) -> int:
    return sum(map(abs, reason["counts"].values()))


def _reason(one: Mapping[str, Any], language: str) -> str:
    what = word(f"ending.{one['what']}", language)
    if one["inferred"]:
        what += f", {word('ui.inferred', language)}"
    return word(REASON_WORDS[one["direction"]][0], language).format(
        day=day(one["on"]),
        name=one["name"],
        unit=one["unit"],
        what=what,
        event=one["event_id"] or "–",
        counts=_counts(one["counts"], language),
    )


def _sum(group: Sequence[Mapping[str, Any]], language: str) -> str:
    first = group[0]
    sums: Counter[str] = Counter()
    for one in group:
        sums.update(one["counts"])
    return word(REASON_WORDS[first["direction"]][1], language).format(
        day=day(first["on"]),
        number=count(len(group), language),
        what=word(f"ending.{first['what']}", language),
        counts=_counts(sums, language),
        names=", ".join(f"{one['name']} ({one['unit']})" for one in group[:ALIKE_SHOWN_MAX]),
    )


def _counts(counts: Mapping[str, int], language: str) -> str:
    """The signed counts that the table shows."""
    return ", ".join(
        f"{word(f'measure.{name}', language)} {'+' if counts[name] > 0 else '−'}"
        f"{count(abs(counts[name]), language)}"
        for name in (*COLUMNS, "no_due", "content")
        if counts.get(name)
    )
