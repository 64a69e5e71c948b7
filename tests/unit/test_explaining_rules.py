"""An explanation names the rule of a due with its lines, and what corrections did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ops.catalogue import catalogue
from tests.changed_home import SECOND, changed_home, take_back
from tests.duties_home import GUIDANCE, duties_home
from tests.small_home import SmallHome
from tests.unit.test_explaining import types_by_id
from tests.unit.test_questions import by_command, over_http


@pytest.fixture(scope="module")
def duties(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = duties_home(tmp_path_factory.mktemp("duties"))
    yield made
    made.close()


@pytest.fixture
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = changed_home(tmp_path_factory.mktemp("changed"))
    yield made
    made.close()


def explained(home: SmallHome, unit: str, measure: str, *options: str) -> list[dict[str, Any]]:
    found = json.loads(by_command(home, "explain", unit, measure, *options, "-o", "json"))

    assert found["agrees"], found["sentence"]
    rows: list[dict[str, Any]] = found["rows"]
    return rows


def test_the_due_is_told_with_its_document_its_rule_and_its_lines(duties: SmallHome) -> None:
    options = ("--on", "2012-12-31", "--by", "item", "--key", "5.1", "--rows", "200")
    rows = explained(duties, "66", "assigned", *options)
    shown = {one["programme"]: one["lines"] for one in catalogue([_entry("5.1", "R1")])}

    assert rows
    assert {"125/SNV-CCHC"} == {row["due"]["document"] for row in rows}
    assert {"R1"} == {row["due"]["rule"] for row in rows}
    assert {shown[GUIDANCE]["R1"]} == {row["due"]["lines"] for row in rows} == {"53, 54, 56"}
    assert {"125/SNV-CCHC · R1 · [53, 54, 56]"} == {row["rule_text"] for row in rows}


def _entry(*items: str) -> dict[str, Any]:
    return {"programme": GUIDANCE, "items": dict.fromkeys(items, "")}


def test_the_event_of_the_rule_is_one_of_the_ledger(duties: SmallHome) -> None:
    row = explained(duties, "66", "assigned", "--on", "2012-12-31", "--rows", "1")[0]

    assert "reporting_rule.established.v1" == types_by_id(duties)[row["due"]["rule_event"]]


def test_items_that_make_no_obligation_are_explained_by_the_event_that_set_them(
    duties: SmallHome,
) -> None:
    rows = explained(duties, "20", "content", "--on", "2018-12-31", "--rows", "200")

    assert len(rows) > 10
    assert {"programme.issued.v1"} == {row["because"] for row in rows}
    assert {None} == {row["obligation"] for row in rows}
    assert all(row["item"] and row["document"] for row in rows)


def test_a_voided_extension_is_told_with_what_voided_it(changed: SmallHome) -> None:
    take_back(changed, SECOND, "2012-08-01", "2012-11-01 08:00")
    changed.catch_up()
    known = ("--on", "2012-06-12", "--known")
    before = explained(changed, "66.x", "extended", *known, "2012-10-31")
    after = explained(changed, "66.x", "overdue", *known, "2012-11-02")
    roles = {event["type"]: event["role"] for event in after[0]["events"]}

    assert [SECOND] == [row["obligation"] for row in before]
    assert SECOND in [row["obligation"] for row in after]
    assert ("corrects", "voided") == (roles["record.corrected.v1"], roles["task.due_extended.v1"])
    assert "2012-08-01" == before[0]["due"]["due_before"]


def test_what_a_correction_changed_of_one_day_is_a_difference_because_of_it(
    changed: SmallHome,
) -> None:
    take_back(changed, SECOND, "2012-08-01", "2012-11-01 08:00")
    changed.catch_up()
    known = ("--known", "2012-10-31", "--known", "2012-11-02")
    argv = ("diff", "66.x", "--on", "2012-06-12", *known, "-o", "json")
    found = json.loads(by_command(changed, *argv))
    row = next(one for one in found["rows"] if one["obligation"] == SECOND)

    assert found["agrees"]
    assert "record.corrected.v1" in row["because"]
    assert ["corrects"] == [event["role"] for event in row["events"]]


def test_a_process_without_a_ledger_says_so(changed: SmallHome) -> None:
    answer = over_http(changed, "/api/units/66/explain?measure=due", sources=False)

    assert (400, "this process answers no questions") == (
        answer.status_code,
        answer.json()["sentence"],
    )
