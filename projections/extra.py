"""Steps to be added to what the cells say: of content items, inside a day, or as known earlier."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from projections.sources import Deltas, Ints, Numbering
from schemas.measures import MEASURES, Slice, Step
from schemas.times import Instant


class Extra(NamedTuple):
    """Steps as columns: instant, numbers of ower and cut, measure, and +1 or -1."""

    at: Ints
    ower: Ints
    cut: Ints
    measure: Ints
    value: Ints

    def __add__(self, other: object) -> Extra:
        """Both. (Of tuples `+` would join the columns' lists, which nobody wants.)"""
        if not isinstance(other, Extra):
            return NotImplemented
        return Extra(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))

    def __neg__(self) -> Extra:
        return self._replace(value=-self.value)

    def until(self, at: Instant) -> Extra:
        """The steps up to an instant."""
        here = self.at <= at
        return Extra(*(column[here] for column in self))

    def of(self, owers: Ints) -> Extra:
        """The steps of these owers."""
        here = np.isin(self.ower, owers)
        return Extra(*(column[here] for column in self))

    def deltas(self) -> Deltas:
        """The steps as rows; their days no longer matter."""
        rows = np.zeros((len(self.at), len(MEASURES)), np.int64)
        rows[np.arange(len(self.at)), self.measure] = self.value
        return Deltas(self.ower, self.cut, np.zeros(len(self.at), np.int64), rows)


def extra_of(names: Numbering, steps: Iterable[Step]) -> Extra:
    """Steps as columns."""
    cuts: dict[Slice, int] = {}
    rows = []
    for step in steps:
        if (cut := cuts.get(step.slice)) is None:
            cut = cuts[step.slice] = names.cut(step.slice)
        rows.append((step.at, names.ower(step.ower), cut, step.measure, step.sign))
    return Extra(*np.array(rows, np.int64).reshape(len(rows), 5).T)
