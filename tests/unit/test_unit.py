"""What may be decided about a unit, by which superior, and what goes along with a merger."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.refusal import Reason, Refused
from services.command import Command
from services.unit import EstablishUnit, MergeUnit, MoveUnit, RenameUnit
from services.unit_state import unit_of
from tests.given_when_then import Office, fields
from tests.office import assigned, at, declared, established, expected

REFORM = at("2025-07-01")


def tree() -> Office:
    """centre over 66 and 67; districts 66.a and 66.b; communes 66.1 under 66.a, 66.2 under 66.b."""
    units = [
        established("centre", None),
        established("66", "centre"),
        established("67", "centre"),
        established("66.a", "66", level="district"),
        established("66.b", "66", level="district"),
        established("66.1", "66.a", level="commune"),
        established("66.2", "66.b", level="commune"),
        established("2025.9", "66", level="commune", effective_at=at("2025-08-01")),
    ]
    return Office(*units, now="2025-06-20 08:00")


def establish(unit: str, parent: str | None, by: str | None = None, **given: Any) -> EstablishUnit:
    base: dict[str, Any] = {
        "unit": unit,
        "parent": parent,
        "by": by or parent or unit,
        "name": "Xã Ea Kly",
        "level": "commune",
        "kind": "people_committee",
        "effective_at": REFORM,
    }
    return EstablishUnit(**{**base, **given})


def move(unit: str, parent: str, by: str) -> MoveUnit:
    return MoveUnit(unit=unit, parent=parent, by=by, effective_at=REFORM)


def merge(unit: str, into: str, by: str, *obligations: str) -> MergeUnit:
    return MergeUnit(unit=unit, into=into, by=by, obligations=obligations, effective_at=REFORM)


def test_a_superior_establishes_a_unit_once_and_its_code_is_never_reused() -> None:
    office = tree()

    assert office.says(establish("2025.24304", "66")) == ["unit.established.v1"]
    assert office.when(establish("2025.24304", "66")) == []
    assert "never reused" in office.refuses(establish("2025.24304", "67"))
    assert "never reused" in office.refuses(establish("66.1", "66.a", name="Other"))


def test_the_root_is_established_by_itself_under_nobody() -> None:
    command = establish("centre", None, level="centre", kind="government")

    assert Office().says(command) == ["unit.established.v1"]


def test_a_superior_of_the_superior_may_establish_too() -> None:
    assert tree().says(establish("2025.1", "66.a", by="centre")) == ["unit.established.v1"]


def test_a_move_is_decided_by_the_common_superior_and_happens_once() -> None:
    office = tree()

    assert "only a superior of 66.1 and 67" in office.refuses(move("66.1", "67", by="66"))
    assert office.says(move("66.1", "67", by="centre")) == ["unit.moved.v1"]
    assert office.when(move("66.1", "67", by="centre")) == []
    assert office.says(move("66.2", "66.a", by="66")) == ["unit.moved.v1"]


def test_the_old_name_stays_as_an_alias() -> None:
    office = tree()
    rename = RenameUnit(unit="66.1", by="66.a", name="Xã Mới", effective_at=REFORM)

    (event,) = office.when(rename)

    assert fields(event, "name", "aliases") == ("Xã Mới", ("66.1",))
    assert office.when(rename) == []


@pytest.mark.parametrize(
    ("command", "rule"),
    [
        (establish("66.9", "nowhere"), "nowhere was never established"),
        (establish("66.9", "66", by="67"), "established by a superior"),
        (move("66.9", "66", by="centre"), "66.9 was never established"),
        (move("centre", "66", by="centre"), "the root stands under nobody"),
        (move("66", "66.1", by="centre"), "a circle"),
        (move("2025.9", "66", by="centre"), "2025.9 stands only from 2025-08-01 on"),
        (move("66.1", "2025.9", by="centre"), "2025.9 stands only from 2025-08-01 on"),
        (move("66.a", "66.a", by="66"), "a circle"),
        (merge("66.a", "66.1", by="66"), "into itself or into one below it"),
        (merge("66.1", "66.2", by="66.a"), "only a superior of 66.1 and 66.2"),
        (RenameUnit(unit="66.1", by="66.1", name="Mình", effective_at=REFORM), "only a superior"),
    ],
)
def test_a_rule_refuses_with_its_name(command: Command, rule: str) -> None:
    assert rule in tree().refuses(command)


def test_a_merged_unit_is_closed_under_its_successor() -> None:
    office = tree()
    office.when(merge("66.1", "66.2", by="66"))

    unit = unit_of(office.streams["unit:66.1"])
    assert unit.parent == "66.2"
    assert unit.closed is not None
    assert "what is closed does not move" in office.refuses(move("66.1", "66.a", by="66"))
    assert "66.1 is closed" in office.refuses(merge("66.2", "66.1", by="66"))
    assert "closed already" in office.refuses(merge("66.1", "66.b", by="66"))


def test_open_obligations_go_along_with_the_merger_as_its_consequence() -> None:
    office = tree()
    office.keep(
        [
            assigned("open", unit="66.1"),
            expected("report", unit="66.1"),
            assigned("done", unit="66.1"),
            declared("done", unit="66.1", by="66.1"),
            assigned("another's", unit="66.a"),
        ]
    )

    events = office.when(merge("66.1", "66.2", "66", "open", "report", "done", "another's"))

    merged, *transfers = events
    assert [fields(one, "type", "obligation", "unit", "to_unit") for one in transfers] == [
        ("task.transferred.v1", "open", "66.1", "66.2"),
        ("report.transferred.v1", "report", "66.1", "66.2"),
    ]
    assert {one.causation_id for one in transfers} == {merged.event_id}
    assert {one.effective_at for one in events} == {REFORM}
    assert office.when(merge("66.1", "66.2", "66", "open", "report", "done")) == []


def test_a_decision_looks_at_its_own_day_be_it_past_or_ahead() -> None:
    office = tree()
    office.when(merge("66.1", "66.2", by="66"))

    past = MoveUnit(unit="66.1", parent="66.b", by="66", effective_at=at("2020-01-01"))
    assert office.says(past) == ["unit.moved.v1"]
    ahead = MoveUnit(unit="66.1", parent="66.a", by="66", effective_at=at("2025-07-02"))
    assert "66.1 is closed" in office.refuses(ahead)


def test_two_moves_of_different_days_make_no_circle_either() -> None:
    office = tree()
    later = MoveUnit(unit="66.a", parent="66.b", by="66", effective_at=at("2025-08-01"))
    assert office.says(later) == ["unit.moved.v1"]

    assert "a circle" in office.refuses(move("66.b", "66.a", by="66"))


def test_what_was_forgotten_is_handed_over_by_telling_the_merger_again() -> None:
    office = tree()
    office.when(merge("66.1", "66.2", by="66"))
    office.keep([assigned("late", unit="66.1")])

    (event,) = office.when(merge("66.1", "66.2", "66", "late"))

    assert event.causation_id == office.streams["unit:66.1"][-1].event_id


def test_a_tree_event_inside_a_day_is_refused_by_the_contract() -> None:
    noon = MoveUnit(unit="66.2", parent="66.a", by="66", effective_at=at("2025-07-01 12:00"))

    with pytest.raises(Refused) as refused:
        tree().when(noon)

    assert refused.value.reason is Reason.NOT_LOCAL_MIDNIGHT
