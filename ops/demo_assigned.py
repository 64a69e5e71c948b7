"""What the demo's authorities lay upon others by hand: programmes, a district's rule, targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ops.demo_desk import Desks, at_noon
from ops.simulate_desk import SOURCE
from projections.cascade import AREAS
from schemas.event import Document, Event, Opens
from schemas.events.programme import Item
from schemas.events.unit import UnitClassMembersSet, UnitEstablished
from schemas.times import Day, day, midnight
from services.committee import ReconstituteCommittee
from services.loader import established, load
from services.programme import AssignOversight, IssueProgramme
from services.programme_document import ProgrammeDocument
from services.report import ExpectReport
from services.reporting_rule import EstablishReportingRule
from services.task import AssignTask

NATIONAL, NATIONAL_NUMBER = "centre-2011-2020", "30c/NQ-CP"
PROVINCIAL = (
    ("dak-lak-2011-2020", "66", "323/QĐ-UBND", day(2012, 2, 13)),
    ("lang-son-2011-2020", "20", "254/QĐ-UBND", day(2012, 3, 8)),
)
"""Programmes that the seeds name as the parents of others: id, issuer, number, day."""
AREA_TITLES = (
    "Cải cách thể chế",
    "Cải cách thủ tục hành chính",
    "Cải cách tổ chức bộ máy hành chính",
    "Xây dựng, nâng cao chất lượng đội ngũ cán bộ, công chức, viên chức",
    "Cải cách tài chính công",
    "Hiện đại hoá hành chính",
)
CENTRES_ON = day(2010, 1, 1)
"""The day on which the one-stop centres of Bắc Kạn's districts begin."""
CENTRE_CLASS, CENTRE_RULE = "trung-tam-mot-cua", "R4"
DISTRICT, DISTRICT_PLAN, DISTRICT_RULE = "06.061", "ba-be-2008", "R1"
DISTRICT_DUES = (day(2008, 3, 10), day(2008, 6, 10), day(2008, 9, 10), day(2008, 12, 10))
"""Ten days before the district's own report of the quarter is due."""
DISTRICT_DUE_RULE = (
    '{"due":{"before_day":10,"position":"last_month_of_period"},"ends":2008,'
    '"kind":"recurring","period":"quarter","starts":2008}'
)
QUALITY, ONLINE = "II.6.2.c", "II.6.1.a"
"""Rows of Lạng Sơn's plan of 2018: 50 communes with a quality system, all online services."""
COMMUNES_IN_ALL = 50


def assigned(
    documents: Iterable[ProgrammeDocument], units: Sequence[UnitEstablished], told: Iterable[Event]
) -> list[Event]:
    """Everything of this kind, openings among it, as the commands decide on what was told."""
    desks = Desks(told)
    _programmes(desks)
    _oversight(desks)
    _district(desks, [one.unit for one in units if _commune_of(one, DISTRICT)])
    _targets(desks, units)
    bac_kan = next(one for one in documents if one.id == "bac-kan-2006-2010")
    return [*desks.decided, *_centres(bac_kan, units)]


def _commune_of(one: UnitEstablished, district: str) -> bool:
    return (one.parent, one.level) == (district, "commune")


def _programmes(desks: Desks) -> None:
    """The national programme, and those of two provinces that follow from it."""
    issued = day(2011, 11, 8)
    desks.decide(
        IssueProgramme(
            by="centre.chinh-phu",
            programme=NATIONAL,
            number=NATIONAL_NUMBER,
            title="Chương trình tổng thể cải cách hành chính nhà nước giai đoạn 2011 - 2020",
            covers_from=day(2011, 1, 1),
            covers_to=day(2020, 12, 31),
            in_force_on=issued,
            document=Document(number=NATIONAL_NUMBER, date=issued),
        ),
        at_noon(issued),
    )
    items = tuple(
        Item(id=str(nth), kind="goal", title=title, area=area)
        for nth, (title, area) in enumerate(zip(AREA_TITLES, AREAS, strict=True), 1)
    )
    for programme, by, number, on in PROVINCIAL:
        desks.decide(
            IssueProgramme(
                by=by,
                programme=programme,
                number=number,
                title="Chương trình cải cách hành chính của tỉnh giai đoạn 2011 - 2020",
                items=items,
                covers_from=day(2011, 1, 1),
                covers_to=day(2020, 12, 31),
                in_force_on=on,
                derives_from=NATIONAL_NUMBER,
                document=Document(number=number, date=on),
            ),
            at_noon(on),
        )


def _oversight(desks: Desks) -> None:
    """The steering committee of Bắc Kạn: its members, and who answers for what (S1:149)."""
    on, committee = day(2007, 4, 2), "06.ban-chi-dao-tinh"
    members = ("Giám đốc Sở Nội vụ", "Giám đốc Sở Tài chính", "Giám đốc Sở Tư pháp")
    desks.decide(
        ReconstituteCommittee(
            by="06",
            unit=committee,
            head="Chủ tịch UBND tỉnh",
            members=members,
            standing="06.so-noi-vu",
            document=Document(number="512/QĐ-UBND", date=on),
        ),
        at_noon(on),
    )
    for member, areas, units in (
        (members[0], ("steering", "organisation"), ("06.060", "06.061")),
        (members[1], ("finance",), ("06.062", "06.063")),
        (members[2], ("institutions", "procedures"), ("06.058", "06.064")),
    ):
        desks.decide(
            AssignOversight(by=committee, member=member, areas=areas, units=units), at_noon(on)
        )


def _district(desks: Desks, communes: Iterable[str]) -> None:
    """A district asks its communes ten days earlier than the province asks the district."""
    issued = day(2008, 1, 15)
    paper = Document(number="04/KH-UBND", date=issued)
    title = "Báo cáo quý của xã về cải cách hành chính"
    desks.decide(
        IssueProgramme(
            by=DISTRICT,
            programme=DISTRICT_PLAN,
            number=paper.number,
            title="Kế hoạch cải cách hành chính năm 2008 của huyện Ba Bể",
            covers_from=day(2008, 1, 1),
            covers_to=day(2008, 12, 31),
            in_force_on=issued,
            document=paper,
        ),
        at_noon(issued),
    )
    told = tuple(communes)
    desks.decide(
        EstablishReportingRule(
            by=DISTRICT,
            programme=DISTRICT_PLAN,
            rule=DISTRICT_RULE,
            title=title,
            period_kinds=("quarter",),
            owers=told,
            to=(DISTRICT,),
            due_rule=DISTRICT_DUE_RULE,
            valid_from=issued,
            valid_to=day(2008, 12, 31),
            document=paper,
        ),
        at_noon(issued),
    )
    for nth, due in enumerate(DISTRICT_DUES, 1):
        period = f"2008-Q{nth}"
        for unit in told:
            desks.decide(
                ExpectReport(
                    by=DISTRICT,
                    obligation=f"{DISTRICT_PLAN}:{DISTRICT_RULE}:{period}:{unit}",
                    unit=unit,
                    item=DISTRICT_RULE,
                    programme=DISTRICT_PLAN,
                    area="steering",
                    period=period,
                    due_before=due,
                    title=title,
                    to=(DISTRICT,),
                    rule=DISTRICT_RULE,
                    document=paper,
                ),
                at_noon(Day(due - 45)),
            )


def _targets(desks: Desks, units: Sequence[UnitEstablished]) -> None:
    """Numbers to be reached in Lạng Sơn in 2018: communes by district, services by department."""
    on, due = day(2018, 2, 5), day(2019, 1, 1)
    of_20 = [one for one in units if one.parent == "20"]
    districts = [one.unit for one in of_20 if one.level == "district"]
    offices = [one.unit for one in of_20 if one.kind == "department"]
    share, more = divmod(COMMUNES_IN_ALL, len(districts))
    wanted = [
        (QUALITY, "quality", unit, share + (nth < more), "xã") for nth, unit in enumerate(districts)
    ]
    wanted += [(ONLINE, "it", unit, 100, "percent") for unit in offices]
    for item, area, unit, value, counted_in in wanted:
        desks.decide(
            AssignTask(
                by="20",
                obligation=f"lang-son-2018:{item}:{unit}",
                unit=unit,
                item=item,
                programme="lang-son-2018",
                area=area,
                due_before=due,
                target_value=float(value),
                target_unit=counted_in,
                document=Document(number="15/KH-UBND", date=on),
            ),
            at_noon(on),
        )


def _centres(document: ProgrammeDocument, units: Sequence[UnitEstablished]) -> Iterator[Event]:
    """A one-stop centre in each district of Bắc Kạn, and the monthly reports that it owes."""
    districts = [one for one in units if (one.parent, one.level) == ("06", "district")]
    centres = [
        established(
            f"{one.unit}.mot-cua",
            f"Trung tâm giao dịch một cửa {one.name}",
            "district",
            "one_stop_centre",
            one.unit,
            CENTRES_ON,
            SOURCE,
        )
        for one in districts
        if one.kind == "people_committee"
    ]
    yield from centres
    members = {CENTRE_CLASS: tuple(one.unit for one in centres)}
    for event in load(document, members, source=SOURCE, opens_from=CENTRES_ON):
        if isinstance(event, UnitClassMembersSet):
            yield replace(event, effective_at=midnight(CENTRES_ON))
        elif isinstance(event, Opens) and event.item == CENTRE_RULE:
            yield event
