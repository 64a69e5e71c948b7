"""Real units: districts and communes of before and after July 2025, and what programmes name.

Names and codes come from the package `vietnamadminunits` (MIT; the optional extra vn-units); its
coordinates are never read. It knows no founding days, so every unit begins on ESTABLISHED_ON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, NamedTuple

from schemas.events.unit import UnitEstablished
from schemas.times import Day, day
from services.loader import established, named_units
from services.openings import CENTRE, PROVINCE_NODES, Codes
from services.programme_document import ProgrammeDocument, UnitClass
from services.programme_reading import builtin_programmes, read_programme

ESTABLISHED_ON = day(2001, 1, 1)
"""The first day that any of the programmes covers: the assumed beginning of every unit."""

PROVINCES = tuple(sorted(PROVINCE_NODES.values()))
"""Codes of the provinces of the five programmes: Bắc Kạn, Lạng Sơn, Đắk Lắk, Đồng Tháp."""

COMMITTEE = "ban-chi-dao"
"""Last part of the code of a district's steering committee."""

UNLISTED = frozenset({"so-nganh-mot-cua", "trung-tam-mot-cua"})
"""Classes that are a part of a kind of unit, and nobody wrote down which part (S1:185)."""

FIELDS = [
    "provinceCode",
    "provinceShort",
    "districtCode",
    "district",
    "districtType",
    "wardCode",
    "ward",
    "wardType",
]
"""What is read of the package's table: no coordinates."""

NEW_FIELDS = ["provinceCode", "provinceShort", "provinceKey", "wardCode", "ward", "wardKey"]
"""What is read of the table of after July 2025: no coordinates."""
KEYS = ["provinceCode", "provinceKey", "districtCode", "districtKey", "wardCode", "wardKey"]
"""What is read of the old table to find its communes in the conversion."""

MISSING = (
    "The package vietnamadminunits is not installed, so there are no real units; "
    "install it with: pip install 'lienthong[vn-units]'"
)


class UnitsMissing(Exception):
    """The optional package with the units of Vietnam is not there; str() says what to do."""

    def __init__(self) -> None:
        super().__init__(MISSING)


class Place(NamedTuple):
    """A commune with its district and its province: official codes and names with their types."""

    province: str
    province_name: str
    district: str
    district_name: str
    commune: str
    commune_name: str


class Conversion(NamedTuple):
    """What became of the old communes on 1 July 2025, by official codes."""

    provinces: Mapping[str, str]
    """Old province -> the new one."""
    province_names: Mapping[str, str]
    communes: Mapping[str, tuple[str, str]]
    """New commune -> (new province, name with its type)."""
    successors: Mapping[str, tuple[str, ...]]
    """Old commune -> the new ones that it went into; of several the main one first."""
    islands: Mapping[str, str]
    """District without communes -> the new commune (a special zone) in its place."""


def places(provinces: Iterable[str] | None = PROVINCES) -> tuple[Place, ...]:
    """The communes of these provinces (None: of the whole country), in the order of their codes.

    As the country was before 1 July 2025: 63 provinces, 696 districts, 10,035 communes; for the
    five districts without communes see empty_districts. Raises UnitsMissing.
    """
    wanted = None if provinces is None else set(provinces)
    rows = _table(FIELDS, "admin_units_legacy")
    return tuple(
        sorted(
            Place(
                province=row["provinceCode"],
                province_name=row["provinceShort"],
                district=row["districtCode"],
                district_name=_typed(row["districtType"], row["district"]),
                commune=row["wardCode"],
                commune_name=_typed(row["wardType"], row["ward"]),
            )
            for row in rows
            if row["wardCode"] and (wanted is None or row["provinceCode"] in wanted)
        )
    )


def _table(fields: list[str], table: str) -> list[dict[str, Any]]:
    try:
        from vietnamadminunits.database import get_data
    except ImportError as error:
        raise UnitsMissing from error
    rows: list[dict[str, Any]] = get_data(fields, table=table)
    return rows


def empty_districts(provinces: Iterable[str] | None = PROVINCES) -> tuple[Place, ...]:
    """The five island districts that have no commune, as places without one."""
    wanted = None if provinces is None else set(provinces)
    return tuple(
        sorted(
            Place(
                province=row["provinceCode"],
                province_name=row["provinceShort"],
                district=row["districtCode"],
                district_name=_typed(row["districtType"], row["district"]),
                commune="",
                commune_name="",
            )
            for row in _table(FIELDS, "admin_units_legacy")
            if not row["wardCode"] and (wanted is None or row["provinceCode"] in wanted)
        )
    )


def conversion() -> Conversion:
    """What became of every old commune; of the package's data neither coordinates nor areas.

    The main successor of a divided commune is the one to which the package sends an address
    without a street. Raises UnitsMissing.
    """
    new = _table(NEW_FIELDS, "admin_units")
    codes = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new}
    old: dict[str, str] = {}
    empty: dict[str, str] = {}
    province_codes = {}
    for row in _table(KEYS, "admin_units_legacy"):
        province_codes[row["provinceKey"]] = row["provinceCode"]
        key = f"{row['provinceKey']}_{row['districtKey']}_{row['wardKey'] or ''}"
        if row["wardCode"]:
            old[key] = row["wardCode"]
        else:
            empty[key] = row["districtCode"]
    path = files("vietnamadminunits") / "data" / "converter_2025.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    successors: dict[str, tuple[str, ...]] = {}
    islands: dict[str, str] = {}
    for province, communes in told["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, taken in communes.items():
            new_code = codes[province, ward]
            successors |= {old[key]: (new_code,) for key in taken if key in old}
            islands |= {empty[key]: new_code for key in taken if key in empty}
    for province, communes in told["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, made in communes.items():
            main_first = sorted(made, key=lambda one: not one["isDefaultNewWard"])
            successors[old[key]] = tuple(codes[province, one["newWardKey"]] for one in main_first)
    new_provinces = {row["provinceKey"]: row["provinceCode"] for row in new}
    return Conversion(
        provinces={
            province_codes[one]: new_provinces[province]
            for province, merged in told["DICT_PROVINCE"].items()
            for one in merged
        },
        province_names={row["provinceCode"]: row["provinceShort"] for row in new},
        communes={row["wardCode"]: (row["provinceCode"], row["ward"]) for row in new},
        successors=successors,
        islands=islands,
    )


def _typed(kind: str, name: str) -> str:
    """`Thành phố`, `Thành Phố Bắc Kạn` -> `Thành phố Bắc Kạn`: the register writes both."""
    return kind + name[len(kind) :] if name.lower().startswith(kind.lower()) else name


def builtin_documents() -> tuple[ProgrammeDocument, ...]:
    """The five programmes that the product ships."""
    return tuple(read_programme(path) for path in builtin_programmes())


def vn_units(
    documents: Iterable[ProgrammeDocument] | None = None,
    provinces: Iterable[str] | None = PROVINCES,
    *,
    source: str,
    established_on: Day = ESTABLISHED_ON,
) -> Iterator[UnitEstablished]:
    """Every unit once, superiors first: the root, what the documents name, districts, communes.

    `documents` are the five programmes unless given; `provinces=None` means the whole country.
    A district whose province has district steering committees in its documents gets one. Raises
    UnitsMissing.
    """
    found = (*places(provinces), *empty_districts(provinces))
    known = builtin_documents() if documents is None else tuple(documents)
    seen: set[str] = set()
    for named in named_units(known, established_on, source=source):
        seen.add(named.unit)
        yield named
    with_committees = {
        Codes(document).node
        for document in known
        if any(_of_committees(one) for one in document.classes)
    }
    for place in found:
        for event in _units_of(place, place.province in with_committees, established_on, source):
            if event.unit not in seen:
                seen.add(event.unit)
                yield event


def _of_committees(one: UnitClass) -> bool:
    return (one.level, one.member_kind) == ("district", "steering_committee")


def _units_of(
    place: Place, with_committee: bool, on: Day, source: str
) -> Iterator[UnitEstablished]:
    """The province, district, committee and commune of a place, superiors first."""
    district = f"{place.province}.{place.district}"
    commune = f"{place.province}.{place.commune}"
    people = "people_committee"
    yield established(
        place.province, place.province_name, "province", people, CENTRE, on, source, place.province
    )
    yield established(
        district,
        place.district_name,
        "district",
        people,
        place.province,
        on,
        source,
        place.district,
    )
    if with_committee:
        yield established(
            f"{district}.{COMMITTEE}",
            f"Ban Chỉ đạo CCHC {place.district_name}",
            "district",
            "steering_committee",
            district,
            on,
            source,
        )
    if place.commune:
        yield established(
            commune, place.commune_name, "commune", people, district, on, source, place.commune
        )


def members_of(
    document: ProgrammeDocument, units: Iterable[UnitEstablished]
) -> dict[str, tuple[str, ...]]:
    """Class id -> codes of its members among the units, for services.openings and the loader.

    Departments are those that the province's documents name; a class that the document lists in
    full by name, or that is an unwritten part of a kind, takes nothing else. Classes of persons, of
    the public or of unspecified agencies have no members.
    """
    codes = Codes(document)
    own = _under(codes.node, units)
    found: dict[str, tuple[str, ...]] = {}
    for one in document.classes:
        listed = tuple(codes.of(unit) for unit in one.named_members)
        fitting = () if one.id in UNLISTED else _fitting(one, own, codes.node)
        subset = bool(listed) and "được" in one.name  # "departments given tasks": those named
        members = listed if subset else tuple(dict.fromkeys((*listed, *fitting)))
        if members:
            found[one.id] = members
    return found


def _under(node: str, units: Iterable[UnitEstablished]) -> list[UnitEstablished]:
    """The units of the node's subtree; superiors come before those under them."""
    found: dict[str | None, UnitEstablished] = {}
    for unit in units:
        if unit.unit == node or unit.parent in found:
            found[unit.unit] = unit
    return list(found.values())


def _fitting(one: UnitClass, units: list[UnitEstablished], node: str) -> tuple[str, ...]:
    if one.level == "mixed":  # "departments and localities"
        wanted = {("province", "department"), ("district", "people_committee")}
    else:
        wanted = {(one.level, one.member_kind)}
    return tuple(
        unit.unit for unit in units if (unit.level, unit.kind) in wanted and unit.unit != node
    )
