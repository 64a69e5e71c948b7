"""The reminder as a process: a whole home, step by step, on a clock that is set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from ops.handover import BEHIND_MAX
from ops.reminder import ReminderProcess, reminder_of
from projections.query import Query
from schemas import avro
from schemas.events.ladder import ReminderIssued
from schemas.times import Day
from tests.office import Clock, at, day
from tests.pressed_home import LATE, SNV, TASK, expected, on, q3, year
from tests.small_home import SmallHome
from tests.story import established
from tests.unit.test_questions import by_command

SATURDAY, MONDAY, TUESDAY = "2012-09-08 09:00", "2012-09-10 08:05", "2012-09-11 08:05"
SECOND = "dak-lak-guidance-2012:5.2:2012-H1:66.y"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path)
    terms = {"kind": "report", "item": "5.2", "issuer": "66", "via": SNV, "done_when": "sent"}
    more = on(SECOND, "report.expected.v1", "2012-07-01 00:00", due_before="2012-09-01", **terms)
    task = next(line for line in year() if TASK in line).replace("2013-01-01", "2012-09-08")
    sent = on(q3("66.so-a"), "report.submitted.v1", "2012-09-03 09:00", by="66.so-a")
    made.tell([*established(), *expected(), more, task, sent])
    made.catch_up()
    yield made
    made.close()


def process(
    home: SmallHome,
    now: str,
    off: Collection[Day] = (),
    mode: str = "standing",
    behind: int = 0,
) -> ReminderProcess:
    query = Query(home.boards, home.engine, Clock(at(now)))
    return ReminderProcess(query, home.ledger, Clock(at(now)), lambda: behind, off, mode)


def look(home: SmallHome, reminding: ReminderProcess) -> list[ReminderIssued]:
    """What one look records; applied before it returns."""
    before = home.ledger.max_notification()
    count = asyncio.run(reminding.look())
    told = [avro.decode(one.value) for one in home.ledger.events(before)]
    while home.relay.step():
        pass
    home.catch_up()

    assert {type(event) for event in told} <= {ReminderIssued}
    assert count == len(told)
    return [event for event in told if isinstance(event, ReminderIssued)]


def test_on_the_first_working_day_each_ower_gets_one_document(home: SmallHome) -> None:
    found = look(home, process(home, MONDAY))

    assert {event.obligation for event in found} == {SECOND, *map(q3, LATE)}
    assert {event.effective_at for event in found} == {at("2012-09-10 08:00")}
    assert {event.by for event in found} == {SNV}
    documents = {unit: {e.correlation_id for e in found if e.unit == unit} for unit in LATE}
    assert [len(ids) for ids in documents.values()] == [1, 1, 1]
    assert len(set.union(*documents.values())) == 3


@pytest.mark.parametrize("now", [SATURDAY, "2012-09-10 07:59"])
def test_neither_at_weekends_nor_before_the_hour(home: SmallHome, now: str) -> None:
    assert look(home, process(home, now)) == []


def test_a_holiday_is_no_working_day_and_moves_no_due(home: SmallHome) -> None:
    monday = {day("2012-09-10")}
    before = [event.due_before for event in home.ledger.history(q3("66.y"))[:1]]

    assert look(home, process(home, MONDAY, monday)) == []
    assert len(look(home, process(home, TUESDAY, monday))) == 4
    assert [event.due_before for event in home.ledger.history(q3("66.y"))[:1]] == before


def test_a_process_that_begins_again_or_a_later_day_adds_nothing(home: SmallHome) -> None:
    first = process(home, MONDAY)
    look(home, first)

    assert look(home, first) == []
    assert look(home, process(home, MONDAY)) == []
    assert look(home, process(home, TUESDAY)) == []


def test_before_the_reminders_are_applied_the_ledger_already_knows_of_them(home: SmallHome) -> None:
    asyncio.run(process(home, MONDAY).look())
    recorded = home.ledger.max_notification()

    assert asyncio.run(process(home, MONDAY).look()) == 0
    assert home.ledger.max_notification() == recorded


def test_by_setting_the_issuer_reminds_where_no_agency_is_named(home: SmallHome) -> None:
    (task,) = [e for e in look(home, process(home, MONDAY, mode="all")) if e.obligation == TASK]

    assert (task.by, task.unit) == ("66", "66.so-a")


def test_switched_off_it_ends_at_once(home: SmallHome) -> None:
    before = home.ledger.max_notification()
    asyncio.run(asyncio.wait_for(process(home, MONDAY, mode="off").follow(asyncio.Event()), 5))

    assert home.ledger.max_notification() == before


def test_while_much_is_not_folded_yet_it_waits(home: SmallHome) -> None:
    assert look(home, process(home, MONDAY, behind=BEHIND_MAX + 1)) == []


def test_the_command_shows_what_it_would_record_and_records_it_when_told(home: SmallHome) -> None:
    with patch("ops.wiring.now", Clock(at(MONDAY))):
        shown = json.loads(by_command(home, "record", "remind-overdue", "-o", "json"))
        recorded = by_command(home, "record", "remind-overdue", "--apply")
        again = by_command(home, "record", "remind-overdue", "--apply")

    assert [(one["by"], one["unit"]) for one in shown["documents"]] == [(SNV, u) for u in LATE]
    assert (shown["on"], shown["recorded"]) == ("2012-09-10", None)
    assert "Recorded 3 reminders, 4 duties" in recorded
    assert "0 duties" in again


def test_an_installation_reminds_as_it_is_set(home: SmallHome) -> None:
    (home.settings.home / "holidays.txt").write_text("10/09/2012\n", encoding="utf-8")
    query = Query(home.boards, home.engine, Clock(at(MONDAY)))
    monday, tuesday = (
        reminder_of(home.settings, query, home.ledger, Clock(at(now)), lambda: 0)
        for now in (MONDAY, TUESDAY)
    )

    assert look(home, monday) == []
    assert len(look(home, tuesday)) == 4


def test_told_to_stop_it_ends_at_once(home: SmallHome) -> None:
    async def follow() -> None:
        stop = asyncio.Event()
        following = asyncio.create_task(process(home, MONDAY).follow(stop))
        await asyncio.sleep(0)
        stop.set()
        await asyncio.wait_for(following, 5)

    asyncio.run(follow())

    assert home.ledger.history(q3("66.y"))[-1].type == "report.expected.v1"
