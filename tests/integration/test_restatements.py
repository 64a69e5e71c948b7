"""A running home without Kafka: what is recorded late restates the figures told before, once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from uuid import uuid4

import pytest

from ops import wiring
from ops.log import Record
from schemas import restatement
from schemas.restatement import Restatement
from schemas.times import Day, day_of, format_day
from schemas.topics import RESTATEMENTS
from tests import story
from tests.home import Home
from tests.http_home import valid

TODAY = day_of(wiring.now())
OBLIGATION = "dak-lak-guidance-2012:5.1:2012-Q2:66.x"
SENT, CORRECTION, MOVE = str(uuid4()), str(uuid4()), str(uuid4())
ABOVE = ("66.x", "66", "centre")


def ago(days: int) -> str:
    return format_day(Day(TODAY - days))


def history() -> list[str]:
    """Units of long ago, and a report that was due twenty days ago, recorded sixty days ago."""
    expected = json.loads(story.expected("66.x"))
    expected |= {"due_before": ago(20), "effective_at": f"{ago(60)}T00:00:00+07:00"}
    expected["recorded_at"] = expected["effective_at"]
    return [*story.established(), json.dumps(expected)]


def sent() -> dict[str, object]:
    """The report, sent the day before its due."""
    return {
        "type": "report.submitted.v1",
        "event_id": SENT,
        "unit": "66.x",
        "obligation": OBLIGATION,
        "effective_at": f"{ago(21)}T09:00:00+07:00",
    }


def corrected() -> dict[str, object]:
    """It was sent four days later, after the due."""
    return {
        "type": "record.corrected.v1",
        "event_id": CORRECTION,
        "unit": "66.x",
        "obligation": OBLIGATION,
        "by": "66.x",
        "target": SENT,
        "effective_at": f"{ago(0)}T00:00:00+07:00",
        "replacement": sent() | {"effective_at": f"{ago(17)}T09:00:00+07:00"},
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("home"), "", "restated.")
    made.start()
    assert made.publish(history(), "--history").code == 0
    made.wait()
    yield made
    made.stop()


def told(home: Home) -> list[Restatement]:
    """All that is on the topic."""
    log, topic = home.log(), RESTATEMENTS.full(home.settings.topic_prefix)
    records: list[Record] = []
    try:
        while len(records) < log.ends(topic)[0][1]:
            records += log.read(topic, 0, len(records), 1_000, 1.0)
    finally:
        log.close()
    found = [restatement.decode(one.value or b"") for one in records]
    assert [one.key for one in records] == [one.unit.encode() for one in found]
    return found


def until_told(home: Home, event_id: str) -> list[Restatement]:
    """What one event has restated, once it is on the topic."""
    wanted = event_id.replace("-", "")
    for _ in range(200):
        found = [one for one in told(home) if one.event_id.hex() == wanted]
        if found:
            return found
        home.wait()
    raise AssertionError("nothing was told")


def runs_of(found: list[dict[str, Any]], unit: str, scope: str) -> dict[str, list[Any]]:
    chosen = [one for one in found if (one["unit"], one["scope"]) == (unit, scope)]
    return {one["measure"]: [list(run.values()) for run in one["runs"]] for one in chosen}


def test_history_restates_nothing(home: Home) -> None:
    assert told(home) == []
    assert home.asked("restatements") == {"restatements": [], "more": False}
    assert "restated" not in home.board("66", on=ago(10))


def test_a_report_recorded_three_weeks_late_is_one_record_per_figure(home: Home) -> None:
    home.post(json.dumps(sent()))
    home.wait()
    records = until_told(home, SENT)
    figures = Counter((one.unit, one.scope, one.measure) for one in records)
    runs = runs_of([one.to_json() for one in records], "66", "subtree")

    assert set(figures.values()) == {1}
    assert {unit for unit, _, _ in figures} == set(ABOVE)
    assert runs["overdue"] == [[ago(20), ago(1), -1]]
    assert runs["completed"] == [[ago(21), ago(1), 1]]


def test_command_line_and_http_list_what_is_on_the_topic(home: Home) -> None:
    records = [one.to_json() for one in until_told(home, SENT)]
    listed = home.asked("restatements", "--limit", "500")
    over_http = home.get("/api/restatements?limit=500")
    of_unit = home.asked("restatements", "66", "--since", ago(0), "--obligation", OBLIGATION)

    def plain(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{key: value for key, value in row.items() if key != "unit_name"} for row in rows]

    assert plain(listed["restatements"]) == records
    assert over_http == listed
    valid("Restatements", over_http)
    assert {row["unit"] for row in of_unit["restatements"]} == {"66"}
    assert home.asked("restatements", "66.y")["restatements"] == []
    assert "66" in home("restatements", "66").out
    assert home("restatements", "nobody").code == 1


def test_a_board_says_that_its_day_was_restated(home: Home) -> None:
    board = home.board("66", on=ago(10))
    printed = home("board", "66", "--on", ago(10)).out

    valid("Board", board)
    assert (board["restated"]["events"], board["restated"]["more"]) == (1, False)
    assert board["restated"]["last"][:10] == ago(0)
    assert board["subtree"]["overdue"] == 0
    assert "restated 1 times" in printed
    for options in ({"on": ago(30)}, {"on": ago(10), "known": ago(5)}, {}):
        assert "restated" not in home.board("66", **options)


def test_a_second_delivery_adds_nothing(home: Home) -> None:
    before = told(home)
    home.post(json.dumps(sent()))
    home.wait()
    home.stop()
    home.start()
    home.wait()

    assert told(home) == before


def test_a_correction_restates_by_itself_and_is_explained(home: Home) -> None:
    assert home.post(json.dumps(corrected()))[0] == 200
    home.wait()
    records = [one.to_json() for one in until_told(home, CORRECTION)]
    overdue = runs_of(records, "66", "subtree")["overdue"]
    explained = home.asked("restatements", "--event", CORRECTION)
    printed = home("restatements", "--event", CORRECTION).out
    types = [fact["type"] for fact in explained["facts_before"]]

    assert overdue == [[ago(20), ago(18), 1]]
    valid("Explained", explained)
    assert explained["event"]["type"] == "record.corrected.v1"
    assert types == ["report.expected.v1", "report.submitted.v1"]
    assert len(explained["restatements"]) == len(records)
    assert "record.corrected.v1" in printed
    assert "+ " in printed
    assert home.board("66", on=ago(19))["restated"]["events"] == 2


def test_a_move_recorded_late_restates_the_superior_that_lost_the_unit(home: Home) -> None:
    moved = {
        "type": "unit.moved.v1",
        "event_id": MOVE,
        "unit": "66.x",
        "by": "centre",
        "parent": "centre",
        "effective_at": f"{ago(15)}T00:00:00+07:00",
    }
    assert home.post(json.dumps(moved))[0] == 200
    home.wait()
    records = until_told(home, MOVE)
    runs = runs_of([one.to_json() for one in records], "66", "subtree")
    home.post(json.dumps(moved))
    home.wait()
    listed = home.asked("restatements", "66", "--limit", "500")["restatements"]
    explained = home.asked("restatements", "--event", MOVE)

    assert {one.unit for one in records} == {"66"}
    assert runs["completed"] == [[ago(15), ago(1), -1]]
    assert until_told(home, MOVE) == records
    assert MOVE.replace("-", "") in {one["event_id"] for one in listed}
    valid("Explained", explained)
    assert [one["measure"] for one in explained["restatements"]] == [one.measure for one in records]
    assert home.board("66", on=ago(12))["restated"]["events"] == 3
    assert home.board("centre", on=ago(12))["restated"]["events"] == 2


def test_without_its_server_a_home_says_the_same(home: Home) -> None:
    listed = home.asked("restatements", "--limit", "500")
    explained = home.asked("restatements", "--event", CORRECTION)
    board = home.board("66", on=ago(19))["restated"]
    home.stop()

    assert home.asked("restatements", "--limit", "500") == listed
    assert home.asked("restatements", "--event", CORRECTION) == explained
    assert home.board("66", on=ago(19))["restated"] == board
    assert home("restatements", "--event", str(uuid4())).code == 1


def test_an_event_that_nobody_knows_is_not_found(home: Home) -> None:
    home.start()
    home.wait_for_server()
    with pytest.raises(HTTPError, match="404"):
        home.get(f"/api/restatements/{uuid4()}")
    with pytest.raises(HTTPError, match="400"):
        home.get("/api/restatements/x")
