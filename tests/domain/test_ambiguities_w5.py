"""Ambiguities 15, 16 and 17 of the domain: what the documents leave open about inspections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest

from schemas.due import occurrences
from schemas.times import parse_day
from services.openings import openings
from services.programme_document import ProgrammeDocument
from services.programme_reading import builtin_programmes, read_programme
from tests.domain.test_questions_w5 import asked, some
from tests.inspection_home import (
    BODY,
    FIRST_BODY,
    HEALTH,
    PROGRAMME,
    PROVINCE,
    inspection_home,
    told,
)
from tests.small_home import SmallHome

COMMITTEE = {"ban-chi-dao-huyen": ["06.060.ban-chi-dao"]}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallHome]:
    made = inspection_home(tmp_path_factory.mktemp("ambiguities"))
    yield made
    made.close()


def document(name: str) -> ProgrammeDocument:
    return next(one for one in map(read_programme, builtin_programmes()) if one.id == name)


def test_ambiguity_15_the_plan_and_the_inspection_of_the_first_quarter_are_two_duties() -> None:
    owed = [
        one
        for one in openings(document(PROGRAMME), COMMITTEE)
        if one.unit == "06.060.ban-chi-dao" and str(one.period) in ("2007", "2007-Q1")
    ]

    kinds = Counter((one.item, one.kind, one.due_before) for one in owed)
    both = parse_day("2007-04-01")
    assert (
        1 == kinds["III.3.3.a", "inspection", both] == kinds["III.3.3.b", "inspection_plan", both]
    )


def test_ambiguity_15_an_inspection_before_the_plan_counts(home: SmallHome) -> None:
    first = asked(home, PROVINCE, "inspection-due", quarter="2007-Q1", show="all")
    own = {row["kind"]: row for row in first["rows"] if row["unit"] == BODY}

    assert own["inspection"]["completed_at"] < own["inspection_plan"]["completed_at"]
    assert {"done_on_time"} == {row["state"] for row in own.values()}


def test_ambiguity_16_one_inspection_meets_the_quarter_whoever_was_left_out(
    home: SmallHome,
) -> None:
    met = asked(home, PROVINCE, "inspection-due", quarter="2007-Q2", show="all")
    covered = asked(home, PROVINCE, "inspection-coverage", year="2007")
    own = [row for row in covered["rows"] if row["unit"] == FIRST_BODY]

    states = {row["unit"]: row["state"] for row in met["rows"] if row["kind"] == "inspection"}
    assert "done_on_time" == states[FIRST_BODY]
    assert [(1, 1)] == some({"rows": own}, "inspected", "never")


def test_ambiguity_17_the_document_gives_the_yearly_inspection_plan_no_day() -> None:
    (task,) = (one for one in document("dak-lak-guidance-2012").tasks if one.id == "4.1")
    found = list(islice(occurrences(task.due, parse_day("2012-01-01"), parse_day("2021-01-01")), 2))

    assert "hàng năm" == task.due_as_written
    assert [("2012", None), ("2013", None)] == [(str(one.period), one.due_before) for one in found]


def test_ambiguity_17_it_is_never_overdue_and_the_day_of_the_yearly_plan_is_suggested(
    home: SmallHome,
) -> None:
    home.tell([*yearly("plan", "2006-07-31"), *yearly("inspection_plan", None)])
    home.catch_up()
    open_ = asked(home, HEALTH, "inspection-due", on="2008-01-10", quarter="2007-Q4")
    home.tell([determined("2007-09-01")])
    home.catch_up()
    set_ = asked(home, HEALTH, "inspection-due", on="2007-08-01", quarter="2007-Q4")

    keys = ("kind", "state", "due_before", "suggested")
    assert [("inspection_plan", "no_due", None, "2006-07-31")] == some(open_, *keys)
    assert [("inspection_plan", "not_due", "2007-09-01", None)] == some(set_, *keys)


def yearly(kind: str, due: str | None) -> list[str]:
    """The health department owes its plan of the year, or its plan of inspections."""
    terms = {"kind": kind, "item": kind, "period": "2007", "issuer": PROVINCE, "done_when": "sent"}
    terms |= {} if due is None else {"due_before": due}
    return [of_plan(kind, "report.expected.v1", "2007-07-05 08:00", **terms)]


def determined(due: str) -> str:
    name = "report.due_determined.v1"
    return of_plan("inspection_plan", name, "2007-07-06 08:00", due_before=due)


def of_plan(which: str, name: str, at: str, **terms: str) -> str:
    return told(name, f"guidance:{which}:2007:{HEALTH}", HEALTH, at, by=PROVINCE, **terms)
