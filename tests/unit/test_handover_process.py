"""The hand-over as a process: a whole home, step by step, on a clock that is set."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.handover import BEHIND_MAX, HANDOVER_PAGE, HandoverProcess
from projections.query import Query
from schemas.events.task import TaskTransferred
from services.ledger import Ledger
from tests.home import Home
from tests.office import Clock, assigned, at
from tests.small_home import SmallHome
from tests.story import line, local
from tests.worlds_of_events import record

ISSUER = "66.so-noi-vu"
UNITS = {
    "centre": (None, "centre"),
    "66": ("centre", "province"),
    ISSUER: ("66", "province"),
    "66.1": ("66", "commune"),
    "66.2": ("66", "commune"),
}


def established() -> list[str]:
    return [
        line(
            "unit.established.v1",
            code,
            "2024-01-01 00:00",
            by="centre",
            name=f"Xã {code}",
            level=level,
            kind="people_committee",
            parent=parent,
        )
        for code, (parent, level) in UNITS.items()
    ]


def task(obligation: str, unit: str = "66.1", opened: str = "2025-03-01 00:00") -> str:
    return line(
        "task.assigned.v1",
        unit,
        opened,
        obligation=obligation,
        by=ISSUER,
        issuer=ISSUER,
        kind="task",
        item="9",
        done_when="declared",
        due_before="2025-08-01",
    )


def declared(obligation: str, when: str) -> str:
    name = "task.completion_declared.v1"
    return line(name, "66.1", when, obligation=obligation, by="66.1")


def returned(obligation: str, when: str) -> str:
    name, about = "task.completion_returned.v1", {"obligation": obligation, "by": ISSUER}
    return line(name, "66.1", when, revise_before="2025-09-01", **about)


def merged(on: str, recorded: str) -> str:
    return line("unit.merged.v1", "66.1", f"{on} 00:00", recorded, by="centre", into="66.2")


class Watched:
    """A small home with the process beside it."""

    def __init__(self, folder: Path) -> None:
        self.home = SmallHome(folder)
        self.clock = Clock(at("2025-07-01 00:05"))
        self.records_behind = 0
        self.process = self.another()

    def another(self, ledger: Ledger | None = None) -> HandoverProcess:
        query, engine = Query(self.home.boards, self.home.engine, self.clock), self.home.engine
        at_home = ledger or self.home.ledger
        return HandoverProcess(query, engine, at_home, self.clock, lambda: self.records_behind)

    def tell(self, *lines: str) -> None:
        self.home.tell(lines)
        self.home.catch_up()

    def look(self, process: HandoverProcess | None = None) -> list[tuple[str, str, str]]:
        """(obligation, to whom, from when) of what one look records."""
        before = self.home.ledger.max_notification()
        asyncio.run((process or self.process).look(asyncio.Event()))
        found = []
        for stream in sorted({one.stream for one in self.home.ledger.events(before)}):
            *_, event = self.home.ledger.history(stream)
            assert isinstance(event, TaskTransferred)
            assert event.obligation is not None
            found.append((event.obligation, event.to_unit, event.effective_at))
        return [(one, to, _local(when)) for one, to, when in found]

    def fold(self) -> None:
        while self.home.relay.step():
            pass
        self.home.catch_up()

    def left(self) -> dict[str, int]:
        return dict(self.process.figures.left)


def _local(when: int) -> str:
    days = {at("2025-07-01"): "2025-07-01", at("2025-07-10 10:00"): "2025-07-10 10:00"}
    return days[when]  # type: ignore[index]


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    made.tell(*established())
    yield made
    made.home.close()


def test_a_merger_of_today_hands_over_what_is_open_and_nothing_else(watched: Watched) -> None:
    watched.tell(task("o1"), task("o2"), task("o3", "66.2"), declared("o2", "2025-06-20 09:00"))
    assert watched.look() == []

    watched.tell(merged("2025-07-01", "2025-07-01 00:01"))

    assert watched.look() == [("o1", "66.2", "2025-07-01")]
    assert watched.process.figures.moved == 1


def test_looking_again_records_nothing_folded_or_not(watched: Watched) -> None:
    watched.tell(task("o1"), merged("2025-07-01", "2025-07-01 00:01"))
    assert len(watched.look()) == 1

    # As after a crash: another process has seen nothing of what was recorded.
    assert watched.look(watched.another()) == []
    watched.fold()
    assert watched.look(watched.another()) == []
    assert watched.look() == []
    assert watched.left() == {"nobody": 0, "refused": 0, "unmoved": 0}


def test_an_ending_that_lies_ahead_hands_over_on_its_day(watched: Watched) -> None:
    watched.clock.set("2025-06-30 23:59")
    watched.tell(task("o1"), merged("2025-07-01", "2025-06-01 00:01"))
    assert watched.look() == []

    watched.clock.set("2025-07-01 00:00")

    assert watched.look() == [("o1", "66.2", "2025-07-01")]


def test_what_is_returned_after_the_ending_lands_with_the_successor(watched: Watched) -> None:
    sent = declared("o1", "2025-06-28 09:00")
    watched.tell(task("o1"), sent, merged("2025-07-01", "2025-07-01 00:01"))
    assert watched.look() == []

    watched.clock.set("2025-07-10 12:00")
    watched.tell(returned("o1", "2025-07-10 10:00"))

    assert watched.look() == [("o1", "66.2", "2025-07-10 10:00")]
    watched.fold()
    life = watched.home.engine.life("o1")
    assert life is not None
    assert [unit for _, unit in life.owers] == ["66.1", "66.2"]


def test_what_the_ledger_refuses_stays_and_holds_up_no_other(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = {"obligation": "o1", "by": "66.1"}
    noted = line("task.progress_reported.v1", "66.1", "2025-04-01 00:00", **progress)
    watched.tell(task("o1"), task("o2"), noted, merged("2025-07-01", "2025-07-01 00:01"))
    monkeypatch.setattr("services.batch.FACTS_PER_OBLIGATION_MAX", 2)

    assert watched.look() == [("o2", "66.2", "2025-07-01")]
    assert watched.left() == {"nobody": 0, "refused": 1, "unmoved": 0}


def test_what_stays_is_not_asked_of_the_ledger_again(watched: Watched) -> None:
    watched.tell(task("o1"), merged("2025-07-01", "2025-07-01 00:01"))
    assert len(watched.look()) == 1
    ledger = Ledger.open(watched.home.settings.ledger, clock=watched.clock, source="66")
    late = watched.another(ledger)
    assert watched.look(late) == []
    assert late.figures.left["unmoved"] == 1

    # Who asks a closed ledger is told so by an exception.
    ledger.close()
    watched.home.engine.take(0, [record(1, assigned("o9", unit="66.2"))])

    assert watched.look(late) == []
    assert late.figures.left["unmoved"] == 1


def test_more_than_a_page_is_handed_over_in_one_look(watched: Watched) -> None:
    names = [f"o{number}" for number in range(HANDOVER_PAGE + 1)]
    watched.tell(*map(task, names), merged("2025-07-01", "2025-07-01 00:01"))

    assert len(watched.look()) == len(names)


def test_while_much_is_not_folded_yet_it_does_not_look(watched: Watched) -> None:
    watched.tell(task("o1"), merged("2025-07-01", "2025-07-01 00:01"))
    watched.records_behind = BEHIND_MAX + 1
    assert watched.look() == []

    watched.records_behind = 0
    assert len(watched.look()) == 1


# The command over the same home


def asked(watched: Watched, *options: str) -> Any:
    """What the command says of the read model, once the processes have stopped."""
    home = Home(watched.home.settings.home, "", watched.home.settings.topic_prefix)
    return home.asked("unit", "handover", *options)


def test_the_command_shows_the_plan_and_records_it_when_told(watched: Watched) -> None:
    watched.tell(task("o1"), task("o2"), merged("2025-07-01", "2025-07-01 00:01"))
    dry = asked(watched)

    (group,) = dry["units"]
    assert (group["unit"], group["receiver"], group["open"]) == ("66.1", "66.2", 2)
    assert group["rule"] == "merged into"
    assert [leg["at"] for leg in dry["obligations"][0]["way"]] == [local("2025-07-01 00:00")]
    assert dry["recorded"] is None
    assert asked(watched, "--apply")["recorded"]["moved"] == 2
    assert asked(watched, "--apply")["recorded"]["moved"] == 0


def test_the_command_prints_a_line_for_each_ended_unit(watched: Watched) -> None:
    watched.tell(task("o1"), merged("2025-07-01", "2025-07-01 00:01"))
    home = Home(watched.home.settings.home, "", watched.home.settings.topic_prefix)
    said = home("unit", "handover")

    assert said.code == 0, said
    assert "66.1 Xã 66.1 66.2 Xã 66.2 merged into 1" in " ".join(said.out.split())
    assert "Dry run, nothing recorded; --apply hands over 1" in said.out
    assert "1 handed over; 0 stay" in home("unit", "handover", "--apply").out
