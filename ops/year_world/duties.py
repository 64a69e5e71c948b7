"""What the units of one province owe in one year: a real guidance, and what its districts add.

The document says what departments and districts report. What no document of ours writes down
(the departments by name, the calendars that districts set for their communes, tasks, inspections,
reports to the centre) is made up here, in the way that offices do it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any, NamedTuple

from ops.simulate_desk import SOURCE
from ops.units_vn import ESTABLISHED_ON, builtin_documents, members_of, vn_units
from schemas.event import Event, Opens
from schemas.events.inspection import InspectionExpected
from schemas.events.report import ReportExpected, ReportRequested
from schemas.events.task import TaskAssigned
from schemas.events.unit import UnitEstablished
from schemas.times import Day, day, midnight
from services.document_rules import event_id
from services.loader import established, load
from services.openings import CENTRE
from services.programme_document import ProgrammeDocument

YEARS = {"66": ("dak-lak-guidance-2012", 2012), "06": ("bac-kan-2006-2010", 2007)}
"""Province -> the programme that is in force there, and the year that is played."""

DEPARTMENTS = {
    "so-noi-vu": "Sở Nội vụ",
    "so-tu-phap": "Sở Tư pháp",
    "so-ke-hoach-va-dau-tu": "Sở Kế hoạch và Đầu tư",
    "so-tai-chinh": "Sở Tài chính",
    "so-cong-thuong": "Sở Công Thương",
    "so-nong-nghiep": "Sở Nông nghiệp và Phát triển nông thôn",
    "so-giao-thong-van-tai": "Sở Giao thông vận tải",
    "so-xay-dung": "Sở Xây dựng",
    "so-tai-nguyen": "Sở Tài nguyên và Môi trường",
    "so-thong-tin": "Sở Thông tin và Truyền thông",
    "so-lao-dong": "Sở Lao động, Thương binh và Xã hội",
    "so-van-hoa": "Sở Văn hoá, Thể thao và Du lịch",
    "so-khoa-hoc": "Sở Khoa học và Công nghệ",
    "so-giao-duc": "Sở Giáo dục và Đào tạo",
    "so-y-te": "Sở Y tế",
    "thanh-tra": "Thanh tra tỉnh",
    "van-phong": "Văn phòng UBND tỉnh",
}
"""The departments that every province had then; those that a document names keep their own name."""

EARLIER_DAYS = 7
"""Communes report to their district so many days before the district reports."""
TASKS = {"department": 3, "district": 2, "province": 2, "commune": 1}
QUARTERS = ((1, 4), (4, 7), (7, 10), (10, 13))
"""First month of a quarter, and first month after it."""


class Owed(NamedTuple):
    """The units of the country that the year is about, its programme, and the duties' openings."""

    units: tuple[UnitEstablished, ...]
    context: tuple[Event, ...]
    openings: tuple[Opens, ...]


def owed(province: str, seed: int) -> Owed:
    """What is owed in the province's year. Raises KeyError, or UnitsMissing without the package."""
    name, year = YEARS[province]
    document = next(one for one in builtin_documents() if one.id == name)
    units = tuple(_units(province, document))
    context: list[Event] = []
    openings: list[Opens] = []
    for event in load(document, members_of(document, units), source=SOURCE):
        if not isinstance(event, Opens):
            context.append(event)
        elif _in_year(event, year):
            openings.append(event)
    openings += _of_communes(units, openings)
    openings += _to_the_centre(province, year)
    openings += _inspections(province, units, year)
    openings += _tasks(province, units, year, seed)
    return Owed(units, tuple(context), tuple(openings))


def _in_year(event: Opens, year: int) -> bool:
    return midnight(day(year, 1, 1)) <= event.effective_at < midnight(day(year + 1, 1, 1))


def _units(province: str, document: ProgrammeDocument) -> Iterator[UnitEstablished]:
    """The root and the province's subtree, superiors first."""
    known: set[str | None] = set()
    for unit in vn_units([document], [province], source=SOURCE):
        if unit.parent is None or unit.unit == province or unit.parent in known:
            known.add(unit.unit)
            yield unit
            if unit.unit == province:
                yield from _departments(province, document, known)


def _departments(
    province: str, document: ProgrammeDocument, known: set[str | None]
) -> Iterator[UnitEstablished]:
    """Those departments that the document does not name."""
    named = {unit.id for unit in document.units}
    for short, name in DEPARTMENTS.items():
        code = f"{province}.{short}"
        if short not in named:
            known.add(code)
            yield established(
                code, name, "province", "department", province, ESTABLISHED_ON, SOURCE
            )


def _of_communes(units: Sequence[UnitEstablished], of_all: Iterable[Opens]) -> Iterator[Opens]:
    """Each district asks of its communes what it has to report itself, some days earlier."""
    communes: dict[str | None, list[str]] = {}
    for unit in units:
        if unit.level == "commune":
            communes.setdefault(unit.parent, []).append(unit.unit)
    asked = [one for one in of_all if isinstance(one, ReportExpected) and one.kind == "report"]
    for report in asked:
        for commune in communes.get(report.unit, ()):
            obligation = f"{report.programme}:x{report.item}:{report.period}:{commune}"
            due = report.due_before
            yield replace(
                report,
                event_id=event_id(SOURCE, "opens", obligation),
                obligation=obligation,
                item=f"x{report.item}",
                unit=commune,
                by=report.unit,
                issuer=report.unit,
                to=(report.unit,),
                via=None,
                due_before=None if due is None else Day(due - EARLIER_DAYS),
            )


def _to_the_centre(province: str, year: int) -> Iterator[Opens]:
    """The province reports to the centre each quarter, and the centre sums that up."""
    for nth, (first, after) in enumerate(QUARTERS, start=1):
        period = f"{year}-Q{nth}"
        begins, ends = _month(year, first), _month(year, after)
        for unit, due in ((province, Day(ends - 10)), (CENTRE, ends)):
            yield ReportRequested(
                **_envelope(f"bao-cao:{period}:{unit}", unit, CENTRE, begins),
                item="bao-cao-trung-uong",
                period=period,
                area="steering",
                due_before=due,
                to=(CENTRE,),
            )


def _inspections(
    province: str, units: Iterable[UnitEstablished], year: int
) -> Iterator[InspectionExpected]:
    """One inspection each quarter by the inspectorate of the province and by each district."""
    bodies = [f"{province}.thanh-tra"]
    bodies += [one.unit for one in units if _is_district(one)]
    for nth, (first, after) in enumerate(QUARTERS, start=1):
        for body in bodies:
            period = f"{year}-Q{nth}"
            yield InspectionExpected(
                **_envelope(f"kiem-tra:{period}:{body}", body, province, _month(year, first)),
                item="kiem-tra",
                period=period,
                area="inspection",
                due_before=_month(year, after),
            )


def _tasks(
    province: str, units: Iterable[UnitEstablished], year: int, seed: int
) -> Iterator[TaskAssigned]:
    """Tasks of every length, some given in the year before, some that have no day."""
    for unit in units:
        kind = unit.kind if unit.kind == "department" else unit.level
        issuer = unit.parent if unit.level == "commune" else province
        for nth in range(1, TASKS.get(kind, 0) + 1):
            dice = Random(f"{seed}:task:{unit.unit}:{nth}")
            begins = Day(day(year, 1, 1) + dice.randrange(-120, 300))
            undated = dice.random() < 0.1
            yield TaskAssigned(
                **_envelope(f"giao-viec:{nth}:{unit.unit}", unit.unit, issuer or province, begins),
                item=f"giao-viec-{nth}",
                area=dice.choice(("institutions", "procedures", "personnel", "it")),
                period=None,
                due_before=None if undated else Day(begins + dice.randrange(20, 200)),
                done_when=dice.choice(("declared", "declared", "accepted")),
                title="Nhiệm vụ cải cách hành chính được giao",
            )


def _envelope(obligation: str, unit: str, issuer: str, begins: Day) -> dict[str, Any]:
    return {
        "event_id": event_id(SOURCE, "opens", obligation),
        "effective_at": midnight(begins),
        "obligation": obligation,
        "unit": unit,
        "by": issuer,
        "source": SOURCE,
        "issuer": issuer,
    }


def _month(year: int, month: int) -> Day:
    """The first day of a month; month 13 is January of the next year."""
    return day(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _is_district(unit: UnitEstablished) -> bool:
    return (unit.level, unit.kind) == ("district", "people_committee")


def neighbours_of(units: Iterable[UnitEstablished]) -> dict[str, tuple[str, ...]]:
    """Unit -> the others under the same superior, and that superior: who may take over a duty."""
    below: dict[str | None, list[str]] = {}
    parent = {unit.unit: unit.parent for unit in units}
    for code, above in parent.items():
        below.setdefault(above, []).append(code)
    return {
        code: (*(one for one in below[above] if one != code), *([above] if above else []))
        for code, above in parent.items()
    }


def subjects_of(province: str, units: Iterable[UnitEstablished]) -> dict[str, tuple[str, ...]]:
    """Inspecting body -> those it inspects: departments and districts, or a district's communes."""
    known = tuple(units)
    inspectorate = f"{province}.thanh-tra"
    found: dict[str, list[str]] = {inspectorate: []}
    for unit in known:
        if _is_district(unit) or (unit.kind == "department" and unit.unit != inspectorate):
            found[inspectorate].append(unit.unit)
        elif unit.level == "commune" and unit.parent is not None:
            found.setdefault(unit.parent, []).append(unit.unit)
    return {body: tuple(subjects) for body, subjects in found.items()}
