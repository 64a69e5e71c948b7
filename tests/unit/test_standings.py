"""A list of any day, as known then, is read by columns: only the rows of its page are derived."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ops.bench.memory import empty, fold
from ops.bench.worlds import tree
from projections.engine import Engine
from projections.life import Life
from projections.listing import Wanted, listed
from projections.places import Place
from projections.standings import Asked, Standings
from schemas.refusal import Reason, Refused
from schemas.times import Instant, day, end_of_day

THEN = end_of_day(day(2014, 6, 15))


class Counting:
    """An engine that counts how many lives are asked of it one by one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.derived = 0

    def standings(self, asked: Asked, most: int) -> Iterable[Standings]:
        return self.engine.standings(asked, most)

    def life(self, obligation: str, known: Instant | None = None) -> Life | None:
        self.derived += 1
        return self.engine.life(obligation, known)

    def unopened(self, most: int, known: Instant | None = None) -> list[tuple[str, int]]:
        return self.engine.unopened(most, known)

    def left_open(
        self, owers: list[str], at: Instant, after: int, most: int
    ) -> tuple[list[str], int | None]:
        return self.engine.left_open(owers, at, after, most)

    def open_counts(self) -> dict[str, int]:
        return self.engine.open_counts()

    def places(self, obligation: str) -> dict[bytes, Place]:
        return self.engine.places(obligation)


@pytest.fixture(scope="module", name="engine")
def folded() -> Engine:
    units = tree(1)
    engine, boards = empty(units, THEN)
    fold(engine, boards, units, 3_000)
    return engine


@pytest.fixture(scope="module", name="everybody")
def owers() -> frozenset[str]:
    return frozenset(unit.code for unit in tree(1))


@pytest.mark.parametrize("known", [None, THEN])
def test_only_the_page_of_a_list_of_the_past_is_derived(
    engine: Engine, everybody: frozenset[str], known: Instant | None
) -> None:
    counting = Counting(engine)
    found = listed(counting, Wanted(THEN, known, everybody), limit=10)

    assert 10 == len(found.page) == counting.derived
    assert 1_000 < found.total == sum(found.states.values())
    assert {"overdue", "done_late", "not_due"} <= set(found.states)


def test_a_list_that_would_fold_too_much_anew_is_refused_with_what_to_do(
    engine: Engine, everybody: frozenset[str]
) -> None:
    with pytest.raises(Refused, match="ask for a unit further down") as refused:
        list(engine.standings(Asked(THEN, THEN, everybody, True, 7), 100))

    assert Reason.TOO_LARGE is refused.value.reason
