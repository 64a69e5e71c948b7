"""Unannounced inspections as facts for tests: planned, put off, held, and what others see."""

from __future__ import annotations

from typing import Any

from schemas.event import Event
from schemas.events.inspection import (
    InspectionCancelled,
    InspectionConducted,
    InspectionPlanned,
    InspectionPostponed,
)
from schemas.events.ladder import UrgingSent
from tests.office import at, day, id_of

SECRET, BODY, SUBJECT = "66.ban:kt-07", "66.ban", "66.x"


def told(cls: type[Any], obligation: str = SECRET, **given: Any) -> Any:
    """An event of the body about its inspection; `name` tells two of one type apart."""
    name = given.pop("name", "")
    base: dict[str, Any] = {
        "event_id": id_of(f"{cls.type} {obligation} {name}"),
        "effective_at": at("2012-03-01 09:00"),
        "obligation": obligation,
        "unit": BODY,
        "by": BODY,
        "source": "66",
    }
    return cls(**{**base, **given})


def planned(obligation: str = SECRET, mode: str = "unannounced", **given: Any) -> Event:
    terms = {"item": "kt-07", "issuer": BODY, "due_before": day("2012-06-01"), "mode": mode}
    made: Event = told(InspectionPlanned, obligation, **{"subjects": (SUBJECT,), **terms, **given})
    return made


def postponed(obligation: str = SECRET) -> Event:
    made: Event = told(InspectionPostponed, obligation, due_before=day("2012-07-01"))
    return made


def urged(obligation: str = SECRET) -> Event:
    made: Event = told(UrgingSent, obligation, by="66")
    return made


def cancelled(obligation: str = SECRET) -> Event:
    made: Event = told(InspectionCancelled, obligation)
    return made


def conducted(obligation: str = SECRET, mode: str = "unannounced") -> Event:
    made: Event = told(InspectionConducted, obligation, subjects=(SUBJECT,), mode=mode)
    return made
