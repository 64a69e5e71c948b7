"""Real units of the four provinces: numbers, codes, superiors, classes, and the missing package."""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import cache

import pytest

from ops.units_vn import (
    FIELDS,
    MISSING,
    PROVINCES,
    UnitsMissing,
    builtin_documents,
    members_of,
    places,
    vn_units,
)
from schemas.checks import check
from schemas.events.unit import UnitEstablished
from services.openings import openings

pytest.importorskip("vietnamadminunits", reason="the extra vn-units is not installed")


@cache
def units() -> tuple[UnitEstablished, ...]:
    return tuple(vn_units(source="test"))


@cache
def by_code() -> dict[str, UnitEstablished]:
    return {unit.unit: unit for unit in units()}


def test_the_four_provinces_have_their_districts_and_communes() -> None:
    found = {
        province: (
            sum(unit.parent == province and unit.level == "district" for unit in units()),
            sum(
                unit.unit.startswith(f"{province}.") and unit.level == "commune" for unit in units()
            ),
        )
        for province in PROVINCES
    }

    assert found == {"06": (8, 108), "20": (11, 194), "66": (15, 180), "87": (12, 141)}


def test_codes_and_names_are_those_of_the_register() -> None:
    city, ward = by_code()["87.866"], by_code()["87.29869"]

    assert (city.name, city.level, city.parent, city.official_code) == (
        "Thành phố Cao Lãnh",
        "district",
        "87",
        "866",
    )
    assert (ward.name, ward.level, ward.parent) == ("Phường 1", "commune", "87.866")
    assert by_code()["66"].name == "Đắk Lắk"
    assert by_code()["06.058"].name == "Thành phố Bắc Kạn"


def test_every_unit_stands_under_one_that_came_before_it() -> None:
    seen: set[str | None] = {None}
    for unit in units():
        check(unit)

        assert unit.parent in seen
        assert unit.unit not in seen
        seen.add(unit.unit)


def test_only_districts_of_bac_kan_have_a_steering_committee_of_their_own() -> None:
    committees = [
        unit for unit in units() if (unit.level, unit.kind) == ("district", "steering_committee")
    ]

    assert Counter((unit.parent or "")[:2] for unit in committees) == {"06": 8}
    assert by_code()["06.058.ban-chi-dao"].parent == "06.058"


def test_no_coordinate_leaves_the_package() -> None:
    assert not [field for field in FIELDS if "Lat" in field or "Lon" in field or "Bound" in field]
    assert not [unit.name for unit in units() if re.search(r"\d\.\d", unit.name)]


def test_classes_get_their_members_and_the_openings_follow() -> None:
    found = {}
    for document in builtin_documents():
        members = members_of(document, units())
        made = list(openings(document, members))
        found[document.id] = (
            {one: len(members[one]) for one in sorted(members)},
            len(made),
            len({opening.obligation for opening in made}),
        )

    assert found["dak-lak-guidance-2012"] == (
        {"so-ban-nganh": 1, "ubnd-huyen": 15},
        (73 + 9) * 16 + 63,
        (73 + 9) * 16 + 63,
    )
    assert found["dong-thap-review-2011-2020"][1] == 23 + 10 + 12
    assert found["lang-son-review-2001-2010"][1] == 8 + 7 + 11
    assert found["lang-son-2018"][1] == 6 * (6 + 11)
    assert found["bac-kan-2006-2010"][1] == 33 * 4 + 32 * 8 + 21 + 20 * 8 + 3 + 8 + 4
    assert all(made == unique for _, made, unique in found.values())


def test_classes_that_nobody_wrote_down_have_no_members() -> None:
    bac_kan = next(one for one in builtin_documents() if one.id == "bac-kan-2006-2010")
    members = members_of(bac_kan, units())

    assert "so-nganh-mot-cua" not in members
    assert "trung-tam-mot-cua" not in members
    assert members["so-nganh-duoc-giao"] == (
        "06.so-noi-vu",
        "06.so-tai-chinh",
        "06.so-tu-phap",
        "06.van-phong-ubnd-tinh",
    )
    assert len(members["cap-xa"]) == 108


def test_the_whole_country_is_there_too() -> None:
    found = places(None)

    assert len({place.province for place in found}) == 63
    assert len({place.commune for place in found}) == 10_035


def test_without_the_package_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vietnamadminunits.database", None)
    with pytest.raises(UnitsMissing) as caught:
        list(vn_units(source="test"))

    assert str(caught.value) == MISSING
    assert MISSING.count("\n") == 0
