"""An unannounced inspection is seen by nobody but its body until it was held, on any surface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.comparison import compared
from ops.log import all_records
from schemas.topics import TOPICS
from tests.inspection_home import BODY, FIRST, HEALTH, PROVINCE, SECRET, held, inspection_home
from tests.office import at
from tests.small_home import SmallHome
from tests.unit.test_questions import by_command, over_http

NOT_YET = SECRET.encode()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[SmallHome]:
    made = inspection_home(tmp_path)
    yield made
    made.close()


def on_topics(home: SmallHome) -> bytes:
    """Every byte of every topic."""
    found = b""
    for topic in TOPICS:
        full = topic.full(home.settings.topic_prefix)
        for partition, (start, end) in enumerate(home.log.ends(full)):
            for record in all_records(home.log, full, partition, start, end):
                found += (record.key or b"") + (record.value or b"")
    return found


def done_without_a_due(home: SmallHome) -> int:
    count: int = over_http(home, f"/api/units/{BODY}/board?all=true").json()["own"]["no_due_done"]
    return count


SURFACES = (
    *(f"/api/units/{unit}/obligations" for unit in (PROVINCE, BODY, HEALTH)),
    f"/api/units/{PROVINCE}/inspection-coverage?year=2007",
    f"/api/units/{PROVINCE}/inspection-subjects?year=2007",
    f"/api/units/{BODY}/changes?obligation={SECRET}",
    "/api/waiting",
)


def shown(home: SmallHome) -> set[str]:
    """The surfaces that name it."""
    return {path for path in SURFACES if SECRET in over_http(home, path).text}


def test_until_it_is_held_it_is_on_no_topic_board_list_or_answer(home: SmallHome) -> None:
    printed = by_command(home, "events", "-o", "jsonl")
    before = done_without_a_due(home)
    told = [NOT_YET in on_topics(home), SECRET in printed, bool(shown(home))]
    home.tell([held(BODY, SECRET, "2007-07-05 09:00", HEALTH, mode="unannounced")])
    home.catch_up()
    after = over_http(home, f"/api/units/{BODY}/obligations").text

    assert [False, False, False] == told
    assert (NOT_YET in on_topics(home), SECRET in after) == (True, True)
    assert SECRET in by_command(home, "events", "-o", "jsonl")
    assert before + 1 == done_without_a_due(home)


def test_its_own_body_reads_it_among_the_events_and_its_subject_does_not(home: SmallHome) -> None:
    seen = {
        unit: SECRET in by_command(home, "events", "--as", unit, "-o", "jsonl")
        for unit in (BODY, HEALTH, FIRST, PROVINCE)
    }

    assert {BODY: True, HEALTH: False, FIRST: False, PROVINCE: False} == seen


def test_verification_says_how_many_wait_and_finds_nothing_wrong(home: SmallHome) -> None:
    checks = {check.name: check for check in compared(home.parts, at("2007-07-10"))}

    assert [] == [name for name, check in checks.items() if not check.holds]
    assert ("1 records wait for their inspection",) == checks["ledger = topics"].remarks


def test_one_that_was_held_is_covered_as_unannounced(home: SmallHome) -> None:
    path = f"/api/units/{PROVINCE}/inspection-coverage?year=2007&on=2007-07-10"
    rows = {row["unit"]: row["unannounced"] for row in over_http(home, path).json()["rows"]}

    assert 1 == rows[BODY]
