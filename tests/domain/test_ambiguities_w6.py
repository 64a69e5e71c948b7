"""Ambiguity 33 of the domain: a weekend or a holiday shifts no due, only reminders wait."""

from __future__ import annotations

from schemas.due import occurrences
from schemas.times import Day, to_date
from services.programme_reading import builtin_programmes, read_programme
from services.reminding import Missed, is_time
from services.working_days import is_working
from tests.office import day


def quarterly_dues() -> list[Day]:
    """The dues of Đắk Lắk's quarterly report, "before the 8th of the last month"."""
    (document,) = [
        found
        for path in builtin_programmes()
        if (found := read_programme(path)).id == "dak-lak-guidance-2012"
    ]
    (rule,) = [one for one in document.rules if one.id == "R1"]
    found = occurrences(rule.due, document.in_force_on, Day(document.covers_to + 1))
    return [one.due_before for one in found if one.due_before is not None]


def test_ambiguity_33_a_due_stays_on_its_day_whatever_day_of_the_week_that_is() -> None:
    dues = quarterly_dues()

    assert {to_date(due).day for due in dues} == {8}
    assert any(not is_working(due) for due in dues)
    assert any(is_working(due) for due in dues)


def test_ambiguity_33_what_waits_for_a_working_day_is_the_reminder() -> None:
    saturday = next(due for due in quarterly_dues() if to_date(due).weekday() == 5)
    missed = Missed("r:5.1:2012-Q3:66.y", "66.y", saturday, None)
    days = [Day(saturday + ahead) for ahead in range(4)]

    assert saturday == day("2012-09-08")
    assert [is_time(missed, one) for one in days] == [False, False, True, True]
    assert not is_time(missed, days[2], {days[2]}), "a holiday of the file"
