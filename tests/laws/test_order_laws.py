"""Laws of the order of facts: the short way, where no fact precedes its cause, is the long one."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from projections import order
from projections.facts import fact_of_value
from projections.order import placed
from tests.laws.test_fold_laws import fact_sets
from tests.worlds_of_events import events, record


def long_way(facts: dict[bytes, Any]) -> list[Any]:
    with patch.object(order, "_plainly_placed", lambda facts: None):
        return placed(facts)


@settings(max_examples=200, deadline=None)
@given(st.one_of(fact_sets, events().map(lambda world: [
    fact_of_value(record(0, event).value or b"") for event in world
])))  # fmt: skip
def test_the_short_way_is_the_long_way(found: list[Any]) -> None:
    facts = {fact.event_id: fact for fact in found}

    assert placed(facts) == long_way(facts)
