"""A small world in memory, as the workers keep one: units, facts, boards, what was restated."""

from __future__ import annotations

from dataclasses import replace

from projections.boards import Boards
from projections.parts import behind
from schemas.event import Event
from schemas.frame import Version
from schemas.jsonl import Defaults, parse_line
from schemas.times import Instant
from tests import given
from tests.worlds_of_events import record

LATER = given.instant("2013-01-01")


class Told:
    """Lines are told in the order of their recording, each with a frame of its own."""

    def __init__(self, *lines: str, now: Instant = LATER) -> None:
        self.boards = Boards(lambda: now)
        self.engine, self.restatements = behind(self.boards)
        self.engine.open(0, [])
        self.offset = 0
        self.tell(*lines)

    def tell(self, *lines: str, imported: bool = False) -> list[Event]:
        told = [one for line in lines for one in parse_line(line, Defaults(source="66"))]
        made = [replace(one, imported_at=LATER) if imported else one for one in told]
        for one in made:
            self.offset += 1
            if one.topic == "units":
                self.boards.tell_units([(self.offset, one)])
            else:
                batch = self.engine.take(0, [record(self.offset, one)])
                assert batch.quarantined == []
                version = Version("here", 1, "events", 0, self.offset)
                for frame in self.engine.frame(0, version):
                    self.boards.apply_frame(frame)
        return made

    def listed(self, unit: str | None = None) -> set[tuple[str, str, str]]:
        """Which figures were restated: (unit, scope, measure)."""
        found = self.restatements.listed(unit, None, None, 500).records
        return {(one.unit, one.scope, one.measure) for one in found}
