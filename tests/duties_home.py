"""A home with four of the shipped programmes and made-up units, for questions about duties.

Đắk Lắk 2012 (66), Bắc Kạn 2007 (06), Đồng Tháp 2020 (87) and the content of Lạng Sơn 2018 (20).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.event import Event
from schemas.jsonl import to_object
from schemas.times import format_instant, parse_day
from services.loader import established, load, named_units
from services.programme_document import ProgrammeDocument
from services.programme_reading import builtin_programmes, read_programme
from tests.small_home import SmallHome
from tests.story import line

SOURCE = "66"
GUIDANCE, PLAN_2007, REVIEW, CONTENT = (
    "dak-lak-guidance-2012",
    "bac-kan-2006-2010",
    "dong-thap-review-2011-2020",
    "lang-son-2018",
)
UNITS = (
    ("66.so-a", "Sở A", "province", "department", "66"),
    ("66.so-b", "Sở B", "province", "department", "66"),
    ("66.x", "Huyện X", "district", "people_committee", "66"),
    ("66.y", "Huyện Y", "district", "people_committee", "66"),
    ("66.x.10", "Phường 10", "commune", "people_committee", "66.x"),
    ("66.x.2", "Phường 2", "commune", "people_committee", "66.x"),
    ("06.b", "Huyện Ba Bể", "district", "people_committee", "06"),
    ("06.b.mot-cua", "Trung tâm một cửa Ba Bể", "district", "one_stop_centre", "06.b"),
    ("06.n", "Huyện Na Rì", "district", "people_committee", "06"),
    ("06.n.mot-cua", "Trung tâm một cửa Na Rì", "district", "one_stop_centre", "06.n"),
    ("87.h", "Huyện H", "district", "people_committee", "87"),
)
MEMBERS: dict[str, dict[str, list[str]]] = {
    GUIDANCE: {
        "so-ban-nganh": ["66.so-a", "66.so-b", "66.so-noi-vu"],
        "ubnd-huyen": ["66.x", "66.y"],
    },
    PLAN_2007: {
        "trung-tam-mot-cua": ["06.b.mot-cua", "06.n.mot-cua"],
        "ubnd-huyen-thi-xa": ["06.b", "06.n"],
    },
    REVIEW: {
        "so-nganh": ["87.so-y-te", "87.so-tai-chinh"],
        "ubnd-huyen": ["87.h"],
        "so-nganh-dia-phuong": ["87.so-y-te", "87.h"],
        "co-quan-lien-quan": ["87.so-tai-chinh"],
    },
    CONTENT: {},
}
SHOWN = {
    GUIDANCE: ("2012-01-01", "2012-08-01"),
    PLAN_2007: ("2007-01-01", "2007-07-01"),
    REVIEW: ("2020-01-01", "2021-01-01"),
    CONTENT: ("2018-01-01", "2018-01-02"),
}
"""The days in which obligations open; more would only make the home larger."""


def documents() -> dict[str, ProgrammeDocument]:
    found = map(read_programme, builtin_programmes())
    return {one.id: one for one in found if one.id in MEMBERS}


def lines(events: Iterator[Event]) -> list[str]:
    """Recorded when they took effect."""
    told = [(event, to_object(event)) for event in events]
    stamped = [one | {"recorded_at": format_instant(event.effective_at)} for event, one in told]
    return [json.dumps(one, ensure_ascii=False) for one in stamped]


def units(held: dict[str, ProgrammeDocument]) -> Iterator[Event]:
    begun = parse_day("2006-01-01")
    yield from named_units(held.values(), begun, source=SOURCE)
    for code, name, level, kind, parent in UNITS:
        yield established(code, name, level, kind, parent, begun, SOURCE)


def opened(programme: str, document: ProgrammeDocument) -> Iterator[Event]:
    since, until = (parse_day(text) for text in SHOWN[programme])
    members = MEMBERS[programme]
    declared = {"2.a": {"87.so-y-te"}}
    yield from load(
        document,
        members,
        source=SOURCE,
        declared=declared,
        opens_from=since,
        opens_until=until,
    )


def about(item: str, unit: str, verb: str, at: str, /, **fields: Any) -> str:
    """A line about an obligation of Đắk Lắk's guidance, or one of the full id `item`."""
    obligation = item if item.count(":") > 1 else f"{GUIDANCE}:{item}:{unit}"
    by = unit if verb == "report.submitted.v1" else "66.so-noi-vu"
    return line(verb, unit, at, **{"obligation": obligation, "by": by} | fields)


def communes_report(unit: str) -> str:
    """A report that the district asks of its communes, earlier than its own is due."""
    return line(
        "report.expected.v1",
        unit,
        "2012-04-01 00:00",
        obligation=f"x-rules:1:2012-Q2:{unit}",
        by="66.x",
        issuer="66.x",
        item="1",
        period="2012-Q2",
        due_before="2012-06-01",
        to=["66.x"],
        title="Báo cáo quý của phường, xã",
    )


def acts() -> list[str]:
    q2 = "5.1:2012-Q2"
    return [
        communes_report("66.x.10"),
        communes_report("66.x.2"),
        about(q2, "66.so-a", "report.submitted.v1", "2012-06-05 09:00"),
        about(q2, "66.x", "report.submitted.v1", "2012-06-01 09:00"),
        about(q2, "66.x", "report.returned.v1", "2012-06-04 09:00", revise_before="2012-06-15"),
        about(
            "5.2:2012-H1",
            "66.y",
            "report.due_extended.v1",
            "2012-05-20 09:00",
            due_before="2012-06-20",
            document={"number": "9/SNV"},
        ),
        about("5.2:2012-H1", "66.y", "report.submitted.v1", "2012-06-18 09:00"),
        about(
            f"{PLAN_2007}:R4:2007-03:06.b.mot-cua",
            "06.b.mot-cua",
            "report.submitted.v1",
            "2007-03-20 09:00",
        ),
    ]


def duties_home(folder: Path) -> SmallHome:
    """All of it, recorded when it happened, and caught up."""
    home, held = SmallHome(folder), documents()
    told = lines(units(held))
    for programme, document in held.items():
        told += lines(opened(programme, document))
    # History is given in the order of its recording; what is of one instant keeps its own.
    home.tell(sorted([*told, *acts()], key=lambda one: str(json.loads(one)["recorded_at"])))
    home.catch_up()
    return home
