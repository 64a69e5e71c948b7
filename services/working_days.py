"""Working days: Monday to Friday without holidays. They say when a reminder goes out, no more.

No due is ever moved by them: a due that falls on a Sunday stays there (domain ambiguity 33).
"""

from __future__ import annotations

from collections.abc import Collection

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
