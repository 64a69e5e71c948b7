"""Ambiguities of domain section 8 about who owes what, each by its number, in the documents.

What is expected is that of the domain, written by hand. Where a default is a choice, the setting
that changes it is named, and changes it here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from schemas.event import Document, Event, Opens
from schemas.events.unit import LEVELS
from schemas.times import format_day, parse_day
from services import calendar
from services.openings import Opening, openings
from services.programme_reading import builtin_programmes
from services.report import SubmitReport, TransferReport, WaiveReport
from services.task import (
    AssignTask,
    CancelTask,
    DeclareTaskCompletion,
    ExtendTaskDue,
    ReturnTaskCompletion,
)
from tests.given_when_then import Office
from tests.programme_files import dues, owed_of_item, state_on, with_conventions
from tests.unit.test_calendar_plan import issued, members_set, rule, standing_of
from tests.unit.test_openings import S0, S1, S2, S3, S4, documents, members, opened

FIRST, SECOND, THIRD = "87.dai-ptth", "87.bao-dong-thap", "87.cong-ttdt"
TASK_9 = f"{S3}:9:87.so-noi-vu"
OFFICE, FINANCE, JUSTICE = "06.van-phong-ubnd-tinh", "06.so-tai-chinh", "06.so-tu-phap"
MODERNISATION = f"{S1}:III.2.2.4.b:{OFFICE}"
ADDRESSEES = "co-quan-dong-tren-dia-ban"


def done_when(programme: str, kind: str, *conventions: str) -> set[str]:
    document = with_conventions(programme, *conventions)
    return {one.done_when for one in openings(document, members(programme)) if one.kind == kind}


def declare(unit: str, obligation: str) -> DeclareTaskCompletion:
    return DeclareTaskCompletion(by=unit, obligation=obligation)


def next_of(**words: Any) -> Opening:
    """The first opening of a quarterly rule with other words."""
    world = [*issued(rule(**words)), members_set("2012-01-01", "66.a")]
    return next(calendar.openings(standing_of(world), parse_day("2012-03-01"))).opening


def test_ambiguity_06_a_rule_names_whom_its_reports_go_to_and_through_whom() -> None:
    """Setting: `to` and `via` of the rule; receipt at either is delivery."""
    found = next_of(to=("66", "66.ban-chi-dao"), via=None)

    assert (found.to, found.via) == (("66", "66.ban-chi-dao"), None)


def test_ambiguity_08_a_rule_may_lay_the_report_on_the_district_instead() -> None:
    """Setting: `owers` of the rule."""
    assert next_of().unit == "66.a"
    assert next_of(owers=("66.643",)).unit == "66.643"


def test_ambiguity_10_an_assignment_that_comes_later_is_owed() -> None:
    """S2:191. Setting: `task assign` by the issuer, once the table of assignments is known."""
    content = f"{S2}:II.5.3:20.so-noi-vu"
    given = {"by": "20", "unit": "20.so-noi-vu", "programme": S2, "item": "II.5.3"}
    office = Office(now="2018-03-01 08:00")
    assign = AssignTask(obligation=content, due_before=parse_day("2018-07-01"), **given)
    office.when(assign)

    assert "II.5.3" not in {one.item for one in opened(S2)}
    assert state_on(office.streams[content], "2018-07-01") == "overdue"


def test_ambiguity_12_the_review_is_opt_in_and_the_report_on_it_is_owed_by_all() -> None:
    """S3:73. Setting: a declaration (`programme declare-participation`, `--declared` of a load)."""
    willing = list(openings(documents()[S3], members(S3), declared={"2.a": {"87.860"}}))
    units = {*(f"87.so-{n}" for n in range(3)), "87.860", "87.861"}

    assert {one.unit for one in opened(S3) if one.item == "2.a"} == set()
    assert {one.unit for one in willing if one.item == "2.a"} == {"87.860"}
    assert {one.unit for one in opened(S3) if one.item == "2.b"} == units


def test_ambiguity_28_the_revision_has_the_inferred_day_of_its_paragraph() -> None:
    """S4:41. Setting: a declaration by the units that had a plan of 2012 before."""
    revising = openings(documents()[S4], members(S4), declared={"2.3": {"66.so-0"}})
    found = [one for one in revising if one.item == "2.3"]

    assert [(one.unit, one.due_before, "due" in one.inferred) for one in found] == [
        ("66.so-0", parse_day("2012-03-16"), True)
    ]


def test_ambiguity_18_the_lead_declares_a_task_done_and_the_assigner_may_return_it() -> None:
    """A report is done when it is sent."""
    office = owed_of_item(S3, "9", now="2020-12-01 08:00")
    office.when(declare("87.so-noi-vu", TASK_9))
    declared = office.streams[TASK_9][:]
    back = ReturnTaskCompletion(by="87", obligation=TASK_9, reasons=("figures",))
    office.when(back, now="2020-12-10 08:00")

    assert (done_when(S3, "task"), done_when(S3, "report")) == ({"declared"}, {"sent"})
    assert state_on(declared, "2020-12-05") == "done_on_time"
    assert state_on(office.streams[TASK_9], "2020-12-11") == "in_revision"


def test_ambiguity_18_a_programme_may_count_what_was_accepted_alone() -> None:
    """Setting: `done_when_accepted` (`conventions` in its file), `done_when` of a rule or task."""
    only_tasks = "done_when_accepted: [task]"
    office = owed_of_item(S3, "9", now="2020-12-01 08:00")
    (opening,) = office.streams[TASK_9]
    assert isinstance(opening, Opens)
    by_acceptance: list[Event] = [replace(opening, done_when="accepted")]
    by_acceptance += office.when(declare("87.so-noi-vu", TASK_9))

    assert done_when(S3, "task", only_tasks) == {"accepted"}
    assert done_when(S3, "report", only_tasks) == {"sent"}
    assert state_on(by_acceptance, "2020-12-05") == "awaiting_acceptance"


def test_ambiguity_22_three_co_leads_owe_one_each_and_it_is_finished_when_all_are() -> None:
    """S3:95."""
    office = owed_of_item(S3, "6", now="2020-11-01 08:00")
    owed = {unit: f"{S3}:6:{unit}" for unit in (FIRST, SECOND, THIRD)}
    assert office.streams.keys() == set(owed.values())

    finished = []
    for unit, obligation in owed.items():
        office.when(declare(unit, obligation))
        states = {state_on(facts, "2020-11-02") for facts in office.streams.values()}
        finished.append(states == {"done_on_time"})

    assert finished == [False, False, True]


def test_ambiguity_23_who_is_named_first_leads_the_plan_of_modernisation_and_it_is_marked() -> None:
    """S1:145. Nobody leads the review of procedures but Justice, by its own row (S1:143)."""
    rows = {one.id: one for one in documents()[S1].tasks}
    plan, review, own = (rows[one] for one in ("III.2.2.4.b", "III.2.2.4.a", "III.2.2.3.b"))

    assert (plan.lead, "lead" in plan.inferred) == (("van-phong-ubnd-tinh",), True)
    assert (review.lead, review.countable) == ((), False)
    assert (own.lead, own.countable, "lead" in own.inferred) == (("so-tu-phap",), False, False)


def test_ambiguity_23_the_chairman_gives_it_to_another_lead() -> None:
    """Setting: a transfer by the issuer, for whom the Chairman signs (`report transfer`)."""
    office = owed_of_item(S1, "III.2.2.4.b", now="2007-03-01 08:00")
    fixed = TransferReport(by="06", obligation=MODERNISATION, to_unit=FINANCE)
    mine = SubmitReport(by=OFFICE, obligations=(MODERNISATION,))

    assert office.says(fixed) == ["report.transferred.v1"]
    assert f"only {FINANCE}" in office.refuses(mine, now="2007-03-02 08:00")


def test_ambiguity_24_finance_and_the_office_owe_the_plans_of_april_2007_and_nobody_else() -> None:
    """S1:163, 137-145: Home Affairs' is the yearly plan, which has no day; Justice is open."""
    april = parse_day("2007-05-01")
    rows = {one.id: one for one in documents()[S1].tasks}

    assert {(one.unit, one.item) for one in opened(S1) if one.due_before == april} == {
        (FINANCE, "III.2.2.2"),
        (OFFICE, "III.2.2.4.b"),
    }
    assert (rows["III.2.2.1.a"].lead, rows["III.2.2.1.a"].due_as_written) == (
        ("so-noi-vu",),
        "hàng năm",
    )
    assert "Justice" in (rows["III.3.1"].note or "")
    assert JUSTICE not in {one.unit for one in opened(S1)}


def test_ambiguity_25_addressees_without_a_duty_owe_nothing_whoever_they_are() -> None:
    """S4:13: agencies located in the province get the letter."""
    document = documents()[S4]
    with_addressees = {**members(S4), ADDRESSEES: ["66.kho-bac", "66.so-0"]}
    named = {one for row in document.tasks for one in (*row.lead, *row.coordinating)}
    owers = {one for rule in document.rules for one in rule.owers}

    assert ADDRESSEES in {one.id for one in document.classes}
    assert f"class:{ADDRESSEES}" not in named | owers
    assert list(openings(document, with_addressees)) == list(opened(S4))


def test_ambiguity_26_the_recipient_may_waive_the_first_quarter_and_the_ower_may_not() -> None:
    """S4:54: the letter is of 1/3/2012, the report of the quarter due before 8/3/2012."""
    first = f"{S4}:5.1:2012-Q1:66.so-0"
    office = owed_of_item(S4, "5.1", now="2012-03-02 08:00")

    assert dues(S4, "5.1", "66.so-0")["2012-Q1"] == "2012-03-08"
    assert "may waive it" in office.refuses(WaiveReport(by="66.so-0", obligation=first))
    assert office.says(WaiveReport(by="66", obligation=first)) == ["report.waived.v1"]
    assert state_on(office.streams[first], "2012-03-09") == "cancelled"


def test_ambiguity_30_one_unit_owes_its_own_summary_and_the_thematic_report() -> None:
    """S3:73-90, S0:70: two duties, in Đồng Tháp with two dates."""
    health = {**members(S3), "so-nganh": ["87.so-y-te"]}
    found = {
        one.item: format_day(one.due_before or parse_day("1970-01-01"))
        for one in openings(documents()[S3], health)
        if one.unit == "87.so-y-te"
    }
    justice = {**members(S0), "so-ban-nganh": ["20.so-tu-phap"]}

    assert found == {"2.b": "2020-06-01", "3.12": "2020-05-15"}
    assert [
        one.item for one in openings(documents()[S0], justice) if one.unit == "20.so-tu-phap"
    ] == [*("III.1.1", "III.1.2.1")]


@pytest.mark.parametrize("by", ["87.so-noi-vu", "87.so-y-te", "centre"])
def test_ambiguity_32_neither_the_ower_nor_a_stranger_extends_or_cancels(by: str) -> None:
    """S1:147: the issuing authority alone."""
    office = owed_of_item(S3, "9", now="2020-12-01 08:00")
    extend = ExtendTaskDue(by=by, obligation=TASK_9, due_before=parse_day("2021-07-01"))

    assert "87" in office.refuses(extend)
    assert "only 87" in office.refuses(CancelTask(by=by, obligation=TASK_9))
    assert len(office.streams[TASK_9]) == 1


def test_ambiguity_32_the_issuing_authority_extends_and_cancels_by_a_document() -> None:
    office = owed_of_item(S3, "9", now="2020-12-01 08:00")
    extend = ExtendTaskDue(by="87", obligation=TASK_9, due_before=parse_day("2021-07-01"))
    cancel = CancelTask(by="87", obligation=TASK_9)
    paper = Document(number="5/QĐ-UBND")

    assert office.refuses(extend) == "it is extended by a document; name its number"
    assert office.refuses(cancel) == "it is cancelled by a document; name its number"
    assert office.says(replace(extend, document=paper)) == ["task.due_extended.v1"]
    assert office.says(replace(cancel, document=paper)) == ["task.cancelled.v1"]


def test_ambiguity_34_reporting_has_four_levels_and_no_one_stop_unit_is_at_the_centre() -> None:
    """S2:145 counts four levels, S2:177 three: the one-stop mechanism."""
    (one_stop,) = [one for one in documents()[S2].tasks if one.seed_lines == (177,)]
    stops = [
        (one.level, one.member_kind)
        for document in documents().values()
        for one in document.classes
        if one.member_kind.startswith("one_stop")
    ]
    levels = {unit.level for document in documents().values() for unit in document.units}

    assert LEVELS == ("commune", "district", "province", "centre")
    assert "ở cả ba cấp tỉnh, huyện, xã" in one_stop.title
    assert stops == [("district", "one_stop_centre"), ("any", "one_stop_unit")]
    assert {"province", "centre"} <= levels


def test_ambiguity_35_variants_of_a_number_or_date_stay_as_written_under_our_own_id() -> None:
    """S3:3/50, S3:19/57, S2:123/125."""
    (file,) = [one for one in builtin_programmes() if one.stem == S3]
    head = yaml.safe_load(file.read_text(encoding="utf-8"))["document"]
    (decree,) = [one for one in documents()[S2].tasks if one.id == "II.5.3"]

    assert (documents()[S3].number, head["number_variant"]) == (
        *("71/QĐ-UBND-HC", "71/QĐ-UBND (line 50)"),
    )
    assert "QĐ 305 (17/12/2016 at line 19; 17/3/2016 at line 57)" in documents()[S3].derives_from
    assert decree.note == "Line 123 dates the decree 14/02/2017, line 125 dates it 14/02/2015."
    assert {one.programme for one in opened(S3)} == {"dong-thap-review-2011-2020"}
