"""What the rules of a programme open next, asked by command and over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.event import Opens
from schemas.jsonl import to_line
from schemas.times import parse_day
from services.loader import load, named_units
from tests.http_home import valid
from tests.small_home import SmallHome
from tests.unit.test_openings import S4, documents
from tests.unit.test_questions import by_command, over_http

OWERS = {"so-ban-nganh": ("66.so-tai-chinh", "66.so-noi-vu"), "ubnd-huyen": ()}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    """The guidance of Đắk Lắk with its rules; of the two departments one was never established."""
    made = SmallHome(Path(tmp_path_factory.mktemp("home")))
    document = documents()[S4]
    units = [*named_units([document], parse_day("2001-01-01"), source="66")]
    told = [one for one in load(document, OWERS, source="66") if not isinstance(one, Opens)]
    lines = [json.loads(to_line(event)) for event in (*units, *told)]
    made.tell([json.dumps({**one, "recorded_at": "2012-03-01T00:00:00Z"}) for one in lines])
    made.catch_up()
    yield made
    made.close()


def asked(home: SmallHome, **more: str) -> dict[str, Any]:
    said = "&".join(f"{key}={value}" for key, value in more.items())
    answer = over_http(home, f"/api/rules?programme={S4}&{said}").json()
    valid("AnswerRules", answer)
    return {row["rule"]: row for row in answer["rows"]}


def test_each_rule_says_what_it_opens_next_and_for_how_many(home: SmallHome) -> None:
    row = asked(home, on="2012-04-10")["R1"]

    assert (row["item"], row["standing"], row["period"]) == ("5.1", "in_force", "2012-Q2")
    assert (row["opens_on"], row["due_before"], row["owers"]) == ("2012-04-01", "2012-06-08", 1)
    assert (row["via"], row["to"]) == ("66.so-noi-vu", "66")


def test_rules_that_wait_are_told_apart(home: SmallHome) -> None:
    rows = asked(home, on="2012-03-10")

    assert rows["R4"]["standing"] == "waits_for_day"
    assert rows["2.3"]["standing"] == "by_declaration"
    assert asked(home, on="2012-03-20")["R5"]["standing"] == "over"


def test_the_command_prints_it_in_vietnamese_first(home: SmallHome) -> None:
    printed = json.loads(by_command(home, "programme", "rules", S4, "-o", "json"))

    assert {row["rule"] for row in printed["rows"]} == asked(home).keys()
    assert "waits for a day" in by_command(home, "programme", "rules", S4, "--on", "2012-03-10")


def test_a_programme_that_was_not_issued_is_refused(home: SmallHome) -> None:
    answer = over_http(home, "/api/rules?programme=nothing")

    assert (answer.status_code, "was not issued" in answer.text) == (400, True)
