"""Every figure of a board is explained by its obligations and events, and adds up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from ops import question_sheets, readside
from ops.http import Parts, make_app
from ops.log import all_records
from ops.question import Sources
from ops.registers import Registers
from schemas.avro import decode
from schemas.board import Counts
from schemas.measures import MEASURES
from schemas.topics import EVENTS
from tests.domain.test_questions_auditor import (
    AT_EIGHT,
    DISTRICT,
    ON_PAPER,
    RULE,
    SILENT,
    commune,
    on_paper,
    owed,
)
from tests.http_home import valid
from tests.office import Clock, at
from tests.small_home import SmallHome
from tests.story import line, quarter
from tests.unit.test_questions import by_command, get

EIGHT = AT_EIGHT.replace("+", "%2B")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path_factory.mktemp("explained"))
    communes = [commune(SILENT, "Xã Một"), commune(ON_PAPER, "Xã Hai")]
    moved = line("unit.moved.v1", SILENT, "2012-07-01 00:00", parent="66.y", by="66")
    told = [*quarter(), *communes, owed(SILENT), owed(ON_PAPER), on_paper(), moved]
    made.tell(sorted(told, key=lambda text: str(json.loads(text)["recorded_at"])))
    made.catch_up()
    yield made
    made.close()


@cache
def served(home: SmallHome) -> Starlette:
    """Boards that know instants and K, as those of a running home do."""
    clock = Clock(at("2012-12-01"))
    query = readside.from_model(home.settings, home.model, clock)
    sources = Sources(query, Registers(home.ledger))
    return make_app(Parts(boards=query, sources=sources, clock=clock))


def reply(home: SmallHome, path: str) -> httpx.Response:
    return get(served(home), path)


def asked(home: SmallHome, path: str) -> dict[str, Any]:
    response = reply(home, path)

    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def explained(home: SmallHome, unit: str, query: str) -> dict[str, Any]:
    found = asked(home, f"/api/units/{unit}/explain?{query}")

    valid("AnswerExplain", found)
    return found


def types_by_id(home: SmallHome) -> dict[str, str]:
    """Of every event in the ledger."""
    return {decode(one.value).event_id.hex(): one.event_name for one in home.ledger.events()}


def refused(home: SmallHome, path: str) -> str:
    response = reply(home, path)

    assert response.status_code in (400, 404), response.text
    return str(response.json()["sentence"])


def test_q26_the_board_of_8_june_2012_at_8_is_explained_event_by_event(home: SmallHome) -> None:
    found = explained(home, "66", f"measure=overdue&on={EIGHT}&known={EIGHT}")
    paper = next(row for row in found["rows"] if row["unit"] == ON_PAPER)

    assert (4, 4, True) == (found["figure"], found["total"], found["agrees"])
    assert 4 == len(found["rows"])
    assert ["report.expected.v1"] == [event["type"] for event in paper["events"]]
    assert [ON_PAPER, DISTRICT, "66"] == [one["unit"] for one in paper["path"]]
    assert ("clock", "2012-06-01T00:00:00+07:00") == (paper["because"], paper["since"])


def test_what_was_recorded_since_explains_another_figure_of_the_same_instant(
    home: SmallHome,
) -> None:
    found = explained(home, "66", f"measure=completed&on={EIGHT}")
    paper = next(row for row in found["rows"] if row["unit"] == ON_PAPER)
    (opened, sent) = paper["events"]

    assert (3, True) == (found["figure"], found["agrees"])
    assert ("3/BC", "report.submitted.v1", "decides") == (
        paper["document"],
        paper["because"],
        sent["role"],
    )
    assert "2012-06-20T10:00:00+07:00" == sent["recorded_at"]
    assert paper["because_events"] == [sent["event_id"]]
    assert 0 < opened["notification"] < sent["notification"]


def test_the_number_of_an_event_is_that_of_its_record_in_the_ledger(home: SmallHome) -> None:
    found = explained(home, "66", "measure=assigned&on=2012-06-12")
    told = {event["notification"]: event for row in found["rows"] for event in row["events"]}
    records = {one.id: one.event_name for one in home.ledger.events()}

    assert len(told) > 6
    assert {n: event["type"] for n, event in told.items()} == {n: records[n] for n in told}


def test_every_event_names_the_place_at_which_it_stands_on_the_log(home: SmallHome) -> None:
    queries = ("explain?measure=assigned&on=2012-06-12", "diff?on=2012-05-15&to_on=2012-06-12")
    rows = [row for one in queries for row in asked(home, f"/api/units/66/{one}")["rows"]]
    told = {event["event_id"]: event for row in rows for event in row["events"]}
    at = {name: (one["partition"], one["offset"]) for name, one in told.items()}

    assert len(at) > 6
    assert at.items() <= on_the_log(home).items()
    assert len({partition for partition, _ in at.values()}) > 1
    shown = by_command(home, "explain", "66", "assigned", "--on", "2012-06-12")
    assert [f"topic events/{n} offset {at}" in shown for n, at in at.values()] == [True] * len(at)


def test_a_sheet_names_the_records_and_both_states(home: SmallHome) -> None:
    options = ("diff", "66", "--on", "2012-05-15", "--on", "2012-06-12")
    (head, *lines) = by_command(home, *options, "-o", "csv").splitlines()
    rows = asked(home, "/api/units/66/diff?on=2012-05-15&to_on=2012-06-12")["rows"]
    states = {"states": [{"on": "2012-05-15"}, {"on": AT_EIGHT}], "rows": []}
    sheet = question_sheets.sheet("diff", states, "en")

    assert "Counted in the second only,Because of,Records: number in the ledger" in head
    assert [(row["records"] or "") in line for row, line in zip(rows, lines, strict=True)] == (
        [True] * len(rows)
    )
    assert any("(events/" in line for line in lines)
    assert ("Figures as of 15/05/2012", "Figures as of 08/06/2012 08:00") == sheet.about


def on_the_log(home: SmallHome) -> dict[str, tuple[int, int]]:
    """Event id -> partition and offset of its record on the topic `events`."""
    name = EVENTS.full(home.settings.topic_prefix)
    return {
        decode(record.value or b"").event_id.hex(): (partition, record.offset)
        for partition, (start, end) in enumerate(home.log.ends(name))
        for record in all_records(home.log, name, partition, start, end)
    }


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_adds_up_for_every_unit_day_and_knowledge(
    home: SmallHome, measure: str
) -> None:
    seen = 0
    for unit in ("centre", "66", DISTRICT, SILENT):
        for query in ("on=2012-06-12", "on=2012-07-02", "on=2012-06-12&known=2012-06-12"):
            found = explained(home, unit, f"measure={measure}&{query}")
            board = asked(home, f"/api/units/{unit}/board?{query}")["subtree"]

            assert found["agrees"], found
            assert Counts.read(board)[measure] == found["total"]
            seen += found["total"]

    assert seen or measure not in ("assigned", "overdue", "completed", "late", "due")


CUTS = ("kind", "area", "level", "unit_kind", "child", "item", "period", "due_month", "due_year")


@pytest.mark.parametrize("by", [*CUTS, "programme"])
def test_every_row_of_a_board_is_explained(home: SmallHome, by: str) -> None:
    board = asked(home, f"/api/units/66/board?by={by}&on=2012-06-12")
    rows = {row["key"]: row["due"] for row in board["rows"] if row["key"]}

    assert rows
    for key, due in rows.items():
        found = explained(home, "66", f"measure=due&on=2012-06-12&by={by}&key={key}")

        assert (due, due, True) == (found["figure"], found["total"], found["agrees"])


@pytest.mark.parametrize("measure", ["assigned", "due", "overdue", "in_revision"])
def test_both_columns_of_a_board_are_explained(home: SmallHome, measure: str) -> None:
    seen = 0
    for day in ("2012-06-12", "2013-02-01"):
        board = asked(home, f"/api/units/66/board?on={day}")["subtree"]
        for column in ("due_this_year", "carried_over"):
            cut = f"by=column&key={column}"
            found = explained(home, "66", f"measure={measure}&on={day}&{cut}")
            seen += found["total"]

            assert found["agrees"], found
            assert board[column][measure] == found["total"]

    assert seen or measure == "in_revision"


def test_pages_together_are_the_whole(home: SmallHome) -> None:
    pages = [
        explained(home, "66", f"measure=assigned&on=2012-06-12&rows=4&page={page}")
        for page in (1, 2)
    ]
    whole = explained(home, "66", "measure=assigned&on=2012-06-12")
    names = [row["obligation"] for page in pages for row in page["rows"]]

    assert [(2, 6), (2, 6)] == [(page["pages"], page["total"]) for page in pages]
    assert [row["obligation"] for row in whole["rows"]] == names


def test_the_command_says_what_http_says(home: SmallHome) -> None:
    argv = ("explain", "66", "overdue", "--on", AT_EIGHT, "--known", AT_EIGHT)
    printed = json.loads(by_command(home, *argv, "-o", "json"))
    shown = by_command(home, *argv)

    assert (
        explained(home, "66", f"measure=overdue&on={EIGHT}&known={EIGHT}")["rows"]
        == (printed["rows"])
    )
    assert "agrees: the board shows 4, and 4 obligations make it" in shown
    assert "Xã Hai (66.x.02) → Huyện X (66.x) → Đắk Lắk (66)" in shown
    assert "Rule of the due" in by_command(home, *argv, "-o", "csv").splitlines()[0]


BAD = {
    "66/explain?measure=overdue&on=1999-01-01": "and did not stand yet on 1999-01-01",
    "66/explain?measure=overdue&on=2012-03-01": "had happened by 2012-03-01",
    "66/explain?measure=overdue&known=1999-01-01": "no unit event that was recorded named 66",
    "66.nobody/explain?measure=overdue": "no unit event names 66.nobody",
    "66/explain?measure=speed": "measure is one of",
    "66/explain?measure=due&by=area&key=nowhere": "has no row nowhere",
    "66/explain?measure=due&by=area": "give both or none",
    "66/explain?measure=due&rows=999": "rows is a whole number from 1 to 200",
    "66/diff?on=1999-01-01": "66 was established on 2012-01-01 and did not stand yet",
    "66/diff?on=2012-06-01&known=1999-01-01": "no unit event that was recorded named 66",
}


@pytest.mark.parametrize("path", BAD)
def test_a_question_without_an_answer_is_told_in_one_sentence(home: SmallHome, path: str) -> None:
    assert BAD[path] in refused(home, f"/api/units/{path}")


def test_known_before_anything_owed_was_recorded_is_no_zero(home: SmallHome) -> None:
    path = f"/api/units/{ON_PAPER}/explain?measure=assigned&on=2012-06-12"
    first = explained(home, ON_PAPER, "measure=assigned&on=2012-06-12")["rows"][0]["events"][0]
    before = first["recorded_at"][:10].replace("2012-04-01", "2012-03-31")

    assert "2012-03-31" == before
    assert "had been recorded by" in refused(home, f"{path}&known={before}")


def test_a_row_names_the_day_the_due_was_set_and_by_which_event(home: SmallHome) -> None:
    row = explained(home, SILENT, "measure=overdue&on=2012-06-12")["rows"][0]

    assert f"{RULE}:{SILENT}" == row["obligation"]
    assert ("2012-06-01", row["events"][0]["event_id"]) == (
        row["due"]["due_before"],
        row["due"]["set_by"],
    )


def test_the_way_up_names_the_unit_events_that_make_it(home: SmallHome) -> None:
    before = explained(home, SILENT, "measure=overdue&on=2012-06-30")["rows"][0]["path"]
    after = explained(home, "66.y", "measure=overdue&on=2012-07-01&rows=200")
    moved = next(row for row in after["rows"] if row["unit"] == SILENT)["path"]
    types = types_by_id(home)

    assert [(SILENT, "2012-01-01")] == [(one["unit"], one["since"]) for one in before]
    assert [(SILENT, "2012-07-01"), "66.y"] == [
        (moved[0]["unit"], moved[0]["since"]),
        moved[1]["unit"],
    ]
    assert ["unit.established.v1", "unit.moved.v1"] == [
        types[one["event_id"]] for one in (before[0], moved[0])
    ]


def test_two_states_differ_by_events_and_by_the_clock(home: SmallHome) -> None:
    found = asked(home, "/api/units/66/diff?on=2012-05-15&to_on=2012-06-12")
    by_name = {row["obligation"]: row for row in found["rows"]}
    silent, paper = by_name[f"{RULE}:{SILENT}"], by_name[f"{RULE}:{ON_PAPER}"]

    valid("AnswerDiff", found)
    assert found["agrees"], found["sentence"]
    assert ("clock", "due, overdue", []) == (
        silent["because"],
        silent["counted_after"],
        silent["events"],
    )
    assert "report.submitted.v1, clock" == paper["because"]
    assert found["figures"]["overdue"] == [0, 2, 2]


def test_one_day_as_known_twice_differs_by_what_was_recorded_between(home: SmallHome) -> None:
    found = asked(home, "/api/units/66/diff?on=2012-06-12&known=2012-06-12&to_on=2012-06-12")
    paper = next(row for row in found["rows"] if row["obligation"] == f"{RULE}:{ON_PAPER}")

    assert found["agrees"], found["sentence"]
    assert ["late"] == [event["role"] for event in paper["events"]]
    assert ("overdue", "report.submitted.v1") == (paper["counted_before"], paper["because"])
    assert [-1, 1] == [found["figures"][name][2] for name in ("overdue", "completed")]


def test_a_unit_that_moved_away_takes_its_obligation_along(home: SmallHome) -> None:
    found = asked(home, f"/api/units/{DISTRICT}/diff?on=2012-06-30&to_on=2012-07-01")
    (row,) = found["rows"]
    (unit,) = found["units"]

    assert found["agrees"], found["sentence"]
    assert ("tree", f"{RULE}:{SILENT}") == (row["because"], row["obligation"])
    assert (SILENT, False, "unit.moved.v1") == (unit["unit"], unit["came"], unit["because"])
    assert [-1, -1] == [found["figures"][name][2] for name in ("assigned", "overdue")]


def test_diff_is_asked_by_two_days_or_by_two_instants_of_knowledge(home: SmallHome) -> None:
    days = by_command(home, "diff", "66", "--on", "2012-05-15", "--on", "2012-06-12")
    known = ("--known", "2012-06-12", "--known", "2012-06-21")
    twice = json.loads(by_command(home, "diff", "66", "--on", "2012-06-12", *known, "-o", "json"))

    assert "Overdue: 0 → 2 (+2)" in days
    assert [one["on"] for one in twice["states"]] == 2 * [twice["on"]]
    assert [-1, 1] == [twice["figures"][name][2] for name in ("overdue", "completed")]
