"""Ambiguities of domain section 8 about days, each by its number, in the documents as shipped.

The expected days are those of the domain, written by hand. Where a default is a choice, the
setting that changes it is named, and changes it here.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from schemas.due import Fixed
from schemas.event import Document, Opens
from schemas.events.report import ReportReturned
from schemas.refusal import Refused
from schemas.times import format_day, parse_day
from services.loader import load, programme_issued
from services.openings import openings
from services.programme import IssueProgramme
from services.programme_document import Task
from services.report import ReturnReport, SubmitReport
from services.reporting_rule import MeetCondition
from services.task import DetermineTaskDue, ExtendTaskDue
from tests.given_when_then import Office
from tests.office import at, id_of
from tests.programme_files import dues, owed_of_item, planned_of, state_on, with_conventions
from tests.unit.test_openings import S0, S1, S3, S4, documents, members

TASK_9 = f"{S3}:9:87.so-noi-vu"
QUARTER = f"{S4}:5.1:2012-Q2:66.so-0"
SO_1 = "06.so-1"


def row(programme: str, item: str) -> Task:
    (found,) = [one for one in documents()[programme].tasks if one.id == item]
    return found


def window(programme: str, item: str) -> tuple[str, str]:
    """First day of the work, and the midnight before which it is due."""
    rule = row(programme, item).due
    assert isinstance(rule, Fixed)
    assert rule.since is not None
    return format_day(rule.since), format_day(rule.due_before)


def test_ambiguity_02_the_report_has_a_day_of_its_own_and_the_work_has_a_window() -> None:
    """S0:62: work from May to the end of June, report before 30/6: the last day is 29/6."""
    assert window(S0, "II.2.a") == ("2010-05-01", "2010-07-01")
    assert not row(S0, "II.2.a").countable
    assert dues(S0, "III.1.1", "20.so-1") == {"once": "2010-06-30"}


def test_ambiguity_05_the_report_of_june_is_of_six_months_and_that_of_december_of_the_year() -> (
    None
):
    """S1:181: neither two half-years, nor a half-year twice a year."""
    assert dues(S1, "R2a", SO_1) == {
        "2007-H1": "2007-06-20",
        "2008-H1": "2008-06-20",
        "2009-H1": "2009-06-20",
        "2010-H1": "2010-06-20",
    }
    assert dues(S1, "R2b", SO_1) == {
        "2007": "2007-12-20",
        "2008": "2008-12-20",
        "2009": "2009-12-20",
        "2010": "2010-12-20",
    }


def test_ambiguity_13_without_an_extension_by_the_chairman_it_is_overdue_from_the_new_year() -> (
    None
):
    """S3:98. Setting: an extension that the Chairman, who signs for the committee, records."""
    office = owed_of_item(S3, "9", now="2021-01-05 08:00")
    before = office.streams[TASK_9][:]
    until, paper = parse_day("2021-07-01"), Document(number="5/QĐ-UBND")
    extended = ExtendTaskDue(by="87", obligation=TASK_9, due_before=until, document=paper)

    assert [state_on(before, on) for on in ("2020-12-31", "2021-01-01")] == ["due_soon", "overdue"]
    assert office.says(extended) == ["task.due_extended.v1"]
    assert [
        state_on(office.streams[TASK_9], on) for on in ("2021-01-04", "2021-01-06", "2021-07-01")
    ] == ["overdue", "not_due", "overdue"]


def test_ambiguity_13_that_the_government_has_issued_its_programme_moves_nothing_by_itself() -> (
    None
):
    office = Office(now="2020-11-20 08:00")
    office.when(IssueProgramme(programme=S3, by="87", number="71", title="Kế hoạch"))
    condition = "Government has issued the new-period programme"
    (event,) = office.when(MeetCondition(programme=S3, by="87", condition=condition, item="9"))

    assert (event.obligation, event.type) == (None, "condition.met.v1")
    assert planned_of(documents()[S3], event)[TASK_9] == parse_day("2021-01-01")


def test_ambiguity_14_two_quarters_are_one_window_overdue_from_the_new_year() -> None:
    """S1:175, S0:104. Setting: an earlier day that the issuer determines (`task set-due`)."""
    office = owed_of_item(S1, "III.3.7", now="2010-08-01 08:00")
    (stream,) = office.streams
    facts = office.streams[stream][:]
    earlier = DetermineTaskDue(by="centre", obligation=stream, due_before=parse_day("2010-10-01"))

    assert window(S1, "III.3.7") == ("2010-07-01", "2011-01-01")
    assert dues(S0, "III.3.7", "20.so-noi-vu") == {"once": "2011-01-01"}
    assert [state_on(facts, on) for on in ("2010-10-01", "2011-01-01")] == ["not_due", "overdue"]
    assert "ask its superior" in office.refuses(replace(earlier, by="06"))
    assert office.says(earlier) == ["task.due_determined.v1"]
    assert state_on(office.streams[stream], "2010-10-01") == "overdue"


def test_ambiguity_19_a_return_without_a_day_has_the_revision_days_of_its_programme() -> None:
    """Setting: `revision_days` of the programme (`conventions` in its file); by default none."""
    told = programme_issued(with_conventions(S4, "revision_days: 5"), source="test")
    by_default = programme_issued(documents()[S4], source="test")
    office = owed_of_item(S4, "5.1", now="2012-06-07 09:00")
    (sent,) = office.when(SubmitReport(by="66.so-0", obligations=(QUARTER,)))
    fields = {"obligation": QUARTER, "unit": "66.so-0", "by": "66", "programme": S4}
    answers = {"causation_id": sent.event_id, "source": "66"}
    back = ReportReturned(
        event_id=id_of("back"), effective_at=at("2012-06-11 10:00"), **fields, **answers
    )
    facts = [*office.streams[QUARTER], back]

    assert (told.revision_days, by_default.revision_days) == (5, None)
    assert [state_on(facts, f"2012-06-{day}", 5) for day in (15, 17)] == ["in_revision", "overdue"]
    assert [state_on(facts, f"2012-06-{day}") for day in (15, 17)] == ["in_revision"] * 2


def test_ambiguity_19_it_is_not_complete_while_it_is_returned_and_late_after_its_day() -> None:
    office = owed_of_item(S4, "5.1", now="2012-06-07 09:00")
    office.when(SubmitReport(by="66.so-0", obligations=(QUARTER,)))
    back = ReturnReport(by="66", obligation=QUARTER, revise_before=parse_day("2012-06-15"))
    office.when(back, now="2012-06-11 10:00")
    facts = office.streams[QUARTER][:]
    office.when(SubmitReport(by="66.so-0", obligations=(QUARTER,)), now="2012-06-16 09:00")
    again = office.streams[QUARTER]

    assert [state_on(facts, on) for on in ("2012-06-10", "2012-06-12", "2012-06-15")] == [
        *("done_on_time", "in_revision", "overdue")
    ]
    assert state_on(again, "2012-06-17") == "done_late"


def test_ambiguity_27_ten_days_after_the_signing_is_the_19th_and_no_due_depends_on_it() -> None:
    """S1:12. Setting: `effective_rule.effective_on` of the file, `in_force_on` of a programme."""
    document = documents()[S1]
    at_once = replace(document, in_force_on=parse_day("2007-02-09"))

    assert (format_day(document.issued_on), format_day(document.in_force_on)) == (
        *("2007-02-09", "2007-02-19"),
    )
    assert [(one.obligation, one.due_before) for one in openings(at_once, members(S1))] == [
        (one.obligation, one.due_before) for one in openings(document, members(S1))
    ]


SUNDAYS = {
    (S4, "2.4", "66.so-1", "2013"): ("2012-07-30", "2012-07-31"),
    (S4, "5.3", "66.so-1", "2012"): ("2012-12-03", "2012-12-04"),
    (S3, "2.b", "87.so-1", "once"): ("2020-06-01", "2020-06-02"),
}
"""Duties whose last day on time is a Sunday (domain 6.2): due before, without a shift and with."""


@pytest.mark.parametrize("duty", SUNDAYS, ids=lambda duty: f"{duty[0]} {duty[1]}")
def test_ambiguity_33_a_due_on_a_sunday_stays_unless_the_programme_shifts_to_a_working_day(
    duty: tuple[str, str, str, str],
) -> None:
    """Setting: `shifts_to_working_day` and `days_off` (`conventions` in its file)."""
    programme, item, unit, period = duty
    shifting = with_conventions(programme, "shifts_to_working_day: true")
    stays, shifted = SUNDAYS[duty]

    assert dues(programme, item, unit)[period] == stays
    assert dues(shifting, item, unit)[period] == shifted


def test_ambiguity_33_days_off_of_the_programme_are_passed_over_and_other_dues_stay() -> None:
    off = "days_off: [2012-07-30, 2012-07-31]"
    shifting = with_conventions(S4, "shifts_to_working_day: true", off)
    plan, quarterly = (dues(shifting, item, "66.so-1") for item in ("2.4", "5.1"))

    assert plan["2013"] == "2012-08-02"
    # 7 June 2012 is a Thursday, 7 December a Friday, and 7 September, too.
    assert [quarterly[f"2012-Q{number}"] for number in (2, 3, 4)] == [
        *("2012-06-08", "2012-09-08", "2012-12-08")
    ]


@pytest.mark.parametrize("programme", [S1, S3, S4])
def test_ambiguity_33_the_calendar_shifts_by_events_what_the_file_shifts(programme: str) -> None:
    shifting = with_conventions(programme, "shifts_to_working_day: true", "days_off: [2012-06-08]")
    by_file = {
        one.obligation: one.due_before
        for one in load(shifting, members(programme), source="test")
        if isinstance(one, Opens)
    }

    assert planned_of(shifting) == by_file
    assert by_file != planned_of(documents()[programme])


def test_ambiguity_33_days_off_without_the_shift_bear_on_nothing_and_are_refused() -> None:
    given = {"programme": "p", "by": "66", "number": "1", "title": "Chương trình"}
    off = IssueProgramme(**given, days_off=(parse_day("2012-04-30"),))  # type: ignore[arg-type]

    assert "where these go on to a working day" in Office().refuses(off)
    with pytest.raises(Refused, match="shift_to_working_day"):
        with_conventions(S4, "shift_to_working_day: true")
