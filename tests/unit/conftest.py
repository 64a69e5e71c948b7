"""Step lists by either engine, for the tests that tell both the same facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest

from projections.facts import Fact
from schemas.measures import Step
from schemas.times import Instant
from tests.given import instant
from tests.sql_worlds import opened, tell_facts
from tests.step_lines import Steps, by_the_fold, lines_of


@pytest.fixture(params=["fold", "sql"])
def steps_of(request: pytest.FixtureRequest) -> Iterator[Steps]:
    """The steps of one obligation's facts, by either engine."""
    if request.param == "fold":
        yield by_the_fold
        return
    with opened() as second:

        def by_sql(facts: Iterable[Fact], known: Instant | None = None) -> list[Step]:
            tell_facts(second, facts)
            second.counted(known)
            found = second.steps(Instant(-(10**15)), Instant(10**15))
            return sorted(found, key=lambda step: (step.at, step.sign, step.measure))

        yield by_sql


@pytest.fixture
def listed(steps_of: Steps) -> Callable[..., list[str]]:
    """The step list, one line per instant, the way events.md writes it; slices added up."""

    def listed(*facts: Fact, known: str | None = None, ower: str | None = None) -> list[str]:
        found = steps_of(facts, None if known is None else instant(known))
        return lines_of(found, ower)

    return listed
