"""A small home of one province in 2012: a quarter unsent, reminders, a criticism, a finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.office import id_of
from tests.small_home import SmallHome
from tests.story import line, quarter

SNV, PROVINCE = "66.so-noi-vu", "66"
PROGRAMME = "dak-lak-guidance-2012"
LATE = ("66.so-b", "66.x", "66.y")
TASK, FINDING = f"{PROGRAMME}:1:66.so-a", "66:kt-1:f1"


def q3(unit: str) -> str:
    return f"{PROGRAMME}:5.1:2012-Q3:{unit}"


def on(obligation: str, name: str, at: str, recorded: str | None = None, /, **more: Any) -> str:
    unit = more.pop("unit", obligation.rpartition(":")[2])
    return line(name, unit, at, recorded, **{"obligation": obligation, "by": SNV} | more)


def document(key: str, name: str, at: str, units: tuple[str, ...], **more: Any) -> list[str]:
    """One document that names the third quarter's reports of several units."""
    one = {"correlation_id": str(UUID(bytes=id_of(key)))} | more
    return [on(q3(unit), name, at, **one) for unit in units]


def expected() -> list[str]:
    shared = {"kind": "report", "item": "5.1", "period": "2012-Q3", "area": "reporting"}
    terms = {"programme": PROGRAMME, "issuer": SNV, "via": SNV, "due_before": "2012-09-08"}
    return [
        on(q3(unit), "report.expected.v1", "2012-07-01 00:00", done_when="sent", **shared, **terms)
        for unit in ("66.so-a", *LATE)
    ]


def year() -> list[str]:
    """The lines of the year but for the units' and the second quarter's."""
    chair = {"by": PROVINCE, "actor_role": "chair", "document": {"number": "12/QĐ"}}
    work = {"programme": PROGRAMME, "item": "1", "kind": "task", "title": "Rà soát thủ tục"}
    finding = {"item": "kt-1", "kind": "remedy", "finding_kind": "delay", "text": "Chậm"}
    by = {"issuer": PROVINCE, "by": PROVINCE}
    return [
        *expected(),
        on(TASK, "task.assigned.v1", "2012-07-02 00:00", due_before="2013-01-01", **work, **by),
        on(FINDING, "finding.recorded.v1", "2012-08-01 09:00", unit="66.y", **finding, **by),
        on(q3("66.so-a"), "report.submitted.v1", "2012-09-03 09:00", by="66.so-a"),
        *document("urged", "urging.sent.v1", "2012-09-05 08:00", LATE),
        *document("first", "reminder.issued.v1", "2012-09-10 08:00", LATE, actor_role="system"),
        on(q3("66.so-b"), "report.submitted.v1", "2012-09-12 09:00", by="66.so-b"),
        *document("second", "reminder.issued.v1", "2012-09-24 08:00", ("66.x", "66.y")),
        on(q3("66.x"), "report.submitted.v1", "2012-09-26 09:00", by="66.x"),
        *document("blamed", "criticism.issued.v1", "2012-10-15 08:00", ("66.y",), **chair),
        *document("later", "reminder.issued.v1", "2013-01-10 08:00", ("66.y",)),
    ]


def pressed_home(folder: Path) -> SmallHome:
    """The home with everything told and applied."""
    home = SmallHome(folder)
    # As in a running home, so that instants inside a day and what was known then are exact.
    home.boards.obligations = home.engine
    lines = [*quarter(), *year(), *overseen()]
    home.tell(sorted(lines, key=lambda one: str(json.loads(one)["recorded_at"])))
    home.catch_up()
    return home


def overseen() -> list[str]:
    """A member answers for one district, another one for reporting."""
    return [
        line("oversight.assigned.v1", PROVINCE, "2012-03-01 00:00", by=PROVINCE, **what)
        for what in (
            {"member": "Phó Chủ tịch", "units": ["66.y"], "areas": []},
            {"member": "Chánh Văn phòng", "units": [], "areas": ["reporting"]},
        )
    ]
