"""Planning a reform: what it changes; recording it: once, whole, also after a crash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.wiring import tree_of
from schemas.event import Event
from schemas.reforms import Pending
from schemas.refusal import Reason, Refused
from schemas.times import day
from schemas.tree import Tree
from schemas.unit_facts import MOVED, unit_fact
from services.ledger import Ledger
from services.reform import (
    BY_DISSOLUTION,
    BY_MERGER,
    BY_SPLIT,
    TO_THE_UNIT_ABOVE,
    LevelCount,
    Plan,
    ProvinceCount,
    plan,
)
from services.reform_document import ReformDocument
from services.reform_events import enacted
from services.reform_reading import parse_reform
from services.reform_recording import Recorded, in_force, record
from tests.office import Clock, at
from tests.office import established as established_event
from tests.trees import COUNTRY, REFORM, fact

HEAD = "{reform: r-1, by: centre, effective_on: 2025-07-01"
GOOD = """
reform: r-1
by: centre
effective_on: 2025-07-01
document: {number: 1/NQ, date: 2025-06-12}
establish:
- {unit: "2025.66", name: Đắk Lắk, level: province, kind: people_committee, parent: centre}
- {unit: "2025.1", name: Xã Một, level: commune, kind: people_committee, parent: "2025.66"}
- {unit: "2025.2", name: Xã Hai, level: commune, kind: people_committee, parent: "2025.66"}
rename:
- {unit: "87", name: Đồng Tháp mới, reason: theo nghị quyết}
move:
- {unit: 66.so-noi-vu, parent: "2025.66"}
- {unit: 87.d1.c1, parent: "87"}
merge:
- {unit: "66", into: "2025.66"}
- {unit: 66.d1.c1, into: "2025.1"}
split:
- {unit: 66.d1.c2, into: ["2025.2", "2025.1"], inferred: true}
end_levels:
- {unit: centre, level: district}
"""


def country(*more: Any) -> Tree:
    return Tree.of(enumerate((*COUNTRY, *more)))


def good() -> ReformDocument:
    return parse_reform(GOOD)


def document(lists: str) -> ReformDocument:
    return parse_reform(f"{HEAD}, {lists}}}")


# What it changes


def test_a_plan_counts_levels_and_provinces_before_and_after() -> None:
    planned = plan(good(), country())

    assert planned.levels == [
        LevelCount("centre", 1, 1, 0, 0),
        LevelCount("province", 2, 2, 1, 1),
        LevelCount("district", 2, 0, 0, 0),
        LevelCount("commune", 3, 3, 0, 0),
    ]
    assert planned.provinces == [
        ProvinceCount("2025.66", "Đắk Lắk", {}, {"commune": 2}),
        ProvinceCount("66", "Đắk Lắk", {"district": 1, "commune": 2}, {}),
        ProvinceCount("87", "Đồng Tháp mới", {"district": 1, "commune": 1}, {"commune": 1}),
    ]
    assert planned.counts["move"] == 2
    assert planned.conflicts == []


def test_a_plan_says_who_ends_and_who_has_its_obligations_by_which_rule() -> None:
    ended = {one.unit: one[3:] for one in plan(good(), country()).ended}

    assert ended == {
        "66": ("merge[0]", BY_MERGER, False, "2025.66"),
        "66.d1.c1": ("merge[1]", BY_MERGER, False, "2025.1"),
        "66.d1.c2": ("split[0]", BY_SPLIT, True, "2025.2"),
        "66.d1": ("end_levels[0]", TO_THE_UNIT_ABOVE, False, "2025.66"),
        "87.d1": ("end_levels[0]", TO_THE_UNIT_ABOVE, False, "87"),
    }


def test_a_dissolution_has_its_rule_with_successors_and_without() -> None:
    ended = plan(
        document("dissolve: [{unit: 66.d1.c1, successors: [66.d1.c2]}, {unit: 87.d1.c1}]"),
        country(),
    ).ended

    assert [(one.rule, one.receiver) for one in ended] == [
        (BY_DISSOLUTION, "66.d1.c2"),
        (TO_THE_UNIT_ABOVE, "87.d1"),
    ]


def test_the_day_before_is_as_it_was_and_nobody_is_lost_or_counted_twice() -> None:
    told = [(100 + n, unit_fact(part.event)) for n, part in enumerate(plan(good(), country())[1])]
    will = country().with_facts(
        (offset, one._replace(reform=None)) for offset, one in told if one is not None
    )

    assert sorted(will.at(day(2025, 6, 30)).subtree("centre")) == sorted(
        country().at(REFORM).preorder
    )
    assert len(will.at(REFORM).subtree("centre")) == len(COUNTRY) + 3


def test_later_facts_that_the_reform_overrules_are_shown() -> None:
    later = fact(MOVED, "66.d1.c1", day(2026, 1, 1), recorded=1, parent="66")
    planned = plan(good(), country(later))

    assert [(one.unit, one.reason) for one in planned.conflicts] == [("66.d1.c1", "closed")]


# Recording it


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    clock = Clock(at("2025-06-20 08:00"))
    opened = Ledger.open(f"sqlite:{tmp_path / 'ledger.db'}", clock=clock, source="home")
    opened.record(events_of_the_country())
    yield opened
    opened.close()


def events_of_the_country() -> list[Event]:
    return [
        established_event(one.unit, one.parent, level=one.level, kind=one.kind, name=one.name)
        for one in COUNTRY
    ]


def planned(ledger: Ledger, text: str = GOOD) -> Plan:
    return plan(parse_reform(text), tree_of(ledger), source=ledger.source)


def last(steps: Iterable[Recorded]) -> Recorded:
    return list(steps)[-1]


def test_a_recorded_reform_is_in_force_and_telling_it_again_adds_nothing(ledger: Ledger) -> None:
    first = planned(ledger)
    assert last(record(first, ledger)) == Recorded(11, 11)

    tree = tree_of(ledger)
    assert tree.at(REFORM).children("2025.2") == ()
    assert tree.at(REFORM).closed("66.d1")
    assert tree.pending == ()
    assert tree.conflicts == []
    assert in_force(planned(ledger), tree)
    assert last(record(planned(ledger), ledger)) == Recorded(11, 0)
    assert [one.event for one in planned(ledger).parts] == [one.event for one in first.parts]
    assert planned(ledger).levels == first.levels


def test_after_a_crash_in_the_middle_the_rest_is_recorded(ledger: Ledger) -> None:
    steps = record(planned(ledger), ledger, 4)
    assert [next(steps), next(steps)] == [Recorded(4, 4), Recorded(8, 8)]
    steps.close()

    half = tree_of(ledger)
    assert half.at(REFORM).preorder == country().at(REFORM).preorder
    assert half.pending == (Pending("r-1", "centre", 8, None),)
    assert not in_force(planned(ledger), half)

    assert last(record(planned(ledger), ledger)) == Recorded(11, 3)
    assert tree_of(ledger).pending == ()


def test_all_parts_are_one_correlation_and_name_the_reform(ledger: Ledger) -> None:
    told = planned(ledger)
    events = [part.event for part in told.parts]
    enactment = enacted(told.document, events, ledger.source)

    assert {getattr(event, "reform", None) for event in events} == {"r-1"}
    assert len({event.correlation_id for event in (*events, enactment)}) == 1
    assert (enactment.unit, enactment.by, enactment.parts) == ("centre", "centre", 10)
    assert {event.document and event.document.number for event in events} == {"1/NQ"}


def test_a_file_that_was_changed_after_it_was_told_needs_another_id(ledger: Ledger) -> None:
    last(record(planned(ledger), ledger))
    changed = planned(ledger, GOOD.replace("Xã Hai", "Xã Ba"))

    with pytest.raises(Refused) as caught:
        in_force(changed, tree_of(ledger))

    assert caught.value.where == "reform"
    assert caught.value.reason is Reason.RULE
    assert "1 recorded parts of r-1 are not in this file" in caught.value.sentence
