"""A small home in which dues were changed: by the issuer, by the ower in vain, and wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from schemas.events.task import TaskDueExtended
from schemas.times import parse_day
from tests.small_home import SmallHome
from tests.story import established, line

ISSUER, OWER = "66", "66.so-a"
FIRST, SECOND = "guidance:1:66.so-a", "guidance:2:66.x"


def told(obligation: str, name: str, at: str, recorded: str | None = None, /, **more: Any) -> str:
    ower = obligation.rpartition(":")[2]
    return line(name, ower, at, recorded, **{"obligation": obligation, "by": ISSUER} | more)


def assigned(obligation: str) -> str:
    return told(
        obligation,
        "task.assigned.v1",
        "2012-04-01 00:00",
        item=obligation.split(":")[1],
        issuer=ISSUER,
        due_before="2012-06-01",
        title="Việc được giao",
    )


def extended(obligation: str, at: str, due: str, recorded: str | None = None, **more: Any) -> str:
    return told(obligation, "task.due_extended.v1", at, recorded, due_before=due, **more)


def changed_home(folder: Path) -> SmallHome:
    """Two tasks; the due of the first was lengthened twice, the second time after it lapsed."""
    home = SmallHome(folder)
    paper = {"document": {"number": "12/QĐ"}, "reason": "Thiên tai"}
    home.tell([*established(), assigned(FIRST), assigned(SECOND)])
    home.tell([extended(FIRST, "2012-05-10 09:00", "2012-07-01", **paper)])
    home.tell([extended(SECOND, "2012-05-20 09:00", "2012-08-01")])
    home.tell([extended(FIRST, "2012-06-20 09:00", "2012-09-01", by=OWER)])
    home.tell([extended(FIRST, "2012-07-10 09:00", "2012-10-01")])
    return home


def take_back(home: SmallHome, obligation: str, due: str, recorded: str) -> None:
    """A correction recorded on a later day voids the extension to this due."""
    (wrong,) = (
        event
        for event in home.ledger.history(obligation)
        if isinstance(event, TaskDueExtended) and event.due_before == parse_day(due)
    )
    target = {"target": str(UUID(bytes=wrong.event_id)), "void": True}
    home.tell([told(obligation, "record.corrected.v1", recorded, **target)])
