"""The five programme files as typed data: counts, marks, traps, and refusals with a place."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.due import Composite, Recurring, Undated
from schemas.periods import PeriodKind
from schemas.refusal import Reason, Refused
from schemas.times import parse_day
from services.programme_document import ProgrammeDocument, ReportingRule, Task
from services.programme_reading import (
    PROGRAMME_BYTES_MAX,
    builtin_programmes,
    parse_programme,
    read_programme,
)


@cache
def documents() -> dict[str, ProgrammeDocument]:
    return {found.id: found for found in map(read_programme, builtin_programmes())}


def task(programme: str, item: str) -> Task:
    return next(one for one in documents()[programme].tasks if one.id == item)


def rule(programme: str, item: str) -> ReportingRule:
    return next(one for one in documents()[programme].rules if one.id == item)


@pytest.mark.parametrize(
    ("programme", "tasks", "countable", "rules", "inspections", "units", "classes"),
    [
        ("lang-son-review-2001-2010", 24, 10, 3, 2, 10, 6),
        ("bac-kan-2006-2010", 75, 9, 11, 11, 13, 19),
        ("lang-son-2018", 69, 0, 7, 9, 8, 6),
        ("dong-thap-review-2011-2020", 38, 23, 4, 1, 19, 4),
        ("dak-lak-guidance-2012", 19, 7, 9, 2, 3, 3),
    ],
)
def test_the_facts_of_each_document_are_all_read(
    programme: str,
    tasks: int,
    countable: int,
    rules: int,
    inspections: int,
    units: int,
    classes: int,
) -> None:
    found = documents()[programme]

    assert (len(found.tasks), sum(one.countable for one in found.tasks)) == (tasks, countable)
    assert (len(found.rules), len(found.inspections)) == (rules, inspections)
    assert (len(found.units), len(found.classes)) == (units, classes)


@pytest.mark.parametrize(
    ("programme", "issued_on", "in_force_on", "inferred"),
    [
        ("lang-son-review-2001-2010", "2010-05-01", "2010-05-01", True),
        ("bac-kan-2006-2010", "2007-02-09", "2007-02-19", False),
        ("lang-son-2018", "2017-12-28", "2017-12-28", False),
        ("dong-thap-review-2011-2020", "2020-01-21", "2020-01-21", False),
        ("dak-lak-guidance-2012", "2012-03-01", "2012-03-01", False),
    ],
)
def test_a_document_holds_from_its_own_rule_else_from_its_date(
    programme: str, issued_on: str, in_force_on: str, inferred: bool
) -> None:
    found = documents()[programme]

    assert (found.issued_on, found.in_force_on) == (parse_day(issued_on), parse_day(in_force_on))
    assert (found.issued_inferred, "issued_on" in found.inferred) == (inferred, inferred)


def test_owers_and_recipients_named_in_prose_are_no_references() -> None:
    thematic = rule("dong-thap-review-2011-2020", "R2")
    autonomy = rule("lang-son-2018", "R7")

    assert (thematic.owers, thematic.owers_prose) == ((), "the lead of each task 3.1-3.14")
    assert (autonomy.to, autonomy.to_prose) == ((), "cap-co-tham-quyen (competent authority)")
    assert (autonomy.owers, autonomy.owers_prose, autonomy.periods) == ((), None, ())


def test_periods_may_be_a_list_or_a_word_of_their_own() -> None:
    both = rule("bac-kan-2006-2010", "R9")
    several = rule("lang-son-2018", "R5")

    assert (both.period_words, both.periods) == (("half_year_and_year",), ())
    assert both.embedded
    assert several.periods == (PeriodKind.QUARTER, PeriodKind.HALF_YEAR, PeriodKind.YEAR)
    assert several.period_words[-1] == "on_demand"
    assert not several.embedded


def test_a_guessed_due_is_kept_as_a_guess() -> None:
    monthly = rule("bac-kan-2006-2010", "R4").due
    item = task("bac-kan-2006-2010", "II.1.1.a").due

    assert isinstance(monthly, Recurring)
    assert (monthly.position, monthly.fallback) == ("unspecified", "period_end")
    assert "due.fallback" in monthly.inferred
    assert isinstance(item, Undated)
    assert item.fallback_due_before == parse_day("2011-01-01")


def test_the_marks_of_what_was_inferred_are_kept() -> None:
    plan = task("bac-kan-2006-2010", "III.2.2.4.b")
    quarterly = rule("bac-kan-2006-2010", "R5")

    assert {"lead", "due"} <= plan.inferred
    assert {"to", "via"} <= quarterly.inferred
    assert "parent" in next(
        unit.inferred
        for unit in documents()["dak-lak-guidance-2012"].units
        if unit.id == "so-noi-vu"
    )


def test_areas_conditions_and_parts_are_read() -> None:
    review = task("dong-thap-review-2011-2020", "2.a")

    assert task("lang-son-review-2001-2010", "III.1.2.3").areas == ("organisation", "personnel")
    assert review.condition is not None
    assert review.condition.mode == "opt_in_by_unit"
    assert task("dong-thap-review-2011-2020", "2").due == Composite(parts=("2.a", "2.b"))
    assert documents()["bac-kan-2006-2010"].areas[6].name == "propaganda, teaching"


def test_a_unit_whose_name_holds_a_comma_is_one_unit() -> None:
    names = [unit.name for unit in documents()["dong-thap-review-2011-2020"].units]

    assert "Sở Văn hóa, Thể thao và Du lịch" in names


def changed(change: Callable[[dict[str, Any]], Any]) -> str:
    loaded = yaml.safe_load(builtin_programmes()[1].read_text(encoding="utf-8"))
    change(loaded)
    return yaml.safe_dump(loaded, allow_unicode=True)


def put(path: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    """A change of the Dak Lak file: the field at this path becomes the value."""

    def change(loaded: dict[str, Any]) -> None:
        *steps, last = path.split("/")
        here: Any = loaded
        for step in steps:
            here = here[int(step)] if isinstance(here, list) else here[step]
        here[int(last) if isinstance(here, list) else last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "reason", "place"),
    [
        ("schema", "cchc-programme/2", Reason.NOT_IN_LIST, "schema"),
        ("id", None, Reason.MISSING_FIELD, "id"),
        ("surprise", 1, Reason.EXTRA_FIELD, ""),
        ("document/issued_on", None, Reason.MISSING_FIELD, "document.issued_on"),
        ("document/issued_on", "1/3/2012", Reason.IMPOSSIBLE_DAY, "document.issued_on"),
        ("document/issuer", "so-x", Reason.NOT_IN_LIST, "document.issuer"),
        ("units", {"id": "x"}, Reason.WRONG_TYPE, "units"),
        ("units/1/level", "ward", Reason.NOT_IN_LIST, "units[so-noi-vu].level"),
        ("units/1/parent", "ubnd-x", Reason.NOT_IN_LIST, "units[so-noi-vu].parent"),
        ("units/1/id", "ubnd-tinh", Reason.RULE, "units"),
        ("tasks/1/countabel", True, Reason.EXTRA_FIELD, "tasks[2.1]"),
        ("tasks/1/countable", "yes", Reason.WRONG_TYPE, "tasks[2.1].countable"),
        ("tasks/1/lead", [], Reason.RULE, "tasks[2.1].lead"),
        ("tasks/1/lead", ["class:so-x"], Reason.NOT_IN_LIST, "tasks[2.1].lead"),
        ("tasks/1/id", 2.1, Reason.WRONG_TYPE, "tasks[1].id"),
        ("tasks/1/title_vi", "", Reason.EMPTY_STRING, "tasks[2.1].title_vi"),
        ("tasks/1/due/rule/kind", "someday", Reason.NOT_IN_LIST, "tasks[2.1].due.rule.kind"),
        ("tasks/1/due", None, Reason.MISSING_FIELD, "tasks[2.1].due"),
        ("tasks/2/id", "2.1", Reason.RULE, "tasks and reporting_rules"),
        ("reporting_rules/0/id", "2.1", Reason.RULE, "tasks and reporting_rules"),
        ("reporting_rules/0/period", "week", Reason.NOT_IN_LIST, "reporting_rules[R1].period"),
        ("reporting_rules/0/via", "so-x", Reason.NOT_IN_LIST, "reporting_rules[R1].to"),
        ("reporting_rules/0/realises_task", ["9.9"], Reason.NOT_IN_LIST, "R1].realises_task"),
        ("tasks/1/seed_lines", [1, "2"], Reason.WRONG_TYPE, "tasks[2.1].seed_lines"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(
    path: str, value: Any, reason: Reason, place: str
) -> None:
    with pytest.raises(Refused) as caught:
        parse_programme(changed(put(path, value)))

    assert caught.value.reason == reason
    assert caught.value.where.endswith(place)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "a: 1\na: 2",
        "",
        "[]",
        "a: b: c",
        "issued_on: 2012-13-45",
        "\x00",
        "!!python/object:os.system {}",
    ],
)
def test_what_is_no_programme_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_programme(text)


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("schema: Đắk Lắk".encode("utf-16"))
    large = tmp_path / "large.yaml"
    large.write_bytes(b" " * (PROGRAMME_BYTES_MAX + 1))
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("schema: other", encoding="utf-8")
    for path in (latin, large, wrong):
        with pytest.raises(Refused) as caught:
            read_programme(path)

        assert caught.value.where.startswith(path.name)
