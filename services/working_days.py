"""Working days: Monday to Friday without holidays. They say when a reminder goes out.

A due that falls on a Sunday stays there, unless its programme says that dues go on to the next
working day (domain ambiguity 33).
"""

from __future__ import annotations

from collections.abc import Collection

from schemas.due import Occurrence
from schemas.times import Day, to_date

SATURDAY = 5
"""The first day of the weekend as `date.weekday` counts."""


def is_working(day: Day, holidays: Collection[Day] = ()) -> bool:
    """Whether offices work on this day."""
    return to_date(day).weekday() < SATURDAY and day not in holidays


def first_working_day(day: Day, holidays: Collection[Day] = ()) -> Day:
    """The day itself where offices work on it, else the next one on which they do."""
    while not is_working(day, holidays):
        day = Day(day + 1)
    return day


def on_a_working_day(one: Occurrence, days_off: Collection[Day]) -> Occurrence:
    """The occurrence with its last day on time on the first working day from there on."""
    if one.due_before is None:
        return one
    last = first_working_day(Day(one.due_before - 1), days_off)
    return one._replace(due_before=Day(last + 1))
