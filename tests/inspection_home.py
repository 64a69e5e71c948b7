"""A small province in 2007: three steering committees, what they inspected, found, and kept quiet.

The duties are those of Bắc Kạn's programme 2006-2010 (III.3.3.a each quarter, III.3.3.b the plan).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.small_home import SmallHome
from tests.story import line

PROGRAMME = "bac-kan-2006-2010"
PROVINCE, HOME_AFFAIRS, HEALTH = "06", "06.so-noi-vu", "06.so-y-te"
BODY, FIRST_BODY, SECOND_BODY = "06.ban-chi-dao", "06.060.ban-chi-dao", "06.061.ban-chi-dao"
FIRST, SECOND, COMMUNE = "06.060", "06.061", "06.060.01"
UNITS = {
    "centre": ("Trung ương", "centre", "government", None),
    PROVINCE: ("Bắc Kạn", "province", "people_committee", "centre"),
    BODY: ("Ban Chỉ đạo tỉnh", "province", "steering_committee", PROVINCE),
    HOME_AFFAIRS: ("Sở Nội vụ", "province", "department", PROVINCE),
    HEALTH: ("Sở Y tế", "province", "department", PROVINCE),
    FIRST: ("Huyện Ba Bể", "district", "people_committee", PROVINCE),
    SECOND: ("Huyện Bạch Thông", "district", "people_committee", PROVINCE),
    FIRST_BODY: ("Ban Chỉ đạo huyện Ba Bể", "district", "steering_committee", FIRST),
    SECOND_BODY: ("Ban Chỉ đạo huyện Bạch Thông", "district", "steering_committee", SECOND),
    COMMUNE: ("Xã Bành Trạch", "commune", "people_committee", FIRST),
    "06.060.02": ("Xã Cao Thượng", "commune", "people_committee", FIRST),
}
BODIES = (BODY, FIRST_BODY, SECOND_BODY)
QUARTERS = {"2007-Q1": "2007-04-01", "2007-Q2": "2007-07-01", "2007-Q3": "2007-10-01"}
OPENED = {"2007-Q1": "2007-01-01", "2007-Q2": "2007-04-01", "2007-Q3": "2007-07-01"}
SURPRISE, SECRET = f"{BODY}:dx-2007-01", f"{BODY}:dx-2007-02"
"""Two unannounced inspections: one was held, the other waits."""
QUICK, DELAY = f"{BODY}:kt-2007-01:f1", f"{BODY}:kt-2007-01:f2"
UNDATED, RETURNED = f"{BODY}:dx-2007-01:f1", f"{FIRST_BODY}:kt-2007-02:f1"


def duty(body: str, period: str) -> str:
    """The obligation of a body's inspection in a quarter, or of its plan of the year."""
    return f"{PROGRAMME}:{'III.3.3.b' if period == '2007' else 'III.3.3.a'}:{period}:{body}"


def told(name: str, obligation: str, unit: str, at: str, /, by: str = "", **more: Any) -> str:
    """A line about one obligation, by its ower unless said otherwise."""
    return line(name, unit, at, **{"obligation": obligation, "by": by or unit} | more)


def established() -> Iterator[str]:
    for code, (name, level, kind, parent) in UNITS.items():
        terms = {"name": name, "level": level, "kind": kind, "parent": parent}
        yield line("unit.established.v1", code, "2006-01-01 00:00", by="centre", **terms)


def opened(body: str, period: str) -> str:
    plan = period == "2007"
    kind = "inspection_plan" if plan else "inspection"
    return told(
        "report.expected.v1" if plan else "inspection.expected.v1",
        duty(body, period),
        body,
        f"{OPENED.get(period, '2007-01-01')} 00:00",
        by=PROVINCE,
        issuer=PROVINCE,
        programme=PROGRAMME,
        kind=kind,
        item="III.3.3.b" if plan else "III.3.3.a",
        area="inspection",
        period=period,
        due_before=QUARTERS.get(period, "2007-04-01"),
        done_when="sent" if plan else "declared",
    )


def held(body: str, obligation: str, at: str, *subjects: str, **more: Any) -> str:
    more = {"subjects": list(subjects), "areas": ["procedures"]} | more
    return told("inspection.conducted.v1", obligation, body, at, **more)


def adopted(body: str, at: str, *subjects: str) -> str:
    name = "inspection_plan.adopted.v1"
    return told(name, duty(body, "2007"), body, at, subjects=list(subjects))


def surprise(obligation: str, at: str, subject: str) -> str:
    """An unannounced inspection is planned."""
    return told(
        "inspection.planned.v1",
        obligation,
        BODY,
        at,
        issuer=BODY,
        item=obligation.rpartition(":")[2],
        mode="unannounced",
        subjects=[subject],
        title="Kiểm tra đột xuất",
    )


def found(obligation: str, subject: str, at: str, kind: str, **more: Any) -> str:
    """A finding of the body in whose name it is numbered."""
    body = obligation.partition(":")[0]
    terms = {"by": body, "issuer": body, "item": obligation.split(":")[1], "area": "procedures"}
    return told("finding.recorded.v1", obligation, subject, at, **terms, finding_kind=kind, **more)


def story() -> list[str]:
    """All lines until July 2007, in the order of their recording."""
    first, quarter = duty(BODY, "2007-Q1"), duty(FIRST_BODY, "2007-Q2")
    subjects = {"subjects": [HEALTH], "planned_on": "2007-03-20"}
    return [
        *established(),
        *(opened(body, "2007") for body in BODIES),
        *(opened(body, "2007-Q1") for body in BODIES),
        told("inspection.announced.v1", first, BODY, "2007-03-01 09:00", **subjects),
        held(BODY, first, "2007-03-20 09:00", HEALTH, areas=["procedures", "personnel"]),
        found(QUICK, HEALTH, "2007-03-20 10:00", "shortcoming", inspection=first),
        told("finding.closed.v1", QUICK, HEALTH, "2007-03-20 11:00", by=BODY),
        found(
            DELAY, HEALTH, "2007-03-20 12:00", "delay", inspection=first, due_before="2007-05-01"
        ),
        adopted(BODY, "2007-03-28 09:00", HOME_AFFAIRS, HEALTH, FIRST),
        *(opened(body, "2007-Q2") for body in BODIES),
        adopted(FIRST_BODY, "2007-04-10 09:00"),
        surprise(SURPRISE, "2007-05-02 09:00", FIRST),
        held(FIRST_BODY, quarter, "2007-05-15 09:00", COMMUNE),
        found(RETURNED, COMMUNE, "2007-05-15 10:00", "shortcoming", due_before="2007-08-01"),
        surprise(SECRET, "2007-06-01 09:00", HEALTH),
        held(BODY, SURPRISE, "2007-06-10 09:00", FIRST, mode="unannounced"),
        found(UNDATED, FIRST, "2007-06-10 10:00", "delay", inspection=SURPRISE, text="Chậm trễ"),
        told("remedy.reported.v1", RETURNED, COMMUNE, "2007-06-20 09:00"),
        told(
            *("remedy.returned.v1", RETURNED, COMMUNE, "2007-06-25 09:00"),
            by=FIRST_BODY,
            revise_before="2007-08-01",
        ),
        *(opened(body, "2007-Q3") for body in BODIES),
    ]


def inspection_home(folder: Path) -> SmallHome:
    """The home with everything applied."""
    home = SmallHome(folder)
    home.tell(story())
    home.catch_up()
    return home
