"""The worked examples of the domain (section 7.3), figure by figure, from facts."""

from __future__ import annotations

import pytest

from projections.facts import Fact
from projections.obligation import derive
from projections.states import state
from projections.steps import steps
from schemas.measures import MEASURES
from tests.given import extended, instant, met, noted, opens, returned

SHORT = ("assigned", "due", "completed", "completed_of_due", "in_revision", "overdue")
ROW = (*SHORT, "on_time", "late", "on_time_of_due")


def of(unit: str, *facts: Fact) -> list[Fact]:
    return [
        fact._replace(unit=unit, obligation=f"o:{unit}", event_id=unit.encode() * 8 + bytes([n]))
        for n, fact in enumerate(facts)
    ]


QUARTER = (
    of("a", opens(), met("2012-06-05")),
    of("b", opens(), met("2012-06-08 09:00")),
    of(
        "x",
        opens(),
        met("2012-06-07 23:30"),
        returned("2012-06-11", "2012-06-15"),
        met("2012-06-13"),
    ),
    of("y", opens(), noted("2012-06-08", "reminded"), met("2012-06-20")),
)


def counts(obligations: tuple[list[Fact], ...], on: str, known: str | None = None) -> list[int]:
    upto = instant(on)
    all_steps = [
        step
        for facts in obligations
        for step in steps(derive(facts, None if known is None else instant(known)))
        if step.at <= upto
    ]
    return [sum(s.sign for s in all_steps if MEASURES[s.measure] == name) for name in ROW]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2012-06-07 12:00", [4, 0, 1, 0, 0, 0, 1, 0, 0]),
        ("2012-06-08 00:00", [4, 4, 2, 2, 0, 2, 2, 0, 2]),
        ("2012-06-08 12:00", [4, 4, 3, 3, 0, 1, 2, 1, 2]),
        ("2012-06-12 00:00", [4, 4, 2, 2, 1, 1, 1, 1, 1]),
        ("2012-06-14 00:00", [4, 4, 3, 3, 0, 1, 2, 1, 2]),
        ("2012-06-21 00:00", [4, 4, 4, 4, 0, 0, 2, 2, 2]),
    ],
)
def test_the_quarterly_report_of_four_units(on: str, expected: list[int]):
    assert counts(QUARTER, on) == expected


def test_the_extension_of_task_9():
    task = [
        opens("2020-01-21", "2021-01-01", kind="task", unit="87.so-noi-vu", issuer="87"),
        extended("2020-12-20", "2021-07-01", by="87"),
    ]
    on = instant("2021-01-15")

    assert state(derive(task), on) == "not_due"
    assert counts((task,), "2021-01-15")[SHORT.index("overdue")] == 0
    assert sum(s.sign for s in steps(derive(task)) if MEASURES[s.measure] == "extended") == 1
    assert state(derive(task, known=instant("2020-12-19")), on) == "overdue"
