"""Since: how the world as known at K differs from what the boards have taken."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np

from projections.extra import Extra, extra_of
from projections.life import LadderDocument
from projections.sources import Numbering
from schemas.frame import LadderEntry
from schemas.times import Instant, day_of


class KnownLadder(NamedTuple):
    """How the ladder as known at K differs from the present.

    `obligations` are those that may bear something else since: `told` is what they bear now,
    `come` what they bore then. `gone` is what they bear now and no other obligation does, by whole
    days.
    """

    obligations: frozenset[str]
    told: frozenset[LadderEntry]
    gone: frozenset[LadderEntry]
    come: tuple[LadderDocument, ...]


class Since(NamedTuple):
    """What to add to the cells so that they tell what was known at K, and the ladder of then."""

    steps: Extra
    ladder: KnownLadder

    def of(self, owers: Collection[str], names: Numbering) -> Since:
        """What of it bears on these owers; `names` are those of the steps."""
        numbers = [names.ower_numbers[code] for code in owers if code in names.ower_numbers]
        ladder = self.ladder
        return Since(
            self.steps.of(np.array(numbers, np.int64)),
            KnownLadder(
                ladder.obligations,
                frozenset(one for one in ladder.told if one.ower in owers),
                frozenset(one for one in ladder.gone if one.ower in owers),
                tuple(one for one in ladder.come if one.ower in owers),
            ),
        )


def nothing(names: Numbering) -> Since:
    """Where nothing was recorded after K."""
    return Since(extra_of(names, ()), KnownLadder(frozenset(), frozenset(), frozenset(), ()))


def entry_of(document: LadderDocument) -> LadderEntry:
    """A document of the ladder as a frame tells it."""
    day = day_of(Instant(document.at))
    return LadderEntry(document.note, document.document, document.ower, day)


def entries_of(documents: Iterable[LadderDocument]) -> frozenset[LadderEntry]:
    """The same of several, each once."""
    return frozenset(map(entry_of, documents))
