"""Real units: districts and communes of before July 2025, and what the programme files name.

Names and codes come from the package `vietnamadminunits` (MIT; the optional extra vn-units); its
coordinates are never read. It knows no founding days, so every unit begins on ESTABLISHED_ON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

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


def places(provinces: Iterable[str] | None = PROVINCES) -> tuple[Place, ...]:
    """The communes of these provinces (None: of the whole country), in the order of their codes.

    As the country was before 1 July 2025: 63 provinces, 696 districts, 10,035 communes. Districts
    without communes, islands all, are not among them. Raises UnitsMissing.
    """
    try:
        from vietnamadminunits.database import get_data
    except ImportError as error:
        raise UnitsMissing from error
    wanted = None if provinces is None else set(provinces)
    rows = get_data(FIELDS, table="admin_units_legacy")
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
    found = places(provinces)
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
