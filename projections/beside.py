"""A board's rows by groupings beside the tree: the group of every unit, or of every cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from projections.groupings import JOINT, Oversight, SectorLines
from projections.part import Groups, Part
from projections.sources import Deltas, Ints, Numbering
from schemas.tree import DayTree

NO_GROUP = ""
"""The key of what belongs to no group."""


class Named(NamedTuple):
    """What a group is called, and whether we only found it by names."""

    name: str | None
    inferred: bool = False


NOBODY = Named(None)


def by_sector(part: Part, lines: SectorLines) -> tuple[Groups, dict[str, Named]]:
    """The part's units by their sector lines, and how the lines are called.

    A line of a ministry that told some of its members itself is not called inferred as a whole.
    """
    keys: dict[str, int] = {}
    named: dict[str, Named] = {NO_GROUP: NOBODY}
    of = []
    for number in part.units.tolist():
        line = lines.of(number)
        key = NO_GROUP if line is None else line.key
        if line is not None:
            inferred = line.inferred and (key not in named or named[key].inferred)
            named[key] = Named(line.name, inferred)
        of.append(keys.setdefault(key, len(keys)))
    return Groups(tuple(keys), np.array(of, np.int64)), named


def by_oversight(
    part: Part, held: Sequence[Oversight], names: Numbering, cells: Deltas
) -> tuple[Ints, list[str], dict[str, Named]]:
    """By cell the number of its group, the groups' keys, and how they are called.

    A member answers, inside the territory of the unit that made it so, for the units named and
    all below them, and for the areas named, whoever owes them. What several answer for together
    is a group of its own, so that nothing is counted twice.
    """
    day = part.day
    position = day.arrays.position[part.units[part.place]].astype(np.int64)
    reach = (
        (one, _within(day, [head_of(day, one.unit)], position)) for one in held if one.unit in day
    )
    near = [(one, inside) for one, inside in reach if inside.any()]
    if not near:
        return np.zeros(len(cells.ower), np.int64), [NO_GROUP], {NO_GROUP: NOBODY}
    held, territory = [one for one, _ in near], np.stack([inside for _, inside in near])
    units = np.stack([_within(day, one.units, position) for one in held]) & territory
    areas = np.zeros((len(held), len(names.words.words)), np.bool_)
    for at, one in enumerate(held):
        areas[at, [n for area in one.areas if (n := names.words.find(area)) is not None]] = True
    # Few owers differ in who answers for them, and few pairs of such a class and an area occur.
    classes, of_ower = _unique_columns(np.concatenate([units, territory]))
    units, territory = classes[: len(held)], classes[len(held) :]
    ower = of_ower[np.searchsorted(part.owers, cells.ower)]
    pair = ower * areas.shape[1] + names.cut_rows["area"][cells.cut]
    pairs, of_cell = np.unique(pair, return_inverse=True)
    some, area = np.divmod(pairs, areas.shape[1])
    groups, of_pair = _unique_columns(units[:, some] | (territory[:, some] & areas[:, area]))
    keys, named = [], {}
    for column in groups.T:
        mine = [one for one, covers in zip(held, column.tolist(), strict=True) if covers]
        key = JOINT.join(f"{one.unit}/{one.member}" for one in mine)
        name = JOINT.join(f"{day.name(one.unit)}: {one.member}" for one in mine)
        keys.append(key)
        named[key] = Named(name) if mine else NOBODY
    return of_pair[of_cell], keys, named


def _unique_columns(matrix: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Ints]:
    """The different columns, and for each column the number of its like."""
    # As bytes in a dictionary: sorting hundreds of rows of booleans takes a hundred times as long.
    packed = np.ascontiguousarray(np.packbits(matrix, axis=0).T)
    keys: list[Any] = packed.view(("V", packed.shape[1])).ravel().tolist()
    numbers: dict[Any, int] = {}
    back = np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int64, len(keys))
    first = np.unique(back, return_index=True)[1]
    return matrix[:, first], back


def _within(day: DayTree, units: Sequence[str], position: Ints) -> NDArray[np.bool_]:
    """Whether each position lies in the subtree of one of the units."""
    inside = np.zeros(len(position), np.bool_)
    for number in (day.number(unit) for unit in units if unit in day):
        start = day.arrays.position[number]
        inside |= (start <= position) & (position < start + day.arrays.size[number])
    return inside


def head_of(day: DayTree, unit: str) -> str:
    """The unit for which an office acts: a committee of province level acts for the province."""
    above = day.parent(unit)
    while above is not None and day.level(above) == day.level(unit):
        unit, above = above, day.parent(above)
    return unit


def answers_for(day: DayTree, one: Oversight, unit: str, area: str | None) -> bool:
    """Whether a member answers for what a unit owes in an area; the rule of `by_oversight`."""
    if unit not in day or one.unit not in day:
        return False
    path = day.path(unit)
    named = area in one.areas or any(code in path for code in one.units)
    return named and head_of(day, one.unit) in path
