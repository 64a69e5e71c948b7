"""A view: which units a question means, in the tree of which day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from projections.ask import Ask, UnknownUnit
from schemas.board import ZERO, Figures, Ladder
from schemas.past import Past, Succession
from schemas.succession import Predecessor
from schemas.times import Instant, day_of
from schemas.tree import DayTree, Tree

NONE = Figures(counts=ZERO, ladder=Ladder())
"""The figures of nobody."""


class View(NamedTuple):
    """The heads and all that stands below them in the tree of the day, each unit once.

    `heads` are the unit and, in succession, the predecessors whose past counts with it, as far as
    they stand on the day; none of them where nobody does. `lineage` is empty in other views.
    """

    day: DayTree
    unit: str
    heads: tuple[str, ...]
    lineage: tuple[Predecessor, ...]

    def codes(self) -> Collection[str]:
        """All units that are meant; the unit itself also where it does not stand."""
        return {self.unit, *(code for head in self.heads for code in self.day.subtree(head))}


def view_of(tree: Tree, unit: str, ask: Ask, now: Instant) -> View:
    """What a question about the unit means. Raises UnknownUnit where nobody established it."""
    if unit not in tree.units:
        raise UnknownUnit(unit, tree.known)
    on = now if ask.on is None else ask.on
    day = tree.at(day_of(now if ask.tree == "now" else on))
    # Who has gone into the unit by today belongs to it; of a day ahead, by that day.
    lineage = tree.lineage(unit, day_of(max(on, now))) if ask.tree == "succession" else ()
    meant = (unit, *(one.unit for one in lineage if one.counted))
    return View(day, unit, tuple(code for code in meant if code in day), lineage)


def succession_of(view: View, pasts: Mapping[str, Figures]) -> Succession:
    """Whose past the figures are: `pasts` are those under each head by its code."""
    day = view.day
    told = [
        Past(
            predecessor=one,
            name=day.name(one.unit),
            level=day.level(one.unit),
            figures=pasts.get(one.unit, NONE) if one.counted else None,
        )
        for one in view.lineage
    ]
    return Succession(
        established=day.tree.units[view.unit].established,
        own_past=pasts.get(view.unit, NONE),
        predecessors=[one for one in told if one.figures is not None],
        elsewhere=[one for one in told if one.figures is None],
    )
