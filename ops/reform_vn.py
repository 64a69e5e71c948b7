"""The reform of 1 July 2025 as a reform document: 63 provinces to 34, communes 10,035 to 3,321.

Which commune went into which comes from the package `vietnamadminunits`. A unit that existed
before keeps its code, a unit that the reform makes gets a fresh one: `2025.` and its official
code. ARCHITECTURE.md says what was decided where the data are silent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from ops.units_vn import (
    PROVINCES,
    Conversion,
    Place,
    conversion,
    empty_districts,
    places,
    vn_units,
)
from schemas.event import Document
from schemas.refusal import Reason, Refused
from schemas.times import day
from services.openings import CENTRE
from services.programme_document import ProgrammeDocument
from services.reform_document import Establishment, LevelEnd, Merger, Move, ReformDocument, Split

REFORM = "vn-2025"
REFORM_DAY = day(2025, 7, 1)
RESOLUTION = Document(number="202/2025/QH15", date=day(2025, 6, 12))
"""The National Assembly's resolution on the provinces; those on communes rest on it."""


class Reform(NamedTuple):
    """A document, and for its reviewers what each unit is called before and after."""

    document: ReformDocument
    notes: dict[str, str]


def reform_2025(
    provinces: Collection[str] | None = PROVINCES,
    documents: Iterable[ProgrammeDocument] | None = None,
) -> Reform:
    """The reform of these old provinces (None: of all), with the offices that programmes name.

    Of a new province only what these bring into it. Raises Refused for a province that never
    was, UnitsMissing without the package.
    """
    told = conversion()
    chosen = sorted(told.provinces if provinces is None else set(provinces))
    for code in chosen:
        if code not in told.provinces:
            sentence = f"{code} was no province before July 2025; give codes such as 06,20,66,87"
            raise Refused(Reason.NOT_IN_LIST, sentence, "provinces")
    all_of_it = len(chosen) == len(told.provinces)
    communes = _Communes(told, places(chosen), empty_districts(chosen))
    fresh = sorted({told.provinces[code] for code in chosen if _merges(told, code)})
    zones = sorted({_node(told, code) for code in chosen})
    document = ReformDocument(
        reform=REFORM if all_of_it else f"{REFORM}.{'-'.join(chosen)}",
        by=CENTRE,
        effective_on=REFORM_DAY,
        document=RESOLUTION,
        establish=(*(_province(told, code) for code in fresh), *communes.establish()),
        move=(*_offices(told, chosen, documents), *communes.move()),
        merge=(
            *communes.merge(),
            *(Merger(unit=code, into=_node(told, code)) for code in chosen if _merges(told, code)),
        ),
        split=communes.split(),
        end_levels=tuple(
            LevelEnd(unit=unit, level="district") for unit in ([CENTRE] if all_of_it else zones)
        ),
    )
    return Reform(document, communes.notes())


def _merges(told: Conversion, province: str) -> bool:
    """Whether the old province went into a new one together with others."""
    new = told.provinces[province]
    return sum(one == new for one in told.provinces.values()) > 1


def _node(told: Conversion, province: str) -> str:
    """The unit of the new province of an old one."""
    return f"2025.{told.provinces[province]}" if _merges(told, province) else province


def _province(told: Conversion, code: str) -> Establishment:
    return Establishment(
        unit=f"2025.{code}",
        name=told.province_names[code],
        level="province",
        kind="people_committee",
        parent=CENTRE,
        official_code=code,
    )


def _offices(
    told: Conversion, provinces: Iterable[str], documents: Iterable[ProgrammeDocument] | None
) -> list[Move]:
    """Departments and other offices of a merged province go on, under the new one."""
    merged = [code for code in provinces if _merges(told, code)]
    return [
        Move(unit=unit.unit, parent=_node(told, unit.parent))
        for unit in vn_units(documents, merged, source=REFORM)
        if unit.parent in merged and unit.level != "district"
    ]


class _Communes:
    """The communes of the chosen provinces and what became of them."""

    def __init__(self, told: Conversion, old: Iterable[Place], islands: Iterable[Place]) -> None:
        self._told = told
        self._old = {place.commune: place for place in old}
        taken: dict[str, list[str]] = {}
        # Of the whole country: what a neighbour brings along must be known to tell what goes on.
        for commune, successors in told.successors.items():
            for successor in successors:
                taken.setdefault(successor, []).append(commune)
        self._kept = {new for new, took in taken.items() if self._goes_on(new, took)}
        new = {one for one, took in taken.items() if any(old in self._old for old in took)}
        # Nothing goes into a special zone: its district ends with its level, as all others do.
        new.update(told.islands[place.district] for place in islands)
        self._new = sorted(new)

    def _goes_on(self, new: str, took: list[str]) -> bool:
        """One to one, with its code and its name (capitals are no other name)."""
        place = self._old.get(new)
        if place is None or took != [new] or len(self._told.successors[new]) > 1:
            return False
        return place.commune_name.casefold() == self._told.communes[new][1].casefold()

    def _code(self, new: str) -> str:
        return _code_of(self._old[new]) if new in self._kept else f"2025.{new}"

    def establish(self) -> list[Establishment]:
        """The communes that the reform made."""
        return [
            Establishment(
                unit=self._code(new),
                name=self._told.communes[new][1],
                level="commune",
                kind="people_committee",
                parent=self._parent(new),
                official_code=new,
            )
            for new in self._new
            if new not in self._kept
        ]

    def _parent(self, new: str) -> str:
        province = self._told.communes[new][0]
        old = next(one for one, to in self._told.provinces.items() if to == province)
        return _node(self._told, old)

    def move(self) -> list[Move]:
        """The communes that go on as they were, under their province."""
        return [
            Move(unit=self._code(new), parent=self._parent(new))
            for new in self._new
            if new in self._kept
        ]

    def merge(self) -> list[Merger]:
        """The communes that went into one new commune whole."""
        return [
            Merger(unit=_code_of(place), into=self._code(new))
            for commune, place in self._old.items()
            for new in self._told.successors[commune]
            if len(self._told.successors[commune]) == 1 and new not in self._kept
        ]

    def split(self) -> tuple[Split, ...]:
        """The communes that were divided; which successor is the main one is inferred."""
        return tuple(
            Split(unit=_code_of(place), into=tuple(map(self._code, into)), inferred=True)
            for commune, place in self._old.items()
            if len(into := self._told.successors[commune]) > 1
        )

    def notes(self) -> dict[str, str]:
        """By unit the name before and the names after."""
        found = {}
        for commune, place in self._old.items():
            names = [self._told.communes[new][1] for new in self._told.successors[commune]]
            after = "" if commune in self._kept else f" → {', '.join(names)}"
            found[_code_of(place)] = f"{place.commune_name}, {place.district_name}{after}"
        return found


def _code_of(place: Place) -> str:
    return f"{place.province}.{place.commune}"
