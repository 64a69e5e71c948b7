"""Groupings beside the tree: sector lines, oversight and programmes, which add up to the whole."""

from __future__ import annotations

from typing import Any

from projections.ask import Ask
from projections.boards import Boards
from projections.groupings import sector_of
from schemas.board import Counts, Row
from schemas.events.unit import OversightAssigned, UnitClassMembersSet
from schemas.times import Instant
from tests import given
from tests.office import id_of
from tests.reformed import NOW, at, boards, owed

ON = at("2024-12-31")


def told(*events: Any) -> Boards:
    made = boards()
    made.tell_units(enumerate(events, 100))
    return made


def oversight(member: str, on: str = "2020-01-01", /, **fields: Any) -> OversightAssigned:
    return OversightAssigned(
        event_id=id_of(f"{member} {on} {fields}"),
        effective_at=given.instant(on),
        recorded_at=given.instant(on),
        unit=fields.pop("unit", "66"),
        by="66",
        source="66",
        member=member,
        **fields,
    )


def guided(ministry: str, *members: str) -> UnitClassMembersSet:
    return UnitClassMembersSet(
        event_id=id_of(f"{ministry} {members}"),
        effective_at=given.instant("2020-01-01"),
        recorded_at=given.instant("2020-01-01"),
        unit=ministry,
        by=ministry,
        source="centre",
        unit_class="line",
        members=members,
    )


def rows(made: Boards, unit: str, by: str, **ask: Any) -> list[Row]:
    board = made.board(unit, Ask(by=by, **{"on": ON, **ask}), NOW)
    found = list(board.rows)

    assert Counts.total(row.figures.counts for row in found) == board.subtree.counts
    assert [x for row in found for x in row.figures.counts.broken_identities()] == []
    return found


def assigned(found: list[Row]) -> dict[str | None, int]:
    return {row.key: row.figures.counts["assigned"] for row in found}


def test_departments_stand_under_their_ministry_across_provinces() -> None:
    found = rows(boards(), "centre", "sector")

    assert [(r.key, r.name, r.inferred, r.figures.counts["assigned"]) for r in found] == [
        ("centre.bo-noi-vu", "Bộ Nội vụ", False, 2),
        ("sector:y te", "Y tế", True, 1),
        (None, None, False, 7),
    ]


def test_whom_a_ministry_names_is_in_its_line_whatever_its_name() -> None:
    made = told(guided("centre.bo-noi-vu", "66.sa"))
    (line, rest) = rows(made, "66", "sector")

    assert (line.key, line.figures.counts["assigned"]) == ("centre.bo-noi-vu", 2)
    assert assigned(rows(made, "66", "sector", known=Instant(0))) == {}
    assert rest.key is None


def test_without_a_ministry_in_the_part_a_line_found_by_names_says_so() -> None:
    (line, _, _) = rows(boards(), "66", "sector")

    assert (line.key, line.inferred) == ("centre.bo-noi-vu", True)


def test_a_name_tells_the_sector_of_a_ministry_department_or_division() -> None:
    names = ("Bộ Nội vụ", "Sở Nội vụ", "Phòng Nội vụ", "Văn phòng UBND tỉnh", "Ban Dân tộc")

    assert [sector_of(name) for name in names] == ["noi vu", "noi vu", "noi vu", "", "dan toc"]


def test_a_member_answers_for_units_and_all_below_them_and_for_areas() -> None:
    made = told(oversight("uỷ viên A", units=("66.d",)), oversight("uỷ viên B", units=("66.sa",)))

    assert assigned(rows(made, "66", "oversight")) == {
        "66/uỷ viên A": 3,
        "66/uỷ viên B": 1,
        None: 1,
    }
    made = told(oversight("uỷ viên A", areas=("reporting",)))
    assert assigned(rows(made, "centre", "oversight")) == {"66/uỷ viên A": 5, None: 5}


def test_what_two_answer_for_is_a_group_of_its_own_and_counted_once() -> None:
    made = told(oversight("A", units=("66.d", "66.sa")), oversight("B", units=("66.d",)))

    assert assigned(rows(made, "66", "oversight")) == {"66/A": 1, "66/A + 66/B": 3, None: 1}
    assert rows(made, "66", "oversight")[1].name == "Đắk Lắk: A + Đắk Lắk: B"


def test_nobody_answers_for_units_outside_the_territory_of_who_assigned() -> None:
    made = told(oversight("A", units=("54.d",)))

    assert assigned(rows(made, "centre", "oversight")) == {None: 10}


def test_a_later_assignment_replaces_the_earlier_one_from_its_day() -> None:
    made = told(oversight("A", units=("66.d",)), oversight("A", "2025-01-01", units=("66.sa",)))

    assert assigned(rows(made, "66", "oversight")) == {"66/A": 3, None: 2}
    later = rows(made, "66", "oversight", on=at("2025-02-01"))
    assert assigned(later) == {"66/A": 1, None: 4}
    unknown = rows(made, "66", "oversight", known=given.instant("2019-01-01"))
    assert {row.key for row in unknown} <= {None}


def test_an_office_of_the_province_assigns_for_the_province() -> None:
    made = told(oversight("A", unit="66.snv", areas=("reporting",)))

    assert assigned(rows(made, "66", "oversight")) == {"66.snv/A": 5}


def test_a_programme_is_a_row_and_what_has_none_is_one_too() -> None:
    found = rows(boards(), "66", "programme")

    assert assigned(found) == {given.PROGRAMME: 5}
    assert owed("66.sa")[0].programme == given.PROGRAMME
