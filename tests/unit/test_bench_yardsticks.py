"""What the plain Faust agent keeps and counts, without Faust: its tables are dictionaries here."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

from ops.bench import yardsticks
from ops.bench.worlds import messages, tree
from ops.bench.yardsticks import Row, add, changelogs, follow, no_counts, standing
from schemas import avro

UNITS = tree(2)
PATHS = {unit.code: unit.path for unit in UNITS}


def counted(times: int) -> tuple[dict[str, Any], dict[str, Row]]:
    """The obligations and the rows of all units after 200 lives, each event told so many times."""
    decode, kinds = yardsticks.Whole(), yardsticks.kinds_by_head()
    obligations: dict[str, Any] = {}
    rows: dict[str, Row] = defaultdict(no_counts)
    for message in messages(5, list(PATHS), 200):
        for _ in range(times):
            kind = kinds.get(message.value[: avro.HEADER_BYTES], "")
            unit, changes = follow(obligations, kind, decode(message.value))
            for code in PATHS[unit]:
                add(rows, code, changes)
    return obligations, rows


def test_a_row_counts_the_obligations_of_the_unit_and_of_those_below() -> None:
    obligations, rows = counted(1)
    expected: dict[str, Counter[str]] = defaultdict(Counter)
    for state in obligations.values():
        for code in PATHS[state["unit"]]:
            expected[code].update(standing(state))

    assert {code: no_counts() | dict(found) for code, found in expected.items()} == rows
    assert 200 == rows["centre"]["assigned"]
    assert all(rows["centre"].values())


def test_an_event_that_comes_twice_counts_once() -> None:
    assert counted(1) == counted(2)


@pytest.mark.parametrize(
    ("changed", "measures"),
    [
        ({"opened": False}, ()),
        ({}, ("assigned",)),
        ({"due": yardsticks.TODAY}, ("assigned", "overdue")),
        ({"due": None}, ("assigned",)),
        ({"returned": True}, ("assigned", "returned")),
        ({"done": yardsticks.TODAY}, ("assigned", "completed")),
        ({"done": yardsticks.TODAY + 1}, ("assigned", "completed", "late")),
    ],
)
def test_an_obligation_counts_under(changed: dict[str, Any], measures: tuple[str, ...]) -> None:
    due = yardsticks.TODAY + 1
    state = {"opened": True, "due": due, "done": None, "returned": False} | changed

    assert measures == standing(state)


def test_every_table_has_its_changelog_and_only_the_obligations_follow_the_partitions() -> None:
    made = {topic.name: topic.partitions for topic in changelogs("app", "tables", 12)}

    assert {1, 12} == set(made.values())
    assert 12 == made.pop("app-obligations-changelog")
    assert made == {topic.name: topic.partitions for topic in changelogs("app", "counts", 12)}
