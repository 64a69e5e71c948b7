"""The worked example of the domain (section 7.3) as lines of a ledger: four units, one quarter."""

from __future__ import annotations

import json
from typing import Any

UNITS = {
    "centre": ("Trung ương", "centre", "government", None),
    "66": ("Đắk Lắk", "province", "people_committee", "centre"),
    "66.so-noi-vu": ("Sở Nội vụ", "province", "department", "66"),
    "66.so-a": ("Sở A", "province", "department", "66"),
    "66.so-b": ("Sở B", "province", "department", "66"),
    "66.x": ("Huyện X", "district", "people_committee", "66"),
    "66.y": ("Huyện Y", "district", "people_committee", "66"),
}
EXPECTED_IN_APRIL = "2012-04-01 00:00"


def line(name: str, unit: str, at: str, recorded: str | None = None, /, **fields: Any) -> str:
    """One line with its own recorded_at, for `publish --history`."""
    made = {"type": name, "unit": unit, "effective_at": local(at)} | fields
    return json.dumps(made | {"recorded_at": local(recorded or at)}, ensure_ascii=False)


def local(text: str) -> str:
    return f"{text.replace(' ', 'T')}:00+07:00"


def established() -> list[str]:
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
        for code, (name, level, kind, parent) in UNITS.items()
    ]


def report(unit: str, verb: str, at: str, recorded: str | None = None, /, **fields: Any) -> str:
    """A line about the quarterly report of one unit."""
    obligation = f"dak-lak-guidance-2012:5.1:2012-Q2:{unit}"
    by = unit if verb == "report.submitted.v1" else "66.so-noi-vu"
    return line(verb, unit, at, recorded, **{"obligation": obligation, "by": by} | fields)


def expected(unit: str) -> str:
    return report(
        unit,
        "report.expected.v1",
        EXPECTED_IN_APRIL,
        programme="dak-lak-guidance-2012",
        area="reporting",
        period="2012-Q2",
        kind="report",
        item="5.1",
        done_when="sent",
        due_before="2012-06-08",
        issuer="66.so-noi-vu",
    )


def quarter() -> list[str]:
    """All lines in the order of their recording."""
    return [
        *established(),
        *(expected(unit) for unit in ("66.so-a", "66.so-b", "66.x", "66.y")),
        report("66.so-a", "report.submitted.v1", "2012-06-05 09:00"),
        report("66.x", "report.submitted.v1", "2012-06-07 23:30"),
        report("66.so-b", "report.submitted.v1", "2012-06-08 09:00"),
        report("66.y", "reminder.issued.v1", "2012-06-08 10:00"),
        report("66.x", "report.returned.v1", "2012-06-11 10:00", revise_before="2012-06-15"),
        report("66.x", "report.submitted.v1", "2012-06-13 09:00"),
        report("66.y", "report.submitted.v1", "2012-06-20 09:00"),
    ]


def task_9() -> list[str]:
    """Task 9 of Đồng Tháp's review plan, extended eleven days before its due, with its units."""
    units = {"87": ("Đồng Tháp", "people_committee", "centre")}
    units["87.so-noi-vu"] = ("Sở Nội vụ", "department", "87")
    task = {"obligation": "dong-thap-review-2011-2020:9:87.so-noi-vu", "by": "87"}
    return [
        *(
            line(
                "unit.established.v1",
                code,
                "2012-01-01 00:00",
                by="centre",
                name=name,
                level="province",
                kind=kind,
                parent=parent,
                source="87",
            )
            for code, (name, kind, parent) in units.items()
        ),
        line(
            "task.assigned.v1",
            "87.so-noi-vu",
            "2020-01-21 00:00",
            **task,
            programme="dong-thap-review-2011-2020",
            title="Trình UBND Tỉnh ban hành Chương trình",
            kind="task",
            item="9",
            area="review",
            done_when="declared",
            due_before="2021-01-01",
            issuer="87",
            source="87",
        ),
        line(
            "task.due_extended.v1",
            "87.so-noi-vu",
            "2020-12-20 00:00",
            **task,
            due_before="2021-07-01",
            source="87",
        ),
    ]
