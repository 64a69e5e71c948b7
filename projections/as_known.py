"""As known: the world as known at one instant K, and how its figures differ from the present."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from projections.ask import Owers
from projections.part import Numbers
from projections.programmes import Programmes
from projections.since import Since
from schemas.tree import Tree

PARTS_KEPT = 16
"""Most parts of the country whose differences are kept for one K."""
WHOLE_FROM = 2
"""Where a part has every second unit, the whole is found: it serves all other questions, too."""


class Known:
    """The tree and the programmes as known at K; `find` finds how the rest differs.

    It lasts until anything is told: what it has found is kept.
    """

    def __init__(
        self, tree: Tree, programmes: Programmes, find: Callable[[Owers | None], Since]
    ) -> None:
        self.tree = tree
        self.programmes = programmes
        self._find = find
        self._found: OrderedDict[Owers | None, Since] = OrderedDict()

    def since(self, owers: Owers | None) -> Since:
        """The differences that bear on these owers, and maybe more; None: on any.

        Raises Refused where too much has been told since.
        """
        for asked, found in self._found.items():
            if asked is None or (owers is not None and owers <= asked):
                self._found.move_to_end(asked)
                return found
        found = self._find(owers)
        if owers is None:
            self._found.clear()
        self._found[owers] = found
        while len(self._found) > PARTS_KEPT:
            self._found.popitem(last=False)
        return found


def owers_among(tree: Tree, units: Numbers) -> Owers | None:
    """Whose past is asked for by a question about these units of a tree; None: everybody's."""
    if len(units) * WHOLE_FROM >= len(tree.codes):
        return None
    return frozenset(tree.codes[number] for number in units.tolist())
