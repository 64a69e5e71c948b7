"""Questions of the domain about figures and whether to trust them: 10, 14, 26, 28 and 31."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from schemas.avro import decode
from schemas.measures import OBLIGATION_MEASURES
from schemas.topics import EVENTS
from tests.http_home import valid
from tests.small_home import SmallHome
from tests.story import line, quarter
from tests.unit.test_questions import by_command, over_http

DISTRICT = "66.x"
SILENT, ON_PAPER = "66.x.01", "66.x.02"
"""Two communes of a district: one owes its report still, one sent it on paper."""
RULE = "x-2012:R1:2012-Q2"
AT_EIGHT = "2012-06-08T08:00:00+07:00"


def commune(unit: str, name: str) -> str:
    terms = {"name": name, "level": "commune", "kind": "people_committee", "parent": DISTRICT}
    return line("unit.established.v1", unit, "2012-01-01 00:00", by=DISTRICT, **terms)


def owed(unit: str) -> str:
    fields = {"by": DISTRICT, "issuer": DISTRICT, "programme": "x-2012", "item": "R1"}
    fields |= {"obligation": f"{RULE}:{unit}", "area": "steering", "period": "2012-Q2"}
    fields |= {"due_before": "2012-06-01"}
    return line("report.expected.v1", unit, "2012-04-01 00:00", **fields)


def on_paper() -> str:
    """Sent two days before the due by the paper, entered three weeks later."""
    paper = {"document": {"number": "3/BC"}, "obligation": f"{RULE}:{ON_PAPER}", "by": ON_PAPER}
    return line("report.submitted.v1", ON_PAPER, "2012-05-30 09:00", "2012-06-20 10:00", **paper)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = SmallHome(tmp_path_factory.mktemp("auditor"))
    communes = [commune(SILENT, "Xã Một"), commune(ON_PAPER, "Xã Hai")]
    told = [*quarter(), *communes, owed(SILENT), owed(ON_PAPER), on_paper()]
    made.tell(sorted(told, key=lambda text: str(json.loads(text)["recorded_at"])))
    made.catch_up()
    yield made
    made.close()


def board(home: SmallHome, unit: str, asked: str) -> dict[str, Any]:
    response = over_http(home, f"/api/units/{unit}/board?{asked}")

    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def figures(found: dict[str, Any], *names: str) -> dict[str, tuple[Any, ...]]:
    return {row["key"]: tuple(row[name] for name in names) for row in found["rows"]}


def test_q10_completion_rate_and_overdue_by_area_department_and_district(home: SmallHome) -> None:
    names = ("assigned", "overdue", "completion_rate")
    by_area = figures(board(home, "66", "on=2012-06-12&by=area"), *names)
    by_child = figures(board(home, "66", "on=2012-06-12&by=child"), *names)

    assert {"reporting": (4, 1, 0.5), "steering": (2, 1, 0.5)} == by_area
    assert (1, 0, 1.0) == by_child["66.so-a"]
    assert (3, 1, 1 / 3) == pytest.approx(by_child[DISTRICT])
    assert (1, 1, 0.0) == by_child["66.y"]
    assert None is by_child["66.so-noi-vu"][2]


def test_q10_is_printed_with_the_names_of_areas_and_units(home: SmallHome) -> None:
    areas = by_command(home, "board", "66", "--by", "area", "--on", "2012-06-12")
    units = by_command(home, "board", "66", "--by", "child", "--on", "2012-06-12")

    assert [word for word in ("Reporting", "Direction", "50.0 %") if word not in areas] == []
    assert [word for word in ("Sở A", "Huyện Y", "33.3 %") if word not in units] == []


def test_q14_a_district_tells_its_own_figure_from_that_of_all_below(home: SmallHome) -> None:
    found = board(home, DISTRICT, "on=2012-06-12")

    assert (1, 0) == (found["own"]["assigned"], found["own"]["overdue"])
    assert (3, 1) == (found["subtree"]["assigned"], found["subtree"]["overdue"])
    assert (2, 1) == tuple(found["by_level"]["commune"][one] for one in ("assigned", "overdue"))


def test_q14_the_late_ones_of_a_district_are_listed_by_name(home: SmallHome) -> None:
    path = f"/api/units/{DISTRICT}/obligations?state=overdue&on=2012-06-12"
    listed = over_http(home, path).json()["obligations"]
    own = over_http(home, f"{path}&own=true").json()["obligations"]
    printed = by_command(home, "obligations", DISTRICT, "--state", "overdue", "--on", "2012-06-12")

    assert [(SILENT, "Xã Một", 12)] == [
        (one["unit"], one["unit_name"], one["days_overdue"]) for one in listed
    ]
    assert [] == own
    assert "Xã Một" in printed
    assert "Xã Hai" not in printed


def test_q26_what_the_board_showed_at_an_instant_is_replayed_from_the_log(
    home: SmallHome,
) -> None:
    then = ("66", "--on", AT_EIGHT, "--known", AT_EIGHT, "-o", "json")
    shown, replayed = (json.loads(by_command(home, one, *then)) for one in ("board", "replay"))
    now = json.loads(by_command(home, "board", "66", "--on", AT_EIGHT, "-o", "json"))

    assert shown["subtree"] == replayed["subtree"]
    assert (4, 2) == (shown["subtree"]["overdue"], shown["subtree"]["completed"])
    assert (3, 3) == (now["subtree"]["overdue"], now["subtree"]["completed"])


def test_q26_the_events_behind_it_are_those_recorded_by_then(home: SmallHome) -> None:
    path = f"/api/report-trail?obligation={RULE}:{ON_PAPER}"
    then = over_http(home, f"{path}&on=2012-06-08&known=2012-06-08").json()["rows"]
    now = over_http(home, path).json()["rows"]

    assert ["expected"] == [row["step"] for row in then]
    assert ["expected", "submitted"] == [row["step"] for row in now]
    assert "2012-06-20T10:00:00+07:00" == now[1]["recorded_at"]


def test_q28_records_entered_long_after_the_date_they_claim(home: SmallHome) -> None:
    found = over_http(home, "/api/units/66/backdated").json()

    valid("AnswerBackdated", found)
    assert (1, 1) == (found["total"], found["across"])
    (row,) = found["rows"]
    assert (21, "submitted", ON_PAPER, "3/BC", True) == tuple(
        row[name] for name in ("days_late", "step", "unit", "document", "across")
    )
    assert ("2012-05-30T09:00:00+07:00", "2012-06-20T10:00:00+07:00") == (
        row["at"],
        row["recorded_at"],
    )


def test_q28_names_where_each_record_stands_in_the_ledger_and_on_the_log(
    home: SmallHome,
) -> None:
    (row,) = over_http(home, "/api/units/66/backdated").json()["rows"]
    name = EVENTS.full(home.settings.topic_prefix)
    (record,) = home.log.read(name, row["partition"], row["offset"], 1)
    (told,) = home.ledger.notifications(row["notification"] - 1, 1)

    assert row["event_id"] == decode(told.value).event_id.hex()
    assert record.value == told.value


def test_what_an_answer_was_known_at_is_printed_with_it(home: SmallHome) -> None:
    clocks = ("--on", "2012-06-21", "--known", "2012-06-20")

    assert "Figures as of 21/06/2012 23:59 · as known at 20/06/2012 23:59" in by_command(
        home, "record", "backdated", "66", *clocks
    )


@pytest.mark.parametrize(
    ("unit", "asked", "total"),
    [
        ("66", "days=21", 1),
        ("66", "days=22", 0),
        ("66.y", "days=1", 0),
        (DISTRICT, "on=2012-05-29", 0),
        (DISTRICT, "known=2012-06-19", 0),
    ],
)
def test_q28_means_the_unit_its_days_and_what_was_known(
    home: SmallHome, unit: str, asked: str, total: int
) -> None:
    found = over_http(home, f"/api/units/{unit}/backdated?{asked}").json()

    assert (total, total) == (found["total"], len(found["rows"]))


def test_q28_is_printed_with_the_delay_and_whether_it_crosses_a_due(home: SmallHome) -> None:
    printed = by_command(home, "record", "backdated", "66")
    words = ("Days late", "30/05/2012 09:00", "20/06/2012 10:00", "Xã Hai", "yes", "In all: 1")

    assert [word for word in words if word not in printed] == []


def test_q31_the_counts_of_a_province_are_the_sum_of_its_parts(home: SmallHome) -> None:
    found = board(home, "66", "on=2012-06-12&by=child")
    parts = [found["own"], *(row for row in found["rows"] if row["key"] != "66")]

    for name in OBLIGATION_MEASURES:
        levels = sum(level[name] for level in found["by_level"].values())
        assert found["subtree"][name] == sum(part[name] for part in parts) == levels, name


def test_q31_verify_counts_every_identity_of_every_unit(home: SmallHome) -> None:
    printed = by_command(home, "verify")

    assert "ok       identities: " in printed
    assert "ok       subtree = own + children: 9 compared, 0 differ" in printed
