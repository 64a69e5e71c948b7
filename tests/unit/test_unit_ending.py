"""What may be decided about how units end: splits, dissolutions, levels, and what goes along."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from schemas.events.unit import ReformEnacted, UnitMerged, UnitMoved
from services.command import Command
from services.unit import EstablishUnit, MergeUnit, MoveUnit
from services.unit_ending import DissolveUnit, EndLevel, SplitUnit
from tests.given_when_then import Office, fields
from tests.office import assigned, at, established, expected, id_of

REFORM = at("2025-07-01")


def tree() -> Office:
    """centre over 66 and 67; districts 66.a, 66.b; communes 66.1 under 66.a, 66.2, 66.3 under b."""
    units = [
        established("centre", None),
        established("66", "centre"),
        established("67", "centre"),
        established("66.a", "66", level="district"),
        established("66.b", "66", level="district"),
        established("66.1", "66.a", level="commune"),
        established("66.2", "66.b", level="commune"),
        established("66.3", "66.b", level="commune"),
        established("67.1", "67", level="commune"),
        established("2025.9", "66", level="commune", effective_at=at("2025-08-01")),
    ]
    return Office(*units, now="2025-06-20 08:00")


def split(unit: str, *into: str, by: str = "centre", **given: Any) -> SplitUnit:
    return SplitUnit(**{"unit": unit, "into": into, "by": by, "effective_at": REFORM, **given})


def dissolve(unit: str, *successors: str, by: str = "centre", **given: Any) -> DissolveUnit:
    base = {"unit": unit, "successors": successors, "by": by, "effective_at": REFORM}
    return DissolveUnit(**{**base, **given})


def end_level(unit: str, level: str, by: str = "centre") -> EndLevel:
    return EndLevel(unit=unit, level=level, by=by, effective_at=REFORM)


def test_a_unit_is_split_once_by_the_common_superior_the_main_successor_first() -> None:
    office = tree()

    assert "only a superior of 66.1 and 66.2 and 67.1" in office.refuses(
        split("66.1", "66.2", "67.1", by="66")
    )
    (event,) = office.when(split("66.1", "66.2", "66.3", by="66"))
    assert fields(event, "type", "into") == ("unit.split.v1", ("66.2", "66.3"))
    assert office.when(split("66.1", "66.2", "66.3", by="66")) == []
    assert "closed already" in office.refuses(split("66.1", "66.3", "66.2"))
    assert "closed already" in office.refuses(dissolve("66.1"))


def test_a_unit_is_dissolved_with_successors_or_without() -> None:
    office = tree()

    assert office.says(dissolve("66.1", "66.2", by="66")) == ["unit.dissolved.v1"]
    assert office.says(dissolve("66.2", by="66.b")) == ["unit.dissolved.v1"]
    assert office.when(dissolve("66.2", by="66.b")) == []


@pytest.mark.parametrize(
    ("command", "where", "rule"),
    [
        (split("66.1"), "into", "names the units that it made"),
        (split("66.1", "66.1", "66.2"), "into[0]", "does not succeed itself"),
        (split("66.1", "66.2", "66.2"), "into[1]", "66.2 stands there twice"),
        (split("66.1", "66.2", "nowhere"), "into[1]", "nowhere was never established"),
        (split("66.1", "2025.9"), "into[0]", "2025.9 stands only from 2025-08-01 on"),
        (split("nowhere", "66.2"), "unit", "nowhere was never established"),
        (split("2025.9", "66.2"), "unit", "2025.9 stands only from 2025-08-01 on"),
        (split("centre", "66"), "unit", "the root cannot end"),
        (dissolve("centre"), "unit", "the root cannot end"),
        (dissolve("66.1", "66.1"), "successors[0]", "does not succeed itself"),
        (dissolve("66.1", by="67"), "by", "only a superior of 66.1"),
        (dissolve("66.1", by="66.1"), "by", "only a superior of 66.1"),
        (end_level("nowhere", "district"), "unit", "nowhere was never established"),
        (end_level("66", "district", by="67"), "by", "only 66 or a superior of it"),
    ],
)
def test_a_rule_refuses_with_its_name_and_its_place(
    command: Command, where: str, rule: str
) -> None:
    office = tree()

    assert rule in office.refuses(command)
    assert office.refused_at(command) == where


def test_nothing_goes_to_a_closed_unit_and_nothing_stands_under_it() -> None:
    office = tree()
    office.when(dissolve("66.b", by="66"))

    assert "66.b is closed" in office.refuses(split("66.1", "66.b", "66.2"))
    move = MoveUnit(unit="66.1", parent="66.b", by="66", effective_at=REFORM)
    assert "66.b is closed" in office.refuses(move)
    assert "66.b is closed" in office.refuses(replace(end_level("66.b", "commune")))
    assert office.says(replace(move, effective_at=at("2025-06-30"))) == ["unit.moved.v1"]


def test_open_obligations_go_to_the_main_successor_or_to_the_unit_above() -> None:
    office = tree()
    office.keep([assigned("open", unit="66.1"), expected("report", unit="66.2")])

    _, one = office.when(split("66.1", "66.3", "66.2", obligations=("open",)))
    gone, other = office.when(dissolve("66.2", obligations=("report",)))

    assert fields(one, "type", "unit", "to_unit") == ("task.transferred.v1", "66.1", "66.3")
    assert fields(other, "type", "to_unit") == ("report.transferred.v1", "66.b")
    assert other.causation_id == other.correlation_id == gone.event_id


def test_a_level_ends_once_and_a_wider_end_says_the_narrower_too() -> None:
    office = tree()

    assert office.says(end_level("66", "district", by="66")) == ["unit.level_ended.v1"]
    assert office.when(end_level("66", "district", by="66")) == []
    assert office.says(end_level("centre", "district")) == ["unit.level_ended.v1"]
    assert office.when(end_level("67", "district")) == []


def test_after_a_level_has_ended_its_units_are_closed_and_none_comes_back() -> None:
    office = tree()
    office.when(end_level("66", "district"))
    establish = EstablishUnit(
        unit="66.c",
        parent="66",
        by="66",
        name="Huyện C",
        level="district",
        kind="people_committee",
        effective_at=REFORM,
    )

    assert "the level district has ended there" in office.refuses(establish)
    assert office.says(replace(establish, level="commune")) == ["unit.established.v1"]
    move = MoveUnit(unit="67.1", parent="66.b", by="centre", effective_at=REFORM)
    assert "66.b is closed" in office.refuses(move)
    gone = MoveUnit(unit="66.b", parent="67", by="centre", effective_at=REFORM)
    assert "what is closed does not move" in office.refuses(gone)
    # What stood under a district is decided by the province, no longer by the district.
    merge = MergeUnit(unit="66.2", into="66.3", by="66.b", effective_at=REFORM)
    assert "only a superior" in office.refuses(merge)
    assert office.says(replace(merge, by="66")) == ["unit.merged.v1"]


def test_parts_of_a_reform_are_decided_only_once_it_is_enacted() -> None:
    office = tree()
    about: dict[str, Any] = {"effective_at": REFORM, "by": "centre", "source": "66"}
    office.keep(
        [
            UnitMerged(event_id=id_of("1"), unit="66.1", into="66.2", reform="r", **about),
            UnitMoved(event_id=id_of("2"), unit="66.3", parent="66.a", reform="r", **about),
        ]
    )

    assert office.says(split("66.1", "66.2", by="66")) == ["unit.split.v1"]
    enacted = ReformEnacted(
        event_id=id_of("3"), unit="centre", reform="r", parts=2, sha256="x", **about
    )
    office.streams["unit:66.1"].pop()
    office.keep([enacted])
    assert "closed already" in office.refuses(split("66.1", "66.2", by="66"))
    move = MoveUnit(unit="66.3", parent="66.a", by="66", effective_at=REFORM)
    assert office.when(move) == []
