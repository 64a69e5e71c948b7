"""A small home that has seen a year: petitions, the index, ratings, rewards, measured targets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.small_home import SmallHome
from tests.story import established, line

PROGRAMME = "dak-lak-guidance-2012"
MOVING = "66.x:kn-1"
SETTLED, WITHDRAWN, ESCALATED, EARLIER = "66.x:kn-2", "66.x:kn-3", "66.y:kn-1", "66.y:kn-0"


def petition(obligation: str, verb: str, at: str, unit: str = "", **more: Any) -> str:
    """A line about a petition; who holds it acts."""
    first = obligation.partition(":")[0]
    told = {"obligation": obligation, "by": unit or first} | more
    return line(f"petition.{verb}.v1", unit or first, at, **told)


def received(obligation: str, at: str, area: str, **more: Any) -> str:
    body, _, number = obligation.partition(":")
    told = {"item": number, "issuer": body, "area": area, "channel": "post"}
    return petition(obligation, "received", at, **told, **more)


def petitions() -> list[str]:
    """Four petitions of one quarter and one from before; one of them is passed on twice."""
    up = {"to_unit": "66", "reason": "Vượt thẩm quyền cấp huyện", "document": {"number": "7/BC"}}
    return [
        received(EARLIER, "2012-03-20 08:00", "procedures"),
        received(MOVING, "2012-04-02 08:00", "personnel", due_before="2012-07-01"),
        received(SETTLED, "2012-04-10 08:00", "procedures"),
        petition(MOVING, "escalated", "2012-04-12 08:00", **up),
        received(WITHDRAWN, "2012-04-20 08:00", "procedures"),
        petition(SETTLED, "settled", "2012-05-02 08:00", outcome="accepted"),
        received(ESCALATED, "2012-05-03 08:00", "procedures"),
        petition(MOVING, "transferred", "2012-05-10 08:00", "66", to_unit="66.so-a"),
        petition(WITHDRAWN, "withdrawn", "2012-05-20 08:00"),
        petition(ESCALATED, "transferred", "2012-06-01 08:00", to_unit="66.so-a"),
        petition(MOVING, "settled", "2012-07-05 08:00", "66.so-a", outcome="explained"),
    ]


def index_file(unit: str, verb: str, at: str, **more: Any) -> str:
    """A line about a unit's index file of 2012; Sở Nội vụ acts but for the sending."""
    by = unit if verb == "report.submitted.v1" else "66.so-noi-vu"
    obligation = f"{PROGRAMME}:3.1:2012:{unit}"
    told = {"obligation": obligation, "by": by, "programme": PROGRAMME}
    return line(verb, unit, at, **{**told, **more})


def index_due(unit: str) -> str:
    return index_file(
        unit,
        "report.expected.v1",
        "2012-04-01 00:00",
        kind="self_assessment",
        item="3.1",
        period="2012",
        area="monitoring_index",
        due_before="2012-11-15",
        done_when="sent",
        issuer="66.so-noi-vu",
    )


def scores(**by_area: float) -> list[dict[str, Any]]:
    return [{"area": area, "name": "score", "value": value} for area, value in by_area.items()]


def index_files() -> list[str]:
    """Two sent before 15 November, one late, one never; two verified; a rating of the districts."""
    sent, verified = "report.submitted.v1", "assessment.verified.v1"
    of_a, of_x = scores(personnel=9.5, finance=8.0), scores(personnel=7.0, finance=6.5)
    days = {"figures_from": "2011-11-01", "figures_to": "2012-10-31"}
    checked = {"personnel": 9.0, "finance": 8.0}
    rated = [
        {"unit": "66.y", "rating_class": "B", "rank": 1, "score": 70.5},
        {"unit": "66.x", "rating_class": "C", "rank": 2, "score": 61.0},
    ]
    about = {"by": "66", "programme": PROGRAMME}
    return [
        *(index_due(unit) for unit in ("66.so-a", "66.so-b", "66.x", "66.y")),
        index_file("66.so-a", sent, "2012-11-10 09:00", figures=of_a, **days),
        index_file("66.x", sent, "2012-11-14 16:00", figures=of_x),
        index_file("66.so-b", sent, "2012-11-20 09:00", figures=scores(**{"index-area-7": 5.0})),
        index_file("66.so-a", verified, "2012-11-22 09:00", year=2012, scores=scores(**checked)),
        index_file("66.x", verified, "2012-11-23 09:00", year=2012, scores=of_x),
        line("rating.published.v1", "66", "2012-11-28 08:00", **about, year=2012, ratings=rated),
    ]


def rewarded() -> list[str]:
    """The district X proposed itself on what it believed its figures to be, and was awarded."""
    merit = {"programme": PROGRAMME, "year": 2012, "form": "bang-khen", "subject": "66.x"}
    believed = {"reports_due": 1, "reports_on_time": 1, "findings_open": 1, "index_score": 13.5}
    figures = [{"name": name, "value": value} for name, value in believed.items()]
    proposed = "0190a000-0000-8000-8000-000000000001"
    own = {"by": "66.x", "event_id": proposed, "figures": figures}
    award = {"by": "66", "causation_id": proposed, "document": {"number": "99/QĐ-UBND"}}
    return [
        line("commendation.proposed.v1", "66.x", "2012-11-29 08:00", **merit, **own),
        line("commendation.awarded.v1", "66", "2012-11-30 08:00", **merit, **award),
    ]


def survey(unit: str, at: str, result: float) -> str:
    about = {"by": "66.so-noi-vu", "programme": PROGRAMME, "survey": "hai-long-2012"}
    told = {"sample": 300, "result": result, "measured_unit": "percent"}
    return line("survey.recorded.v1", unit, at, **about, **told)


def surveys() -> list[str]:
    """Two districts were surveyed."""
    return [
        survey("66.x", "2012-10-02 08:00", 81.5),
        survey("66.y", "2012-10-03 08:00", 64.0),
    ]


def task(item: str, unit: str, verb: str, at: str, /, **more: Any) -> str:
    """A line about a task of the programme; the ower itself says how far it is."""
    by = unit if verb == "progress_reported" else "66"
    told = {"obligation": f"{PROGRAMME}:{item}:{unit}", "by": by, "programme": PROGRAMME}
    return line(f"task.{verb}.v1", unit, at, **told, **more)


def targeted(item: str, unit: str, value: float, counted_in: str) -> str:
    target = {"target_value": value, "target_unit": counted_in}
    return task(item, unit, "assigned", "2012-05-01 00:00", item=item, issuer="66", **target)


def following() -> list[str]:
    """The tasks of a district's own plan that follow items of the province's programme."""
    own = {"by": "66.x", "item": "1", "issuer": "66.x", "programme": "x-2012"}
    names = {"x-2012:1:66.x": f"{PROGRAMME}:iso", "x-2012:2:66.x": "online"}
    return [
        line("task.assigned.v1", "66.x", "2012-05-02 00:00", **own, obligation=key, derived_from=of)
        for key, of in names.items()
    ] + [
        line("task.cancelled.v1", "66.x", "2012-10-01 08:00", by="66.x", obligation="x-2012:2:66.x")
    ]


def targets() -> list[str]:
    """Communes with the quality system in two districts, and online services of two agencies."""
    return [
        targeted("iso", "66.x", 30, "xa"),
        targeted("iso", "66.y", 20, "xa"),
        targeted("online", "66.so-a", 100, "percent"),
        targeted("online", "66.so-b", 100, "percent"),
        task("iso", "66.x", "progress_reported", "2012-07-02 08:00", measured=5),
        task("iso", "66.x", "progress_reported", "2012-09-03 08:00", measured=12),
        task("iso", "66.y", "progress_reported", "2012-09-04 08:00", done_part=0.25),
        task("online", "66.so-a", "progress_reported", "2012-09-05 08:00", measured=80),
        task("online", "66.so-b", "progress_reported", "2012-09-06 08:00", measured=100),
    ]


def issued() -> str:
    return line(
        "programme.issued.v1",
        "66",
        "2012-03-01 00:00",
        by="66",
        programme=PROGRAMME,
        number="1/HD-SNV",
        title="Hướng dẫn cải cách hành chính",
        items=[
            {"id": "2", "kind": "container", "title": "Kế hoạch"},
            {"id": "iso", "kind": "content", "title": "ISO cấp xã", "area": "quality"},
            {"id": "online", "kind": "content", "title": "Dịch vụ công trực tuyến"},
            {"id": "2.3", "kind": "content", "title": "Rà soát kế hoạch", "area": "planning"},
        ],
    )


def year_home(folder: Path) -> SmallHome:
    """Everything told, relayed and applied."""
    home = SmallHome(folder)
    told = [
        *established(),
        issued(),
        *petitions(),
        *index_files(),
        *rewarded(),
        *targets(),
        *surveys(),
        *following(),
    ]
    # A source gives its history in the order of its recording; sorting is stable.
    home.tell(sorted(told, key=lambda one: str(json.loads(one)["recorded_at"])))
    home.catch_up()
    return home
