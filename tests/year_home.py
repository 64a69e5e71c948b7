"""A small home that has seen a year: petitions, the index, ratings, rewards, measured targets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.small_home import SmallHome
from tests.story import established, line

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


def year_home(folder: Path) -> SmallHome:
    """Everything told, relayed and applied."""
    home = SmallHome(folder)
    home.tell([*established(), *petitions()])
    home.catch_up()
    return home
