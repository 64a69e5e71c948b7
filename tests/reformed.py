"""Two small provinces that became one: boards over a reform with every kind of ending in it."""

from __future__ import annotations

from collections.abc import Iterable

from projections.boards import Boards
from projections.facts import Fact
from schemas.times import Instant
from schemas.tree import Tree
from schemas.unit_facts import LEVEL_ENDED, MERGED, MOVED, RENAMED, SPLIT
from tests import given
from tests.plain_source import PlainSource
from tests.trees import REFORM, established, fact

NOW = given.instant("2026-02-01 08:00")
RECORDED = given.instant("2025-06-01")
"""When the reform was told of, a month before its day."""
BEFORE = (
    established("centre", None, "centre", kind="government", name="Trung ương"),
    established("centre.bo-noi-vu", "centre", "centre", kind="ministry", name="Bộ Nội vụ"),
    established("66", "centre", "province", name="Đắk Lắk"),
    established("54", "centre", "province", name="Phú Yên"),
    established("66.snv", "66", "province", kind="department", name="Sở Nội vụ"),
    established("54.snv", "54", "province", kind="department", name="Sở Nội vụ"),
    established("66.sa", "66", "province", kind="department", name="Sở Y tế"),
    established("66.d", "66", "district", name="Huyện Một"),
    established("54.d", "54", "district", name="Huyện Hai"),
    established("66.1", "66.d", "commune", name="Xã Cũ Một"),
    established("66.2", "66.d", "commune", name="Xã Cũ Hai"),
    established("54.1", "54.d", "commune", name="Xã Cũ Ba"),
    established("54.2", "54.d", "commune", name="Xã Cũ Bốn"),
)
NEW = {"on": REFORM, "recorded": RECORDED}
REFORM_FACTS = (
    established("n.1", "66", "commune", name="Xã Mới Một", **NEW),
    established("n.2", "66", "commune", name="Xã Mới Hai", **NEW),
    fact(MERGED, "66.1", REFORM, RECORDED, successors=("n.1",)),
    fact(SPLIT, "66.2", REFORM, RECORDED, successors=("n.1", "n.2")),
    fact(MERGED, "54.1", REFORM, RECORDED, successors=("n.2",)),
    fact(RENAMED, "54.2", REFORM, RECORDED, name="Phường Bốn"),
    fact(MOVED, "54.snv", REFORM, RECORDED, parent="66"),
    fact(MERGED, "54", REFORM, RECORDED, successors=("66",)),
    fact(LEVEL_ENDED, "centre", REFORM, RECORDED, level="district"),
)
OWERS = ("66.snv", "54.snv", "66.sa", "66.d", "54.d", "66.1", "66.2", "54.1", "54.2", "54")
"""Each owes one report of 2020; every second one sent it in time."""


def owed(unit: str, *facts: Fact) -> list[Fact]:
    """One report of 2020, opened for the unit."""
    name = {"obligation": f"p:1:2020:{unit}"}
    opened = given.opens("2020-01-01", "2020-12-01", unit=unit, period="2020", **name)
    return [opened, *(one._replace(obligation=name["obligation"]) for one in facts)]


def reports() -> Iterable[Fact]:
    for number, unit in enumerate(OWERS):
        sent = [given.met("2020-11-20", unit=unit)] if number % 2 else []
        yield from owed(unit, *sent)
    # What was open went to the successor on the day.
    yield given.handed_over("2025-07-01", "n.1", obligation="p:1:2020:66.2", unit="66.2")


def boards() -> Boards:
    """The boards after all of it."""
    source = PlainSource(1)
    source.take(reports())
    made = Boards(lambda: NOW, source)
    made.tree = Tree.of(enumerate((*BEFORE, *REFORM_FACTS)))
    made.apply_frame(source.frame(0, 1))
    return made


def at(text: str) -> Instant:
    """A day's end."""
    return Instant(given.instant(text) + 86_400_000 - 1)
