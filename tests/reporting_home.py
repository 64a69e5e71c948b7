"""A small home with reporting lines: units -> Home Affairs -> the province -> the ministry.

The quarter of domain 7.3, consolidated on 18 June 2012: one unit in time, one after a return, one
too late for it, one silent; a one-stop centre whose monthly report skips its district.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.small_home import SmallHome
from tests.story import UNITS, line

INTAKE, MINISTRY, COMMITTEE = "66.so-noi-vu", "centre.bo-noi-vu", "66.ban-chi-dao"
CENTRE_X = "66.x.mot-cua"
GUIDANCE, NATIONAL = "dak-lak-guidance-2012", "national-2011-2020"
QUARTER = "2012-Q2"
OWN = f"{GUIDANCE}:5.4:{QUARTER}:{INTAKE}"
NEXT_OWN = f"{GUIDANCE}:5.4:2012-Q3:{INTAKE}"
NEXT_PART = f"{GUIDANCE}:5.1:2012-Q3:66.so-a"
MORE = {
    MINISTRY: ("Bộ Nội vụ", "centre", "ministry", "centre"),
    COMMITTEE: ("Ban Chỉ đạo tỉnh", "province", "steering_committee", "66"),
    CENTRE_X: ("Bộ phận một cửa huyện X", "district", "one_stop_centre", "66.x"),
    "20": ("Lạng Sơn", "province", "people_committee", "centre"),
}
APRIL = "2012-04-01 00:00"


def units() -> list[str]:
    return [
        line(
            "unit.established.v1",
            code,
            "2012-01-01 00:00",
            by="centre",
            name=name,
            level=level,
            kind=kind,
            parent=parent,
        )
        for code, (name, level, kind, parent) in {**UNITS, **MORE}.items()
    ]


def rule(name: str, item: str, owers: list[str], to: list[str], **more: Any) -> str:
    fields = {"by": "66", "programme": GUIDANCE, "title": f"Quy định {name}"}
    fields |= {"rule": name, "report_kind": "report", "item": item, "owers": owers, "to": to}
    return line("reporting_rule.established.v1", "66", "2012-03-01 00:00", **fields | more)


def about(obligation: str, verb: str, at: str, recorded: str | None = None, /, **more: Any) -> str:
    """A line about one obligation; who acts is named, or is its ower."""
    ower = obligation.rpartition(":")[2]
    return line(verb, ower, at, recorded, **{"obligation": obligation, "by": ower} | more)


def quarterly(unit: str) -> str:
    return f"{GUIDANCE}:5.1:{QUARTER}:{unit}"


def opened(obligation: str, at: str = APRIL, **more: Any) -> str:
    programme, item, *rest = obligation.split(":")
    fields = {"programme": programme, "item": item, "by": INTAKE, "issuer": "66"}
    fields |= {"title": f"Báo cáo {item}", "to": ["66"], "via": INTAKE}
    if len(rest) == 2:
        fields["period"] = rest[0]
    return about(obligation, "report.expected.v1", at, **fields | more)


def sent(obligation: str, at: str, recorded: str | None = None, /, **more: Any) -> str:
    return about(obligation, "report.submitted.v1", at, recorded, **more)


def issued(unit: str, programme: str, number: str, **more: Any) -> str:
    fields = {"by": unit, "programme": programme, "number": number, "title": f"Chương trình {unit}"}
    return line("programme.issued.v1", unit, "2012-03-01 00:00", **fields | more)


def programmes() -> list[str]:
    """A national programme, the province's that names its number, a district's that names that."""
    areas = {"II.1": "institutions", "II.2": "procedures", "III": "planning"}
    items = [
        {"id": item, "kind": "content", "title": f"Nhiệm vụ {item}", "area": area}
        for item, area in areas.items()
    ]
    return [
        issued("centre", NATIONAL, "30c/NQ-CP"),
        issued(
            "66",
            GUIDANCE,
            "1/HD-UBND",
            items=items,
            derives_from="NQ 30c/NQ-CP 08/11/2011; Letter 84/SNV-CCHC 02/3/2009",
            in_force_on="2012-03-02",
        ),
        issued("66.x", "x-2012", "7/KH-UBND", derives_from=GUIDANCE),
        issued("20", "other-2012", "30c", derives_from="QĐ 254/QĐ-UBND 08/3/2012"),
    ]


def rules() -> list[str]:
    return [
        rule(
            "R1",
            "5.1",
            ["class:66.cac-so", "class:66.cac-huyen"],
            ["66"],
            via=INTAKE,
            template="84/SNV-CCHC",
            copied=["66.y"],
        ),
        rule("R4", "5.4", [INTAKE], ["66", MINISTRY]),
        rule("R6", "2.2", ["class:66.cac-so"], ["66"], via=INTAKE, report_kind="plan"),
        rule("M", "R4", ["class:66.mot-cua"], [COMMITTEE], via=INTAKE),
    ]


def second_quarter() -> list[str]:
    """The quarter's lines, in the order of their recording."""
    a, b, x, y = (quarterly(unit) for unit in ("66.so-a", "66.so-b", "66.x", "66.y"))
    due = {"due_before": "2012-06-08", "rule": "R1"}
    judge = {"by": INTAKE}
    monthly = f"{GUIDANCE}:R4:2012-05:{CENTRE_X}"
    return [
        *(opened(one, **due) for one in (a, b, x, y)),
        opened(OWN, to=["66", MINISTRY], via=None, rule="R4", due_before="2012-06-25"),
        opened(monthly, "2012-05-01 00:00", to=[COMMITTEE], rule="M"),
        sent(
            a,
            "2012-06-05 09:00",
            data_cutoff_on="2012-05-31",
            template="84/SNV-CCHC",
            document={"number": "12/BC"},
        ),
        about(a, "report.received.v1", "2012-06-06 08:00", channel="paper", **judge),
        sent(x, "2012-06-07 23:30"),
        about(b, "reminder.issued.v1", "2012-06-08 10:00", **judge),
        about(
            x,
            "report.returned.v1",
            "2012-06-11 10:00",
            revise_before="2012-06-15",
            reasons=["figures"],
            text="Thiếu biểu số 2",
            **judge,
        ),
        sent(x, "2012-06-13 09:00"),
        about(b, "reminder.issued.v1", "2012-06-15 10:00", **judge),
        about(OWN, "report.consolidated.v1", "2012-06-18 09:00", included=[a, x], missing=[b, y]),
        about(a, "report.included.v1", "2012-06-18 09:00", consolidation=OWN, **judge),
        about(x, "report.included.v1", "2012-06-18 09:00", consolidation=OWN, **judge),
        sent(OWN, "2012-06-19 08:00"),
        sent(y, "2012-06-20 09:00"),
        opened(NEXT_PART, "2012-07-01 00:00", due_before="2012-09-08", rule="R1"),
        opened(NEXT_OWN, "2012-07-01 00:00", to=["66", MINISTRY], via=None, rule="R4"),
    ]


def request() -> str:
    """The province asks a district for a report that no rule knows."""
    fields = {"by": "66", "issuer": "66", "item": "cv-12", "due_before": "2012-07-20"}
    return about("66:cv-12:66.x", "report.requested.v1", "2012-07-05 09:00", **fields)


def plan(unit: str) -> str:
    return f"{GUIDANCE}:2.2:{unit}"


def plans() -> list[str]:
    """A whole plan, one that lacks an area, a budget and an item, and one that has not come."""
    six = ["institutions", "procedures", "organisation", "personnel", "finance", "modernisation"]
    due = {"kind": "plan", "due_before": "2012-03-16", "rule": "R6"}
    whole = {"areas": six, "figures": [{"name": "budget", "value": 120.0}]}
    return [
        *(opened(plan(unit), "2012-03-01 00:00", **due) for unit in ("66.so-a", "66.x", "66.y")),
        sent(
            plan("66.so-a"),
            "2012-03-10 09:00",
            derived_from=["II.1", f"{GUIDANCE}:II.2"],
            **whole,
        ),
        sent(plan("66.x"), "2012-03-12 09:00", derived_from=["II.1"], areas=six[:5]),
    ]


def reporting_home(folder: Path) -> SmallHome:
    home = SmallHome(folder)
    home.tell([*units(), *programmes(), *rules(), *plans(), *second_quarter(), request()])
    home.catch_up()
    return home
